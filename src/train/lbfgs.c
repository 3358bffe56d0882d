// SPDX-License-Identifier: MIT
#include "lbfgs.h"

#include "../graph/internal.h"
#include "../graph/plan.h"
#include "../tensor/memory.h"
#include "line_search.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* The state "lbfgs/counts": the steps of the ring that are there, the oldest of them, and so far. */
typedef struct counts {
    int64_t kept, oldest, iterations, evaluations;
} counts;

/* The state "lbfgs/lengths": the last step's, of the first Hessian, and 1 / (change . step) of each. */
typedef struct lengths {
    double t, scale, rho[];
} lengths;

struct wg_lbfgs {
    struct wg_lbfgs_settings set;
    const wg_allocator      *allocator;
    wg_plan                 *plan;
    size_t                   count; /* numbers of all params */
    double                   loss;
    /* What is remembered from call to call: values of states, so that checkpoints hold them. */
    counts  *n;
    lengths *by;
    double  *d, *old; /* "lbfgs/last": direction, the gradient before */
    double  *past;    /* "lbfgs/past": a ring of pairs, how the gradient and the params changed */
    /* Room of a call, all in one piece. */
    double   *x, *g, *cast, *alpha; /* params, gradient; one param in its own dtype; of each step */
    wg__place room[3];
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
    l->n->evaluations++;
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

/* How the gradient changed in step k of the ring; behind it stands how the params did. */
static double *change_of(const wg_lbfgs *l, int64_t k)
{
    return l->past + (size_t)(2 * k) * l->count;
}

/* Keeps the last step, in place of the oldest where there is no room, if the curvature allows. */
static void remember(wg_lbfgs *l)
{
    const int64_t most = l->set.history, at = (l->n->oldest + l->n->kept) % most;
    double       *changes = change_of(l, at), *steps = changes + l->count;
    double        curvature = 0, square = 0;
    for (size_t i = 0; i < l->count; i++) {
        const double change = l->g[i] - l->old[i], step = l->d[i] * l->by->t;
        curvature += change * step;
        square += change * change;
    }
    if (!(curvature > 1e-10)) return;
    for (size_t i = 0; i < l->count; i++) {
        changes[i] = l->g[i] - l->old[i];
        steps[i] = l->d[i] * l->by->t;
    }
    l->by->rho[at] = 1 / curvature;
    l->by->scale = curvature / square;
    if (l->n->kept < most)
        l->n->kept++;
    else
        l->n->oldest = (l->n->oldest + 1) % most;
}

/* d = -H g by the two loops over what is remembered. */
static void choose_direction(wg_lbfgs *l)
{
    const double *rho = l->by->rho;
    if (l->n->iterations > 1) remember(l);
    for (size_t i = 0; i < l->count; i++) l->d[i] = -l->g[i];
    for (int64_t n = l->n->kept - 1; n >= 0; n--) {
        const int64_t k = (l->n->oldest + n) % l->set.history;
        const double *change = change_of(l, k), *step = change + l->count;
        l->alpha[k] = dot(l, step, l->d) * rho[k];
        add(l, l->d, -l->alpha[k], change);
    }
    for (size_t i = 0; i < l->count; i++) l->d[i] *= l->by->scale;
    for (int64_t n = 0; n < l->n->kept; n++) {
        const int64_t k = (l->n->oldest + n) % l->set.history;
        const double *change = change_of(l, k), *step = change + l->count;
        add(l, l->d, l->alpha[k] - dot(l, change, l->d) * rho[k], step);
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
    const wg__place *found = wg__strong_wolfe(&line, &start, l->by->t, l->room, &measured);
    if (!found) return false;
    memcpy(l->g, found->g, l->count * sizeof *l->g);
    l->loss = found->f;
    l->by->t = found->t;
    return move_to(l, l->by->t);
}

/* To where the step length says; the loss and gradient there are not needed after the last one. */
static bool go(wg_lbfgs *l, double slope, bool last, int64_t evaluations)
{
    if (l->set.strong_wolfe) return search(l, slope, evaluations);
    return move_to(l, l->by->t) && (last || evaluate(l, &l->loss, l->g));
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
    l->n->iterations++;
    choose_direction(l);
    memcpy(l->old, l->g, l->count * sizeof *l->g);
    for (size_t i = 0; i < l->count; i++) size += fabs(l->g[i]);
    l->by->t = l->n->iterations > 1 || size <= 1 ? set->rate : 1 / size * set->rate;
    const double slope = dot(l, l->g, l->d);
    if (slope > -set->tolerance_change) return 0;
    if (!go(l, slope, last, most - l->n->evaluations) || !are_finite(l)) return -1;
    add(l, l->x, l->by->t, l->d);
    return !last && l->n->evaluations < most && largest(l, l->g) > set->tolerance_gradient &&
           largest(l, l->d) * l->by->t > set->tolerance_change &&
           fabs(l->loss - before) >= set->tolerance_change;
}

/* Whether the counts are such as a driver leaves behind, wherever they were read from. */
static bool states_good(const wg_lbfgs *l)
{
    const int64_t enough = INT64_MAX / 2;
    const counts  n = *l->n;
    if (n.kept >= 0 && n.kept <= l->set.history && n.oldest >= 0 && n.oldest < l->set.history &&
        n.iterations >= 0 && n.iterations < enough && n.evaluations >= 0 && n.evaluations < enough)
        return true;
    wg_tape_error_set(tape_of(l), "lbfgs: the state \"lbfgs/counts\" is none of L-BFGS's");
    return false;
}

bool wg_lbfgs_step(wg_lbfgs *l, double *loss)
{
    if (!l || wg_tape_error(tape_of(l)) || !states_good(l)) return false;
    const int64_t end = l->n->evaluations + l->set.evaluations;
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

/* The values of a state that is `value` at first; NULL with the error on the tape. */
static void *state_of(const wg_lbfgs *l, const char *name, wg_dtype dtype, wg_shape shape,
                      double value)
{
    const char *group = l->set.gradients->group;
    if (group) wg_scope_push(tape_of(l), group);
    wg_scope_push(tape_of(l), "lbfgs");
    wg_tensor *state = wg_training_state(tape_of(l), name, dtype, shape, value);
    wg_scope_pop(tape_of(l));
    if (group) wg_scope_pop(tape_of(l));
    return state ? state->value : NULL;
}

static bool take_states(wg_lbfgs *l)
{
    const wg_tensors params = l->set.gradients->params;
    const int64_t    most = l->set.history;
    for (int i = 0; i < params.count; i++) l->count += (size_t)wg_count_of(params.at[i]);
    const int64_t count = (int64_t)l->count;
    l->past = state_of(l, "past", WG_F64, WG_SHAPE(most, 2, count), 0);
    l->by = l->past ? state_of(l, "lengths", WG_F64, WG_SHAPE(2 + most), 1) : NULL;
    l->d = l->by ? state_of(l, "last", WG_F64, WG_SHAPE(2, count), 0) : NULL;
    l->n = l->d ? state_of(l, "counts", WG_I64, WG_SHAPE(4), 0) : NULL;
    l->old = l->n ? l->d + count : NULL;
    return l->old;
}

/* Hands out the vectors of a call; false, with the error on the tape, without memory. */
static bool take_room(wg_lbfgs *l)
{
    int64_t all, bytes;
    if (wg__multiply((int64_t)l->count, 6, &all) &&
        wg__multiply(all + l->set.history, sizeof(double), &bytes))
        l->x = wg__alloc(l->allocator, (size_t)bytes);
    if (!l->x) return wg_tape_error_set(tape_of(l), "lbfgs: out of memory"), false;
    double *at = l->x, **const vector[] = {&l->x,         &l->g,         &l->cast, &l->room[0].g,
                                           &l->room[1].g, &l->room[2].g, &l->alpha};
    for (size_t i = 0; i < sizeof vector / sizeof *vector; i++, at += l->count) *vector[i] = at;
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
    *l = (wg_lbfgs){.set = set, .allocator = allocator};
    const bool room = take_states(l) && take_room(l);
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
    wg__free(l->allocator, l->x);
    wg__free(l->allocator, l);
}

int64_t wg_lbfgs_iterations(const wg_lbfgs *l)
{
    return l ? l->n->iterations : 0;
}

int64_t wg_lbfgs_evaluations(const wg_lbfgs *l)
{
    return l ? l->n->evaluations : 0;
}
