// SPDX-License-Identifier: MIT
/*
 * Averages of the weights over the steps, with which a network often does better than with the
 * last ones.
 *
 *     wg_tensors updates = wg_average(wg_adamw(wg_backward(loss), .rate = rate), .decay = 0.999);
 *     ...
 *     wg_average_swap(tape);    the params are the averages: evaluate, wg_weights_save
 *     wg_average_swap(tape);    and are themselves again
 */
#ifndef WENGERT_NN_AVERAGE_H
#define WENGERT_NN_AVERAGE_H

#include "../graph/tape.h"

/*
 * The weight of the n-th step's params in the average, n from 1; that of the first is 1. `decay` d
 * is not used by WG_AVERAGE_EVEN.
 */
typedef enum wg_average_way {
    WG_AVERAGE_PLAIN,     /* 1 - d */
    WG_AVERAGE_CORRECTED, /* (1 - d) / (1 - d^n), as of Adam's means: no step counts more */
    WG_AVERAGE_WARM_UP,   /* 1 - min(d, n / (9 + n)): short at first, as in TensorFlow */
    WG_AVERAGE_EVEN       /* 1 / n: all steps count alike */
} wg_average_way;

/* decay left out is 0.999. */
struct wg_average {
    wg_tensors     updates;
    double         decay;
    wg_average_way way;
    wg_tensor     *when; /* that of guarded gradients: averages wait with their params; or NULL */
};

WG_BEGIN_DECLS

/*
 * wg_average(updates, .decay, .way, .when): the updates, and for each param p among their leaves, with p'
 * its new value, one of the state "PARAM/average" of its type: a' = a + weight (p' - a). The steps
 * are counted by the state "average_steps", so that it is called once a record. PLAIN is
 * torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn, EVEN the same without (Polyak,
 * Juditsky, SIAM J. Control Optim. 30, 1992; Izmailov and others, arXiv:1803.05407). The list lives
 * as long as the record; it is empty for an empty one, and on an error: a decay outside 0 <= decay
 * < 1, an update that is not of wg_assign.
 */
WG_API wg_tensors wg_average_with(struct wg_average average);
#ifndef __cplusplus
#define wg_average(...) WG__CALL_LIST(wg_average_with((struct wg_average){.updates = __VA_ARGS__}))
#endif

/*
 * Exchanges the values of each param and of its average; takes no memory. Plans stay, and see the
 * new values. False with the error on the tape, and nothing exchanged, before the first step was
 * averaged.
 */
WG_API bool wg_average_swap(wg_tape *tape);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_average_swap(...) WG__CALL_BOOL(wg_average_swap(__VA_ARGS__))
#endif

#endif
