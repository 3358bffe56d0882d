// SPDX-License-Identifier: MIT
/*
 * Reductions in two stages (wg_by_stretches). The first one becomes a member of a fused step, which
 * makes a number of each stretch of the elements that its members compute; the second one is a
 * step of its own behind it, where there is more than one number for a row.
 */
#include "plan_internal.h"

/* Numbers that the first stage makes of a row. */
static int64_t numbers(const wg_stretches *by)
{
    return (by->row + by->length - 1) / by->length;
}

bool wg__is_reduction(const wg_plan *plan, const wg__step *step)
{
    const wg_stretches *by = &step->call.stretches;
    return by->part && by->row > 1 && wg__plan_with(plan, WG_PASS_REDUCE) &&
           !step->call.op->release && wg_view_is_contiguous(&step->call.x[0]);
}

/* The second stage, which reads numbers and writes what the step writes. */
static bool make_whole(wg_plan *plan, const wg__step *step, int value, wg__step *made)
{
    wg__step *whole = wg__step_new(plan, step->call.op, 1, 1);
    if (!whole) return false;
    wg__step_set(plan, whole, 0, value);
    whole->call.y[0] = step->call.y[0];
    whole->storage[1] = step->storage[1];
    whole->offset[1] = step->offset[1];
    whole->call.attrs = step->call.attrs;
    whole->call.kept = step->call.kept;
    whole->call.stretches = step->call.stretches;
    whole->call.operations = (double)whole->call.x[0].type->count;
    whole->parts = 1;
    whole->where = step->where;
    whole->kernel = step->call.stretches.whole;
    *made = *whole;
    return true;
}

bool wg__step_stages(wg_plan *plan, int s, wg__step *whole)
{
    const wg__step      step = plan->step[s];
    const wg_stretches *by = &step.call.stretches;
    plan->step[s].kernel = by->part;
    if (!by->whole) return true;
    wg_type *type = wg__plan_take(plan, sizeof *type);
    if (!type) return false;
    const int64_t count = step.call.x[0].type->count / by->row * numbers(by);
    wg_type_make(step.call.y[0].type->dtype, WG_SHAPE(count), type);
    const int storage = wg__storage_new(plan, WG__IN_ARENA, wg__type_bytes(type), NULL),
              value = wg__value_new(plan, type, storage);
    if (value < 0 || !make_whole(plan, &step, value, whole)) return false;
    plan->step[s].call.y[0] = plan->value[value].view;
    plan->step[s].storage[1] = storage;
    plan->step[s].offset[1] = 0;
    return true;
}

void wg__spread_numbers(const wg_stretches *by, const wg_type *type, wg_view *view)
{
    const int last = (int)type->shape.rank - 1;
    int64_t   stride = numbers(by);
    *view = (wg_view){.type = type};
    for (int axis = last - 1; axis >= 0; axis--) {
        view->stride[axis] = stride;
        stride *= type->shape.dim[axis];
    }
}
