// SPDX-License-Identifier: MIT
/*
 * Schedules: the learning rate of each step, from the number of the step alone, so that nothing of
 * them has to be kept when a training is interrupted.
 *
 *     const wg_schedule schedule = wg_schedule_cosine(0.1, 8 * batches, 0);
 *     ... wg_write_all(rate, wg_schedule_at(&schedule, step)) before each run ...
 *
 * Steps count from 0, one for each update of the params: 30 epochs are 30 wg_loader_batches(loader).
 * The formulas are those of torch.optim.lr_scheduler, the class in brackets. A
 * number of steps, or a growth, below 1 stands for 1.
 */
#ifndef WENGERT_TRAIN_SCHEDULE_H
#define WENGERT_TRAIN_SCHEDULE_H

#include "../tensor/export.h"

#include <stdbool.h>
#include <stdint.h>

/* Made by the calls below; `at` may be a program's own. All but `at` is for `at` to read. */
typedef struct wg_schedule {
    double (*at)(const struct wg_schedule *schedule, int64_t t);
    double         rate, least, factor;
    int64_t        steps, growth;
    const int64_t *milestones;
    int            count;
    /*
     * In the first `warm_up` steps the rate rises evenly from warm_from times its first value; then
     * the schedule begins (SequentialLR of LinearLR and the schedule).
     */
    int64_t warm_up;
    double  warm_from;
} wg_schedule;

/* What is to be minimised stands still: wg_plateau_rate finds out and lowers the rate. */
struct wg_plateau {
    double  rate;      /* the first one, then the present one */
    double  factor;    /* of a reduction: 0.1 when left out */
    double  threshold; /* an improvement is by more than this share: 1e-4 when left out; */
    bool    absolute;  /* or by more than this number */
    double  least;     /* of the rate */
    int64_t patience;  /* so many values without improvement are borne */
    int64_t cooldown;  /* values not counted after a reduction */
    bool    rising;    /* larger is better */
    double  best;      /* from here on: what has been seen, all zero at first */
    int64_t seen, worse, cooling;
};

WG_BEGIN_DECLS

/* The rate of step t. */
WG_API double wg_schedule_at(const wg_schedule *schedule, int64_t t);

/* The same rate always. */
WG_API wg_schedule wg_schedule_constant(double rate);

/* Times `factor` every `steps` steps [StepLR]. */
WG_API wg_schedule wg_schedule_steps(double rate, int64_t steps, double factor);

/* Times `factor` at each of the steps named, which rise and are borrowed [MultiStepLR]. */
WG_API wg_schedule wg_schedule_milestones(double rate, const int64_t *at, int count, double factor);

/* rate factor^t [ExponentialLR]. */
WG_API wg_schedule wg_schedule_exponential(double rate, double factor);

/* Half a cosine from rate to least in `steps` steps, then least [CosineAnnealingLR until its end]. */
WG_API wg_schedule wg_schedule_cosine(double rate, int64_t steps, double least);

/*
 * The same again and again, each time `growth` times as long [CosineAnnealingWarmRestarts].
 */
WG_API wg_schedule wg_schedule_restarts(double rate, int64_t steps, int64_t growth, double least);

/*
 * Up to `most` and down to nearly nothing in `steps` steps: half a cosine from most / 25 up in the
 * first 30 %, another down to most / 250,000 [OneCycleLR].
 */
WG_API wg_schedule wg_schedule_one_cycle(double most, int64_t steps);

/*
 * The momentum beside it, or Adam's beta1: by the same halves of a cosine from most down to least and
 * up again; 0.85 and 0.95 are usual [OneCycleLR, base_momentum and max_momentum].
 */
WG_API wg_schedule wg_schedule_one_cycle_momentum(double least, double most, int64_t steps);

/*
 * Takes a value, such as the loss of a validation, and returns the rate from now on
 * [ReduceLROnPlateau, threshold_mode "rel", or "abs" if `absolute`]. Reductions by 1e-8 or less are left out, as there.
 */
WG_API double wg_plateau_rate(struct wg_plateau *plateau, double value);

WG_END_DECLS

#endif
