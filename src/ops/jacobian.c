// SPDX-License-Identifier: MIT
#include "jacobian.h"

#include "../graph/derive.h"
#include "index.h"
#include "join.h"
#include "layout.h"
#include "reduce.h"

/* y.shape + x.shape; its rank is beyond WG_MAX_RANK when they do not fit together. */
static wg_shape joined(wg_shape y, wg_shape x)
{
    wg_shape shape = y;
    for (int64_t i = 0; i < x.rank && y.rank + i < WG_MAX_RANK; i++)
        shape.dim[y.rank + i] = x.dim[i];
    shape.rank = y.rank + x.rank;
    return shape;
}

/* The gradient of element i of y, packed to rank 1, by x. */
static wg_tensor *row(wg_tensor *flat, int64_t i, wg_tensor *x)
{
    wg_tensor       *number = wg_constant(wg_tape_of(x), WG_I64, WG_SCALAR, &i, 1);
    wg_tensor       *seed = wg_one_hot(number, wg_count_of(flat), wg_dtype_of(flat));
    const wg_tensors rows =
        wg_grad((wg_tensors){1, &flat}, (wg_tensors){1, &seed}, (wg_tensors){1, &x});
    return rows.count ? rows.at[0] : NULL;
}

wg_tensor *wg_jacobian(wg_tensor *y, wg_tensor *x)
{
    if (!y || !x) return wg_derivative(y, x); /* puts the error where there is a tape */
    wg_tape       *tape = wg_tape_of(y);
    const wg_shape shape = joined(wg_shape_of_tensor(y), wg_shape_of_tensor(x));
    const int64_t  count = wg_count_of(y);
    if (shape.rank > WG_MAX_RANK) {
        wg_tape_error_set(tape, "jacobian: ranks %d and %d add up to more than %d",
                          (int)wg_shape_of_tensor(y).rank, (int)wg_shape_of_tensor(x).rank,
                          WG_MAX_RANK);
        return NULL;
    }
    if (count == 0) /* nothing to derive, but what is asked must make sense all the same */
        return wg_derivative(wg_sum(y), x) ? wg_full(tape, wg_dtype_of(x), shape, 0) : NULL;
    const wg_allocator *allocator = wg_tape_settings(tape)->allocator;
    wg_tensor         **rows = wg__alloc_zero(allocator, (size_t)count * sizeof(wg_tensor *));
    if (!rows) {
        wg_tape_error_set(tape, "jacobian: out of memory");
        return NULL;
    }
    wg_tensor *flat = wg_reshape(y, WG_SHAPE(count)), *all = NULL;
    bool       good = flat;
    for (int64_t i = 0; i < count && good; i++) good = (rows[i] = row(flat, i, x));
    if (good) all = wg_stack((wg_tensors){.count = (int)count, .at = rows}, 0);
    wg__free(allocator, rows);
    return wg_reshape(all, shape);
}

wg_tensor *wg_hessian(wg_tensor *loss, wg_tensor *x)
{
    return wg_jacobian(wg_derivative(loss, x), x);
}
