// SPDX-License-Identifier: MIT
/* How each layer of the goldens is recorded, and what all tests of them do first. */
#include "layer_cases.h"

#include <stdlib.h>
#include <string.h>

#include "../golden/layers.h"

/* Outputs of one layer behind each other. */
static wg_tensor *line_of(wg_tensors list)
{
    wg_tensor *flat[8];
    for (int i = 0; i < list.count; i++) flat[i] = wg_flatten(list.at[i], 0);
    return wg_cat((wg_tensors){list.count, flat}, 0);
}

/* y, and the new running statistics. */
static wg_tensor *with_states(wg_tensor *y)
{
    const wg_tensors states = wg_assigns(wg_tape_of(y));
    return states.count == 2 ? line_of(WG_TENSORS(y, states.at[0], states.at[1])) : NULL;
}

#define RECORD(name, expression)                                                                   \
    static wg_tensor *name(wg_tensor *const *x)                                                    \
    {                                                                                              \
        return expression;                                                                         \
    }
RECORD(linear, wg_nn_linear(x[0], "m", .outputs = 3))
RECORD(linear_bare, wg_nn_linear(x[0], "m", .outputs = 3, .no_bias = true))
RECORD(embedding, wg_nn_embedding(x[0], "m", .rows = 6, .width = 3, .dtype = WG_F64))
RECORD(embedding_padded, wg_nn_embedding(x[0], "m", .rows = 6, .width = 3, .dtype = WG_F64,
                                         .padded = true, .padding = 2))
RECORD(conv1d, wg_nn_conv1d(x[0], "m", .filters = 6, .kernel = 3, .stride = 2, .padding = 1,
                            .dilation = 2, .groups = 2))
RECORD(conv1d_plain, wg_nn_conv1d(x[0], "m", .filters = 3, .kernel = 2, .no_bias = true))
RECORD(conv2d,
       wg_nn_conv2d(x[0], "m", .filters = 4, .kernel = {3, 2}, .stride = {2, 1}, .padding = {1, 0}))
RECORD(conv2d_depthwise, wg_nn_conv2d(x[0], "m", .filters = 8, .kernel = {3, 3}, .padding = {2, 2},
                                      .dilation = {2, 2}, .groups = 4, .no_bias = true))
RECORD(conv_transpose1d, wg_nn_conv_transpose1d(x[0], "m", .filters = 6, .kernel = 3, .stride = 2,
                                                .padding = 1, .output_padding = 1, .groups = 2))
RECORD(conv_transpose2d,
       wg_nn_conv_transpose2d(x[0], "m", .filters = 3, .kernel = {3, 2}, .stride = {2, 3},
                              .padding = {1, 0}, .output_padding = {1, 2}))
RECORD(conv_transpose2d_dilated,
       wg_nn_conv_transpose2d(x[0], "m", .filters = 2, .kernel = {3, 3}, .dilation = {2, 2},
                              .groups = 2, .no_bias = true))
RECORD(max_pool1d, wg_nn_max_pool1d(x[0], .kernel = 3, .stride = 2, .padding = 1))
RECORD(avg_pool1d, wg_nn_avg_pool1d(x[0], .kernel = 2))
RECORD(avg_pool1d_inside,
       wg_nn_avg_pool1d(x[0], .kernel = 3, .stride = 2, .padding = 1, .exclude_pad = true))
RECORD(adaptive1d, wg_nn_adaptive_avg_pool1d(x[0], 3))
RECORD(adaptive2d, wg_nn_adaptive_avg_pool2d(x[0], 3, 2))
RECORD(adaptive2d_larger, wg_nn_adaptive_avg_pool2d(x[0], 5, 3))
RECORD(adaptive_max1d, wg_nn_adaptive_max_pool1d(x[0], 3))
RECORD(adaptive_max2d, wg_nn_adaptive_max_pool2d(x[0], 3, 2))
RECORD(adaptive_max2d_larger, wg_nn_adaptive_max_pool2d(x[0], 5, 3))
RECORD(adaptive_max2d_equal, wg_nn_adaptive_max_pool2d(x[0], 5, 2))
RECORD(global_avg, wg_nn_global_avg_pool(x[0]))
RECORD(global_max, wg_nn_global_max_pool(x[0]))
RECORD(batch, with_states(wg_nn_batch_norm(x[0], "m")))
RECORD(batch_rows, with_states(wg_nn_batch_norm(x[0], "m", .eps = 1e-3, .momentum = 0.25)))
RECORD(batch_evaluated, wg_nn_batch_norm(x[0], "m"))
RECORD(batch_plain, wg_nn_batch_norm(x[0], "m", .plain = true))
RECORD(layer, wg_nn_layer_norm(x[0], "m"))
RECORD(layer_two, wg_nn_layer_norm(x[0], "m", .dims = 2, .eps = 1e-2))
RECORD(layer_no_bias, wg_nn_layer_norm(x[0], "m", .no_bias = true))
RECORD(rms, wg_nn_rms_norm(x[0], "m"))
RECORD(rms_two, wg_nn_rms_norm(x[0], "m", .dims = 2, .eps = 1e-2, .plain = true))
RECORD(group, wg_nn_group_norm(x[0], "m", .groups = 2))
RECORD(group_plain, wg_nn_group_norm(x[0], "m", .groups = 3, .plain = true))
RECORD(instance, wg_nn_instance_norm(x[0], "m"))
RECORD(instance_plain, wg_nn_instance_norm(x[0], "m", .plain = true))
RECORD(dropout, wg_nn_dropout(x[0], 0.4))
RECORD(attention, wg_nn_attention(x[0], "m", .heads = 2))
RECORD(attention_causal, wg_nn_attention(x[0], "m", .heads = 2, .causal = true, .no_bias = true))
RECORD(attention_masked, wg_nn_attention(x[0], "m", .heads = 3, .key_mask = x[1]))
RECORD(attention_other, wg_nn_attention(x[0], "m", .keys = x[1], .heads = 2))
RECORD(attention_three, wg_nn_attention(x[0], "m", .keys = x[1], .values = x[2], .heads = 1))
RECORD(attention_both_masks,
       wg_nn_attention(x[0], "m", .keys = x[1], .heads = 2, .key_mask = x[2], .mask = x[3]))
RECORD(transformer, wg_nn_transformer(x[0], "m", .heads = 2, .hidden = 6))
RECORD(transformer_first, wg_nn_transformer(x[0], "m", .heads = 2, .hidden = 6, .norm_first = true,
                                            .gelu = true, .causal = true))
RECORD(transformer_masked, wg_nn_transformer(x[0], "m", .heads = 2, .hidden = 6, .no_bias = true,
                                             .eps = 1e-3, .key_mask = x[1]))
RECORD(residual, wg_nn_residual(x[0], x[1], NULL))
RECORD(residual_shapes, with_states(wg_nn_residual(x[0], x[1], "m")))
#undef RECORD

/* A recurrent layer, and its last states behind y. */
#define RECURRENT(name, kind, ...)                                                                 \
    static wg_tensor *name(wg_tensor *const *x)                                                    \
    {                                                                                              \
        wg_tensor *h, *y = wg_nn_##kind(x[0], "m", .last_h = &h, __VA_ARGS__);                     \
        return line_of(WG_TENSORS(y, h));                                                          \
    }
#define LSTM(name, ...)                                                                            \
    static wg_tensor *name(wg_tensor *const *x)                                                    \
    {                                                                                              \
        wg_tensor *h, *c, *y = wg_nn_lstm(x[0], "m", .last_h = &h, .last_c = &c, __VA_ARGS__);     \
        return line_of(WG_TENSORS(y, h, c));                                                       \
    }
RECURRENT(rnn, rnn, .hidden = 3)
RECURRENT(rnn_both, rnn, .hidden = 3, .layers = 2, .both_ways = true, .first_h = x[1])
RECURRENT(rnn_relu, rnn, .hidden = 2, .relu = true, .no_bias = true)
RECURRENT(gru, gru, .hidden = 3)
RECURRENT(gru_both, gru, .hidden = 3, .layers = 2, .both_ways = true, .first_h = x[1])
RECURRENT(gru_bare, gru, .hidden = 2, .layers = 2, .no_bias = true)
LSTM(lstm, .hidden = 3)
LSTM(lstm_both, .hidden = 3, .layers = 2, .both_ways = true, .first_h = x[1], .first_c = x[2])
LSTM(lstm_evaluated, .hidden = 2, .layers = 2, .no_bias = true, .dropout = 0.5)
#undef RECURRENT
#undef LSTM

static const struct layer_case layer_cases[] = {
    {.name = "linear", .record = linear},
    {.name = "linear without bias", .record = linear_bare},
    {.name = "linear of a vector", .record = linear},
    {.name = "embedding", .record = embedding},
    {.name = "embedding with padding", .record = embedding_padded, .kink = true},
    {.name = "conv1d", .record = conv1d},
    {.name = "conv1d plain", .record = conv1d_plain},
    {.name = "conv2d", .record = conv2d},
    {.name = "conv2d depthwise", .record = conv2d_depthwise},
    {.name = "conv_transpose1d", .record = conv_transpose1d},
    {.name = "conv_transpose2d", .record = conv_transpose2d},
    {.name = "conv_transpose2d dilated", .record = conv_transpose2d_dilated},
    {.name = "max_pool1d", .record = max_pool1d},
    {.name = "avg_pool1d", .record = avg_pool1d},
    {.name = "avg_pool1d without padding", .record = avg_pool1d_inside},
    {.name = "adaptive_avg_pool1d", .record = adaptive1d},
    {.name = "adaptive_avg_pool2d", .record = adaptive2d},
    {.name = "adaptive_avg_pool2d that divides", .record = adaptive2d},
    {.name = "adaptive_avg_pool2d larger", .record = adaptive2d_larger},
    {.name = "adaptive_max_pool1d", .record = adaptive_max1d},
    {.name = "adaptive_max_pool2d", .record = adaptive_max2d},
    {.name = "adaptive_max_pool2d that divides", .record = adaptive_max2d},
    {.name = "adaptive_max_pool2d that divides one axis", .record = adaptive_max2d},
    {.name = "adaptive_max_pool2d larger", .record = adaptive_max2d_larger},
    {.name = "adaptive_max_pool2d of equal numbers", .record = adaptive_max2d_equal, .kink = true},
    {.name = "global_avg_pool", .record = global_avg},
    {.name = "global_max_pool", .record = global_max},
    {.name = "batch_norm", .record = batch, .kink = true},
    {.name = "batch_norm of rows", .record = batch_rows, .kink = true},
    {.name = "batch_norm in evaluation", .record = batch_evaluated, .evaluates = true},
    {.name = "batch_norm plain", .record = batch_plain},
    {.name = "layer_norm", .record = layer},
    {.name = "layer_norm of two axes", .record = layer_two},
    {.name = "layer_norm without bias", .record = layer_no_bias},
    {.name = "rms_norm", .record = rms},
    {.name = "rms_norm of two axes", .record = rms_two},
    {.name = "group_norm", .record = group},
    {.name = "group_norm plain", .record = group_plain},
    {.name = "instance_norm", .record = instance},
    {.name = "instance_norm of sequences", .record = instance_plain},
    {.name = "dropout in evaluation", .record = dropout, .evaluates = true},
    {.name = "rnn", .record = rnn},
    {.name = "rnn of two layers both ways", .record = rnn_both},
    {.name = "rnn with relu", .record = rnn_relu},
    {.name = "lstm", .record = lstm},
    {.name = "lstm of two layers both ways", .record = lstm_both},
    {.name = "lstm in evaluation", .record = lstm_evaluated, .evaluates = true},
    {.name = "gru", .record = gru},
    {.name = "gru of two layers both ways", .record = gru_both},
    {.name = "gru without bias", .record = gru_bare},
    {.name = "attention", .record = attention},
    {.name = "attention that is causal", .record = attention_causal},
    {.name = "attention with a key mask", .record = attention_masked},
    {.name = "attention to another sequence", .record = attention_other},
    {.name = "attention of three sequences", .record = attention_three},
    {.name = "attention with both masks", .record = attention_both_masks},
    {.name = "transformer", .record = transformer},
    {.name = "transformer that normalises first", .record = transformer_first},
    {.name = "transformer with a key mask", .record = transformer_masked},
    {.name = "residual", .record = residual},
    {.name = "residual of other shapes", .record = residual_shapes, .kink = true},
};

const struct layer_case *layer_case_at(int i)
{
    const int count = sizeof layer_cases / sizeof *layer_cases;
    return i >= 0 && i < count ? &layer_cases[i] : NULL;
}

static const struct layer_golden *golden_of(const char *name)
{
    for (const struct layer_golden *g = layer_goldens; g->name; g++)
        if (!strcmp(g->name, name)) return g;
    return NULL;
}

/* ---- a trial ---- */

static wg_shape shape_of(const struct golden_array *array)
{
    wg_shape shape = {.rank = array->rank};
    for (int64_t k = 0; k < array->rank; k++) shape.dim[k] = array->dim[k];
    return shape;
}

/* An f64 param, an input of integers or bool. */
static wg_tensor *input_of(wg_tape *tape, int k, const struct golden_array *array)
{
    const char *const names[LAYER_INPUTS] = {"x0", "x1", "x2", "x3"};
    const bool        real = array->dtype == WG_F64;
    wg_tensor        *x = real ? wg_param(tape, names[k], WG_F64, shape_of(array))
                               : wg_input(tape, names[k], array->dtype, shape_of(array));
    int64_t           wide[LAYER_NUMBERS];
    bool              flags[LAYER_NUMBERS];
    const int64_t     count = wg_count_of(x) <= LAYER_NUMBERS ? wg_count_of(x) : 0;
    for (int64_t i = 0; i < count && !real; i++) {
        wide[i] = (int64_t)array->values[i];
        flags[i] = array->values[i] != 0;
    }
    if (real)
        wg_write(x, array->values, count);
    else if (array->dtype == WG_BOOL)
        wg_write(x, flags, count);
    else
        wg_write(x, wide, count);
    return x;
}

static void add_leaf(struct layer_trial *t, wg_tensor *leaf, const struct golden_array *gradient)
{
    t->leaf[t->leaves] = leaf;
    t->gradient[t->leaves++] = gradient;
}

/* Writes the golden params to those that the layer asked for; one that it did not is missed. */
static void write_params(struct layer_trial *t)
{
    for (int k = 0; k < LAYER_PARAMS && t->golden->param[k].name; k++) {
        wg_tensor *param = wg_param_find(t->tape, t->golden->param[k].name);
        if (!param)
            wg_tape_error_set(t->tape, "no param \"%s\"", t->golden->param[k].name);
        else
            wg_write(param, t->golden->param[k].value.values, wg_count_of(param));
        add_leaf(t, param, &t->golden->param[k].gradient);
    }
}

struct layer_trial layer_trial_new(int i, const wg_tape_options *options)
{
    struct layer_trial t = {.use = layer_case_at(i), .tape = wg_tape_new_with(options)};
    t.golden = golden_of(t.use->name);
    if (!t.tape || !t.golden) return t;
    wg_tape_train(t.tape, !t.use->evaluates);
    for (int k = 0; k < LAYER_INPUTS && t.golden->x[k].dtype; k++) {
        t.x[k] = input_of(t.tape, k, &t.golden->x[k]);
        if (t.golden->dx[k].dtype) add_leaf(&t, t.x[k], &t.golden->dx[k]);
    }
    t.y = t.use->record(t.x);
    write_params(&t);
    const struct golden_array *dy = &t.golden->dy;
    t.dy = wg_constant(t.tape, WG_F64, shape_of(dy), dy->values, wg_count_of(t.y));
    return t;
}

wg_tensor *layer_trial_loss(const struct layer_trial *trial)
{
    return wg_sum(wg_mul(trial->y, trial->dy));
}
