// SPDX-License-Identifier: MIT
/*
 * The gradient check against toy ops: what is right passes, and each mistake is found, with the op
 * and its line.
 */
#include "../support/expect.h"
#include "toy_check.h"

#include <wengert/graph/check.h>

static const double awkward[] = {0.7, -1.3, 1.9, 0.4, -0.6, 2.3, -0.2, 1.1, 0.9};

static wg_tensor *param_of(wg_tape *tape, const char *name, wg_shape shape)
{
    wg_tensor *w = wg_param(tape, name, WG_F64, shape);
    wg_write(w, awkward, wg_count_of(w));
    return w;
}

/* The one row of a loss that is the sum of op(w), where w has these three values. */
static wg_check_leaf row_of(const wg_op *op, const double *w, bool second, wg_check_op *first)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_param(tape, "w", WG_F64, WG_SHAPE(3));
    wg_write(x, w, 3);
    wg_tensor      *loss = toy_sum(toy_apply(op, x, NULL));
    const wg_check *check = wg_check_gradients(loss, .second_order = second);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    EXPECT(check && check->count == (second ? 2 : 1));
    const wg_check_leaf row = check->row[second];
    *first = check->first;
    first->name = first->reason = NULL; /* they end with the tape */
    EXPECT(wg_check_passed(check) ==
           (row.verdict == WG_CHECK_PASS && check->row[0].verdict == WG_CHECK_PASS));
    wg_tape_free(tape);
    return row;
}

START_TEST(a_right_network_passes_to_second_order)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = param_of(tape, "w", WG_SHAPE(2, 3)), *v = param_of(tape, "v", WG_SHAPE(2, 3));
    wg_tensor *h = toy_apply(&toy_relu, toy_mul(toy_apply(&toy_cube, w, NULL), v), NULL);
    wg_tensor *loss = toy_sum(toy_mul(h, toy_mul(h, v)));
    const wg_check *check = wg_check_gradients(loss, .second_order = true);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    EXPECT(wg_check_passed(check));
    EXPECT(check->count == 4 && check->first.op == NULL);
    for (int i = 0; i < 4; i++) {
        EXPECT(check->row[i].leaf == (i % 2 ? v : w) && check->row[i].order == 1 + i / 2);
        EXPECT(check->row[i].checked == 6 && check->row[i].element >= 0);
        EXPECT(check->row[i].worst.relative < 1e-7);
        const double x = awkward[check->row[i].element]; /* the loss is the sum of w^6 v^3 */
        if (i < 2) EXPECT_CLOSE(check->row[i].worst.analytic, (i ? 3 : 6) * pow(x, 8), 1e-13);
    }
    EXPECT(wg_check_passed(wg_check_gradients(loss, .directions = 3)));
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_flipped_sign_is_found_with_its_op_and_line)
{
    wg_tape        *tape = wg_tape_new();
    wg_tensor      *w = param_of(tape, "w", WG_SHAPE(3));
    wg_tensor      *right = toy_apply(&toy_cube, w, NULL);
    const int       line = __LINE__ + 1;
    wg_tensor      *wrong = wg_name(toy_apply(&toy_square_sign, right, NULL), "h");
    const wg_check *check = wg_check_gradients(toy_sum(toy_mul(wrong, right)));
    EXPECT(check && !wg_check_passed(check) && check->row[0].verdict == WG_CHECK_FAIL);
    char where[200];
    snprintf(where, sizeof where, "%s:%d", __FILE__, line);
    EXPECT(check->first.op == &toy_square_sign);
    EXPECT_TEXT(check->first.where, where);
    EXPECT_TEXT(check->first.name, "h");
    EXPECT(check->first.verdict == WG_CHECK_FAIL && check->first.input == 0);
    EXPECT(check->first.order == 1 && check->first.reason == NULL);
    EXPECT_CLOSE(check->first.numbers.analytic, -check->first.numbers.numeric, 1e-9);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_dropped_factor_is_found_with_the_worst_element)
{
    wg_check_op         first;
    const wg_check_leaf row = row_of(&toy_square_factor, awkward, false, &first);
    EXPECT(row.verdict == WG_CHECK_FAIL && first.op == &toy_square_factor);
    EXPECT(row.checked == 3 && row.element >= 0 && row.element < 3);
    EXPECT_CLOSE(row.worst.analytic, awkward[row.element], 1e-14);
    EXPECT_CLOSE(row.worst.numeric, 2 * awkward[row.element], 1e-9);
    EXPECT_CLOSE(row.worst.absolute, fabs(awkward[row.element]), 1e-9);
    EXPECT_CLOSE(row.worst.relative, 0.5, 1e-9);
    EXPECT(row.worst.bound < 1e-6);
}
END_TEST

START_TEST(a_swapped_transpose_is_found_with_its_input)
{
    for (int wrong = 0; wrong < 2; wrong++) {
        wg_tape   *tape = wg_tape_new();
        wg_tensor *a = param_of(tape, "a", WG_SHAPE(3, 3)),
                  *b = param_of(tape, "b", WG_SHAPE(3, 3));
        wg_tensor      *y = toy_apply(wrong ? &toy_matmul_swapped : &toy_matmul, a, toy_mul(b, b));
        const wg_check *check = wg_check_gradients(toy_sum(toy_mul(y, y)));
        EXPECT(check && check->row[0].verdict == WG_CHECK_PASS);
        EXPECT(wg_check_passed(check) == !wrong);
        EXPECT(check->first.op == (wrong ? &toy_matmul_swapped : NULL));
        EXPECT(check->first.input == (wrong ? 1 : -1));
        wg_tape_free(tape);
    }
}
END_TEST

START_TEST(an_adjoint_of_the_wrong_shape_is_a_failure_of_its_op)
{
    wg_tape        *tape = wg_tape_new();
    wg_tensor      *w = param_of(tape, "w", WG_SHAPE(2, 3)), *b = param_of(tape, "b", WG_SHAPE(3));
    wg_tensor      *y = toy_apply(&toy_add_row, toy_mul(w, w), b);
    const wg_check *check = wg_check_gradients(toy_sum(y));
    EXPECT(check && check->row[0].verdict == WG_CHECK_FAIL &&
           check->row[1].verdict == WG_CHECK_FAIL);
    EXPECT(check->first.op == &toy_add_row && check->first.input == 1);
    EXPECT(
        check->first.reason &&
        strstr(check->first.reason, "the rule's dx for input 1 is f64 (2,3), wanted is f64 (3,)"));
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_kink_is_told_from_a_mistake)
{
    wg_check_op   first;
    wg_check_leaf row = row_of(&toy_relu, (double[]){0.7, 0, -0.4}, false, &first);
    EXPECT(row.verdict == WG_CHECK_KINK && row.element == 1);
    EXPECT(first.op == &toy_relu && first.verdict == WG_CHECK_KINK);
    row = row_of(&toy_relu, (double[]){0.7, 1e-5, -3e-6}, false, &first);
    EXPECT(row.verdict == WG_CHECK_PASS); /* close to it there is a derivative */
}
END_TEST

START_TEST(a_tie_in_a_max_is_a_kink)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *a = param_of(tape, "a", WG_SHAPE(4)), *b = param_of(tape, "b", WG_SHAPE(4));
    wg_write(b, ((double[]){0.1, 0.2, 1.9, 3}), 4);
    wg_tensor      *y = toy_apply(&toy_larger, a, b);
    const wg_check *check = wg_check_gradients(toy_sum(toy_mul(y, y)));
    for (int i = 0; i < 2; i++)
        EXPECT(check->row[i].verdict == WG_CHECK_KINK && check->row[i].element == 2);
    EXPECT(check->first.op == &toy_larger && check->first.input == 0);
    EXPECT(!wg_check_passed(check));
    wg_tape_free(tape);
}
END_TEST

START_TEST(an_element_that_is_not_written_shows_as_not_deterministic)
{
    wg_check_op         first;
    const wg_check_leaf row = row_of(&toy_forgetful, awkward, false, &first);
    EXPECT(row.verdict == WG_CHECK_NOT_DETERMINISTIC);
    EXPECT(first.op == &toy_forgetful && first.verdict == WG_CHECK_NOT_DETERMINISTIC);
}
END_TEST

START_TEST(a_nan_at_one_element_is_found_in_values_and_in_gradients)
{
    wg_check_op   first;
    wg_check_leaf row = row_of(&toy_hole, (double[]){0.7, 2, -0.4}, false, &first);
    EXPECT(row.verdict == WG_CHECK_NAN && first.op == &toy_hole && first.verdict == WG_CHECK_NAN);
    row = row_of(&toy_root, (double[]){0.7, 1.4, 0}, false, &first);
    EXPECT(row.verdict == WG_CHECK_NAN && row.element == 2 && first.op == &toy_root);
    row = row_of(&toy_root, (double[]){0.7, 1.4, 0.01}, false, &first);
    EXPECT(row.verdict == WG_CHECK_PASS && first.op == NULL);
}
END_TEST

START_TEST(an_op_without_f64_is_named_as_not_checkable)
{
    const wg_op *ops[] = {&toy_single, &toy_narrow};
    for (int i = 0; i < 2; i++) {
        wg_tape        *tape = wg_tape_new();
        wg_tensor      *w = wg_param(tape, "w", WG_F32, WG_SHAPE(3));
        const wg_check *check = wg_check_gradients(toy_sum(toy_mul(w, toy_apply(ops[i], w, NULL))));
        EXPECT_TEXT(wg_tape_error(tape), NULL);
        EXPECT(check && check->row[0].verdict == WG_CHECK_NOT_CHECKABLE);
        EXPECT(check->first.op == ops[i] && check->first.verdict == WG_CHECK_NOT_CHECKABLE);
        EXPECT(check->first.reason &&
               strstr(check->first.reason, i ? "wanted is f32" : "no kernel for f64"));
        wg_tape_free(tape);
    }
}
END_TEST

START_TEST(values_that_a_kernel_flags_are_not_checkable)
{
    wg_tape        *tape = wg_tape_new();
    wg_tensor      *w = param_of(tape, "w", WG_SHAPE(3)), *x = param_of(tape, "x", WG_SHAPE(3));
    wg_tensor      *y = toy_mul(w, toy_check(wg_detach(x)));
    const wg_check *check = wg_check_gradients(toy_sum(y), .leaves = WG_TENSORS(w));
    EXPECT(check && check->count == 1 && check->row[0].verdict == WG_CHECK_NOT_CHECKABLE);
    EXPECT(check->first.reason && strstr(check->first.reason, "element 1 of 3 is negative"));
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_leaf_that_the_loss_does_not_reach_is_reported)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = param_of(tape, "w", WG_SHAPE(3)), *idle = param_of(tape, "idle", WG_SHAPE(2));
    wg_tensor *ice = param_of(tape, "ice", WG_SHAPE(3));
    wg_param_freeze(ice, true);
    wg_tensor      *loss = toy_sum(toy_mul(w, ice));
    const wg_check *check = wg_check_gradients(loss);
    EXPECT(check && check->count == 2 && check->row[1].leaf == idle);
    EXPECT(check->row[0].verdict == WG_CHECK_PASS);
    EXPECT(check->row[1].verdict == WG_CHECK_NOT_REACHED);
    EXPECT(!wg_check_passed(check) && check->first.op == NULL);
    EXPECT(wg_check_passed(wg_check_gradients(loss, .leaves = WG_TENSORS(ice, w))));
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_rule_that_is_wrong_at_second_order_only_is_found_there)
{
    const wg_op *ops[] = {&toy_cube_detached, &toy_cube_helped};
    for (int i = 0; i < 2; i++) {
        wg_check_op   first;
        wg_check_leaf row = row_of(ops[i], awkward, false, &first);
        EXPECT(row.verdict == WG_CHECK_PASS && first.op == NULL);
        row = row_of(ops[i], awkward, true, &first);
        EXPECT(row.verdict == WG_CHECK_FAIL && row.order == 2);
        EXPECT(first.op && first.verdict == WG_CHECK_FAIL);
        EXPECT_TEXT(first.op->name, i ? "toy_slope" : "toy_cube_detached");
        EXPECT(first.order == (i ? 1 : 2) && first.input == 0);
    }
}
END_TEST

START_TEST(a_detached_tensor_is_named_where_no_rule_is_wrong)
{
    wg_tape        *tape = wg_tape_new();
    wg_tensor      *w = param_of(tape, "w", WG_SHAPE(3));
    const wg_check *check = wg_check_gradients(toy_sum(toy_mul(w, wg_detach(w))));
    EXPECT(check && check->row[0].verdict == WG_CHECK_FAIL && check->first.op == &wg_op_detach);
    wg_tape_free(tape);
}
END_TEST

START_TEST(an_f32_record_is_checked_in_f64)
{
    wg_tape    *tape = wg_tape_new();
    const float values[] = {0.7F, -1.3F, 1.9F};
    wg_tensor  *w = wg_param(tape, "w", WG_F32, WG_SHAPE(3));
    wg_tensor  *c = wg_constant(tape, WG_F32, WG_SHAPE(3), values, 3);
    wg_write(w, values, 3);
    wg_tensor *loss = toy_sum(toy_mul(toy_apply(&toy_cube, w, NULL), c)); /* no kernel for f32 */
    const wg_check *check = wg_check_gradients(loss, .second_order = true);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    EXPECT(wg_check_passed(check) && check->row[0].worst.relative < 1e-9);
    const double x = (double)values[check->row[0].element];
    EXPECT_CLOSE(check->row[0].worst.analytic, 3 * x * x * x, 1e-14);
    wg_tape_free(tape);
}
END_TEST

START_TEST(large_leaves_are_checked_along_directions_and_one_wrong_element_is_found)
{
    for (int wrong = 0; wrong < 2; wrong++) {
        wg_tape   *tape = wg_tape_new();
        wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SHAPE(500));
        double     values[500];
        for (int i = 0; i < 500; i++) values[i] = 0.5 + 0.001 * i;
        values[371] = wrong ? 0 : 0.3;
        wg_write(w, values, 500);
        wg_tensor      *y = toy_apply(&toy_relu, w, NULL);
        const wg_check *check = wg_check_gradients(toy_sum(toy_mul(y, w)));
        EXPECT(wg_check_passed(check) && check->row[0].checked == 16 &&
               check->row[0].element == -1);
        check = wg_check_gradients(toy_sum(y));
        EXPECT(check && check->row[0].verdict == (wrong ? WG_CHECK_KINK : WG_CHECK_PASS));
        EXPECT(check->row[0].element == (wrong ? 371 : -1));
        wg_tape_free(tape);
    }
}
END_TEST

START_TEST(random_numbers_are_held_fast)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = param_of(tape, "w", WG_SHAPE(3));
    wg_tensor *noise = toy_apply(&toy_noise, w, NULL),
              *loss = toy_sum(toy_mul(toy_apply(&toy_cube, w, NULL), noise));
    wg_tape_set_run_number(tape, 17);
    const double    before = wg_item(loss);
    const wg_check *check = wg_check_gradients(loss);
    EXPECT(wg_check_passed(check));
    const int64_t j = check->row[0].element;
    EXPECT_CLOSE(check->row[0].worst.analytic, 3 * awkward[j] * awkward[j] * wg_element(noise, j),
                 1e-14);
    EXPECT(wg_tape_run_number(tape) == 17);
    EXPECT_CLOSE(wg_item(loss), before, 0);
    wg_tape_free(tape);
}
END_TEST

START_TEST(questions_without_sense_are_errors)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = param_of(tape, "w", WG_SHAPE(3)), *x = wg_input(tape, "x", WG_F64, WG_SHAPE(3));
    wg_tensor *y = toy_mul(w, x), *loss = toy_sum(y);
    EXPECT(wg_check_gradients(NULL) == NULL && !wg_check_passed(NULL) &&
           !wg_check_print(NULL, stdout));
    EXPECT(wg_check_gradients(y) == NULL);
    EXPECT(strstr(wg_tape_error(tape), "the loss is f64 (3,), wanted is one floating number"));
    wg_tape_error_clear(tape);
    EXPECT(wg_check_gradients(loss, .leaves = WG_TENSORS(y)) == NULL);
    EXPECT(strstr(wg_tape_error(tape), "is not a floating leaf"));
    wg_tape_error_clear(tape);
    EXPECT(wg_check_gradients(loss) == NULL);
    EXPECT(strstr(wg_tape_error(tape), "test_check.c") &&
           strstr(wg_tape_error(tape), "input \"x\" was never written"));
    wg_tape_error_clear(tape);
    wg_write_all(x, 0.3);
    EXPECT(wg_check_passed(wg_check_gradients(loss)));
    wg_tape_free(tape);
}
END_TEST

START_TEST(the_report_is_printed_as_a_table)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = param_of(tape, "layer/w", WG_SHAPE(3)), *v = param_of(tape, "v", WG_SHAPE(3));
    wg_tensor *loss = toy_sum(toy_mul(v, wg_name(toy_apply(&toy_square_factor, w, NULL), "h")));
    FILE      *file = tmpfile();
    char       text[2000];
    EXPECT(file && wg_check_print(wg_check_gradients(loss), file));
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    EXPECT(strstr(text, "gradient check in f64, tolerance 1e-06: 1 of 2 pass\n"));
    EXPECT(strstr(text, "layer/w     1       3  FAIL "));
    EXPECT(strstr(text, "v           1       3  pass "));
    EXPECT(strstr(text, "toy_square_factor \"h\", recorded at "));
    EXPECT(strstr(text, ": FAIL, by input 0\n"));
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check");
    TCase *tests = tcase_create("check");
    tcase_add_test(tests, a_right_network_passes_to_second_order);
    tcase_add_test(tests, a_flipped_sign_is_found_with_its_op_and_line);
    tcase_add_test(tests, a_dropped_factor_is_found_with_the_worst_element);
    tcase_add_test(tests, a_swapped_transpose_is_found_with_its_input);
    tcase_add_test(tests, an_adjoint_of_the_wrong_shape_is_a_failure_of_its_op);
    tcase_add_test(tests, a_kink_is_told_from_a_mistake);
    tcase_add_test(tests, a_tie_in_a_max_is_a_kink);
    tcase_add_test(tests, an_element_that_is_not_written_shows_as_not_deterministic);
    tcase_add_test(tests, a_nan_at_one_element_is_found_in_values_and_in_gradients);
    tcase_add_test(tests, an_op_without_f64_is_named_as_not_checkable);
    tcase_add_test(tests, values_that_a_kernel_flags_are_not_checkable);
    tcase_add_test(tests, a_leaf_that_the_loss_does_not_reach_is_reported);
    tcase_add_test(tests, a_rule_that_is_wrong_at_second_order_only_is_found_there);
    tcase_add_test(tests, a_detached_tensor_is_named_where_no_rule_is_wrong);
    tcase_add_test(tests, an_f32_record_is_checked_in_f64);
    tcase_add_test(tests, large_leaves_are_checked_along_directions_and_one_wrong_element_is_found);
    tcase_add_test(tests, random_numbers_are_held_fast);
    tcase_add_test(tests, questions_without_sense_are_errors);
    tcase_add_test(tests, the_report_is_printed_as_a_table);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
