// SPDX-License-Identifier: MIT
/*
 * What goes around an optimiser's updates, on one network against PyTorch in float64: groups with
 * rates of their own, batches gathered for one step, averages of the weights.
 */
#include "../support/expect.h"
#include "../support/failing.h"

#include <wengert/graph/plan.h>
#include <wengert/nn/nn.h>
#include <wengert/ops/ops.h>

#include "../golden/updates.h"

enum { STEPS = 50, NUMBERS = 12, SAMPLES = 8 };

typedef struct net {
    wg_tape   *tape;
    wg_tensor *x, *y, *w, *b, *v, *rate, *loss;
} net;

static void waves(double *to, int count, double by, double at)
{
    for (int k = 0; k < count; k++) to[k] = sin(by * k + at);
}

static wg_tensor *param(wg_tape *tape, const char *name, wg_shape shape, double by, double at)
{
    wg_tensor *p = wg_param(tape, name, WG_F64, shape);
    double     values[NUMBERS];
    if (!p || !wg_is_new(p)) return p;
    waves(values, (int)wg_count_of(p), by, at);
    wg_write(p, values, wg_count_of(p));
    return p;
}

/* Samples from number `first` on. */
static void feed(const net *n, int first)
{
    double    x[2 * SAMPLES], y[SAMPLES];
    const int count = (int)wg_count_of(n->y);
    waves(x, 2 * SAMPLES, 1.1, 0.3);
    waves(y, SAMPLES, 2.3, 0.1);
    EXPECT(wg_write(n->x, x + 2 * first, 2 * count) && wg_write(n->y, y + first, count));
}

/* mse of tanh(x w + b) v, for batches of so many samples. */
static net record(wg_tape *tape, int64_t batch)
{
    net        n = {.tape = tape,
                    .x = wg_input(tape, "x", WG_F64, WG_SHAPE(batch, 2)),
                    .y = wg_input(tape, "y", WG_F64, WG_SHAPE(batch, 1)),
                    .w = param(tape, "w", WG_SHAPE(2, 3), 1.7, 0.4),
                    .b = param(tape, "b", WG_SHAPE(3), 0.9, 0.1),
                    .v = param(tape, "v", WG_SHAPE(3, 1), 2.1, 0.6),
                    .rate = wg_scalar(tape, "rate", 0.1)};
    wg_tensor *h = wg_tanh(wg_add(wg_matmul(n.x, n.w), n.b));
    n.loss = wg_mse_loss(wg_matmul(h, n.v), n.y);
    return n;
}

static void expect_numbers(const net *n, const double *wanted, double tolerance)
{
    wg_tensor *const params[] = {n->w, n->b, n->v};
    for (int i = 0; i < 3; i++)
        for (int64_t k = 0; k < wg_count_of(params[i]); k++)
            EXPECT_CLOSE(wg_element(params[i], k), *wanted++, tolerance);
}

static void expect_error(wg_tape *tape, const char *text)
{
    const char *error = wg_tape_error(tape);
    EXPECT_MSG(error && strstr(error, "test_updates.c:") && strstr(error, text), "%s",
               error ? error : "no error");
    wg_tape_error_clear(tape);
}

/* Runs the updates 50 times on all samples. */
static void run(const net *n, wg_tensors updates)
{
    wg_plan *step = wg_plan_new(n->loss, .updates = updates);
    feed(n, 0);
    for (int i = 0; i < STEPS; i++) EXPECT(wg_plan_run(step));
    EXPECT_TEXT(wg_tape_error(n->tape), NULL);
}

/* ---- groups ---- */

START_TEST(groups_of_params_have_rates_and_decays_of_their_own)
{
    for (int i = 0; i < 2; i++) {
        const net           n = record(wg_tape_new(), SAMPLES);
        const wg_gradients *g = wg_backward(n.loss);
        const wg_tensors    some = wg_params_matching(n.tape, "?"), w = WG_TENSORS(n.w);
        wg_tensor          *slow = wg_scalar(n.tape, "slow", 0.02);
        EXPECT(wg_write_all(n.rate, i ? 0.01 : 0.1) && some.count == 3);
        const wg_gradients *rest = wg_group_others(g, w), *decayed = wg_group(g, w);
        const wg_tensors    a =
            i ? wg_adamw(rest, .rate = slow) : wg_sgd(rest, .rate = slow, .momentum = 0.9);
        const wg_tensors b =
            i ? wg_adamw(decayed, .rate = n.rate, .decay = 0.3, .beta1 = 0.8, .beta2 = 0.95)
              : wg_sgd(decayed, .rate = n.rate, .decay = 0.05);
        run(&n, wg_join(n.tape, a, b));
        expect_numbers(&n, i ? grouped_adamw : grouped_sgd, 1e-10);
        wg_tape_free(n.tape);
    }
}
END_TEST

START_TEST(a_group_is_a_part_of_the_gradients_in_their_order)
{
    const net           n = record(wg_tape_new(), SAMPLES);
    const wg_gradients *g = wg_backward(n.loss);
    const wg_gradients *two = wg_group(g, WG_TENSORS(n.v, n.w));
    EXPECT(two->params.count == 2 && two->params.at[0] == n.w && two->params.at[1] == n.v);
    EXPECT(two->values.at[1] == wg_gradient_of(g, n.v) && two->reached[1] && two->loss == n.loss);
    EXPECT_TEXT(two->group, "w");
    EXPECT(wg_gradient_of(wg_group_others(g, two->params), n.b) == wg_gradient_of(g, n.b));
    EXPECT(!wg_group(g, wg_params_matching(n.tape, "misspelt*")));
    expect_error(n.tape, "group: there is no gradient of a param in it");
    EXPECT(!wg_group_others(g, wg_params(n.tape)));
    expect_error(n.tape, "group: there is no gradient of a param beside it");
    EXPECT(!wg_group(NULL, two->params) && !wg_group_others(NULL, two->params));
    EXPECT_TEXT(wg_tape_error(n.tape), NULL);
    wg_tape_free(n.tape);
}
END_TEST

/* ---- gathering ---- */

/* Twelve steps of Adam, each of `parts` batches that are all samples together. */
static void run_in_parts(double *reached, int parts)
{
    const net              n = record(wg_tape_new(), SAMPLES / parts);
    const wg_accumulation *a = wg_accumulate(wg_backward(n.loss), parts);
    const wg_tensors       updates = wg_adam(wg_clip_norm(a->gradients, 0.4), .rate = n.rate);
    wg_plan               *gather = wg_plan_new(n.loss, .updates = a->add);
    wg_plan *step = wg_plan_new(n.loss, .updates = wg_join(n.tape, a->clear, updates));
    for (int i = 0; i < 12 * parts; i++) {
        feed(&n, i % parts * (SAMPLES / parts));
        EXPECT(wg_plan_run((i + 1) % parts ? gather : step));
    }
    EXPECT_TEXT(wg_tape_error(n.tape), NULL);
    EXPECT(wg_read(n.w, reached, 6) && wg_read(n.b, reached + 6, 3));
    EXPECT(wg_read(n.v, reached + 9, 3));
    wg_tape_free(n.tape);
}

START_TEST(batches_gathered_for_a_step_are_one_large_batch)
{
    double whole[NUMBERS], parts[NUMBERS];
    run_in_parts(whole, 1);
    for (int k = 2; k <= 8; k *= 2) {
        run_in_parts(parts, k);
        for (int i = 0; i < NUMBERS; i++) EXPECT_CLOSE(parts[i], whole[i], 1e-12);
    }
}
END_TEST

START_TEST(gathering_less_than_one_batch_is_refused)
{
    const net n = record(wg_tape_new(), SAMPLES);
    EXPECT(!wg_accumulate(wg_backward(n.loss), 0));
    expect_error(n.tape, "accumulate: 0 batches, wanted is one or more");
    EXPECT(!wg_accumulate(NULL, 3));
    wg_tape_free(n.tape);
}
END_TEST

/* ---- averages ---- */

static const struct {
    wg_average_way way;
    const double  *reached;
} averages[] = {{WG_AVERAGE_PLAIN, average_plain},
                {WG_AVERAGE_EVEN, average_even},
                {WG_AVERAGE_CORRECTED, average_corrected},
                {WG_AVERAGE_WARM_UP, average_warm_up}};

START_TEST(an_average_of_the_weights_goes_where_pytorchs_goes)
{
    const net n = record(wg_tape_new(), SAMPLES);
    run(&n, wg_average(wg_sgd(wg_backward(n.loss), .rate = n.rate), .decay = 0.95,
                       .way = averages[_i].way));
    const double trained = wg_item(n.loss);
    double       own[6];
    EXPECT(wg_read(n.w, own, 6) && wg_average_swap(n.tape));
    expect_numbers(&n, averages[_i].reached, 1e-12);
    EXPECT(wg_item(n.loss) != trained); /* it is computed anew */
    EXPECT(wg_average_swap(n.tape));
    for (int k = 0; k < 6; k++) EXPECT(wg_element(n.w, k) == own[k]);
    EXPECT_TEXT(wg_tape_error(n.tape), NULL);
    wg_tape_free(n.tape);
}
END_TEST

START_TEST(averages_that_make_no_sense_are_refused)
{
    const net        n = record(wg_tape_new(), SAMPLES);
    const wg_tensors updates = wg_sgd(wg_backward(n.loss), .rate = n.rate);
    EXPECT(!wg_average_swap(n.tape));
    expect_error(n.tape, "average_swap: no step was averaged yet");
    EXPECT(wg_average(updates, .decay = 1).count == 0);
    expect_error(n.tape, "average: decay 1 is out of range, 0 <= decay < 1");
    EXPECT(wg_average(updates, .decay = NAN).count == 0);
    expect_error(n.tape, "average: decay nan is out of range");
    EXPECT(wg_average(WG_TENSORS(n.loss)).count == 0);
    expect_error(n.tape, "an update is not of wg_assign");
    EXPECT(wg_average((wg_tensors){0}).count == 0 && !wg_average_swap(NULL));
    EXPECT_TEXT(wg_tape_error(n.tape), NULL);
    wg_tape_free(n.tape);
}
END_TEST

/* ---- all of it without memory ---- */

static bool use_all(const wg_allocator *allocator, void *context)
{
    wg_tape *tape = wg_tape_new_with(&(wg_tape_options){.allocator = allocator});
    (void)context;
    if (!tape) return false;
    const net              n = record(tape, 2);
    const wg_accumulation *a = wg_accumulate(wg_backward(n.loss), 2);
    const wg_gradients    *mean = wg_guard(a ? a->gradients : NULL);
    const wg_tensors       w = WG_TENSORS(n.w);
    const wg_tensors       some = wg_adam(wg_group(mean, w), .rate = n.rate);
    const wg_tensors       rest = wg_sgd(wg_group_others(mean, w), .rate = n.rate);
    const wg_tensors       updates = wg_average(wg_join(tape, some, rest));
    wg_plan               *step = wg_plan_new(n.loss, .updates = updates);
    wg_not_finite          found;
    const bool good = !wg_tape_error(tape) && wg_write_all(n.x, 1) && wg_write_all(n.y, 1) &&
                      wg_plan_run(step) && wg_average_swap(tape) &&
                      wg_find_not_finite(mean, &found);
    EXPECT(good == !wg_tape_error(tape));
    wg_tape_free(tape);
    return good;
}

START_TEST(without_memory_they_fail_and_leave_nothing_behind)
{
    EXPECT(failing_sweep(use_all, NULL) > 100);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nn: updates");
    TCase *tests = tcase_create("updates");
    tcase_add_test(tests, groups_of_params_have_rates_and_decays_of_their_own);
    tcase_add_test(tests, a_group_is_a_part_of_the_gradients_in_their_order);
    tcase_add_test(tests, batches_gathered_for_a_step_are_one_large_batch);
    tcase_add_test(tests, gathering_less_than_one_batch_is_refused);
    tcase_add_loop_test(tests, an_average_of_the_weights_goes_where_pytorchs_goes, 0, 4);
    tcase_add_test(tests, averages_that_make_no_sense_are_refused);
    tcase_add_test(tests, without_memory_they_fail_and_leave_nothing_behind);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
