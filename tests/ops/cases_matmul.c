// SPDX-License-Identifier: MIT
/*
 * Cases of matmul and linear: vectors, batches, views, and sizes on both sides of the direct
 * loops.
 */
#include "cases.h"

#include <wengert/ops/layout.h>
#include <wengert/ops/matmul.h>
#include <wengert/ops/slice.h>

#define RECORD(name, expression)                                                                   \
    static wg_tensor *name(wg_tensor *const *x)                                                    \
    {                                                                                              \
        return expression;                                                                         \
    }
RECORD(matmul, wg_matmul(x[0], x[1]))
RECORD(matmul_transposed, wg_matmul(wg_transpose(x[0]), wg_transpose(x[1])))
RECORD(matmul_sliced, wg_matmul(wg_slice(x[0], 0, -1, WG_TO_END, .step = -2),
                                wg_slice(x[1], 1, 1, 6, .step = 2)))
RECORD(matmul_expanded, wg_matmul(wg_expand(x[0], WG_SHAPE(3, 4)), x[1]))
RECORD(matmul_itself, wg_matmul(x[0], x[0]))
RECORD(linear, wg_linear(x[0], x[1], x[2]))
RECORD(linear_without_bias, wg_linear(x[0], x[1], NULL))
RECORD(linear_transposed, wg_linear(wg_transpose(x[0]), wg_transpose(x[1]), x[2]))
RECORD(linear_expanded, wg_linear(wg_expand(x[0], WG_SHAPE(3, 5)), x[1], x[2]))
RECORD(linear_sliced, wg_linear(wg_slice(x[0], 1, 0, 9, .step = 2), x[1], x[2]))
#undef RECORD

const struct op_case cases_matmul[] = {
    {"matmul", "size 1", matmul, 0},
    {"matmul", "row by column", matmul, 0},
    {"matmul", "column by row", matmul, 0},
    {"matmul", "odd primes", matmul, 0},
    {"matmul", "beyond the direct loops", matmul, 0},
    {"matmul", "in blocks", matmul, 0},
    {"matmul", "zero rows", matmul, 0},
    {"matmul", "zero inner", matmul, 0},
    {"matmul", "vector by vector", matmul, 0},
    {"matmul", "matrix by vector", matmul, 0},
    {"matmul", "vector by matrix", matmul, 0},
    {"matmul", "batch by vector", matmul, 0},
    {"matmul", "vector by batch", matmul, 0},
    {"matmul", "batches", matmul, 0},
    {"matmul", "batches broadcast both ways", matmul, 0},
    {"matmul", "batch by one matrix", matmul, 0},
    {"matmul", "one matrix by a batch", matmul, 0},
    {"matmul", "empty batch", matmul, 0},
    {"matmul", "batch by one matrix, zero inner", matmul, 0},
    {"matmul", "transposed", matmul_transposed, 0},
    {"matmul", "transposed batches", matmul_transposed, 0},
    {"matmul", "sliced backwards and in steps", matmul_sliced, 0},
    {"matmul", "expanded", matmul_expanded, 0},
    {"matmul", "the same twice", matmul_itself, 0},
    {"matmul", "infinity and NaN", matmul, CASE_KINK},
    {"linear", "size 1", linear, 0},
    {"linear", "one row to one number", linear, 0},
    {"linear", "odd primes", linear, 0},
    {"linear", "beyond the direct loops", linear, 0},
    {"linear", "without bias", linear_without_bias, 0},
    {"linear", "without bias, large", linear_without_bias, 0},
    {"linear", "vector", linear, 0},
    {"linear", "axes in front", linear, 0},
    {"linear", "zero rows", linear, 0},
    {"linear", "zero inner", linear, 0},
    {"linear", "transposed", linear_transposed, 0},
    {"linear", "expanded", linear_expanded, 0},
    {"linear", "sliced", linear_sliced, 0},
    {0},
};

/* ---- misuse ---- */

static wg_tensor *f32(wg_tape *tape, const char *name, wg_shape shape)
{
    return wg_param(tape, name, WG_F32, shape);
}

#define MISUSE(name, expression)                                                                   \
    static wg_tensor *name(wg_tape *tape)                                                          \
    {                                                                                              \
        return expression;                                                                         \
    }
MISUSE(inner, wg_matmul(f32(tape, "F", WG_SHAPE(1, 4)), f32(tape, "W2", WG_SHAPE(5, 1))))
MISUSE(inner_batch, wg_matmul(f32(tape, "a", WG_SHAPE(2, 3, 4)), f32(tape, "b", WG_SHAPE(5, 1))))
MISUSE(inner_vectors, wg_matmul(f32(tape, "a", WG_SHAPE(4)), f32(tape, "b", WG_SHAPE(5))))
MISUSE(front, wg_matmul(f32(tape, "a", WG_SHAPE(2, 3, 4)), f32(tape, "b", WG_SHAPE(3, 4, 5))))
MISUSE(number, wg_matmul(f32(tape, "a", WG_SCALAR), f32(tape, "b", WG_SHAPE(3, 4))))
MISUSE(dtypes, wg_matmul(f32(tape, "a", WG_SHAPE(3, 4)),
                         wg_param(tape, "b", WG_F64, WG_SHAPE(4, 2))))
MISUSE(integers, wg_matmul(wg_input(tape, "a", WG_I32, WG_SHAPE(3, 4)),
                           wg_input(tape, "b", WG_I32, WG_SHAPE(4, 2))))
MISUSE(null, wg_matmul(f32(tape, "a", WG_SHAPE(3, 4)), NULL))
MISUSE(linear_inner, wg_linear(f32(tape, "x", WG_SHAPE(1, 4)), f32(tape, "w", WG_SHAPE(1, 5)),
                               f32(tape, "b", WG_SHAPE(1))))
MISUSE(linear_bias, wg_linear(f32(tape, "x", WG_SHAPE(1, 4)), f32(tape, "w", WG_SHAPE(2, 4)),
                              f32(tape, "b", WG_SHAPE(3))))
MISUSE(linear_bias_rank, wg_linear(f32(tape, "x", WG_SHAPE(1, 4)), f32(tape, "w", WG_SHAPE(2, 4)),
                                   f32(tape, "b", WG_SHAPE(1, 2))))
MISUSE(linear_rank, wg_linear(f32(tape, "x", WG_SHAPE(1, 4)), f32(tape, "w", WG_SHAPE(4)), NULL))
MISUSE(linear_number, wg_linear(f32(tape, "x", WG_SCALAR), f32(tape, "w", WG_SHAPE(2, 4)), NULL))
MISUSE(linear_null, wg_linear(f32(tape, "x", WG_SHAPE(1, 4)), NULL, NULL))
MISUSE(linear_one, wg_apply(&wg_op_linear, NULL, WG_NO_DTYPE,
                            ((wg_tensor *[]){f32(tape, "x", WG_SHAPE(1, 4))}), 1))
#undef MISUSE

const struct error_case errors_matmul[] = {
    {"matmul", "inner sizes", inner,
     "matmul \"F\" (1,4) x \"W2\" (5,1): inner sizes differ, 4 and 5"},
    {"matmul", "inner sizes of a batch", inner_batch,
     "\"a\" (2,3,4) x \"b\" (5,1): inner sizes differ, 4 and 5"},
    {"matmul", "inner sizes of vectors", inner_vectors, "inner sizes differ, 4 and 5"},
    {"matmul", "axes in front", front, "the axes before the last two differ and do not broadcast"},
    {"matmul", "a number", number, "rank 0 by rank 2, wanted are two matrices"},
    {"matmul", "dtypes", dtypes, "dtypes differ, f32 and f64; see wg_cast"},
    {"matmul", "integers", integers, "dtype i32, wanted is f32 or f64"},
    {"matmul", "NULL", null, "an input is NULL"},
    {"linear", "inner sizes", linear_inner, "inner sizes differ, 4 and 5"},
    {"linear", "size of the bias", linear_bias, "the bias has 3 elements for 2 outputs"},
    {"linear", "rank of the bias", linear_bias_rank, "input 2 has rank 2, wanted is 1"},
    {"linear", "rank of w", linear_rank, "input 1 has rank 1, wanted is 2"},
    {"linear", "a number", linear_number, "x has rank 0"},
    {"linear", "NULL", linear_null, "an input is NULL"},
    {"linear", "one input", linear_one, "1 inputs, wanted are 2 or 3"},
    {0},
};
