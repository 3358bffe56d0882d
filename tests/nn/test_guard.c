// SPDX-License-Identifier: MIT
/* Steps with bad gradients: left out or refused, whatever the optimiser, and what is told of them. */
#include "../support/expect.h"

#include <wengert/graph/plan.h>
#include <wengert/nn/nn.h>
#include <wengert/ops/ops.h>

/* The loss is the mean of w log x, and of the squares of a param c that is never bad. */
typedef struct net {
    wg_tape            *tape;
    wg_tensor          *x, *w, *c, *rate, *skipped, *loss;
    const wg_gradients *g;
} net;

static net record(const char *rate)
{
    net n = {.tape = wg_tape_new()};
    n.x = wg_input(n.tape, "x", WG_F32, WG_SHAPE(2));
    n.c = wg_param(n.tape, "c", WG_F64, WG_SHAPE(2));
    n.w = wg_param(n.tape, "w", WG_F32, WG_SHAPE(2));
    n.rate = wg_scalar(n.tape, rate, 0.1);
    n.skipped = wg_state(n.tape, "skipped", WG_F64, WG_SCALAR, 0);
    wg_tensor *good = wg_mean(wg_square(n.c));
    n.loss = wg_add(wg_cast(wg_mean(wg_mul(n.w, wg_log(n.x))), WG_F64), good);
    n.g = wg_backward(n.loss);
    wg_write_all(n.c, 0.7);
    wg_write_all(n.w, 0.3);
    return n;
}

static bool run(const net *n, wg_plan *step, float second)
{
    return wg_write(n->x, ((float[]){1.3F, second}), 2) && wg_plan_run(step);
}

static wg_tensors updates_of(int i, const net *n, const wg_gradients *g)
{
    wg_tensor *rate = n->rate;
    switch (i) {
    case 0:
        return wg_sgd(g, .rate = rate);
    case 1:
        return wg_sgd(g, .rate = rate, .momentum = 0.9, .nesterov = true);
    case 2:
        return wg_adam(g, .rate = rate);
    case 3:
        return wg_adamw(wg_clip_norm(g, 1), .rate = rate, .decay = 0.1);
    case 4:
        return wg_rmsprop(g, .rate = rate, .momentum = 0.5, .centred = true);
    case 5:
        return wg_adagrad(g, .rate = rate, .rate_decay = 0.1);
    case 6:
        return wg_adadelta(g, .rate = rate);
    case 7:
        return wg_lion(g, .rate = rate);
    default:
        return wg_average(wg_adam(g, .rate = rate), .decay = 0.9, .when = g->when);
    }
}

/* The same optimiser, guarded and not; only the guarded one meets the bad batches. */
START_TEST(a_bad_step_is_left_out_as_if_it_had_not_been)
{
    const net           one = record("rate"), other = record("rate");
    wg_plan            *plain = wg_plan_new(one.loss, .updates = updates_of(_i, &one, one.g));
    const wg_gradients *g = wg_guard(other.g);
    const wg_tensors    updates = updates_of(_i, &other, g);
    const wg_tensors    counted = WG_TENSORS(wg_count_skipped(g, other.skipped));
    wg_plan *step = wg_plan_new(other.loss, .updates = wg_join(other.tape, updates, counted));
    for (int i = 0; i < 6; i++) {
        const float bad[] = {0, -1, INFINITY};
        if (i % 2) EXPECT(run(&other, step, bad[i / 2]));
        EXPECT(run(&one, plain, 0.4F + (float)i) && run(&other, step, 0.4F + (float)i));
    }
    EXPECT_TEXT(wg_tape_error(other.tape), NULL);
    EXPECT(wg_item(other.skipped) == 3);
    const wg_tensors a = wg_leaves(one.tape), b = wg_leaves(other.tape);
    EXPECT(a.count == b.count);
    for (int i = 0; i < a.count; i++)
        for (int64_t k = 0; k < wg_count_of(a.at[i]) && a.at[i] != one.skipped; k++)
            EXPECT_CLOSE(wg_element(b.at[i], k), wg_element(a.at[i], k), 0);
    wg_tape_free(one.tape);
    wg_tape_free(other.tape);
}
END_TEST

START_TEST(the_first_param_and_the_first_op_are_told)
{
    const net           n = record("rate");
    const wg_gradients *g = wg_guard(n.g);
    wg_plan            *step = wg_plan_new(n.loss, .updates = updates_of(2, &n, g));
    wg_not_finite       found;
    EXPECT(run(&n, step, 0));
    EXPECT(wg_find_not_finite(g, &found) && found.param == n.w);
    EXPECT(wg_op_of(found.origin) == &wg_op_log);
    EXPECT_MSG(strstr(found.text, "the gradient of \"w\" is not finite; the first such value comes "
                                  "from log at ") &&
                   strstr(found.text, "test_guard.c:"),
               "%s", found.text);
    EXPECT(run(&n, step, NAN) && wg_find_not_finite(n.g, &found) && found.origin == n.x);
    EXPECT_MSG(strstr(found.text, "comes from input \"x\""), "%s", found.text);
    EXPECT(run(&n, step, 1) && wg_find_not_finite(n.g, &found) && !found.param && !found.origin);
    EXPECT_TEXT(found.text, "");
    EXPECT_TEXT(wg_tape_error(n.tape), NULL);
    EXPECT(!wg_find_not_finite(NULL, &found) && !wg_find_not_finite(n.g, NULL));
    wg_tape_free(n.tape);
}
END_TEST

/* sqrt of 0 is finite, its derivative is not; and infinities that a softmax ends are no origin. */
START_TEST(an_op_of_a_derivative_is_told_as_such)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SHAPE(3));
    wg_tensor *mask = wg_constant(tape, WG_F64, WG_SHAPE(3), ((double[]){0, -INFINITY, 0}), 3);
    wg_tensor *masked = wg_softmax(wg_add(w, mask), 0);
    const wg_gradients *g = wg_backward(wg_sum(wg_add(wg_sqrt(w), wg_square(masked))));
    wg_not_finite       found;
    EXPECT(wg_find_not_finite(g, &found) && found.param == w);
    EXPECT_MSG(strstr(found.text, " in the derivative of sqrt at ") &&
                   strstr(found.text, "test_guard.c:"),
               "%s", found.text);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_guard_that_stops_fails_the_run_and_changes_nothing)
{
    const net     n = record("rate");
    wg_not_finite found;
    wg_plan *step = wg_plan_new(n.loss, .updates = updates_of(2, &n, wg_guard(n.g, .stop = true)));
    EXPECT(run(&n, step, 0.5F));
    const double w = wg_element(n.w, 1), c = wg_element(n.c, 1);
    EXPECT(w != 0.3F && c != 0.7 && !run(&n, step, 0));
    EXPECT(wg_element(n.w, 1) == w && wg_element(n.c, 1) == c);
    EXPECT_MSG(strstr(wg_tape_error(n.tape), "test_guard.c:") &&
                   strstr(wg_tape_error(n.tape), "demand \"w/gradient\" (): it is not finite"),
               "%s", wg_tape_error(n.tape));
    EXPECT(wg_find_not_finite(n.g, &found) && wg_op_of(found.origin) == &wg_op_log);
    wg_tape_error_clear(n.tape);
    EXPECT(run(&n, step, 0.5F) && wg_element(n.c, 1) != c);
    wg_tape_free(n.tape);
}
END_TEST

/* Running statistics are updates of the network; a bad batch must not stay in them. */
START_TEST(running_statistics_can_be_kept_from_a_bad_batch)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(4, 2));
    wg_tensor *loss =
        wg_mean(wg_square(wg_nn_linear(wg_nn_batch_norm(x, "bn"), "l", .outputs = 1)));
    const wg_gradients *g = wg_guard(wg_backward(loss));
    const wg_tensors    own = wg_update_when(g->when, wg_assigns(tape));
    const wg_tensors    moved = wg_sgd(g, .rate = wg_scalar(tape, "rate", 0.1));
    wg_plan            *step = wg_plan_new(loss, .updates = wg_join(tape, own, moved));
    float               batch[] = {1, 2, 3, 4, 5, 6, 7, NAN};
    EXPECT(wg_write(x, batch, 8) && wg_plan_run(step));
    const wg_tensors leaves = wg_leaves(tape);
    for (int i = 0; i < leaves.count; i++)
        for (int64_t k = 0; k < wg_count_of(leaves.at[i]) && leaves.at[i] != x; k++)
            EXPECT_MSG(isfinite(wg_element(leaves.at[i], k)), "%s", wg_name_of(leaves.at[i]));
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

/* With a sum that is not finite the k-th step is left out, and the sums begin anew. */
START_TEST(a_bad_batch_among_gathered_ones_leaves_their_step_out)
{
    const net              n = record("rate");
    const wg_accumulation *a = wg_accumulate(n.g, 2);
    const wg_tensors       guarded = wg_sgd(wg_guard(a->gradients), .rate = n.rate);
    wg_plan               *gather = wg_plan_new(n.loss, .updates = a->add);
    wg_plan *step = wg_plan_new(n.loss, .updates = wg_join(n.tape, a->clear, guarded));
    EXPECT(run(&n, gather, 0) && run(&n, step, 1));
    EXPECT(wg_element(n.w, 1) == 0.3F && wg_element(n.c, 0) == 0.7);
    EXPECT(run(&n, gather, 2) && run(&n, step, 2) && wg_element(n.w, 1) < 0.3F);
    EXPECT_CLOSE(wg_element(n.w, 1), 0.3 - 0.1 * log(2) / 2, 1e-7);
    EXPECT_TEXT(wg_tape_error(n.tape), NULL);
    wg_tape_free(n.tape);
}
END_TEST

/* A batch that is bad alone counts as zeros; the step is that of the others. */
START_TEST(guarded_gradients_are_gathered_without_the_bad_ones)
{
    const net              n = record("rate");
    const wg_accumulation *a = wg_accumulate(wg_guard(n.g), 2);
    const wg_tensors       moved = wg_sgd(a->gradients, .rate = n.rate);
    wg_plan               *gather = wg_plan_new(n.loss, .updates = a->add);
    wg_plan               *step = wg_plan_new(n.loss, .updates = wg_join(n.tape, a->clear, moved));
    EXPECT(run(&n, gather, 0) && run(&n, step, 2));
    EXPECT_CLOSE(wg_element(n.w, 1), 0.3 - 0.1 * log(2) / 4, 1e-7);
    wg_tape_free(n.tape);
}
END_TEST

static void expect_error(const net *n, const char *text)
{
    const char *error = wg_tape_error(n->tape);
    EXPECT_MSG(error && strstr(error, "test_guard.c:") && strstr(error, text), "%s",
               error ? error : "no error");
    wg_tape_error_clear(n->tape);
}

START_TEST(what_makes_no_sense_is_refused)
{
    const net           n = record("rate");
    const wg_gradients *g = wg_guard(wg_guard(n.g)); /* twice is once */
    const wg_tensors    updates = updates_of(0, &n, n.g);
    EXPECT(wg_dtype_of(g->when) == WG_BOOL && wg_count_of(g->when) == 1);
    EXPECT(wg_update_when(wg_cast(g->when, WG_F32), updates).count == 0);
    expect_error(&n, "the condition is to be bool of rank 0");
    EXPECT(wg_update_when(wg_gt(n.w, 0), updates).count == 0);
    expect_error(&n, "the condition is to be bool of rank 0");
    EXPECT(wg_update_when(g->when, WG_TENSORS(n.loss)).count == 0);
    expect_error(&n, "an update is not of wg_assign");
    EXPECT(!wg_count_skipped(g, n.rate));
    expect_error(&n, "count_skipped: the count is to be a state, f64 of rank 0");
    EXPECT(!wg_count_skipped(n.g, n.skipped));
    expect_error(&n, "count_skipped: the gradients are not guarded");
    EXPECT(!wg_guard(NULL) && !wg_count_skipped(NULL, n.skipped) && !wg_count_skipped(g, NULL));
    EXPECT(wg_update_when(NULL, updates).at == updates.at);
    EXPECT_TEXT(wg_tape_error(n.tape), NULL);
    const wg_tensors twice = wg_join(n.tape, updates, wg_update_when(g->when, updates));
    EXPECT(!wg_plan_new(n.loss, .updates = twice));
    expect_error(&n, "has two updates in one plan");
    wg_tape_free(n.tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nn: guard");
    TCase *tests = tcase_create("guard");
    tcase_add_loop_test(tests, a_bad_step_is_left_out_as_if_it_had_not_been, 0, 9);
    tcase_add_test(tests, the_first_param_and_the_first_op_are_told);
    tcase_add_test(tests, an_op_of_a_derivative_is_told_as_such);
    tcase_add_test(tests, a_guard_that_stops_fails_the_run_and_changes_nothing);
    tcase_add_test(tests, running_statistics_can_be_kept_from_a_bad_batch);
    tcase_add_test(tests, a_bad_batch_among_gathered_ones_leaves_their_step_out);
    tcase_add_test(tests, guarded_gradients_are_gathered_without_the_bad_ones);
    tcase_add_test(tests, what_makes_no_sense_is_refused);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
