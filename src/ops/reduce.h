// SPDX-License-Identifier: MIT
/*
 * Reductions over axes:
 *
 *     wg_sum(x)                              of all elements, rank 0
 *     wg_sum(x, WG_AXES(0, -1))              over the first and the last axis, which are dropped
 *     wg_sum(x, WG_AXES(1), .keep = true)    over axis 1, which stays with size 1
 *
 * x is f32 or f64, and so is the result, unless a call says otherwise. An axis out of range or
 * named twice is refused. NaN in gives NaN out. Sums are made in a cascade, whose error grows with
 * the logarithm of the count, in an order that depends on shape and axes alone.
 */
#ifndef WENGERT_OPS_REDUCE_H
#define WENGERT_OPS_REDUCE_H

#include "../graph/where.h"
#include "axes.h"

/* What to reduce, over which axes (none named: all), and whether they stay with size 1. */
struct wg_reduce {
    wg_tensor *x;
    wg_axes    axes;
    bool       keep;
};

/* Which element of an axis: the axis is an argument, 0 when left out. */
struct wg_arg_reduce {
    wg_tensor *x;
    int64_t    axis;
    bool       keep;
};

WG_BEGIN_DECLS

/* The ops behind the calls below. */
extern WG_API const wg_op wg_op_sum, wg_op_mean, wg_op_amax, wg_op_amin;
extern WG_API const wg_op wg_op_argmax, wg_op_argmin;

/*
 * wg_sum(x, axes, .keep): y = sum of x; 0 of nothing. Of integers and bool the sum is i64, and
 * wraps.
 */
WG_API wg_tensor *wg_sum_with(struct wg_reduce reduce);

/* wg_mean(x, axes, .keep): y = (sum of x) / n; NaN of nothing. */
WG_API wg_tensor *wg_mean_with(struct wg_reduce reduce);

/*
 * wg_amax, wg_amin(x, axes, .keep): the largest, the smallest. Equal ones share the gradient
 * evenly. Refused when there is nothing to choose from.
 */
WG_API wg_tensor *wg_amax_with(struct wg_reduce reduce);
WG_API wg_tensor *wg_amin_with(struct wg_reduce reduce);

/*
 * wg_argmax, wg_argmin(x, axis, .keep): the place, i64, of the largest or smallest along an axis:
 * of the first among equals, of the first NaN where there is one. Refused when the axis has size 0.
 * No derivative.
 */
WG_API wg_tensor *wg_argmax_with(struct wg_arg_reduce reduce);
WG_API wg_tensor *wg_argmin_with(struct wg_arg_reduce reduce);

#ifndef __cplusplus
/* The calls: x, then axes or an axis, then .keep. */
#define wg_sum(...)    WG__CALL(wg_sum_with((struct wg_reduce){.x = __VA_ARGS__}))
#define wg_mean(...)   WG__CALL(wg_mean_with((struct wg_reduce){.x = __VA_ARGS__}))
#define wg_amax(...)   WG__CALL(wg_amax_with((struct wg_reduce){.x = __VA_ARGS__}))
#define wg_amin(...)   WG__CALL(wg_amin_with((struct wg_reduce){.x = __VA_ARGS__}))
#define wg_argmax(...) WG__CALL(wg_argmax_with((struct wg_arg_reduce){.x = __VA_ARGS__}))
#define wg_argmin(...) WG__CALL(wg_argmin_with((struct wg_arg_reduce){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
