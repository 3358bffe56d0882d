// SPDX-License-Identifier: MIT
/* Layers used wrongly: each must give NULL, say why and where, and leave no param behind. */
#include <wengert/wengert.h>

#include "../support/expect.h"

#define CALL(name, ...)                                                                            \
    static wg_tensor *name(wg_tensor *x, wg_tensor *i)                                             \
    {                                                                                              \
        (void)x, (void)i;                                                                          \
        return __VA_ARGS__;                                                                        \
    }
CALL(linear_name, wg_nn_linear(x, .outputs = 2))
CALL(linear_empty_name, wg_nn_linear(x, "", .outputs = 2))
CALL(linear_outputs, wg_nn_linear(x, "m"))
CALL(linear_negative, wg_nn_linear(x, "m", .outputs = -3))
CALL(linear_number, wg_nn_linear(wg_sum(x), "m", .outputs = 2))
CALL(linear_empty, wg_nn_linear(wg_slice(x, 3, 0, 0), "m", .outputs = 2))
CALL(linear_integers, wg_nn_linear(i, "m", .outputs = 2))
CALL(linear_large, wg_nn_linear(x, "m", .outputs = INT64_MAX))
CALL(linear_init, wg_nn_linear(x, "m", .outputs = 2, .bias = {.way = WG_INIT_ORTHOGONAL}))
CALL(embedding_rows, wg_nn_embedding(i, "m", .width = 2))
CALL(embedding_width, wg_nn_embedding(i, "m", .rows = 2))
CALL(embedding_padding,
     wg_nn_embedding(i, "m", .rows = 2, .width = 3, .padded = true, .padding = 2))
CALL(embedding_real, wg_nn_embedding(x, "m", .rows = 2, .width = 3))
CALL(conv_rank, wg_nn_conv2d(i, "m", .filters = 2, .kernel = {1, 1}))
CALL(conv1d_rank, wg_nn_conv1d(x, "m", .filters = 2, .kernel = 1))
CALL(conv_filters, wg_nn_conv2d(x, "m", .kernel = {1, 1}))
CALL(conv_kernel, wg_nn_conv2d(x, "m", .filters = 2, .kernel = {3}))
CALL(conv_groups, wg_nn_conv2d(x, "m", .filters = 3, .kernel = {1, 1}, .groups = 3))
CALL(conv_filter_groups, wg_nn_conv2d(x, "m", .filters = 3, .kernel = {1, 1}, .groups = 2))
CALL(conv_negative_groups, wg_nn_conv2d(x, "m", .filters = 2, .kernel = {1, 1}, .groups = -1))
CALL(conv_output_padding,
     wg_nn_conv2d(x, "m", .filters = 2, .kernel = {1, 1}, .output_padding = {1, 0}))
CALL(conv_channels, wg_nn_conv2d(wg_slice(x, 1, 0, 0), "m", .filters = 2, .kernel = {1, 1}))
CALL(conv_large, wg_nn_conv2d(x, "m", .filters = 2, .kernel = {9, 1}))
CALL(conv_stride, wg_nn_conv2d(x, "m", .filters = 2, .kernel = {1, 1}, .stride = {2}))
CALL(up_output_padding,
     wg_nn_conv_transpose2d(x, "m", .filters = 2, .kernel = {2, 2}, .output_padding = {1, 0}))
CALL(up_negative,
     wg_nn_conv_transpose2d(x, "m", .filters = 2, .kernel = {2, 2}, .output_padding = {0, -1}))
CALL(up_stride, wg_nn_conv_transpose2d(x, "m", .filters = 2, .kernel = {2, 2},
                                       .stride = {INT64_MAX, INT64_MAX}))
CALL(up_padding, wg_nn_conv_transpose2d(x, "m", .filters = 2, .kernel = {1, 1}, .padding = {5, 0}))
CALL(up_w, wg_conv_transpose2d(x, wg_slice(x, 0, 0, 1)))
CALL(up_null, wg_conv_transpose2d(x, NULL))
CALL(up_rank, wg_conv_transpose2d(x, wg_select(x, 0, 0)))
CALL(up_bias, wg_conv_transpose2d(x, wg_swapaxes(x, 0, 1), wg_flatten(x, 0)))
CALL(pool1d_rank, wg_nn_max_pool1d(x, .kernel = 2))
CALL(avg_pool1d_rank, wg_nn_avg_pool1d(x, .kernel = 2))
CALL(avg_pool1d_dilation, wg_nn_avg_pool1d(wg_select(x, 0, 0), .kernel = 2, .dilation = 2))
CALL(pool1d_kernel, wg_nn_max_pool1d(wg_select(x, 0, 0)))
CALL(adaptive_size, wg_nn_adaptive_avg_pool2d(x, 0, 2))
CALL(adaptive_columns, wg_nn_adaptive_avg_pool2d(x, 2, -1))
CALL(adaptive_rank, wg_nn_adaptive_avg_pool1d(x, 2))
CALL(adaptive_max_size, wg_nn_adaptive_max_pool2d(x, 2, 0))
CALL(adaptive_max_rank, wg_nn_adaptive_max_pool1d(x, 2))
CALL(adaptive_max_large, wg_nn_adaptive_max_pool2d(x, INT64_MAX, 2))
CALL(adaptive_max_empty, wg_nn_adaptive_max_pool2d(wg_slice(x, 3, 0, 0), 3, 2))
CALL(global_rank, wg_nn_global_avg_pool(wg_flatten(x, 1)))
CALL(global_max_rank, wg_nn_global_max_pool(wg_flatten(x, 1)))
CALL(batch_rank, wg_nn_batch_norm(wg_flatten(x, 0), "m"))
CALL(batch_momentum, wg_nn_batch_norm(x, "m", .momentum = 2))
CALL(layer_dims, wg_nn_layer_norm(x, "m", .dims = 5))
CALL(layer_negative, wg_nn_layer_norm(x, "m", .dims = -1))
CALL(rms_number, wg_nn_rms_norm(wg_sum(x), "m"))
CALL(group_groups, wg_nn_group_norm(x, "m"))
CALL(group_division, wg_nn_group_norm(x, "m", .groups = 4))
CALL(instance_rank, wg_nn_instance_norm(wg_flatten(x, 1), "m"))
CALL(dropout_p, wg_nn_dropout(x, 1.5))
#define S wg_reshape(x, WG_SHAPE(2, 10, 4)) /* a sequence */
CALL(rnn_rank, wg_nn_rnn(x, "m", .hidden = 2))
CALL(rnn_hidden, wg_nn_rnn(S, "m"))
CALL(rnn_layers, wg_nn_rnn(S, "m", .hidden = 2, .layers = -1))
CALL(rnn_steps, wg_nn_rnn(wg_slice(S, 1, 0, 0), "m", .hidden = 2))
CALL(rnn_large, wg_nn_rnn(S, "m", .hidden = INT64_MAX))
CALL(rnn_many, wg_nn_rnn(S, "m", .hidden = 2, .layers = INT64_MAX))
CALL(rnn_state, wg_nn_rnn(S, "m", .hidden = 3, .first_h = S))
CALL(lstm_state, wg_nn_lstm(S, "m", .hidden = 3, .both_ways = true, .first_c = S))
CALL(lstm_relu, wg_nn_lstm(S, "m", .hidden = 3, .relu = true))
CALL(gru_c, wg_nn_gru(S, "m", .hidden = 3, .first_c = S))
CALL(gru_dropout, wg_nn_gru(S, "m", .hidden = 3, .dropout = 2))
CALL(gru_name, wg_nn_gru(S, NULL, .hidden = 3))
CALL(attention_rank, wg_nn_attention(x, "m", .heads = 2))
CALL(attention_keys, wg_nn_attention(S, "m", .heads = 2, .keys = x))
CALL(attention_heads, wg_nn_attention(S, "m"))
CALL(attention_dropout, wg_nn_attention(S, "m", .heads = 1, .dropout = NAN))
CALL(transformer_dropout, wg_nn_transformer(S, "m", .heads = 1, .hidden = 2, .dropout = -0.5))
CALL(attention_share, wg_nn_attention(S, "m", .heads = 3))
CALL(attention_width, wg_nn_attention(S, "m", .heads = 2, .keys = wg_reshape(x, WG_SHAPE(2, 8, 5))))
CALL(attention_key_mask, wg_nn_attention(S, "m", .heads = 2, .key_mask = x))
CALL(attention_real_mask, wg_nn_attention(S, "m", .heads = 2, .mask = wg_full_like(x, 1)))
CALL(transformer_rank, wg_nn_transformer(x, "m", .heads = 2))
CALL(transformer_heads, wg_nn_transformer(S, "m", .heads = 3))
CALL(residual_rank, wg_nn_residual(x, S, "m"))
CALL(residual_name, wg_nn_residual(x, wg_slice(x, 3, 0, 2), NULL))
CALL(residual_larger, wg_nn_residual(wg_slice(x, 3, 0, 2), x, "m"))
#undef S
#undef CALL

static const struct {
    wg_tensor *(*call)(wg_tensor *x, wg_tensor *i);
    const char *words;
    int         params; /* that may be left, as the op behind the layer has refused */
} cases[] = {
    {linear_name, "a layer needs a name", 0},
    {linear_empty_name, "a layer needs a name", 0},
    {linear_outputs, "linear: outputs 0 must be positive", 0},
    {linear_negative, "linear: outputs -3 must be positive", 0},
    {linear_number, "linear: x has shape (), wanted is rank 1 or more", 0},
    {linear_empty, "linear: size of the last axis 0 must be positive", 0},
    {linear_integers, "param \"weight\": dtype i64, wanted is f32 or f64", 0},
    {linear_large, "there is no tensor of f32 (9223372036854775807,5)", 0},
    {linear_init, "init: \"m/bias\": the rank is not one that this way takes", 2},
    {embedding_rows, "embedding: rows 0 must be positive", 0},
    {embedding_width, "embedding: width 0 must be positive", 0},
    {embedding_padding, "embedding: padding 2 is none of 2 rows", 0},
    {embedding_real, "index_select", 1},
    {conv_rank, "conv2d: x has shape (2,3), wanted is rank 4", 0},
    {conv1d_rank, "conv1d: x has shape (2,2,4,5), wanted is rank 3", 0},
    {conv_filters, "conv2d: filters 0 must be positive", 0},
    {conv_kernel, "conv2d: kernel 0 must be positive", 0},
    {conv_groups, "conv2d: groups do not divide the channels", 0},
    {conv_filter_groups, "conv2d: groups do not divide the filters", 0},
    {conv_negative_groups, "conv2d: groups -1 must be positive", 0},
    {conv_output_padding, "conv2d: output_padding is for transposed convolutions", 0},
    {conv_channels, "conv2d: channels 0 must be positive", 0},
    {conv_large, "conv2d \"x\" (2,2,4,5) x \"m/weight\" (2,2,9,1)", 2},
    {conv_stride, "give both", 2},
    {up_output_padding, "output_pad must be less than the stride", 2},
    {up_negative, "output_pad must be less than the stride", 2},
    {up_stride, "y has too many elements", 2},
    {up_padding, "negative size", 2},
    {up_w, "conv2d_backward_data \"x\" (2,2,4,5) x (1,2,4,5): x has other channels than w", 0},
    {up_null, "an input is NULL", 0},
    {up_rank, "x and w must have rank 4", 0},
    {up_bias, "b must have an element for each filter", 0},
    {pool1d_rank, "max_pool1d: x has shape (2,2,4,5), wanted is rank 3", 0},
    {avg_pool1d_rank, "avg_pool1d: x has shape (2,2,4,5), wanted is rank 3", 0},
    {avg_pool1d_dilation, "avg_pool1d: dilation is of max_pool1d", 0},
    {pool1d_kernel, "kernel (1,0): give both", 0},
    {adaptive_size, "adaptive_avg_pool2d: size 0 must be positive", 0},
    {adaptive_columns, "adaptive_avg_pool2d: size -1 must be positive", 0},
    {adaptive_rank, "adaptive_avg_pool1d: x has shape (2,2,4,5), wanted is rank 3", 0},
    {adaptive_max_size, "adaptive_max_pool2d: size 0 must be positive", 0},
    {adaptive_max_rank, "adaptive_max_pool1d: x has shape (2,2,4,5), wanted is rank 3", 0},
    {adaptive_max_large, "out of memory", 0},
    {adaptive_max_empty, "kernel", 0},
    {global_rank, "global_avg_pool: x has shape (2,40), wanted is rank 3 or more", 0},
    {global_max_rank, "global_max_pool: x has shape (2,40), wanted is rank 3 or more", 0},
    {batch_rank, "batch_norm: x has shape (80,), wanted is rank 2 or more", 0},
    {batch_momentum, "momentum must be in (0, 1]", 2},
    {layer_dims, "layer_norm: x has shape (2,2,4,5), wanted is rank 5 or more", 0},
    {layer_negative, "layer_norm: dims -1 must be positive", 0},
    {rms_number, "rms_norm: x has shape (), wanted is rank 1 or more", 0},
    {group_groups, "group_norm: groups 0 must be positive", 0},
    {group_division, "group_norm: 4 groups do not divide 2 channels", 0},
    {instance_rank, "instance_norm: x has shape (2,40), wanted is rank 3 or more", 0},
    {dropout_p, "dropout: 1.5 is no probability", 0},
    {rnn_rank, "rnn: x has shape (2,2,4,5), wanted is rank 3", 0},
    {rnn_hidden, "rnn: hidden 0 must be positive", 0},
    {rnn_layers, "rnn: layers -1 must be positive", 0},
    {rnn_steps, "rnn: steps 0 must be positive", 0},
    {rnn_large, "rnn: sizes are too large", 0},
    {rnn_many, "rnn: sizes are too large", 0},
    {rnn_state, "rnn: first_h must have shape (1,2,3)", 0},
    {lstm_state, "lstm: first_c must have shape (2,2,3)", 0},
    {lstm_relu, "lstm: relu is of rnn", 0},
    {gru_c, "gru: there is no state c", 0},
    {gru_dropout, "gru: dropout must be 0 to 1", 0},
    {gru_name, "a layer needs a name", 0},
    {attention_rank, "attention: x has shape (2,2,4,5), wanted is rank 3", 0},
    {attention_keys, "attention: x has shape (2,2,4,5), wanted is rank 3", 0},
    {attention_heads, "attention: heads 0 must be positive", 0},
    {attention_dropout, "attention: nan is no probability", 0},
    {transformer_dropout, "attention: -0.5 is no probability", 0},
    {attention_share, "attention: the heads do not divide the width", 0},
    {attention_width, "attention: keys and values must be as wide as x", 0},
    {attention_key_mask, "attention: key_mask must have shape (batch, s)", 0},
    {attention_real_mask, "attention", 2},
    {transformer_rank, "transformer: x has shape (2,2,4,5), wanted is rank 3", 0},
    {transformer_heads, "attention: the heads do not divide the width", 0},
    {residual_rank, "residual: x has shape (2,10,4), wanted is rank 4", 0},
    {residual_name, "a layer needs a name", 0},
    {residual_larger, "residual: no stride makes x as small as y", 3},
};

enum { COUNT = sizeof cases / sizeof *cases };

static void expect_refused(int k, bool training)
{
    wg_tape *tape = wg_tape_new();
    wg_tape_train(tape, training);
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(2, 2, 4, 5));
    wg_tensor *i = wg_input(tape, "i", WG_I64, WG_SHAPE(2, 3));
    EXPECT(!cases[k].call(x, i));
    const char *error = wg_tape_error(tape);
    EXPECT_MSG(error && strstr(error, cases[k].words), "\"%s\" without \"%s\"",
               error ? error : "none", cases[k].words);
    EXPECT_MSG(strstr(error, "test_layer_errors.c:"), "%s", error);
    EXPECT_MSG(wg_params(tape).count == cases[k].params, "%s: %d params", cases[k].words,
               wg_params(tape).count);
    wg_tape_error_clear(tape);
    EXPECT(wg_scope_of(wg_square(x))[0] == '\0'); /* no scope is left open */
    wg_tape_free(tape);
}

START_TEST(a_wrong_layer_says_what_is_wrong_and_where_in_training_and_without)
{
    expect_refused(_i, true);
    expect_refused(_i, false);
}
END_TEST

START_TEST(a_layer_on_a_tape_with_an_error_records_nothing)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(2, 3));
    wg_tape_error_set(tape, "an error before");
    EXPECT(!wg_nn_linear(x, "m", .outputs = 2) && !wg_nn_layer_norm(x, "n"));
    EXPECT(wg_params(tape).count == 0 && wg_tape_count(tape) == 0);
    wg_tape_free(tape);
}
END_TEST

START_TEST(null_gives_null)
{
    EXPECT(!wg_nn_linear(NULL, "m", .outputs = 2));
    EXPECT(!wg_nn_embedding(NULL, "m", .rows = 2, .width = 2));
    EXPECT(!wg_nn_conv2d(NULL, "m", .filters = 2, .kernel = {1, 1}));
    EXPECT(!wg_nn_conv_transpose1d(NULL, "m", .filters = 2, .kernel = 1));
    EXPECT(!wg_conv_transpose2d(NULL, NULL));
    EXPECT(!wg_nn_max_pool1d(NULL, .kernel = 2) && !wg_nn_avg_pool1d(NULL, .kernel = 2));
    EXPECT(!wg_nn_adaptive_avg_pool2d(NULL, 1, 1) && !wg_nn_adaptive_avg_pool1d(NULL, 1));
    EXPECT(!wg_nn_adaptive_max_pool2d(NULL, 1, 1) && !wg_nn_adaptive_max_pool1d(NULL, 1));
    EXPECT(!wg_nn_global_avg_pool(NULL) && !wg_nn_global_max_pool(NULL));
    EXPECT(!wg_nn_batch_norm(NULL, "m") && !wg_nn_layer_norm(NULL, "m"));
    EXPECT(!wg_nn_rms_norm(NULL, "m") && !wg_nn_group_norm(NULL, "m", .groups = 1));
    EXPECT(!wg_nn_instance_norm(NULL, "m") && !wg_nn_dropout(NULL, 0.5));
    wg_tensor *h = (wg_tensor *)&cases, *c = h; /* anything but NULL */
    EXPECT(!wg_nn_lstm(NULL, "m", .hidden = 2, .last_h = &h, .last_c = &c) && !h && !c);
    EXPECT(!wg_nn_rnn(NULL, "m", .hidden = 2) && !wg_nn_gru(NULL, "m", .hidden = 2));
    EXPECT(!wg_nn_attention(NULL, "m", .heads = 2) && !wg_nn_transformer(NULL, "m", .heads = 2));
    EXPECT(!wg_nn_residual(NULL, NULL, "m"));
    EXPECT(!wg_nn_open(NULL, "m"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nn: layers used wrongly");
    TCase *tests = tcase_create("misuse");
    tcase_add_loop_test(tests, a_wrong_layer_says_what_is_wrong_and_where_in_training_and_without,
                        0, COUNT);
    tcase_add_test(tests, a_layer_on_a_tape_with_an_error_records_nothing);
    tcase_add_test(tests, null_gives_null);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
