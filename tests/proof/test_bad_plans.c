// SPDX-License-Identifier: MIT
/* Plans used wrongly: each use is a clear error or gives the right result, and nothing is lost. */
#include "../support/expect.h"
#include "network.h"
#include "refused.h"

#include <stdio.h>
#include <wengert/graph/report.h>

/* w becomes 2 w; the output is sum(w). */
static wg_plan *doubling(wg_tape *tape, wg_tensor **w, wg_tensor **sum)
{
    *w = wg_param(tape, "w", WG_F64, WG_SHAPE(3));
    *sum = wg_sum(*w);
    return wg_plan_new(*sum, .updates = WG_TENSORS(wg_assign(*w, wg_mul(*w, 2))));
}

START_TEST(a_freed_plan_runs_no_more_and_says_so)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w, *sum;
    wg_plan   *plan = doubling(tape, &w, &sum);
    wg_write_all(w, 1);
    EXPECT(wg_plan_run(plan));
    wg_plan_free(plan);
    EXPECT(!wg_plan_run(plan));
    expect_error(tape, LAST_LINE, "plan: it was freed");
    EXPECT(!wg_plan_print(plan, stdout) && !wg_plan_write_json(plan, stdout));
    EXPECT(!wg_plan_write_dot(plan, stdout) && !wg_plan_profile(plan, stdout));
    EXPECT(!wg_plan_verify(plan) && wg_plan_measure(plan).steps == 0);
    wg_tape_error_clear(tape);
    wg_plan_free(plan);
    EXPECT_TEXT(wg_tape_error(tape), NULL);

    wg_tape_clear(tape);
    wg_plan *again = doubling(tape, &w, &sum);
    EXPECT(again != plan && wg_plan_run(again) && !wg_plan_run(plan));
    wg_tape_error_clear(tape);
    EXPECT_CLOSE(wg_element(w, 2), 4, 0);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_plan_for_tensors_of_another_tape_is_refused)
{
    wg_tape   *tape = wg_tape_new(), *other = wg_tape_new();
    wg_tensor *w, *sum, *far = wg_sum(wg_param(other, "far", WG_F64, WG_SHAPE(3)));
    EXPECT(doubling(tape, &w, &sum));
    EXPECT(!wg_plan_new(sum, .outputs = WG_TENSORS(far)));
    expect_error(tape, LAST_LINE, "tensors of two tapes in one call");
    EXPECT(!wg_plan_new(far, .updates = WG_TENSORS(wg_assign(w, wg_neg(w)))));
    expect_error(other, LAST_LINE, "tensors of two tapes in one call");
    EXPECT(!wg_plan_new(sum, .updates = WG_TENSORS(sum)));
    expect_error(tape, LAST_LINE, "plan: update 0 is not of wg_assign");
    wg_tape_free(tape);
    wg_tape_free(other);
}
END_TEST

START_TEST(a_param_does_not_change_its_shape_behind_a_plan)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w, *sum;
    wg_plan   *plan = doubling(tape, &w, &sum);
    wg_write_all(w, 1);
    wg_tape_clear(tape);
    EXPECT(!wg_param(tape, "w", WG_F64, WG_SHAPE(4)));
    EXPECT(wg_tape_error(tape) && strstr(wg_tape_error(tape), "\"w\""));
    wg_tape_error_clear(tape);
    EXPECT(wg_plan_run(plan));
    EXPECT_CLOSE(wg_element(w, 0), 2, 0);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_batch_smaller_than_the_planned_one_is_refused_and_the_plan_runs_on)
{
    wg_tape      *tape = wg_tape_new();
    const network net = network_small(tape, WG_F32, 4);
    wg_plan      *plan = wg_plan_new(net.loss, .updates = net.updates);
    EXPECT(network_feed(&net, 0) && wg_plan_run(plan));
    EXPECT(!wg_write(net.x, ((float[3 * 64]){0}), 3 * 64));
    EXPECT(wg_tape_error(tape) && strstr(wg_tape_error(tape), "192"));
    wg_tape_error_clear(tape);
    EXPECT(wg_plan_run(plan) && isfinite(wg_item(net.loss)));
    wg_tape_free(tape);
}
END_TEST

/* The loss after two steps with so many threads. */
static double loss_with(int threads)
{
    wg_tape      *tape = wg_tape_new_with(&(wg_tape_options){.threads = threads});
    const network net = network_deep(tape, 2);
    wg_plan      *plan = wg_plan_new(net.loss, .updates = net.updates);
    wg_init_uniform(tape, 1);
    for (int step = 0; step < 2; step++) EXPECT(network_feed(&net, step) && wg_plan_run(plan));
    const double loss = wg_item(net.loss);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
    return loss;
}

START_TEST(no_number_of_threads_is_wrong)
{
    const double wanted = loss_with(1);
    EXPECT(isfinite(wanted));
    EXPECT_CLOSE(loss_with(0), wanted, 0);
    EXPECT_CLOSE(loss_with(-7), wanted, 0);
    EXPECT_CLOSE(loss_with(10000), wanted, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bad_plans");
    TCase *tests = tcase_create("bad_plans");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_freed_plan_runs_no_more_and_says_so);
    tcase_add_test(tests, a_plan_for_tensors_of_another_tape_is_refused);
    tcase_add_test(tests, a_param_does_not_change_its_shape_behind_a_plan);
    tcase_add_test(tests, a_batch_smaller_than_the_planned_one_is_refused_and_the_plan_runs_on);
    tcase_add_test(tests, no_number_of_threads_is_wrong);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
