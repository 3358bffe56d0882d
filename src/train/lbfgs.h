// SPDX-License-Identifier: MIT
/*
 * L-BFGS: Newton's steps with what the last gradients tell of the second derivatives. It runs the
 * plan of a loss and its gradients as often as it needs, so it is a driver beside the record, not
 * updates in it; meant for losses of all samples at once.
 *
 *     wg_lbfgs *lbfgs = wg_lbfgs_new(wg_backward(loss), .strong_wolfe = true);
 *     for (int i = 0; i < 10 && wg_lbfgs_step(lbfgs, &value); i++) printf("%g\n", value);
 *     wg_lbfgs_free(lbfgs);
 *
 * Nocedal, Wright, "Numerical Optimization", 2nd edition, algorithm 7.5; the numbers are those of
 * torch.optim.LBFGS.
 */
#ifndef WENGERT_TRAIN_LBFGS_H
#define WENGERT_TRAIN_LBFGS_H

#include "../graph/derive.h"

/* Members left zero stand for the value behind them. */
struct wg_lbfgs_settings {
    const wg_gradients *gradients;
    double              rate;       /* 1: the step length, with a line search the first one tried */
    int64_t             iterations; /* 20: in one call of wg_lbfgs_step */
    int64_t             evaluations; /* of loss and gradients: 5/4 of the iterations */
    int64_t             history;     /* 100: steps that are remembered */
    double tolerance_gradient;       /* 1e-7: no number of the gradient is larger at the end */
    double tolerance_change;         /* 1e-9: of the loss and of each number of the params */
    bool   strong_wolfe;             /* search along each direction; else the step is `rate` */
};

/* The driver. */
typedef struct wg_lbfgs wg_lbfgs;

WG_BEGIN_DECLS

/*
 * wg_lbfgs_new(gradients, .rate, ...): a driver that moves the params of `gradients`, which it
 * borrows: it is not to be used after wg_tape_clear. It computes in f64, whatever the params are,
 * and takes 2 history + 8 numbers for each of theirs. What it remembers are states of the tape,
 * "lbfgs/past" (history, 2, numbers), "lbfgs/last" and others: a checkpoint (wg_checkpoint_save)
 * holds them, and a driver made anew goes on with them. So there is one driver in a record, or one of
 * each group, and always with the same history. Freed with wg_lbfgs_free, before its tape. NULL for
 * NULL, and on an error, which is on the tape: a negative setting, a second driver, another history,
 * a loss or a gradient that cannot be planned.
 */
WG_API wg_lbfgs *wg_lbfgs_new_with(struct wg_lbfgs_settings settings);
#ifndef __cplusplus
#define wg_lbfgs_new(...)                                                                          \
    WG__CALL_POINTER(wg_lbfgs *,                                                                   \
                     wg_lbfgs_new_with((struct wg_lbfgs_settings){.gradients = __VA_ARGS__}))
#endif

/* NULL is fine. */
WG_API void wg_lbfgs_free(wg_lbfgs *lbfgs);

/*
 * Iterates until a tolerance or a bound of the settings is met, from where the last call stopped;
 * inputs may have been written in between. *loss (NULL: not wanted) is that of the params before.
 * False with the error on the tape, also where states were read that no driver left behind; the
 * params are then those of the last whole iteration.
 */
WG_API bool wg_lbfgs_step(wg_lbfgs *lbfgs, double *loss);

/* Iterations and evaluations so far, of all calls, also before a checkpoint; 0 for NULL. */
WG_API int64_t wg_lbfgs_iterations(const wg_lbfgs *lbfgs);
WG_API int64_t wg_lbfgs_evaluations(const wg_lbfgs *lbfgs);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_lbfgs_step(...) WG__CALL_BOOL(wg_lbfgs_step(__VA_ARGS__))
#endif

#endif
