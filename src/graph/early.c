// SPDX-License-Identifier: MIT
/*
 * Updates early: a step that computes new values of leaves moves up behind the last step that it
 * must wait for, so that a gradient is read while it is in the cache, and its memory is there for
 * the next one. It stays behind all that reads the leaf, and behind all that may end the run with an
 * error, for only there can it write where the leaf lies (see reuse.c).
 */
#include "plan_internal.h"

#include <string.h>

typedef struct order {
    const wg_plan *plan;
    int           *writer; /* of a storage: the place of the step that writes it; -1: none does */
    int           *reader; /* of a storage: the last step so far that reads it; -1: none did */
    int           *update; /* of a storage: the update whose value it holds; -1: of none */
    int           *place;  /* of a step: that behind which it is to stand; its own: where it is */
    int            flags;  /* the last step that may flag; -1: none */
} order;

/* True for an elementwise step, fused or not, that may run at another time. */
static bool is_free(const wg__step *step)
{
    const unsigned traits = step->call.op->traits;
    const bool     whole = step->fused;
    return (whole || (traits & WG_ELEMENTWISE)) && !(traits & (WG_FLAGS | WG_RANDOM));
}

static bool is_update(const order *o, const wg__step *step)
{
    for (int k = 0; k < step->call.outputs; k++)
        if (o->update[step->storage[step->call.inputs + k]] < 0) return false;
    return true;
}

static int later(int a, int b)
{
    return a > b ? a : b;
}

/* The last step before step s that reads a leaf which it updates. */
static int last_reader(const order *o, const wg__step *step)
{
    int last = -1;
    for (int k = 0; k < step->call.outputs; k++) {
        const int update = o->update[step->storage[step->call.inputs + k]];
        for (int i = 0; i < step->call.inputs; i++)
            if (o->plan->storage[step->storage[i]].memory ==
                o->plan->commit[update].leaf->value)
                last = later(last, o->reader[step->storage[i]]);
    }
    return last;
}

/* Single numbers move too: the rates that updates share are recorded after all gradients. */
static int place_of(const order *o, int s)
{
    const wg__step *step = &o->plan->step[s];
    const bool      update = is_update(o, step);
    if (s < o->plan->constants || !is_free(step) || (!update && step->call.y->type->count != 1))
        return s;
    int place = update ? later(o->flags, last_reader(o, step)) : -1;
    for (int i = 0; i < step->call.inputs; i++)
        place = later(place, o->writer[step->storage[i]]);
    place = later(place, o->plan->constants - 1);
    return place < s ? place : s;
}

static void find_places(order *o)
{
    const wg_plan *plan = o->plan;
    o->flags = -1;
    for (int i = 0; i < plan->storages; i++) o->writer[i] = o->reader[i] = o->update[i] = -1;
    for (int i = 0; i < plan->commits; i++) o->update[plan->commit[i].storage] = i;
    for (int s = 0; s < plan->steps; s++)
        if (plan->step[s].call.op->traits & WG_FLAGS) o->flags = s;
    for (int s = 0; s < plan->steps; s++) {
        const wg__step *step = &plan->step[s];
        o->place[s] = place_of(o, s);
        for (int i = 0; i < step->call.inputs; i++) o->reader[step->storage[i]] = s;
        for (int k = 0; k < step->call.outputs; k++)
            o->writer[step->storage[step->call.inputs + k]] = o->place[s];
    }
}

/*
 * Sorts the steps by place, -1 being in front of all. Those of one place stay in their order, so that
 * the one that stands there is the first.
 */
static void sort(wg_plan *plan, const int *place, int *begin, wg__step *list)
{
    memset(begin, 0, ((size_t)plan->steps + 2) * sizeof *begin);
    for (int s = 0; s < plan->steps; s++) begin[place[s] + 2]++;
    for (int s = 0; s < plan->steps; s++) begin[s + 1] += begin[s];
    for (int s = 0; s < plan->steps; s++) list[begin[place[s] + 1]++] = plan->step[s];
    memcpy(plan->step, list, (size_t)plan->steps * sizeof *list);
}

bool wg__plan_update_early(wg_plan *plan)
{
    const wg_allocator *allocator = &plan->tape->allocator;
    const size_t        steps = (size_t)plan->steps, storages = (size_t)plan->storages;
    if (plan->commits == 0) return true;
    int      *numbers = wg__alloc(allocator, (3 * storages + 2 * steps + 2) * sizeof *numbers);
    wg__step *list = wg__alloc(allocator, steps * sizeof *list);
    if (numbers && list) {
        order o = {.plan = plan,
                   .writer = numbers,
                   .reader = numbers + storages,
                   .update = numbers + 2 * storages,
                   .place = numbers + 3 * storages};
        find_places(&o);
        sort(plan, o.place, o.place + steps, list);
    }
    const bool good = numbers && list;
    wg__free(allocator, numbers);
    wg__free(allocator, list);
    return good || wg__out_of_memory(plan->tape);
}
