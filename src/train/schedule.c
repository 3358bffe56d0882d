// SPDX-License-Identifier: MIT
#include "schedule.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* Half a cosine: from `from` at share 0 to `to` at share 1. */
static double half_cosine(double from, double to, double share)
{
    return to + (from - to) * 0.5 * (1 + cos(pi * share));
}

/* A number of steps, or of times, that can be divided by and gone on by. */
static int64_t one_or_more(int64_t n)
{
    return n < 1 ? 1 : n;
}

double wg_schedule_at(const wg_schedule *schedule, int64_t t)
{
    if (t >= schedule->warm_up) return schedule->at(schedule, t - schedule->warm_up);
    const double share = (double)t / (double)schedule->warm_up;
    return schedule->at(schedule, 0) * (schedule->warm_from + (1 - schedule->warm_from) * share);
}

static double constant_at(const wg_schedule *schedule, int64_t t)
{
    (void)t;
    return schedule->rate;
}

wg_schedule wg_schedule_constant(double rate)
{
    return (wg_schedule){.at = constant_at, .rate = rate};
}

static double steps_at(const wg_schedule *schedule, int64_t t)
{
    return schedule->rate * pow(schedule->factor, (double)(t / schedule->steps));
}

wg_schedule wg_schedule_steps(double rate, int64_t steps, double factor)
{
    return (wg_schedule){
        .at = steps_at, .rate = rate, .steps = one_or_more(steps), .factor = factor};
}

static double milestones_at(const wg_schedule *schedule, int64_t t)
{
    double rate = schedule->rate;
    for (int i = 0; i < schedule->count && schedule->milestones[i] <= t; i++)
        rate *= schedule->factor;
    return rate;
}

wg_schedule wg_schedule_milestones(double rate, const int64_t *at, int count, double factor)
{
    return (wg_schedule){
        .at = milestones_at, .rate = rate, .milestones = at, .count = count, .factor = factor};
}

static double exponential_at(const wg_schedule *schedule, int64_t t)
{
    return schedule->rate * pow(schedule->factor, (double)t);
}

wg_schedule wg_schedule_exponential(double rate, double factor)
{
    return (wg_schedule){.at = exponential_at, .rate = rate, .factor = factor};
}

static double cosine_at(const wg_schedule *schedule, int64_t t)
{
    if (t >= schedule->steps) return schedule->least;
    return half_cosine(schedule->rate, schedule->least, (double)t / (double)schedule->steps);
}

wg_schedule wg_schedule_cosine(double rate, int64_t steps, double least)
{
    return (wg_schedule){
        .at = cosine_at, .rate = rate, .steps = one_or_more(steps), .least = least};
}

static double restarts_at(const wg_schedule *schedule, int64_t t)
{
    const int64_t growth = schedule->growth;
    int64_t       period = schedule->steps;
    if (growth == 1) t %= period;
    while (t >= period) {
        t -= period;
        period = period > INT64_MAX / growth ? INT64_MAX : period * growth;
    }
    return half_cosine(schedule->rate, schedule->least, (double)t / (double)period);
}

wg_schedule wg_schedule_restarts(double rate, int64_t steps, int64_t growth, double least)
{
    return (wg_schedule){.at = restarts_at,
                         .rate = rate,
                         .steps = one_or_more(steps),
                         .growth = one_or_more(growth),
                         .least = least};
}

/* From `first` to `turn` in 30 % of the steps, and to `last` in the others. */
static double cycle_at(double first, double turn, double last, double steps, double t)
{
    const double end = steps - 1, top = 0.3 * steps - 1;
    if (t <= top) return half_cosine(first, turn, t / top);
    return half_cosine(turn, last, fmin((t - top) / (end - top), 1));
}

static double one_cycle_at(const wg_schedule *schedule, int64_t t)
{
    const double most = schedule->rate, first = most / 25;
    return cycle_at(first, most, first / 1e4, (double)schedule->steps, (double)t);
}

static double momentum_at(const wg_schedule *schedule, int64_t t)
{
    const double most = schedule->rate;
    return cycle_at(most, schedule->least, most, (double)schedule->steps, (double)t);
}

wg_schedule wg_schedule_one_cycle(double most, int64_t steps)
{
    return (wg_schedule){.at = one_cycle_at, .rate = most, .steps = one_or_more(steps)};
}

wg_schedule wg_schedule_one_cycle_momentum(double least, double most, int64_t steps)
{
    return (wg_schedule){
        .at = momentum_at, .rate = most, .least = least, .steps = one_or_more(steps)};
}

/* ---- plateau ---- */

static bool is_better(const struct wg_plateau *plateau, double value)
{
    const double threshold = plateau->threshold > 0 ? plateau->threshold : 1e-4;
    const double by = plateau->rising ? threshold : -threshold;
    if (plateau->seen == 0) return plateau->rising ? value > -INFINITY : value < INFINITY;
    const double bound = plateau->absolute ? plateau->best + by : plateau->best * (1 + by);
    return plateau->rising ? value > bound : value < bound;
}

double wg_plateau_rate(struct wg_plateau *plateau, double value)
{
    if (is_better(plateau, value)) {
        plateau->best = value;
        plateau->seen++;
        plateau->worse = 0;
    } else {
        plateau->worse++;
    }
    if (plateau->cooling > 0) {
        plateau->cooling--;
        plateau->worse = 0;
    }
    if (plateau->worse > plateau->patience) {
        const double factor = plateau->factor > 0 ? plateau->factor : 0.1;
        const double lower = fmax(plateau->rate * factor, plateau->least);
        if (plateau->rate - lower > 1e-8) plateau->rate = lower;
        plateau->cooling = plateau->cooldown;
        plateau->worse = 0;
    }
    return plateau->rate;
}
