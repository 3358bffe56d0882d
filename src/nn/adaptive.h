// SPDX-License-Identifier: MIT
/*
 * Optimisers that measure each number of a param by its gradients so far: RMSprop, Adagrad,
 * Adadelta; and Lion, which takes the sign of their mean. All as torch.optim has them (Lion as its
 * authors have it), as recorded updates of elementwise ops, which a plan fuses.
 *
 *     wg_tensors updates = wg_rmsprop(wg_backward(loss), .rate = rate, .momentum = 0.9);
 */
#ifndef WENGERT_NN_ADAPTIVE_H
#define WENGERT_NN_ADAPTIVE_H

#include "../graph/derive.h"

/* keep left out is 0.99, eps 1e-8; 0 <= keep, momentum < 1. */
struct wg_rmsprop {
    const wg_gradients *gradients;
    wg_tensor          *rate;
    double              keep, eps, momentum, decay;
    wg_tensor *momentum_now; /* in its place, a number that steps may change, as the rate */
    bool       centred;
};

/* eps left out is 1e-10. */
struct wg_adagrad {
    const wg_gradients *gradients;
    wg_tensor          *rate;
    double              eps, decay, rate_decay;
};

/* keep left out is 0.9, eps 1e-6. The rate is 1 as a rule. */
struct wg_adadelta {
    const wg_gradients *gradients;
    wg_tensor          *rate;
    double              keep, eps, decay;
};

/* beta1 left out is 0.9, beta2 0.99. */
struct wg_lion {
    const wg_gradients *gradients;
    wg_tensor          *rate;
    double              beta1, beta2, decay;
};

WG_BEGIN_DECLS

/*
 * Each records updates for all params p with gradient g, to which decay p is added first (not for
 * Lion). States begin with 0 and are named "PARAM/" and their letter. The list lives as long as the
 * record. NULL gradients (an error before) give an empty list, and so does an error: a rate that is
 * left out, a rate or momentum_now of several elements or of integers, a setting out of range.
 */

/*
 * s' = keep s + (1 - keep) g^2; with `centred` m' = keep m + (1 - keep) g and s' - m'^2 in the place
 * of s'. d = g / (sqrt(s') + eps); with momentum v' = momentum v + d in the place of d.
 * p' = p - rate d. Tieleman, Hinton, Coursera lecture 6.5 (2012).
 */
WG_API wg_tensors wg_rmsprop_with(struct wg_rmsprop settings);

/*
 * s' = s + g^2, t' = t + 1, p' = p - rate / (1 + t rate_decay) g / (sqrt(s') + eps). Duchi, Hazan,
 * Singer, JMLR 12 (2011).
 */
WG_API wg_tensors wg_adagrad_with(struct wg_adagrad settings);

/*
 * s' = keep s + (1 - keep) g^2, d = g sqrt(u + eps) / sqrt(s' + eps), u' = keep u + (1 - keep) d^2,
 * p' = p - rate d. Zeiler, arXiv:1212.5701.
 */
WG_API wg_tensors wg_adadelta_with(struct wg_adadelta settings);

/*
 * p' = (1 - rate decay) p - rate sign(beta1 m + (1 - beta1) g), m' = beta2 m + (1 - beta2) g. Chen
 * and others, arXiv:2302.06675.
 */
WG_API wg_tensors wg_lion_with(struct wg_lion settings);

#ifndef __cplusplus
/* The calls themselves: gradients, then settings. */
#define wg_rmsprop(...)                                                                            \
    WG__CALL_LIST(wg_rmsprop_with((struct wg_rmsprop){.gradients = __VA_ARGS__}))
#define wg_adagrad(...)                                                                            \
    WG__CALL_LIST(wg_adagrad_with((struct wg_adagrad){.gradients = __VA_ARGS__}))
#define wg_adadelta(...)                                                                           \
    WG__CALL_LIST(wg_adadelta_with((struct wg_adadelta){.gradients = __VA_ARGS__}))
#define wg_lion(...) WG__CALL_LIST(wg_lion_with((struct wg_lion){.gradients = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
