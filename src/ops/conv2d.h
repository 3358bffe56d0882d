// SPDX-License-Identifier: MIT
/*
 * Convolution of images (cross-correlation, as everywhere in this field):
 *
 *     y[n, k, p, q] = b[k] + sum over c, r, s of w[k, c, r, s] x[n, c, h, u]
 *                     with h = p stride - pad + r dilation, and u from q and s likewise
 *
 *     wg_conv2d(x, w)                                          stride 1, no padding
 *     wg_conv2d(x, w, b, .stride = {2, 2}, .pad = {1, 1})      with a bias for each filter
 *
 * Formulas: Dumoulin, Visin, "A guide to convolution arithmetic for deep learning",
 * arXiv:1603.07285.
 */
#ifndef WENGERT_OPS_CONV2D_H
#define WENGERT_OPS_CONV2D_H

#include "../graph/where.h"

/*
 * x is (n, c, h, w), w is (k, c / groups, r, s), b is (k,) or left out; all f32 or all f64. Group
 * g of the filters sees group g of the channels. Pairs are vertical, horizontal; stride, dilation
 * and groups left out are 1.
 */
struct wg_conv2d {
    wg_tensor *x, *w, *b;
    int64_t    stride[2], pad[2], dilation[2];
    int64_t    groups;
};

/*
 * Settings of the op and its adjoints. `size` is what inputs do not tell: the image's for
 * backward-data, the kernel's for backward-weight.
 */
struct wg__conv2d_attrs {
    int64_t stride[2], pad[2], dilation[2], groups, size[2];
};

WG_BEGIN_DECLS

/*
 * The convolution, and its adjoints in x and in w. Each one's derivatives are made of the other
 * two.
 */
extern WG_API const wg_op wg_op_conv2d, wg_op_conv2d_backward_data, wg_op_conv2d_backward_weight;

/*
 * wg_conv2d(x, w, b, .stride, .pad, .dilation, .groups): (n, k, p, q) with p = (h + 2 pad - (r -
 * 1) dilation - 1) / stride + 1. Refused: channels that are not w's times groups, groups that do
 * not divide the filters, a kernel larger than the padded image, a negative setting, a stride or
 * dilation of which one number is 0.
 */
WG_API wg_tensor *wg_conv2d_with(struct wg_conv2d conv);
#ifndef __cplusplus
#define wg_conv2d(...) WG__CALL(wg_conv2d_with((struct wg_conv2d){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
