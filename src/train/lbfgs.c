// SPDX-License-Identifier: MIT
#include "lbfgs.h"

#include "../graph/plan.h"
#include "../tensor/memory.h"
#include "line_search.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* One remembered step: how params and gradient changed, and 1 / (change . step). */
typedef struct memory {
    double *change, *step, rho, alpha;
} memory;

struct wg_lbfgs {
    struct wg_lbfgs_settings set;
    const wg_allocator      *allocator;
    wg_plan                 *plan;
    size_t                   count;           /* numbers of all params */
    double                  *numbers;         /* all vectors below, in one piece */
    double                  *x, *d, *g, *old; /* params, direction, gradient, the one before */
    double                  *cast;            /* one param in its own dtype */
    wg__place                room[3];
    memory                  *past; /* a ring: `kept` entries, the oldest at `oldest` */
    int64_t                  kept, oldest;
    double                   t, scale, loss; /* last step length; of the first Hessian */
    int64_t                  iterations, evaluations;
};

static wg_tape *tape_of(const wg_lbfgs *l)
{
    return wg_tape_of(l->set.gradients->loss);
}

/* ---- vectors ---- */

static double dot(const wg_lbfgs *l, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < l->count; i++) sum += a[i] * b[i];
    return sum;
}

/* y += a x */
static void add(const wg_lbfgs *l, double *y, double a, const double *x)
{
    for (size_t i = 0; i < l->count; i++) y[i] += a * x[i];
}

/* The largest size of a number; NaN where one is. */
static double largest(const wg_lbfgs *l, const double *x)
{
    double most = 0;
    for (size_t i = 0; i < l->count && !isnan(most); i++)
        if (!(fabs(x[i]) <= most)) most = fabs(x[i]);
    return most;
}

/* ---- the function ---- */

/* Params, or gradients, one behind the other as doubles; false on an error. */
static bool read_all(wg_tensors list, double *to)
{
    for (int i = 0; i < list.count; i++) {
        const void   *values = wg_values(list.at[i]);
        const int64_t count = wg_count_of(list.at[i]);
        for (int64_t k = 0; values && k < count; k++)
            to[k] = wg__as_double(wg_dtype_of(list.at[i]), values, k);
        if (!values) return false;
        to += count;
    }
    return true;
}

/* Writes x + t d to the params. */
static bool move_to(wg_lbfgs *l, double t)
{
    const wg_tensors params = l->set.gradients->params;
    const double    *x = l->x, *d = l->d;
    for (int i = 0; i < params.count; i++) {
        const wg_dtype dtype = wg_dtype_of(params.at[i]);
        const int64_t  count = wg_count_of(params.at[i]);
        float         *single = (void *)l->cast;
        for (int64_t k = 0; k < count; k++)
            if (dtype == WG_F32)
                single[k] = (float)(x[k] + t * d[k]);
            else
                l->cast[k] = x[k] + t * d[k];
        if (!wg_write_values(params.at[i], dtype, l->cast, count)) return false;
        x += count;
        d += count;
    }
    return true;
}

/* Loss and gradient where the params are. */
static bool evaluate(wg_lbfgs *l, double *loss, double *g)
{
    l->evaluations++;
    if (!wg_plan_run(l->plan)) return false;
    *loss = wg_item(l->set.gradients->loss);
    return read_all(l->set.gradients->values, g);
}

static bool measure(void *context, wg__place *place)
{
    wg_lbfgs *l = context;
    if (!move_to(l, place->t) || !evaluate(l, &place->f, place->g)) return false;
    place->slope = dot(l, place->g, l->d);
    return true;
}

/* ---- the direction ---- */

/* Keeps the last step, in place of the oldest where there is no room, if the curvature allows. */
static void remember(wg_lbfgs *l)
{
    const int64_t most = l->set.history, at = (l->oldest + l->kept) % most;
    memory       *m = &l->past[at];
    double        curvature = 0, square = 0;
    for (size_t i = 0; i < l->count; i++) {
        const double change = l->g[i] - l->old[i], step = l->d[i] * l->t;
        curvature += change * step;
        square += change * change;
    }
    if (!(curvature > 1e-10)) return;
    for (size_t i = 0; i < l->count; i++) {
        m->change[i] = l->g[i] - l->old[i];
        m->step[i] = l->d[i] * l->t;
    }
    m->rho = 1 / curvature;
    l->scale = curvature / square;
    if (l->kept < most)
        l->kept++;
    else
        l->oldest = (l->oldest + 1) % most;
}

/* d = -H g by the two loops over what is remembered. */
static void choose_direction(wg_lbfgs *l)
{
    if (l->iterations > 1) remember(l);
    for (size_t i = 0; i < l->count; i++) l->d[i] = -l->g[i];
    for (int64_t k = l->kept - 1; k >= 0; k--) {
        memory *m = &l->past[(l->oldest + k) % l->set.history];
        m->alpha = dot(l, m->step, l->d) * m->rho;
        add(l, l->d, -m->alpha, m->change);
    }
    for (size_t i = 0; i < l->count; i++) l->d[i] *= l->scale;
    for (int64_t k = 0; k < l->kept; k++) {
        const memory *m = &l->past[(l->oldest + k) % l->set.history];
        add(l, l->d, m->alpha - dot(l, m->change, l->d) * m->rho, m->step);
    }
}

/* ---- steps ---- */

/* Along d by the line search; the gradient and the loss are then those of the place found. */
static bool search(wg_lbfgs *l, double slope, int64_t most)
{
    const wg__line   line = {.measure = measure,
                             .context = l,
                             .count = l->count,
                             .size = largest(l, l->d),
                             .tolerance = l->set.tolerance_change,
                             .most = most};
    const wg__place  start = {.f = l->loss, .slope = slope, .g = l->g};
    int64_t          measured = 0;
    const wg__place *found = wg__strong_wolfe(&line, &start, l->t, l->room, &measured);
    if (!found) return false;
    memcpy(l->g, found->g, l->count * sizeof *l->g);
    l->loss = found->f;
    l->t = found->t;
    return move_to(l, l->t);
}

/* To where the step length says; the loss and gradient there are not needed after the last one. */
static bool go(wg_lbfgs *l, double slope, bool last, int64_t evaluations)
{
    if (l->set.strong_wolfe) return search(l, slope, evaluations);
    return move_to(l, l->t) && (last || evaluate(l, &l->loss, l->g));
}

static bool are_finite(const wg_lbfgs *l)
{
    if (isfinite(l->loss) && isfinite(largest(l, l->g))) return true;
    wg_tape_error_set(tape_of(l), "lbfgs: the loss or its gradient is not finite");
    return false;
}

/*
 * One iteration, until so many evaluations were made in all: 1 when it is to go on, 0 when not, -1
 * on an error.
 */
static int iterate(wg_lbfgs *l, bool last, int64_t most)
{
    const struct wg_lbfgs_settings *set = &l->set;
    const double                    before = l->loss;
    double                          size = 0;
    l->iterations++;
    choose_direction(l);
    memcpy(l->old, l->g, l->count * sizeof *l->g);
    for (size_t i = 0; i < l->count; i++) size += fabs(l->g[i]);
    l->t = l->iterations > 1 || size <= 1 ? set->rate : 1 / size * set->rate;
    const double slope = dot(l, l->g, l->d);
    if (slope > -set->tolerance_change) return 0;
    if (!go(l, slope, last, most - l->evaluations) || !are_finite(l)) return -1;
    add(l, l->x, l->t, l->d);
    return !last && l->evaluations < most && largest(l, l->g) > set->tolerance_gradient &&
           largest(l, l->d) * l->t > set->tolerance_change &&
           fabs(l->loss - before) >= set->tolerance_change;
}

bool wg_lbfgs_step(wg_lbfgs *l, double *loss)
{
    if (!l || wg_tape_error(tape_of(l))) return false;
    const int64_t end = l->evaluations + l->set.evaluations;
    if (!read_all(l->set.gradients->params, l->x) || !evaluate(l, &l->loss, l->g)) return false;
    if (loss) *loss = l->loss;
    if (!are_finite(l)) return false;
    int goes_on = largest(l, l->g) > l->set.tolerance_gradient;
    for (int64_t n = 1; goes_on > 0; n++) goes_on = iterate(l, n == l->set.iterations, end);
    if (goes_on >= 0) return true;
    memset(l->d, 0, l->count * sizeof *l->d); /* so that this step is not remembered */
    return move_to(l, 0), false;
}

/* ---- a driver's life ---- */

/* Fills in what was left out; false with the error on the tape. */
static bool settings_good(struct wg_lbfgs_settings *set, wg_tape *tape)
{
    if (set->rate == 0) set->rate = 1;
    if (set->iterations == 0) set->iterations = 20;
    if (set->evaluations == 0) set->evaluations = (int64_t)((double)set->iterations * 1.25);
    if (set->history == 0) set->history = 100;
    if (set->tolerance_gradient == 0) set->tolerance_gradient = 1e-7;
    if (set->tolerance_change == 0) set->tolerance_change = 1e-9;
    if (set->iterations > 0 && set->evaluations > 0 && set->history > 0 && set->rate > 0 &&
        set->rate <= DBL_MAX && set->tolerance_gradient > 0 && set->tolerance_change > 0)
        return true;
    wg_tape_error_set(tape, "lbfgs: a setting is negative, or no number");
    return false;
}

/* Hands out the vectors; false without memory. */
static bool take_room(wg_lbfgs *l)
{
    const wg_tensors params = l->set.gradients->params;
    int64_t          all, bytes, history;
    for (int i = 0; i < params.count; i++) l->count += (size_t)wg_count_of(params.at[i]);
    if (!wg__multiply(2, l->set.history, &history) || history > INT64_MAX - 8 ||
        !wg__multiply((int64_t)l->count, history + 8, &all) ||
        !wg__multiply(all, sizeof(double), &bytes) ||
        !wg__multiply(l->set.history, sizeof *l->past, &history))
        return false;
    l->numbers = wg__alloc(l->allocator, (size_t)bytes);
    l->past = wg__alloc_zero(l->allocator, (size_t)history);
    if (!l->numbers || !l->past) return false;
    double        *at = l->numbers,
           **const vector[] = {&l->x,    &l->d,         &l->g,         &l->old,
                               &l->cast, &l->room[0].g, &l->room[1].g, &l->room[2].g};
    for (size_t i = 0; i < sizeof vector / sizeof *vector; i++, at += l->count) *vector[i] = at;
    for (int64_t k = 0; k < l->set.history; k++, at += 2 * l->count)
        l->past[k] = (memory){.change = at, .step = at + l->count};
    memset(l->d, 0, l->count * sizeof *l->d);
    return true;
}

wg_lbfgs *wg_lbfgs_new_with(struct wg_lbfgs_settings set)
{
    if (!set.gradients) return NULL;
    wg_tape            *tape = wg_tape_of(set.gradients->loss);
    const wg_allocator *allocator = wg_tape_settings(tape)->allocator;
    if (!settings_good(&set, tape)) return NULL;
    wg_lbfgs *l = wg__alloc_zero(allocator, sizeof *l);
    if (!l) return wg_tape_error_set(tape, "lbfgs: out of memory"), NULL;
    *l = (wg_lbfgs){.set = set, .allocator = allocator, .scale = 1};
    const bool room = take_room(l);
    if (!room) wg_tape_error_set(tape, "lbfgs: out of memory");
    l->plan = room ? wg_plan_new_with((struct wg_plan_request){.output = set.gradients->loss,
                                                               .outputs = set.gradients->values})
                   : NULL;
    if (l->plan) return l;
    wg_lbfgs_free(l);
    return NULL;
}

void wg_lbfgs_free(wg_lbfgs *l)
{
    if (!l) return;
    wg__free(l->allocator, l->numbers);
    wg__free(l->allocator, l->past);
    wg__free(l->allocator, l);
}

int64_t wg_lbfgs_iterations(const wg_lbfgs *l)
{
    return l ? l->iterations : 0;
}

int64_t wg_lbfgs_evaluations(const wg_lbfgs *l)
{
    return l ? l->evaluations : 0;
}
