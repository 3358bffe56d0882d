// SPDX-License-Identifier: MIT
/*
 * Letting steps overwrite what nobody reads any more: new params are written where the old ones
 * lie, and an elementwise step takes the place of an input that ends with it.
 */
#include "plan_internal.h"

/* ---- who may write over what ---- */

/* True when the step reads memory of this leaf. */
static bool reads(const wg__step *step, const wg_plan *plan, const void *leaf)
{
    for (int i = 0; i < step->call.inputs; i++) {
        const wg__storage *storage = &plan->storage[step->storage[i]];
        if (storage->kind == WG__IN_LEAF && storage->memory == leaf) return true;
    }
    return false;
}

/* The member that writes an end, or the last one that reads it, of a step that has members; -1. */
static int last_user(const wg__step *step, int end, bool writes)
{
    for (int m = wg__step_members(step) - 1; m >= 0; m--) {
        const wg__part member = wg__step_member(step, m);
        for (int i = writes ? member.inputs : 0; i < member.inputs + writes; i++)
            if (member.end[i] == end) return m;
    }
    return -1;
}

/*
 * True when output k may lie where the input lies: element i of the input is read where element i
 * of the output would be (packed, from the storage's start, elements of one size), and not later
 * than that is written.
 */
bool wg__may_overwrite(const wg__step *step, int k, int input)
{
    const int      output = step->call.inputs + k;
    const wg_view *x = &step->call.x[input];
    if (step->chunks || step->offset[input] != 0 || !wg_view_is_contiguous(x) ||
        x->type->count != step->call.x[output].type->count ||
        wg_dtype_size(x->type->dtype) != wg_dtype_size(step->call.x[output].type->dtype))
        return false;
    if (wg__step_members(step))
        return last_user(step, input, false) <= last_user(step, output, true);
    return step->call.op->traits & WG_ELEMENTWISE;
}

/* True when output k of the step may be written to the leaf though the step reads it. */
static bool overwrites_leaf(const wg__step *step, int k, const wg_plan *plan, const void *leaf)
{
    for (int i = 0; i < step->call.inputs; i++) {
        const wg__storage *storage = &plan->storage[step->storage[i]];
        if (storage->kind == WG__IN_LEAF && storage->memory == leaf && !wg__may_overwrite(step, k, i))
            return false;
    }
    return true;
}

/* ---- updates in place ---- */

/* The update whose value is output k of the step, if no other update takes it too. */
static wg__commit *update_of(const wg_plan *plan, const wg__step *step, int k)
{
    const int   storage = step->storage[step->call.inputs + k];
    wg__commit *found = NULL;
    if (plan->storage[storage].last < plan->steps) return NULL; /* it is not needed at the end */
    for (int i = 0; i < plan->commits; i++) {
        if (plan->commit[i].storage != storage) continue;
        if (found) return NULL;
        found = &plan->commit[i];
    }
    return found && plan->storage[found->storage].kind == WG__IN_ARENA ? found : NULL;
}

/* True when a step after step s reads memory of this leaf. */
static bool is_read_later(const wg_plan *plan, int s, const void *leaf)
{
    const wg__step *step = &plan->step[s];
    for (int i = 0; i < step->call.inputs; i++) { /* then lifetimes tell */
        const wg__storage *storage = &plan->storage[step->storage[i]];
        if (storage->kind == WG__IN_LEAF && storage->memory == leaf) return storage->last > s;
    }
    for (int later = s + 1; later < plan->steps; later++)
        if (reads(&plan->step[later], plan, leaf)) return true;
    return false;
}

/* Writes output k where the param lies whose new value it is, if nobody reads the old one later. */
static void write_to_leaf(wg_plan *plan, int s, int k)
{
    const wg__step *step = &plan->step[s];
    wg__commit     *update = update_of(plan, step, k);
    if (!update || !overwrites_leaf(step, k, plan, update->leaf->value) ||
        is_read_later(plan, s, update->leaf->value))
        return;
    plan->storage[update->storage].kind = WG__IN_LEAF;
    plan->storage[update->storage].memory = update->leaf->value;
    update->storage = -1;
}

/*
 * Lets the steps that compute new params write them where the params lie, from the last step on
 * until one that can end the run with an error. The rest is copied at the end.
 */
bool wg__plan_update_in_place(wg_plan *plan)
{
    wg__plan_lifetimes(plan);
    for (int s = plan->steps - 1; s >= plan->constants; s--) {
        const wg__step *step = &plan->step[s];
        if (step->call.op->traits & WG_FLAGS) return true;
        for (int k = 0; k < step->call.outputs; k++) write_to_leaf(plan, s, k);
    }
    return true;
}

/* ---- inheriting memory ---- */

/* True when output k may have the storage of input i, which nobody needs afterwards. */
static bool may_inherit(const wg_plan *plan, int s, int k, int i)
{
    const wg__step    *step = &plan->step[s];
    const int          storage = step->storage[i];
    const wg__storage *x = &plan->storage[storage],
                      *y = &plan->storage[step->storage[step->call.inputs + k]];
    if (x->kind != WG__IN_ARENA || x->last != s || x->first == s || x->bytes != y->bytes)
        return false;
    for (int j = 0; j < step->call.inputs; j++)
        if (step->storage[j] == storage && !wg__may_overwrite(step, k, j)) return false;
    for (int other = 0; other < k; other++)
        if (plan->storage[step->storage[step->call.inputs + other]].heir == storage) return false;
    return true;
}

/* An elementwise step, fused or not, may write over inputs that nobody needs afterwards. */
bool wg__plan_inherit(wg_plan *plan)
{
    wg__plan_lifetimes(plan);
    for (int s = plan->constants; s < plan->steps; s++) {
        const wg__step *step = &plan->step[s];
        if (!step->fused && !(step->call.op->traits & WG_ELEMENTWISE))
            continue; /* lists are short */
        for (int k = 0; k < step->call.outputs; k++) {
            wg__storage *y = &plan->storage[step->storage[step->call.inputs + k]];
            for (int i = 0; i < step->call.inputs && y->heir < 0 && y->kind == WG__IN_ARENA; i++)
                if (may_inherit(plan, s, k, i)) y->heir = step->storage[i];
        }
    }
    return true;
}
