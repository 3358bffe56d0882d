// SPDX-License-Identifier: MIT
/* Recording, deriving, planning and running, with toy ops. */
#include "../support/expect.h"
#include "../support/failing.h"
#include "toy.h"

#include <stdlib.h>

static wg_tensor *param(wg_tape *tape, const char *name, int64_t n, double first)
{
    wg_tensor *w = wg_param(tape, name, WG_F64, WG_SHAPE(n));
    double     values[16];
    for (int64_t i = 0; i < n; i++) values[i] = first + 0.7 * (double)i;
    wg_write(w, values, n);
    return w;
}

START_TEST(a_value_is_computed_when_it_is_read)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = param(tape, "w", 3, 0.3), *loss = toy_sum(toy_mul(w, w));
    EXPECT_CLOSE(wg_item(loss), 0.3 * 0.3 + 1.0 + 1.7 * 1.7, 1e-15);
    wg_write_all(w, 2);
    EXPECT_CLOSE(wg_item(loss), 12, 0);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_tensor_used_twice_adds_up_its_derivatives_to_any_order)
{
    wg_tape     *tape = wg_tape_new();
    wg_tensor   *x = param(tape, "x", 1, 1.3);
    wg_tensor   *y = toy_sum(toy_mul(toy_mul(x, x), toy_mul(x, x))); /* x^4 */
    const double wanted[] = {
        1.3 * 1.3 * 1.3 * 1.3, 4 * 1.3 * 1.3 * 1.3, 12 * 1.3 * 1.3, 24 * 1.3, 24, 0};
    for (int order = 0; order <= 5; order++) {
        EXPECT_CLOSE(wg_element(y, 0), wanted[order], 1e-14);
        y = wg_derivative(toy_sum(y), x);
    }
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_param_that_the_loss_does_not_reach_gets_zeros_and_is_reported)
{
    wg_tape            *tape = wg_tape_new();
    wg_tensor          *w = param(tape, "w", 2, 0.4), *idle = param(tape, "idle", 3, 0.9);
    const wg_gradients *g = wg_backward(toy_sum(toy_mul(w, w)));
    EXPECT(g && g->params.count == 2 && g->reached[0] && !g->reached[1]);
    EXPECT_CLOSE(wg_element(wg_gradient_of(g, w), 1), 2 * 1.1, 1e-15);
    for (int i = 0; i < 3; i++) EXPECT_CLOSE(wg_element(wg_gradient_of(g, idle), i), 0, 0);
    wg_param_freeze(idle, true);
    g = wg_backward(toy_sum(w));
    EXPECT(g && g->params.count == 1 && wg_gradient_of(g, idle) == NULL);
    EXPECT(wg_param_elements(tape) == 2);
    wg_tape_free(tape);
}
END_TEST

/* w becomes w + grad, where the loss is sum(w w): each run triples w. */
static wg_plan *tripling(wg_tape *tape, wg_tensor **w, wg_tensor **loss)
{
    *w = wg_param(tape, "w", WG_F64, WG_SHAPE(2));
    *loss = wg_name(toy_sum(toy_mul(*w, *w)), "loss");
    wg_tensor *gradient = wg_derivative(*loss, *w);
    wg_tensor *next = wg_apply(&wg_op_add, NULL, WG_NO_DTYPE, ((wg_tensor *[]){*w, gradient}), 2);
    wg_tensor *update = wg_assign(*w, next);
    return wg_plan_new(*loss, .updates = WG_TENSORS(update));
}

START_TEST(updates_take_effect_after_every_read_and_outputs_keep_the_value_of_the_run)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w, *loss;
    wg_plan   *plan = tripling(tape, &w, &loss);
    wg_write_all(w, 1);
    for (double value = 1, run = 0; run < 5; run++, value *= 3) {
        EXPECT(wg_plan_run(plan));
        EXPECT_CLOSE(wg_item(loss), 2 * value * value, 0);
        EXPECT_CLOSE(wg_element(w, 1), 3 * value, 0);
    }
    EXPECT(wg_plan_verify(plan));
    wg_write_all(w, 1);
    EXPECT_CLOSE(wg_item(loss), 2, 0);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(two_params_are_swapped_by_two_updates)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *a = param(tape, "a", 2, 0.1), *b = param(tape, "b", 2, 5);
    wg_plan   *plan = wg_plan_new(NULL, .updates = WG_TENSORS(wg_assign(a, b), wg_assign(b, a)));
    EXPECT(wg_plan_run(plan));
    EXPECT_CLOSE(wg_element(a, 0), 5, 0);
    EXPECT_CLOSE(wg_element(b, 0), 0.1, 0);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_record_made_anew_gives_the_same_tensors_and_finds_its_plan)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w, *loss, *first_loss = NULL;
    wg_plan   *first = NULL;
    for (int step = 0; step < 4; step++) {
        wg_tape_clear(tape);
        wg_plan *plan = tripling(tape, &w, &loss);
        if (step == 0) {
            first = plan, first_loss = loss;
            wg_write_all(w, 1);
        }
        EXPECT(plan == first && loss == first_loss);
        EXPECT(wg_plan_run(plan));
    }
    EXPECT_CLOSE(wg_element(w, 0), 81, 0);
    EXPECT(wg_tape_plans(tape) == 1);
    const int64_t visits = wg_tape_visits(tape);
    wg_tape_clear(tape); /* another record in between, then the first again */
    w = wg_param(tape, "w", WG_F64, WG_SHAPE(2));
    EXPECT_CLOSE(wg_item(toy_sum(w)), 162, 0);
    wg_tape_clear(tape);
    EXPECT(tripling(tape, &w, &loss) == first);
    EXPECT(wg_tape_visits(tape) > visits && wg_tape_plans(tape) == 2);
    EXPECT(wg_plan_run(first));
    EXPECT_CLOSE(wg_item(loss), 2 * 81 * 81, 0);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_tensor_from_before_a_clear_is_refused_until_recorded_again)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = param(tape, "w", 2, 0.5), *y = toy_mul(w, w);
    wg_tape_clear(tape);
    EXPECT(toy_sum(y) == NULL);
    EXPECT(wg_tape_error(tape) && strstr(wg_tape_error(tape), "toy_sum (2,): an input is from before wg_tape_clear"));
    wg_tape_error_clear(tape);
    EXPECT(toy_mul(w, w) == y && toy_sum(y) != NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(an_error_names_the_op_the_shapes_and_the_line_of_the_caller_and_stays)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *a = param(tape, "a", 2, 0.5), *b = param(tape, "b", 3, 0.5);
    EXPECT(toy_sum(toy_mul(a, b)) == NULL);
    const char *line = "test_graph.c:" WG__VALUE(__LINE__);
    EXPECT(strstr(wg_tape_error(tape), "toy_mul \"a\" (2,) x \"b\" (3,): shapes differ"));
    char wanted[64];
    snprintf(wanted, sizeof wanted, "test_graph.c:%d", atoi(strrchr(line, ':') + 1) - 1);
    EXPECT_MSG(strstr(wg_tape_error(tape), wanted), "%s lacks %s", wg_tape_error(tape), wanted);
    EXPECT(toy_mul(a, NULL) == NULL && strstr(wg_tape_error(tape), "shapes differ"));
    wg_tape_error_clear(tape);
    EXPECT(toy_mul(a, NULL) == NULL && strstr(wg_tape_error(tape), "an input is NULL"));
    wg_tape_error_clear(tape);
    EXPECT(wg_derivative(toy_mul(a, a), a) == NULL &&
           strstr(wg_tape_error(tape), "has 2 elements; wg_grad takes a seed"));
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_flagged_run_is_an_error_and_commits_nothing)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_input(tape, "x", WG_F64, WG_SHAPE(2)), *w = param(tape, "w", 2, 1);
    wg_tensor *update = wg_assign(w, toy_mul(w, toy_check(x)));
    wg_plan   *plan = wg_plan_new(update, .updates = WG_TENSORS(update));
    EXPECT(!wg_plan_run(plan) && strstr(wg_tape_error(tape), "input \"x\" was never written"));
    wg_tape_error_clear(tape);
    wg_write(x, ((double[]){2, -1}), 2);
    EXPECT(!wg_plan_run(plan) &&
           strstr(wg_tape_error(tape), "toy_check \"x\" (2,): element 1 of 2 is negative"));
    EXPECT(strstr(wg_tape_error(tape), "test_graph.c:"));
    EXPECT_CLOSE(wg_element(w, 0), 1, 0);
    wg_tape_error_clear(tape);
    wg_write_all(x, 3);
    EXPECT(wg_plan_run(plan));
    EXPECT_CLOSE(wg_element(w, 0), 3, 0);
    EXPECT(wg_derivative(toy_sum(toy_check(w)), w) == NULL &&
           strstr(wg_tape_error(tape), "has no derivative"));
    wg_tape_free(tape);
}
END_TEST

START_TEST(eager_and_apart_tapes_give_the_same_bits)
{
    double result[3] = {0};
    for (int mode = 0; mode < 3; mode++) {
        const wg_tape_options options = {.eager = mode == 1, .apart = mode == 2};
        wg_tape              *tape = wg_tape_new_with(&options);
        wg_tensor            *w = param(tape, "w", 5, 0.31), *v = param(tape, "v", 5, 1.7);
        wg_tensor            *y = toy_sum(toy_mul(toy_mul(w, v), w));
        result[mode] = wg_item(wg_derivative(toy_sum(toy_mul(wg_derivative(y, w), v)), y)) +
                       wg_element(wg_derivative(y, w), 3) + wg_item(y);
        EXPECT_TEXT(wg_tape_error(tape), NULL);
        wg_tape_free(tape);
    }
    EXPECT(result[0] == result[1] && result[0] == result[2]);
}
END_TEST

START_TEST(jvp_and_hvp_are_what_the_formulas_say)
{
    wg_tape         *tape = wg_tape_new();
    wg_tensor       *x = param(tape, "x", 2, 1.1), *t = param(tape, "t", 2, 0.3);
    wg_tensor       *y = toy_mul(toy_mul(x, x), x), *loss = toy_sum(y);
    const wg_tensors jvp = wg_jvp(WG_TENSORS(y), WG_TENSORS(x), WG_TENSORS(t));
    const wg_tensors hvp = wg_hvp(loss, WG_TENSORS(x), WG_TENSORS(t));
    EXPECT(jvp.count == 1 && hvp.count == 1);
    EXPECT_CLOSE(wg_element(jvp.at[0], 1), 3 * 1.8 * 1.8 * 1.0, 1e-14);
    EXPECT_CLOSE(wg_element(hvp.at[0], 1), 6 * 1.8 * 1.0, 1e-14);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_chain_of_a_million_nodes_is_linear_work)
{
    int64_t visits[2];
    for (int k = 0; k < 2; k++) {
        const int  length = k ? 1000000 : 100000;
        wg_tape   *tape = wg_tape_new();
        wg_tensor *x = param(tape, "x", 1, 1), *y = x;
        for (int i = 0; i < length; i++)
            y = wg_apply(&wg_op_add, NULL, WG_NO_DTYPE, ((wg_tensor *[]){y, x}), 2);
        wg_tensor *dx = wg_derivative(y, x);
        EXPECT_CLOSE(wg_element(dx, 0), length + 1.0, 0);
        EXPECT_TEXT(wg_tape_error(tape), NULL);
        visits[k] = wg_tape_visits(tape);
        wg_tape_free(tape);
    }
    EXPECT(visits[1] <= 10 * visits[0] + 100);
}
END_TEST

static bool whole_life(const wg_allocator *allocator, void *context)
{
    (void)context;
    const wg_tape_options options = {.allocator = allocator};
    wg_tape              *tape = wg_tape_new_with(&options);
    if (!tape) return false;
    wg_tensor *w, *loss;
    bool       good = wg_write_all(wg_param(tape, "v", WG_F64, WG_SHAPE(2)), 1);
    for (int i = 0; i < 2; i++) {
        wg_plan *plan = tripling(tape, &w, &loss);
        good = wg_plan_run(plan) && good;
        good = !isnan(wg_item(loss)) && good;
        wg_tape_clear(tape);
    }
    good = good && !wg_tape_error(tape);
    wg_tape_free(tape);
    return good;
}

START_TEST(every_failing_allocation_is_an_error_without_a_leak)
{
    EXPECT(failing_sweep(whole_life, NULL) > 20);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_value_is_computed_when_it_is_read);
    tcase_add_test(tests, a_tensor_used_twice_adds_up_its_derivatives_to_any_order);
    tcase_add_test(tests, a_param_that_the_loss_does_not_reach_gets_zeros_and_is_reported);
    tcase_add_test(tests,
                   updates_take_effect_after_every_read_and_outputs_keep_the_value_of_the_run);
    tcase_add_test(tests, two_params_are_swapped_by_two_updates);
    tcase_add_test(tests, a_record_made_anew_gives_the_same_tensors_and_finds_its_plan);
    tcase_add_test(tests, a_tensor_from_before_a_clear_is_refused_until_recorded_again);
    tcase_add_test(tests, an_error_names_the_op_the_shapes_and_the_line_of_the_caller_and_stays);
    tcase_add_test(tests, a_flagged_run_is_an_error_and_commits_nothing);
    tcase_add_test(tests, eager_and_apart_tapes_give_the_same_bits);
    tcase_add_test(tests, jvp_and_hvp_are_what_the_formulas_say);
    tcase_add_test(tests, a_chain_of_a_million_nodes_is_linear_work);
    tcase_add_test(tests, every_failing_allocation_is_an_error_without_a_leak);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
