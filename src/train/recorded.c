// SPDX-License-Identifier: MIT
#include "recorded.h"

#include "../nn/accumulate.h"
#include "../nn/average.h"
#include "../nn/optimiser.h"

#include <math.h>
#include <string.h>

static wg_tensors updates_of(const struct wg_training *t, const wg_gradients *gradients,
                             wg_tensor *rate)
{
    if (t->optimiser) return t->optimiser(gradients, rate, t->context);
    return wg_sgd_with((struct wg_sgd){.gradients = gradients, .rate = rate});
}

/* The gradients of a batch for the optimiser; where it may be left out, the network's updates, too. */
static const wg_gradients *guard(wg__recorded *now, const struct wg_training *t, wg_tensors *own)
{
    const bool stop = t->guard == WG_GUARD_STOP;
    if (t->guard == WG_GUARD_NONE) return now->gradients;
    const wg_gradients *g =
        wg_guard_with((struct wg_guard){.gradients = now->gradients, .stop = stop});
    if (!g || stop) return g;
    now->skipped = wg_training_state(t->tape, "skipped_batches", WG_F64, WG_SCALAR, 0);
    wg_tensor *const counted = wg_count_skipped(g, now->skipped);
    if (!counted) return NULL;
    *own = wg_join(t->tape, wg_update_when(g->when, *own), (wg_tensors){1, &counted});
    return g;
}

/* The scalar for the momentum's schedule. */
static wg_tensor *momentum_of(const struct wg_training *t)
{
    const wg_tensors leaves = wg_leaves(t->tape);
    for (int i = 0; i < leaves.count; i++)
        if (wg_role_of(leaves.at[i]) == WG_INPUT && !strcmp(wg_name_of(leaves.at[i]), "momentum"))
            return leaves.at[i];
    wg_tape_error_set(t->tape, "train: the optimiser has no scalar \"momentum\" to be scheduled");
    return NULL;
}

/* Records what follows the loss, and plans it: a step and, where batches are gathered, their sums. */
static void plan_step(wg__recorded *now, const struct wg_training *t,
                      struct wg_plan_request request)
{
    wg_tensors own = wg_assigns(t->tape); /* the network's: running statistics */
    now->rate = wg_scalar(t->tape, "rate", 0);
    now->gradients = wg_backward(now->model.loss);
    const wg_gradients    *g = guard(now, t, &own);
    const bool             gathers = t->accumulate != 0 && t->accumulate != 1;
    const wg_accumulation *sums = gathers ? wg_accumulate(g, t->accumulate) : NULL;
    if (gathers) g = sums ? sums->gradients : NULL;
    wg_tensors updates = updates_of(t, g, now->rate);
    if (t->momentum.at) now->momentum = momentum_of(t);
    if (t->average != 0 && g)
        updates = wg_average_with(
            (struct wg_average){.updates = updates, .decay = t->average, .when = g->when});
    if (sums) {
        request.updates = wg_join(t->tape, own, sums->add);
        now->gather = wg_plan_new_with(request);
        updates = wg_join(t->tape, updates, sums->clear);
    }
    request.updates = wg_join(t->tape, own, updates);
    if (!wg_tape_error(t->tape)) now->plan = wg_plan_new_with(request);
}

/* The network for such a batch; an error where it cannot run. Meanwhile the tape's mode is the loop's. */
static wg_model record(const struct wg_training *t, int64_t batch, bool training)
{
    const bool mode = wg_tape_trains(t->tape);
    wg_tape_train(t->tape, training);
    const wg_model model = t->network(t->tape, batch, training, t->context);
    wg_tape_train(t->tape, mode);
    if (!model.x || !model.loss)
        wg_tape_error_set(t->tape, "train: the network gives no x or no loss");
    return model;
}

bool wg__stand(wg__recorded *now, const struct wg_training *t, int64_t batch, bool training)
{
    if (now->plan && now->batch == batch && now->training == training) return true;
    wg_tape_clear(t->tape);
    *now = (wg__recorded){.batch = batch, .training = training, .rate_written = NAN};
    now->model = record(t, batch, training);
    struct wg_plan_request request = {.output = now->model.loss};
    wg_tensor *const       output = now->model.output;
    if (t->classes && output) request.outputs = (wg_tensors){.count = 1, .at = &output};
    if (training)
        plan_step(now, t, request);
    else if (!wg_tape_error(t->tape))
        now->plan = wg_plan_new_with(request);
    return now->plan != NULL;
}

bool wg__run_batch(const wg__recorded *now, wg_plan *plan, const struct wg_training *t,
                   const wg_batch *batch, wg__tally *sum, wg_scores *scores)
{
    if (!wg_batch_write(batch, now->model.x, now->model.y) || !wg_plan_run(plan)) return false;
    const double value = wg_item(now->model.loss);
    if (now->skipped && !isfinite(value)) return true;
    if (scores && !wg_scores_add(scores, now->model.output, now->model.y)) {
        wg_tape_error_set(t->tape,
                          "train: output and y are not scores (n, %lld) and classes (n,) or "
                          "their probabilities",
                          (long long)t->classes);
        return false;
    }
    sum->loss += value * (double)batch->count;
    sum->samples += batch->count;
    return true;
}
