// SPDX-License-Identifier: MIT
/*
 * Placing a plan's memory in its arena: the steps are gone through in order, and each storage takes
 * the smallest gap that holds it, from the step that writes it to the last one that reads it.
 */
#include "plan_internal.h"

/* A gap in the arena. They are kept in the order of their offsets, and no two touch. */
typedef struct gap {
    size_t offset, bytes;
} gap;

typedef struct arena_map {
    const wg_allocator *allocator;
    gap                *gap;
    size_t              capacity, gaps;
    size_t              end; /* nothing beyond it was ever used */
} arena_map;

static size_t rounded(size_t bytes)
{
    return (bytes + WG__ALIGNMENT - 1) & ~(size_t)(WG__ALIGNMENT - 1);
}

static void remove_gap(arena_map *a, size_t at)
{
    a->gaps--;
    for (size_t i = at; i < a->gaps; i++) a->gap[i] = a->gap[i + 1];
}

/* The offset of `bytes` bytes: in the smallest gap that holds them, else at the end. */
static size_t take(arena_map *a, size_t bytes)
{
    size_t best = a->gaps;
    for (size_t i = 0; i < a->gaps; i++)
        if (a->gap[i].bytes >= bytes && (best == a->gaps || a->gap[i].bytes < a->gap[best].bytes))
            best = i;
    if (best < a->gaps) {
        const size_t offset = a->gap[best].offset;
        a->gap[best].offset += bytes;
        a->gap[best].bytes -= bytes;
        if (a->gap[best].bytes == 0) remove_gap(a, best);
        return offset;
    }
    size_t offset = a->end;
    if (a->gaps > 0 && a->gap[a->gaps - 1].offset + a->gap[a->gaps - 1].bytes == a->end)
        offset = a->gap[--a->gaps].offset; /* the gap at the end grows */
    a->end = offset + bytes;
    return offset;
}

/* Makes a gap, and one with its neighbours where they touch. False without memory. */
static bool give(arena_map *a, size_t offset, size_t bytes)
{
    size_t low = 0, high = a->gaps;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (a->gap[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    const bool before = low > 0 && a->gap[low - 1].offset + a->gap[low - 1].bytes == offset;
    const bool behind = low < a->gaps && offset + bytes == a->gap[low].offset;
    if (before) {
        a->gap[low - 1].bytes += bytes;
        if (!behind) return true;
        a->gap[low - 1].bytes += a->gap[low].bytes;
        remove_gap(a, low);
        return true;
    }
    if (behind) {
        a->gap[low].offset = offset;
        a->gap[low].bytes += bytes;
        return true;
    }
    if (!wg__grow(a->allocator, &a->gap, &a->capacity, a->gaps + 1, sizeof *a->gap)) return false;
    for (size_t i = a->gaps; i > low; i--) a->gap[i] = a->gap[i - 1];
    a->gap[low] = (gap){.offset = offset, .bytes = bytes};
    a->gaps++;
    return true;
}

/*
 * Storages of the arena by the step that ends them: next[i] follows i, head[step] is the first; -1
 * ends.
 */
static void chain_by_last(const wg_plan *plan, int *head, int *next)
{
    for (int s = 0; s <= plan->steps; s++) head[s] = -1;
    for (int i = 0; i < plan->storages; i++) {
        const wg__storage *storage = &plan->storage[i];
        if (storage->kind != WG__IN_ARENA || storage->bytes == 0) continue;
        next[i] = head[storage->last];
        head[storage->last] = i;
    }
}

/* A step's storages are written while those that it reads are still there. */
static bool place_all(wg_plan *plan, arena_map *a, int *head, int *next, bool *inherited)
{
    const bool share = wg__plan_with(plan, WG_PASS_SHARE);
    for (int s = 0; s < plan->steps; s++) {
        const wg__step *step = &plan->step[s];
        const int       ends = step->call.inputs + step->call.outputs;
        for (int e = step->call.inputs; e <= ends; e++) { /* outputs and scratch */
            if (step->storage[e] < 0) continue;
            wg__storage *storage = &plan->storage[step->storage[e]];
            if (storage->kind != WG__IN_ARENA || storage->bytes == 0) continue;
            if (storage->heir >= 0) {
                storage->offset = plan->storage[storage->heir].offset;
                inherited[storage->heir] = true;
            } else
                storage->offset = take(a, rounded(storage->bytes));
        }
        for (int i = head[s]; i >= 0; i = next[i])
            if (share && !inherited[i] &&
                !give(a, plan->storage[i].offset, rounded(plan->storage[i].bytes)))
                return false;
    }
    return true;
}

bool wg__plan_place(wg_plan *plan)
{
    if (plan->tape->options.apart) return true;
    const wg_allocator *allocator = &plan->tape->allocator;
    arena_map           a = {.allocator = allocator};
    int                *head = wg__alloc(allocator, ((size_t)plan->steps + 1) * sizeof *head);
    int                *next = wg__alloc(allocator, (size_t)plan->storages * sizeof *next);
    bool               *inherited = wg__alloc_zero(allocator, (size_t)plan->storages);
    bool                good = head && next && inherited;
    if (good) {
        chain_by_last(plan, head, next);
        good = place_all(plan, &a, head, next, inherited);
    }
    plan->arena_bytes = a.end;
    plan->facts.arena_bytes = (int64_t)a.end;
    wg__free(allocator, a.gap);
    wg__free(allocator, head);
    wg__free(allocator, next);
    wg__free(allocator, inherited);
    return good || wg__out_of_memory(plan->tape);
}

void wg__plan_lifetimes(wg_plan *plan)
{
    for (int i = 0; i < plan->storages; i++) plan->storage[i].first = plan->storage[i].last = 0;
    for (int s = plan->steps - 1; s >= 0; s--) {
        const wg__step *step = &plan->step[s];
        const int       ends = step->call.inputs + step->call.outputs;
        for (int e = 0; e <= ends; e++) {
            if (step->storage[e] < 0) continue;
            wg__storage *storage = &plan->storage[step->storage[e]];
            storage->first = s;
            if (s > storage->last) storage->last = s;
        }
    }
    for (int i = 0; i < plan->commits; i++)
        if (plan->commit[i].storage >= 0) plan->storage[plan->commit[i].storage].last = plan->steps;
}

/* ---- memory ---- */

bool wg__plan_allocate(wg_plan *plan)
{
    wg_tape *tape = plan->tape;
    for (int i = 0; i < plan->storages; i++) {
        wg__storage *storage = &plan->storage[i];
        const bool   own =
            storage->kind == WG__IN_PLAN || (storage->kind == WG__IN_ARENA && tape->options.apart);
        if (!own) continue;
        storage->memory = wg__buffer_new(&tape->allocator, storage->bytes);
        if (!storage->memory) return wg__out_of_memory(tape);
        if (storage->kind == WG__IN_PLAN) plan->facts.kept_bytes += (int64_t)storage->bytes;
    }
    if (plan->arena_bytes <= tape->arena_bytes && tape->arena) return true;
    void *arena = wg__buffer_new(&tape->allocator, plan->arena_bytes);
    if (!arena) return wg__out_of_memory(tape);
    wg__buffer_free(&tape->allocator, tape->arena);
    tape->arena = arena;
    tape->arena_bytes = plan->arena_bytes;
    return true;
}

void *wg__memory_of(const wg_plan *plan, int storage)
{
    const wg__storage *s = &plan->storage[storage];
    return s->kind == WG__IN_ARENA && !plan->tape->options.apart
               ? (char *)plan->tape->arena + s->offset
               : s->memory;
}

void wg__plan_bind(wg_plan *plan)
{
    for (int s = 0; s < plan->steps; s++) {
        wg__step *step = &plan->step[s];
        const int ends = step->call.inputs + step->call.outputs;
        step->call.owner = step;
        for (int i = 0; i < ends; i++)
            step->call.x[i].data = (char *)wg__memory_of(plan, step->storage[i]) + step->offset[i];
        if (step->storage[ends] >= 0) step->call.scratch = wg__memory_of(plan, step->storage[ends]);
        if (step->scalars) wg__scalars_bind(step);
    }
    plan->arena = plan->tape->arena;
}

/* ---- the checker ---- */

/* Every step must read what an earlier step, or nobody, writes. */
static bool verify_order(wg_plan *plan)
{
    bool *written = wg__alloc_zero(&plan->tape->allocator, (size_t)plan->storages);
    bool  good = true;
    if (!written) return wg__out_of_memory(plan->tape);
    for (int s = 0; s < plan->steps && good; s++) {
        const wg__step *step = &plan->step[s];
        const int       ends = step->call.inputs + step->call.outputs;
        for (int e = 0; e < ends; e++) {
            const wg__storage *storage = &plan->storage[step->storage[e]];
            if (e >= step->call.inputs)
                written[step->storage[e]] = true;
            else if (storage->kind != WG__IN_LEAF && storage->bytes && !written[step->storage[e]])
                good =
                    wg__fail(plan->tape, wg_caller(), "plan: step %d reads what is not there", s);
        }
    }
    wg__free(&plan->tape->allocator, written);
    return good;
}

/* Storages whose steps meet must lie apart, but for a storage and its heir. */
static bool lie_apart(wg_plan *plan, int i, int j)
{
    const wg__storage *a = &plan->storage[i], *b = &plan->storage[j];
    if (b->kind != WG__IN_ARENA || b->bytes == 0 || b->heir == i || a->heir == j) return true;
    const bool meet = a->first <= b->last && b->first <= a->last;
    const bool touch = a->offset < b->offset + b->bytes && b->offset < a->offset + a->bytes;
    if (!meet || !touch) return true;
    return wg__fail(plan->tape, wg_caller(),
                    "plan: two tensors of steps %d to %d and %d to %d share memory", a->first,
                    a->last, b->first, b->last);
}

bool wg_plan_verify(wg_plan *plan)
{
    if (!wg__plan_usable(plan) || !verify_order(plan)) return false;
    for (int i = 0; i < plan->storages; i++) {
        if (plan->storage[i].kind != WG__IN_ARENA || plan->storage[i].bytes == 0) continue;
        for (int j = i + 1; j < plan->storages; j++)
            if (!lie_apart(plan, i, j)) return false;
    }
    return true;
}
