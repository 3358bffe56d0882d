// SPDX-License-Identifier: MIT
/* Running a plan: its steps in order, then its updates. Nothing here allocates. */
#include "plan_internal.h"

#include "../tensor/random.h"

#include <stdio.h>
#include <string.h>

/* ---- what kernels and prepare may ask for ---- */

void *wg_keep(wg_call *call, size_t bytes)
{
    wg_plan *plan = call->plan;
    call->kept = wg__pool_take(&plan->pool, bytes);
    if (call->kept)
        memset(call->kept, 0, bytes);
    else
        plan->out_of_memory = true;
    return call->kept;
}

void wg_scratch(wg_call *call, size_t bytes)
{
    if (bytes > call->scratch_bytes) call->scratch_bytes = bytes;
}

void wg_parallel(wg_call *call, int64_t units, double operations)
{
    call->units = units;
    call->share = (wg_range){.first = 0, .end = units};
    call->operations = operations;
}

void wg_writes(wg_call *call, int64_t runs)
{
    const bool even = call->units > 0 && runs > 0 && call->y[0].type->count > 0;
    call->runs = even ? runs : 0;
}

void wg_reads(wg_call *call)
{
    call->reads = call->x[0].type->count > 0;
}

void wg_by_stretches(wg_call *call, const wg_stretches *stretches)
{
    call->stretches = *stretches;
}

bool wg_leave_out(wg_call *call, int k)
{
    const wg__step *step = (const wg__step *)call; /* of which the call is the first member */
    wg__storage    *storage = &call->plan->storage[step->storage[call->inputs + k]];
    if (!(step->unread >> k & 1)) return false;
    storage->bytes = 0;
    return true;
}

wg_kernel *wg_kernel_of(const wg_call *call, wg_kernel *f32, wg_kernel *f64)
{
    const wg_view *view = call->inputs ? call->x : call->y;
    return view->type->dtype == WG_F32 ? f32 : view->type->dtype == WG_F64 ? f64 : NULL;
}

void wg_draw(const wg_call *call, uint64_t block, uint32_t words[4])
{
    const uint64_t seed = *call->seed, run = *call->run;
    const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)call->node,
                                 (uint32_t)run};
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32) ^ (uint32_t)(run >> 32)};
    wg_philox(counter, key, words);
}

int wg_flag(const wg_call *call, const char *format, long long a, long long b)
{
    const wg__step *step = call->owner;
    char            reason[300], text[600];
    size_t          used = 0;
    snprintf(reason, sizeof reason, format, a, b);
    text[0] = '\0';
    for (int i = 0; i < call->inputs && used < sizeof text; i++) {
        char        shape[WG_SHAPE_TEXT];
        const char *name = step->names[i];
        const int written = snprintf(text + used, sizeof text - used, "%s%s%s%s%s", i ? " x " : " ",
                                     name ? "\"" : "", name ? name : "", name ? "\" " : "",
                                     wg_shape_text(call->x[i].type->shape, shape));
        used += written > 0 ? (size_t)written : sizeof text;
    }
    wg_tape *tape = call->plan->tape;
    while (atomic_flag_test_and_set(&tape->flagging)) continue; /* parts may flag at once */
    wg__fail(tape, step->where, "%s%s: %s", call->op->name, text, reason);
    atomic_flag_clear(&tape->flagging);
    return 1;
}

/* ---- steps ---- */

int wg__run_loops(const wg_call *call)
{
    const wg__step *step = call->owner;
    const int       ends = call->inputs + 1, outer = (int)step->loops - 1;
    wg_view         views[65];
    size_t          size[65];
    int64_t         at[WG_MAX_RANK] = {0};
    wg_call         row = *call;
    if (step->dim[outer] == 0) return 0;
    memcpy(views, call->x, (size_t)ends * sizeof *views);
    for (int i = 0; i < ends; i++) size[i] = wg_dtype_size(views[i].type->dtype);
    row.x = views;
    row.y = views + call->inputs;
    for (;;) {
        const int flagged = step->inner(&row);
        if (flagged) return flagged;
        int axis = outer - 1;
        for (; axis >= 0; axis--) {
            const bool    wraps = ++at[axis] == step->dim[axis];
            const int64_t moves = wraps ? 1 - step->dim[axis] : 1;
            for (int i = 0; i < ends; i++)
                views[i].data =
                    (char *)views[i].data + moves * step->stride[i][axis] * (int64_t)size[i];
            if (!wraps) break;
            at[axis] = 0;
        }
        if (axis < 0) return 0;
    }
}

/*
 * Memory that a kernel is to fill holds another pattern in each run: NaN, then 12.078 (f32) or
 * 2261634.5 (f64).
 */
static void poison(wg_plan *plan)
{
    const int pattern = plan->poisons++ % 2 ? 0x41 : 0xff;
    for (int i = 0; i < plan->storages; i++) {
        const wg__storage *storage = &plan->storage[i];
        if (storage->kind != WG__IN_LEAF && storage->first >= plan->constants)
            memset(storage->memory, pattern, storage->bytes);
    }
}

static int run_part(const void *context, int part)
{
    const wg__step *step = context;
    wg_call         call = step->call;
    call.part = part;
    call.share.first = call.units * part / step->parts;
    call.share.end = call.units * (part + 1) / step->parts;
    call.scratch = (char *)call.scratch + (size_t)part * call.scratch_bytes;
    return step->kernel(&call);
}

bool wg__plan_steps(wg_plan *plan, int first, int end)
{
    for (const wg__step *step = plan->step + first; step < plan->step + end; step++)
        if (step->parts > 1 ? wg__team_run(plan->tape->team, step->parts, run_part, step)
                            : step->kernel(&step->call))
            return false;
    return true;
}

static bool inputs_are_written(wg_plan *plan)
{
    for (int i = 0; i < plan->inputs; i++)
        if (!plan->input[i]->written)
            return wg__fail(plan->tape, wg_caller(), "input \"%s\" was never written",
                            plan->input[i]->name);
    plan->inputs = 0; /* what was written once stays so */
    return true;
}

/* Outputs hold the value of this run, as of the tape's present version. */
static void stamp_outputs(wg_plan *plan)
{
    for (int i = 0; i < plan->outputs.count; i++) {
        wg_tensor *tensor = plan->outputs.at[i];
        if (!tensor || !tensor->node) continue;
        if (tensor->owns_value) wg__buffer_free(&plan->tape->allocator, tensor->value);
        tensor->owns_value = false;
        tensor->value = plan->storage[plan->output_storage[i]].memory;
        tensor->stamp = plan->tape->version;
    }
}

bool wg__plan_begin(wg_plan *plan)
{
    wg_tape *tape = plan->tape;
    if (plan->inputs && !inputs_are_written(plan)) return false;
    if (plan->arena != tape->arena) wg__plan_bind(plan);
    if (tape->options.apart) poison(plan);
    return true;
}

void wg__plan_end(wg_plan *plan)
{
    for (int i = 0; i < plan->commits; i++) {
        const wg__commit *commit = &plan->commit[i];
        const size_t bytes = commit->storage < 0 ? 0 : plan->storage[commit->storage].bytes;
        if (bytes) memcpy(commit->leaf->value, wg__memory_of(plan, commit->storage), bytes);
    }
    stamp_outputs(plan);
}

bool wg__plan_execute(wg_plan *plan)
{
    if (!wg__plan_begin(plan) || !wg__plan_steps(plan, plan->constants, plan->steps)) return false;
    wg__plan_end(plan);
    return true;
}

bool wg_plan_run(wg_plan *plan)
{
    if (!wg__plan_usable(plan)) return false;
    plan->tape->runs++;
    plan->tape->version++;
    return wg__plan_execute(plan);
}
