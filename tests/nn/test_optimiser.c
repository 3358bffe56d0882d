// SPDX-License-Identifier: MIT
/* Gradient descent, with and without momentum, against PyTorch; what it refuses; its op alone. */
#include <wengert/graph/check.h>
#include <wengert/graph/plan.h>
#include <wengert/nn/optimiser.h>
#include <wengert/ops/ops.h>

#include "../support/expect.h"

enum { STEPS = 4, PARAMS = 9 };

/* The six elements of w and three of b after each step of torch.optim.SGD in float64, rate 0.1 and
   0.05 in the last step, on the network of `record`. */
static const double plain[STEPS][PARAMS] = {
    {0.31326936865866706, -0.19063684243728463, 0.4774708442705015, 0.11929981250715363,
     -0.3655622952173111, 0.26564001128723674, 0.057061742955373994, -0.08106738943403058,
     0.18750651771822874},
    {0.3260717350513011, -0.18099246812925607, 0.45520958954678714, 0.13786569068853713,
     -0.3310752640576226, 0.2809345150042958, 0.06307462673129102, -0.062296615395319936,
     0.17524017458939256},
    {0.3384428548414296, -0.1711377332516427, 0.4332567905518631, 0.15574028211555205,
     -0.2966752010177039, 0.29585204530051523, 0.06814325820869854, -0.04386708881478294,
     0.16326493601507505},
    {0.34442920865236265, -0.16614276620391455, 0.42245391477832145, 0.16435266060652004,
     -0.27959102943347847, 0.3031094184166767, 0.0702540859851896, -0.03491366105186242,
     0.1574514207438033},
};
static const double with_momentum[STEPS][PARAMS] = {
    {0.31326936865866706, -0.19063684243728463, 0.4774708442705015, 0.11929981250715363,
     -0.3655622952173111, 0.26564001128723674, 0.057061742955373994, -0.08106738943403058,
     0.18750651771822874},
    {0.33801416684410146, -0.17256562632281222, 0.43493334939023853, 0.1552355219449754,
     -0.30008132975320256, 0.29501052516280885, 0.06943019539112762, -0.045257265885947445,
     0.16399604053579842},
    {0.3722509062921355, -0.1463128947890007, 0.3750173896258913, 0.20479611980645993,
     -0.20695340458527292, 0.33598544805544445, 0.0847053254749497, 0.004922996784379449,
     0.13118756214675148},
    {0.3931053716230547, -0.12948894855590945, 0.33781993815958233, 0.2348133617351095,
     -0.14862632930649272, 0.3610729008465495, 0.09247130532981936, 0.03530145744950949,
     0.11122843342406724},
};

struct network {
    wg_tensor *w, *b, *rate, *loss;
};

/* mse(tanh(x w + b), y) with x[k] = sin(1.3 k + 0.2) and y[k] = cos(0.7 k). */
static struct network record(wg_tape *tape, wg_dtype dtype)
{
    double x[8], y[12];
    for (int k = 0; k < 8; k++) x[k] = sin(1.3 * k + 0.2);
    for (int k = 0; k < 12; k++) y[k] = cos(0.7 * k);
    wg_tensor     *inputs = wg_constant(tape, WG_F64, WG_SHAPE(4, 2), x, 8);
    wg_tensor     *wanted = wg_constant(tape, WG_F64, WG_SHAPE(4, 3), y, 12);
    struct network n = {.w = wg_param(tape, "w", dtype, WG_SHAPE(2, 3)),
                        .b = wg_param(tape, "b", dtype, WG_SHAPE(3)),
                        .rate = wg_scalar(tape, "rate", 0.1)};
    wg_tensor *z = wg_add(wg_matmul(wg_cast(inputs, dtype), n.w), n.b);
    n.loss = wg_mse_loss(wg_tanh(z), wg_cast(wanted, dtype));
    return n;
}

static void write_first_values(const struct network *n)
{
    const double w[] = {0.3, -0.2, 0.5, 0.1, -0.4, 0.25}, b[] = {0.05, -0.1, 0.2};
    float        narrow[PARAMS];
    for (int i = 0; i < PARAMS; i++) narrow[i] = (float)(i < 6 ? w[i] : b[i - 6]);
    if (wg_dtype_of(n->w) == WG_F64)
        EXPECT(wg_write(n->w, w, 6) && wg_write(n->b, b, 3));
    else
        EXPECT(wg_write(n->w, narrow, 6) && wg_write(n->b, narrow + 6, 3));
}

static void compare(const struct network *n, const double wanted[PARAMS], double tolerance)
{
    for (int i = 0; i < 6; i++) EXPECT_CLOSE(wg_element(n->w, i), wanted[i], tolerance);
    for (int i = 0; i < 3; i++) EXPECT_CLOSE(wg_element(n->b, i), wanted[6 + i], tolerance);
}

/* Runs the steps of a table, the record made anew before each one; one plan does for all. */
static void follow(wg_dtype dtype, double momentum, const double table[STEPS][PARAMS],
                   double tolerance)
{
    wg_tape *tape = wg_tape_new();
    for (int step = 0; step < STEPS; step++) {
        wg_tape_clear(tape);
        const struct network n = record(tape, dtype);
        const wg_tensors     updates =
            wg_sgd(wg_backward(n.loss), .rate = n.rate, .momentum = momentum);
        wg_plan *plan = wg_plan_new(n.loss, .updates = updates);
        if (step == 0) write_first_values(&n);
        EXPECT(wg_write_all(n.rate, step < 3 ? 0.1 : 0.05));
        EXPECT(wg_plan_run(plan));
        compare(&n, table[step], tolerance);
        EXPECT(updates.count == (momentum > 0 ? 4 : 2));
    }
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    EXPECT(wg_tape_plans(tape) == 1);
    wg_tape_free(tape);
}

START_TEST(plain_descent_takes_pytorchs_steps)
{
    follow(WG_F64, 0, plain, 1e-14);
    follow(WG_F32, 0, plain, 1e-6);
}
END_TEST

START_TEST(descent_with_momentum_takes_pytorchs_steps)
{
    follow(WG_F64, 0.9, with_momentum, 1e-14);
    follow(WG_F32, 0.9, with_momentum, 1e-6);
}
END_TEST

START_TEST(momentum_is_a_state_of_the_params_name)
{
    wg_tape             *tape = wg_tape_new();
    const struct network n = record(tape, WG_F64);
    const wg_gradients  *gradients = wg_backward(n.loss);
    const wg_tensors     updates = wg_sgd(gradients, .rate = n.rate, .momentum = 0.5);
    wg_plan             *plan = wg_plan_new(n.loss, .updates = updates);
    double               first[6];
    write_first_values(&n);
    EXPECT(wg_read(wg_gradient_of(gradients, n.w), first, 6) && wg_plan_run(plan));
    const wg_tensors leaves = wg_leaves(tape);
    int              found = 0;
    for (int i = 0; i < leaves.count; i++) {
        if (strcmp(wg_name_of(leaves.at[i]), "w/momentum") != 0) continue;
        EXPECT(wg_role_of(leaves.at[i]) == WG_STATE && wg_count_of(leaves.at[i]) == 6);
        for (int k = 0; k < 6; k++) EXPECT(wg_element(leaves.at[i], k) == first[k]);
        found++;
    }
    EXPECT(found == 1);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_frozen_param_stays)
{
    wg_tape             *tape = wg_tape_new();
    const struct network n = record(tape, WG_F64);
    write_first_values(&n);
    wg_param_freeze(n.w, true);
    const wg_tensors updates = wg_sgd(wg_backward(n.loss), .rate = n.rate);
    EXPECT(updates.count == 1 && wg_plan_run(wg_plan_new(n.loss, .updates = updates)));
    EXPECT(wg_element(n.w, 1) == -0.2);
    EXPECT_CLOSE(wg_element(n.b, 1), plain[0][7], 1e-14);
    wg_tape_free(tape);
}
END_TEST

/* A rate of this type moves an f64 param of rank 0, and an f32 one of rank 2, from 1 to 0.5. */
static void descend_with_rate(wg_dtype dtype, wg_shape shape)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *p = wg_param(tape, "p", WG_F64, WG_SCALAR);
    wg_tensor *q = wg_param(tape, "q", WG_F32, WG_SHAPE(2, 2));
    wg_tensor *rate = wg_input(tape, "rate", dtype, shape);
    wg_tensor *loss = wg_add(wg_square(p), wg_cast(wg_sum(wg_square(q)), WG_F64));
    wg_plan   *plan = wg_plan_new(loss, .updates = wg_sgd(wg_backward(loss), .rate = rate));
    EXPECT(wg_write_all(p, 1) && wg_write_all(q, 1) && wg_write_all(rate, 0.25));
    EXPECT_MSG(wg_plan_run(plan), "%s", wg_tape_error(tape));
    EXPECT(wg_item(p) == 0.5 && wg_element(q, 3) == 0.5);
    wg_tape_free(tape);
}

START_TEST(a_rate_is_one_element_of_any_rank_for_params_of_either_dtype)
{
    descend_with_rate(WG_F64, WG_SCALAR);
    descend_with_rate(WG_F32, WG_SHAPE(1));
    descend_with_rate(WG_F64, WG_SHAPE(1, 1, 1));
}
END_TEST

START_TEST(a_step_can_be_differentiated_by_its_rate)
{
    wg_tape             *tape = wg_tape_new();
    const struct network n = record(tape, WG_F64);
    write_first_values(&n);
    const wg_gradients *gradients = wg_backward(n.loss);
    const wg_tensors    updates = wg_sgd(gradients, .rate = n.rate);
    wg_tensor          *gradient = wg_gradient_of(gradients, n.w);
    /* d/drate sum (w - rate g)^2 = -2 sum (w - rate g) g */
    wg_tensor *slope = wg_derivative(wg_sum(wg_square(updates.at[0])), n.rate);
    wg_tensor *wanted = wg_mul(wg_sum(wg_mul(updates.at[0], gradient)), -2);
    EXPECT_CLOSE(wg_item(slope), wg_item(wanted), 1e-14);
    EXPECT(wg_item(wanted) != 0);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

/* The error on the tape, without the line before it, which is one of this file; clears it. */
static void expect_error(wg_tape *tape, const char *wanted)
{
    const char *error = wg_tape_error(tape);
    EXPECT_MSG(error && strstr(error, "test_optimiser.c:"), "got %s", error ? error : "none");
    EXPECT_TEXT(strstr(error, ": ") + 2, wanted);
    wg_tape_error_clear(tape);
}

START_TEST(settings_that_make_no_sense_are_refused)
{
    wg_tape             *tape = wg_tape_new();
    const struct network n = record(tape, WG_F64);
    const wg_gradients  *g = wg_backward(n.loss);
    EXPECT(wg_sgd(g).count == 0);
    expect_error(tape, "sgd: no rate is given; see wg_scalar");
    EXPECT(wg_sgd(g, .rate = n.b).count == 0);
    expect_error(tape, "sgd: the rate has 3 elements, wanted is one");
    EXPECT(wg_sgd(g, .rate = wg_input(tape, "whole", WG_I64, WG_SCALAR)).count == 0);
    expect_error(tape, "sgd: the rate has dtype i64, wanted is f32 or f64");
    EXPECT(wg_sgd(g, .rate = n.rate, .momentum = 1).count == 0);
    expect_error(tape, "sgd: momentum 1 is out of range, 0 <= momentum < 1");
    EXPECT(wg_sgd(g, .rate = n.rate, .momentum = -0.5).count == 0);
    expect_error(tape, "sgd: momentum -0.5 is out of range, 0 <= momentum < 1");
    EXPECT(wg_sgd(g, .rate = n.rate, .momentum = (double)NAN).count == 0);
    expect_error(tape, "sgd: momentum nan is out of range, 0 <= momentum < 1");
    wg_tape *other = wg_tape_new();
    EXPECT(wg_sgd(g, .rate = wg_scalar(other, "rate", 1)).count == 0);
    expect_error(tape, "descend \"w\" (2,3) x (2,3) x (2,3): the inputs are of two tapes");
    EXPECT(wg_sgd(g, .rate = n.rate).count == 2); /* the tape goes on */
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(other);
    wg_tape_free(tape);
}
END_TEST

START_TEST(no_gradients_give_no_updates)
{
    wg_tape             *tape = wg_tape_new();
    const struct network n = record(tape, WG_F64);
    EXPECT(wg_sgd(NULL, .rate = n.rate).count == 0);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_param_freeze(n.w, true);
    wg_param_freeze(n.b, true);
    EXPECT(wg_sgd(wg_backward(n.loss), .rate = n.rate, .momentum = 0.9).count == 0);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

/* wg_op_descend of params p, g, r with these shapes. */
static wg_tensor *descend(wg_tape *tape, wg_dtype dtype, wg_shape p, wg_shape g, wg_shape r)
{
    wg_tensor *x[] = {wg_param(tape, "p", dtype, p), wg_param(tape, "g", dtype, g),
                      wg_param(tape, "r", dtype, r)};
    return wg_apply(&wg_op_descend, NULL, WG_NO_DTYPE, x, 3);
}

START_TEST(descend_is_right_to_second_order)
{
    const wg_shape shapes[] = {WG_SCALAR,        WG_SHAPE(0, 3), WG_SHAPE(1), WG_SHAPE(5, 7),
                               WG_SHAPE(3, 1, 2), WG_SHAPE(13),   WG_SHAPE(1, 1), WG_SHAPE(2, 33)};
    for (int s = 0; s < 8; s++) {
        wg_tape   *tape = wg_tape_new();
        wg_tensor *y = descend(tape, WG_F32, shapes[s], shapes[s], shapes[s]);
        float      values[3][66];
        for (int i = 0; i < 198; i++) values[i / 66][i % 66] = sinf(1.7f * (float)i + 0.4f);
        const wg_tensors params = wg_params(tape);
        for (int k = 0; k < 3; k++) EXPECT(wg_write(params.at[k], values[k], wg_count_of(y)));
        for (int i = 0; i < wg_count_of(y); i++)
            EXPECT_CLOSE(wg_element(y, i), values[0][i] - values[2][i] * values[1][i], 1e-7);
        const wg_check *check =
            wg_check_gradients(wg_sum(wg_sin(y)), .second_order = true);
        EXPECT_MSG(wg_check_passed(check), "shape %d: %s", s, wg_tape_error(tape));
        wg_tape_free(tape);
    }
}
END_TEST

START_TEST(descend_refuses_inputs_that_differ)
{
    wg_tape *tape = wg_tape_new();
    EXPECT(!descend(tape, WG_F32, WG_SHAPE(2), WG_SHAPE(2), WG_SCALAR));
    expect_error(tape, "descend \"p\" (2,) x \"g\" (2,) x \"r\" (): shapes differ");
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("optimiser");
    TCase *tests = tcase_create("gradient descent");
    tcase_add_test(tests, plain_descent_takes_pytorchs_steps);
    tcase_add_test(tests, descent_with_momentum_takes_pytorchs_steps);
    tcase_add_test(tests, momentum_is_a_state_of_the_params_name);
    tcase_add_test(tests, a_frozen_param_stays);
    tcase_add_test(tests, a_rate_is_one_element_of_any_rank_for_params_of_either_dtype);
    tcase_add_test(tests, a_step_can_be_differentiated_by_its_rate);
    tcase_add_test(tests, settings_that_make_no_sense_are_refused);
    tcase_add_test(tests, no_gradients_give_no_updates);
    tcase_add_test(tests, descend_is_right_to_second_order);
    tcase_add_test(tests, descend_refuses_inputs_that_differ);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
