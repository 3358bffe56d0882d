// SPDX-License-Identifier: MIT
/*
 * What optimisers share: the check of the rate, states beside params, and the list of updates as
 * they are recorded. Not public.
 */
#ifndef WENGERT_NN_UPDATES_H
#define WENGERT_NN_UPDATES_H

#include "../graph/derive.h"

/*
 * The rate, or another number that steps may change, as a tensor of rank 0; NULL, with the error on
 * the tape in the optimiser's name, when it has several elements or is not real, and when the rate is
 * left out.
 */
wg_tensor *wg__rate(wg_tape *tape, const char *optimiser, wg_tensor *rate);
wg_tensor *wg__number(wg_tape *tape, const char *optimiser, const char *what, wg_tensor *number);

/* momentum v, of the number or, where there is one, the tensor of rank 0. */
wg_tensor *wg__keep(wg_tensor *v, double momentum, wg_tensor *now);

/* Updates that are recorded one by one, in memory that lives as long as the record. */
struct wg__updates {
    wg_tensor **at;
    wg_tensor  *when; /* they are taken where it is true; NULL: always */
    int         count;
    bool        failed; /* one is NULL */
};

/* Room for `most` updates; false, with the error on the tape, without memory. */
bool wg__updates_begin(struct wg__updates *updates, wg_tape *tape, wg_tensor *when, int64_t most);

/*
 * Gradient number i for an optimiser. Where steps may be left out it is chosen by that very
 * condition, from itself: so all that is made of it waits until the condition is known, and then one
 * fused step reads it and writes params and states in place.
 */
wg_tensor *wg__gradient(const wg_gradients *gradients, int i);

/* The leaf is to become `value`, which is returned. */
wg_tensor *wg__update(struct wg__updates *updates, wg_tensor *leaf, wg_tensor *value);

/* The leaf that an update changes, and its new value; false, with the error, for another tensor. */
bool wg__update_parts(wg_tensor *update, wg_tensor **leaf, wg_tensor **value);

/* All of them; none when one failed. */
wg_tensors wg__updates_end(const struct wg__updates *updates);

/* The state "PARAM/NAME", of the param's type, 0 at first. */
wg_tensor *wg__state_of(wg_tensor *param, const char *name);

/* A state of all params at once, f64 of rank 0, 0 at first: "NAME", of a group "FIRST PARAM/NAME". */
wg_tensor *wg__group_state(const wg_gradients *gradients, const char *name);

#endif
