// SPDX-License-Identifier: MIT
/*
 * A network as it stands on the tape for batches of one size, with the plans of its steps. Not
 * public.
 */
#ifndef WENGERT_TRAIN_RECORDED_H
#define WENGERT_TRAIN_RECORDED_H

#include "train.h"

#include "../graph/plan.h"

typedef struct wg__recorded {
    wg_model            model;
    wg_tensor          *rate, *momentum; /* momentum: NULL without a schedule of it */
    double              rate_written;    /* for this record; NaN: none yet */
    wg_plan            *plan, *gather; /* gather: for batches that only add to gradients, or NULL */
    int64_t             batch;
    bool                training;
    const wg_gradients *gradients; /* as they come from the network */
    wg_tensor          *skipped;   /* how many batches were left out; NULL: none ever is */
} wg__recorded;

/* What batches came to. */
typedef struct wg__tally {
    double  loss; /* sum over samples */
    int64_t samples;
} wg__tally;

/*
 * Records and plans, unless that is what stands there; finds all again when it did before. False
 * with the error on the tape.
 */
bool wg__stand(wg__recorded *now, const struct wg_training *t, int64_t batch, bool training);

/* Runs one batch by one of the plans and adds what came of it, unless the batch is left out. */
bool wg__run_batch(const wg__recorded *now, wg_plan *plan, const struct wg_training *t,
                   const wg_batch *batch, wg__tally *sum, wg_scores *scores);

#endif
