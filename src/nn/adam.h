// SPDX-License-Identifier: MIT
/*
 * Adam and AdamW: each param moves by the mean of its gradients, measured by the root of the
 * mean of their squares.
 *
 *     wg_tensors updates = wg_adamw(wg_backward(loss), .rate = rate, .decay = 0.01);
 *
 * Kingma, Ba, arXiv:1412.6980; Loshchilov, Hutter, "Decoupled weight decay regularization",
 * arXiv:1711.05101.
 */
#ifndef WENGERT_NN_ADAM_H
#define WENGERT_NN_ADAM_H

#include "../graph/derive.h"

/*
 * The rate is a tensor of one element, f32 or f64. beta1 left out is 0.9, beta2 0.999, eps 1e-8;
 * decay left out is none.
 */
struct wg_adam {
    const wg_gradients *gradients;
    wg_tensor          *rate;
    double              beta1, beta2, eps, decay;
    wg_tensor          *beta1_now; /* in its place, a number that steps may change, as the rate */
};

WG_BEGIN_DECLS

/* Elementwise. m' = m + share (g - m); v' = v + share (g^2 - v). */
extern WG_API const wg_op wg_op_adam_mean, wg_op_adam_square;
/* Elementwise. p' = keep p - size m / (scale sqrt v + eps), of p, m, v, keep, size, scale. */
extern WG_API const wg_op wg_op_adam_move;

/*
 * wg_adam(gradients, .rate, .beta1, .beta2, .eps, .decay): updates for each param p with
 * gradient g, to which decay p is added first:
 *
 *     m' = beta1 m + (1 - beta1) g      v' = beta2 v + (1 - beta2) g^2      t' = t + 1
 *     p' = p - rate (m' / (1 - beta1^t')) / (sqrt(v' / (1 - beta2^t')) + eps)
 *
 * m and v are states named "PARAM/adam_mean" and "PARAM/adam_square", t is "adam_step", all 0 at
 * first. The list lives as long as the record. NULL gradients (an error before) give an empty list,
 * and so does an error: a rate that is left out, a rate or beta1_now of several elements or of
 * integers, a beta outside 0 <= beta < 1, a negative eps or decay.
 */
WG_API wg_tensors wg_adam_with(struct wg_adam adam);

/*
 * wg_adamw: the same, but the decay acts on the param itself: p' = (1 - rate decay) p - rate ...
 */
WG_API wg_tensors wg_adamw_with(struct wg_adam adam);

#ifndef __cplusplus
/* The calls themselves: gradients, then settings. */
#define wg_adam(...)  WG__CALL_LIST(wg_adam_with((struct wg_adam){.gradients = __VA_ARGS__}))
#define wg_adamw(...) WG__CALL_LIST(wg_adamw_with((struct wg_adam){.gradients = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
