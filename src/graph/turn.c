// SPDX-License-Identifier: MIT
/* Laying out a plan's images as it was chosen: steps see them so, and turns stand between. */
#include "layouts.h"

#include <string.h>

/* The axes of (n, c, h, w) in the order in which they lie in memory with channels last. */
static const int order[4] = {0, 2, 3, 1};

/* The same view with its axes in that order; its type is of the tape. False without memory. */
static bool permute(const wg__layouts *l, wg_view *view)
{
    const wg_view from = *view;
    wg_type       type;
    wg_shape      shape = from.type->shape;
    for (int i = 0; i < 4; i++) {
        shape.dim[i] = from.type->shape.dim[order[i]];
        view->stride[i] = from.stride[order[i]];
    }
    wg_type_make(from.type->dtype, shape, &type);
    view->type = wg__intern_type(l->plan->tape, &type);
    return view->type;
}

/* The strides of an image that lies with channels last. */
static void strides_last(wg_view *view)
{
    int64_t stride = 1;
    for (int i = 3; i >= 0; stride *= view->type->shape.dim[order[i--]])
        view->stride[order[i]] = stride;
}

/* Adds the step that turns an image to the layout that is not there yet. */
static bool turn(wg__layouts *l, int storage, bool last)
{
    wg_plan  *plan = l->plan;
    const int turned = l->image[storage].turned;
    const int x = wg__value_new(plan, l->image[storage].type, last ? storage : turned);
    const int y = x < 0 ? -1 : wg__value_new(plan, l->image[storage].type, last ? turned : storage);
    if (y < 0) return false;
    strides_last(&plan->value[last ? y : x].view);
    if (last && !(permute(l, &plan->value[x].view) && permute(l, &plan->value[y].view)))
        return false;
    l->image[storage].there[last] = true;
    plan->facts.turned++;
    if (!wg__step_copy(plan, x, y)) return false;
    plan->step[plan->steps - 1].call.channels_last = last ? 1 << 1 : 0; /* for reports */
    return true;
}

/* Sees to it that an image is there in this layout; where it lies in *at. */
static bool provide(wg__layouts *l, int storage, bool last, int *at)
{
    wg__image *of = &l->image[storage];
    if (last && of->turned < 0)
        of->turned = wg__is_either_layout(of->type)
                         ? storage
                         : wg__storage_new(l->plan, WG__IN_ARENA, wg__type_bytes(of->type), NULL);
    *at = last ? of->turned : storage;
    return *at >= 0 &&
           (wg__is_either_layout(of->type) || of->there[last] || turn(l, storage, last));
}

/* Whether the step wants this end with channels last. */
static bool wants_last(const wg__layouts *l, const wg__step *step, int s, int e)
{
    if (l->way[s].ends >> e & 1) return l->way[s].last;
    return e < step->call.inputs && wg__reads_either_layout(l, step, e) &&
           l->image[step->storage[e]].last;
}

/* Points an end at its image with channels last. */
static bool set_last(wg__layouts *l, wg__step *step, int e)
{
    wg_view   *view = &step->call.x[e];
    wg__image *of = &l->image[step->storage[e]];
    if (e >= step->call.inputs) of->there[1] = true;
    if (!provide(l, step->storage[e], true, &step->storage[e])) return false;
    strides_last(view);
    step->call.channels_last |= (uint64_t)1 << e;
    return true;
}

/* Gives a step its inputs and outputs as they lie. */
static bool set_ends(wg__layouts *l, wg__step *step, int s)
{
    const bool permuted = l->way[s].last && (step->call.op->traits & WG_ELEMENTWISE);
    for (int e = 0; e < step->call.inputs + step->call.outputs; e++) {
        wg__image *of = &l->image[step->storage[e]];
        if (of->type && wants_last(l, step, s, e)) {
            if (!set_last(l, step, e)) return false;
        } else if (e < step->call.inputs && of->last &&
                   !provide(l, step->storage[e], false, &step->storage[e]))
            return false;
        if (permuted && !permute(l, &step->call.x[e])) return false;
    }
    return true;
}

/* Turns what the step, as it was, gave with channels last and somebody outside wants packed. */
static bool turn_asked(wg__layouts *l, const wg__step *old)
{
    for (int k = 0; k < old->call.outputs; k++) {
        const int        storage = old->storage[old->call.inputs + k];
        const wg__image *of = &l->image[storage];
        int              at;
        if (of->last && of->asked && !provide(l, storage, false, &at)) return false;
    }
    return true;
}

bool wg__lay_out(wg__layouts *l, const wg__step *steps)
{
    wg_plan *plan = l->plan;
    for (int s = plan->steps = plan->constants; s < l->steps; s++) {
        wg__step step = steps[s];
        int     *storage = wg__plan_take(plan, (size_t)(wg__ends_of(&step) + 1) * sizeof(int));
        if (!storage) return false;
        step.storage =
            memcpy(storage, step.storage, (size_t)(wg__ends_of(&step) + 1) * sizeof(int));
        if (!set_ends(l, &step, s) || !wg__step_add(plan, &step) || !turn_asked(l, &steps[s]))
            return false;
    }
    for (int i = 0; i < l->storages; i++)
        if (l->image[i].last && l->image[i].turned != i && !l->image[i].there[0])
            plan->storage[i].bytes = 0; /* nobody wants it packed */
    return true;
}
