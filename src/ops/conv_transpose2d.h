// SPDX-License-Identifier: MIT
/*
 * Transposed convolution: what a convolution of the same settings sends back to its image, so an
 * image that such a convolution makes as small as x.
 *
 *     y[n, k, h, u] = b[k] + sum of w[c, k, r, s] x[n, c, p, q]
 *                     over all places with h = p stride - pad + r dilation, u likewise
 *
 * Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.
 */
#ifndef WENGERT_OPS_CONV_TRANSPOSE2D_H
#define WENGERT_OPS_CONV_TRANSPOSE2D_H

#include "../graph/where.h"

/*
 * x is (n, c, p, q), w is (c, k / groups, r, s), b is (k,) or left out; all f32 or all f64. Pairs
 * are vertical, horizontal; stride, dilation and groups left out are 1. output_pad adds rows and
 * columns at the end, where several sizes of y would give x: less than the stride.
 */
struct wg_conv_transpose2d {
    wg_tensor *x, *w, *b;
    int64_t    stride[2], pad[2], output_pad[2], dilation[2];
    int64_t    groups;
};

WG_BEGIN_DECLS

/*
 * wg_conv_transpose2d(x, w, b, .stride, .pad, .output_pad, .dilation, .groups): (n, k, h, u) with h
 * = (p - 1) stride - 2 pad + (r - 1) dilation + output_pad + 1. Recorded as conv2d_backward_data.
 * Refused: ranks other than 4, channels that are not w's, an output_pad that is negative or not
 * below the stride, and what wg_conv2d refuses of y and w.
 */
WG_API wg_tensor *wg_conv_transpose2d_with(struct wg_conv_transpose2d conv);
#ifndef __cplusplus
#define wg_conv_transpose2d(...)                                                                   \
    WG__CALL(wg_conv_transpose2d_with((struct wg_conv_transpose2d){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
