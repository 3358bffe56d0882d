// SPDX-License-Identifier: MIT
/* Jacobians and Hessians against closed forms, and what is refused. */
#include "../support/expect.h"

#include <wengert/graph/derive.h>
#include <wengert/ops/ops.h>

#include <stdio.h>

static wg_tensor *vector(wg_tape *tape, const char *name, int64_t n)
{
    wg_tensor *x = wg_param(tape, name, WG_F64, WG_SHAPE(n));
    double     values[16];
    for (int64_t i = 0; i < n; i++) values[i] = 0.3 + 0.7 * (double)i;
    return wg_write(x, values, n) ? x : NULL;
}

static void expect_shape(const wg_tensor *tensor, const char *wanted)
{
    char text[WG_SHAPE_TEXT];
    EXPECT(tensor != NULL);
    EXPECT_TEXT(wg_shape_text(wg_shape_of_tensor(tensor), text), wanted);
}

/* softmax(x)[i] of the vector above. */
static double softmax(int64_t i, int64_t n)
{
    double sum = 0;
    for (int64_t k = 0; k < n; k++) sum += exp(0.3 + 0.7 * (double)k);
    return exp(0.3 + 0.7 * (double)i) / sum;
}

/* ---- jacobians ---- */

START_TEST(the_jacobian_of_a_matrix_times_x_is_the_matrix)
{
    wg_tape     *tape = wg_tape_new();
    const double a[6] = {1.5, -2, 0.25, 3, 0, 7};
    wg_tensor   *x = vector(tape, "x", 3);
    wg_tensor   *j = wg_jacobian(wg_matmul(wg_constant(tape, WG_F64, WG_SHAPE(2, 3), a, 6), x), x);
    expect_shape(j, "(2,3)");
    for (int i = 0; i < 6; i++) EXPECT_CLOSE(wg_element(j, i), a[i], 0);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(the_jacobian_of_softmax_is_diagonal_minus_outer_product)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = vector(tape, "x", 4), *j = wg_jacobian(wg_softmax(x, 0), x);
    expect_shape(j, "(4,4)");
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++) {
            const double wanted = softmax(i, 4) * ((i == k) - softmax(k, 4));
            EXPECT_CLOSE(wg_element(j, 4 * i + k), wanted, 1e-15);
        }
    wg_tape_free(tape);
}
END_TEST

START_TEST(the_jacobian_of_a_matrix_by_a_matrix_has_both_shapes)
{
    wg_tape    *tape = wg_tape_new();
    wg_tensor  *x = wg_param(tape, "x", WG_F32, WG_SHAPE(2, 3));
    const float values[6] = {1, -2, 3, 0.5f, 4, -1.5f};
    wg_tensor  *j = wg_jacobian(wg_transpose(wg_pow(x, 3)), x); /* (3,2) by (2,3) */
    EXPECT(wg_write(x, values, 6) && wg_dtype_of(j) == WG_F32);
    expect_shape(j, "(3,2,2,3)");
    for (int r = 0; r < 2; r++)
        for (int c = 0; c < 3; c++)
            for (int at = 0; at < 6; at++) {
                const double x3 = values[3 * r + c];
                const double wanted = at == 3 * r + c ? 3 * x3 * x3 : 0;
                EXPECT_CLOSE(wg_element(j, (2 * c + r) * 6 + at), wanted, 1e-6);
            }
    wg_tape_free(tape);
}
END_TEST

START_TEST(tensors_of_rank_0_add_no_axes)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = vector(tape, "x", 3), *t = wg_param(tape, "t", WG_F64, WG_SCALAR);
    wg_write_all(t, 2);
    wg_tensor *gradient = wg_jacobian(wg_sum(wg_square(x)), x);
    wg_tensor *velocity = wg_jacobian(wg_mul(x, wg_square(t)), t);
    wg_tensor *slope = wg_jacobian(wg_exp(t), t);
    expect_shape(gradient, "(3,)");
    expect_shape(velocity, "(3,)");
    expect_shape(slope, "()");
    for (int i = 0; i < 3; i++) EXPECT_CLOSE(wg_element(gradient, i), 2 * wg_element(x, i), 1e-15);
    for (int i = 0; i < 3; i++) EXPECT_CLOSE(wg_element(velocity, i), 4 * wg_element(x, i), 1e-15);
    EXPECT_CLOSE(wg_item(slope), exp(2), 1e-15);
    wg_tape_free(tape);
}
END_TEST

START_TEST(by_a_tensor_between_by_one_not_reached_and_of_nothing)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = vector(tape, "x", 2), *idle = vector(tape, "idle", 3);
    wg_tensor *between = wg_exp(x), *y = wg_square(between);
    wg_tensor *j = wg_jacobian(y, between), *zeros = wg_jacobian(y, idle);
    wg_tensor *none = wg_jacobian(wg_slice(y, 0, 0, 0), idle);
    expect_shape(zeros, "(2,3)");
    expect_shape(none, "(0,3)");
    for (int i = 0; i < 4; i++)
        EXPECT_CLOSE(wg_element(j, i), i % 3 ? 0 : 2 * wg_element(between, i / 2), 1e-15);
    for (int i = 0; i < 6; i++) EXPECT_CLOSE(wg_element(zeros, i), 0, 0);
    EXPECT(wg_values(none) != NULL);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    EXPECT(!wg_jacobian(wg_slice(y, 0, 0, 0), wg_argmax(x, 0)));
    EXPECT(wg_tape_error(tape) && strstr(wg_tape_error(tape), "test_jacobian.c:"));
    wg_tape_free(tape);
}
END_TEST

/* y = (x0 x1, x1^2), J = ((x1, x0), (0, 2 x1)), and the sum of J's squares by x. */
START_TEST(a_jacobian_can_be_derived)
{
    wg_tape     *tape = wg_tape_new();
    wg_tensor   *x = vector(tape, "x", 2), *x0 = wg_select(x, 0, 0), *x1 = wg_select(x, 0, 1);
    wg_tensor   *y = wg_stack(WG_TENSORS(wg_mul(x0, x1), wg_square(x1)), 0);
    wg_tensor   *j = wg_jacobian(y, x), *d = wg_derivative(wg_sum(wg_square(j)), x);
    const double wanted[4] = {1, 0.3, 0, 2};
    for (int i = 0; i < 4; i++) EXPECT_CLOSE(wg_element(j, i), wanted[i], 1e-15);
    EXPECT_CLOSE(wg_element(d, 0), 2 * 0.3, 1e-15);
    EXPECT_CLOSE(wg_element(d, 1), 10 * 1.0, 1e-15);
    wg_tape_free(tape);
}
END_TEST

/* ---- hessians ---- */

START_TEST(the_hessian_of_a_quadratic_form_is_its_symmetric_matrix)
{
    wg_tape     *tape = wg_tape_new();
    const double a[9] = {2, 1, -3, 0.5, 4, 7, 0, -2, 1};
    wg_tensor   *x = vector(tape, "x", 3);
    wg_tensor   *ax = wg_matmul(wg_constant(tape, WG_F64, WG_SHAPE(3, 3), a, 9), x);
    wg_tensor   *h = wg_hessian(wg_mul(wg_matmul(x, ax), 0.5), x);
    expect_shape(h, "(3,3)");
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            EXPECT_CLOSE(wg_element(h, 3 * i + k), (a[3 * i + k] + a[3 * k + i]) / 2, 1e-15);
    wg_tape_free(tape);
}
END_TEST

START_TEST(the_hessian_of_logsumexp_is_the_jacobian_of_softmax)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = vector(tape, "x", 4), *h = wg_hessian(wg_logsumexp(x), x);
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++) {
            const double wanted = softmax(i, 4) * ((i == k) - softmax(k, 4));
            EXPECT_CLOSE(wg_element(h, 4 * i + k), wanted, 1e-15);
        }
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_hessian_by_a_matrix_has_its_shape_twice_and_third_derivatives_follow)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_param(tape, "x", WG_F64, WG_SHAPE(2, 2));
    EXPECT(wg_write(x, ((double[]){0.5, -1.5, 2, 3}), 4));
    wg_tensor *loss = wg_sum(wg_pow(x, 4)), *h = wg_hessian(loss, x), *third = wg_jacobian(h, x);
    expect_shape(h, "(2,2,2,2)");
    expect_shape(third, "(2,2,2,2,2,2)");
    for (int i = 0; i < 16; i++) {
        const double v = wg_element(x, i / 4);
        EXPECT_CLOSE(wg_element(h, i), i % 5 ? 0 : 12 * v * v, 1e-14);
    }
    for (int i = 0; i < 64; i++)
        EXPECT_CLOSE(wg_element(third, i), i % 21 ? 0 : 24 * wg_element(x, i / 16), 1e-14);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

/* sum w x^3 by pieces of x that touch in any order, overlap, or are single elements */
static wg_tensor *cubes_of_pieces(wg_tensor *x)
{
    wg_tensor *piece[] = {wg_slice(x, 0, 4, 6),   wg_slice(x, -1, 0, 2), wg_slice(x, 0, -5, 4),
                          wg_slice(x, 0, 5, 7),   wg_slice(x, 0, 1, 1),
                          wg_slice(x, 0, 0, 7, 3), wg_unsqueeze(wg_select(x, 0, 6), 0)};
    wg_tensor *sum = wg_sum(wg_pow(piece[0], 3));
    for (int i = 1; i < 7; i++) sum = wg_add(sum, wg_mul(wg_sum(wg_pow(piece[i], 3)), i + 1));
    return sum;
}

START_TEST(pieces_that_touch_have_the_derivatives_of_each)
{
    wg_tape     *tape = wg_tape_new();
    const double weight[7] = {2 + 6, 2, 3, 3 + 6, 1, 1 + 4, 4 + 6 + 7};
    wg_tensor   *x = vector(tape, "x", 7), *loss = cubes_of_pieces(x);
    wg_tensor   *slope = wg_jacobian(loss, x), *h = wg_hessian(loss, x);
    for (int i = 0; i < 7; i++) {
        const double v = wg_element(x, i);
        EXPECT_CLOSE(wg_element(slope, i), 3 * weight[i] * v * v, 1e-14);
        for (int k = 0; k < 7; k++)
            EXPECT_CLOSE(wg_element(h, 7 * i + k), i == k ? 6 * weight[i] * v : 0, 1e-14);
    }
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

/* ---- errors ---- */

/* The tape's error is this, of a call on this line. */
static void expect_error(wg_tape *tape, int line, const char *text)
{
    char wanted[400];
    snprintf(wanted, sizeof wanted, "%s:%d: %s", __FILE__, line, text);
    EXPECT_TEXT(wg_tape_error(tape), wanted);
    wg_tape_error_clear(tape);
}

START_TEST(what_has_no_jacobian_is_refused_with_the_line)
{
    wg_tape   *tape = wg_tape_new(), *other = wg_tape_new();
    wg_tensor *x = vector(tape, "x", 2), *far = vector(other, "far", 2), *y = wg_exp(x),
              *none = NULL;
    wg_tensor *i = wg_input(tape, "i", WG_I32, WG_SHAPE(2));
    wg_tensor *deep = wg_expand(x, WG_SHAPE(1, 1, 1, 1, 1, 1, 1, 2));
    EXPECT(!wg_jacobian(y, none));
    expect_error(tape, __LINE__ - 1, "tensor 0 of a list is NULL");
    EXPECT(!wg_jacobian(none, x));
    expect_error(tape, __LINE__ - 1, "tensor 0 of a list is NULL");
    EXPECT(!wg_jacobian(y, far));
    expect_error(tape, __LINE__ - 1, "tensors of two tapes in one call");
    EXPECT(!wg_jacobian(y, i));
    expect_error(tape, __LINE__ - 1,
                 "wg_grad: a gradient by \"i\" i32 (2,), which is not floating");
    EXPECT(!wg_jacobian(i, x));
    expect_error(tape, __LINE__ - 1, "wg_grad: output \"\" i32 (2,) is not floating");
    EXPECT(!wg_jacobian(deep, x));
    expect_error(tape, __LINE__ - 1, "jacobian: ranks 8 and 1 add up to more than 8");
    EXPECT(!wg_hessian(y, x));
    expect_error(tape, __LINE__ - 1,
                 "wg_derivative: output \"\" f64 (2,) has 2 elements; wg_grad takes a seed for it");
    EXPECT(!wg_jacobian(none, none) && !wg_hessian(none, none));
    EXPECT(wg_jacobian(y, x) && !wg_tape_error(tape) && !wg_tape_error(other));
    wg_tape_free(tape);
    wg_tape_free(other);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ops: jacobian");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, the_jacobian_of_a_matrix_times_x_is_the_matrix);
    tcase_add_test(tests, the_jacobian_of_softmax_is_diagonal_minus_outer_product);
    tcase_add_test(tests, the_jacobian_of_a_matrix_by_a_matrix_has_both_shapes);
    tcase_add_test(tests, tensors_of_rank_0_add_no_axes);
    tcase_add_test(tests, by_a_tensor_between_by_one_not_reached_and_of_nothing);
    tcase_add_test(tests, a_jacobian_can_be_derived);
    tcase_add_test(tests, the_hessian_of_a_quadratic_form_is_its_symmetric_matrix);
    tcase_add_test(tests, the_hessian_of_logsumexp_is_the_jacobian_of_softmax);
    tcase_add_test(tests, pieces_that_touch_have_the_derivatives_of_each);
    tcase_add_test(tests, a_hessian_by_a_matrix_has_its_shape_twice_and_third_derivatives_follow);
    tcase_add_test(tests, what_has_no_jacobian_is_refused_with_the_line);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
