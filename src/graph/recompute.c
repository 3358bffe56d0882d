// SPDX-License-Identifier: MIT
/*
 * Computing again instead of keeping: a large tensor that one fused step makes and other ones read
 * is written to memory and read again, from beyond the caches. If it is cheap (WG_CHEAP), its step
 * is repeated in front of those readers instead, and is fused with them; it need not be written.
 *
 * Only where that needs nothing to be kept longer, where all that read it afterwards are fused
 * steps, and where the last of these does not write its own output over it, which would save as
 * much. Each element is computed by the same kernel, so it has the same bits.
 */
#include "plan_internal.h"

#include <string.h>

/* An input of a step, in the list of those that read a storage. */
typedef struct use {
    int step, input, next;
} use;

typedef struct recomputing {
    wg_plan  *plan;
    int      *group;  /* of a step, as it will be fused */
    int      *head;   /* of a storage: the first of its uses, latest step first; -1 */
    int      *before; /* of a step: the first of the repeated steps that go in front of it; -1 */
    int      *next;   /* of a repeated step: another one that goes to the same place */
    bool     *gone;   /* of a step: nobody reads it any more */
    use      *use;
    wg__step *again;
    int       repeated;
} recomputing;

/* ---- what is worth it ---- */

static bool is_large(const wg_plan *plan, const wg__step *step)
{
    const wg_op       *op = step->call.op;
    const wg__storage *y = &plan->storage[step->storage[step->call.inputs]];
    return (op->traits & WG_ELEMENTWISE) && (op->traits & WG_CHEAP) && !op->release &&
           y->kind == WG__IN_ARENA && y->bytes >= wg__large(plan);
}

/* Whether a commit takes the storage. */
static bool is_committed(const wg_plan *plan, int storage)
{
    for (int i = 0; i < plan->commits; i++)
        if (plan->commit[i].storage == storage) return true;
    return false;
}

/*
 * True when an input may be read in step `last` too: it is there then anyway, or small. Of the
 * large ones there may be one, or reading them would take longer than reading what they make.
 */
static bool can_repeat(const wg_plan *plan, const wg__step *step, int last)
{
    const size_t bytes = plan->storage[step->storage[step->call.inputs]].bytes;
    int          large = 0;
    for (int i = 0; i < step->call.inputs; i++) {
        const wg__storage *x = &plan->storage[step->storage[i]];
        const bool         twice = i > 0 && step->storage[i] == step->storage[i - 1];
        if (twice || x->bytes < bytes / 8) continue;
        if (++large > 1 || (x->kind == WG__IN_ARENA && x->last < last)) return false;
    }
    return true;
}

/* True when it could be fused with the step that makes what it reads: it sees that in its order. */
static bool is_fused(const recomputing *r, const use *u, int64_t count)
{
    const wg__step *reader = &r->plan->step[u->step];
    const wg_view  *x = &reader->call.x[u->input];
    return r->group[u->step] >= 0 && reader->offset[u->input] == 0 && x->type->count == count &&
           wg_view_is_contiguous(x);
}

/* True when all that read step s's output are fused, some of them not with it. */
static bool is_read_elsewhere(const recomputing *r, int s)
{
    const wg__step *step = &r->plan->step[s];
    bool            elsewhere = false;
    for (int u = r->head[step->storage[step->call.inputs]]; u >= 0; u = r->use[u].next) {
        if (!is_fused(r, &r->use[u], step->call.y[0].type->count)) return false;
        elsewhere = elsewhere || r->group[r->use[u].step] != r->group[s];
    }
    return elsewhere;
}

/*
 * True when the group of step `last` passes on a tensor that could lie over step s's output: then
 * that takes no memory of its own, and writing it costs less than elsewhere.
 */
static bool is_overwritten(const recomputing *r, int s, int last)
{
    const wg_plan *plan = r->plan;
    const size_t   bytes = plan->storage[plan->step[s].storage[plan->step[s].call.inputs]].bytes;
    for (int t = s + 1; t < plan->steps; t++) {
        if (r->group[t] < 0 || r->group[t] != r->group[last]) continue;
        const int          y = plan->step[t].storage[plan->step[t].call.inputs];
        const wg__storage *storage = &plan->storage[y];
        if (storage->kind != WG__IN_ARENA || storage->bytes != bytes) continue;
        for (int u = r->head[y]; u >= 0; u = r->use[u].next)
            if (r->group[r->use[u].step] != r->group[last]) return true;
    }
    return false;
}

static bool is_worth_it(const recomputing *r, int s)
{
    const wg__step *step = &r->plan->step[s];
    if (r->group[s] < 0 || !is_large(r->plan, step)) return false;
    const int storage = step->storage[step->call.inputs], last = r->plan->storage[storage].last;
    return !is_committed(r->plan, storage) && is_read_elsewhere(r, s) &&
           can_repeat(r->plan, step, last) && !is_overwritten(r, s, last);
}

/* ---- repeated steps ---- */

/* A step like step s, in front of step `at`, with a storage of its own; NULL without memory. */
static const wg__step *repeat(recomputing *r, int s, int at)
{
    wg_plan        *plan = r->plan;
    const wg__step *old = &plan->step[s];
    const int       inputs = old->call.inputs;
    const size_t    ends = (size_t)inputs + 1, bytes = plan->storage[old->storage[inputs]].bytes;
    wg__step       *step = &r->again[r->repeated];
    *step = *old;
    step->again = true;
    step->call.x = wg__plan_take(plan, ends * sizeof *step->call.x);
    step->storage = wg__plan_take(plan, (ends + 1) * sizeof *step->storage);
    const int storage = wg__storage_new(plan, WG__IN_ARENA, bytes, NULL);
    if (storage < 0 || !step->call.x || !step->storage) return NULL;
    memcpy(step->call.x, old->call.x, ends * sizeof *step->call.x);
    memcpy(step->storage, old->storage, (ends + 1) * sizeof *step->storage);
    step->call.y = step->call.x + inputs;
    step->storage[inputs] = storage;
    plan->storage[storage].last = at;
    r->next[r->repeated] = r->before[at];
    r->before[at] = r->repeated++;
    return step;
}

/* The earliest step of a group among those that read the storage. */
static int first_reader(const recomputing *r, int storage, int group)
{
    int first = -1;
    for (int u = r->head[storage]; u >= 0; u = r->use[u].next)
        if (r->group[r->use[u].step] == group) first = r->use[u].step;
    return first;
}

/* Lets the steps of a group read the storage `to` where they read another one. */
static void redirect(const recomputing *r, int group, int from, int to)
{
    for (int u = r->head[from]; u >= 0; u = r->use[u].next)
        if (r->group[r->use[u].step] == group)
            r->plan->step[r->use[u].step].storage[r->use[u].input] = to;
}

/* Repeats step s in front of each other group that reads it, which then reads the repeated one. */
static bool repeat_for_readers(recomputing *r, int s)
{
    const int inputs = r->plan->step[s].call.inputs, old = r->plan->step[s].storage[inputs];
    r->gone[s] = true;
    for (int u = r->head[old]; u >= 0; u = r->use[u].next) {
        const int reader = r->use[u].step, group = r->group[reader];
        r->gone[s] = r->gone[s] && group != r->group[s];
        if (group == r->group[s] || reader != first_reader(r, old, group)) continue;
        const wg__step *step = repeat(r, s, reader);
        if (!step) return false;
        redirect(r, group, old, step->storage[inputs]);
    }
    r->plan->storage[old].last = s; /* so that none that reads it is repeated elsewhere */
    if (r->gone[s]) r->plan->storage[old].bytes = 0;
    return true;
}

/* ---- the pass ---- */

static void list_uses(recomputing *r)
{
    const wg_plan *plan = r->plan;
    int            u = 0;
    for (int i = 0; i < plan->storages; i++) r->head[i] = -1;
    for (int s = 0; s < plan->steps; s++) {
        r->before[s] = -1;
        for (int i = 0; i < plan->step[s].call.inputs; i++, u++) {
            const int storage = plan->step[s].storage[i];
            r->use[u] = (use){.step = s, .input = i, .next = r->head[storage]};
            r->head[storage] = u;
        }
    }
}

/* Puts repeated steps in their places, and leaves out those that nobody reads any more. */
static bool make_list(const recomputing *r)
{
    wg_plan  *plan = r->plan;
    const int end = plan->steps + r->repeated;
    int       to = end;
    if (!wg__grow(&plan->tape->allocator, &plan->step, &plan->step_capacity, (size_t)end,
                  sizeof *plan->step))
        return false;
    /* From the last one on, so that the places they move up to are free. */
    for (int s = plan->steps - 1; s >= 0; s--) {
        if (!r->gone[s]) plan->step[--to] = plan->step[s];
        for (int a = r->before[s]; a >= 0; a = r->next[a]) plan->step[--to] = r->again[a];
    }
    plan->steps = end - to;
    memmove(plan->step, plan->step + to, (size_t)plan->steps * sizeof *plan->step);
    return true;
}

static bool recompute(recomputing *r)
{
    wg_plan *plan = r->plan;
    if (!wg__plan_groups(plan, r->group)) return false;
    list_uses(r);
    for (int s = plan->constants; s < plan->steps; s++)
        if (is_worth_it(r, s) && !repeat_for_readers(r, s)) return false;
    plan->facts.again = r->repeated;
    return r->repeated == 0 || make_list(r);
}

/* Makes room for what the pass needs to know, and runs it. */
static bool begin(wg_plan *plan, size_t uses)
{
    const wg_allocator *allocator = &plan->tape->allocator;
    const size_t        steps = (size_t)plan->steps;
    recomputing         r = {.plan = plan};
    r.group = wg__alloc(allocator, 2 * steps * sizeof *r.group);
    r.head = wg__alloc(allocator, (size_t)plan->storages * sizeof *r.head);
    r.next = wg__alloc(allocator, uses * sizeof *r.next);
    r.gone = wg__alloc_zero(allocator, steps);
    r.use = wg__alloc(allocator, uses * sizeof *r.use);
    r.again = wg__alloc(allocator, uses * sizeof *r.again);
    bool good = r.group && r.head && r.next && r.gone && r.use && r.again;
    if (good) {
        r.before = r.group + steps;
        good = recompute(&r);
    }
    wg__free(allocator, r.group);
    wg__free(allocator, r.head);
    wg__free(allocator, r.next);
    wg__free(allocator, r.gone);
    wg__free(allocator, r.use);
    wg__free(allocator, r.again);
    return good || wg__out_of_memory(plan->tape);
}

bool wg__plan_recompute(wg_plan *plan)
{
    size_t uses = 0;
    bool   any = false;
    if (!wg__plan_with(plan, WG_PASS_FUSE)) return true;
    for (int s = plan->constants; s < plan->steps; s++) any = any || is_large(plan, &plan->step[s]);
    for (int s = 0; s < plan->steps; s++) uses += (size_t)plan->step[s].call.inputs;
    if (!any) return true;
    wg__plan_lifetimes(plan);
    return begin(plan, uses);
}
