// SPDX-License-Identifier: MIT
/*
 * Layout: the same elements in another shape or order of axes. These ops are views, which move no
 * element, unless a reshape needs elements in row-major order that lie otherwise. They take every
 * dtype. Axes may be negative: -1 is the last one.
 */
#ifndef WENGERT_OPS_LAYOUT_H
#define WENGERT_OPS_LAYOUT_H

#include "../graph/where.h"
#include "axes.h"

WG_BEGIN_DECLS

/* The ops behind the calls below, all views; wg_swapaxes records transpose. */
extern WG_API const wg_op wg_op_reshape, wg_op_flatten, wg_op_squeeze, wg_op_unsqueeze;
extern WG_API const wg_op wg_op_permute, wg_op_transpose, wg_op_expand;

/*
 * The elements of x in row-major order with this shape; one size may be -1, which is then what
 * remains. Refused when the counts differ.
 */
WG_API wg_tensor *wg_reshape(wg_tensor *x, wg_shape shape);

/*
 * The axes from `first_axis` on made into one, those before it kept: (2,3,4) becomes (2,12) with 1,
 * (24,) with 0, (2,3,4,1) with 3.
 */
WG_API wg_tensor *wg_flatten(wg_tensor *x, int64_t first_axis);

/* Axis k of the result is axis axes.axis[k] of x; every axis of x must be named once. */
WG_API wg_tensor *wg_permute(wg_tensor *x, wg_axes axes);

/* The last two axes swapped: (..., m, n) becomes (..., n, m). Refused below rank 2. */
WG_API wg_tensor *wg_transpose(wg_tensor *x);

/* The axes a and b swapped. */
WG_API wg_tensor *wg_swapaxes(wg_tensor *x, int64_t a, int64_t b);

/*
 * Without these axes, each of which must have size 1; without every axis of size 1 when none is
 * named.
 */
WG_API wg_tensor *wg_squeeze(wg_tensor *x, wg_axes axes);

/* With one more axis, of size 1, which is number `axis` of the result: -1 puts it last. */
WG_API wg_tensor *wg_unsqueeze(wg_tensor *x, int64_t axis);

/*
 * x broadcast to `shape`: aligned at the last axis, axes of size 1 are repeated and missing ones
 * put in front. A size of -1 keeps what x has. Returns x itself when that is its shape already.
 */
WG_API wg_tensor *wg_expand(wg_tensor *x, wg_shape shape);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_reshape(...)   WG__CALL(wg_reshape(__VA_ARGS__))
#define wg_flatten(...)   WG__CALL(wg_flatten(__VA_ARGS__))
#define wg_permute(...)   WG__CALL(wg_permute(__VA_ARGS__))
#define wg_transpose(...) WG__CALL(wg_transpose(__VA_ARGS__))
#define wg_swapaxes(...)  WG__CALL(wg_swapaxes(__VA_ARGS__))
#define wg_squeeze(...)   WG__CALL(wg_squeeze(__VA_ARGS__))
#define wg_unsqueeze(...) WG__CALL(wg_unsqueeze(__VA_ARGS__))
#define wg_expand(...)    WG__CALL(wg_expand(__VA_ARGS__))
#endif

#endif
