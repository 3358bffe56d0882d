// SPDX-License-Identifier: MIT
/*
 * Which images a plan keeps with their channels last. An op may have a kernel that takes and gives
 * them so, and tells how many moves that spares (wg_op.channels_last); each image that is wanted
 * otherwise than its writer gives it is turned once, by a step of its own, which costs moves.
 *
 * From the steps that spare some, clusters grow through steps that take either layout, as long as
 * that turns no more elements; a cluster whose turns cost what it spares, or more, is given up.
 */
#include "layouts.h"

#include <string.h>

/* What it costs to turn an element, in moves. */
#define TURN 3.0

/* ---- what there is ---- */

/* Whether an end looks at all of its storage, as an image that lies packed. */
static bool is_whole(const wg_plan *plan, const wg__step *step, int end)
{
    const wg_view *view = &step->call.x[end];
    return view->type->shape.rank == 4 && view->type->count > 0 && step->offset[end] == 0 &&
           plan->storage[step->storage[end]].bytes == wg__type_bytes(view->type) &&
           wg_view_is_contiguous(view);
}

/* Whether an end is the image that its storage holds. */
static bool is_image(const wg__layouts *l, const wg__step *step, int end)
{
    const wg__image *of = &l->image[step->storage[end]];
    return of->type && wg_shape_equal(of->type->shape, step->call.x[end].type->shape) &&
           is_whole(l->plan, step, end);
}

/* Elements that a view tells apart. */
static double distinct(const wg_view *view)
{
    double count = 1;
    for (int i = 0; i < view->type->shape.rank; i++)
        if (view->stride[i] != 0) count *= (double)view->type->shape.dim[i];
    return count;
}

/* An elementwise step takes all images of its shape alike; what else it reads must be small. */
static uint64_t elementwise_ends(const wg__layouts *l, const wg__step *step)
{
    const wg_type *y = step->call.y->type;
    uint64_t       ends = 0;
    if (!(step->call.op->traits & WG_ELEMENTWISE) || y->shape.rank != 4 ||
        (step->call.op->traits & (WG_FLAGS | WG_RANDOM)))
        return 0;
    for (int i = 0; i <= step->call.inputs; i++)
        if (is_image(l, step, i))
            ends |= (uint64_t)1 << i;
        else if (8 * distinct(&step->call.x[i]) > (double)y->count)
            return 0;
    return ends;
}

static void find_way(wg__layouts *l, int s)
{
    const wg__step *step = &l->plan->step[s];
    const wg_op    *op = step->call.op;
    const int       ends = step->call.inputs + step->call.outputs;
    wg__way        *w = &l->way[s];
    w->into = s;
    if (ends > 64) return;
    w->ends =
        op->channels_last ? op->channels_last(&step->call, &w->saves) : elementwise_ends(l, step);
    for (int e = 0; e < ends; e++)
        if ((w->ends >> e & 1) && !is_image(l, step, e)) w->ends = 0;
}

bool wg__reads_either_layout(const wg__layouts *l, const wg__step *step, int end)
{
    return (step->call.op->traits & WG_STRIDED) && is_image(l, step, end);
}

static void ask(wg__layouts *l, int storage)
{
    if (storage < 0) return;
    l->image[storage].asked = true;
    l->image[storage].readers[0]++;
}

/* Outputs and updates are packed. */
static void count_asked(wg__layouts *l)
{
    const wg_plan *plan = l->plan;
    for (int i = 0; i < plan->outputs.count; i++) ask(l, plan->output_storage[i]);
    for (int i = 0; i < plan->commits; i++) ask(l, plan->commit[i].storage);
}

/* Finds images, ways and readers; false when no way spares anything. */
static bool look(wg__layouts *l)
{
    const wg_plan *plan = l->plan;
    bool           any = false;
    for (int i = 0; i < l->storages; i++) l->image[i].turned = l->image[i].cluster = -1;
    for (int s = 0; s < l->steps; s++) {
        const wg__step *step = &plan->step[s];
        for (int e = 0; e < step->call.inputs + step->call.outputs; e++) {
            wg__image *of = &l->image[step->storage[e]];
            if (!of->type && is_whole(plan, step, e)) of->type = step->call.x[e].type;
        }
        l->way[s].into = s;
        if (s >= plan->constants) find_way(l, s);
        any = any || l->way[s].saves > 0;
        for (int i = 0; i < step->call.inputs; i++)
            if (!wg__reads_either_layout(l, step, i)) l->image[step->storage[i]].readers[0]++;
    }
    count_asked(l);
    return any;
}

/* ---- what to choose ---- */

static double turn_cost(const wg__image *of)
{
    return of->readers[!of->last] > 0 && !wg__is_either_layout(of->type)
               ? TURN * (double)of->type->count
               : 0;
}

/* Whether end e is one that follows the step's layout, and its storage is met for the first time. */
static bool follows(const wg__layouts *l, int s, int e)
{
    const int *storage = l->plan->step[s].storage;
    if (!(l->way[s].ends >> e & 1)) return false;
    for (int i = 0; i < e; i++)
        if ((l->way[s].ends >> i & 1) && storage[i] == storage[e]) return false;
    return true;
}

static double cost_around(const wg__layouts *l, int s)
{
    double cost = l->way[s].last ? -l->way[s].saves : 0;
    for (int e = 0; e < wg__ends_of(&l->plan->step[s]); e++)
        if (follows(l, s, e)) cost += turn_cost(&l->image[l->plan->step[s].storage[e]]);
    return cost;
}

static void flip(wg__layouts *l, int s)
{
    const wg__step *step = &l->plan->step[s];
    const bool      last = l->way[s].last = !l->way[s].last;
    for (int e = 0; e < wg__ends_of(&l->plan->step[s]); e++) {
        wg__image *of = &l->image[step->storage[e]];
        if (!(l->way[s].ends >> e & 1)) continue;
        if (e >= step->call.inputs) {
            of->last = last;
        } else if (!wg__reads_either_layout(l, step, e)) {
            of->readers[last]++;
            of->readers[!last]--;
        }
    }
}

/* Whether the step has an image that somebody gives or wants with channels last. */
static bool touches_cluster(const wg__layouts *l, int s)
{
    for (int e = 0; e < wg__ends_of(&l->plan->step[s]); e++) {
        const wg__image *of = &l->image[l->plan->step[s].storage[e]];
        if ((l->way[s].ends >> e & 1) && (of->last || of->readers[1] > 0)) return true;
    }
    return false;
}

/*
 * Flips the step if that is cheaper, or costs nothing and a cluster grows; with `leave` also one that
 * is in a cluster.
 */
static void consider(wg__layouts *l, int s, bool leave)
{
    if (!l->way[s].ends || (l->way[s].last && !leave)) return;
    const double before = cost_around(l, s);
    const bool   grows = !l->way[s].last && touches_cluster(l, s);
    flip(l, s);
    const double after = cost_around(l, s);
    if (after > before || (after == before && !grows)) flip(l, s);
}

/* Clusters grow from their seeds before a step may leave one. */
static void grow(wg__layouts *l)
{
    for (int s = 0; s < l->steps; s++)
        if (l->way[s].saves > 0) flip(l, s);
    for (int leave = 0; leave < 2; leave++) {
        for (int s = 0; s < l->steps; s++) consider(l, s, leave);
        for (int s = l->steps - 1; s >= 0; s--) consider(l, s, leave);
    }
}

/* ---- clusters ---- */

static int first_of(wg__layouts *l, int s)
{
    while (l->way[s].into != s) s = l->way[s].into = l->way[l->way[s].into].into;
    return s;
}

/* Gives up the clusters that do not pay. */
static void give_up(wg__layouts *l)
{
    for (int s = 0; s < l->steps; s++)
        for (int e = 0; e < wg__ends_of(&l->plan->step[s]) && l->way[s].last; e++) {
            wg__image *of = &l->image[l->plan->step[s].storage[e]];
            if (!(l->way[s].ends >> e & 1)) continue;
            if (of->cluster < 0) of->cluster = s;
            l->way[first_of(l, s)].into = first_of(l, of->cluster);
        }
    for (int s = 0; s < l->steps; s++)
        if (l->way[s].last) l->way[first_of(l, s)].cost -= l->way[s].saves;
    for (int i = 0; i < l->storages; i++)
        if (l->image[i].cluster >= 0)
            l->way[first_of(l, l->image[i].cluster)].cost += turn_cost(&l->image[i]);
    for (int s = 0; s < l->steps; s++)
        if (l->way[s].last && l->way[first_of(l, s)].cost >= 0) flip(l, s);
}

static bool choose(wg__layouts *l)
{
    if (!look(l)) return false;
    grow(l);
    give_up(l);
    for (int s = 0; s < l->steps; s++)
        if (l->way[s].last) return true;
    return false;
}

bool wg__plan_layouts(wg_plan *plan)
{
    const wg_allocator *allocator = &plan->tape->allocator;
    wg__layouts         l = {.plan = plan, .storages = plan->storages, .steps = plan->steps};
    bool                any = false, good = true;
    for (int s = plan->constants; s < plan->steps; s++)
        any = any || plan->step[s].call.op->channels_last;
    if (!any) return true;
    const size_t steps = (size_t)l.steps;
    l.image = wg__alloc_zero(allocator, (size_t)l.storages * sizeof *l.image);
    l.way = wg__alloc_zero(allocator, steps * sizeof *l.way);
    wg__step *old = wg__alloc(allocator, steps * sizeof *old);
    good = l.image && l.way && old;
    if (good && choose(&l)) {
        memcpy(old, plan->step, steps * sizeof *old);
        good = wg__lay_out(&l, old);
    }
    wg__free(allocator, l.image);
    wg__free(allocator, l.way);
    wg__free(allocator, old);
    return good || wg__out_of_memory(plan->tape);
}
