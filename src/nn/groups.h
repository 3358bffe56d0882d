// SPDX-License-Identifier: MIT
/*
 * Groups of params by their names, in which '*' stands for any characters, none and '/' included,
 * and '?' for one.
 *
 *     wg_params_freeze(tape, "encoder*", true);
 *     wg_tensors decayed = wg_params_matching(tape, "*weight");
 *
 * Each group may have an optimiser of its own, all in one plan:
 *
 *     const wg_gradients *g = wg_backward(loss);
 *     wg_plan *step = wg_plan_new(
 *         loss, .updates = wg_join(tape, wg_adamw(wg_group(g, decayed), .rate = rate, .decay = 0.1),
 *                                  wg_adamw(wg_group_others(g, decayed), .rate = rate)));
 */
#ifndef WENGERT_NN_GROUPS_H
#define WENGERT_NN_GROUPS_H

#include "../graph/derive.h"

WG_BEGIN_DECLS

/*
 * The params whose full name fits the pattern, in the order of wg_params. The list lives until
 * wg_tape_clear; it may be empty, and is on an error.
 */
WG_API wg_tensors wg_params_matching(wg_tape *tape, const char *pattern);

/*
 * wg_param_freeze for each of them; returns their number. None at all is an error on the tape, as a
 * pattern that fits nothing is most likely misspelt.
 */
WG_API int wg_params_freeze(wg_tape *tape, const char *pattern, bool frozen);

/*
 * The gradients of these params, in the order of `gradients`, for an optimiser of their own; frozen
 * ones are passed over. What such an optimiser counts for all of its params at once is a state of the
 * group's first one ("w/adam_step"). Lives as long as the record. NULL for NULL and on an error: a
 * group that is empty, since a pattern that fits nothing is most likely misspelt.
 */
WG_API const wg_gradients *wg_group(const wg_gradients *gradients, wg_tensors params);

/* The gradients of all params but these. */
WG_API const wg_gradients *wg_group_others(const wg_gradients *gradients, wg_tensors params);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_group(...)         WG__CALL_POINTER(const wg_gradients *, wg_group(__VA_ARGS__))
#define wg_params_freeze(...) ((int)WG__CALL_NUMBER(wg_params_freeze(__VA_ARGS__)))
#define wg_group_others(...)  WG__CALL_POINTER(const wg_gradients *, wg_group_others(__VA_ARGS__))
#endif

#endif
