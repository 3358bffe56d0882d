// SPDX-License-Identifier: MIT
/*
 * Misuses of the random ops. Their values are the generator's own, so there are no golden ones:
 * see test_random.c.
 */
#include "cases.h"

#include <wengert/ops/random.h>

#include <math.h>

const struct op_case cases_random[] = {{0}};

#define MISUSE(name, expression)                                                                   \
    static wg_tensor *name(wg_tape *tape)                                                          \
    {                                                                                              \
        return expression;                                                                         \
    }
MISUSE(uniform_order, wg_uniform(tape, WG_F32, WG_SHAPE(2), 1, -1))
MISUSE(uniform_nan, wg_uniform(tape, WG_F32, WG_SHAPE(2), NAN, 1))
MISUSE(uniform_infinity, wg_uniform(tape, WG_F64, WG_SHAPE(2), 0, INFINITY))
MISUSE(uniform_width, wg_uniform(tape, WG_F64, WG_SHAPE(2), -1e308, 1e308))
MISUSE(uniform_f32_width, wg_uniform(tape, WG_F32, WG_SHAPE(2), 0, 1e39))
MISUSE(uniform_integers, wg_uniform(tape, WG_I32, WG_SHAPE(2), 0, 9))
MISUSE(uniform_size, wg_uniform(tape, WG_F32, WG_SHAPE(2, -1), 0, 1))
MISUSE(uniform_rank, wg_uniform(tape, WG_F32, (wg_shape){.rank = 9}, 0, 1))
MISUSE(normal_deviation, wg_normal(tape, WG_F32, WG_SHAPE(2), 0, -1))
MISUSE(normal_nan, wg_normal(tape, WG_F32, WG_SHAPE(2), NAN, 1))
MISUSE(normal_integers, wg_normal(tape, WG_I64, WG_SHAPE(2), 0, 1))
MISUSE(normal_size, wg_normal(tape, WG_F32, WG_SHAPE(INT64_MAX, 3), 0, 1))
MISUSE(bernoulli_large, wg_bernoulli(tape, WG_F32, WG_SHAPE(2), 1.5))
MISUSE(bernoulli_negative, wg_bernoulli(tape, WG_BOOL, WG_SHAPE(2), -0.25))
MISUSE(bernoulli_nan, wg_bernoulli(tape, WG_F32, WG_SHAPE(2), NAN))
MISUSE(bernoulli_integers, wg_bernoulli(tape, WG_U8, WG_SHAPE(2), 0.5))
MISUSE(dropout_large, wg_dropout(wg_param(tape, "x", WG_F32, WG_SHAPE(2)), 1.5))
MISUSE(dropout_negative, wg_dropout(wg_param(tape, "x", WG_F32, WG_SHAPE(2)), -0.5))
MISUSE(dropout_integers, wg_dropout(wg_input(tape, "x", WG_I32, WG_SHAPE(2)), 0.5))
#undef MISUSE

const struct error_case errors_random[] = {
    {"uniform", "bounds in wrong order", uniform_order, "from 1 to -1 is no range"},
    {"uniform", "NaN", uniform_nan, "from nan to 1 is no range"},
    {"uniform", "infinity", uniform_infinity, "from 0 to inf is no range"},
    {"uniform", "too wide", uniform_width, "from -1e+308 to 1e+308 is no range"},
    {"uniform", "beyond f32", uniform_f32_width, "from 0 to 1e+39 is no range"},
    {"uniform", "integers", uniform_integers, "dtype i32, wanted is f32 or f64"},
    {"uniform", "negative size", uniform_size, "shape (2,-1) has a negative size"},
    {"uniform", "rank", uniform_rank, "rank 9, at most 8 is possible"},
    {"normal", "negative deviation", normal_deviation, "there is no mean 0 with deviation -1"},
    {"normal", "NaN", normal_nan, "there is no mean nan with deviation 1"},
    {"normal", "integers", normal_integers, "dtype i64, wanted is f32 or f64"},
    {"normal", "size that overflows", normal_size, "too many elements"},
    {"bernoulli", "above 1", bernoulli_large, "1.5 is no probability, which is from 0 to 1"},
    {"bernoulli", "below 0", bernoulli_negative, "-0.25 is no probability"},
    {"bernoulli", "NaN", bernoulli_nan, "nan is no probability"},
    {"bernoulli", "integers", bernoulli_integers, "dtype u8, wanted is f32 or f64"},
    {"dropout", "above 1", dropout_large, "1.5 is no probability, which is from 0 to 1"},
    {"dropout", "below 0", dropout_negative, "-0.5 is no probability"},
    {"dropout", "integers", dropout_integers, "dtype i32, wanted is f32 or f64"},
    {0},
};
