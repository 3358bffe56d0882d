// SPDX-License-Identifier: MIT
/* Training and evaluation, shared weights, frozen and chosen params: networks made of layers. */
#include <wengert/wengert.h>

#include "../support/expect.h"

enum { BATCH = 6 };

/* Two layers with what differs between training and evaluation, and a loss. */
static wg_tensor *record(wg_tape *tape)
{
    wg_tensor *x = wg_input(tape, "x", WG_F64, WG_SHAPE(BATCH, 4));
    wg_tensor *h = wg_relu(wg_nn_batch_norm(wg_nn_linear(x, "fc1", .outputs = 5), "bn1"));
    return wg_mean(wg_square(wg_nn_linear(wg_nn_dropout(h, 0.5), "fc2", .outputs = 2)));
}

static void write_x(wg_tape *tape)
{
    double values[BATCH * 4];
    for (int i = 0; i < BATCH * 4; i++) values[i] = sin(1.7 * i);
    EXPECT(wg_write(wg_leaves(tape).at[0], values, BATCH * 4));
}

/* One record in a mode, and a run of its plan: as an epoch of training or of validation does. */
static double run(wg_tape *tape, bool train)
{
    wg_tape_clear(tape);
    wg_tape_train(tape, train);
    wg_tensor *loss = record(tape);
    wg_tensors updates = {.count = 0};
    if (train) {
        wg_tensor       *rate = wg_scalar(tape, "rate", 0.1);
        const wg_tensors moves = wg_sgd(wg_backward(loss), .rate = rate);
        EXPECT(moves.count == 6);
        updates = wg_assigns(tape);
    }
    wg_plan *plan = wg_plan_new(loss, .updates = updates);
    write_x(tape);
    EXPECT_MSG(wg_plan_run(plan), "%s", wg_tape_error(tape));
    return wg_item(loss);
}

START_TEST(each_mode_finds_its_plan_again)
{
    wg_tape *tape = wg_tape_new();
    EXPECT(wg_tape_trains(tape));
    for (int epoch = 0; epoch < 4; epoch++) {
        run(tape, true);
        run(tape, true);
        run(tape, false);
    }
    EXPECT_MSG(wg_tape_plans(tape) == 2, "%lld plans", (long long)wg_tape_plans(tape));
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(evaluation_neither_drops_nor_moves_statistics)
{
    wg_tape *tape = wg_tape_new();
    run(tape, true);
    const double once = run(tape, false), again = run(tape, false);
    EXPECT(once == again);
    EXPECT(wg_assigns(tape).count == 0);
    wg_tape_clear(tape);
    EXPECT(!wg_tape_trains(tape)); /* the mode stays */
    wg_tensor *x = wg_input(tape, "x", WG_F64, WG_SHAPE(BATCH, 4));
    EXPECT(wg_nn_dropout(x, 0.5) == x);
    wg_tape_train(tape, true);
    EXPECT(wg_op_of(wg_nn_dropout(x, 0.5)) == &wg_op_dropout);
    EXPECT(!wg_tape_trains(NULL) && !wg_nn_dropout(NULL, 0.5));
    wg_tape_free(tape);
}
END_TEST

/* With the unit matrix as values, y is the attention weights. */
START_TEST(dropout_takes_attention_weights_away_and_makes_up_for_them)
{
    enum { T = 12 };
    wg_tape   *tape = wg_tape_new();
    wg_tensor *q = wg_param(tape, "q", WG_F64, WG_SHAPE(2, T, 3)), *k = wg_sin(wg_mul(q, 1.7));
    wg_init(q, WG_INIT_NORMAL);
    double unit[T * T] = {0};
    for (int i = 0; i < T; i++) unit[i * T + i] = 1;
    wg_tensor *v = wg_constant(tape, WG_F64, WG_SHAPE(T, T), unit, T * T);
    wg_tensor *whole = wg_attention(q, k, v, .causal = true);
    wg_tensor *rest = wg_attention(q, k, v, .causal = true, .dropout = 0.4);
    int        gone = 0, seen = 0;
    EXPECT(wg_eval(WG_TENSORS(whole, rest)));
    for (int i = 0; i < 2 * T * T; i++) {
        const double p = wg_element(whole, i), y = wg_element(rest, i);
        seen += p > 0;
        gone += p > 0 && y == 0;
        if (y != 0) EXPECT_CLOSE(y, p / (1 - 0.4), 1e-12);
    }
    EXPECT_MSG(seen == T * (T + 1) && gone > seen / 4 && gone < seen / 2, "%d of %d", gone, seen);
    EXPECT(!wg_attention(q, k, v, .dropout = 1.5));
    EXPECT(strstr(wg_tape_error(tape), "test_modes.c:"));
    EXPECT(strstr(wg_tape_error(tape), "1.5 is no probability"));
    wg_tape_free(tape);
}
END_TEST

static wg_tensor *layer_with_dropout(wg_tensor *x, int number)
{
    return number ? wg_nn_transformer(x, "transformer", .heads = 2, .dropout = 0.3)
                  : wg_nn_attention(x, "attention", .heads = 2, .dropout = 0.3);
}

START_TEST(attention_layers_drop_weights_in_training_alone)
{
    wg_tape *tape = wg_tape_new();
    for (int i = 0; i < 4; i++) {
        wg_tape_clear(tape);
        wg_tape_train(tape, i % 2);
        int drops = 0;
        EXPECT(layer_with_dropout(wg_input(tape, "x", WG_F64, WG_SHAPE(1, 5, 4)), i / 2));
        for (int64_t k = 0; k < wg_tape_count(tape); k++)
            drops += wg_op_of(wg_tape_at(tape, k)) == &wg_op_dropout &&
                     wg_output_number(wg_tape_at(tape, k)) == 0;
        EXPECT_MSG(drops == (i % 2 ? (int[]){1, 4}[i / 2] : 0), "%d in layer %d", drops, i);
    }
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(running_statistics_come_from_training)
{
    wg_tape *tape = wg_tape_new();
    run(tape, true);
    const wg_tensors leaves = wg_leaves(tape);
    int              moved = 0;
    for (int i = 0; i < leaves.count; i++) {
        if (wg_role_of(leaves.at[i]) != WG_STATE) continue;
        const bool mean = !strcmp(wg_name_of(leaves.at[i]), "bn1/running_mean");
        EXPECT(mean || !strcmp(wg_name_of(leaves.at[i]), "bn1/running_var"));
        moved += wg_element(leaves.at[i], 0) != (mean ? 0 : 1);
    }
    EXPECT(moved == 2);
    wg_tape_free(tape);
}
END_TEST

/* ---- shared weights ---- */

static wg_tensor *tower(wg_tensor *x)
{
    wg_tensor *h = wg_tanh(wg_nn_batch_norm(wg_nn_linear(x, "fc1", .outputs = 5), "bn1"));
    return wg_nn_linear(h, "fc2", .outputs = 2);
}

/* Mean square distance of what one tower makes of two inputs. */
static wg_tensor *siamese(wg_tape *tape)
{
    wg_tensor *left = wg_param(tape, "left", WG_F64, WG_SHAPE(3, 4));
    wg_tensor *right = wg_param(tape, "right", WG_F64, WG_SHAPE(3, 4));
    wg_tensor *a = tower(left);
    wg_share_params(tape, true);
    wg_tensor *b = tower(right);
    wg_share_params(tape, false);
    return wg_mean(wg_square(wg_sub(a, b)));
}

START_TEST(two_towers_share_their_params_and_their_gradients_add_up)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *loss = siamese(tape);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    EXPECT(wg_params(tape).count == 2 + 6 && wg_assigns(tape).count == 2);
    EXPECT(wg_init(wg_param_find(tape, "left"), WG_INIT_NORMAL));
    EXPECT(wg_init(wg_param_find(tape, "right"), WG_INIT_NORMAL));
    const wg_check *check = wg_check_gradients(loss);
    for (int i = 0; i < check->count; i++) {
        const char *name = wg_name_of(check->row[i].leaf);
        EXPECT_MSG(check->row[i].verdict == WG_CHECK_PASS, "%s: %s", name,
                   wg_check_verdict_name(check->row[i].verdict));
    }
    const double first = wg_item(loss);
    EXPECT(first > 0);
    wg_tape_clear(tape);
    EXPECT(wg_item(siamese(tape)) == first && !wg_tape_error(tape));
    wg_tape_free(tape);
}
END_TEST

static void expect_error(wg_tape *tape, const char *words)
{
    const char *error = wg_tape_error(tape);
    EXPECT_MSG(error && strstr(error, words), "\"%s\" without \"%s\"", error ? error : "none",
               words);
    EXPECT_MSG(strstr(error, "test_modes.c:"), "%s", error);
    wg_tape_error_clear(tape);
}

START_TEST(sharing_never_makes_a_param)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(2, 3));
    wg_share_params(tape, true);
    EXPECT(!wg_nn_linear(x, "fc1", .outputs = 2));
    expect_error(tape, "leaf \"fc1/weight\" cannot be shared: it is not in this record");
    EXPECT(wg_params(tape).count == 0);
    EXPECT(wg_input(tape, "y", WG_F32, WG_SHAPE(2))); /* inputs are as ever */
    wg_share_params(tape, false);
    wg_tensor *y = wg_nn_linear(x, "fc1", .outputs = 3);
    EXPECT(!wg_nn_linear(y, "fc1", .outputs = 3));
    expect_error(tape, "leaf \"fc1/weight\" is asked for twice in one record");
    wg_share_params(tape, true);
    EXPECT(!wg_nn_linear(y, "fc1", .outputs = 2));
    expect_error(tape, "is there already, as f32 (3,3)");
    EXPECT(wg_nn_linear(y, "fc1", .outputs = 3) && wg_shares_params(tape));
    wg_tape_clear(tape);
    EXPECT(
        !wg_shares_params(tape)); /* a clear ends it, and what was recorded before is not shared */
    wg_share_params(tape, true);
    EXPECT(!wg_param(tape, "fc1/weight", WG_F32, WG_SHAPE(3, 3)));
    expect_error(tape, "cannot be shared");
    EXPECT(!wg_shares_params(NULL));
    wg_tape_free(tape);
}
END_TEST

/* ---- a layer of one's own: the one in layer.h ---- */

static wg_tensor *swish_layer(wg_tensor *x, const char *name, int64_t outputs)
{
    wg_tape *tape = wg_nn_open(x, name);
    if (!tape) return NULL;
    const wg_init_settings one = {.way = WG_INIT_CONSTANT, .value = 1};
    wg_tensor             *slope = wg_nn_param(tape, "slope", wg_dtype_of(x), WG_SCALAR, one);
    wg_tensor             *y = wg_nn_linear(x, "linear", .outputs = outputs);
    return wg_nn_close(tape, wg_mul(y, wg_sigmoid(wg_mul(slope, y))));
}

START_TEST(a_layer_of_ones_own_is_like_ours)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_param(tape, "x", WG_F32, WG_SHAPE(2, 3));
    EXPECT(wg_init(x, WG_INIT_NORMAL));
    wg_tensor *y = swish_layer(swish_layer(x, "first", 4), "second", 2);
    EXPECT(wg_check_passed(wg_check_gradients(wg_sum(wg_square(y)))));
    EXPECT(wg_params(tape).count == 7 && wg_item(wg_param_find(tape, "second/slope")) == 1);
    EXPECT(wg_param_find(tape, "first/linear/weight") && wg_scope_of(wg_neg(y))[0] == '\0');
    EXPECT(!swish_layer(x, "first", 4) && !swish_layer(x, "third", 4) &&
           wg_params(tape).count == 7);
    expect_error(tape, "\"first/slope\" is asked for twice in one record");
    wg_tape_free(tape);
}
END_TEST

/* ---- groups ---- */

START_TEST(params_are_chosen_by_a_pattern)
{
    const struct {
        const char *pattern;
        int         count;
    } wanted[] = {{"*", 6},   {"fc1/*", 2},      {"fc?/weight", 2},  {"*weight", 3}, {"*/b*s", 3},
                  {"fc1", 0}, {"fc1/weight", 1}, {"fc1/weight?", 0}, {"*1*e*t", 2},  {"", 0},
                  {"?*?", 6}, {"*fc*c*", 0},     {"*w*i*g*t*", 3}};
    wg_tape *tape = wg_tape_new();
    record(tape);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const wg_tensors found = wg_params_matching(tape, wanted[i].pattern);
        EXPECT_MSG(found.count == wanted[i].count, "\"%s\": %d", wanted[i].pattern, found.count);
    }
    EXPECT_TEXT(wg_name_of(wg_params_matching(tape, "fc2/*").at[0]), "fc2/weight");
    EXPECT(wg_params_matching(NULL, "*").count == 0 && wg_params_freeze(NULL, "*", true) == 0);
    EXPECT(wg_params_matching(tape, NULL).count == 0);
    EXPECT(strstr(wg_tape_error(tape), "params: no pattern is given"));
    wg_tape_free(tape);
}
END_TEST

START_TEST(frozen_params_stay_where_they_are)
{
    wg_tape *tape = wg_tape_new();
    run(tape, true);
    EXPECT(wg_params_freeze(tape, "fc1/*", true) == 2);
    const double before = wg_element(wg_param_find(tape, "fc1/weight"), 3);
    const double other = wg_element(wg_param_find(tape, "fc2/bias"), 1);
    wg_tape_clear(tape);
    wg_tensor       *loss = record(tape);
    const wg_tensors moves = wg_sgd(wg_backward(loss), .rate = wg_scalar(tape, "rate", 0.1));
    write_x(tape);
    EXPECT(moves.count == 4 && wg_plan_run(wg_plan_new(loss, .updates = moves)));
    EXPECT(wg_element(wg_param_find(tape, "fc1/weight"), 3) == before);
    EXPECT(wg_element(wg_param_find(tape, "fc2/bias"), 1) != other);
    EXPECT(wg_params_freeze(tape, "*", false) == 6);
    EXPECT(!wg_param_is_frozen(wg_param_find(tape, "fc1/weight")));
    EXPECT(wg_params_freeze(tape, "fc3*", true) == 0);
    EXPECT(strstr(wg_tape_error(tape), "params: none fits \"fc3*\""));
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nn: modes");
    TCase *cases = tcase_create("modes");
    tcase_add_test(cases, each_mode_finds_its_plan_again);
    tcase_add_test(cases, evaluation_neither_drops_nor_moves_statistics);
    tcase_add_test(cases, dropout_takes_attention_weights_away_and_makes_up_for_them);
    tcase_add_test(cases, attention_layers_drop_weights_in_training_alone);
    tcase_add_test(cases, running_statistics_come_from_training);
    tcase_add_test(cases, two_towers_share_their_params_and_their_gradients_add_up);
    tcase_add_test(cases, sharing_never_makes_a_param);
    tcase_add_test(cases, a_layer_of_ones_own_is_like_ours);
    tcase_add_test(cases, params_are_chosen_by_a_pattern);
    tcase_add_test(cases, frozen_params_stay_where_they_are);
    suite_add_tcase(suite, cases);
    return expect_run(suite);
}
