// SPDX-License-Identifier: MIT
/*
 * Pooling over windows of images (n, c, h, w), f32 or f64; the result is (n, c, p, q) with p = (h
 * + 2 pad - (kernel - 1) dilation - 1) / stride + 1.
 *
 *     wg_max_pool2d(x, .kernel = {2, 2})                                     stride like the kernel
 *     wg_avg_pool2d(x, .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1})
 *
 * Both refuse a kernel left out, negative settings, pairs of which one number is 0 (pad may), a
 * kernel larger than the padded image, a pad beyond half the kernel, and windows that hold nothing
 * but padding.
 */
#ifndef WENGERT_OPS_POOL2D_H
#define WENGERT_OPS_POOL2D_H

#include "../graph/where.h"

/* Pairs are vertical, horizontal. A stride left out is the kernel, a dilation left out is 1. */
struct wg_max_pool2d {
    wg_tensor *x;
    int64_t    kernel[2], stride[2], pad[2], dilation[2];
};

/* exclude_pad: the divisor counts only places inside the image, not the whole window. */
struct wg_avg_pool2d {
    wg_tensor *x;
    int64_t    kernel[2], stride[2], pad[2];
    bool       exclude_pad;
};

WG_BEGIN_DECLS

/*
 * The adjoint of the maximum scatters to the places of the maxima, and is derived by gathering from
 * them; a place outside the image ends the run with an error. The average and its adjoint derive
 * each other.
 */
extern WG_API const wg_op wg_op_max_pool2d, wg_op_max_pool2d_backward, wg_op_max_pool2d_gather;
extern WG_API const wg_op wg_op_avg_pool2d, wg_op_avg_pool2d_backward;

/*
 * wg_max_pool2d(x, .kernel, .stride, .pad, .dilation): y = the largest of each window.
 * wg_output(y, 1) is its i64 place in the image, row times width plus column, found in the forward
 * run and used by the rule. The first of equal ones in row-major order wins, the first NaN wins
 * over all, padding never wins.
 */
WG_API wg_tensor *wg_max_pool2d_with(struct wg_max_pool2d pool);

/*
 * wg_avg_pool2d(x, .kernel, .stride, .pad, .exclude_pad): y = (sum of each window) / places;
 * padding counts as zeros unless excluded.
 */
WG_API wg_tensor *wg_avg_pool2d_with(struct wg_avg_pool2d pool);

#ifndef __cplusplus
#define wg_max_pool2d(...) WG__CALL(wg_max_pool2d_with((struct wg_max_pool2d){.x = __VA_ARGS__}))
#define wg_avg_pool2d(...) WG__CALL(wg_avg_pool2d_with((struct wg_avg_pool2d){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
