// SPDX-License-Identifier: MIT
/*
 * Masks on chosen elements: the adjoint of a choice, such as max-pooling, is zero but at the places
 * from which was chosen. A mask on it that is told by the tensor x which was chosen from, such as
 * ReLU's adjoint, is laid on the fewer numbers that go to these places, told by the chosen elements:
 *
 *     mask(put(dy, places), x) = put(mask(dy, x[places]), places)
 *
 * So x is not read once more, and need not be kept for it.
 */
#include "plan_internal.h"

/* True when this end of a step is the whole of a storage, its `count` elements in their order. */
static bool is_whole(const wg__step *step, int end, int64_t count)
{
    const wg_view *x = &step->call.x[end];
    return step->offset[end] == 0 && x->type->count == count && wg_view_is_contiguous(x);
}

/* The step that reads what step s makes, if nobody else does; -1. */
static int only_reader(const wg_plan *plan, int s)
{
    const int storage = plan->step[s].storage[plan->step[s].call.inputs];
    if (plan->storage[storage].kind != WG__IN_ARENA || wg__readers(plan, storage) != 1) return -1;
    for (int t = s + 1; t < plan->steps; t++)
        for (int i = 0; i < plan->step[t].call.inputs; i++)
            if (plan->step[t].storage[i] == storage) return t;
    return -1;
}

/* The step that chose, and told the places to which step s puts its numbers; -1. */
static int chooser(const wg_plan *plan, int s)
{
    for (int t = s - 1; t >= plan->constants; t--) {
        const wg__step *step = &plan->step[t];
        if ((step->call.op->traits & WG_CHOOSES) &&
            step->storage[step->call.inputs + 1] == plan->step[s].storage[1])
            return t;
    }
    return -1;
}

/* True when `mask` is laid on all that `put` makes, and told by what `choice` has chosen from. */
static bool is_told_by_choice(const wg__step *mask, const wg__step *put, const wg__step *choice)
{
    const int64_t all = put->call.y->type->count, chosen = put->call.x[0].type->count;
    return (mask->call.op->traits & WG_MASKS) && mask->call.inputs == 2 &&
           mask->storage[0] == put->storage[put->call.inputs] && is_whole(mask, 0, all) &&
           mask->storage[1] == choice->storage[0] && is_whole(mask, 1, all) &&
           is_whole(choice, 0, all) && is_whole(put, 1, chosen) &&
           is_whole(choice, choice->call.inputs, chosen) &&
           wg_view_is_contiguous(&put->call.x[0]) && !(choice->unread & 1);
}

/* Lets the mask of step m stand where step s puts the numbers, and that where the mask stood. */
static bool exchange(wg_plan *plan, int s, int m, const wg__step *choice)
{
    wg__step       mask = plan->step[m], put = plan->step[s];
    const wg_type *type = put.call.x[0].type;
    const int      masked = wg__storage_new(plan, WG__IN_ARENA, wg__type_bytes(type), NULL);
    if (masked < 0) return false;
    plan->storage[put.storage[2]].bytes = 0;
    put.storage[2] = mask.storage[2];
    mask.call.x[0] = mask.call.x[1] = *mask.call.y = put.call.x[0];
    mask.storage[0] = put.storage[0];
    mask.offset[0] = put.offset[0];
    mask.storage[1] = choice->storage[choice->call.inputs];
    mask.storage[2] = put.storage[0] = masked;
    put.offset[0] = 0;
    plan->step[s] = mask;
    plan->step[m] = put;
    plan->facts.masks++;
    return true;
}

bool wg__plan_masks(wg_plan *plan)
{
    for (int s = plan->constants; s < plan->steps; s++) {
        if (!(plan->step[s].call.op->traits & WG_PUTS)) continue;
        const int mask = only_reader(plan, s), choice = mask < 0 ? -1 : chooser(plan, s);
        if (choice >= 0 &&
            is_told_by_choice(&plan->step[mask], &plan->step[s], &plan->step[choice]) &&
            !exchange(plan, s, mask, &plan->step[choice]))
            return wg__out_of_memory(plan->tape);
    }
    return true;
}
