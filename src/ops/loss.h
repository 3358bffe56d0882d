// SPDX-License-Identifier: MIT
/*
 * Losses: how far x is from its target, element by element or row by row, then as one number.
 *
 *     wg_mse_loss(x, target)                                   the mean
 *     wg_cross_entropy(z, target, .reduction = WG_SUM)         the sum
 *     wg_binary_cross_entropy(p, target, .reduction = WG_NONE) each by itself
 *
 * x is f32 or f64, and target of the same type but for the classes of wg_cross_entropy. Gradients
 * go to target too, where it is real.
 */
#ifndef WENGERT_OPS_LOSS_H
#define WENGERT_OPS_LOSS_H

#include "../graph/where.h"

/*
 * What becomes of the single losses. The mean divides by their number, which is the number of rows
 * for wg_cross_entropy.
 */
enum wg_reduction { WG_MEAN, WG_SUM, WG_NONE };

/* What a loss compares. */
struct wg_loss {
    wg_tensor        *x, *target;
    enum wg_reduction reduction;
};

WG_BEGIN_DECLS

/*
 * Before reduction; cross_entropy takes classes, one of z's last axis for each row, and keeps
 * softmax z as its second output.
 */
extern WG_API const wg_op wg_op_mse_loss, wg_op_mse_loss_backward;
extern WG_API const wg_op wg_op_binary_cross_entropy, wg_op_binary_cross_entropy_backward;
extern WG_API const wg_op wg_op_bce_with_logits, wg_op_bce_with_logits_backward;
extern WG_API const wg_op wg_op_cross_entropy, wg_op_cross_entropy_backward;

/* wg_mse_loss(x, target, .reduction): (x - target)^2. */
WG_API wg_tensor *wg_mse_loss_with(struct wg_loss loss);

/*
 * wg_binary_cross_entropy(p, target, .reduction): -(target log p + (1 - target) log(1 - p)) for
 * probabilities p. As in PyTorch, logarithms are at least -100, and the derivative by p is (p -
 * target) / max(p (1 - p), 1e-12). The derivative by target is that of the formula, -100 or 100
 * where a logarithm is cut (PyTorch's is infinite there). A p outside [0, 1] gives NaN.
 */
WG_API wg_tensor *wg_binary_cross_entropy_with(struct wg_loss loss);

/*
 * wg_bce_with_logits(z, target, .reduction): the same of p = sigmoid(z), without overflow or
 * clamping. The derivative by z is p - target.
 */
WG_API wg_tensor *wg_bce_with_logits_with(struct wg_loss loss);

/*
 * wg_cross_entropy(z, target, .reduction): -log softmax(z)[target] along the classes, which are
 * axis 1 of z (N, C, d1, ...), or its only axis. The target holds classes, i32, i64 or u8, without
 * that axis: (N, d1, ...); a run in which one is not below C, or negative, ends with an error. Or
 * it holds probabilities p, of z's type: -sum of p log softmax(z).
 */
WG_API wg_tensor *wg_cross_entropy_with(struct wg_loss loss);

#ifndef __cplusplus
/* The calls themselves: x, target, then .reduction. */
#define wg_mse_loss(...) WG__CALL(wg_mse_loss_with((struct wg_loss){.x = __VA_ARGS__}))
#define wg_binary_cross_entropy(...)                                                               \
    WG__CALL(wg_binary_cross_entropy_with((struct wg_loss){.x = __VA_ARGS__}))
#define wg_bce_with_logits(...)                                                                    \
    WG__CALL(wg_bce_with_logits_with((struct wg_loss){.x = __VA_ARGS__}))
#define wg_cross_entropy(...) WG__CALL(wg_cross_entropy_with((struct wg_loss){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
