// SPDX-License-Identifier: MIT
#include "step.h"

#include <math.h>

/* Batches that make a step. */
static int64_t gathered(const struct wg_training *t)
{
    return t->accumulate > 1 ? t->accumulate : 1;
}

double wg__rate_at(const wg__course *c, int64_t batch)
{
    const struct wg_training *t = c->t;
    if (t->plateau.rate != 0) return c->at.plateau.rate;
    return t->schedule.at ? wg_schedule_at(&t->schedule, batch / gathered(t)) : t->rate;
}

/* Writes what is scheduled for the step; false with the error. */
static bool write_scheduled(const wg__course *c, wg__recorded *now)
{
    const wg_schedule *schedule = &c->t->momentum;
    const double       rate = wg__rate_at(c, c->at.step);
    if (rate != now->rate_written && !wg_write(now->rate, &rate, 1)) return false;
    now->rate_written = rate;
    if (!schedule->at) return true;
    const double momentum = wg_schedule_at(schedule, c->at.step / gathered(c->t));
    return wg_write(now->momentum, &momentum, 1);
}

/* The error of a guard that stopped, with the op from which it came. */
static bool explain(const wg__course *c, const wg__recorded *now)
{
    wg_not_finite found;
    if (c->t->guard != WG_GUARD_STOP || !wg_find_not_finite(now->gradients, &found) || !found.param)
        return false;
    wg_tape_error_clear(c->t->tape);
    wg_tape_error_set(c->t->tape, "train: in step %lld %s", (long long)c->at.step, found.text);
    return false;
}

int64_t wg__skipped(const wg__recorded *now)
{
    return now->skipped ? (int64_t)wg_item(now->skipped) : 0;
}

/* Tells the program why a batch was left out. */
static void tell(const wg__course *c, const wg__recorded *now)
{
    wg_not_finite found;
    if (c->t->skipped && wg_find_not_finite(now->gradients, &found))
        c->t->skipped(&found, c->at.step, c->t->context);
}

bool wg__train_step(wg__course *c, wg__recorded *now, const wg_batch *batch, wg__tally *sum,
                    wg_end *end)
{
    const struct wg_training *t = c->t;
    const double              before = sum->loss;
    *end = WG_END_FAILED;
    if (!wg__stand(now, t, batch->count, true) || !write_scheduled(c, now)) return false;
    wg_tape_set_run_number(t->tape, (uint64_t)c->at.step); /* whatever was run in between */
    c->skipped = wg__skipped(now);
    const bool gathers = now->gather && (c->at.step + 1) % gathered(t) != 0;
    if (!wg__run_batch(now, gathers ? now->gather : now->plan, t, batch, sum, c->scores))
        return explain(c, now);
    if (!isfinite(sum->loss)) {
        wg_tape_error_set(t->tape, "train: the loss of step %lld is %g", (long long)c->at.step,
                          sum->loss - before);
        return false;
    }
    if (wg__skipped(now) > c->skipped) tell(c, now);
    c->skipped = wg__skipped(now);
    c->at.step++;
    c->at.batch++;
    if (t->stop && *t->stop) *end = WG_END_STOPPED;
    if (t->after_step && !t->after_step(&now->model, c->at.step, t->context)) *end = WG_END_ASKED;
    return *end == WG_END_FAILED;
}
