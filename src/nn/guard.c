// SPDX-License-Identifier: MIT
#include "guard.h"

#include "../graph/finite.h"
#include "../graph/internal.h"
#include "../ops/binary.h"
#include "../ops/cast.h"
#include "../ops/reduce.h"
#include "updates.h"

#include <math.h>
#include <stdio.h>

/* ---- demand: y = x, or the run fails ---- */

static int demand_kernel(const wg_call *call)
{
    const double *x = call->x[0].data;
    double       *y = call->y[0].data;
    *y = *x;
    return isfinite(*x) ? 0 : wg_flag(call, "it is not finite", 0, 0);
}

static wg_kernel *demand_prepare(wg_call *call)
{
    return wg_kernel_of(call, NULL, demand_kernel);
}

static const wg_op op_demand = {.name = "demand",
                                .inputs = 1,
                                .outputs = 1,
                                .traits = WG_FLAGS | WG_NO_DERIVATIVE,
                                .prepare = demand_prepare,
                                .formula = "y = x, which is to be finite",
                                .rule = "none"};

/* ---- recording ---- */

/* 0 in f64 when all of g is finite, else NaN. */
static wg_tensor *zero_if_finite(wg_tensor *g)
{
    return wg_cast(wg_sum(wg_mul(g, 0)), WG_F64);
}

/* The same, which fails the run in the name of the param's gradient. */
static wg_tensor *demand(wg_tensor *param, wg_tensor *zero)
{
    wg_tape *tape = wg_tape_of(param);
    wg_scope_push(tape, wg_name_of(param));
    zero = wg_name(zero, "gradient");
    wg_tensor *demanded = wg_apply(&op_demand, NULL, WG_NO_DTYPE, &zero, 1);
    wg_scope_pop(tape);
    return demanded;
}

/* Whether all numbers of all gradients are finite: bool of rank 0. */
static wg_tensor *all_finite(const wg_gradients *gradients, bool stop)
{
    wg_tensor *sum = wg_full(wg_tape_of(gradients->loss), WG_F64, WG_SCALAR, 0);
    for (int i = 0; i < gradients->values.count; i++) {
        wg_tensor *zero = zero_if_finite(gradients->values.at[i]);
        sum = wg_add(sum, stop ? demand(gradients->params.at[i], zero) : zero);
    }
    return wg_eq(sum, 0);
}

const wg_gradients *wg_guard_with(struct wg_guard guard)
{
    if (!guard.gradients) return NULL;
    wg_gradients *guarded = wg__list_take(wg_tape_of(guard.gradients->loss), sizeof *guarded);
    wg_tensor    *when = all_finite(guard.gradients, guard.stop);
    if (!guarded || !when) return NULL;
    *guarded = *guard.gradients;
    guarded->when = guarded->when ? wg_where(guarded->when, when, guarded->when) : when;
    return guarded;
}

wg_tensor *wg_count_skipped(const wg_gradients *guarded, wg_tensor *state)
{
    if (!guarded || !state) return NULL;
    const bool fits = wg_role_of(state) == WG_STATE && wg_dtype_of(state) == WG_F64 &&
                      wg_shape_of_tensor(state).rank == 0;
    if (fits && guarded->when)
        return wg_assign(state, wg_add(state, wg_sub(1, wg_cast(guarded->when, WG_F64))));
    wg_tape_error_set(wg_tape_of(guarded->loss), "count_skipped: %s",
                      fits ? "the gradients are not guarded"
                           : "the count is to be a state, f64 of rank 0");
    return NULL;
}

wg_tensors wg_update_when(wg_tensor *condition, wg_tensors updates)
{
    const wg_tensors   none = {.count = 0};
    struct wg__updates made;
    wg_tape           *tape = wg_tape_of(condition);
    if (!condition) return updates;
    if (wg_dtype_of(condition) != WG_BOOL || wg_shape_of_tensor(condition).rank != 0) {
        wg_tape_error_set(tape, "update_when: the condition is to be bool of rank 0");
        return none;
    }
    if (!wg__updates_begin(&made, tape, condition, updates.count)) return none;
    for (int i = 0; i < updates.count; i++) {
        wg_tensor *leaf, *value;
        if (!wg__update_parts(updates.at[i], &leaf, &value)) return none;
        wg__update(&made, leaf, value);
    }
    return wg__updates_end(&made);
}

/* ---- telling ---- */

/* "log at net.c:12", "div in the derivative of sqrt at net.c:12", "input "x"". */
static void describe(wg_tensor *origin, char *text, size_t size)
{
    const char *name = wg_name_of(origin);
    wg_tensor  *of = wg_derived_from(origin);
    const bool  derives = of && wg_op_of(of);
    if (!wg_op_of(origin))
        snprintf(text, size, "%s \"%s\"", wg_role_of(origin) == WG_INPUT ? "input" : "leaf", name);
    else
        snprintf(text, size, "%s%s%s%s%s%s at %s", wg_op_of(origin)->name, name ? " \"" : "",
                 name ? name : "", name ? "\"" : "", derives ? " in the derivative of " : "",
                 derives ? wg_op_of(of)->name : "", wg_where_of(origin));
}

bool wg_find_not_finite(const wg_gradients *gradients, wg_not_finite *found)
{
    if (!gradients || !found) return false;
    wg_tape   *tape = wg_tape_of(gradients->loss);
    const bool before = wg_tape_error(tape);
    int        number;
    char       origin[300];
    *found = (wg_not_finite){.origin = wg_first_not_finite(gradients->values, &number)};
    if (!found->origin) return before || !wg_tape_error(tape);
    found->param = gradients->params.at[number];
    describe(found->origin, origin, sizeof origin);
    snprintf(found->text, sizeof found->text,
             "the gradient of \"%s\" is not finite; the first such value comes from %s",
             wg_name_of(found->param), origin);
    return true;
}
