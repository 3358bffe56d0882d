// SPDX-License-Identifier: MIT
/*
 * Finishing a step's output while it is in the cache: a step whose op tells which units write what
 * (wg_writes) takes in the elementwise step that reads its output next. Some units are done, then
 * the elements they wrote go through the members, in place.
 */
#include "plan_internal.h"

#include <string.h>

/* Of output 0, how much is written before the members follow: it should stay in the cache. */
#define CHUNK_BYTES 131072

/* ---- which steps ---- */

/* Readers of a storage among all steps. */
static int readers(const wg_plan *plan, int storage)
{
    int count = 0;
    for (int s = 0; s < plan->steps; s++)
        for (int i = 0; i < plan->step[s].call.inputs; i++)
            count += plan->step[s].storage[i] == storage;
    return count;
}

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
           readers(plan, storage) == 1;
}

/* ---- one step of two ---- */

/* Puts end `from` of another step at the end `to` of this one. */
static int put_end(wg__step *step, int to, const wg__step *other, int from)
{
    step->call.x[to] = other->call.x[from];
    step->storage[to] = other->storage[from];
    step->offset[to] = other->offset[from];
    if (to < step->call.inputs) step->names[to] = other->names[from];
    return to;
}

/*
 * Lays out the ends: inputs of both, the fused step's outputs, then the other ones of the first.
 * at[] tells where each end of the fused step went.
 */
static void lay_out(wg__step *step, const wg__step *first, const wg__step *rest, int input,
                    int output, int *at)
{
    int       to = 0;
    const int inputs = first->call.inputs;
    for (int i = 0; i < inputs; i++) step->finished->end[i] = put_end(step, to++, first, i);
    for (int i = 0; i < rest->call.inputs; i++)
        if (i != input) at[i] = put_end(step, to++, rest, i);
    for (int k = 0; k < rest->call.outputs; k++)
        at[rest->call.inputs + k] = put_end(step, to++, rest, rest->call.inputs + k);
    at[input] = step->finished->end[inputs] = at[rest->call.inputs + output];
    for (int k = 1; k < first->call.outputs; k++)
        step->finished->end[inputs + k] = put_end(step, to++, first, inputs + k);
}

/* The first step's call for the whole: its kernel sees the same inputs, its threads take chunks. */
static void set_call(wg_plan *plan, wg__step *step, const wg__step *first, const wg__step *rest)
{
    wg_call      *call = &step->call;
    wg__finished *finished = step->finished;
    const wg_type *y = first->call.y->type;
    const double   bytes = (double)y->count * (double)wg_dtype_size(y->dtype);
    finished->call = first->call;
    finished->kernel = first->kernel;
    finished->registers = first->call.scratch_bytes;
    finished->chunks = (int64_t)(bytes / CHUNK_BYTES) + 1;
    if (finished->chunks > first->call.units) finished->chunks = first->call.units;
    call->attrs = first->call.attrs;
    call->way = first->call.way;
    call->why = first->call.why;
    call->channels_last = first->call.channels_last;
    call->flops = first->call.flops;
    call->scratch_bytes = finished->registers + rest->call.scratch_bytes;
    wg_parallel(call, finished->chunks, first->call.operations + rest->call.operations);
    step->parts = wg__parts(plan, call->units, call->operations);
}

static void forget(wg_plan *plan, int storage)
{
    if (storage >= 0) plan->storage[storage].bytes = 0;
}

/* Makes *step of the two; they may not lie in plan->step, which grows. */
static bool join_steps(wg_plan *plan, const wg__step *first, const wg__step *rest, wg__step *made)
{
    const int ends = rest->call.inputs + rest->call.outputs, input = passed_on(first, rest);
    wg__step *step = wg__step_new(plan, first->call.op, first->call.inputs + rest->call.inputs - 1,
                                  first->call.outputs - 1 + rest->call.outputs);
    int      *at = wg__plan_take(plan, (size_t)ends * sizeof *at);
    if (!step || !at) return false;
    step->finished = wg__plan_take(plan, sizeof *step->finished);
    if (!step->finished) return false;
    step->finished->end =
        wg__plan_take(plan, (size_t)(first->call.inputs + first->call.outputs) * sizeof(int));
    if (!step->finished->end) return false;
    lay_out(step, first, rest, input, replacement(plan, rest, input), at);
    set_call(plan, step, first, rest);
    step->where = first->where;
    step->kernel = wg__run_finished;
    if (!wg__fused_move(plan, step, rest, at)) return false;
    forget(plan, first->storage[first->call.inputs]);
    forget(plan, first->storage[first->call.inputs + first->call.outputs]);
    forget(plan, rest->storage[ends]);
    if (!wg__step_scratch(plan, step)) return false;
    *made = *step;
    return true;
}

bool wg__plan_finish(wg_plan *plan)
{
    int count = plan->constants;
    for (int s = plan->constants; s < plan->steps; s++, count++) {
        const wg__step first = plan->step[s];
        wg__step       made = first;
        if (s + 1 < plan->steps && may_finish(plan, &first, &plan->step[s + 1])) {
            const wg__step rest = plan->step[++s];
            if (!join_steps(plan, &first, &rest, &made)) return wg__out_of_memory(plan->tape);
        }
        plan->step[count] = made;
    }
    plan->steps = count;
    return true;
}

/* ---- running ---- */

void wg__finished_bind(const wg__step *step)
{
    wg__finished *finished = step->finished;
    const int     ends = finished->call.inputs + finished->call.outputs;
    for (int e = 0; e < ends; e++)
        finished->call.x[e].data = step->call.x[finished->end[e]].data;
}

/* Takes what units [first, end) wrote through the members. */
static void finish_units(const wg_call *call, const wg_call *first, wg_range units)
{
    const int64_t run = first->y[0].type->count / first->runs, each = run / first->units;
    char         *registers = (char *)call->scratch + call->owner->finished->registers;
    for (int64_t r = 0; r < first->runs; r++)
        wg__fused_stretch(call->owner, call->part, registers, r * run + units.first * each,
                          (units.end - units.first) * each);
}

int wg__run_finished(const wg_call *call)
{
    const wg__finished *finished = call->owner->finished;
    const wg_range      chunks = wg_share(call);
    wg_call             first = finished->call;
    first.owner = call->owner;
    first.scratch = call->scratch;
    first.parts = (int)finished->chunks;
    for (first.part = (int)chunks.first; first.part < chunks.end; first.part++) {
        const int flagged = finished->kernel(&first);
        if (flagged) return flagged;
        finish_units(call, &first, wg_share(&first));
    }
    return 0;
}
