// SPDX-License-Identifier: MIT
/*
 * A probe compares derivatives as recorded with differences of what the plan computes, for any
 * outputs, their weights and leaves: a loss, its gradient, or one op alone.
 */
#ifndef WENGERT_GRAPH_PROBE_H
#define WENGERT_GRAPH_PROBE_H

#include "check.h"
#include "internal.h"

/*
 * The function is the sum over k of <seeds[k], y[k]>, f64 all of them; without seeds each y has one
 * element and weight 1. The caller sets the first five, on a tape of its own with options.apart.
 */
typedef struct wg__probe {
    wg_tape   *tape;
    wg_tensors y, seeds, x; /* x: leaves */
    double     tolerance;
    uint64_t   seed;

    wg_tensors  dx;
    const bool *reached;          /* per x */
    bool       *steady;           /* per x: two runs gave the same gradient */
    double    **base, **gradient; /* per x: values and gradient where the probe stands */
    double      value, mass;      /* of the function, and the sum of its terms' sizes */
    wg_plan    *forward, *both;
} wg__probe;

/*
 * Derives, plans and runs twice. WG_CHECK_PASS when it can be measured now; else what prevents it,
 * with words on the tape for WG_CHECK_FAIL and WG_CHECK_NOT_CHECKABLE.
 */
wg_check_verdict wg__probe_start(wg__probe *p);

/* Judges the gradient by x[i]: fills in the row's verdict, checked, element and worst. */
void wg__probe_leaf(wg__probe *p, int i, int directions, wg_check_leaf *row);

/* True when the tape's error is that there was no memory. */
bool wg__ran_out(const wg_tape *tape);

/* A copy of the text among the tape's lists; NULL for NULL, and without memory. */
const char *wg__text_copy(wg_tape *tape, const char *text);

/* A number of either sign, its size from 0.5 to 1.5: element `j` of random row `row`. */
double wg__probe_random(uint64_t seed, uint64_t j, uint64_t row);

/* True when a's verdict is worse than b's. */
bool wg__check_worse(wg_check_verdict a, wg_check_verdict b);

#endif
