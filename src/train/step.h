// SPDX-License-Identifier: MIT
/*
 * A training under way, and one step of it: what is scheduled, the run, and what it came to. Not
 * public.
 */
#ifndef WENGERT_TRAIN_STEP_H
#define WENGERT_TRAIN_STEP_H

#include "recorded.h"

/* What goes on through all epochs. */
typedef struct wg__course {
    const struct wg_training *t;
    wg_scores                *scores;
    struct wg_progress        progress;
    wg_position               at; /* the next batch */
    int64_t                   skipped;
} wg__course;

/* The rate with which a batch of the training, from 0, is stepped. */
double wg__rate_at(const wg__course *c, int64_t batch);

/* Batches left out so far. */
int64_t wg__skipped(const wg__recorded *now);

/*
 * A batch of training: recorded, run, and added to *sum and the position. False with the error on the
 * tape, or when it is to end; *end says which.
 */
bool wg__train_step(wg__course *c, wg__recorded *now, const wg_batch *batch, wg__tally *sum,
                    wg_end *end);

#endif
