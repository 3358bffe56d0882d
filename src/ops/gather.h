// SPDX-License-Identifier: MIT
/* Single elements along an axis, each with an index of its own. */
#ifndef WENGERT_OPS_GATHER_H
#define WENGERT_OPS_GATHER_H

#include "../graph/where.h"

WG_BEGIN_DECLS

/* y[i,index[i,j,k],k] += x[i,j,k] is the adjoint of gather; each derives the other. */
extern WG_API const wg_op wg_op_gather, wg_op_gather_backward;

/*
 * y[i, j, k] = x[i, index[i, j, k], k] for axis 1, of index's shape and x's dtype, which is any.
 * Ranks must be equal, and index, which is i32, i64 or u8, no longer than x along the other axes.
 * An index that is negative or not below the size of the axis ends the run with an error.
 */
WG_API wg_tensor *wg_gather(wg_tensor *x, int64_t axis, wg_tensor *index);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_gather(...) WG__CALL(wg_gather(__VA_ARGS__))
#endif

#endif
