// SPDX-License-Identifier: MIT
/*
 * Following a step while its output is in the cache: a step whose op tells which units read what
 * (wg_reads) takes each piece of its input as soon as the step before has made it. If nobody else
 * reads that input, no more of it than a piece for each thread is ever there.
 */
#include "plan_internal.h"

/* ---- which steps ---- */

/* What writes all of an output in pieces, each by its units: a stage, or the step itself. */
static const wg_call *first_call(const wg__step *step)
{
    return step->chunks ? &step->chunks->stage->call : &step->call;
}
static const wg_call *last_call(const wg__step *step)
{
    return step->chunks ? &step->chunks->stage[step->chunks->stages - 1].call : &step->call;
}

/* The end that the last stage has written piece by piece. */
static int written(const wg__step *step)
{
    if (!step->chunks) return step->call.inputs;
    const wg__stage *last = &step->chunks->stage[step->chunks->stages - 1];
    return last->end[last->call.inputs];
}

/* Whether each unit of the first step makes the pieces that some units of the next one read. */
static bool pieces_fit(const wg__step *first, const wg__step *next)
{
    const int64_t units = first_call(first)->units;
    bool          fit = units > 0 && last_call(first)->runs == 1;
    if (!next->chunks) return fit && next->call.units % units == 0;
    for (int s = 0; s < next->chunks->stages; s++) {
        const wg_call *call = &next->chunks->stage[s].call;
        fit = fit && call->units % units == 0 && (call->runs == 1 || !next->chunks->stage[s].fused);
    }
    return fit;
}

/* Whether `next` reads output `end` of `first`, whole and in order, and nothing else of it. */
static bool reads_pieces(const wg__step *first, const wg__step *next, int end)
{
    for (int k = first->call.inputs; k < first->call.inputs + first->call.outputs; k++)
        for (int i = 1; i < next->call.inputs; i++)
            if (next->storage[i] == first->storage[k]) return false;
    return next->storage[0] == first->storage[end] && next->offset[0] == 0 &&
           next->call.x[0].type->count == first->call.x[end].type->count &&
           wg_view_is_contiguous(&next->call.x[0]);
}

static bool may_follow(const wg_plan *plan, const wg__step *first, const wg__step *next)
{
    (void)plan;
    return first_call(next)->reads && !(next->call.op->traits & WG_FLAGS) && !first->scalars &&
           !first->fused && pieces_fit(first, next) && reads_pieces(first, next, written(first));
}

/* ---- one step of two ---- */

/*
 * Lays out the ends: inputs of both, then the outputs of the next step, then those of the first.
 * at[] tells where each end of the first went, then each of the next.
 */
static void lay_out(wg__step *step, const wg__step *first, const wg__step *next, int *at)
{
    int        to = 0;
    const int  ends = first->call.inputs + first->call.outputs;
    int *const at_next = at + ends;
    for (int i = 0; i < first->call.inputs; i++) at[i] = wg__put_end(step, to++, first, i);
    for (int i = 1; i < next->call.inputs; i++) at_next[i] = wg__put_end(step, to++, next, i);
    for (int k = next->call.inputs; k < next->call.inputs + next->call.outputs; k++)
        at_next[k] = wg__put_end(step, to++, next, k);
    for (int k = first->call.inputs; k < ends; k++) at[k] = wg__put_end(step, to++, first, k);
    at_next[0] = at[written(first)];
}

/* What is known of the ends of `from`: which of them are there by pieces. */
static void keep_pieces(wg__chunks *chunks, const wg__step *from, const int *at)
{
    for (int e = 0; from->chunks && e < from->call.inputs + from->call.outputs; e++)
        if (from->chunks->piece[e]) chunks->piece[at[e]] = from->chunks->piece[e];
}

/* No more than a piece of this end is kept, in memory of the step's own. */
static bool make_piece(wg_plan *plan, wg__step *step, int end)
{
    const wg__chunks *chunks = step->chunks;
    const int64_t     units = first_call(step)->units;
    const size_t      each = wg__type_bytes(step->call.x[end].type) / (size_t)units;
    const size_t      bytes = (size_t)((units + chunks->count - 1) / chunks->count) * each;
    chunks->piece[end] = (bytes + WG__ALIGNMENT - 1) / WG__ALIGNMENT * WG__ALIGNMENT;
    plan->storage[step->storage[end]].bytes = 0;
    step->storage[end] = wg__storage_new(plan, WG__IN_ARENA, 0, NULL);
    return step->storage[end] >= 0;
}

/* Makes *step of the two; they may not lie in plan->step, which grows. */
static bool join_steps(wg_plan *plan, const wg__step *first, const wg__step *next, wg__step *made)
{
    const int ends = first->call.inputs + first->call.outputs;
    const int others = next->call.inputs + next->call.outputs, storage = next->storage[0];
    wg__step *step = wg__step_new(plan, first->call.op, first->call.inputs + next->call.inputs - 1,
                                  first->call.outputs + next->call.outputs);
    int      *at = wg__plan_take(plan, (size_t)(ends + others) * sizeof *at);
    if (!step || !at || !wg__chunks_begin(plan, step, first, next)) return false;
    lay_out(step, first, next, at);
    if (!wg__chunks_add(plan, step, first, at) || !wg__chunks_add(plan, step, next, at + ends))
        return false;
    keep_pieces(step->chunks, first, at);
    keep_pieces(step->chunks, next, at + ends);
    const bool kept = plan->storage[storage].kind != WG__IN_ARENA || wg__readers(plan, storage) > 1;
    if (!kept && !make_piece(plan, step, at[written(first)])) return false;
    if (!wg__chunks_end(plan, step)) return false;
    *made = *step;
    return true;
}

bool wg__plan_follow(wg_plan *plan)
{
    return wg__chunks_join(plan, may_follow, join_steps);
}
