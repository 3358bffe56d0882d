// SPDX-License-Identifier: MIT
/*
 * Runs of steps of one element each become one step: a list of formulas with the addresses of what
 * they read and write, which a processor goes through without waiting for memory. What only the
 * list itself reads lies side by side in its scratch.
 */
#include "plan_internal.h"

#include <string.h>

enum {
    LEAST = 2, /* steps of a list */
    NOWHERE = INT32_MIN
};

static const wg_op op_scalars = {.name = "scalars",
                                 .inputs = WG_VARIADIC,
                                 .outputs = WG_VARIADIC,
                                 .traits = WG_STRIDED,
                                 .formula = "y = the members' formulas, one after the other",
                                 .rule = "none"};

/* A list while it is put together. Places: ~register, or an end; outputs count from most_inputs. */
typedef struct listing {
    wg_plan     *plan;
    wg__step    *step;
    wg__scalars *list;
    const bool  *outside;
    int         *place; /* of a storage that the list reads or writes */
    int          inputs, outputs, most_inputs;
} listing;

static bool is_scalar(const wg_plan *plan, int s)
{
    const wg__step *step = &plan->step[s];
    return s >= plan->constants && step->call.one && !step->fused &&
           step->call.y[0].type->count == 1 && step->call.inputs <= WG__SCALAR_INPUTS;
}

/* For each storage whether a step outside the run of scalar steps that writes it reads it. */
static void find_outside(const wg_plan *plan, int *writer, bool *outside)
{
    int run = 0;
    for (int i = 0; i < plan->storages; i++) {
        writer[i] = -1;
        outside[i] = plan->storage[i].kind != WG__IN_ARENA;
    }
    for (int i = 0; i < plan->commits; i++) outside[plan->commit[i].storage] = true;
    for (int s = 0; s < plan->steps; s++) {
        const wg__step *step = &plan->step[s];
        if (s == 0 || !is_scalar(plan, s) || !is_scalar(plan, s - 1)) run = s;
        for (int i = 0; i < step->call.inputs; i++)
            if (writer[step->storage[i]] != run) outside[step->storage[i]] = true;
        for (int k = 0; k < step->call.outputs; k++)
            writer[step->storage[step->call.inputs + k]] = run;
    }
}

/* ---- putting a list together ---- */

/* The end or register from which a member reads. */
static int input_place(listing *l, const wg__step *member, int i)
{
    wg__step *step = l->step;
    const int storage = member->storage[i], known = l->place[storage];
    if (known != NOWHERE &&
        (known < 0 || known >= l->most_inputs || step->offset[known] == member->offset[i]))
        return known;
    const int e = l->inputs++;
    step->call.x[e] = member->call.x[i];
    step->storage[e] = storage;
    step->offset[e] = member->offset[i];
    step->names[e] = member->names[i];
    return l->place[storage] = e;
}

static int output_place(listing *l, const wg__step *member)
{
    const int end = member->call.inputs, storage = member->storage[end];
    if (!l->outside[storage]) {
        l->plan->storage[storage].bytes = 0; /* no memory of its own any more */
        return l->place[storage] = ~l->list->registers++;
    }
    const int e = l->most_inputs + l->outputs++;
    l->step->call.x[e] = member->call.y[0];
    l->step->storage[e] = storage;
    l->step->offset[e] = member->offset[end];
    return l->place[storage] = e;
}

static void add_member(listing *l, const wg__step *member)
{
    wg__scalar *scalar = &l->list->scalar[l->list->count++];
    *scalar = (wg__scalar){.one = member->call.one, .attrs = member->call.attrs};
    scalar->op = member->call.op;
    scalar->inputs = member->call.inputs;
    for (int i = 0; i < member->call.inputs; i++) scalar->end[i] = input_place(l, member, i);
    scalar->end[scalar->inputs] = output_place(l, member);
}

static void close_list(listing *l)
{
    const int gap = l->most_inputs - l->inputs;
    wg__step_close(l->step, l->most_inputs, l->inputs, l->outputs);
    for (wg__scalar *s = l->list->scalar; s < l->list->scalar + l->list->count; s++)
        for (int i = 0; i <= s->inputs; i++)
            if (s->end[i] >= l->most_inputs) s->end[i] -= gap;
}

static int run_scalars(const wg_call *call)
{
    const wg__scalars *list = call->owner->scalars;
    for (const wg__entry *e = list->entry; e < list->entry + list->count; e++)
        e->one(e->y, e->x, e->attrs);
    return 0;
}

/* The list of the steps from first to before end, in *made. */
static bool make_list(wg_plan *plan, int first, int end, const bool *outside, int *place,
                      wg__step *made)
{
    listing l = {.plan = plan, .outside = outside, .place = place};
    for (int s = first; s < end; s++) {
        const wg__step *step = &plan->step[s];
        l.most_inputs += step->call.inputs;
        for (int i = 0; i <= step->call.inputs; i++) place[step->storage[i]] = NOWHERE;
    }
    wg__step    *step = l.step = wg__step_new(plan, &op_scalars, l.most_inputs, end - first);
    const size_t count = (size_t)(end - first);
    l.list = step ? wg__plan_take(plan, sizeof *l.list) : NULL;
    if (!l.list) return false;
    step->scalars = l.list;
    l.list->scalar = wg__plan_take(plan, count * sizeof *l.list->scalar);
    l.list->entry = wg__plan_take(plan, count * sizeof *l.list->entry);
    if (!l.list->scalar || !l.list->entry) return false;
    for (int s = first; s < end; s++) add_member(&l, &plan->step[s]);
    close_list(&l);
    step->where = plan->step[first].where;
    step->kernel = run_scalars;
    step->parts = 1;
    step->call.scratch_bytes = (size_t)l.list->registers * WG__SCALAR_BYTES;
    if (!wg__step_scratch(plan, step)) return false;
    *made = *step;
    return true;
}

void wg__scalars_bind(const wg__step *step)
{
    const wg__scalars *list = step->scalars;
    char              *registers = step->call.scratch;
    for (int i = 0; i < list->count; i++) {
        const wg__scalar *s = &list->scalar[i];
        wg__entry        *e = &list->entry[i];
        *e = (wg__entry){.one = s->one, .attrs = s->attrs};
        for (int k = 0; k <= s->inputs; k++) {
            void *at = s->end[k] < 0 ? registers + (size_t)~s->end[k] * WG__SCALAR_BYTES
                                     : step->call.x[s->end[k]].data;
            if (k < s->inputs)
                e->x[k] = at;
            else
                e->y = at;
        }
    }
}

/* ---- the pass ---- */

static bool rebuild(wg_plan *plan, const bool *outside, int *place, wg__step *list)
{
    int count = 0;
    for (int s = 0, end; s < plan->steps; s = end) {
        end = s;
        while (end < plan->steps && is_scalar(plan, end)) end++;
        if (end - s < LEAST) {
            list[count++] = plan->step[s];
            end = s + 1;
        } else if (!make_list(plan, s, end, outside, place, &list[count++]))
            return false;
    }
    memcpy(plan->step, list, (size_t)count * sizeof *list);
    plan->steps = count;
    return true;
}

bool wg__plan_list_scalars(wg_plan *plan)
{
    const wg_allocator *allocator = &plan->tape->allocator;
    const size_t        storages = (size_t)plan->storages;
    int                *place = wg__alloc(allocator, storages * sizeof *place);
    bool               *outside = wg__alloc(allocator, storages * sizeof *outside);
    wg__step           *list = wg__alloc(allocator, (size_t)plan->steps * sizeof *list);
    bool                good = place && outside && list;
    if (good) {
        find_outside(plan, place, outside);
        good = rebuild(plan, outside, place, list);
    }
    wg__free(allocator, place);
    wg__free(allocator, outside);
    wg__free(allocator, list);
    return good || wg__out_of_memory(plan->tape);
}
