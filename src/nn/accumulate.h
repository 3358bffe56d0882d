// SPDX-License-Identifier: MIT
/*
 * Gradients of several small batches for one step, as if they had been one large batch: a plan that
 * only adds, and one that steps, share their sums.
 *
 *     const wg_accumulation *a = wg_accumulate(wg_backward(loss), 4);
 *     wg_tensors updates = wg_adam(a->gradients, .rate = rate);
 *     wg_plan *gather = wg_plan_new(loss, .updates = a->add);
 *     wg_plan *step = wg_plan_new(loss, .updates = wg_join(tape, a->clear, updates));
 *     for (...) { write a batch; wg_plan_run(i % 4 < 3 ? gather : step); }
 */
#ifndef WENGERT_NN_ACCUMULATE_H
#define WENGERT_NN_ACCUMULATE_H

#include "../graph/derive.h"

/* Gradients of k batches. */
typedef struct wg_accumulation {
    const wg_gradients *gradients; /* the mean of those gathered and the present ones */
    wg_tensors          add;       /* updates of a batch that is not the last one of the k */
    wg_tensors          clear;     /* and of the last, beside those of the optimiser */
} wg_accumulation;

WG_BEGIN_DECLS

/*
 * The sums are states "PARAM/sum" of the params' types, 0 at first, so that a checkpoint keeps them.
 * Of k batches of one size, and a loss that is a mean over the batch, `gradients` are those of one
 * batch of all samples. Guarded ones (wg_guard) are left out of the sums where they are bad; a guard
 * of a->gradients leaves the whole step out instead, and `clear` begins anew. Lives as long as the
 * record. NULL for NULL and on an error: k < 1.
 */
WG_API const wg_accumulation *wg_accumulate(const wg_gradients *gradients, int64_t k);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_accumulate(...) WG__CALL_POINTER(const wg_accumulation *, wg_accumulate(__VA_ARGS__))
#endif

#endif
