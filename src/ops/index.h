// SPDX-License-Identifier: MIT
/*
 * Slices by index. An index is an i32, i64 or u8 tensor, and nothing flows back to it. An index
 * that is negative or not below the size of its axis ends the run with an error.
 */
#ifndef WENGERT_OPS_INDEX_H
#define WENGERT_OPS_INDEX_H

#include "../graph/where.h"

WG_BEGIN_DECLS

/* index_select and index_scatter derive each other; wg_embedding records index_select. */
extern WG_API const wg_op wg_op_index_select, wg_op_index_scatter, wg_op_one_hot;

/*
 * The slices of x along an axis that an index of rank 1 names, in its order, of any dtype:
 * (5,3) becomes (2,3) with axis 0 and two indices. What flows back to a slice named twice adds up.
 */
WG_API wg_tensor *wg_index_select(wg_tensor *x, int64_t axis, wg_tensor *index);

/*
 * The adjoint of wg_index_select: slice k of x along the axis is added to slice index[k] of zeros
 * that are `size` long there. f32 and f64.
 */
WG_API wg_tensor *wg_index_scatter(wg_tensor *x, int64_t axis, wg_tensor *index, int64_t size);

/*
 * The rows of `weight` (n, ...) that an index of any shape names: index (2,7) and weight (100,16)
 * give (2,7,16).
 */
WG_API wg_tensor *wg_embedding(wg_tensor *weight, wg_tensor *index);

/*
 * A new last axis of size `classes`, which is 1 at the index and 0 elsewhere; of any dtype. No
 * derivative.
 */
WG_API wg_tensor *wg_one_hot(wg_tensor *index, int64_t classes, wg_dtype dtype);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_index_select(...)  WG__CALL(wg_index_select(__VA_ARGS__))
#define wg_index_scatter(...) WG__CALL(wg_index_scatter(__VA_ARGS__))
#define wg_embedding(...)     WG__CALL(wg_embedding(__VA_ARGS__))
#define wg_one_hot(...)       WG__CALL(wg_one_hot(__VA_ARGS__))
#endif

/* ---- private to the library ---- */

/* NULL when input k may be an index. */
const char *wg__infer_indices(wg_infer *i, int k);

/* What a kernel returns that met an index which is none of `rows`. */
int wg__flag_index(const wg_call *call, int64_t index, int64_t rows);

#endif
