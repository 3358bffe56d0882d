// SPDX-License-Identifier: MIT
#include "adaptive.h"

#include "../ops/binary.h"
#include "../ops/cast.h"
#include "../ops/layout.h"
#include "../ops/unary.h"
#include "updates.h"

#include <math.h>

/* An optimiser at work: where one param and its gradient go is up to `move`. */
struct course {
    const char         *name;
    const wg_gradients *gradients;
    wg_tensor          *rate; /* of rank 0 */
    double              decay;
    const void         *settings;
    struct wg__updates  made;
    /* Records the updates of one param; `rate` has its dtype. */
    void (*move)(struct course *c, wg_tensor *p, wg_tensor *g, wg_tensor *rate);
};

/* A setting by its name and where it must lie: 0 <= value < below. */
struct limit {
    const char *name;
    double      value, below;
};

static bool settings_good(const struct course *c, const struct limit *limit, int count)
{
    wg_tape *tape = wg_tape_of(c->gradients->loss);
    for (int k = 0; k < count; k++)
        if (!(limit[k].value >= 0 && limit[k].value < limit[k].below)) {
            wg_tape_error_set(tape, "%s: %s %g is out of range, 0 <= %s < %g", c->name,
                              limit[k].name, limit[k].value, limit[k].name, limit[k].below);
            return false;
        }
    return true;
}

/* Moves all params, with `states` updates and one more for each. */
static wg_tensors take_course(struct course *c, const struct limit *limit, int count, int states)
{
    const wg_tensors none = {.count = 0};
    wg_tape         *tape = wg_tape_of(c->gradients->loss);
    const wg_tensors params = c->gradients->params;
    c->rate = wg__rate(tape, c->name, c->rate);
    if (!c->rate || wg_tape_error(tape) || !settings_good(c, limit, count) ||
        !wg__updates_begin(&c->made, tape, c->gradients->when,
                           (states + 1) * (int64_t)params.count + 1))
        return none;
    for (int i = 0; i < params.count; i++) {
        wg_tensor *p = params.at[i], *g = wg__gradient(c->gradients, i);
        if (c->decay > 0) g = wg_add(g, wg_mul(p, c->decay));
        c->move(c, p, g, wg_cast(c->rate, wg_dtype_of(p)));
    }
    return wg__updates_end(&c->made);
}

/* x' = keep x + (1 - keep) value, an update of the state of this name. */
static wg_tensor *follow(struct course *c, wg_tensor *p, const char *name, double keep,
                         wg_tensor *value)
{
    wg_tensor *x = wg__state_of(p, name);
    return wg__update(&c->made, x, wg_add(wg_mul(x, keep), wg_mul(value, 1 - keep)));
}

/* p' = p - rate d. */
static void step(struct course *c, wg_tensor *p, wg_tensor *d, wg_tensor *rate)
{
    wg__update(&c->made, p, wg_sub(p, wg_mul(d, rate)));
}

/* ---- RMSprop ---- */

static void rmsprop_move(struct course *c, wg_tensor *p, wg_tensor *g, wg_tensor *rate)
{
    const struct wg_rmsprop *set = c->settings;
    wg_tensor               *s = follow(c, p, "s", set->keep, wg_square(g));
    if (set->centred) s = wg_sub(s, wg_square(follow(c, p, "m", set->keep, g)));
    wg_tensor *d = wg_div(g, wg_add(wg_sqrt(s), set->eps));
    if (set->momentum > 0 || set->momentum_now) {
        wg_tensor *v = wg__state_of(p, "v");
        d = wg__update(&c->made, v, wg_add(wg__keep(v, set->momentum, set->momentum_now), d));
    }
    step(c, p, d, rate);
}

wg_tensors wg_rmsprop_with(struct wg_rmsprop set)
{
    if (!set.gradients) return (wg_tensors){.count = 0};
    if (set.keep == 0) set.keep = 0.99;
    if (set.eps == 0) set.eps = 1e-8;
    if (set.momentum_now)
        set.momentum_now =
            wg__number(wg_tape_of(set.gradients->loss), "rmsprop", "momentum", set.momentum_now);
    struct course      c = {.name = "rmsprop",
                            .gradients = set.gradients,
                            .rate = set.rate,
                            .decay = set.decay,
                            .settings = &set,
                            .move = rmsprop_move};
    const struct limit limits[] = {{"keep", set.keep, 1},
                                   {"momentum", set.momentum, 1},
                                   {"eps", set.eps, INFINITY},
                                   {"decay", set.decay, INFINITY}};
    return take_course(&c, limits, 4, 3);
}

/* ---- Adagrad ---- */

/* rate / (1 + t rate_decay), t counting the param's steps from 0. */
static wg_tensor *falling_rate(struct course *c, wg_tensor *p, wg_tensor *rate)
{
    const struct wg_adagrad *set = c->settings;
    if (set->rate_decay == 0) return rate;
    wg_tape *tape = wg_tape_of(p);
    wg_scope_push(tape, wg_name_of(p));
    wg_tensor *t = wg_training_state(tape, "t", wg_dtype_of(p), WG_SCALAR, 0);
    wg_scope_pop(tape);
    wg__update(&c->made, t, wg_add(t, 1));
    return wg_div(rate, wg_add(wg_mul(t, set->rate_decay), 1));
}

static void adagrad_move(struct course *c, wg_tensor *p, wg_tensor *g, wg_tensor *rate)
{
    const struct wg_adagrad *set = c->settings;
    wg_tensor               *s = wg__state_of(p, "s");
    s = wg__update(&c->made, s, wg_add(s, wg_square(g)));
    step(c, p, wg_div(g, wg_add(wg_sqrt(s), set->eps)), falling_rate(c, p, rate));
}

wg_tensors wg_adagrad_with(struct wg_adagrad set)
{
    if (!set.gradients) return (wg_tensors){.count = 0};
    if (set.eps == 0) set.eps = 1e-10;
    struct course      c = {.name = "adagrad",
                            .gradients = set.gradients,
                            .rate = set.rate,
                            .decay = set.decay,
                            .settings = &set,
                            .move = adagrad_move};
    const struct limit limits[] = {{"eps", set.eps, INFINITY},
                                   {"decay", set.decay, INFINITY},
                                   {"rate_decay", set.rate_decay, INFINITY}};
    return take_course(&c, limits, 3, 2);
}

/* ---- Adadelta ---- */

static void adadelta_move(struct course *c, wg_tensor *p, wg_tensor *g, wg_tensor *rate)
{
    const struct wg_adadelta *set = c->settings;
    wg_tensor                *s = follow(c, p, "s", set->keep, wg_square(g));
    wg_tensor                *u = wg__state_of(p, "u");
    wg_tensor *d = wg_mul(wg_div(wg_sqrt(wg_add(u, set->eps)), wg_sqrt(wg_add(s, set->eps))), g);
    wg_tensor *moved = wg_mul(wg_square(d), 1 - set->keep);
    wg__update(&c->made, u, wg_add(wg_mul(u, set->keep), moved));
    step(c, p, d, rate);
}

wg_tensors wg_adadelta_with(struct wg_adadelta set)
{
    if (!set.gradients) return (wg_tensors){.count = 0};
    if (set.keep == 0) set.keep = 0.9;
    if (set.eps == 0) set.eps = 1e-6;
    struct course      c = {.name = "adadelta",
                            .gradients = set.gradients,
                            .rate = set.rate,
                            .decay = set.decay,
                            .settings = &set,
                            .move = adadelta_move};
    const struct limit limits[] = {
        {"keep", set.keep, 1}, {"eps", set.eps, INFINITY}, {"decay", set.decay, INFINITY}};
    return take_course(&c, limits, 3, 2);
}

/* ---- Lion ---- */

static void lion_move(struct course *c, wg_tensor *p, wg_tensor *g, wg_tensor *rate)
{
    const struct wg_lion *set = c->settings;
    wg_tensor            *m = wg__state_of(p, "m");
    wg_tensor            *toward = wg_add(wg_mul(m, set->beta1), wg_mul(g, 1 - set->beta1));
    wg__update(&c->made, m, wg_add(wg_mul(m, set->beta2), wg_mul(g, 1 - set->beta2)));
    wg_tensor *d = wg_sign(toward);
    step(c, p, set->decay > 0 ? wg_add(d, wg_mul(p, set->decay)) : d, rate);
}

wg_tensors wg_lion_with(struct wg_lion set)
{
    if (!set.gradients) return (wg_tensors){.count = 0};
    if (set.beta1 == 0) set.beta1 = 0.9;
    if (set.beta2 == 0) set.beta2 = 0.99;
    struct course      c = {.name = "lion",
                            .gradients = set.gradients,
                            .rate = set.rate,
                            .settings = &set,
                            .move = lion_move};
    const struct limit limits[] = {
        {"beta1", set.beta1, 1}, {"beta2", set.beta2, 1}, {"decay", set.decay, INFINITY}};
    return take_course(&c, limits, 3, 1);
}
