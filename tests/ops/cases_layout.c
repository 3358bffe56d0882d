// SPDX-License-Identifier: MIT
/* Cases of the ops that only look at their input differently. */
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

/* Every third row, or every second one from the second on; repeated rows; all backwards. */
#define THIRDS(x)        wg_slice(x, 0, 0, WG_TO_END, .step = 3)
#define SECONDS(x)       wg_slice(x, 0, 1, WG_TO_END, .step = 2)
#define EXPANDED(x, ...) wg_expand(x, WG_SHAPE(__VA_ARGS__))
#define REVERSED(x)      wg_slice(x, 0, -1, WG_TO_END, .step = -1)
#define RESHAPED(x, ...) wg_reshape(x, WG_SHAPE(__VA_ARGS__))
#define SQUEEZED(x, ...) wg_squeeze(x, WG_AXES(__VA_ARGS__))
#define PERMUTED(x, ...) wg_permute(x, WG_AXES(__VA_ARGS__))
#define EVEN(x)          wg_slice(x, 0, 0, WG_TO_END, .step = 2)

RECORD(reshape, split, RESHAPED(x[0], 2, 2, 3))
RECORD(reshape, joined, RESHAPED(x[0], 6, 5))
RECORD(reshape, primes, RESHAPED(x[0], 7, 5))
RECORD(reshape, open, RESHAPED(x[0], -1, 2))
RECORD(reshape, ones, RESHAPED(x[0], 1, 1, 1))
RECORD(reshape, number, wg_reshape(x[0], WG_SCALAR))
RECORD(reshape, nothing, RESHAPED(x[0], 3, 0, 2))
RECORD(reshape, transposed, RESHAPED(wg_transpose(x[0]), 15))
RECORD(reshape, transposed_split, RESHAPED(wg_transpose(x[0]), 5, 2, 3))
RECORD(reshape, sliced, RESHAPED(SECONDS(x[0]), 9))
RECORD(reshape, reversed, RESHAPED(REVERSED(x[0]), 2, 3))
RECORD(reshape, expanded, RESHAPED(EXPANDED(x[0], 2, 3), 6))
RECORD(reshape, same, RESHAPED(x[0], 2, 3))
RECORD(reshape, squared, wg_mul(RESHAPED(x[0], 6), RESHAPED(x[0], 6)))
RECORD(reshape, integers, RESHAPED(x[0], 2, 6))

RECORD(flatten, from_1, wg_flatten(x[0], 1))
RECORD(flatten, from_0, wg_flatten(x[0], 0))
RECORD(flatten, from_back, wg_flatten(x[0], -2))
RECORD(flatten, from_2, wg_flatten(x[0], 2))
RECORD(flatten, transposed, wg_flatten(wg_transpose(x[0]), 0))
RECORD(flatten, sliced, wg_flatten(THIRDS(x[0]), 1))
RECORD(flatten, expanded, wg_flatten(EXPANDED(x[0], 2, 2, 3), 1))

RECORD(squeeze, all, wg_squeeze(x[0], WG_ALL_AXES))
RECORD(squeeze, one_axis, SQUEEZED(x[0], 2))
RECORD(squeeze, two_axes, SQUEEZED(x[0], -1, 0))
RECORD(squeeze, transposed, SQUEEZED(wg_swapaxes(x[0], 0, 2), 1))
RECORD(squeeze, sliced, SQUEEZED(wg_slice(x[0], 0, 1, WG_TO_END, .step = 3), 1))
RECORD(squeeze, expanded, SQUEEZED(EXPANDED(x[0], 2, 1, 3), 1))

RECORD(unsqueeze, first, wg_unsqueeze(x[0], 0))
RECORD(unsqueeze, between, wg_unsqueeze(x[0], 1))
RECORD(unsqueeze, last, wg_unsqueeze(x[0], -1))
RECORD(unsqueeze, last_but_one, wg_unsqueeze(x[0], -2))
RECORD(unsqueeze, transposed, wg_unsqueeze(wg_transpose(x[0]), 1))
RECORD(unsqueeze, sliced, wg_unsqueeze(EVEN(x[0]), -1))
RECORD(unsqueeze, expanded, wg_unsqueeze(EXPANDED(x[0], 2, 3), 0))

RECORD(permute, three, PERMUTED(x[0], 2, 0, 1))
RECORD(permute, negative, PERMUTED(x[0], -1, 0, -2))
RECORD(permute, four, PERMUTED(x[0], 0, 2, 3, 1))
RECORD(permute, unmoved, PERMUTED(x[0], 0, 1))
RECORD(permute, number, wg_permute(x[0], WG_ALL_AXES))
RECORD(permute, one_axis, PERMUTED(x[0], 0))
RECORD(permute, nothing, PERMUTED(x[0], 1, 2, 0))
RECORD(permute, transposed, PERMUTED(wg_swapaxes(x[0], 0, 1), 2, 0, 1))
RECORD(permute, sliced, PERMUTED(THIRDS(x[0]), 2, 1, 0))
RECORD(permute, expanded, PERMUTED(EXPANDED(x[0], 2, 4, 3), 1, 2, 0))
RECORD(permute, integers, PERMUTED(x[0], 1, 0))

RECORD(transpose, plain, wg_transpose(x[0]))
RECORD(transpose, axes_0_2, wg_swapaxes(x[0], 0, 2))
RECORD(transpose, negative, wg_swapaxes(x[0], -3, -2))
RECORD(transpose, itself, wg_swapaxes(x[0], 1, 1))
RECORD(transpose, transposed, wg_transpose(wg_transpose(x[0])))
RECORD(transpose, sliced, wg_transpose(EVEN(x[0])))
RECORD(transpose, expanded, wg_transpose(EXPANDED(x[0], 4, 3)))

RECORD(expand, new_axis, EXPANDED(x[0], 2, 4, 3))
RECORD(expand, size_1, EXPANDED(x[0], 3, 4))
RECORD(expand, both, EXPANDED(x[0], 2, 3, 5))
RECORD(expand, kept, EXPANDED(x[0], 2, -1, 4))
RECORD(expand, all_kept, EXPANDED(x[0], -1, -1))
RECORD(expand, same, EXPANDED(x[0], 2, 3))
RECORD(expand, one, EXPANDED(x[0], 7))
RECORD(expand, to_nothing, EXPANDED(x[0], 0, 3))
RECORD(expand, nothing, EXPANDED(x[0], 2, 0, 4))
RECORD(expand, transposed, EXPANDED(wg_transpose(x[0]), 3, 5))
RECORD(expand, sliced, EXPANDED(THIRDS(x[0]), 3, 2))
RECORD(expand, expanded, EXPANDED(EXPANDED(x[0], 3, 1, 2), 3, 4, 2))
RECORD(expand, squared, wg_mul(EXPANDED(x[0], 3, 4), EXPANDED(x[0], 3, 4)))
RECORD(expand, integers, EXPANDED(wg_unsqueeze(x[0], 1), 3, 2, 4))

RECORD(slice, middle, wg_slice(x[0], 0, 2, 5))
RECORD(slice, beginning, wg_slice(x[0], 0, 0, 3))
RECORD(slice, step, THIRDS(x[0]))
RECORD(slice, last_axis, wg_slice(x[0], -1, 1, 6, .step = 2))
RECORD(slice, from_end, wg_slice(x[0], 0, -3, -1))
RECORD(slice, back, REVERSED(x[0]))
RECORD(slice, back_step, wg_slice(x[0], 0, 5, 1, .step = -2))
RECORD(slice, back_to_first, wg_slice(x[0], 0, 100, WG_TO_END, .step = -3))
RECORD(slice, back_from_end, wg_slice(x[0], 0, -1, -4, .step = -1))
RECORD(slice, beyond, wg_slice(x[0], 0, 1, 100))
RECORD(slice, before, wg_slice(x[0], 0, -100, 2))
RECORD(slice, nothing, wg_slice(x[0], 0, 2, 2))
RECORD(slice, stop_first, wg_slice(x[0], 0, 2, 1))
RECORD(slice, start_beyond, wg_slice(x[0], 0, 5, 9))
RECORD(slice, largest, wg_slice(x[0], 0, 1, WG_TO_END, .step = INT64_MAX))
RECORD(slice, largest_back, wg_slice(x[0], 0, 1, WG_TO_END, .step = INT64_MIN))
RECORD(slice, of_nothing, wg_slice(x[0], 1, 1, WG_TO_END))
RECORD(slice, one, wg_slice(x[0], 0, 0, 1))
RECORD(slice, transposed, wg_slice(wg_transpose(x[0]), 0, 1, 4))
RECORD(slice, sliced, SECONDS(SECONDS(x[0])))
RECORD(slice, reversed, wg_slice(REVERSED(x[0]), 0, -1, WG_TO_END, .step = -2))
RECORD(slice, expanded, SECONDS(EXPANDED(x[0], 5, 3)))
RECORD(slice, neighbours, wg_mul(wg_slice(x[0], 0, 1, WG_TO_END), wg_slice(x[0], 0, 0, -1)))
RECORD(slice, integers, wg_slice(x[0], 1, 1, WG_TO_END, .step = 2))

RECORD(select, row_1, wg_select(x[0], 0, 1))
RECORD(select, middle, wg_select(x[0], 1, 2))
RECORD(select, last_axis, wg_select(x[0], -1, 0))
RECORD(select, from_end, wg_select(x[0], 0, -2))
RECORD(select, rank_1, wg_select(x[0], 0, 3))
RECORD(select, one, wg_select(x[0], 0, 0))
RECORD(select, row_2, wg_select(x[0], 0, 2))
RECORD(select, transposed, wg_select(wg_transpose(x[0]), 0, 4))
RECORD(select, sliced, wg_select(SECONDS(x[0]), 0, 2))
RECORD(select, expanded, wg_select(EXPANDED(x[0], 4, 3), 0, 2))
RECORD(select, two, wg_mul(wg_select(x[0], 0, 0), wg_select(x[0], 0, 2)))
RECORD(select, integers, wg_select(x[0], 1, -1))

/* Piece k of a split, which must have so many. */
static wg_tensor *piece(wg_tensors pieces, int count, int k)
{
    return pieces.count == count ? pieces.at[k] : NULL;
}

static wg_tensor *split_product(wg_tensor *const *x)
{
    const wg_tensors pieces = wg_split(x[0], 0, 3);
    return wg_mul(piece(pieces, 3, 0), piece(pieces, 3, 1));
}

RECORD(split, last, piece(wg_split(x[0], -1, 3), 3, 2))
RECORD(split, one, piece(wg_split(x[0], 0, 5), 1, 0))
RECORD(split, nothing, piece(wg_split(x[0], 0, 2), 1, 0))

const struct op_case cases_layout[] = {
    {"reshape", "one axis split", reshape_split, 0},
    {"reshape", "axes joined", reshape_joined, 0},
    {"reshape", "odd primes", reshape_primes, 0},
    {"reshape", "an open size", reshape_open, 0},
    {"reshape", "0-d", reshape_ones, 0},
    {"reshape", "one element", reshape_number, 0},
    {"reshape", "no elements", reshape_nothing, 0},
    {"reshape", "transposed", reshape_transposed, 0},
    {"reshape", "transposed and split", reshape_transposed_split, 0},
    {"reshape", "strided slice", reshape_sliced, 0},
    {"reshape", "reversed", reshape_reversed, 0},
    {"reshape", "expanded", reshape_expanded, 0},
    {"reshape", "same shape", reshape_same, 0},
    {"reshape", "squared", reshape_squared, 0},
    {"reshape", "i64", reshape_integers, CASE_FORWARD_ONLY},

    {"flatten", "from axis 1", flatten_from_1, 0},
    {"flatten", "from axis 0", flatten_from_0, 0},
    {"flatten", "from axis -2", flatten_from_back, 0},
    {"flatten", "behind the last axis", flatten_from_2, 0},
    {"flatten", "0-d", flatten_from_0, 0},
    {"flatten", "one element", flatten_from_1, 0},
    {"flatten", "no elements", flatten_from_1, 0},
    {"flatten", "transposed", flatten_transposed, 0},
    {"flatten", "strided slice", flatten_sliced, 0},
    {"flatten", "expanded", flatten_expanded, 0},

    {"squeeze", "every axis of size 1", squeeze_all, 0},
    {"squeeze", "one axis", squeeze_one_axis, 0},
    {"squeeze", "two axes", squeeze_two_axes, 0},
    {"squeeze", "nothing to leave out", squeeze_all, 0},
    {"squeeze", "0-d", squeeze_all, 0},
    {"squeeze", "one element", squeeze_all, 0},
    {"squeeze", "no elements", squeeze_all, 0},
    {"squeeze", "transposed", squeeze_transposed, 0},
    {"squeeze", "strided slice", squeeze_sliced, 0},
    {"squeeze", "expanded", squeeze_expanded, 0},

    {"unsqueeze", "first axis", unsqueeze_first, 0},
    {"unsqueeze", "between", unsqueeze_between, 0},
    {"unsqueeze", "last axis", unsqueeze_last, 0},
    {"unsqueeze", "0-d", unsqueeze_first, 0},
    {"unsqueeze", "one element", unsqueeze_last_but_one, 0},
    {"unsqueeze", "no elements", unsqueeze_between, 0},
    {"unsqueeze", "transposed", unsqueeze_transposed, 0},
    {"unsqueeze", "strided slice", unsqueeze_sliced, 0},
    {"unsqueeze", "expanded", unsqueeze_expanded, 0},

    {"permute", "three axes", permute_three, 0},
    {"permute", "negative axes", permute_negative, 0},
    {"permute", "four axes", permute_four, 0},
    {"permute", "nothing moved", permute_unmoved, 0},
    {"permute", "0-d", permute_number, 0},
    {"permute", "one axis", permute_one_axis, 0},
    {"permute", "no elements", permute_nothing, 0},
    {"permute", "transposed", permute_transposed, 0},
    {"permute", "strided slice", permute_sliced, 0},
    {"permute", "expanded", permute_expanded, 0},
    {"permute", "i64", permute_integers, CASE_FORWARD_ONLY},

    {"transpose", "odd primes", transpose_plain, 0},
    {"transpose", "a batch", transpose_plain, 0},
    {"transpose", "one element", transpose_plain, 0},
    {"transpose", "no elements", transpose_plain, 0},
    {"transpose", "axes 0 and 2", transpose_axes_0_2, 0},
    {"transpose", "negative axes", transpose_negative, 0},
    {"transpose", "an axis with itself", transpose_itself, 0},
    {"transpose", "transposed", transpose_transposed, 0},
    {"transpose", "strided slice", transpose_sliced, 0},
    {"transpose", "expanded", transpose_expanded, 0},
    {"transpose", "i64", transpose_plain, CASE_FORWARD_ONLY},

    {"expand", "a new axis", expand_new_axis, 0},
    {"expand", "an axis of size 1", expand_size_1, 0},
    {"expand", "both", expand_both, 0},
    {"expand", "sizes kept", expand_kept, 0},
    {"expand", "every size kept", expand_all_kept, 0},
    {"expand", "same shape", expand_same, 0},
    {"expand", "0-d", expand_same, 0},
    {"expand", "one element", expand_one, 0},
    {"expand", "to no elements", expand_to_nothing, 0},
    {"expand", "no elements", expand_nothing, 0},
    {"expand", "transposed", expand_transposed, 0},
    {"expand", "strided slice", expand_sliced, 0},
    {"expand", "expanded", expand_expanded, 0},
    {"expand", "squared", expand_squared, 0},
    {"expand", "i64", expand_integers, CASE_FORWARD_ONLY},

    {"slice", "the middle", slice_middle, 0},
    {"slice", "the beginning", slice_beginning, 0},
    {"slice", "a step", slice_step, 0},
    {"slice", "the last axis", slice_last_axis, 0},
    {"slice", "from the end", slice_from_end, 0},
    {"slice", "backwards", slice_back, 0},
    {"slice", "backwards with a step", slice_back_step, 0},
    {"slice", "backwards to the first", slice_back_to_first, 0},
    {"slice", "backwards from the end", slice_back_from_end, 0},
    {"slice", "beyond the end", slice_beyond, 0},
    {"slice", "before the beginning", slice_before, 0},
    {"slice", "nothing", slice_nothing, 0},
    {"slice", "stop before start", slice_stop_first, 0},
    {"slice", "start beyond the end", slice_start_beyond, 0},
    {"slice", "the largest step", slice_largest, 0},
    {"slice", "the largest step backwards", slice_largest_back, 0},
    {"slice", "no elements", slice_of_nothing, 0},
    {"slice", "an axis of size 0", slice_back, 0},
    {"slice", "one element", slice_one, 0},
    {"slice", "transposed", slice_transposed, 0},
    {"slice", "strided slice", slice_sliced, 0},
    {"slice", "reversed twice", slice_reversed, 0},
    {"slice", "expanded", slice_expanded, 0},
    {"slice", "neighbours multiplied", slice_neighbours, 0},
    {"slice", "split, product of two pieces", split_product, 0},
    {"slice", "split, the last piece", split_last, 0},
    {"slice", "split, into one", split_one, 0},
    {"slice", "split, of nothing", split_nothing, 0},
    {"slice", "i64", slice_integers, CASE_FORWARD_ONLY},

    {"select", "first axis", select_row_1, 0},
    {"select", "middle axis", select_middle, 0},
    {"select", "last axis", select_last_axis, 0},
    {"select", "from the end", select_from_end, 0},
    {"select", "of rank 1", select_rank_1, 0},
    {"select", "one element", select_one, 0},
    {"select", "no elements", select_row_2, 0},
    {"select", "transposed", select_transposed, 0},
    {"select", "strided slice", select_sliced, 0},
    {"select", "expanded", select_expanded, 0},
    {"select", "two multiplied", select_two, 0},
    {"select", "i64", select_integers, CASE_FORWARD_ONLY},
    {0},
};

/* ---- misuse ---- */

#define MISUSE(op, what, call)                                                                     \
    static wg_tensor *op##_##what(wg_tape *tape)                                                   \
    {                                                                                              \
        return call;                                                                               \
    }
/* An input of the tape under test. */
#define IN(...) wg_input(tape, "x", WG_F32, WG_SHAPE(__VA_ARGS__))

MISUSE(reshape, to_other_count, RESHAPED(IN(2, 3), 4, 2))
MISUSE(reshape, to_two_open, RESHAPED(IN(2, 3), -1, -1))
MISUSE(reshape, to_no_fit, RESHAPED(IN(2, 3), 4, -1))
MISUSE(reshape, to_open_and_zero, RESHAPED(IN(0, 3), 0, -1))
MISUSE(reshape, to_negative, RESHAPED(IN(2, 3), -2, -3))
MISUSE(reshape, to_rank_9, wg_reshape(IN(1), ((wg_shape){.rank = 9})))
MISUSE(reshape, to_overflow, RESHAPED(IN(2), INT64_MAX, INT64_MAX, 4))
MISUSE(flatten, axis_3, wg_flatten(IN(2, 3), 3))
MISUSE(flatten, axis_back, wg_flatten(IN(2, 3), -3))
MISUSE(flatten, rank_9, wg_flatten(IN(1, 1, 1, 1, 1, 1, 1, 1), 8))
MISUSE(squeeze, size_3, SQUEEZED(IN(1, 3), 1))
MISUSE(squeeze, axis_2, SQUEEZED(IN(1, 3), 2))
MISUSE(squeeze, twice, SQUEEZED(IN(1, 3), 0, -2))
MISUSE(unsqueeze, axis_3, wg_unsqueeze(IN(2, 3), 3))
MISUSE(unsqueeze, rank_9, wg_unsqueeze(IN(1, 1, 1, 1, 1, 1, 1, 1), 0))
MISUSE(permute, two_of_three, PERMUTED(IN(2, 3, 4), 0, 1))
MISUSE(permute, twice, PERMUTED(IN(2, 3), 1, 1))
MISUSE(permute, axis_2, PERMUTED(IN(2, 3), 0, 2))
MISUSE(transpose, rank_1, wg_transpose(IN(3)))
MISUSE(transpose, axis_2, wg_swapaxes(IN(2, 3), 0, 2))
MISUSE(expand, other_size, EXPANDED(IN(2, 3), 2, 4))
MISUSE(expand, lower_rank, EXPANDED(IN(2, 3), 3))
MISUSE(expand, open_new_axis, EXPANDED(IN(3), -1, 3))
MISUSE(expand, overflow, EXPANDED(IN(1), INT64_MAX, 8))
MISUSE(slice, axis_2, wg_slice(IN(2, 3), 2, 0, 1))
MISUSE(select, index_3, wg_select(IN(2, 3), 1, 3))
MISUSE(select, index_back, wg_select(IN(2, 3), 0, -3))
MISUSE(select, axis_2, wg_select(IN(2, 3), 2, 0))
MISUSE(split, axis_2, piece(wg_split(IN(2, 3), 2, 1), 1, 0))
MISUSE(split, size_0, piece(wg_split(IN(2, 3), 0, 0), 1, 0))
MISUSE(split, too_many, piece(wg_split(wg_expand(IN(1), WG_SHAPE(INT32_MAX + 1ll)), 0, 1), 1, 0))

const struct error_case errors_layout[] = {
    {"reshape", "another count", reshape_to_other_count,
     "6 elements do not fill (4,2), which has 8"},
    {"reshape", "two open sizes", reshape_to_two_open, "more than one size is -1"},
    {"reshape", "an open size that does not come out", reshape_to_no_fit,
     "no size in place of -1 makes 6 elements out of 4"},
    {"reshape", "an open size beside 0", reshape_to_open_and_zero,
     "no size in place of -1 makes 0 elements out of 0"},
    {"reshape", "a negative size", reshape_to_negative, "size -2 of axis 0 will not do"},
    {"reshape", "rank 9", reshape_to_rank_9, "rank 9 is beyond 8"},
    {"reshape", "sizes that overflow", reshape_to_overflow, "size 9223372036854775807 of axis 1"},
    {"flatten", "an axis too far", flatten_axis_3, "axis 3 is out of range for rank 2"},
    {"flatten", "a negative axis too far", flatten_axis_back, "axis -3 is out of range for rank 2"},
    {"flatten", "rank 9", flatten_rank_9, "the rank would be 9"},
    {"squeeze", "an axis of size 3", squeeze_size_3, "axis 1 has size 3, not 1"},
    {"squeeze", "an axis too far", squeeze_axis_2, "axis 2 is out of range for rank 2"},
    {"squeeze", "an axis twice", squeeze_twice, "axis -2 is named twice"},
    {"unsqueeze", "an axis too far", unsqueeze_axis_3, "axis 3 is out of range for rank 3"},
    {"unsqueeze", "rank 9", unsqueeze_rank_9, "the rank would be 9"},
    {"permute", "an axis missing", permute_two_of_three, "2 axes are named for rank 3"},
    {"permute", "an axis twice", permute_twice, "axis 1 is named twice"},
    {"permute", "an axis too far", permute_axis_2, "axis 2 is out of range for rank 2"},
    {"transpose", "rank 1", transpose_rank_1, "axis -2 is out of range for rank 1"},
    {"transpose", "an axis too far", transpose_axis_2, "axis 2 is out of range for rank 2"},
    {"expand", "another size", expand_other_size, "size 3 of axis 1 cannot become 4"},
    {"expand", "a lower rank", expand_lower_rank, "rank 2 cannot become rank 1"},
    {"expand", "an open new axis", expand_open_new_axis, "axis 0 is new and needs a size"},
    {"expand", "sizes that overflow", expand_overflow, "(9223372036854775807,8)"},
    {"slice", "an axis too far", slice_axis_2, "axis 2 is out of range for rank 2"},
    {"select", "an index too far", select_index_3, "index 3 is out of range for size 3"},
    {"select", "a negative index too far", select_index_back,
     "index -3 is out of range for size 2"},
    {"select", "an axis too far", select_axis_2, "axis 2 is out of range for rank 2"},
    {"split", "an axis too far", split_axis_2, "axis 2 is out of range for rank 2"},
    {"split", "pieces of nothing", split_size_0, "pieces of size 0"},
    {"split", "too many pieces", split_too_many, "more than 2147483647 pieces"},
    {0},
};
