// SPDX-License-Identifier: MIT
/*
 * Optimisers: what wg_backward found, turned into updates of the params.
 *
 *     wg_tensor *rate = wg_scalar(tape, "rate", 0.1);
 *     wg_plan   *step = wg_plan_new(loss, .updates = wg_sgd(wg_backward(loss), .rate = rate));
 *
 * Updates are recorded like everything else, so that one plan holds the whole step, and take effect
 * when it has run. The rate is a leaf: writing to it needs no new plan.
 */
#ifndef WENGERT_NN_OPTIMISER_H
#define WENGERT_NN_OPTIMISER_H

#include "../graph/derive.h"

/* The rate is a tensor of one element, f32 or f64, which is cast to each param's dtype. */
struct wg_sgd {
    const wg_gradients *gradients;
    wg_tensor          *rate;
    double              momentum; /* 0 <= momentum < 1 */
    wg_tensor *momentum_now;      /* in its place, a number that steps may change, as the rate */
    double     decay;             /* not negative */
    bool       nesterov;          /* wants momentum */
};

WG_BEGIN_DECLS

/* y = p - r g, in one pass: p the param, g its gradient, r the rate expanded to their shape. */
extern WG_API const wg_op wg_op_descend;

/*
 * wg_sgd(gradients, .rate, .momentum, .decay, .nesterov): an update p' = p - rate g for each param,
 * in the order of `gradients`, decay p being added to g first; with momentum p' = p - rate v', v' =
 * momentum v + g, where v is a state named "PARAM/momentum", 0 at first (as in PyTorch, without
 * dampening), and with nesterov p' = p - rate (g + momentum v'). The list lives as long as the
 * record and holds the updates of v too. NULL gradients (an error before) give an empty list, and
 * so does an error: a rate that is left out, a rate or momentum_now of several elements, of integers
 * or of another tape, a momentum or decay out of range, nesterov without momentum.
 */
WG_API wg_tensors wg_sgd_with(struct wg_sgd sgd);
#ifndef __cplusplus
#define wg_sgd(...) WG__CALL_LIST(wg_sgd_with((struct wg_sgd){.gradients = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
