// SPDX-License-Identifier: MIT
/*
 * Random ops: ranges, moments, frequencies, and when numbers repeat. Seeds are fixed, so that each
 * bound (about five deviations of what is measured) is kept or broken for good.
 */
#include "../support/expect.h"

#include <wengert/graph/derive.h>
#include <wengert/graph/plan.h>
#include <wengert/ops/random.h>

enum { COUNT = 40000, FEW = 7 };

static wg_tape *tape_new(uint64_t seed)
{
    wg_tape *tape = wg_tape_new_with(&(wg_tape_options){.seed = seed});
    EXPECT(tape);
    return tape;
}

/* The values as doubles; frees nothing. */
static void read_all(wg_tensor *x, double *numbers)
{
    const int64_t count = wg_count_of(x);
    EXPECT_TEXT(x ? wg_tape_error(wg_tape_of(x)) : "recording failed", NULL);
    for (int64_t i = 0; i < count; i++) numbers[i] = wg_element(x, i);
}

/* Mean of (x - centre)^power. */
static double moment(const double *x, int count, double centre, int power)
{
    double sum = 0;
    for (int i = 0; i < count; i++) sum += pow(x[i] - centre, power);
    return sum / count;
}

static void expect_uniform(wg_dtype dtype, double unit)
{
    static double x[COUNT];
    wg_tape      *tape = tape_new(1);
    read_all(wg_uniform(tape, dtype, WG_SHAPE(COUNT), 0, 1), x);
    for (int i = 0; i < COUNT; i++)
        EXPECT_MSG(x[i] >= 0 && x[i] < 1 && x[i] / unit == floor(x[i] / unit), "%d: %a", i, x[i]);
    const double root = sqrt(COUNT);
    EXPECT(fabs(moment(x, COUNT, 0, 1) - 0.5) < 5 * 0.289 / root);
    EXPECT(fabs(moment(x, COUNT, 0.5, 2) - 1.0 / 12) < 5 * 0.0745 / root);
    EXPECT(fabs(moment(x, COUNT, 0.5, 3)) < 5 * 0.0473 / root);
    wg_tape_free(tape);
}

START_TEST(uniform_numbers_are_spread_evenly_and_have_24_or_53_bits)
{
    expect_uniform(WG_F32, 0x1p-24);
    expect_uniform(WG_F64, 0x1p-53);
}
END_TEST

START_TEST(uniform_numbers_keep_to_their_bounds)
{
    static double x[COUNT];
    const float   hi = nextafterf(nextafterf(1, 2), 2);
    wg_tape      *tape = tape_new(2);
    read_all(wg_uniform(tape, WG_F32, WG_SHAPE(COUNT), 1, (double)hi), x);
    for (int i = 0; i < COUNT; i++) EXPECT(x[i] >= 1 && x[i] < (double)hi);
    read_all(wg_uniform(tape, WG_F64, WG_SHAPE(200, 200), -3.5, -1.25), x);
    for (int i = 0; i < COUNT; i++) EXPECT(x[i] >= -3.5 && x[i] < -1.25);
    EXPECT(fabs(moment(x, COUNT, 0, 1) + 2.375) < 5 * 0.65 / sqrt(COUNT));
    read_all(wg_uniform(tape, WG_F64, WG_SHAPE(FEW), 1.5, 1.5), x);
    for (int i = 0; i < FEW; i++) EXPECT(x[i] == 1.5);
    wg_tape_free(tape);
}
END_TEST

static void expect_normal(wg_dtype dtype)
{
    static double x[COUNT];
    wg_tape      *tape = tape_new(3);
    int           beyond = 0;
    read_all(wg_normal(tape, dtype, WG_SHAPE(COUNT), 0, 1), x);
    const double root = sqrt(COUNT);
    EXPECT(fabs(moment(x, COUNT, 0, 1)) < 5 / root);
    EXPECT(fabs(moment(x, COUNT, 0, 2) - 1) < 5 * 1.415 / root);
    EXPECT(fabs(moment(x, COUNT, 0, 3)) < 5 * 3.873 / root);
    EXPECT(fabs(moment(x, COUNT, 0, 4) - 3) < 5 * 9.798 / root);
    for (int i = 0; i < COUNT; i++) beyond += fabs(x[i]) > 1.96;
    EXPECT(fabs(beyond / (double)COUNT - 0.05) < 5 * 0.218 / root);
    double product = 0; /* the two numbers of a pair do not depend on each other */
    for (int i = 0; i < COUNT; i += 2) product += x[i] * x[i + 1];
    EXPECT(fabs(product / (COUNT / 2.0)) < 5 / sqrt(COUNT / 2.0));
    wg_tape_free(tape);
}

START_TEST(normal_numbers_have_the_moments_of_the_normal_distribution)
{
    expect_normal(WG_F32);
    expect_normal(WG_F64);
}
END_TEST

START_TEST(normal_numbers_are_moved_and_stretched)
{
    double   plain[FEW], moved[FEW];
    wg_tape *tape = tape_new(4), *other = tape_new(4);
    read_all(wg_normal(tape, WG_F64, WG_SHAPE(FEW), 0, 1), plain);
    read_all(wg_normal(other, WG_F64, WG_SHAPE(FEW), -2.5, 3), moved);
    for (int i = 0; i < FEW; i++) EXPECT_CLOSE(moved[i], plain[i] * 3 - 2.5, 1e-15);
    read_all(wg_normal(tape, WG_F32, WG_SHAPE(FEW), 0.75, 0), plain);
    for (int i = 0; i < FEW; i++) EXPECT(plain[i] == 0.75);
    wg_tape_free(tape);
    wg_tape_free(other);
}
END_TEST

START_TEST(bernoulli_numbers_have_their_frequency_and_are_alike_in_each_dtype)
{
    static double    x[3][COUNT];
    static const wg_dtype dtypes[] = {WG_F32, WG_F64, WG_BOOL};
    for (int k = 0; k < 3; k++) {
        wg_tape *tape = tape_new(5);
        read_all(wg_bernoulli(tape, dtypes[k], WG_SHAPE(COUNT), 0.3), x[k]);
        wg_tape_free(tape);
    }
    EXPECT(memcmp(x[0], x[1], sizeof x[0]) == 0 && memcmp(x[0], x[2], sizeof x[0]) == 0);
    for (int i = 0; i < COUNT; i++) EXPECT(x[0][i] == 0 || x[0][i] == 1);
    EXPECT(fabs(moment(x[0], COUNT, 0, 1) - 0.3) < 5 * 0.459 / sqrt(COUNT));
}
END_TEST

START_TEST(bernoulli_of_0_is_never_and_of_1_always_true)
{
    static double x[COUNT];
    wg_tape      *tape = tape_new(6);
    read_all(wg_bernoulli(tape, WG_F32, WG_SHAPE(COUNT), 0), x);
    for (int i = 0; i < COUNT; i++) EXPECT(x[i] == 0);
    read_all(wg_bernoulli(tape, WG_BOOL, WG_SHAPE(COUNT), 1), x);
    for (int i = 0; i < COUNT; i++) EXPECT(x[i] == 1);
    wg_tape_free(tape);
}
END_TEST

/* Records all three distributions once and says what they gave. */
static void draw(wg_tape *tape, int64_t count, double x[3][2 * FEW])
{
    read_all(wg_uniform(tape, WG_F32, WG_SHAPE(count), 0, 1), x[0]);
    read_all(wg_normal(tape, WG_F64, WG_SHAPE(count), 0, 1), x[1]);
    read_all(wg_bernoulli(tape, WG_F32, WG_SHAPE(count), 0.5), x[2]);
}

START_TEST(numbers_depend_on_seed_node_element_and_run_alone)
{
    double   first[3][2 * FEW] = {{0}}, again[3][2 * FEW] = {{0}}, longer[3][2 * FEW];
    double   second[3][2 * FEW], other[3][2 * FEW];
    wg_tape *tape = tape_new(7), *twin = tape_new(7), *stranger = tape_new(8);
    draw(tape, FEW, first);
    draw(twin, FEW, again);
    EXPECT(memcmp(first, again, sizeof first) == 0);
    draw(stranger, FEW, other);
    draw(tape, FEW, second); /* equal nodes, which are not merged */
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < FEW; i++)
            EXPECT(first[k][i] != other[k][i] && first[k][i] != second[k][i]);
    wg_tape_free(twin);
    twin = tape_new(7);
    draw(twin, 2 * FEW, longer);
    for (int k = 0; k < 3; k++) EXPECT(memcmp(first[k], longer[k], FEW * sizeof(double)) == 0);
    wg_tape_free(tape);
    wg_tape_free(twin);
    wg_tape_free(stranger);
}
END_TEST

START_TEST(each_run_draws_anew_and_a_run_can_be_repeated)
{
    double     x[3][FEW];
    wg_tape   *tape = tape_new(9);
    wg_tensor *y = wg_normal(tape, WG_F32, WG_SHAPE(FEW), 0, 1);
    wg_plan   *plan = wg_plan_new(y);
    uint64_t   number = 0;
    for (int k = 0; k < 3; k++) {
        if (k == 0) number = wg_tape_run_number(tape);
        if (k == 2) wg_tape_set_run_number(tape, number);
        EXPECT(wg_plan_run(plan));
        read_all(y, x[k]);
    }
    for (int i = 0; i < FEW; i++) EXPECT(x[0][i] != x[1][i]);
    EXPECT(memcmp(x[0], x[2], sizeof x[0]) == 0);
    wg_tape_free(tape);
}
END_TEST

START_TEST(eager_numbers_are_the_planned_ones)
{
    double   planned[3][2 * FEW] = {{0}}, eager[3][2 * FEW] = {{0}};
    wg_tape *tape = tape_new(10);
    wg_tape *other = wg_tape_new_with(&(wg_tape_options){.seed = 10, .eager = true});
    draw(tape, FEW, planned);
    draw(other, FEW, eager);
    EXPECT(memcmp(planned, eager, sizeof planned) == 0);
    wg_tape_free(tape);
    wg_tape_free(other);
}
END_TEST

START_TEST(shapes_may_be_empty_or_single)
{
    wg_tape   *tape = tape_new(11);
    wg_tensor *none = wg_uniform(tape, WG_F32, WG_SHAPE(3, 0), 0, 1);
    wg_tensor *one = wg_normal(tape, WG_F64, WG_SCALAR, 0, 1);
    EXPECT(wg_eval(WG_TENSORS(none, one, wg_dropout(none, 0.5), wg_dropout(one, 0.5))));
    EXPECT(wg_count_of(none) == 0 && isfinite(wg_item(one)));
    wg_tape_free(tape);
}
END_TEST

/* y = dropout(x, p) with x = 1.25 everywhere, and dx for dy = 1. */
static void drop(wg_dtype dtype, double p, double *y, double *dx)
{
    wg_tape   *tape = tape_new(12);
    wg_tensor *x = wg_param(tape, "x", dtype, WG_SHAPE(COUNT));
    wg_write_all(x, 1.25);
    wg_tensor       *dropped = wg_dropout(x, p);
    const wg_tensors gradient = wg_grad(WG_TENSORS(dropped), WG_TENSORS(wg_full_like(x, 1)),
                                        WG_TENSORS(x));
    EXPECT(gradient.count == 1);
    EXPECT(wg_eval(WG_TENSORS(dropped, gradient.at[0])));
    read_all(dropped, y);
    read_all(gradient.at[0], dx);
    wg_tape_free(tape);
}

START_TEST(dropout_scales_what_it_keeps_and_its_gradient_drops_the_same)
{
    static double y[COUNT], dx[COUNT], f32[COUNT], again[COUNT];
    int           dropped = 0;
    drop(WG_F64, 0.375, y, dx);
    drop(WG_F32, 0.375, f32, again);
    for (int i = 0; i < COUNT; i++) {
        EXPECT_MSG(y[i] == 0 || y[i] == 2, "%d: %g", i, y[i]);
        EXPECT_MSG(dx[i] == y[i] / 1.25 && f32[i] == y[i], "%d: %g and %g", i, dx[i], f32[i]);
        dropped += y[i] == 0;
    }
    EXPECT(fabs(dropped / (double)COUNT - 0.375) < 5 * 0.485 / sqrt(COUNT));
}
END_TEST

START_TEST(dropout_of_0_keeps_all_and_of_1_nothing)
{
    static double y[COUNT], dx[COUNT];
    drop(WG_F32, 0, y, dx);
    for (int i = 0; i < COUNT; i++) EXPECT(y[i] == 1.25 && dx[i] == 1);
    drop(WG_F64, 1, y, dx);
    for (int i = 0; i < COUNT; i++) EXPECT(y[i] == 0 && dx[i] == 0);
}
END_TEST

START_TEST(the_second_derivative_of_dropout_is_zero_and_defined)
{
    wg_tape   *tape = tape_new(13);
    wg_tensor *x = wg_param(tape, "x", WG_F64, WG_SHAPE(1));
    wg_write_all(x, 1.5);
    wg_tensor *dy = wg_param(tape, "dy", WG_F64, WG_SHAPE(1));
    wg_write_all(dy, 0.75);
    wg_tensor *y = wg_dropout(x, 0);
    wg_tensors first = wg_grad(WG_TENSORS(y), WG_TENSORS(dy), WG_TENSORS(x));
    wg_tensors second = wg_grad(first, WG_TENSORS(wg_full_like(x, 1)), WG_TENSORS(x, dy));
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    EXPECT(wg_item(second.at[0]) == 0 && wg_item(second.at[1]) == 1);
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ops: random");
    TCase *values = tcase_create("values");
    tcase_add_test(values, uniform_numbers_are_spread_evenly_and_have_24_or_53_bits);
    tcase_add_test(values, uniform_numbers_keep_to_their_bounds);
    tcase_add_test(values, normal_numbers_have_the_moments_of_the_normal_distribution);
    tcase_add_test(values, normal_numbers_are_moved_and_stretched);
    tcase_add_test(values, bernoulli_numbers_have_their_frequency_and_are_alike_in_each_dtype);
    tcase_add_test(values, bernoulli_of_0_is_never_and_of_1_always_true);
    tcase_add_test(values, numbers_depend_on_seed_node_element_and_run_alone);
    tcase_add_test(values, each_run_draws_anew_and_a_run_can_be_repeated);
    tcase_add_test(values, eager_numbers_are_the_planned_ones);
    tcase_add_test(values, shapes_may_be_empty_or_single);
    tcase_add_test(values, dropout_scales_what_it_keeps_and_its_gradient_drops_the_same);
    tcase_add_test(values, dropout_of_0_keeps_all_and_of_1_nothing);
    tcase_add_test(values, the_second_derivative_of_dropout_is_zero_and_defined);
    suite_add_tcase(suite, values);
    return expect_run(suite);
}
