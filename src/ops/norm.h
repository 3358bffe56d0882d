// SPDX-License-Identifier: MIT
/*
 * Normalisation: to mean 0 and variance 1, then scaled by w and shifted by b. All tensors f32 or
 * all f64.
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

/*
 * x is (N, C, ...); w, b, mean and var are (C,); w and b may be left out, and in training mean and
 * var too. momentum left out is 0.1, eps 1e-5.
 */
struct wg_batch_norm {
    wg_tensor *x, *w, *b, *mean, *var;
    double     momentum, eps;
    bool       evaluate;
};

WG_BEGIN_DECLS

/*
 * layer_norm has three outputs: y, and mean and 1 / sqrt(variance + eps) of each row, which its
 * adjoint uses.
 */
extern WG_API const wg_op wg_op_layer_norm, wg_op_layer_norm_backward;
/* y = (x - mean) / sqrt(var + eps) w + b of x, w, b, mean and var, whatever the latter are. */
extern WG_API const wg_op wg_op_batch_norm_evaluate;

/*
 * wg_layer_norm(x, w, b, .dims, .eps): y = (x - mean) / sqrt(var + eps) w + b, mean and biased
 * variance being those of the last `dims` axes. Refused: other shapes, dims beyond the rank, a
 * negative eps. Ba, Kiros, Hinton, arXiv:1607.06450.
 */
WG_API wg_tensor *wg_layer_norm_with(struct wg_layer_norm norm);

/*
 * wg_batch_norm(x, w, b, mean, var, .momentum, .eps, .evaluate): y = (x - m) / sqrt(v + eps) w + b
 * for each channel. In training m and v are mean and biased variance of x over all axes but 1; and
 * two updates are recorded with wg_assign, without derivative: mean becomes (1 - momentum) mean +
 * momentum m, and var likewise with the unbiased variance. In evaluation m and v are `mean` and
 * `var`. Refused: other shapes, rank below 2, training with less than two values for a channel,
 * evaluation without mean and var, one of them without the other, a momentum outside (0, 1].
 * Ioffe, Szegedy, arXiv:1502.03167.
 */
WG_API wg_tensor *wg_batch_norm_with(struct wg_batch_norm norm);

#ifndef __cplusplus
#define wg_layer_norm(...) WG__CALL(wg_layer_norm_with((struct wg_layer_norm){.x = __VA_ARGS__}))
#define wg_batch_norm(...) WG__CALL(wg_batch_norm_with((struct wg_batch_norm){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
