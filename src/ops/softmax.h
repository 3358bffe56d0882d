// SPDX-License-Identifier: MIT
/*
 * Softmax along an axis, and its logarithm, without overflow: the largest element of each line is
 * taken off first.
 */
#ifndef WENGERT_OPS_SOFTMAX_H
#define WENGERT_OPS_SOFTMAX_H

#include "../graph/where.h"

WG_BEGIN_DECLS

/* They work along the last axis; the calls below bring another one there. */
extern WG_API const wg_op wg_op_softmax, wg_op_log_softmax;
extern WG_API const wg_op wg_op_softmax_backward, wg_op_log_softmax_backward;

/*
 * y = exp(x) / sum of exp(x) along the axis, of x's type, which is f32 or f64. Negative axes count
 * from the end; a number counts as one of rank 1. A line of -inf alone, or with +inf or NaN in it,
 * gives NaN. Refused: an axis out of range.
 */
WG_API wg_tensor *wg_softmax(wg_tensor *x, int64_t axis);

/*
 * y = x - log(sum of exp(x)) along the axis; the same otherwise, and exact where
 * wg_log(wg_softmax(x, axis)) would be -inf.
 */
WG_API wg_tensor *wg_log_softmax(wg_tensor *x, int64_t axis);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_softmax(...)     WG__CALL(wg_softmax(__VA_ARGS__))
#define wg_log_softmax(...) WG__CALL(wg_log_softmax(__VA_ARGS__))
#endif

#endif
