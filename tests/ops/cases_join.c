// SPDX-License-Identifier: MIT
/* Cases of the ops that put tensors behind each other, or more elements around one. */
#include "cases.h"

#include <math.h>

#include <wengert/ops/binary.h>
#include <wengert/ops/join.h>
#include <wengert/ops/layout.h>
#include <wengert/ops/pad.h>
#include <wengert/ops/slice.h>

/* A recording function, named by op and case. */
#define RECORD(op, what, call)                                                                     \
    static wg_tensor *op##_##what(wg_tensor *const *x)                                             \
    {                                                                                              \
        return call;                                                                               \
    }

#define PAIR          WG_TENSORS(x[0], x[1])
#define TRIO          WG_TENSORS(x[0], x[1], x[2])
#define THIRDS(x)     wg_slice(x, 0, 0, WG_TO_END, .step = 3)
#define EXPANDED(x)   wg_expand(x, WG_SHAPE(2, 3))
#define TRANSPOSED(x) wg_transpose(x)

#define JOINS(op)                                                                                  \
    RECORD(op, axis_0, wg_##op(PAIR, 0))                                                           \
    RECORD(op, axis_1, wg_##op(PAIR, 1))                                                           \
    RECORD(op, last_axis, wg_##op(PAIR, -1))                                                       \
    RECORD(op, transposed, wg_##op(WG_TENSORS(TRANSPOSED(x[0]), x[1]), 0))                         \
    RECORD(op, sliced, wg_##op(WG_TENSORS(x[0], THIRDS(x[1])), 1))                                 \
    RECORD(op, expanded, wg_##op(WG_TENSORS(EXPANDED(x[0]), x[1]), 0))                             \
    RECORD(op, one, wg_##op(WG_TENSORS(x[0]), 0))                                                  \
    RECORD(op, twice, wg_##op(WG_TENSORS(x[0], x[0]), 1))                                          \
    RECORD(op, squared, wg_mul(wg_##op(TRIO, 1), wg_##op(TRIO, 1)))

JOINS(cat)
JOINS(stack)
RECORD(cat, part, wg_slice(wg_cat(PAIR, 0), 0, 0, 2))
RECORD(stack, part, wg_select(wg_stack(PAIR, 0), 0, 1))

RECORD(pad, zeros, wg_pad(x[0], .before = {1, 3}, .after = {2, 1}))
RECORD(pad, value, wg_pad(x[0], .before = {0, 2}, .after = {1}, .value = -1.75))
RECORD(pad, nan, wg_pad(x[0], .before = {1}, .after = {1}, .value = (double)NAN))
RECORD(pad, inner, wg_pad(x[0], .before = {0, 1}))
RECORD(pad, nothing, wg_pad(x[0]))
RECORD(pad, by_2, wg_pad(x[0], .before = {2}, .after = {2}))
RECORD(pad, by_1, wg_pad(x[0], .before = {1}, .after = {1}))
RECORD(pad, four, wg_pad(x[0], .before = {0, 0, 1, 1}, .after = {0, 0, 1, 1}))
RECORD(pad, transposed, wg_pad(TRANSPOSED(x[0]), .before = {1}, .after = {0, 1}))
RECORD(pad, sliced, wg_pad(THIRDS(x[0]), .before = {1, 1}, .after = {1, 1}))
RECORD(pad, expanded, wg_pad(EXPANDED(x[0]), .before = {1}, .after = {0, 2}))
RECORD(pad, squared, wg_pad(wg_mul(x[0], x[0]), .before = {1}, .after = {1, 1}))
#define REFLECT .mode = WG_PAD_REFLECT
RECORD(reflect, plain, wg_pad(x[0], .before = {2}, .after = {3}, REFLECT))
RECORD(reflect, two_axes, wg_pad(x[0], .before = {1, 3}, .after = {2}, REFLECT))
RECORD(reflect, squared, wg_pad(wg_mul(x[0], x[0]), .before = {2}, .after = {2}, REFLECT))
RECORD(reflect, transposed, wg_pad(TRANSPOSED(x[0]), .before = {1, 2}, .after = {1, 1}, REFLECT))
RECORD(reflect, nothing, wg_pad(x[0], REFLECT))
#define REPLICATE .mode = WG_PAD_REPLICATE
RECORD(replicate, plain, wg_pad(x[0], .before = {2}, .after = {4}, REPLICATE))
RECORD(replicate, two_axes, wg_pad(x[0], .before = {1, 2}, .after = {0, 3}, REPLICATE))
RECORD(replicate, one, wg_pad(x[0], .before = {3}, .after = {3}, REPLICATE))
RECORD(pad, integers, wg_pad(x[0], .before = {1}, .after = {2}, .value = -4))

/* clang-format off */
#define ROWS(op)                                                                                   \
    {#op, "axis 0", op##_axis_0, 0},                                                               \
    {#op, "axis 1", op##_axis_1, 0},                                                               \
    {#op, "the last axis", op##_last_axis, 0},                                                     \
    {#op, "one element", op##_axis_0, 0},                                                          \
    {#op, "no elements", op##_axis_1, 0},                                                          \
    {#op, "transposed", op##_transposed, 0},                                                       \
    {#op, "strided slice", op##_sliced, 0},                                                        \
    {#op, "expanded", op##_expanded, 0},                                                           \
    {#op, "one alone", op##_one, 0},                                                               \
    {#op, "the same twice", op##_twice, 0},                                                        \
    {#op, "three, squared", op##_squared, 0},                                                      \
    {#op, "i64", op##_axis_0, CASE_FORWARD_ONLY}

const struct op_case cases_join[] = {
    ROWS(cat),
    {"cat", "of two sizes", cat_axis_1, 0},
    {"cat", "with nothing", cat_axis_0, 0},
    {"cat", "with a constant", cat_axis_0, 0},
    {"cat", "with a part unused", cat_part, 0},
    ROWS(stack),
    {"stack", "0-d", stack_axis_0, 0},
    {"stack", "0-d, backwards axis", stack_last_axis, 0},
    {"stack", "with a part unused", stack_part, 0},
    {"pad", "with zeros", pad_zeros, 0},
    {"pad", "with a value", pad_value, 0},
    {"pad", "with NaN", pad_nan, CASE_KINK},
    {"pad", "the inner axis alone", pad_inner, 0},
    {"pad", "by nothing", pad_nothing, 0},
    {"pad", "0-d", pad_nothing, 0},
    {"pad", "one element", pad_by_2, 0},
    {"pad", "no elements", pad_by_1, 0},
    {"pad", "four axes", pad_four, 0},
    {"pad", "transposed", pad_transposed, 0},
    {"pad", "strided slice", pad_sliced, 0},
    {"pad", "expanded", pad_expanded, 0},
    {"pad", "squared", pad_squared, 0},
    {"pad", "reflect", reflect_plain, 0},
    {"pad", "reflect, two axes", reflect_two_axes, 0},
    {"pad", "reflect, squared", reflect_squared, 0},
    {"pad", "reflect, transposed", reflect_transposed, 0},
    {"pad", "reflect, by nothing", reflect_nothing, 0},
    {"pad", "replicate", replicate_plain, 0},
    {"pad", "replicate, two axes", replicate_two_axes, 0},
    {"pad", "replicate, one element", replicate_one, 0},
    {"pad", "i64", pad_integers, CASE_FORWARD_ONLY},
    {0},
};
/* clang-format on */

/* ---- misuse ---- */

#define MISUSE(op, what, call)                                                                     \
    static wg_tensor *op##_##what(wg_tape *tape)                                                   \
    {                                                                                              \
        return call;                                                                               \
    }
/* Inputs of the tape under test. */
#define A(...)      wg_input(tape, "a", WG_F32, WG_SHAPE(__VA_ARGS__))
#define B(...)      wg_input(tape, "b", WG_F32, WG_SHAPE(__VA_ARGS__))
#define DOUBLE(...) wg_input(tape, "b", WG_F64, WG_SHAPE(__VA_ARGS__))
#define BYTES(...)  wg_input(tape, "a", WG_U8, WG_SHAPE(__VA_ARGS__))
/* Nothing along a very long axis: of two, one behind the other, not even nothing can be made. */
#define EMPTY(x)        wg_expand(x, WG_SHAPE(0, INT64_MAX / 8))
#define LONGER_EMPTY(x) wg_expand(x, WG_SHAPE(0, INT64_MAX / 2 + 1))

MISUSE(cat, of_two_ranks, wg_cat(WG_TENSORS(A(2, 3), B(3)), 0))
MISUSE(cat, of_two_sizes, wg_cat(WG_TENSORS(A(2, 3), B(2, 4)), 0))
MISUSE(cat, of_two_dtypes, wg_cat(WG_TENSORS(A(2), DOUBLE(2)), 0))
MISUSE(cat, axis_2, wg_cat(WG_TENSORS(A(2, 3), B(2, 3)), 2))
MISUSE(cat, of_numbers, wg_cat(WG_TENSORS(wg_reshape(A(1), WG_SCALAR)), 0))
MISUSE(cat, of_null, wg_cat(WG_TENSORS(A(2), NULL), 0))
MISUSE(cat, overflow, wg_cat(WG_TENSORS(EMPTY(A(1, 1)), EMPTY(B(1, 1))), 1))

static wg_tensor *cat_too_long(wg_tape *tape)
{
    wg_tensor *half = LONGER_EMPTY(BYTES(1, 1));
    return wg_cat(WG_TENSORS(half, half), 1);
}

MISUSE(stack, of_two_shapes, wg_stack(WG_TENSORS(A(2, 3), B(2, 4)), 0))
MISUSE(stack, of_two_dtypes, wg_stack(WG_TENSORS(A(2), DOUBLE(2)), 0))
MISUSE(stack, axis_3, wg_stack(WG_TENSORS(A(2, 3), B(2, 3)), 3))
MISUSE(stack, rank_9, wg_stack(WG_TENSORS(A(1, 1, 1, 1, 1, 1, 1, 1)), 0))
MISUSE(pad, negative, wg_pad(A(2, 3), .before = {0, -1}))
MISUSE(pad, axis_2, wg_pad(A(2, 3), .after = {0, 0, 1}))
MISUSE(pad, too_long, wg_pad(A(2), .before = {INT64_MAX}))
MISUSE(pad, overflow, wg_pad(A(2, 3), .before = {INT64_MAX / 4}))
MISUSE(pad, reflect_too_far, wg_pad(A(2, 3), .after = {0, 3}, REFLECT))
MISUSE(pad, reflect_negative, wg_pad(A(2, 3), .after = {-1}, REFLECT))
MISUSE(pad, reflect_nothing, wg_pad(A(0), .after = {1}, REFLECT))
MISUSE(pad, replicate_nothing, wg_pad(A(0), .after = {1}, REPLICATE))
MISUSE(pad, no_mode, wg_pad(A(2), .mode = (enum wg_pad_mode)7))

const struct error_case errors_join[] = {
    {"cat", "two ranks", cat_of_two_ranks, "ranks differ, 2 and 1"},
    {"cat", "two sizes", cat_of_two_sizes, "sizes of axis 1 differ, 3 and 4"},
    {"cat", "two dtypes", cat_of_two_dtypes, "dtypes differ, f32 and f64; see wg_cast"},
    {"cat", "an axis too far", cat_axis_2, "axis 2 is out of range for rank 2"},
    {"cat", "numbers", cat_of_numbers, "axis 0 is out of range for rank 0"},
    {"cat", "NULL", cat_of_null, "an input is NULL"},
    {"cat", "sizes that overflow", cat_overflow, "(0,2305843009213693950)"},
    {"cat", "an axis too long", cat_too_long, "axis 1 becomes too long"},
    {"stack", "two shapes", stack_of_two_shapes, "number 1 has another shape than the first"},
    {"stack", "two dtypes", stack_of_two_dtypes, "dtypes differ, f32 and f64; see wg_cast"},
    {"stack", "an axis too far", stack_axis_3, "axis 3 is out of range for rank 3"},
    {"stack", "rank 9", stack_rank_9, "the rank would be 9"},
    {"pad", "a negative number", pad_negative, "axis 1 is padded by -1 and 0"},
    {"pad", "an axis too far", pad_axis_2, "axis 2 is padded, the rank is 2"},
    {"pad", "an axis too long", pad_too_long, "axis 0 becomes too long"},
    {"pad", "sizes that overflow", pad_overflow, "(2305843009213693953,3)"},
    {"pad", "a reflection too far", pad_reflect_too_far,
     "axis 1 has size 3, and needs 4 for this mode"},
    {"pad", "a negative reflection", pad_reflect_negative, "axis 0 is padded by 0 and -1"},
    {"pad", "a reflection of nothing", pad_reflect_nothing, "axis 0 has size 0, and needs 2"},
    {"pad", "a replication of nothing", pad_replicate_nothing, "axis 0 has size 0, and needs 1"},
    {"pad", "no mode", pad_no_mode, "there is no mode 7"},
    {0},
};
