// SPDX-License-Identifier: MIT
/*
 * Fusing elementwise steps. Steps over the same elements become members of one step, which takes a
 * tile of the elements through all of them before it goes on to the next: what only members read
 * never leaves the cache, and takes no memory.
 *
 * Steps are met in order. One joins the group of a step that it reads, or that reads the same
 * elements (a number that both see everywhere is no reason), if all else that it reads is there
 * where the group stands; or the group moves down to it, as long as nobody has read from the group
 * yet. It does not move up past more than the caches hold, as what it reads has left them, and what
 * it makes would be kept meanwhile. Each element is computed as before, so results keep their bits. A
 * reduction joins likewise with its first stage (stages.c), if its rows lie within those over which
 * the step will loop.
 */
#include "plan_internal.h"

#include <string.h>

enum {
    SMALL = 512,      /* elements of a step that is not worth fusing */
    LARGE = 16384,    /* elements of a step that is run in tiles, by threads, even alone */
    MOST_MEMBERS = 64 /* of a group; the ends of a step are not many more */
};

typedef struct group {
    int      at;    /* the step in whose place it will run */
    int      ready; /* the last step outside that it waits for; -1: none */
    int      members;
    int      into;   /* the group that took it in; itself: none did */
    bool     sealed; /* somebody outside read from it, so it cannot move down any more */
    bool     flat;   /* all members run over one loop each, whatever their shapes */
    bool     alike;  /* all have the shape of the first */
    wg_shape shape;
    int64_t  count;
    int64_t  row, length; /* of the reductions among its members; 0: there are none */
} group;

/* What the pass knows: groups by number, the group of each step and of each storage; -1: none. */
typedef struct fusion {
    wg_plan *plan;
    group   *group;
    int     *of_step;
    int     *writer;  /* of a storage: the step that writes it; -1: it is there before the run */
    int     *reader;  /* of a storage: the last group that read it */
    bool    *outside; /* of a storage: it is read by others than members of its group */
    int     *next;    /* of a step: the next member of its group */
    size_t  *passed;  /* of a step: bytes that those before it make which are in no group */
    int      groups;
} fusion;

/* ---- which steps may go together ---- */

/* The type of the elements that a step goes through. */
static const wg_type *elements(const wg__step *step)
{
    return step->call.stretches.part ? step->call.x[0].type : step->call.y[0].type;
}

/* Whether it goes through them in one loop. */
static bool is_flat(const wg__step *step)
{
    return step->call.stretches.part || step->loops == 1;
}

static bool is_candidate(const wg_plan *plan, const wg__step *step)
{
    const wg_op *op = step->call.op;
    if (step->call.stretches.part)
        return wg__is_reduction(plan, step) && elements(step)->count >= SMALL;
    return (op->traits & WG_ELEMENTWISE) && !(op->traits & (WG_FLAGS | WG_RANDOM)) &&
           step->call.outputs == 1 && step->call.inputs <= 8 && elements(step)->count >= SMALL;
}

/* True when the input looks at all of its storage in order, as a tile passed on would lie. */
static bool reads_in_order(const wg__step *step, int input)
{
    return step->offset[input] == 0 && wg_view_is_contiguous(&step->call.x[input]);
}

/*
 * Whether a group can have reductions of these rows, if it is flat, or alike. They have rows and
 * stretches in common; tiles over all elements are whole rows, or all is one row; loops take a row
 * that is the last axis.
 */
static bool rows_fit(const group *g, int64_t row, int64_t length, bool flat, bool alike)
{
    if (g->row && row && (g->row != row || g->length != length)) return false;
    if (g->row) row = g->row, length = g->length;
    if (row == 0) return flat || alike;
    return (flat && (row == length || row == g->count)) ||
           (alike && row == g->shape.dim[g->shape.rank - 1]);
}

static bool same_elements(const group *g, const wg__step *step)
{
    const wg_type      *type = elements(step);
    const wg_stretches *by = &step->call.stretches;
    return g->count == type->count &&
           rows_fit(g, by->row, by->length, g->flat && is_flat(step),
                    g->alike && wg_shape_equal(g->shape, type->shape));
}

/* The group that a group has become part of. */
static int resolve(const fusion *f, int g)
{
    while (g >= 0 && f->group[g].into != g) g = f->group[g].into = f->group[f->group[g].into].into;
    return g;
}

static int group_of_writer(const fusion *f, int storage)
{
    const int s = f->writer[storage];
    return s >= 0 ? resolve(f, f->of_step[s]) : -1;
}

/* Where the step or group that writes a storage stands; -1: it is there before the run. */
static int place_of_writer(const fusion *f, int storage)
{
    const int g = group_of_writer(f, storage);
    return g >= 0 ? f->group[g].at : f->writer[storage];
}

/*
 * The last step that must run before `step` can, those of group g (-1: none) left out. More than the step's
 * own place when it reads the group in another order than it writes.
 */
static int waits_for(const fusion *f, const wg__step *step, int g)
{
    int last = -1;
    for (int i = 0; i < step->call.inputs; i++) {
        const int storage = step->storage[i];
        if (g >= 0 && group_of_writer(f, storage) == g) {
            if (!reads_in_order(step, i)) return INT32_MAX;
        } else if (place_of_writer(f, storage) > last)
            last = place_of_writer(f, storage);
    }
    return last;
}

/* Whether the caches hold what is made between two steps. */
static bool is_near(const fusion *f, int early, int late)
{
    return f->passed[late] - f->passed[early] < wg__large(f->plan);
}

/* Whether group g can take the step in, where it stands or moved down to step s. */
static bool may_join(const fusion *f, int g, const wg__step *step, int s)
{
    const group *to = &f->group[g];
    if (!same_elements(to, step) || to->members == MOST_MEMBERS) return false;
    const int last = waits_for(f, step, g);
    return (last < to->at && is_near(f, to->at, s)) || (!to->sealed && last < s);
}

static void take_rows(group *to, int64_t row, int64_t length)
{
    if (row == 0) return;
    to->row = row;
    to->length = length;
}

static void join(fusion *f, int g, const wg__step *step, int s)
{
    group    *to = &f->group[g];
    const int last = waits_for(f, step, g);
    if (last >= to->at || !is_near(f, to->at, s)) to->at = s;
    if (last > to->ready) to->ready = last;
    to->members++;
    to->flat = to->flat && is_flat(step);
    to->alike = to->alike && wg_shape_equal(to->shape, elements(step)->shape);
    take_rows(to, step->call.stretches.row, step->call.stretches.length);
    f->of_step[s] = g;
}

static int begin_group(fusion *f, const wg__step *step, int s)
{
    const wg_type *type = elements(step);
    f->group[f->groups] = (group){.at = s,
                                  .into = f->groups,
                                  .ready = waits_for(f, step, -1),
                                  .members = 1,
                                  .flat = is_flat(step),
                                  .alike = true,
                                  .shape = type->shape,
                                  .count = type->count,
                                  .row = step->call.stretches.row,
                                  .length = step->call.stretches.length};
    return f->of_step[s] = f->groups++;
}

/*
 * Takes group b into group a, if both can run where one of them stands. What one has read from the
 * other has sealed it, and the reader cannot move before it.
 */
static bool merge(fusion *f, int a, int b)
{
    group     *x = &f->group[a], *y = &f->group[b];
    const bool alike = x->alike && y->alike && wg_shape_equal(x->shape, y->shape);
    const bool flat = x->flat && y->flat;
    if (x->members + y->members > MOST_MEMBERS || x->count != y->count) return false;
    if (!rows_fit(x, y->row, y->length, flat, alike)) return false;
    const group *early = x->at < y->at ? x : y, *late = x->at < y->at ? y : x;
    if (early->sealed && (late->ready >= early->at || !is_near(f, early->at, late->at)))
        return false;
    x->at = early->sealed ? early->at : late->at;
    x->ready = x->ready > y->ready ? x->ready : y->ready;
    x->members += y->members;
    x->sealed = x->sealed || y->sealed;
    x->flat = flat;
    x->alike = alike;
    take_rows(x, y->row, y->length);
    y->into = a;
    return true;
}

/* ---- going through the steps ---- */

/* Finds the groups that the step may belong to, by what it reads; it joins one, with others merged. */
static int place_step(fusion *f, const wg__step *step, int s)
{
    int own = -1;
    for (int i = 0; i < 2 * step->call.inputs && !step->again; i++) {
        const int storage = step->storage[i / 2];
        const int g = i % 2 ? resolve(f, f->reader[storage]) : group_of_writer(f, storage);
        if (g < 0 || g == own || (i % 2 && !reads_in_order(step, i / 2))) continue;
        if (own >= 0 && waits_for(f, step, g) < INT32_MAX)
            merge(f, own, g);
        else if (own < 0 && may_join(f, g, step, s))
            join(f, own = g, step, s);
    }
    if (own < 0) own = begin_group(f, step, s);
    return own;
}

/* Groups that an outsider reads stay where they are, and must hand out what it reads. */
static void read_inputs(fusion *f, const wg__step *step, int own)
{
    for (int i = 0; i < step->call.inputs; i++) {
        const int storage = step->storage[i], g = group_of_writer(f, storage);
        if (own >= 0) f->reader[storage] = own;
        if (g < 0 || g == own) continue;
        f->group[g].sealed = true;
        f->outside[storage] = true;
    }
}

static void find_groups(fusion *f)
{
    const wg_plan *plan = f->plan;
    for (int i = 0; i < plan->storages; i++) {
        f->writer[i] = f->reader[i] = -1;
        f->outside[i] = plan->storage[i].kind != WG__IN_ARENA;
    }
    for (int i = 0; i < plan->commits; i++) f->outside[plan->commit[i].storage] = true;
    size_t passed = 0;
    for (int s = 0; s < plan->steps; s++) {
        const wg__step *step = &plan->step[s];
        f->of_step[s] = -1;
        f->passed[s] = passed;
        const bool joins = s >= plan->constants && is_candidate(plan, step);
        const int  own = joins ? place_step(f, step, s) : -1;
        read_inputs(f, step, own);
        for (int k = 0; k < step->call.outputs; k++) {
            const int storage = step->storage[step->call.inputs + k];
            f->writer[storage] = s;
            if (!joins) passed += plan->storage[storage].bytes;
        }
    }
}

/* ---- the new list of steps ---- */

/* Chains the members of each group in their order: first[g], then next[s]; -1 ends. */
static void chain_members(fusion *f, int *first)
{
    for (int g = 0; g < f->groups; g++) first[g] = -1;
    for (int s = f->plan->steps - 1; s >= 0; s--) {
        const int g = resolve(f, f->of_step[s]);
        if (g < 0) continue;
        f->next[s] = first[g];
        first[g] = s;
    }
}

/* Whether a group of one member stays the step that it is: one that threads would not share. */
static bool stays_alone(const fusion *f, const group *in)
{
    if (in->members > 1) return false;
    return in->count < LARGE || (in->row && (in->row == in->length || f->plan->tape->threads == 1));
}

/* The steps of a group, from list[0] on: the fused one, then second stages; 0 without memory. */
static int fuse_group(fusion *f, int first, wg__step *list)
{
    wg_plan *plan = f->plan;
    int      count = 1;
    if (!wg__fuse_sums(plan, &first, f->next, f->outside)) return 0;
    for (int s = first; s >= 0; s = f->next[s]) {
        if (!plan->step[s].call.stretches.part) continue;
        if (!wg__step_stages(plan, s, &list[count])) return 0;
        count += plan->step[s].call.stretches.whole != NULL;
        f->outside[plan->step[s].storage[1]] = true;
    }
    return wg__step_fuse(plan, first, f->next, f->outside, f->writer, f->reader, list) ? count : 0;
}

/* Makes the list, in which each fused step stands at its group's place. */
static bool rebuild(fusion *f, int *first, wg__step *list)
{
    wg_plan *plan = f->plan;
    int      count = 0;
    for (int s = 0; s < plan->steps; s++) {
        const int    g = resolve(f, f->of_step[s]);
        const group *in = g >= 0 ? &f->group[g] : NULL;
        if (!in || stays_alone(f, in)) {
            list[count++] = plan->step[s];
        } else if (in->at == s) {
            const int made = fuse_group(f, first[g], &list[count]);
            if (made == 0) return wg__out_of_memory(plan->tape);
            count += made;
            plan->facts.fused += in->members;
        }
    }
    memcpy(plan->step, list, (size_t)count * sizeof *list);
    plan->steps = count;
    return true;
}

/* Finds the groups; false without memory. In either case end_fusion follows. */
static bool begin_fusion(fusion *f)
{
    const wg_allocator *allocator = &f->plan->tape->allocator;
    const size_t        steps = (size_t)f->plan->steps,
                 storages = (size_t)f->plan->storages + steps; /* those between two stages too */
    f->group = wg__alloc(allocator, steps * sizeof *f->group);
    f->of_step = wg__alloc(allocator, 3 * steps * sizeof *f->of_step);
    f->writer = wg__alloc(allocator, 2 * storages * sizeof *f->writer);
    f->outside = wg__alloc_zero(allocator, storages);
    f->passed = wg__alloc(allocator, steps * sizeof *f->passed);
    if (!f->group || !f->of_step || !f->writer || !f->outside || !f->passed) return false;
    f->next = f->of_step + steps;
    f->reader = f->writer + storages;
    find_groups(f);
    return true;
}

static void end_fusion(fusion *f)
{
    const wg_allocator *allocator = &f->plan->tape->allocator;
    wg__free(allocator, f->group);
    wg__free(allocator, f->of_step);
    wg__free(allocator, f->writer);
    wg__free(allocator, f->outside);
    wg__free(allocator, f->passed);
}

bool wg__plan_groups(wg_plan *plan, int *groups)
{
    fusion     f = {.plan = plan};
    const bool good = begin_fusion(&f);
    for (int s = 0; s < plan->steps && good; s++) groups[s] = resolve(&f, f.of_step[s]);
    end_fusion(&f);
    return good;
}

bool wg__plan_fuse(wg_plan *plan)
{
    const wg_allocator *allocator = &plan->tape->allocator;
    const size_t        steps = (size_t)plan->steps;
    fusion              f = {.plan = plan};
    wg__step           *list = wg__alloc(allocator, 2 * steps * sizeof *list);
    bool                good = begin_fusion(&f) && list;
    if (good) {
        chain_members(&f, f.next + steps);
        good = rebuild(&f, f.next + steps, list);
    }
    end_fusion(&f);
    wg__free(allocator, list);
    return good || wg__out_of_memory(plan->tape);
}
