// SPDX-License-Identifier: MIT
/* Adam and AdamW as recorded updates: three elementwise ops a param, a few on single numbers. */
#include "adam.h"

#include "../ops/binary.h"
#include "../ops/cast.h"
#include "../ops/elementwise.h"
#include "../ops/layout.h"
#include "../ops/unary.h"
#include "updates.h"

#include <math.h>

/* ---- adam_mean: y = m + share (g - m) and adam_square: y = v + share (g^2 - v) ---- */

WG__PREPARE_REALS(adam_mean)
WG__PREPARE_REALS(adam_square)

static wg_tensor *mean_compose(wg_tensor *const *x, const void *attrs)
{
    return wg_add(x[0], wg_mul(wg_sub(x[1], x[0]), *(const double *)attrs));
}

static wg_tensor *square_compose(wg_tensor *const *x, const void *attrs)
{
    return wg_add(x[0], wg_mul(wg_sub(wg_square(x[1]), x[0]), *(const double *)attrs));
}

const wg_op wg_op_adam_mean = {
    .name = "adam_mean",
    .inputs = 2,
    .outputs = 1,
    .attrs_size = sizeof(double),
    .traits = WG_ELEMENTWISE,
    .prepare = adam_mean_prepare,
    .compose = mean_compose,
    .settings = "share %g",
    .formula = "y = m + share (g - m)",
    .rule = "dm = (1 - share) dy, dg = share dy",
};

const wg_op wg_op_adam_square = {
    .name = "adam_square",
    .inputs = 2,
    .outputs = 1,
    .attrs_size = sizeof(double),
    .traits = WG_ELEMENTWISE,
    .prepare = adam_square_prepare,
    .compose = square_compose,
    .settings = "share %g",
    .formula = "y = v + share (g^2 - v)",
    .rule = "dv = (1 - share) dy, dg = 2 share g dy",
};

/* ---- adam_move: y = keep p - size m / (scale sqrt v + eps) ---- */

WG__WHOLE_KERNELS(adam_move_f32)
WG__WHOLE_KERNELS(adam_move_f64)

static wg_kernel *adam_move_prepare(wg_call *call)
{
    const int isa = wg__isa();
    return wg_kernel_of(call, adam_move_f32_kernels[isa], adam_move_f64_kernels[isa]);
}

static wg_tensor *move_compose(wg_tensor *const *x, const void *attrs)
{
    wg_tensor *measure = wg_add(wg_mul(wg_sqrt(x[2]), x[5]), *(const double *)attrs);
    return wg_sub(wg_mul(x[3], x[0]), wg_div(wg_mul(x[4], x[1]), measure));
}

const wg_op wg_op_adam_move = {
    .name = "adam_move",
    .inputs = 6,
    .outputs = 1,
    .attrs_size = sizeof(double),
    .traits = WG_ELEMENTWISE,
    .prepare = adam_move_prepare,
    .compose = move_compose,
    .settings = "eps %g",
    .formula = "y = keep p - size m / (scale sqrt v + eps)",
    .rule = "that of its composition",
};

/* ---- the calls ---- */

/* What is the same for all params of one dtype: keep, size and scale of adam_move. */
struct numbers {
    wg_tensor *keep, *size, *scale;
};

/* Updates as they are recorded. */
struct updates {
    struct wg_adam     adam;
    bool               decoupled;
    struct numbers     exact, cast[2]; /* in f64, and for f32 and f64 params */
    struct wg__updates made;
};

static bool settings_good(struct wg_adam *adam, const char *name, wg_tape *tape)
{
    if (adam->beta1 == 0) adam->beta1 = 0.9;
    if (adam->beta2 == 0) adam->beta2 = 0.999;
    if (adam->eps == 0) adam->eps = 1e-8;
    adam->rate = wg__rate(tape, name, adam->rate);
    if (adam->rate && adam->beta1_now)
        adam->beta1_now = wg_cast(wg__number(tape, name, "beta1", adam->beta1_now), WG_F64);
    if (wg_tape_error(tape)) return false;
    const double betas[] = {adam->beta1, adam->beta2};
    for (int k = 0; k < 2; k++)
        if (!(betas[k] >= 0 && betas[k] < 1)) {
            wg_tape_error_set(tape, "%s: beta%d %g is out of range, 0 <= beta < 1", name, k + 1,
                              betas[k]);
            return false;
        }
    if (adam->eps >= 0 && adam->decay >= 0 && isfinite(adam->eps) && isfinite(adam->decay))
        return true;
    wg_tape_error_set(tape, "%s: eps %g and decay %g must not be negative", name, adam->eps,
                      adam->decay);
    return false;
}

/*
 * t' = t + 1, size = rate / (1 - beta1^t'), scale = 1 / sqrt(1 - beta2^t'), keep = 1 - rate decay
 */
static void count_step(struct updates *u)
{
    const struct wg_adam *adam = &u->adam;
    wg_tensor            *t = wg__group_state(adam->gradients, "adam_step");
    wg_tensor            *next = wg_add(t, 1), *rate = wg_cast(adam->rate, WG_F64);
    wg__update(&u->made, t, next);
    wg_tensor *power = adam->beta1_now ? wg_pow(adam->beta1_now, next) : wg_pow(adam->beta1, next);
    u->exact.size = wg_div(rate, wg_sub(1, power));
    u->exact.scale = wg_rsqrt(wg_sub(1, wg_pow(adam->beta2, next)));
    u->exact.keep = wg_sub(1, wg_mul(rate, u->decoupled ? adam->decay : 0));
}

static const struct numbers *numbers_for(struct updates *u, wg_dtype dtype)
{
    struct numbers *cast = &u->cast[dtype == WG_F64];
    if (!cast->keep)
        *cast = (struct numbers){.keep = wg_cast(u->exact.keep, dtype),
                                 .size = wg_cast(u->exact.size, dtype),
                                 .scale = wg_cast(u->exact.scale, dtype)};
    return cast;
}

/* A state beside the param, with its update: y = op(state, g). */
static wg_tensor *follow(struct updates *u, wg_tensor *param, wg_tensor *g, const wg_op *op)
{
    const double share = 1 - (op == &wg_op_adam_mean ? u->adam.beta1 : u->adam.beta2);
    wg_tensor   *state = wg__state_of(param, op->name);
    wg_tensor   *x[] = {state, g};
    return wg__update(&u->made, state, wg_apply(op, &share, WG_NO_DTYPE, x, 2));
}

/* m' = m + (1 - beta1) (g - m), where steps may change beta1. */
static wg_tensor *follow_now(struct updates *u, wg_tensor *param, wg_tensor *g)
{
    wg_tensor *m = wg__state_of(param, wg_op_adam_mean.name);
    wg_tensor *share = wg_cast(wg_sub(1, u->adam.beta1_now), wg_dtype_of(param));
    return wg__update(&u->made, m, wg_add(m, wg_mul(wg_sub(g, m), share)));
}

static void move(struct updates *u, wg_tensor *param, wg_tensor *g)
{
    const struct numbers *numbers = numbers_for(u, wg_dtype_of(param));
    const wg_shape        shape = wg_shape_of_tensor(param);
    if (!u->decoupled && u->adam.decay > 0) g = wg_add(g, wg_mul(param, u->adam.decay));
    wg_tensor *m =
        u->adam.beta1_now ? follow_now(u, param, g) : follow(u, param, g, &wg_op_adam_mean);
    wg_tensor *v = follow(u, param, g, &wg_op_adam_square);
    wg_tensor *x[] = {param,
                      m,
                      v,
                      wg_expand(numbers->keep, shape),
                      wg_expand(numbers->size, shape),
                      wg_expand(numbers->scale, shape)};
    wg__update(&u->made, param, wg_apply(&wg_op_adam_move, &u->adam.eps, WG_NO_DTYPE, x, 6));
}

static wg_tensors adam(struct wg_adam settings, bool decoupled)
{
    const wg_tensors none = {.count = 0};
    if (!settings.gradients) return none;
    wg_tape *tape = wg_tape_of(settings.gradients->loss);
    if (!settings_good(&settings, decoupled ? "adamw" : "adam", tape)) return none;

    const wg_tensors params = settings.gradients->params;
    struct updates   u = {.adam = settings, .decoupled = decoupled};
    if (!wg__updates_begin(&u.made, tape, settings.gradients->when, 3 * (int64_t)params.count + 1))
        return none;
    count_step(&u);
    for (int i = 0; i < params.count; i++)
        move(&u, params.at[i], wg__gradient(settings.gradients, i));
    return wg__updates_end(&u.made);
}

wg_tensors wg_adam_with(struct wg_adam settings)
{
    return adam(settings, false);
}

wg_tensors wg_adamw_with(struct wg_adam settings)
{
    return adam(settings, true);
}
