// SPDX-License-Identifier: MIT
/*
 * Batch normalisation: each channel to mean 0 and variance 1, then scaled by w and shifted by b. All
 * tensors f32 or all f64. In training an op finds mean and variance of each channel itself; its
 * adjoint is two steps, the sums over a channel and what they come to for each element.
 */
#ifndef WENGERT_OPS_BATCH_NORM_H
#define WENGERT_OPS_BATCH_NORM_H

#include "../graph/op.h"
#include "../graph/where.h"

/* Settings of all of them. */
struct wg__batch_norm_attrs {
    double eps;
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
 * wg_op_batch_norm has three outputs of x (N, C, ...), w and b (C,): y, and the mean and biased
 * variance of each channel. wg_op_batch_norm_backward_sums has two of x, mean, var and dy: db = sum
 * dy and dw = sum dy z. wg_op_batch_norm_backward makes dx of x, w, mean, var, dy, db and dw.
 */
extern WG_API const wg_op wg_op_batch_norm, wg_op_batch_norm_backward,
    wg_op_batch_norm_backward_sums;
/* y = (x - mean) / sqrt(var + eps) w + b of x, w, b, mean and var, whatever the latter are. */
extern WG_API const wg_op wg_op_batch_norm_evaluate;

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
#define wg_batch_norm(...) WG__CALL(wg_batch_norm_with((struct wg_batch_norm){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
