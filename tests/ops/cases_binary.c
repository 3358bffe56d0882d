// SPDX-License-Identifier: MIT
/*
 * Cases of the elementwise ops of two inputs, of where, and of what happens to operands: numbers,
 * broadcasting.
 */
#include "cases.h"

#include <wengert/ops/binary.h>
#include <wengert/ops/layout.h>
#include <wengert/ops/slice.h>

/* A recording function, named by op and case. */
#define RECORD(op, what, call)                                                                     \
    static wg_tensor *op##_##what(wg_tensor *const *x)                                             \
    {                                                                                              \
        return call;                                                                               \
    }

#define REALS(op, number)                                                                          \
    RECORD(op, plain, wg_##op(x[0], x[1]))                                                         \
    RECORD(op, transposed, wg_##op(wg_transpose(x[0]), x[1]))                                      \
    RECORD(op, sliced, wg_##op(x[0], wg_slice(x[1], 0, 1, WG_TO_END, .step = 3)))                  \
    RECORD(op, expanded, wg_##op(wg_expand(x[0], WG_SHAPE(3, 4)), x[1]))                           \
    RECORD(op, twice, wg_##op(x[0], x[0]))                                                         \
    RECORD(op, number_right, wg_##op(x[0], number))                                                \
    RECORD(op, number_left, wg_##op(number, x[0]))
#define NUMBERS(op, number) REALS(op, number) RECORD(op, integer, wg_##op(x[0], 3))

NUMBERS(add, 1.75)
NUMBERS(sub, 1.75)
NUMBERS(mul, 1.75)
REALS(div, 1.75)
REALS(pow, 1.75)
NUMBERS(maximum, 0.25)
NUMBERS(minimum, 0.25)
NUMBERS(eq, 0.3)
NUMBERS(ne, 0.3)
NUMBERS(lt, 0.3)
NUMBERS(le, 0.3)
NUMBERS(gt, 0.3)
NUMBERS(ge, 0.3)
RECORD(where, plain, wg_where(x[0], x[1], x[2]))
RECORD(where, transposed, wg_where(wg_transpose(x[0]), x[1], x[2]))
RECORD(where, sliced, wg_where(x[0], wg_slice(x[1], 0, 1, WG_TO_END, .step = 4), x[2]))
RECORD(where, expanded, wg_where(x[0], wg_expand(x[1], WG_SHAPE(2, 3)), x[2]))
RECORD(where, twice, wg_where(x[0], x[1], x[1]))
RECORD(where, number_left, wg_where(x[0], 0.75, x[1]))
RECORD(where, number_right, wg_where(x[0], x[1], 0.75))
RECORD(where, integer, wg_where(x[0], x[1], -1))
#undef REALS
#undef NUMBERS

#define REALS(op, flags, twice)                                                                    \
    {#op, "0-d", op##_plain, flags}, {#op, "no elements", op##_plain, flags},                      \
        {#op, "one element", op##_plain, flags}, {#op, "odd primes", op##_plain, flags},           \
        {#op, "broadcast both", op##_plain, flags}, {#op, "broadcast left", op##_plain, flags},    \
        {#op, "broadcast right", op##_plain, flags},                                               \
        {#op, "broadcast to none", op##_plain, flags},                                             \
        {#op, "transposed", op##_transposed, flags}, {#op, "strided slice", op##_sliced, flags},   \
        {#op, "expanded", op##_expanded, flags}, {#op, "same twice", op##_twice, twice},           \
        {#op, "number right", op##_number_right, flags},                                           \
        {#op, "number left", op##_number_left, flags},
#define INTEGERS(op)                                                                               \
    {#op, "i32", op##_plain, CASE_FORWARD_ONLY}, {#op, "i64", op##_plain, CASE_FORWARD_ONLY},      \
        {#op, "u8", op##_plain, CASE_FORWARD_ONLY},                                                \
        {#op, "i64 with a number", op##_integer, CASE_FORWARD_ONLY},
#define TIES(op)                                                                                   \
    {#op, "ties and NaN", op##_plain, CASE_KINK},                                                  \
        {#op, "tie with a number", op##_number_right, CASE_KINK},
#define COMPARISON(op)                                                                             \
    REALS(op, CASE_FORWARD_ONLY, CASE_FORWARD_ONLY)                                                \
    INTEGERS(op)                                                                                   \
    {#op, "ties and NaN", op##_plain, CASE_FORWARD_ONLY},                                          \
        {#op, "bool", op##_plain, CASE_FORWARD_ONLY},

const struct op_case cases_binary[] = {
    REALS(add, 0, 0) INTEGERS(add)
    REALS(sub, 0, 0) INTEGERS(sub)
    REALS(mul, 0, 0) INTEGERS(mul)
    REALS(div, 0, 0)
    REALS(pow, 0, 0)
    REALS(maximum, 0, CASE_KINK) INTEGERS(maximum) TIES(maximum)
    REALS(minimum, 0, CASE_KINK) INTEGERS(minimum) TIES(minimum)
    {"div", "poles", div_plain, CASE_KINK},
    {"pow", "base zero", pow_plain, CASE_KINK},
    {"pow", "negative base", pow_plain, CASE_KINK},
    {"pow", "exponent zero", pow_plain, 0},
    COMPARISON(eq) COMPARISON(ne) COMPARISON(lt) COMPARISON(le) COMPARISON(gt) COMPARISON(ge)
    {"where", "0-d", where_plain, 0},
    {"where", "no elements", where_plain, 0},
    {"where", "one element", where_plain, 0},
    {"where", "odd primes", where_plain, 0},
    {"where", "broadcast values", where_plain, 0},
    {"where", "broadcast condition", where_plain, 0},
    {"where", "transposed", where_transposed, 0},
    {"where", "strided slice", where_sliced, 0},
    {"where", "expanded", where_expanded, 0},
    {"where", "same twice", where_twice, 0},
    {"where", "number left", where_number_left, 0},
    {"where", "number right", where_number_right, 0},
    {"where", "NaN on the other side", where_plain, CASE_KINK},
    {"where", "i64", where_plain, CASE_FORWARD_ONLY},
    {"where", "u8", where_plain, CASE_FORWARD_ONLY},
    {"where", "i32 and a number", where_integer, CASE_FORWARD_ONLY},
    {"where", "bool", where_plain, CASE_FORWARD_ONLY},
    {0},
};

/* ---- misuse ---- */

#define MISUSE(op, what, call)                                                                     \
    static wg_tensor *op##_##what(wg_tape *tape)                                                   \
    {                                                                                              \
        return call;                                                                               \
    }
/* An input of the tape under test. */
#define IN(name, dtype, ...) wg_input(tape, name, dtype, WG_SHAPE(__VA_ARGS__))

#define MISUSES(op)                                                                                \
    MISUSE(op, of_two_shapes, wg_##op(IN("a", WG_F32, 2, 3), IN("b", WG_F32, 4)))                  \
    MISUSE(op, of_two_dtypes, wg_##op(IN("a", WG_F32, 2), IN("b", WG_F64, 2)))                     \
    MISUSE(op, of_null, wg_##op(IN("a", WG_F32, 2), (wg_tensor *)NULL))                            \
    MISUSE(op, of_a_fraction, wg_##op(0.5, IN("b", WG_I32, 2)))
#define REFUSALS(op)                                                                               \
    {#op, "two shapes", op##_of_two_shapes, "shapes (2,3) and (4,) do not broadcast"},             \
        {#op, "two dtypes", op##_of_two_dtypes, "dtypes differ, f32 and f64; see wg_cast"},        \
        {#op, "NULL", op##_of_null, "an input is NULL"},                                           \
        {#op, "a fraction beside integers", op##_of_a_fraction, "the number 0.5 is no i32"},
#define ALL(X)                                                                                     \
    X(add) X(sub) X(mul) X(div) X(pow) X(maximum) X(minimum) X(eq) X(ne) X(lt) X(le) X(gt) X(ge)

ALL(MISUSES)
MISUSE(mul, of_bool, wg_mul(IN("a", WG_BOOL, 2), IN("b", WG_BOOL, 2)))
MISUSE(maximum, of_bool, wg_maximum(IN("a", WG_BOOL, 2), IN("b", WG_BOOL, 2)))
MISUSE(div, of_integers, wg_div(IN("a", WG_I32, 2), IN("b", WG_I32, 2)))
MISUSE(pow, of_integers, wg_pow(IN("a", WG_I64, 2), IN("b", WG_I64, 2)))
MISUSE(mul, too_large_a_number, wg_mul(IN("a", WG_U8, 2), 256))
MISUSE(eq, two_in_bool, wg_eq(IN("a", WG_BOOL, 2), 2))
MISUSE(where, of_real_condition, wg_where(IN("c", WG_F32, 2), IN("a", WG_F32, 2), 0))
MISUSE(where, of_two_numbers, wg_where(IN("c", WG_BOOL, 2), 1, 0))
MISUSE(where, of_two_dtypes, wg_where(IN("c", WG_BOOL, 2), IN("a", WG_F32, 2), IN("b", WG_I64, 2)))
MISUSE(where, of_two_shapes, wg_where(IN("c", WG_BOOL, 2), IN("a", WG_F32, 3), 0))
MISUSE(where, of_null, wg_where(IN("c", WG_BOOL, 2), IN("a", WG_F32, 2), (wg_tensor *)NULL))

const struct error_case errors_binary[] = {
    ALL(REFUSALS)
    {"mul", "bool", mul_of_bool, "bool is no number; see wg_cast"},
    {"maximum", "bool", maximum_of_bool, "bool is no number; see wg_cast"},
    {"div", "integers", div_of_integers, "dtype i32, wanted is f32 or f64; see wg_cast"},
    {"pow", "integers", pow_of_integers, "dtype i64, wanted is f32 or f64; see wg_cast"},
    {"mul", "a number that u8 cannot hold", mul_too_large_a_number, "the number 256 is no u8"},
    {"eq", "2 beside bool", eq_two_in_bool, "the number 2 is no bool"},
    {"where", "a real condition", where_of_real_condition,
     "the condition is f32, wanted is bool; see wg_ne"},
    {"where", "two numbers", where_of_two_numbers, "two plain numbers have no dtype; see wg_full"},
    {"where", "two dtypes", where_of_two_dtypes, "dtypes differ, f32 and i64; see wg_cast"},
    {"where", "two shapes", where_of_two_shapes, "shapes (2,) and (3,) do not broadcast"},
    {"where", "NULL", where_of_null, "an input is NULL"},
    {0},
};
