// SPDX-License-Identifier: MIT
/*
 * Steps of one element each become one step: a list of formulas with the addresses of what they
 * read and write, which a processor goes through without waiting for memory. What only the list
 * itself reads lies side by side in its scratch.
 *
 * Steps are met in order. One joins the list met last if all that it reads is there where the list
 * stands; or the list moves down to it, as long as nobody has read from the list yet.
 */
#include "plan_internal.h"

#include <string.h>

enum { NOWHERE = INT32_MIN };

static const wg_op op_scalars = {.name = "scalars",
                                 .inputs = WG_VARIADIC,
                                 .outputs = WG_VARIADIC,
                                 .traits = WG_STRIDED,
                                 .formula = "y = the members' formulas, one after the other",
                                 .rule = "none"};

static bool is_scalar(const wg_plan *plan, int s)
{
    const wg__step *step = &plan->step[s];
    return s >= plan->constants && step->call.one.any && !step->fused &&
           step->call.y[0].type->count == 1 && step->call.inputs <= WG__SCALAR_INPUTS;
}

/* A list to be: the step in whose place it will run, its members, linked by `next`. */
typedef struct members {
    int  at, first, last;
    bool read; /* by another step, so that it cannot move down any more */
} members;

/* What the pass knows: lists by number; of each step its list and the next member; -1: none. */
typedef struct lists {
    wg_plan *plan;
    members *list;
    int     *of_step, *next;
    int     *writer;  /* of a storage: the step that writes it */
    bool    *outside; /* of a storage: others than members of the list that writes it read it */
    int     *place;   /* of a storage, in the list that is put together */
    int      count;
} lists;

/* ---- which steps may go together ---- */

/* The list that writes a storage; -1. */
static int list_of_writer(const lists *l, int storage)
{
    return l->writer[storage] < 0 ? -1 : l->of_step[l->writer[storage]];
}

/* True when all that the step reads is there where list `at` stands, or in the list. */
static bool is_ready(const lists *l, const wg__step *step, int at)
{
    for (int i = 0; i < step->call.inputs; i++) {
        const int storage = step->storage[i], list = list_of_writer(l, storage);
        const int writer = list < 0 ? l->writer[storage] : l->list[list].at;
        if (list != at && writer >= l->list[at].at) return false;
    }
    return true;
}

static void add_to_list(lists *l, int s)
{
    const int  at = l->count - 1;
    members   *list = &l->list[at];
    const bool ready = at >= 0 && is_ready(l, &l->plan->step[s], at);
    if (ready || (at >= 0 && !list->read)) {
        if (!ready) list->at = s;
        list->last = l->next[list->last] = s;
    } else
        l->list[l->count++] = (members){.at = s, .first = s, .last = s};
    l->of_step[s] = l->count - 1;
}

static void find_lists(lists *l)
{
    const wg_plan *plan = l->plan;
    for (int s = 0; s < plan->steps; s++) {
        const wg__step *step = &plan->step[s];
        l->of_step[s] = l->next[s] = -1;
        if (is_scalar(plan, s)) add_to_list(l, s);
        for (int i = 0; i < step->call.inputs; i++) {
            const int list = list_of_writer(l, step->storage[i]);
            if (list >= 0 && list != l->of_step[s]) l->list[list].read = true;
        }
        for (int k = 0; k < step->call.outputs; k++)
            l->writer[step->storage[step->call.inputs + k]] = s;
    }
}

static void find_outside(const lists *l)
{
    const wg_plan *plan = l->plan;
    for (int i = 0; i < plan->storages; i++) l->outside[i] = plan->storage[i].kind != WG__IN_ARENA;
    for (int i = 0; i < plan->commits; i++) l->outside[plan->commit[i].storage] = true;
    for (int s = 0; s < plan->steps; s++)
        for (int i = 0; i < plan->step[s].call.inputs; i++) {
            const int list = list_of_writer(l, plan->step[s].storage[i]);
            if (list < 0 || list != l->of_step[s]) l->outside[plan->step[s].storage[i]] = true;
        }
}

/* ---- putting a list together ---- */

/* A list while it is put together. Places: ~register, or an end; outputs count from most_inputs. */
typedef struct listing {
    wg_plan     *plan;
    wg__step    *step;
    wg__scalars *list;
    const bool  *outside;
    int         *place; /* of a storage that the list reads or writes */
    int          inputs, outputs, most_inputs;
} listing;

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

/* The one real dtype of all of a step's numbers, or WG_NO_DTYPE. */
static wg_dtype common_dtype(const wg__step *step)
{
    const wg_dtype dtype = step->call.y[0].type->dtype;
    bool           same = wg_dtype_is_float(dtype);
    for (int i = 0; i < step->call.inputs; i++)
        same = same && step->call.x[i].type->dtype == dtype;
    return same ? dtype : WG_NO_DTYPE;
}

static void add_member(listing *l, const wg__step *member)
{
    wg__scalar *scalar = &l->list->scalar[l->list->count++];
    *scalar = (wg__scalar){.op = member->call.op,
                           .one = member->call.one,
                           .attrs = member->call.attrs,
                           .dtype = common_dtype(member),
                           .inputs = member->call.inputs};
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

/* The step that is a list of these members, in *made. */
static bool make_list(const lists *all, const members *list, wg__step *made)
{
    wg_plan *plan = all->plan;
    listing  l = {.plan = plan, .outside = all->outside, .place = all->place};
    size_t   count = 0;
    int      outputs = 0;
    for (int s = list->first; s >= 0; s = all->next[s], count++) {
        const wg__step *step = &plan->step[s];
        const int       inputs = step->call.inputs;
        for (int i = 0; i < inputs; i++)
            l.most_inputs += list_of_writer(all, step->storage[i]) != all->of_step[s];
        outputs += all->outside[step->storage[inputs]];
        for (int i = 0; i <= inputs; i++) l.place[step->storage[i]] = NOWHERE;
    }
    wg__step *step = l.step = wg__step_new(plan, &op_scalars, l.most_inputs, outputs);
    l.list = step ? wg__plan_take(plan, sizeof *l.list) : NULL;
    if (!l.list) return false;
    step->scalars = l.list;
    l.list->scalar = wg__plan_take(plan, count * sizeof *l.list->scalar);
    l.list->entry = wg__plan_take(plan, count * sizeof *l.list->entry);
    if (!l.list->scalar || !l.list->entry) return false;
    for (int s = list->first; s >= 0; s = all->next[s]) add_member(&l, &plan->step[s]);
    close_list(&l);
    step->where = plan->step[list->first].where;
    step->kernel = wg__run_scalars;
    step->parts = 1;
    step->call.scratch_bytes = (size_t)l.list->registers * WG__SCALAR_BYTES;
    if (!wg__step_scratch(plan, step)) return false;
    *made = *step;
    return true;
}

/* ---- the pass ---- */

static bool has_several(const members *list)
{
    return list->first != list->last;
}

/* Makes the steps of all lists, in `made`. */
static bool make_lists(const lists *l, wg__step *made)
{
    for (const members *list = l->list; list < l->list + l->count; list++)
        if (has_several(list) && !make_list(l, list, made++)) return false;
    return true;
}

/* The steps in their new order, those of a list as one. Lists stand in the order of their steps. */
static void put_in_order(const lists *l, const wg__step *made)
{
    wg_plan *plan = l->plan;
    int      count = 0;
    for (int s = 0; s < plan->steps; s++) {
        const members *list = l->of_step[s] < 0 ? NULL : &l->list[l->of_step[s]];
        if (!list || !has_several(list))
            plan->step[count++] = plan->step[s];
        else if (list->at == s)
            plan->step[count++] = *made++;
    }
    plan->steps = count;
}

static bool list_all(lists *l)
{
    const wg_allocator *allocator = &l->plan->tape->allocator;
    size_t              several = 0;
    find_lists(l);
    for (int i = 0; i < l->count; i++) several += has_several(&l->list[i]);
    if (several == 0) return true;
    find_outside(l);
    wg__step  *made = wg__alloc(allocator, several * sizeof *made);
    const bool good = made && make_lists(l, made);
    if (good) put_in_order(l, made);
    wg__free(allocator, made);
    return good;
}

bool wg__plan_list_scalars(wg_plan *plan)
{
    const wg_allocator *allocator = &plan->tape->allocator;
    const size_t        storages = (size_t)plan->storages, steps = (size_t)plan->steps;
    lists               l = {.plan = plan,
                             .list = wg__alloc(allocator, steps * sizeof *l.list),
                             .of_step = wg__alloc(allocator, 2 * steps * sizeof *l.of_step),
                             .writer = wg__alloc(allocator, 2 * storages * sizeof *l.writer),
                             .outside = wg__alloc(allocator, storages * sizeof *l.outside)};
    bool                good = l.list && l.of_step && l.writer && l.outside;
    if (good) {
        l.next = l.of_step + steps;
        l.place = l.writer + storages;
        for (int i = 0; i < plan->storages; i++) l.writer[i] = -1;
        good = list_all(&l);
    }
    wg__free(allocator, l.list);
    wg__free(allocator, l.of_step);
    wg__free(allocator, l.writer);
    wg__free(allocator, l.outside);
    return good || wg__out_of_memory(plan->tape);
}
