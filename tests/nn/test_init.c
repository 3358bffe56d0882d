// SPDX-License-Identifier: MIT
/* First values of params: which bits, how far they spread, and what is refused. */
#include <wengert/nn/init.h>

#include "../support/expect.h"

#include <float.h>

/* Philox4x32-10 by another program: key 42, param 0, then key 0x123456789, param 2. */
START_TEST(a_seed_stands_for_the_same_bits_everywhere)
{
    const double first[] = {0x1.31a0601f27436p-2, 0x1.c9f2920a805b8p-1, 0x1.dc6abd0052a08p-4,
                            0x1.403bece54bf3ap-1};
    const double third[] = {0x1.db7d663599c22p-2, 0x1.a461403f345a4p-2, 0x1.3e7c6ca9beb20p-5,
                            0x1.8854398f7193dp-1};
    wg_tape     *tape = wg_tape_new();
    wg_tensor   *a = wg_param(tape, "a", WG_F64, WG_SHAPE(4));
    wg_param(tape, "b", WG_F64, WG_SHAPE(4));
    wg_tensor *c = wg_param(tape, "c", WG_F64, WG_SHAPE(2, 2));
    EXPECT(wg_init_param_uniform(a, 0, 1, 42));
    EXPECT(wg_init_param_uniform(c, 0, 1, 0x123456789));
    for (int i = 0; i < 4; i++) EXPECT(wg_element(a, i) == first[i]);
    for (int i = 0; i < 4; i++) EXPECT(wg_element(c, i) == third[i]);
    wg_tape_free(tape);
}
END_TEST

/* A convolution, a dense layer and their biases. */
static wg_tape *record(wg_dtype dtype)
{
    wg_tape *tape = wg_tape_new();
    wg_param(tape, "before", dtype, WG_SCALAR);
    wg_param(tape, "conv/W", dtype, WG_SHAPE(8, 3, 5, 5));
    wg_param(tape, "conv/b", dtype, WG_SHAPE(8));
    wg_param(tape, "none", dtype, WG_SHAPE(4, 0));
    wg_param(tape, "dense/W", dtype, WG_SHAPE(40, 100));
    wg_param(tape, "dense/b", dtype, WG_SHAPE(40));
    wg_param(tape, "dense/c", dtype, WG_SCALAR);
    return tape;
}

START_TEST(f32_and_f64_networks_begin_alike)
{
    wg_tape *narrow = record(WG_F32), *wide = record(WG_F64);
    EXPECT(wg_init_uniform(narrow, 7) && wg_init_uniform(wide, 7));
    const wg_tensors a = wg_params(narrow), b = wg_params(wide);
    for (int k = 0; k < a.count; k++)
        for (int64_t i = 0; i < wg_count_of(a.at[k]); i++)
            EXPECT(wg_element(a.at[k], i) == (double)(float)wg_element(b.at[k], i));
    wg_tape_free(narrow);
    wg_tape_free(wide);
}
END_TEST

/* Largest magnitude of a param's elements. */
static double largest(wg_tensor *param)
{
    double most = 0;
    for (int64_t i = 0; i < wg_count_of(param); i++) most = fmax(most, fabs(wg_element(param, i)));
    return most;
}

START_TEST(the_bound_is_one_by_the_root_of_the_fan)
{
    const double fan[] = {1, 75, 75, 0, 100, 100, 100};
    wg_tape     *tape = record(WG_F64);
    double       most[7] = {0};
    for (uint64_t seed = 0; seed < 40; seed++) {
        EXPECT(wg_init_uniform(tape, seed));
        const wg_tensors params = wg_params(tape);
        for (int k = 0; k < 7; k++) most[k] = fmax(most[k], largest(params.at[k]));
    }
    for (int k = 0; k < 7; k++) {
        if (k == 3) continue;
        EXPECT(most[k] <= 1 / sqrt(fan[k]) && most[k] > 0.9 / sqrt(fan[k]));
    }
    EXPECT(most[3] == 0); /* has no elements, and lends the biases behind it no fan */
    wg_tape_free(tape);
}
END_TEST

START_TEST(values_are_spread_evenly)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SHAPE(10000));
    EXPECT(wg_init_param_uniform(w, -3, 5, 1));
    int    bin[8] = {0};
    double sum = 0;
    for (int i = 0; i < 10000; i++) {
        const double value = wg_element(w, i);
        EXPECT(value >= -3 && value <= 5);
        bin[value < 5 ? (int)(value + 3) : 7]++;
        sum += value;
    }
    EXPECT(fabs(sum / 10000 - 1) < 4 * sqrt(64 / 12.0 / 10000));
    for (int k = 0; k < 8; k++) EXPECT(fabs(bin[k] - 1250.0) < 4 * sqrt(10000 * 7 / 64.0));
    wg_tape_free(tape);
}
END_TEST

START_TEST(seed_and_place_decide)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *a = wg_param(tape, "a", WG_F64, WG_SHAPE(6));
    wg_tensor *b = wg_param(tape, "b", WG_F64, WG_SHAPE(6));
    double     first[6];
    EXPECT(wg_init_param_uniform(a, 0, 1, 1) && wg_init_param_uniform(b, 0, 1, 1));
    EXPECT(wg_read(a, first, 6));
    for (int i = 0; i < 6; i++) EXPECT(first[i] != wg_element(b, i));
    EXPECT(wg_init_param_uniform(a, 0, 1, 2));
    for (int i = 0; i < 6; i++) EXPECT(first[i] != wg_element(a, i));
    EXPECT(wg_init_param_uniform(a, 0, 1, 1));
    for (int i = 0; i < 6; i++) EXPECT(first[i] == wg_element(a, i));
    EXPECT(wg_init_uniform(tape, 1)); /* between -1 and 1, from the same numbers */
    for (int i = 0; i < 6; i++) EXPECT(wg_element(a, i) == -1 + 2 * first[i]);
    wg_tape_free(tape);
}
END_TEST

START_TEST(frozen_params_get_values_and_a_range_of_one_point_is_one)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = wg_param(tape, "w", WG_F32, WG_SHAPE(3, 4));
    wg_param_freeze(w, true);
    EXPECT(wg_init_uniform(tape, 5) && largest(w) > 0);
    EXPECT(wg_init_param_uniform(w, -0.25, -0.25, 5) && wg_element(w, 11) == -0.25);
    wg_tape_free(tape);
}
END_TEST

static void expect_refused(wg_tensor *param, double lo, double hi, const char *wanted)
{
    wg_tape *tape = wg_tape_of(param);
    EXPECT(!wg_init_param_uniform(param, lo, hi, 1));
    const char *error = wg_tape_error(tape);
    EXPECT_MSG(error && strstr(error, "test_init.c:"), "got %s", error ? error : "none");
    EXPECT_TEXT(strstr(error, ": ") + 2, wanted);
    wg_tape_error_clear(tape);
}

START_TEST(what_cannot_be_drawn_is_refused_and_nothing_changes)
{
    const double infinite = (double)INFINITY;
    wg_tape     *tape = wg_tape_new();
    wg_tensor   *w = wg_param(tape, "w", WG_F32, WG_SHAPE(2));
    wg_tensor   *v = wg_param(tape, "v", WG_F64, WG_SHAPE(2));
    wg_tensor   *x = wg_input(tape, "x", WG_F32, WG_SHAPE(2));
    EXPECT(wg_write_all(w, 4) && wg_write_all(v, 4) && wg_write_all(x, 4));
    expect_refused(x, 0, 1, "init: \"x\" is not a param");
    expect_refused(wg_detach(x), 0, 1, "init: \"\" is not a param");
    expect_refused(w, 1, -1, "init: 1 to -1 is no range of f32");
    expect_refused(w, (double)NAN, 1, "init: nan to 1 is no range of f32");
    expect_refused(v, -infinite, 0, "init: -inf to 0 is no range of f64");
    expect_refused(v, -DBL_MAX, DBL_MAX, "init: -1.79769e+308 to 1.79769e+308 is no range of f64");
    expect_refused(w, 0, 1e39, "init: 0 to 1e+39 is no range of f32");
    expect_refused(w, -1e39, 0, "init: -1e+39 to 0 is no range of f32");
    for (int i = 0; i < 2; i++) EXPECT(wg_element(w, i) == 4 && wg_element(v, i) == 4);
    EXPECT(wg_init_param_uniform(v, 0, 1e39, 1) && wg_element(v, 0) > 1e35);
    wg_tape_free(tape);
}
END_TEST

START_TEST(null_is_no_param_and_no_tape)
{
    EXPECT(!wg_init_uniform(NULL, 1));
    EXPECT(!wg_init_param_uniform(NULL, 0, 1, 1));
    wg_tape *tape = wg_tape_new();
    EXPECT(wg_init_uniform(tape, 1)); /* no params are no error */
    wg_tape_error_set(tape, "an error before");
    EXPECT(!wg_init_uniform(tape, 1));
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("init");
    TCase *tests = tcase_create("first values");
    tcase_add_test(tests, a_seed_stands_for_the_same_bits_everywhere);
    tcase_add_test(tests, f32_and_f64_networks_begin_alike);
    tcase_add_test(tests, the_bound_is_one_by_the_root_of_the_fan);
    tcase_add_test(tests, values_are_spread_evenly);
    tcase_add_test(tests, seed_and_place_decide);
    tcase_add_test(tests, frozen_params_get_values_and_a_range_of_one_point_is_one);
    tcase_add_test(tests, what_cannot_be_drawn_is_refused_and_nothing_changes);
    tcase_add_test(tests, null_is_no_param_and_no_tape);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
