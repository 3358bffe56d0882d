// SPDX-License-Identifier: MIT
/* Slices and elements by index: indices of every dtype, repeated, none, and out of range. */
#include "cases.h"

#include <wengert/ops/binary.h>
#include <wengert/ops/gather.h>
#include <wengert/ops/index.h>
#include <wengert/ops/layout.h>
#include <wengert/ops/reduce.h>
#include <wengert/ops/slice.h>

/* A recording function, named by op and case. */
#define RECORD(op, what, call)                                                                     \
    static wg_tensor *op##_##what(wg_tensor *const *x)                                             \
    {                                                                                              \
        return call;                                                                               \
    }

/* Every second one; every second column from the last one on. */
#define SECONDS(x, axis) wg_slice(x, axis, 0, WG_TO_END, .step = 2)
#define BACKWARDS(x)     wg_slice(x, 1, -1, WG_TO_END, .step = -2)
#define BEHIND_FIRST(x)  wg_slice(x, 0, 1, WG_TO_END)
#define SQUARED(x)       wg_mul(x, x)
#define TRANSPOSED(x)    wg_transpose(x)
#define EXPANDED(x, ...) wg_expand(x, WG_SHAPE(__VA_ARGS__))

RECORD(index_select, rows, wg_index_select(x[0], 0, x[1]))
RECORD(index_select, axis_1, wg_index_select(x[0], 1, x[1]))
RECORD(index_select, last, wg_index_select(x[0], -1, x[1]))
RECORD(index_select, transposed, wg_index_select(TRANSPOSED(x[0]), 0, x[1]))
RECORD(index_select, backwards, wg_index_select(BACKWARDS(x[0]), 1, x[1]))
RECORD(index_select, expanded, wg_index_select(EXPANDED(x[0], 4, 3), 0, x[1]))
RECORD(index_select, sliced_index, wg_index_select(x[0], 0, SECONDS(x[1], 0)))
RECORD(index_select, expanded_index, wg_index_select(x[0], 0, EXPANDED(x[1], 4)))
RECORD(index_select, of_squares, wg_index_select(SQUARED(x[0]), 0, x[1]))
RECORD(index_select, squared,
       wg_mul(wg_index_select(x[0], 0, x[1]), wg_index_select(x[0], 0, x[1])))
RECORD(index_select, twice, wg_index_select(index_select_rows(x), 1, BEHIND_FIRST(x[1])))

RECORD(embedding, plain, wg_embedding(x[0], x[1]))
RECORD(embedding, transposed, wg_embedding(x[0], TRANSPOSED(x[1])))
RECORD(embedding, squared, wg_mul(wg_embedding(x[0], x[1]), wg_embedding(x[0], x[1])))

RECORD(index_scatter, into_0, wg_index_scatter(x[0], 0, x[1], 0))
RECORD(index_scatter, into_1, wg_index_scatter(x[0], 0, x[1], 1))
RECORD(index_scatter, into_2, wg_index_scatter(x[0], 0, x[1], 2))
RECORD(index_scatter, into_3, wg_index_scatter(x[0], 0, x[1], 3))
RECORD(index_scatter, into_5, wg_index_scatter(x[0], 0, x[1], 5))
RECORD(index_scatter, axis_1, wg_index_scatter(x[0], 1, x[1], 4))
RECORD(index_scatter, last, wg_index_scatter(x[0], -1, x[1], 7))
RECORD(index_scatter, transposed, wg_index_scatter(TRANSPOSED(x[0]), 0, x[1], 4))
RECORD(index_scatter, backwards, wg_index_scatter(BACKWARDS(x[0]), 1, x[1], 5))
RECORD(index_scatter, expanded, wg_index_scatter(EXPANDED(x[0], 4, 3), 0, x[1], 2))
RECORD(index_scatter, of_squares, wg_index_scatter(SQUARED(x[0]), 0, x[1], 3))

RECORD(gather, axis_0, wg_gather(x[0], 0, x[1]))
RECORD(gather, axis_1, wg_gather(x[0], 1, x[1]))
RECORD(gather, negative, wg_gather(x[0], -2, x[1]))
RECORD(gather, transposed, wg_gather(TRANSPOSED(x[0]), 1, x[1]))
RECORD(gather, transposed_index, wg_gather(x[0], 1, TRANSPOSED(x[1])))
RECORD(gather, backwards, wg_gather(BACKWARDS(x[0]), 1, x[1]))
RECORD(gather, sliced_index, wg_gather(x[0], 1, SECONDS(x[1], 1)))
RECORD(gather, expanded, wg_gather(EXPANDED(x[0], 3, 5), 1, x[1]))
RECORD(gather, expanded_index, wg_gather(x[0], 1, EXPANDED(x[1], 3, 2)))
RECORD(gather, of_squares, wg_gather(SQUARED(x[0]), 1, x[1]))
RECORD(gather, squared, wg_mul(wg_gather(x[0], 1, x[1]), wg_gather(x[0], 1, x[1])))

RECORD(one_hot, of_1, wg_one_hot(x[0], 1, WG_F64))
RECORD(one_hot, of_3, wg_one_hot(x[0], 3, WG_F64))
RECORD(one_hot, of_4, wg_one_hot(x[0], 4, WG_F64))
RECORD(one_hot, of_5, wg_one_hot(x[0], 5, WG_F64))
RECORD(one_hot, of_7, wg_one_hot(x[0], 7, WG_F64))
RECORD(one_hot, of_201, wg_one_hot(x[0], 201, WG_F64))
RECORD(one_hot, transposed, wg_one_hot(TRANSPOSED(x[0]), 5, WG_F64))
RECORD(one_hot, sliced, wg_one_hot(SECONDS(x[0], 0), 5, WG_F64))
RECORD(one_hot, expanded, wg_one_hot(EXPANDED(x[0], 4), 3, WG_F64))
RECORD(one_hot, as_i64, wg_one_hot(x[0], 5, WG_I64))
RECORD(one_hot, as_i32, wg_one_hot(x[0], 5, WG_I32))
RECORD(one_hot, as_u8, wg_one_hot(x[0], 5, WG_U8))
RECORD(one_hot, as_bool, wg_one_hot(x[0], 5, WG_BOOL))
RECORD(one_hot, times, wg_mul(wg_one_hot(x[1], 5, wg_dtype_of(x[0])), x[0]))

enum { INTO_F64 = CASE_FORWARD_ONLY | CASE_F64_ONLY };

const struct op_case cases_index[] = {
    {"index_select", "first axis", index_select_rows, 0},
    {"index_select", "middle axis", index_select_axis_1, 0},
    {"index_select", "last axis", index_select_last, 0},
    {"index_select", "of rank 1", index_select_rows, 0},
    {"index_select", "size 1", index_select_rows, 0},
    {"index_select", "one element three times", index_select_rows, 0},
    {"index_select", "repeated", index_select_rows, 0},
    {"index_select", "repeated in the last axis", index_select_axis_1, 0},
    {"index_select", "all, backwards", index_select_rows, 0},
    {"index_select", "no indices", index_select_rows, 0},
    {"index_select", "no indices into nothing", index_select_rows, 0},
    {"index_select", "empty rows", index_select_rows, 0},
    {"index_select", "i32 indices", index_select_rows, 0},
    {"index_select", "u8 indices", index_select_rows, 0},
    {"index_select", "u8 indices from 128 on", index_select_rows, 0},
    {"index_select", "transposed", index_select_transposed, 0},
    {"index_select", "sliced backwards", index_select_backwards, 0},
    {"index_select", "expanded", index_select_expanded, 0},
    {"index_select", "sliced indices", index_select_sliced_index, 0},
    {"index_select", "expanded index", index_select_expanded_index, 0},
    {"index_select", "of squares", index_select_of_squares, 0},
    {"index_select", "squared", index_select_squared, 0},
    {"index_select", "twice", index_select_twice, 0},
    {"index_select", "infinity and NaN", index_select_rows, CASE_KINK},
    {"index_select", "i64 picked", index_select_rows, CASE_FORWARD_ONLY},
    {"index_select", "i32 picked", index_select_rows, CASE_FORWARD_ONLY},
    {"index_select", "u8 picked", index_select_rows, CASE_FORWARD_ONLY},
    {"index_select", "bool picked", index_select_rows, CASE_FORWARD_ONLY},
    {"index_select", "embedding, rank 1", embedding_plain, 0},
    {"index_select", "embedding, rank 2", embedding_plain, 0},
    {"index_select", "embedding, rank 3", embedding_plain, 0},
    {"index_select", "embedding, 0-d index", embedding_plain, 0},
    {"index_select", "embedding, of numbers", embedding_plain, 0},
    {"index_select", "embedding, of matrices", embedding_plain, 0},
    {"index_select", "embedding, no indices", embedding_plain, 0},
    {"index_select", "embedding, transposed index", embedding_transposed, 0},
    {"index_select", "embedding, i32 indices", embedding_plain, 0},
    {"index_select", "embedding, squared", embedding_squared, 0},

    {"index_scatter", "first axis", index_scatter_into_5, 0},
    {"index_scatter", "middle axis", index_scatter_axis_1, 0},
    {"index_scatter", "last axis", index_scatter_last, 0},
    {"index_scatter", "size 1", index_scatter_into_1, 0},
    {"index_scatter", "repeated", index_scatter_into_5, 0},
    {"index_scatter", "all onto one", index_scatter_into_1, 0},
    {"index_scatter", "no indices", index_scatter_into_2, 0},
    {"index_scatter", "into nothing", index_scatter_into_0, 0},
    {"index_scatter", "empty rows", index_scatter_into_3, 0},
    {"index_scatter", "i32 indices", index_scatter_into_3, 0},
    {"index_scatter", "u8 indices", index_scatter_into_3, 0},
    {"index_scatter", "transposed", index_scatter_transposed, 0},
    {"index_scatter", "sliced backwards", index_scatter_backwards, 0},
    {"index_scatter", "expanded", index_scatter_expanded, 0},
    {"index_scatter", "of squares", index_scatter_of_squares, 0},

    {"gather", "last axis", gather_axis_1, 0},
    {"gather", "first axis", gather_axis_0, 0},
    {"gather", "middle axis", gather_axis_1, 0},
    {"gather", "a negative axis", gather_negative, 0},
    {"gather", "of rank 1", gather_axis_0, 0},
    {"gather", "size 1", gather_axis_0, 0},
    {"gather", "repeated", gather_axis_1, 0},
    {"gather", "an index smaller elsewhere", gather_axis_1, 0},
    {"gather", "no indices", gather_axis_1, 0},
    {"gather", "no rows", gather_axis_1, 0},
    {"gather", "into nothing", gather_axis_1, 0},
    {"gather", "i32 indices", gather_axis_1, 0},
    {"gather", "u8 indices", gather_axis_1, 0},
    {"gather", "transposed", gather_transposed, 0},
    {"gather", "transposed index", gather_transposed_index, 0},
    {"gather", "sliced backwards", gather_backwards, 0},
    {"gather", "sliced index", gather_sliced_index, 0},
    {"gather", "expanded", gather_expanded, 0},
    {"gather", "expanded index", gather_expanded_index, 0},
    {"gather", "of squares", gather_of_squares, 0},
    {"gather", "squared", gather_squared, 0},
    {"gather", "infinity and NaN", gather_axis_1, CASE_KINK},
    {"gather", "i64 picked", gather_axis_1, CASE_FORWARD_ONLY},
    {"gather", "i32 picked", gather_axis_1, CASE_FORWARD_ONLY},
    {"gather", "u8 picked", gather_axis_1, CASE_FORWARD_ONLY},
    {"gather", "bool picked", gather_axis_1, CASE_FORWARD_ONLY},

    {"one_hot", "0-d", one_hot_of_4, INTO_F64},
    {"one_hot", "size 1", one_hot_of_1, INTO_F64},
    {"one_hot", "odd primes", one_hot_of_5, INTO_F64},
    {"one_hot", "two axes", one_hot_of_7, INTO_F64},
    {"one_hot", "no indices", one_hot_of_3, INTO_F64},
    {"one_hot", "i32 indices", one_hot_of_5, INTO_F64},
    {"one_hot", "u8 indices", one_hot_of_201, INTO_F64},
    {"one_hot", "transposed", one_hot_transposed, INTO_F64},
    {"one_hot", "sliced", one_hot_sliced, INTO_F64},
    {"one_hot", "expanded", one_hot_expanded, INTO_F64},
    {"one_hot", "as i64", one_hot_as_i64, CASE_FORWARD_ONLY},
    {"one_hot", "as i32", one_hot_as_i32, CASE_FORWARD_ONLY},
    {"one_hot", "as u8", one_hot_as_u8, CASE_FORWARD_ONLY},
    {"one_hot", "as bool", one_hot_as_bool, CASE_FORWARD_ONLY},
    {"one_hot", "times a tensor", one_hot_times, 0},
    {0},
};

/* ---- misuse ---- */

#define MISUSE(op, what, call)                                                                     \
    static wg_tensor *op##_##what(wg_tape *tape)                                                   \
    {                                                                                              \
        return call;                                                                               \
    }
/* Inputs of the tape under test, and tensors with values. */
#define X(...)          wg_input(tape, "x", WG_F32, WG_SHAPE(__VA_ARGS__))
#define NUMBER          wg_input(tape, "x", WG_F32, WG_SCALAR)
#define INTEGERS(...)   wg_input(tape, "x", WG_I64, WG_SHAPE(__VA_ARGS__))
#define INDEX(...)      wg_input(tape, "index", WG_I64, WG_SHAPE(__VA_ARGS__))
#define INDEX_NUMBER    wg_input(tape, "index", WG_I64, WG_SCALAR)
#define REAL_INDEX(...) wg_input(tape, "index", WG_F32, WG_SHAPE(__VA_ARGS__))
#define BOOL_INDEX(...) wg_input(tape, "index", WG_BOOL, WG_SHAPE(__VA_ARGS__))
#define ONES(...)       wg_full(tape, WG_F32, WG_SHAPE(__VA_ARGS__), 1)
/* Two indices. */
#define I64(a, b) wg_constant(tape, WG_I64, WG_SHAPE(2), (const int64_t[]){a, b}, 2)
#define I32(a, b) wg_constant(tape, WG_I32, WG_SHAPE(2), (const int32_t[]){a, b}, 2)
#define U8(a, b)  wg_constant(tape, WG_U8, WG_SHAPE(2), (const uint8_t[]){a, b}, 2)
#define ROW(x)    wg_unsqueeze(x, 0)
#define COLUMN(x) wg_unsqueeze(x, 1)
#define RANK_8    1, 1, 1, 1, 1, 1, 1, 1

/* A param and the gradient by it, for indices that only a derivative looks at. */
static wg_tensor *ones(wg_tape *tape, wg_shape shape)
{
    wg_tensor *param = wg_param(tape, "x", WG_F32, shape);
    wg_write_all(param, 1);
    return param;
}

static wg_tensor *gradient(wg_tensor *y, wg_tensor *x)
{
    return wg_grad(WG_TENSORS(wg_sum(y)), (wg_tensors){0}, WG_TENSORS(x)).at[0];
}

MISUSE(index_select, axis_2, wg_index_select(X(5, 3), 2, INDEX(2)))
MISUSE(index_select, axis_back, wg_index_select(X(5, 3), -3, INDEX(2)))
MISUSE(index_select, of_number, wg_index_select(NUMBER, 0, INDEX(2)))
MISUSE(index_select, real_index, wg_index_select(X(5, 3), 0, REAL_INDEX(2)))
MISUSE(index_select, bool_index, wg_index_select(X(5, 3), 0, BOOL_INDEX(5)))
MISUSE(index_select, index_of_rank_2, wg_index_select(X(5, 3), 0, INDEX(2, 2)))
MISUSE(index_select, index_of_rank_0, wg_index_select(X(5, 3), 0, INDEX_NUMBER))
MISUSE(index_select, no_index, wg_index_select(X(5, 3), 0, NULL))
MISUSE(index_select, too_far, wg_index_select(ONES(5, 3), 0, I64(4, 5)))
MISUSE(index_select, negative, wg_index_select(ONES(5, 3), 1, I64(0, -1)))
MISUSE(index_select, i32_negative, wg_index_select(ONES(5, 3), 0, I32(INT32_MIN, 9)))
MISUSE(index_select, u8_too_far, wg_index_select(ONES(5, 3), 0, U8(255, 0)))
MISUSE(index_select, smallest, wg_index_select(ONES(5, 3), 0, I64(INT64_MIN, 0)))
MISUSE(index_select, into_nothing, wg_index_select(ONES(0, 3), 0, I64(0, 0)))
MISUSE(embedding, too_far, wg_embedding(ONES(5, 3), ROW(I64(0, 7))))
MISUSE(embedding, real_index, wg_embedding(X(5, 3), REAL_INDEX(2, 2)))
MISUSE(embedding, no_index, wg_embedding(X(5, 3), NULL))
MISUSE(embedding, of_number, wg_embedding(NUMBER, INDEX(2, 2)))
MISUSE(embedding, rank_9, wg_embedding(X(5, 3), INDEX(RANK_8)))

MISUSE(index_scatter, axis_2, wg_index_scatter(X(2, 3), 2, INDEX(2), 5))
MISUSE(index_scatter, real_index, wg_index_scatter(X(2, 3), 0, REAL_INDEX(2), 5))
MISUSE(index_scatter, index_of_rank_2, wg_index_scatter(X(2, 3), 0, INDEX(2, 1), 5))
MISUSE(index_scatter, other_count, wg_index_scatter(X(2, 3), 1, INDEX(2), 5))
MISUSE(index_scatter, of_integers, wg_index_scatter(INTEGERS(2, 3), 0, INDEX(2), 5))
MISUSE(index_scatter, negative_size, wg_index_scatter(X(2, 3), 0, INDEX(2), -1))
MISUSE(index_scatter, overflow, wg_index_scatter(X(2, 3), 0, INDEX(2), INT64_MAX / 2))
MISUSE(index_scatter, too_far, wg_index_scatter(ONES(2, 3), 0, I64(0, 5), 5))
MISUSE(index_scatter, negative, wg_index_scatter(ONES(2, 3), 0, I32(-7, 0), 5))
MISUSE(index_scatter, u8_too_far, wg_index_scatter(ONES(2, 3), 0, U8(0, 255), 255))

MISUSE(gather, axis_2, wg_gather(X(2, 3), 2, INDEX(2, 3)))
MISUSE(gather, of_number, wg_gather(NUMBER, 0, INDEX_NUMBER))
MISUSE(gather, real_index, wg_gather(X(2, 3), 1, REAL_INDEX(2, 3)))
MISUSE(gather, other_rank, wg_gather(X(2, 3), 1, INDEX(2)))
MISUSE(gather, longer_index, wg_gather(X(2, 3), 1, INDEX(4, 3)))
MISUSE(gather, too_far, wg_gather(ONES(2, 3), 1, COLUMN(I64(3, 0))))
MISUSE(gather, negative_index, wg_gather(ONES(2, 3), -1, COLUMN(I32(0, -1))))
MISUSE(gather, u8_too_far, wg_gather(ONES(1, 3), 1, ROW(U8(0, 200))))
MISUSE(gather, into_nothing, wg_gather(ONES(1, 0), 1, ROW(I64(0, 0))))

static wg_tensor *gather_backward_too_far(wg_tape *tape)
{
    wg_tensor *x = ones(tape, WG_SHAPE(1, 3));
    return gradient(wg_gather(x, 1, ROW(I64(0, 3))), x);
}

static wg_tensor *gather_backward_negative(wg_tape *tape)
{
    wg_tensor *x = ones(tape, WG_SHAPE(2, 3));
    return gradient(wg_gather(x, 1, COLUMN(I64(0, -1))), x);
}

static wg_tensor *index_scatter_derived(wg_tape *tape)
{
    wg_tensor *x = ones(tape, WG_SHAPE(5, 3));
    return gradient(wg_index_select(x, 0, I64(5, 0)), x);
}

MISUSE(one_hot, real_index, wg_one_hot(REAL_INDEX(2), 3, WG_F32))
MISUSE(one_hot, no_classes, wg_one_hot(INDEX(2), 0, WG_F32))
MISUSE(one_hot, negative_classes, wg_one_hot(INDEX(2), -4, WG_F32))
MISUSE(one_hot, rank_9, wg_one_hot(INDEX(RANK_8), 3, WG_F32))
MISUSE(one_hot, no_dtype, wg_one_hot(INDEX(2), 3, WG_NO_DTYPE))
MISUSE(one_hot, overflow, wg_one_hot(INDEX(4), INT64_MAX / 4, WG_F32))
MISUSE(one_hot, too_far, wg_one_hot(I64(2, 3), 3, WG_F32))
MISUSE(one_hot, negative, wg_one_hot(I32(0, -1), 3, WG_BOOL))
MISUSE(one_hot, u8_too_far, wg_one_hot(U8(0, 255), 255, WG_I64))

const struct error_case errors_index[] = {
    {"index_select", "an axis too far", index_select_axis_2, "axis 2 is out of range for rank 2"},
    {"index_select", "a negative axis too far", index_select_axis_back,
     "axis -3 is out of range for rank 2"},
    {"index_select", "a number", index_select_of_number, "axis 0 is out of range for rank 0"},
    {"index_select", "an index of reals", index_select_real_index,
     "the index is f32, wanted is i32, i64 or u8"},
    {"index_select", "an index of bool", index_select_bool_index,
     "the index is bool, wanted is i32, i64 or u8"},
    {"index_select", "an index of rank 2", index_select_index_of_rank_2,
     "input 1 has rank 2, wanted is 1"},
    {"index_select", "an index of rank 0", index_select_index_of_rank_0,
     "input 1 has rank 0, wanted is 1"},
    {"index_select", "no index", index_select_no_index, "an input is NULL"},
    {"index_select", "an index too far", index_select_too_far,
     "index 5 is out of range for 5 rows"},
    {"index_select", "a negative index", index_select_negative,
     "index -1 is out of range for 3 rows"},
    {"index_select", "the smallest i32", index_select_i32_negative,
     "index -2147483648 is out of range for 5 rows"},
    {"index_select", "the largest u8", index_select_u8_too_far,
     "index 255 is out of range for 5 rows"},
    {"index_select", "the smallest i64", index_select_smallest,
     "index -9223372036854775808 is out of range for 5 rows"},
    {"index_select", "an index into nothing", index_select_into_nothing,
     "index 0 is out of range for 0 rows"},
    {"index_select", "embedding, an index too far", embedding_too_far,
     "index 7 is out of range for 5 rows"},
    {"index_select", "embedding, an index of reals", embedding_real_index,
     "the index is f32, wanted is i32, i64 or u8"},
    {"index_select", "embedding, no index", embedding_no_index, "an input is NULL"},
    {"index_select", "embedding, a number", embedding_of_number,
     "axis 0 is out of range for rank 0"},
    {"reshape", "embedding, rank 9", embedding_rank_9, "rank 9 is beyond 8"},

    {"index_scatter", "an axis too far", index_scatter_axis_2, "axis 2 is out of range for rank 2"},
    {"index_scatter", "an index of reals", index_scatter_real_index,
     "the index is f32, wanted is i32, i64 or u8"},
    {"index_scatter", "an index of rank 2", index_scatter_index_of_rank_2,
     "input 1 has rank 2, wanted is 1"},
    {"index_scatter", "another count of indices", index_scatter_other_count,
     "axis 1 has size 3, and there are 2 indices"},
    {"index_scatter", "integers", index_scatter_of_integers,
     "dtype i64, wanted is f32 or f64; see wg_cast"},
    {"index_scatter", "a negative size", index_scatter_negative_size,
     "shape (-1,3) has a negative size"},
    {"index_scatter", "sizes that overflow", index_scatter_overflow, "(4611686018427387903,3)"},
    {"index_scatter", "an index too far", index_scatter_too_far,
     "index 5 is out of range for 5 rows"},
    {"index_scatter", "a negative index", index_scatter_negative,
     "index -7 is out of range for 5 rows"},
    {"index_scatter", "a u8 index too far", index_scatter_u8_too_far,
     "index 255 is out of range for 255 rows"},
    {"index_scatter", "a derivative's index too far", index_scatter_derived,
     "index 5 is out of range for 5 rows"},

    {"gather", "an axis too far", gather_axis_2, "axis 2 is out of range for rank 2"},
    {"gather", "a number", gather_of_number, "axis 0 is out of range for rank 0"},
    {"gather", "an index of reals", gather_real_index,
     "the index is f32, wanted is i32, i64 or u8"},
    {"gather", "another rank", gather_other_rank, "ranks differ, 2 and 1"},
    {"gather", "a longer index", gather_longer_index,
     "axis 0 of the index has size 4, more than 2"},
    {"gather", "an index too far", gather_too_far, "index 3 is out of range for 3 rows"},
    {"gather", "a negative index", gather_negative_index, "index -1 is out of range for 3 rows"},
    {"gather", "a u8 index too far", gather_u8_too_far, "index 200 is out of range for 3 rows"},
    {"gather", "an index into nothing", gather_into_nothing, "index 0 is out of range for 0 rows"},
    {"gather_backward", "a negative index", gather_backward_negative,
     "index -1 is out of range for 3 rows"},
    {"gather_backward", "an index too far", gather_backward_too_far,
     "index 3 is out of range for 3 rows"},

    {"one_hot", "an index of reals", one_hot_real_index,
     "the index is f32, wanted is i32, i64 or u8"},
    {"one_hot", "no classes", one_hot_no_classes, "0 classes"},
    {"one_hot", "negative classes", one_hot_negative_classes, "-4 classes"},
    {"one_hot", "rank 9", one_hot_rank_9, "the rank would be 9"},
    {"one_hot", "no dtype", one_hot_no_dtype, "an output has no dtype"},
    {"one_hot", "sizes that overflow", one_hot_overflow, "(4,2305843009213693951)"},
    {"one_hot", "an index too far", one_hot_too_far, "index 3 is out of range for 3 rows"},
    {"one_hot", "a negative index", one_hot_negative, "index -1 is out of range for 3 rows"},
    {"one_hot", "a u8 index too far", one_hot_u8_too_far, "index 255 is out of range for 255 rows"},
    {0},
};
