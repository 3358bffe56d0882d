// SPDX-License-Identifier: MIT
/* Groups of params by their names. */
#include "groups.h"

#include "../graph/internal.h"

/*
 * On a mismatch the last '*' takes one character more; earlier ones need not be tried again, since
 * what a later star can take includes what they could.
 */
static bool fits(const char *name, const char *pattern)
{
    const char *star = NULL, *from = NULL;
    while (*name) {
        if (*pattern == '*') {
            star = pattern++;
            from = name;
        } else if (*pattern == *name || *pattern == '?') {
            pattern++;
            name++;
        } else if (star) {
            pattern = star + 1;
            name = ++from;
        } else {
            return false;
        }
    }
    while (*pattern == '*') pattern++;
    return !*pattern;
}

wg_tensors wg_params_matching(wg_tape *tape, const char *pattern)
{
    const wg_tensors none = {.count = 0};
    if (!tape) return none;
    if (!pattern) {
        wg_tape_error_set(tape, "params: no pattern is given");
        return none;
    }
    const wg_tensors all = wg_params(tape);
    wg_tensor      **at =
        wg__alloc(wg_tape_settings(tape)->allocator, (size_t)(all.count + 1) * sizeof *at);
    if (!at) {
        wg_tape_error_set(tape, "out of memory");
        return none;
    }
    int count = 0;
    for (int i = 0; i < all.count; i++)
        if (fits(wg_name_of(all.at[i]), pattern)) at[count++] = all.at[i];
    const wg_tensors found = wg_join(tape, (wg_tensors){.count = count, .at = at}, none);
    wg__free(wg_tape_settings(tape)->allocator, at);
    return found;
}

int wg_params_freeze(wg_tape *tape, const char *pattern, bool frozen)
{
    const wg_tensors params = wg_params_matching(tape, pattern);
    for (int i = 0; i < params.count; i++) wg_param_freeze(params.at[i], frozen);
    if (params.count == 0)
        wg_tape_error_set(tape, "params: none fits \"%s\"", pattern ? pattern : "");
    return params.count;
}

/* ---- their gradients ---- */

static bool holds(wg_tensors params, const wg_tensor *param)
{
    for (int i = 0; i < params.count; i++)
        if (params.at[i] == param) return true;
    return false;
}

/* Gradients of the params that are in the list, or of those that are not. */
static const wg_gradients *select_group(const wg_gradients *all, wg_tensors params, bool in)
{
    if (!all) return NULL;
    const size_t  count = (size_t)all->params.count;
    wg_tape      *tape = wg_tape_of(all->loss);
    wg_gradients *some = wg__list_take(tape, sizeof *some);
    wg_tensor   **at = wg__list_take(tape, count * sizeof *at);
    wg_tensor   **values = wg__list_take(tape, count * sizeof *values);
    bool         *reached = wg__list_take(tape, count);
    int           found = 0;
    if (!some || !at || !values || !reached) return NULL;
    for (size_t i = 0; i < count; i++) {
        if (holds(params, all->params.at[i]) != in) continue;
        at[found] = all->params.at[i];
        values[found] = all->values.at[i];
        reached[found++] = all->reached[i];
    }
    *some = (wg_gradients){{found, at}, {found, values}, reached, all->loss, all->when, NULL};
    if (found > 0) return some->group = wg_name_of(at[0]), some;
    wg_tape_error_set(tape, "group: there is no gradient of a param %s",
                      in ? "in it" : "beside it");
    return NULL;
}

const wg_gradients *wg_group(const wg_gradients *gradients, wg_tensors params)
{
    return select_group(gradients, params, true);
}

const wg_gradients *wg_group_others(const wg_gradients *gradients, wg_tensors params)
{
    return select_group(gradients, params, false);
}
