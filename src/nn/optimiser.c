// SPDX-License-Identifier: MIT
/* Stochastic gradient descent, as recorded updates. */
#include "optimiser.h"

#include "../ops/binary.h"
#include "../ops/cast.h"
#include "../ops/elementwise.h"
#include "../ops/layout.h"
#include "updates.h"

#include <math.h>

/* ---- descend: y = p - r g, dp = dy, dg = -r dy, dr = -g dy ---- */

WG__PREPARE_REALS(descend)

static void descend_derive(wg_adjoint *d)
{
    wg_tensor *dy = d->dy[0];
    wg_adjoint_add(d, 0, dy);
    if (d->needs[1]) wg_adjoint_add(d, 1, wg_mul(wg_mul(d->x[2], dy), -1));
    if (d->needs[2]) wg_adjoint_add(d, 2, wg_mul(wg_mul(d->x[1], dy), -1));
}

const wg_op wg_op_descend = {.name = "descend",
                             .inputs = 3,
                             .outputs = 1,
                             .traits = WG_ELEMENTWISE,
                             .prepare = descend_prepare,
                             .derive = descend_derive,
                             .formula = "y = p - r g",
                             .rule = "dp = dy, dg = -r dy, dr = -g dy"};

/* ---- sgd ---- */

/* Updates as they are recorded; `rates` holds the rate in each dtype that was met. */
struct descent {
    struct wg_sgd      sgd;
    wg_tensor         *rates[2]; /* f32, f64 */
    struct wg__updates updates;
};

static bool has_momentum(const struct wg_sgd *sgd)
{
    return sgd->momentum_now || sgd->momentum > 0;
}

/* v' = momentum v + g, with an update of v; what the param moves by. */
static wg_tensor *velocity(struct descent *d, wg_tensor *param, wg_tensor *gradient)
{
    wg_tensor *v = wg__state_of(param, "momentum");
    v = wg__update(&d->updates, v,
                   wg_add(wg__keep(v, d->sgd.momentum, d->sgd.momentum_now), gradient));
    return d->sgd.nesterov ? wg_add(gradient, wg__keep(v, d->sgd.momentum, d->sgd.momentum_now))
                           : v;
}

static void descend(struct descent *d, wg_tensor *param, wg_tensor *gradient)
{
    wg_tensor **rate = &d->rates[wg_dtype_of(param) == WG_F64];
    if (!*rate) *rate = wg_cast(d->sgd.rate, wg_dtype_of(param));
    if (d->sgd.decay > 0) gradient = wg_add(gradient, wg_mul(param, d->sgd.decay));
    if (has_momentum(&d->sgd)) gradient = velocity(d, param, gradient);
    wg_tensor *r = wg_expand(*rate, wg_shape_of_tensor(param));
    wg_tensor *x[] = {param, gradient, r};
    wg__update(&d->updates, param, wg_apply(&wg_op_descend, NULL, WG_NO_DTYPE, x, 3));
}

wg_tensors wg_sgd_with(struct wg_sgd sgd)
{
    const wg_tensors none = {.count = 0};
    if (!sgd.gradients) return none;
    wg_tape *tape = wg_tape_of(sgd.gradients->loss);
    sgd.rate = wg__rate(tape, "sgd", sgd.rate);
    if (sgd.rate && sgd.momentum_now)
        sgd.momentum_now = wg__number(tape, "sgd", "momentum", sgd.momentum_now);
    if (!sgd.rate || wg_tape_error(tape)) return none;
    if (!(sgd.momentum >= 0 && sgd.momentum < 1)) {
        wg_tape_error_set(tape, "sgd: momentum %g is out of range, 0 <= momentum < 1",
                          sgd.momentum);
        return none;
    }
    if (!(sgd.decay >= 0 && sgd.decay < INFINITY) || (sgd.nesterov && !has_momentum(&sgd))) {
        wg_tape_error_set(tape, "sgd: decay %g must not be negative, and nesterov wants momentum",
                          sgd.decay);
        return none;
    }

    const wg_tensors params = sgd.gradients->params;
    struct descent   d = {.sgd = sgd};
    if (!wg__updates_begin(&d.updates, tape, sgd.gradients->when, 2 * (int64_t)params.count))
        return none;
    for (int i = 0; i < params.count; i++)
        descend(&d, params.at[i], wg__gradient(sgd.gradients, i));
    return wg__updates_end(&d.updates);
}
