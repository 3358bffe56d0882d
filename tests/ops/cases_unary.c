// SPDX-License-Identifier: MIT
/*
 * Cases of the elementwise ops of one input, and of cast. All of them have the same five shapes and
 * three layouts, and a row of edges; ops with a kink, settings or integers have more.
 */
#include "cases.h"

#include <wengert/ops/cast.h>
#include <wengert/ops/layout.h>
#include <wengert/ops/slice.h>
#include <wengert/ops/unary.h>

#include <math.h>

/* The call under test, with the settings that all its cases share. */
#define neg(x)         wg_neg(x)
#define abs(x)         wg_abs(x)
#define sign(x)        wg_sign(x)
#define square(x)      wg_square(x)
#define sqrt(x)        wg_sqrt(x)
#define rsqrt(x)       wg_rsqrt(x)
#define reciprocal(x)  wg_reciprocal(x)
#define pow_number(x)  wg_pow_number(x, 2.5)
#define exp(x)         wg_exp(x)
#define expm1(x)       wg_expm1(x)
#define log(x)         wg_log(x)
#define log1p(x)       wg_log1p(x)
#define sin(x)         wg_sin(x)
#define cos(x)         wg_cos(x)
#define erf(x)         wg_erf(x)
#define tanh(x)        wg_tanh(x)
#define sigmoid(x)     wg_sigmoid(x)
#define relu(x)        wg_relu(x)
#define leaky_relu(x)  wg_leaky_relu(x, 0.15)
#define elu(x)         wg_elu(x, 1.7)
#define gelu(x)        wg_gelu(x)
#define gelu_tanh(x)   wg_gelu_tanh(x)
#define silu(x)        wg_silu(x)
#define softplus(x)    wg_softplus(x)
#define clamp(x)       wg_clamp(x, -0.75, 1.25)
/* To the other real dtype and back. */
#define cast(x)                                                                                    \
    wg_cast(wg_cast(x, wg_dtype_of(x) == WG_F64 ? WG_F32 : WG_F64), wg_dtype_of(x))

#define ON_REALS(X)                                                                                \
    X(sign) X(square) X(sqrt) X(rsqrt) X(reciprocal) X(pow_number) X(exp) X(expm1) X(log) X(log1p) \
    X(sin) X(cos) X(erf) X(tanh) X(sigmoid) X(relu) X(leaky_relu) X(elu) X(gelu) X(gelu_tanh)      \
    X(silu) X(softplus) X(clamp)
#define ALL(X) X(neg) X(abs) ON_REALS(X)

/* A recording function, named by op and case. */
#define RECORD(op, what, call)                                                                     \
    static wg_tensor *op##_##what(wg_tensor *const *x)                                             \
    {                                                                                              \
        return call;                                                                               \
    }

#define LAYOUTS(op)                                                                                \
    RECORD(op, plain, op(x[0]))                                                                    \
    RECORD(op, transposed, op(wg_transpose(x[0])))                                                 \
    RECORD(op, sliced, op(wg_slice(x[0], 0, 1, WG_TO_END, .step = 3)))                             \
    RECORD(op, expanded, op(wg_expand(x[0], WG_SHAPE(3, 4))))

ALL(LAYOUTS)
LAYOUTS(cast)
RECORD(clamp, above, wg_clamp(x[0], 0.5, INFINITY))
RECORD(clamp, below, wg_clamp(x[0], -INFINITY, 0.5))
RECORD(clamp, crossed, wg_clamp(x[0], 1.25, -0.75))
RECORD(elu, negative, wg_elu(x[0], -0.6))
RECORD(leaky_relu, negative, wg_leaky_relu(x[0], -0.4))
RECORD(pow_number, 0, wg_pow_number(x[0], 0))
RECORD(pow_number, 1, wg_pow_number(x[0], 1))
RECORD(pow_number, 2, wg_pow_number(x[0], 2))
RECORD(pow_number, 3, wg_pow_number(x[0], 3))
RECORD(pow_number, m2, wg_pow_number(x[0], -2))
RECORD(pow_number, m15, wg_pow_number(x[0], -1.5))
RECORD(cast, i32, wg_cast(x[0], WG_I32))
RECORD(cast, i64, wg_cast(x[0], WG_I64))
RECORD(cast, bool, wg_cast(x[0], WG_BOOL))
RECORD(cast, u8, wg_cast(x[0], WG_U8))
RECORD(cast, f64, wg_cast(x[0], WG_F64))

#define SHAPES(op, flags)                                                                          \
    {#op, "0-d", op##_plain, flags}, {#op, "no elements", op##_plain, flags},                      \
        {#op, "one element", op##_plain, flags}, {#op, "odd primes", op##_plain, flags},           \
        {#op, "transposed", op##_transposed, flags}, {#op, "strided slice", op##_sliced, flags},   \
        {#op, "expanded", op##_expanded, flags},
#define ROWS(op) SHAPES(op, 0) {#op, "edges", op##_plain, CASE_KINK},

/* Casting through f32 rounds, which differences would see. */
const struct op_case cases_unary[] = {
    ALL(ROWS)
    {"abs", "both sides", abs_plain, 0},
    {"sign", "both sides", sign_plain, 0},
    {"relu", "both sides", relu_plain, 0},
    {"clamp", "both sides", clamp_plain, 0},
    {"clamp", "no lower bound", clamp_below, 0},
    {"clamp", "no upper bound", clamp_above, 0},
    {"clamp", "bounds the wrong way round", clamp_crossed, 0},
    {"elu", "alpha below zero", elu_negative, 0},
    {"leaky_relu", "slope below zero", leaky_relu_negative, 0},
    {"relu", "numbers beyond f32", relu_plain, CASE_F64_ONLY | CASE_KINK},
    {"sigmoid", "tails beyond f32", sigmoid_plain, CASE_F64_ONLY},
    {"pow_number", "exponent zero", pow_number_0, CASE_KINK},
    {"pow_number", "exponent one", pow_number_1, 0},
    {"pow_number", "exponent two", pow_number_2, 0},
    {"pow_number", "exponent three of both signs", pow_number_3, 0},
    {"pow_number", "negative exponent", pow_number_m2, 0},
    {"pow_number", "negative exponent at zero", pow_number_m15, CASE_KINK},
    {"neg", "i32", neg_plain, CASE_FORWARD_ONLY},
    {"neg", "i64 transposed", neg_transposed, CASE_FORWARD_ONLY},
    {"neg", "u8", neg_plain, CASE_FORWARD_ONLY},
    {"abs", "i32", abs_plain, CASE_FORWARD_ONLY},
    {"abs", "i64 transposed", abs_transposed, CASE_FORWARD_ONLY},
    {"abs", "u8", abs_plain, CASE_FORWARD_ONLY},
    SHAPES(cast, CASE_KINK)
    {"cast", "infinity and NaN", cast_plain, CASE_KINK},
    {"cast", "real to i32", cast_i32, CASE_FORWARD_ONLY},
    {"cast", "real to i64", cast_i64, CASE_FORWARD_ONLY},
    {"cast", "real to bool", cast_bool, CASE_FORWARD_ONLY},
    {"cast", "real beyond the range of i32", cast_i32, CASE_FORWARD_ONLY},
    {"cast", "i64 to u8 wraps", cast_u8, CASE_FORWARD_ONLY},
    {"cast", "i64 to f64", cast_f64, CASE_FORWARD_ONLY | CASE_F64_ONLY},
    {"cast", "bool to i64", cast_i64, CASE_FORWARD_ONLY},
    {0},
};

#define MISUSE(op, dtype)                                                                          \
    static wg_tensor *op##_of_##dtype(wg_tape *tape)                                               \
    {                                                                                              \
        return op(wg_input(tape, "x", dtype, WG_SHAPE(2, 3)));                                     \
    }
#define MISUSE_OF_INTEGERS(op) MISUSE(op, WG_I32)
#define REFUSAL_OF_INTEGERS(op)                                                                    \
    {#op, "i32", op##_of_WG_I32, "dtype i32, wanted is f32 or f64; see wg_cast"},

ON_REALS(MISUSE_OF_INTEGERS)
MISUSE(neg, WG_BOOL)
MISUSE(abs, WG_BOOL)

static wg_tensor *cast_to_nothing(wg_tape *tape)
{
    return wg_cast(wg_input(tape, "x", WG_F32, WG_SHAPE(2)), WG_NO_DTYPE);
}

static wg_tensor *cast_to_no_dtype(wg_tape *tape)
{
    return wg_cast(wg_input(tape, "x", WG_F32, WG_SHAPE(2)), (wg_dtype)77);
}

const struct error_case errors_unary[] = {
    ON_REALS(REFUSAL_OF_INTEGERS)
    {"neg", "bool", neg_of_WG_BOOL, "bool is no number; see wg_cast"},
    {"abs", "bool", abs_of_WG_BOOL, "bool is no number; see wg_cast"},
    {"cast", "no dtype", cast_to_nothing, "0 is no dtype"},
    {"cast", "a dtype beyond the last", cast_to_no_dtype, "77 is no dtype"},
    {0},
};
