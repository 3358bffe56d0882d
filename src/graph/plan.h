// SPDX-License-Identifier: MIT
/*
 * Plans: what is asked for, as a list of steps in one piece of memory, to be run again and again.
 *
 *     wg_plan *step = wg_plan_new(loss, .updates = wg_sgd(wg_backward(loss), rate));
 *     for (...) { wg_write(x, ...); wg_write(y, ...); wg_plan_run(step); }
 *
 * Only what the outputs and updates depend on is computed, equal nodes once. Updates take effect
 * together, after every read of the run; when a run ends with an error none of them does. A run
 * allocates nothing.
 */
#ifndef WENGERT_GRAPH_PLAN_H
#define WENGERT_GRAPH_PLAN_H

#include "tape.h"

/* What is asked for, as steps; its tape owns it. */
typedef struct wg_plan wg_plan;

/*
 * What a plan is to compute: `output` and `outputs` are kept for reading, `updates` (of wg_assign)
 * take effect. Each may be left out.
 */
struct wg_plan_request {
    wg_tensor *output;
    wg_tensors outputs;
    wg_tensors updates;
};

/*
 * What a plan costs. `merged`: nodes that had an equal one; `fused`: nodes in fused steps; `folded`:
 * nodes that are one of their inputs; `again`: steps that compute what another one computed too;
 * `turned`: images whose layout is changed by a step; `masks`: those laid on chosen elements before
 * these go back to their places. Bytes of values: in the arena, where lifetimes share memory; kept
 * outside it (outputs, constants); and what it would be if each computed tensor had its own.
 */
typedef struct wg_plan_facts {
    int64_t nodes, steps, merged, views, fused, folded, again, turned, masks;
    int64_t arena_bytes, kept_bytes, sum_bytes;
} wg_plan_facts;

WG_BEGIN_DECLS

/*
 * A plan for the request. The same request on the same record, or on a record made anew with the
 * same structure, finds the plan that was made for it. The tape owns plans; wg_plan_free is for
 * those who want the memory earlier. NULL on an error.
 */
WG_API wg_plan *wg_plan_new_with(struct wg_plan_request request);
#ifndef __cplusplus
#define wg_plan_new(...)                                                                           \
    WG__CALL_POINTER(wg_plan *, wg_plan_new_with((struct wg_plan_request){.output = __VA_ARGS__}))
#endif

/*
 * Frees a plan before its tape; its outputs keep no value. NULL is fine. To use it afterwards is an
 * error on its tape, as long as that lives.
 */
WG_API void wg_plan_free(wg_plan *plan);

/* Computes the outputs and commits the updates. False on an error, which is on the tape. */
WG_API bool wg_plan_run(wg_plan *plan);

/* Number of plans made on this tape, those found again not counted: the measure of replanning. */
WG_API int64_t wg_tape_plans(const wg_tape *tape);

/* What the plan costs; all zero for NULL. */
WG_API wg_plan_facts wg_plan_measure(const wg_plan *plan);

/*
 * Checks that no two tensors whose lifetimes meet share memory, except where a step works in place.
 * False, with the error on the tape, when they do.
 */
WG_API bool wg_plan_verify(wg_plan *plan);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_plan_run(...)    WG__CALL_BOOL(wg_plan_run(__VA_ARGS__))
#define wg_plan_verify(...) WG__CALL_BOOL(wg_plan_verify(__VA_ARGS__))
#endif

#endif
