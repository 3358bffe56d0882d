// SPDX-License-Identifier: MIT
/* Slices: parts of an axis. They are views, which move no element, and take every dtype. */
#ifndef WENGERT_OPS_SLICE_H
#define WENGERT_OPS_SLICE_H

#include "../graph/where.h"

/* As the stop of a slice: through the last element in its direction. */
#define WG_TO_END INT64_MAX

/*
 * A part of an axis: elements start, start + step, ... before stop, as x[start:stop:step] in NumPy.
 * Negative places count from the end; places beyond the axis are cut to it; a negative step walks
 * backwards. `step` left out is 1.
 */
struct wg_slice {
    wg_tensor *x;
    int64_t    axis, start, stop;
    int64_t    step;
};

WG_BEGIN_DECLS

/*
 * slice and select are views; slice_backward puts x into a slice of zeros, the adjoint of
 * both; several x lie behind each other in the slice.
 */
extern WG_API const wg_op wg_op_slice, wg_op_slice_backward, wg_op_select;

/*
 * wg_slice(x, axis, start, stop, .step): a part of one axis, see struct wg_slice. Backwards, last
 * to first: wg_slice(x, axis, -1, WG_TO_END, .step = -1).
 */
WG_API wg_tensor *wg_slice_with(struct wg_slice slice);
#ifndef __cplusplus
#define wg_slice(...) WG__CALL(wg_slice_with((struct wg_slice){.x = __VA_ARGS__}))
#endif

/*
 * Element `index` of an axis, which is dropped: (2,3,4) becomes (2,4) with axis 1. A negative index
 * counts from the end; refused when out of range.
 */
WG_API wg_tensor *wg_select(wg_tensor *x, int64_t axis, int64_t index);

/*
 * x cut along an axis into pieces of `size`, the last one smaller when it does not divide; an axis
 * of size 0 gives one empty piece. The list lives until the tape is cleared. On an error it is
 * empty.
 */
WG_API wg_tensors wg_split(wg_tensor *x, int64_t axis, int64_t size);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_select(...) WG__CALL(wg_select(__VA_ARGS__))
#define wg_split(...)  WG__CALL_LIST(wg_split(__VA_ARGS__))
#endif

#endif
