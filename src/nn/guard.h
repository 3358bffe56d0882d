// SPDX-License-Identifier: MIT
/*
 * Steps whose gradients are not finite: found, told about, and left out or refused.
 *
 *     const wg_gradients *g = wg_guard(wg_backward(loss));
 *     wg_plan *step = wg_plan_new(loss, .updates = wg_adamw(g, .rate = rate));
 *
 * Params and an optimiser's states stay as they are then. The network's own updates (running
 * statistics) do so too with wg_update_when(g->when, wg_assigns(tape)), asked for before the
 * optimiser's are recorded.
 */
#ifndef WENGERT_NN_GUARD_H
#define WENGERT_NN_GUARD_H

#include "../graph/derive.h"

/* How it is guarded. */
struct wg_guard {
    const wg_gradients *gradients;
    bool stop; /* the run fails, in the name of the first such param, and changes nothing */
};

/* What is known of gradients that are not finite. */
typedef struct wg_not_finite {
    wg_tensor *param; /* the first one that has such a gradient; NULL: none has */
    /* The first tensor from which it came: a leaf, or an op's output (see wg_first_not_finite). */
    wg_tensor *origin;
    char       text[600]; /* both in words, "" where there is none */
} wg_not_finite;

WG_BEGIN_DECLS

/*
 * wg_guard(gradients, .stop): the same gradients, whose `when` tells optimisers to take the step only
 * if all their numbers are finite; with `stop` a run with others fails instead, with the error on the
 * tape. For each gradient it is one sum, made in the step that makes the gradient where that is
 * elementwise. To come first, before wg_clip_norm. Lives as long as the record. NULL for NULL and on
 * an error.
 */
WG_API const wg_gradients *wg_guard_with(struct wg_guard guard);

/*
 * An update that adds 1 to the state, f64 of rank 0, in each run whose step is left out; to be named
 * in the plan beside the others. NULL for NULL and on an error: gradients without `when`, another
 * kind of state.
 */
WG_API wg_tensor *wg_count_skipped(const wg_gradients *guarded, wg_tensor *state);

/*
 * The same updates, but where the condition (bool of rank 0; NULL: none) is false their leaves stay
 * as they are. They take the place of the old ones in the plan, which accepts no two updates of a
 * leaf. The list lives as long as the record; it is empty on an error: a condition of another type,
 * an update that is not of wg_assign.
 */
WG_API wg_tensors wg_update_when(wg_tensor *condition, wg_tensors updates);

/*
 * Why the last run was left out or failed: computes the gradients once more, with the leaves as they
 * are and the random numbers of that run. To be asked before the next batch is written. False on an
 * error other than the one that was there before; true, with param NULL, where all are finite.
 */
WG_API bool wg_find_not_finite(const wg_gradients *gradients, wg_not_finite *found);

WG_END_DECLS

#ifndef __cplusplus
#define wg_guard(...)                                                                              \
    WG__CALL_POINTER(const wg_gradients *,                                                         \
                     wg_guard_with((struct wg_guard){.gradients = __VA_ARGS__}))
#endif

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_count_skipped(...)   WG__CALL(wg_count_skipped(__VA_ARGS__))
#define wg_update_when(...)     WG__CALL_LIST(wg_update_when(__VA_ARGS__))
#define wg_find_not_finite(...) WG__CALL_BOOL(wg_find_not_finite(__VA_ARGS__))
#endif

#endif
