// SPDX-License-Identifier: MIT
/*
 * Letting steps overwrite what nobody reads any more: new params are written where the old ones
 * lie, and an elementwise step takes the place of an input that ends with it.
 */
#include "plan_internal.h"

/* ---- updates in place ---- */

static bool reads(const wg__step *step, const wg_plan *plan, const void *leaf)
{
    for (int i = 0; i < step->call.inputs; i++) {
        const wg__storage *storage = &plan->storage[step->storage[i]];
        if (storage->kind == WG__IN_LEAF && storage->memory == leaf) return true;
    }
    return false;
}

/*
 * True when element i of the step's input lies where element i of its output would, were both in one
 * storage: packed, from the storage's start, elements of one size.
 */
static bool lies_like_output(const wg__step *step, int input)
{
    const wg_view *x = &step->call.x[input];
    return step->offset[input] == 0 && wg_view_is_contiguous(x) &&
           wg_dtype_size(x->type->dtype) == wg_dtype_size(step->call.y[0].type->dtype);
}

/* True when the step reads this storage element by element, where it also writes. */
static bool reads_in_place(const wg__step *step, const wg_plan *plan, const void *leaf)
{
    if (!(step->call.op->traits & WG_ELEMENTWISE)) return false;
    for (int i = 0; i < step->call.inputs; i++) {
        const wg__storage *storage = &plan->storage[step->storage[i]];
        if (storage->kind == WG__IN_LEAF && storage->memory == leaf && !lies_like_output(step, i))
            return false;
    }
    return true;
}

/*
 * Lets the steps that compute new params write them where the params lie, from the last step on, as
 * long as no later step reads the old value, and none can end the run with an error. Only for
 * updates whose step is among the last ones; the rest is copied at the end.
 */
static void update_in_place(wg_plan *plan)
{
    for (int s = plan->steps - 1; s >= plan->constants; s--) {
        wg__step *step = &plan->step[s];
        if (step->call.op->traits & WG_FLAGS) return;
        wg__commit *found = NULL;
        for (int i = 0; i < plan->commits; i++)
            if (plan->commit[i].storage >= 0 &&
                plan->commit[i].storage == step->storage[step->call.inputs] &&
                step->call.outputs == 1 &&
                plan->storage[plan->commit[i].storage].kind == WG__IN_ARENA)
                found = &plan->commit[i];
        if (!found) return;
        void *leaf = found->leaf->value;
        bool  free = !reads(step, plan, leaf) || reads_in_place(step, plan, leaf);
        for (int later = s + 1; later < plan->steps && free; later++)
            free = !reads(&plan->step[later], plan, leaf);
        for (int i = 0; i < plan->commits; i++)
            free = free && (&plan->commit[i] == found || plan->commit[i].storage != found->storage);
        if (!free) continue;
        wg__storage *storage = &plan->storage[found->storage];
        storage->kind = WG__IN_LEAF;
        storage->memory = leaf;
        found->storage = -1;
    }
}

/* ---- inheriting memory ---- */

/* An elementwise step may write over an input that nobody needs afterwards. */
static void inherit(wg_plan *plan)
{
    for (int s = plan->constants; s < plan->steps; s++) {
        const wg__step *step = &plan->step[s];
        if (!(step->call.op->traits & WG_ELEMENTWISE)) continue;
        wg__storage *y = &plan->storage[step->storage[step->call.inputs]];
        for (int i = 0; i < step->call.inputs && y->heir < 0 && y->kind == WG__IN_ARENA; i++) {
            const wg__storage *x = &plan->storage[step->storage[i]];
            bool fits = x->kind == WG__IN_ARENA && x->last == s && x->bytes == y->bytes && x != y;
            for (int j = 0; j < step->call.inputs && fits; j++)
                if (step->storage[j] == step->storage[i]) fits = lies_like_output(step, j);
            if (fits) y->heir = step->storage[i];
        }
    }
}

void wg__plan_reuse(wg_plan *plan)
{
    update_in_place(plan);
    inherit(plan);
}
