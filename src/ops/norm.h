// SPDX-License-Identifier: MIT
/*
 * Layer normalisation: each row to mean 0 and variance 1, then scaled by w and shifted by b. All
 * tensors f32 or all f64.
 */
#ifndef WENGERT_OPS_NORM_H
#define WENGERT_OPS_NORM_H

#include "../graph/where.h"

/*
 * w and b have the shape of the last `dims` axes of x; b, or both, may be left out. dims left out
 * is the rank of w, or 1 without it; eps left out is 1e-5.
 */
struct wg_layer_norm {
    wg_tensor *x, *w, *b;
    int64_t    dims;
    double     eps;
};

WG_BEGIN_DECLS

/*
 * layer_norm has three outputs: y, and mean and 1 / sqrt(variance + eps) of each row, which its
 * adjoint uses.
 */
extern WG_API const wg_op wg_op_layer_norm, wg_op_layer_norm_backward;

/*
 * wg_layer_norm(x, w, b, .dims, .eps): y = (x - mean) / sqrt(var + eps) w + b, mean and biased
 * variance being those of the last `dims` axes. Refused: other shapes, dims beyond the rank, a
 * negative eps. Ba, Kiros, Hinton, arXiv:1607.06450.
 */
WG_API wg_tensor *wg_layer_norm_with(struct wg_layer_norm norm);

#ifndef __cplusplus
#define wg_layer_norm(...) WG__CALL(wg_layer_norm_with((struct wg_layer_norm){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
