// SPDX-License-Identifier: MIT
/* The rate that optimisers are given: one check for all of them. Not public. */
#ifndef WENGERT_NN_RATE_H
#define WENGERT_NN_RATE_H

#include "../graph/tape.h"

/*
 * The rate as a number of rank 0; NULL, with the error on the tape in the optimiser's name, when it
 * is left out, has several elements or is not real.
 */
wg_tensor *wg__rate(wg_tape *tape, const char *optimiser, wg_tensor *rate);

#endif
