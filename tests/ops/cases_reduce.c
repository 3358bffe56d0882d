// SPDX-License-Identifier: MIT
/* Cases of the reductions: every choice of axes, views, ties, and numbers that are none. */
#include "cases.h"

#include <wengert/ops/binary.h>
#include <wengert/ops/layout.h>
#include <wengert/ops/logsumexp.h>
#include <wengert/ops/reduce.h>
#include <wengert/ops/slice.h>
#include <wengert/ops/variance.h>

/* A recording function, named by op and case. */
#define RECORD(op, what, call)                                                                     \
    static wg_tensor *op##_##what(wg_tensor *const *x)                                             \
    {                                                                                              \
        return call;                                                                               \
    }

/* Every second column from the last one on; a row three times. */
#define BACKWARDS(x) wg_slice(x, 1, -1, WG_TO_END, .step = -2)
#define EXPANDED(x)  wg_expand(x, WG_SHAPE(3, 5))

/* Each of them takes axes. */
#define REDUCTIONS(DO) DO(sum) DO(mean) DO(amax) DO(amin) DO(logsumexp) DO(var) DO(std)

#define RECORDS(op)                                                                                \
    RECORD(op, all, wg_##op(x[0]))                                                                 \
    RECORD(op, first, wg_##op(x[0], WG_AXES(0)))                                                   \
    RECORD(op, last, wg_##op(x[0], WG_AXES(-1)))                                                   \
    RECORD(op, axis_1, wg_##op(x[0], WG_AXES(1)))                                                  \
    RECORD(op, two, wg_##op(x[0], WG_AXES(0, -1)))                                                 \
    RECORD(op, named, wg_##op(x[0], WG_AXES(-1, 0, 1)))                                            \
    RECORD(op, kept, wg_##op(x[0], WG_AXES(1), .keep = true))                                      \
    RECORD(op, all_kept, wg_##op(x[0], .keep = true))                                              \
    RECORD(op, transposed, wg_##op(wg_transpose(x[0]), WG_AXES(0)))                                \
    RECORD(op, all_transposed, wg_##op(wg_transpose(x[0])))                                        \
    RECORD(op, backwards, wg_##op(BACKWARDS(x[0]), WG_AXES(1)))                                    \
    RECORD(op, expanded, wg_##op(EXPANDED(x[0])))                                                  \
    RECORD(op, squares, wg_##op(wg_mul(x[0], x[0]), WG_AXES(1)))                                   \
    RECORD(op, composed, wg_##op(wg_mul(x[0], op##_kept(x)), WG_AXES(0)))
REDUCTIONS(RECORDS)

RECORD(sum, first_kept, wg_sum(x[0], WG_AXES(0), .keep = true))
RECORD(sum, rows_transposed, wg_sum(wg_transpose(x[0]), WG_AXES(1)))

#define BIASED(op)                                                                                 \
    RECORD(op, biased, wg_##op(x[0], WG_AXES(1), .biased = true))                                  \
    RECORD(op, biased_two, wg_##op(x[0], WG_AXES(0, -1), .keep = true, .biased = true))
BIASED(var)
BIASED(std)

RECORD(amax, squared, wg_mul(amax_axis_1(x), amax_axis_1(x)))
RECORD(amin, squared, wg_mul(amin_axis_1(x), amin_axis_1(x)))

#define PLACES(op)                                                                                 \
    RECORD(op, plain, wg_##op(x[0]))                                                               \
    RECORD(op, last, wg_##op(x[0], -1))                                                            \
    RECORD(op, axis_1, wg_##op(x[0], 1))                                                           \
    RECORD(op, kept, wg_##op(x[0], 1, .keep = true))                                               \
    RECORD(op, transposed, wg_##op(wg_transpose(x[0]), 0))                                         \
    RECORD(op, backwards, wg_##op(BACKWARDS(x[0]), 1))                                             \
    RECORD(op, expanded, wg_##op(EXPANDED(x[0]), 0))
PLACES(argmax)
PLACES(argmin)

/* clang-format off */
/* `single` are the flags where one number is all there is. */
#define ROWS(op, single)                                                                           \
    {#op, "0-d", op##_all, single},                                                                \
    {#op, "size 1", op##_all, single},                                                             \
    {#op, "all axes", op##_all, 0},                                                                \
    {#op, "first axis", op##_first, 0},                                                            \
    {#op, "last axis", op##_last, 0},                                                              \
    {#op, "middle axis", op##_axis_1, 0},                                                          \
    {#op, "two axes", op##_two, 0},                                                                \
    {#op, "every axis named", op##_named, 0},                                                      \
    {#op, "axis kept", op##_kept, 0},                                                              \
    {#op, "all kept", op##_all_kept, 0},                                                           \
    {#op, "long line", op##_axis_1, 0},                                                            \
    {#op, "long columns", op##_first, 0},                                                          \
    {#op, "an axis of size 1", op##_axis_1, single},                                               \
    {#op, "no lines", op##_axis_1, 0},                                                             \
    {#op, "transposed", op##_transposed, 0},                                                       \
    {#op, "transposed, all axes", op##_all_transposed, 0},                                         \
    {#op, "sliced backwards", op##_backwards, 0},                                                  \
    {#op, "expanded", op##_expanded, 0},                                                           \
    {#op, "of squares", op##_squares, 0},                                                          \
    {#op, "composed", op##_composed, 0},                                                           \
    {#op, "infinity", op##_axis_1, CASE_KINK},                                                     \
    {#op, "NaN", op##_axis_1, CASE_KINK}

#define ROWS_OF_NOTHING(op, flags)                                                                 \
    {#op, "empty lines", op##_axis_1, flags},                                                      \
    {#op, "of nothing", op##_all, flags}

/* `root` are the flags where the variance is 0. */
#define ROWS_OF_VARIANCE(op, root)                                                                 \
    {#op, "biased", op##_biased, 0},                                                               \
    {#op, "biased, two axes kept", op##_biased_two, 0},                                            \
    {#op, "biased, an axis of size 1", op##_biased, root},                                         \
    {#op, "biased, empty lines", op##_biased, CASE_KINK},                                          \
    {#op, "equal numbers", op##_axis_1, root},                                                     \
    {#op, "far from zero", op##_axis_1, CASE_KINK},                                                \
    {#op, "two numbers", op##_axis_1, 0}

#define ROWS_OF_TIES(op)                                                                           \
    {#op, "ties", op##_axis_1, CASE_KINK},                                                         \
    {#op, "ties of columns", op##_first, CASE_KINK},                                               \
    {#op, "ties over all axes", op##_all, CASE_KINK},                                              \
    {#op, "ties, squared", op##_squared, CASE_KINK},                                               \
    {#op, "ties in a long line", op##_axis_1, CASE_KINK}

#define ROWS_OF_PLACES(op)                                                                         \
    {#op, "size 1", op##_plain, CASE_FORWARD_ONLY},                                                \
    {#op, "one axis", op##_plain, CASE_FORWARD_ONLY},                                              \
    {#op, "first axis", op##_plain, CASE_FORWARD_ONLY},                                            \
    {#op, "last axis", op##_last, CASE_FORWARD_ONLY},                                              \
    {#op, "middle axis", op##_axis_1, CASE_FORWARD_ONLY},                                          \
    {#op, "axis kept", op##_kept, CASE_FORWARD_ONLY},                                              \
    {#op, "long line", op##_axis_1, CASE_FORWARD_ONLY},                                            \
    {#op, "long columns", op##_plain, CASE_FORWARD_ONLY},                                          \
    {#op, "an axis of size 1", op##_axis_1, CASE_FORWARD_ONLY},                                    \
    {#op, "no lines", op##_axis_1, CASE_FORWARD_ONLY},                                             \
    {#op, "transposed", op##_transposed, CASE_FORWARD_ONLY},                                       \
    {#op, "sliced backwards", op##_backwards, CASE_FORWARD_ONLY},                                  \
    {#op, "expanded", op##_expanded, CASE_FORWARD_ONLY},                                           \
    {#op, "ties", op##_axis_1, CASE_FORWARD_ONLY},                                                 \
    {#op, "ties in a long line", op##_axis_1, CASE_FORWARD_ONLY},                                  \
    {#op, "infinity", op##_axis_1, CASE_FORWARD_ONLY},                                             \
    {#op, "NaN", op##_axis_1, CASE_FORWARD_ONLY}

const struct op_case cases_reduce[] = {
    ROWS(sum, 0),
    ROWS_OF_NOTHING(sum, 0),
    {"sum", "i64", sum_axis_1, CASE_FORWARD_ONLY},
    {"sum", "i64, all axes", sum_all, CASE_FORWARD_ONLY},
    {"sum", "i64, axis kept", sum_first_kept, CASE_FORWARD_ONLY},
    {"sum", "i64 transposed", sum_rows_transposed, CASE_FORWARD_ONLY},
    {"sum", "i64 sliced backwards", sum_backwards, CASE_FORWARD_ONLY},
    {"sum", "i64 expanded", sum_expanded, CASE_FORWARD_ONLY},
    {"sum", "i64, empty lines", sum_axis_1, CASE_FORWARD_ONLY},
    {"sum", "i32 beyond its range", sum_axis_1, CASE_FORWARD_ONLY},
    {"sum", "u8 beyond its range", sum_axis_1, CASE_FORWARD_ONLY},
    {"sum", "bool", sum_axis_1, CASE_FORWARD_ONLY},
    ROWS(mean, 0),
    ROWS_OF_NOTHING(mean, CASE_KINK),
    ROWS(amax, 0),
    ROWS_OF_TIES(amax),
    ROWS(amin, 0),
    ROWS_OF_TIES(amin),
    ROWS(logsumexp, 0),
    ROWS_OF_NOTHING(logsumexp, 0),
    {"logsumexp", "numbers too large for exp in f32", logsumexp_axis_1, 0},
    {"logsumexp", "large numbers", logsumexp_axis_1, CASE_F64_ONLY},
    {"logsumexp", "equal numbers", logsumexp_axis_1, 0},
    ROWS(var, CASE_KINK),
    ROWS_OF_NOTHING(var, CASE_KINK),
    ROWS_OF_VARIANCE(var, 0),
    ROWS(std, CASE_KINK),
    ROWS_OF_NOTHING(std, CASE_KINK),
    ROWS_OF_VARIANCE(std, CASE_KINK),
    ROWS_OF_PLACES(argmax),
    ROWS_OF_PLACES(argmin),
    {0},
};
/* clang-format on */

/* ---- misuse ---- */

#define MISUSE(op, what, call)                                                                     \
    static wg_tensor *op##_##what(wg_tape *tape)                                                   \
    {                                                                                              \
        return call;                                                                               \
    }
/* An input of the tape under test. */
#define IN(...)      wg_input(tape, "x", WG_F32, WG_SHAPE(__VA_ARGS__))
#define INTEGERS     wg_input(tape, "x", WG_I64, WG_SHAPE(2, 3))
#define NUMBER       wg_input(tape, "x", WG_F32, WG_SCALAR)
#define TOO_MANY     ((wg_axes){.count = 9})
#define LESS_THAN_NO ((wg_axes){.count = -1})

#define MISUSES(op)                                                                                \
    MISUSE(op, axis_2, wg_##op(IN(2, 3), WG_AXES(2)))                                              \
    MISUSE(op, axis_back, wg_##op(IN(2, 3), WG_AXES(0, -3)))                                       \
    MISUSE(op, axis_twice, wg_##op(IN(2, 3), WG_AXES(1, -1)))                                      \
    MISUSE(op, of_number, wg_##op(NUMBER, WG_AXES(0)))                                             \
    MISUSE(op, nine_axes, wg_##op(IN(2, 3), TOO_MANY))                                             \
    MISUSE(op, negative_axes, wg_##op(IN(2, 3), LESS_THAN_NO))
REDUCTIONS(MISUSES)

#define OF_INTEGERS(op) MISUSE(op, of_integers, wg_##op(INTEGERS))
OF_INTEGERS(mean)
OF_INTEGERS(amax)
OF_INTEGERS(amin)
OF_INTEGERS(logsumexp)
OF_INTEGERS(var)
OF_INTEGERS(std)

#define MISUSES_OF_NOTHING(op)                                                                     \
    MISUSE(op, of_nothing, wg_##op(IN(0)))                                                         \
    MISUSE(op, of_empty_lines, wg_##op(IN(3, 0), WG_AXES(1)))
MISUSES_OF_NOTHING(amax)
MISUSES_OF_NOTHING(amin)

#define MISUSES_OF_PLACES(op)                                                                      \
    MISUSE(op, axis_2, wg_##op(IN(2, 3), 2))                                                       \
    MISUSE(op, axis_back, wg_##op(IN(2, 3), -3))                                                   \
    MISUSE(op, of_number, wg_##op(NUMBER))                                                         \
    MISUSE(op, of_empty_lines, wg_##op(IN(3, 0), 1))                                               \
    OF_INTEGERS(op)
MISUSES_OF_PLACES(argmax)
MISUSES_OF_PLACES(argmin)

/* clang-format off */
#define REFUSALS(op)                                                                               \
    {#op, "an axis too far", op##_axis_2, "axis 2 is out of range for rank 2"},                    \
    {#op, "a negative axis too far", op##_axis_back, "axis -3 is out of range for rank 2"},        \
    {#op, "an axis twice", op##_axis_twice, "axis -1 is named twice"},                             \
    {#op, "an axis of a number", op##_of_number, "axis 0 is out of range for rank 0"},             \
    {#op, "nine axes", op##_nine_axes, "9 axes are named, 8 are the most"},                        \
    {#op, "less than no axes", op##_negative_axes, "-1 axes are named, 8 are the most"},
#define REFUSAL_OF_INTEGERS(op)                                                                    \
    {#op, "i64", op##_of_integers, "dtype i64, wanted is f32 or f64; see wg_cast"},
#define REFUSALS_OF_NOTHING(op)                                                                    \
    {#op, "nothing", op##_of_nothing, "there is nothing to choose from"},                          \
    {#op, "empty lines", op##_of_empty_lines, "there is nothing to choose from"},
#define REFUSALS_OF_PLACES(op)                                                                     \
    {#op, "an axis too far", op##_axis_2, "axis 2 is out of range for rank 2"},                    \
    {#op, "a negative axis too far", op##_axis_back, "axis -3 is out of range for rank 2"},        \
    {#op, "a number", op##_of_number, "axis 0 is out of range for rank 0"},                        \
    {#op, "empty lines", op##_of_empty_lines, "axis 1 has size 0"},                                \
    REFUSAL_OF_INTEGERS(op)

const struct error_case errors_reduce[] = {
    REDUCTIONS(REFUSALS)
    REFUSAL_OF_INTEGERS(mean)
    REFUSAL_OF_INTEGERS(amax)
    REFUSAL_OF_INTEGERS(amin)
    REFUSAL_OF_INTEGERS(logsumexp)
    REFUSAL_OF_INTEGERS(var)
    REFUSAL_OF_INTEGERS(std)
    REFUSALS_OF_NOTHING(amax)
    REFUSALS_OF_NOTHING(amin)
    REFUSALS_OF_PLACES(argmax)
    REFUSALS_OF_PLACES(argmin)
    {0},
};
/* clang-format on */
