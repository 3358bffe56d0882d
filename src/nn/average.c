// SPDX-License-Identifier: MIT
#include "average.h"

#include "../graph/internal.h"
#include "../ops/binary.h"
#include "../ops/cast.h"
#include "updates.h"

#include <string.h>

#define AVERAGE "average"
#define STEPS   "average_steps"

/* ---- recording ---- */

/* The weight of step n, f64 of rank 0. */
static wg_tensor *weight_of(const struct wg_average *set, wg_tensor *n)
{
    const double d = set->decay;
    wg_tensor   *weight = NULL;
    switch (set->way) {
    case WG_AVERAGE_PLAIN:
        weight = wg_full_like(n, 1 - d);
        break;
    case WG_AVERAGE_CORRECTED:
        weight = wg_div(1 - d, wg_sub(1, wg_pow(d, n)));
        break;
    case WG_AVERAGE_WARM_UP:
        weight = wg_sub(1, wg_minimum(wg_div(n, wg_add(n, 9)), d));
        break;
    case WG_AVERAGE_EVEN:
        weight = wg_div(1, n);
        break;
    }
    return wg_where(wg_eq(n, 1), 1, weight);
}

/* The update of one param's average. */
static void follow(struct wg__updates *made, wg_tensor *param, wg_tensor *value, wg_tensor *weight)
{
    wg_tensor *average = wg__state_of(param, AVERAGE);
    wg_tensor *by = wg_mul(wg_sub(value, average), wg_cast(weight, wg_dtype_of(param)));
    wg__update(made, average, wg_add(average, by));
}

static wg_tape *settings_good(struct wg_average *set)
{
    wg_tape *tape = set->updates.count > 0 ? wg_tape_of(set->updates.at[0]) : NULL;
    if (set->decay == 0) set->decay = 0.999;
    if (!tape || (set->decay >= 0 && set->decay < 1)) return tape;
    wg_tape_error_set(tape, "average: decay %g is out of range, 0 <= decay < 1", set->decay);
    return NULL;
}

wg_tensors wg_average_with(struct wg_average set)
{
    const wg_tensors   none = {.count = 0};
    struct wg__updates made;
    wg_tape           *tape = settings_good(&set);
    if (!tape || !wg__updates_begin(&made, tape, set.when, set.updates.count + 1)) return none;
    wg_tensor *steps = wg_training_state(tape, STEPS, WG_F64, WG_SCALAR, 0);
    wg_tensor *weight = weight_of(&set, wg__update(&made, steps, wg_add(steps, 1)));
    for (int i = 0; i < set.updates.count; i++) {
        wg_tensor *leaf, *value;
        if (!wg__update_parts(set.updates.at[i], &leaf, &value)) return none;
        if (wg_role_of(leaf) == WG_PARAM) follow(&made, leaf, value, weight);
    }
    const wg_tensors averages = wg__updates_end(&made);
    return averages.count > 0 ? wg_join(tape, set.updates, averages) : none;
}

/* ---- exchanging ---- */

/* The average of this param; NULL: it has none. */
static wg_tensor *average_of(const wg_tape *tape, const wg_tensor *param)
{
    const size_t length = strlen(param->name);
    for (int i = 0; i < tape->leaf_count; i++) {
        const char *name = tape->leaves[i]->name;
        if (tape->leaves[i]->role == WG_STATE && strncmp(name, param->name, length) == 0 &&
            strcmp(name + length, "/" AVERAGE) == 0)
            return tape->leaves[i];
    }
    return NULL;
}

static void exchange(wg_tensor *a, wg_tensor *b)
{
    char         some[256], *x = a->value, *y = b->value;
    const size_t bytes = wg__type_bytes(a->type);
    for (size_t at = 0, n; at < bytes; at += n) {
        n = bytes - at < sizeof some ? bytes - at : sizeof some;
        memcpy(some, x + at, n);
        memcpy(x + at, y + at, n);
        memcpy(y + at, some, n);
    }
}

/* True when a step was averaged: the count is 1 or more. */
static bool has_averages(const wg_tape *tape)
{
    for (int i = 0; i < tape->leaf_count; i++)
        if (tape->leaves[i]->role == WG_STATE && strcmp(tape->leaves[i]->name, STEPS) == 0)
            return *(const double *)tape->leaves[i]->value >= 1;
    return false;
}

bool wg_average_swap(wg_tape *tape)
{
    if (!tape) return false;
    if (!has_averages(tape))
        return wg_tape_error_set(tape, "average_swap: no step was averaged yet"), false;
    for (int i = 0; i < tape->leaf_count; i++) {
        wg_tensor *param = tape->leaves[i];
        wg_tensor *average = param->role == WG_PARAM ? average_of(tape, param) : NULL;
        if (average) exchange(param, average);
    }
    tape->version++;
    return true;
}
