// SPDX-License-Identifier: MIT
/*
 * Steps that are done as one, chunk by chunk: each stage does its share of a chunk before the next
 * chunk is begun, so that what one writes is in the cache when another reads it. finish.c and
 * follow.c say which steps are.
 */
#include "plan_internal.h"

#include <string.h>

/* Of output 0 of the first stage, how much a chunk is: it should stay in the cache. */
#define CHUNK_BYTES 262144

int wg__readers(const wg_plan *plan, int storage)
{
    int count = 0;
    for (int s = 0; s < plan->steps; s++)
        for (int i = 0; i < plan->step[s].call.inputs; i++)
            count += plan->step[s].storage[i] == storage;
    for (int i = 0; i < plan->commits; i++) count += plan->commit[i].storage == storage;
    return count;
}

/* ---- making ---- */

bool wg__chunks_join(wg_plan *plan,
                     bool (*may)(const wg_plan *, const wg__step *, const wg__step *),
                     bool (*join)(wg_plan *, const wg__step *, const wg__step *, wg__step *))
{
    int count = plan->constants;
    for (int s = plan->constants; s < plan->steps; s++) {
        wg__step made = plan->step[s];
        while (s + 1 < plan->steps && may(plan, &made, &plan->step[s + 1])) {
            const wg__step first = made, rest = plan->step[++s];
            if (!join(plan, &first, &rest, &made)) return wg__out_of_memory(plan->tape);
        }
        plan->step[count++] = made;
    }
    plan->steps = count;
    return true;
}

int wg__put_end(wg__step *step, int to, const wg__step *other, int from)
{
    step->call.x[to] = other->call.x[from];
    step->storage[to] = other->storage[from];
    step->offset[to] = other->offset[from];
    if (to < step->call.inputs) step->names[to] = other->names[from];
    return to;
}

/* How many chunks a step without stages makes. */
static int64_t chunks_of(const wg_call *call)
{
    const wg_type *y = call->y->type;
    const double   bytes = (double)y->count * (double)wg_dtype_size(y->dtype);
    const int64_t  count = (int64_t)(bytes / CHUNK_BYTES) + 1;
    return count < call->units ? count : call->units;
}

static int stages_of(const wg__step *step)
{
    return step->chunks ? step->chunks->stages : 1;
}

static void forget_scratch(wg_plan *plan, const wg__step *step)
{
    const int storage = step->storage[step->call.inputs + step->call.outputs];
    if (storage >= 0) plan->storage[storage].bytes = 0;
}

bool wg__chunks_begin(wg_plan *plan, wg__step *step, const wg__step *first, const wg__step *rest)
{
    wg_call    *call = &step->call;
    const int   most = stages_of(first) + stages_of(rest);
    wg__chunks *chunks = step->chunks = wg__plan_take(plan, sizeof *chunks);
    if (!chunks) return false;
    chunks->count = first->chunks ? first->chunks->count : chunks_of(&first->call);
    chunks->stage = wg__plan_take(plan, (size_t)most * sizeof *chunks->stage);
    chunks->piece =
        wg__plan_take(plan, (size_t)(call->inputs + call->outputs) * sizeof *chunks->piece);
    step->where = first->where;
    step->kernel = wg__run_chunks;
    call->attrs = first->call.attrs;
    call->way = first->call.way;
    call->why = first->call.why;
    call->channels_last = first->call.channels_last;
    call->flops = first->call.flops + (first->call.flops > 0 ? rest->call.flops : 0);
    wg_parallel(call, chunks->count, first->call.operations + rest->call.operations);
    step->parts = wg__parts(plan, call->units, call->operations);
    forget_scratch(plan, first);
    forget_scratch(plan, rest);
    return chunks->stage && chunks->piece;
}

/* Views of a stage for each part, so that threads do not write to the same ones. */
static bool copy_views(wg_plan *plan, int parts, wg_call *call)
{
    const int ends = call->inputs + call->outputs;
    wg_view  *view = wg__plan_take(plan, (size_t)(parts * ends) * sizeof *view);
    if (!view) return false;
    for (int i = 0; i < parts * ends; i++) view[i] = call->x[i % ends];
    call->x = view;
    return true;
}

bool wg__chunks_add(wg_plan *plan, wg__step *step, const wg__step *from, const int *at)
{
    const int ends = from->call.inputs + from->call.outputs;
    for (int s = 0; s < stages_of(from); s++) {
        wg__stage *stage = &step->chunks->stage[step->chunks->stages++];
        *stage = from->chunks ? from->chunks->stage[s]
                              : (wg__stage){.call = from->call, .kernel = from->kernel};
        const int *const end = stage->end, count = stage->call.inputs + stage->call.outputs;
        stage->end = wg__plan_take(plan, (size_t)count * sizeof *stage->end);
        if (!stage->end || !copy_views(plan, step->parts, &stage->call)) return false;
        for (int e = 0; e < count; e++) stage->end[e] = at[end ? end[e] : e];
        if (stage->fused) stage->fused = wg__fused_move(plan, step, stage->fused, ends, at);
        if (from->chunks && from->chunks->stage[s].fused && !stage->fused) return false;
    }
    return true;
}

bool wg__chunks_end(wg_plan *plan, wg__step *step)
{
    wg__chunks *chunks = step->chunks;
    const int   ends = step->call.inputs + step->call.outputs;
    for (int e = 0; e < ends; e++)
        if (chunks->piece[e])
            plan->storage[step->storage[e]].bytes = chunks->piece[e] * (size_t)step->parts;
    for (int s = 0; s < chunks->stages; s++) {
        wg__stage *stage = &chunks->stage[s];
        size_t     bytes = stage->registers = stage->call.scratch_bytes;
        if (stage->fused) bytes += stage->fused->register_bytes * (size_t)stage->fused->registers;
        wg_scratch(&step->call, bytes);
    }
    chunks->data = wg__plan_take(plan, (size_t)(step->parts * ends) * sizeof *chunks->data);
    return chunks->data && wg__step_scratch(plan, step);
}

/* ---- running ---- */

/* The units of a stage that make a chunk: those of the first one, and as many times more. */
static wg_range units_of(const wg__chunks *chunks, const wg__stage *stage, int64_t chunk)
{
    const int64_t units = chunks->stage->call.units, each = stage->call.units / units;
    return (wg_range){.first = units * chunk / chunks->count * each,
                      .end = units * (chunk + 1) / chunks->count * each};
}

/*
 * Where the ends begin. Of a piece only this chunk is there: it would begin that much earlier, where
 * nobody looks.
 */
static char *const *place(const wg_call *call, int64_t chunk)
{
    const wg__chunks *chunks = call->owner->chunks;
    const int         ends = call->inputs + call->outputs;
    char            **data = chunks->data + call->part * ends;
    const wg_range    units = units_of(chunks, chunks->stage, chunk);
    for (int e = 0; e < ends; e++) {
        data[e] = call->x[e].data;
        if (chunks->piece[e] == 0) continue;
        const size_t each = wg__type_bytes(call->x[e].type) / (size_t)chunks->stage->call.units;
        data[e] = (char *)((uintptr_t)data[e] + (size_t)call->part * chunks->piece[e] -
                           (size_t)units.first * each);
    }
    return data;
}

/* Takes what units of a stage wrote through its members. */
static void finish_units(const wg_call *call, const wg__stage *stage, char *const *data)
{
    const int64_t run = call->y[0].type->count / call->runs, each = run / call->units;
    char         *registers = (char *)call->scratch + stage->registers;
    for (int64_t r = 0; r < call->runs; r++)
        wg__fused_stretch(stage->fused, call->part, data, registers,
                          r * run + call->share.first * each,
                          (call->share.end - call->share.first) * each);
}

/* A stage's units of one chunk, for a part of the whole. */
static int run_stage(const wg_call *whole, const wg__stage *stage, int64_t chunk, char *const *data)
{
    wg_call   call = stage->call;
    const int ends = call.inputs + call.outputs;
    call.x += whole->part * ends;
    call.y = call.x + call.inputs;
    for (int e = 0; e < ends; e++) call.x[e].data = data[stage->end[e]];
    call.owner = whole->owner;
    call.scratch = whole->scratch;
    call.part = whole->part;
    call.share = units_of(whole->owner->chunks, stage, chunk);
    const int flagged = stage->kernel(&call);
    if (!flagged && stage->fused) finish_units(&call, stage, data);
    return flagged;
}

int wg__run_chunks(const wg_call *call)
{
    const wg__chunks *chunks = call->owner->chunks;
    const wg_range    share = wg_share(call);
    for (int64_t chunk = share.first; chunk < share.end; chunk++) {
        char *const *data = place(call, chunk);
        for (int s = 0; s < chunks->stages; s++) {
            const int flagged = run_stage(call, &chunks->stage[s], chunk, data);
            if (flagged) return flagged;
        }
    }
    return 0;
}
