// SPDX-License-Identifier: MIT
/*
 * Finishing a step's output while it is in the cache: a step whose op tells which units write what
 * (wg_writes) takes in the elementwise step that reads its output next. Some units are done, then
 * the elements they wrote go through the members, in place.
 */
#include "plan_internal.h"

/* ---- which steps ---- */

/* The input of the fused step `rest` that is all of output 0 of `first`, in order; -1. */
static int passed_on(const wg__step *first, const wg__step *rest)
{
    const int storage = first->storage[first->call.inputs];
    for (int i = 0; i < rest->call.inputs; i++)
        if (rest->storage[i] == storage && rest->offset[i] == 0 &&
            wg_view_is_contiguous(&rest->call.x[i]) &&
            rest->call.x[i].type->count == first->call.y[0].type->count)
            return i;
    return -1;
}

/*
 * True when the fused step reads no other array as large: over such a one it could write its
 * output, if that is not needed afterwards, which saves more than the cache does.
 */
static bool reads_alone(const wg_plan *plan, const wg__step *rest, int input)
{
    for (int i = 0; i < rest->call.inputs; i++)
        if (i != input &&
            plan->storage[rest->storage[i]].bytes >= plan->storage[rest->storage[input]].bytes)
            return false;
    return true;
}

/* The output of the fused step that may lie where its input lies; -1. */
static int replacement(const wg_plan *plan, const wg__step *rest, int input)
{
    for (int k = 0; k < rest->call.outputs; k++)
        if (plan->storage[rest->storage[rest->call.inputs + k]].heir < 0 &&
            wg__may_overwrite(rest, k, input))
            return k;
    return -1;
}

static bool may_finish(const wg_plan *plan, const wg__step *first, const wg__step *rest)
{
    if (first->call.runs == 0 || !rest->fused || rest->fused->reduces || rest->loops != 1)
        return false;
    const int storage = first->storage[first->call.inputs], input = passed_on(first, rest);
    return input >= 0 && plan->storage[storage].kind == WG__IN_ARENA &&
           reads_alone(plan, rest, input) && replacement(plan, rest, input) >= 0 &&
           wg__readers(plan, storage) == 1;
}

/* ---- one step of two ---- */

/*
 * Lays out the ends: inputs of both, the fused step's outputs, then the other ones of the first.
 * at[] tells where each end of the first went, then each of the fused step.
 */
static void lay_out(wg__step *step, const wg__step *first, const wg__step *rest, int input,
                    int output, int *at)
{
    int        to = 0;
    const int  inputs = first->call.inputs, others = rest->call.inputs;
    int *const at_rest = at + inputs + first->call.outputs;
    for (int i = 0; i < inputs; i++) at[i] = wg__put_end(step, to++, first, i);
    for (int i = 0; i < others; i++)
        if (i != input) at_rest[i] = wg__put_end(step, to++, rest, i);
    for (int k = 0; k < rest->call.outputs; k++)
        at_rest[others + k] = wg__put_end(step, to++, rest, others + k);
    at_rest[input] = at[inputs] = at_rest[others + output];
    for (int k = 1; k < first->call.outputs; k++)
        at[inputs + k] = wg__put_end(step, to++, first, inputs + k);
}

/* Makes *step of the two; they may not lie in plan->step, which grows. */
static bool join_steps(wg_plan *plan, const wg__step *first, const wg__step *rest, wg__step *made)
{
    const int ends = first->call.inputs + first->call.outputs;
    const int others = rest->call.inputs + rest->call.outputs, input = passed_on(first, rest);
    wg__step *step = wg__step_new(plan, first->call.op, first->call.inputs + rest->call.inputs - 1,
                                  first->call.outputs - 1 + rest->call.outputs);
    int      *at = wg__plan_take(plan, (size_t)(ends + others) * sizeof *at);
    if (!step || !at || !wg__chunks_begin(plan, step, first, rest)) return false;
    lay_out(step, first, rest, input, replacement(plan, rest, input), at);
    if (!wg__chunks_add(plan, step, first, at)) return false;
    wg__fused *fused = wg__fused_move(plan, step, rest->fused, others, at + ends);
    step->chunks->stage->fused = fused;
    plan->storage[first->storage[first->call.inputs]].bytes = 0;
    if (!fused || !wg__chunks_end(plan, step)) return false;
    *made = *step;
    return true;
}

bool wg__plan_finish(wg_plan *plan)
{
    return wg__chunks_join(plan, may_finish, join_steps);
}
