// SPDX-License-Identifier: MIT
/*
 * The mathematical functions that run in vectors: for every instruction set of this machine, over
 * the whole range, against the C library in a wider type. Prints how many last places they are off
 * at most.
 */
#include "../support/expect.h"
#include "lcg.h"
#include "real_lines.h"

#include <float.h>
#include <stdio.h>

/* Bit patterns and numbers of each range to try. */
enum { BLOCK = 4096, ISAS = 8, PATTERNS = 1000003, NUMBERS = 70000 };

struct worst {
    double places, x;
};

static const struct real_lines *const lines[] = {
#define LIST_LINES(name, isa) name##_##isa,
    WG__EACH_ISA(LIST_LINES, real_lines)};

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static long double sigmoidl(long double x)
{
    return 1 / (1 + expl(-x));
}

/* clang-format off */
/* The C library's functions, and by how many last places ours may be off. */
static const struct oracle {
    const char *name;
    double      bound;
    double (*f32)(double);
    long double (*f64)(long double);
} oracles[] = {
    [EXP] = {"exp", 1.5, exp, expl},
    [EXPM1] = {"expm1", 3, expm1, expm1l},
    [TANH] = {"tanh", 3, tanh, tanhl},
    [SIGMOID] = {"sigmoid", 3, sigmoid, sigmoidl},
    [LOG] = {"log", 1.5, log, logl},
    [LOG1P] = {"log1p", 3, log1p, log1pl},
    [ERF] = {"erf", 1.5, erf, erfl},
    [SIN] = {"sin", 3, sin, sinl},
    [COS] = {"cos", 3, cos, cosl},
};

static const struct special {
    int    f;
    double x, y;
} specials[] = {
    {EXP, 0.0, 1},      {EXP, INFINITY, INFINITY},    {EXP, 1e30, INFINITY},
    {EXP, -0.0, 1},     {EXP, -INFINITY, 0.0},        {EXP, -1e30, 0.0},
    {EXPM1, 0.0, 0.0},  {EXPM1, INFINITY, INFINITY},  {EXPM1, 1e30, INFINITY},
    {EXPM1, -0.0, -0.0}, {EXPM1, -INFINITY, -1},      {EXPM1, -1e30, -1},
    {TANH, 0.0, 0.0},   {TANH, INFINITY, 1},          {TANH, 1e30, 1},
    {TANH, -0.0, -0.0}, {TANH, -INFINITY, -1},        {TANH, -1e30, -1},
    {SIGMOID, 0.0, 0.5}, {SIGMOID, INFINITY, 1},      {SIGMOID, 1e30, 1},
    {SIGMOID, -0.0, 0.5}, {SIGMOID, -INFINITY, 0.0},  {SIGMOID, -1e30, 0.0},
    {LOG, 0.0, -INFINITY}, {LOG, INFINITY, INFINITY}, {LOG, 1, 0.0},
    {LOG, -0.0, -INFINITY}, {LOG, -INFINITY, NAN},    {LOG, -1, NAN},
    {LOG1P, 0.0, 0.0},  {LOG1P, INFINITY, INFINITY},  {LOG1P, -1, -INFINITY},
    {LOG1P, -0.0, -0.0}, {LOG1P, -INFINITY, NAN},     {LOG1P, -2, NAN},
    {ERF, 0.0, 0.0},    {ERF, INFINITY, 1},           {ERF, 1e30, 1},
    {ERF, -0.0, -0.0},  {ERF, -INFINITY, -1},         {ERF, -1e30, -1},
    {SIN, 0.0, 0.0},    {SIN, INFINITY, NAN},         {COS, 0.0, 1},
    {SIN, -0.0, -0.0},  {SIN, -INFINITY, NAN},        {COS, INFINITY, NAN},
};

/* clang-format on */

#define TWICE "test_real_body.h"
#include "twice.h"

START_TEST(each_function_is_as_near_as_promised_in_f32)
{
    try_function_f32(_i);
}
END_TEST

START_TEST(each_function_is_as_near_as_promised_in_f64)
{
    try_function_f64(_i);
}
END_TEST

START_TEST(zeros_infinities_and_what_has_no_value_are_right)
{
    try_specials_f32();
    try_specials_f64();
}
END_TEST

START_TEST(denormal_numbers_and_nan_come_through)
{
    try_small_f32();
    try_small_f64();
}
END_TEST

START_TEST(an_element_has_the_same_bits_wherever_it_stands)
{
    try_places_f32();
    try_places_f64();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("real");
    TCase *tests = tcase_create("real");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, each_function_is_as_near_as_promised_in_f32, 0, SIN_NEAR);
    tcase_add_loop_test(tests, each_function_is_as_near_as_promised_in_f64, 0, SIN_NEAR);
    tcase_add_test(tests, zeros_infinities_and_what_has_no_value_are_right);
    tcase_add_test(tests, denormal_numbers_and_nan_come_through);
    tcase_add_test(tests, an_element_has_the_same_bits_wherever_it_stands);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
