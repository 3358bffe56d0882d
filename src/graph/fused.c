// SPDX-License-Identifier: MIT
/*
 * Fused steps: how one is put together from its members, and how it runs. The members pass tiles of
 * elements to each other in registers: pieces of scratch that stay in the first-level cache.
 */
#include "plan_internal.h"

#include "../kernels/copy.h"

#include <string.h>

enum {
    TILE_BYTES = 24576, /* of all registers together */
    LEAST_TILE = 512,
    MOST_TILE = 4096,
    NOWHERE = INT32_MIN
};

static const wg_op op_fused = {.name = "fused",
                               .inputs = WG_VARIADIC,
                               .outputs = WG_VARIADIC,
                               .traits = WG_STRIDED,
                               .formula = "y = the members' formulas, one after the other",
                               .rule = "none"};

/* A fused step while it is put together. Places: ~register, or an end; outputs count from MOST. */
typedef struct weaving {
    wg_plan    *plan;
    wg__step   *step;
    wg__fused  *fused;
    const bool *outside;
    int        *place; /* of a storage that a member wrote */
    int        *last;  /* of a storage: the last member that reads it */
    wg_stretches by;   /* of members that are the first stage of a reduction */
    int         inputs, outputs, most_inputs;
    bool        taken[64]; /* registers */
} weaving;

/* ---- putting together ---- */

/* The end of the step for what a member reads: that of an equal input, or a new one. */
static int input_end(weaving *w, const wg__step *member, int i)
{
    wg__step      *step = w->step;
    const wg_view *x = &member->call.x[i];
    for (int e = 0; e < w->inputs; e++)
        if (step->storage[e] == member->storage[i] && step->offset[e] == member->offset[i] &&
            wg_type_equal(step->call.x[e].type, x->type) &&
            memcmp(step->call.x[e].stride, x->stride, sizeof x->stride) == 0)
            return e;
    const int e = w->inputs++;
    step->call.x[e] = *x;
    step->storage[e] = member->storage[i];
    step->offset[e] = member->offset[i];
    step->names[e] = member->names[i];
    return e;
}

static int free_register(weaving *w)
{
    int r = 0;
    while (w->taken[r]) r++;
    w->taken[r] = true;
    if (r >= w->fused->registers) w->fused->registers = r + 1;
    return r;
}

/* The register of an input that nobody reads after member m, when the output may overwrite it; -1. */
static int inherited_register(const weaving *w, const wg__step *member, int m)
{
    const size_t size = wg_dtype_size(member->call.y[0].type->dtype);
    for (int i = 0; i < member->call.inputs; i++) {
        const int storage = member->storage[i];
        if (w->place[storage] < 0 && w->place[storage] != NOWHERE && w->last[storage] == m &&
            wg_dtype_size(member->call.x[i].type->dtype) == size)
            return ~w->place[storage];
    }
    return -1;
}

/* The place of what member m writes: an output, when others read it too, else a register. */
static int output_place(weaving *w, const wg__step *member, int m)
{
    const int storage = member->storage[member->call.inputs];
    if (w->outside[storage]) {
        const int e = w->most_inputs + w->outputs++;
        w->step->call.x[e] = member->call.y[0];
        w->step->storage[e] = storage;
        w->step->offset[e] = 0;
        return e;
    }
    w->plan->storage[storage].bytes = 0; /* no memory of its own any more */
    const int inherited = inherited_register(w, member, m);
    const int r = inherited >= 0 ? inherited : free_register(w);
    for (int i = 0; i < member->call.inputs; i++) {
        const int place = w->place[member->storage[i]];
        if (place < 0 && place != NOWHERE && w->last[member->storage[i]] == m && ~place != r)
            w->taken[~place] = false;
    }
    return ~r;
}

static void add_member(weaving *w, const wg__step *from, int m)
{
    wg__member *member = &w->fused->member[m];
    const int   inputs = from->call.inputs;
    member->call = from->call;
    if (from->call.stretches.part) w->by = from->call.stretches;
    member->kernel = from->inner ? from->inner : from->kernel;
    w->step->call.channels_last |= from->call.channels_last; /* for reports */
    for (int i = 0; i < inputs; i++) {
        const int place = w->place[from->storage[i]];
        member->end[i] = place != NOWHERE ? place : input_end(w, from, i);
    }
    member->end[inputs] = w->place[from->storage[inputs]] = output_place(w, from, m);
    for (int i = 0; i <= inputs; i++) {
        const size_t size = wg_dtype_size(from->call.x[i].type->dtype);
        if (member->end[i] < 0 && size > w->fused->width) w->fused->width = size;
    }
}

/* Moves the outputs behind the inputs, now that all are known. */
static void close_ends(weaving *w)
{
    const int gap = w->most_inputs - w->inputs;
    wg__step_close(w->step, w->most_inputs, w->inputs, w->outputs);
    for (int m = 0; m < w->fused->members; m++)
        for (int i = 0; i <= w->fused->member[m].call.inputs; i++)
            if (w->fused->member[m].end[i] >= w->most_inputs) w->fused->member[m].end[i] -= gap;
}

/* The end to which a member writes one number of each stretch; -1. */
static int numbers_end(const wg__member *member)
{
    return member->call.stretches.part ? member->end[1] : -1;
}

/* Views of all ends with the shape of the elements: NULL without memory. */
static const wg_view **elements(const weaving *w)
{
    const int       ends = w->inputs + w->outputs;
    const wg_view **view = wg__plan_take(w->plan, (size_t)ends * sizeof *view);
    wg_view        *spread = wg__plan_take(w->plan, sizeof *spread);
    if (!view || !spread) return NULL;
    for (int e = 0; e < ends; e++) view[e] = &w->step->call.x[e];
    for (int m = 0; m < w->fused->members; m++) {
        const wg__member *member = &w->fused->member[m];
        if (numbers_end(member) < 0) continue;
        wg__spread_numbers(&w->by, member->call.x[0].type, spread);
        view[numbers_end(member)] = spread;
    }
    return view;
}

/* Whether one loop will do: all ends move evenly, and tiles of whole rows, or one row, are all. */
static bool is_flat(const weaving *w, const wg_view *const *view)
{
    const int64_t count = view[0]->type->count;
    bool          flat = w->by.row == w->by.length || w->by.row == count;
    for (int e = 0; e < w->inputs + w->outputs && flat; e++) {
        int64_t dim[WG_MAX_RANK], stride[1][WG_MAX_RANK];
        if (view[e] == &w->step->call.x[e]) flat = wg__collapse(1, &view[e], dim, stride) == 1;
    }
    return flat;
}

/* The loops that all ends share, and how each end moves along the last of them. */
static bool set_loops(weaving *w)
{
    wg__step       *step = w->step;
    const int       ends = w->inputs + w->outputs;
    const wg_view **view = elements(w);
    if (!view) return false;
    if (is_flat(w, view)) {
        step->loops = 1;
        step->dim[0] = view[0]->type->count;
        for (int e = 0; e < ends; e++) {
            int64_t dim[WG_MAX_RANK], stride[1][WG_MAX_RANK];
            wg__collapse(1, &view[e], dim, stride);
            step->stride[e][0] = view[e] == &step->call.x[e] ? stride[0][0] : 0;
        }
    } else
        step->loops = wg__collapse(ends, view, step->dim, step->stride);
    const int inner = (int)step->loops - 1;
    for (int e = 0; e < ends; e++)
        w->fused->advance[e] =
            step->stride[e][inner] * (int64_t)wg_dtype_size(step->call.x[e].type->dtype);
    for (int m = 0; m < w->fused->members; m++) {
        wg__member *member = &w->fused->member[m];
        for (int i = 0; i < member->call.inputs; i++)
            member->call.step[i] = member->end[i] < 0 ? 1 : step->stride[member->end[i]][inner];
    }
    return true;
}

/* Tiles as long as the registers fit the cache, shared out among threads. */
static bool set_tiles(weaving *w)
{
    wg__step     *step = w->step;
    wg__fused    *fused = w->fused;
    const int64_t n = step->dim[step->loops - 1], count = step->call.x[0].type->count;
    fused->reduces = w->by.row > 0;
    fused->tile = MOST_TILE;
    if (fused->registers) fused->tile = TILE_BYTES / (fused->registers * (int64_t)fused->width);
    if (fused->tile > MOST_TILE) fused->tile = MOST_TILE;
    fused->tile = fused->tile < LEAST_TILE ? LEAST_TILE : fused->tile / 64 * 64;
    if (w->by.row && fused->tile > w->by.length) fused->tile -= fused->tile % w->by.length;
    if (fused->tile < w->by.length) fused->tile = w->by.length;
    if (fused->tile > n) fused->tile = n;
    fused->tiles = (n + fused->tile - 1) / fused->tile;
    fused->register_bytes = ((size_t)fused->tile * fused->width + 63) & ~(size_t)63;
    wg_parallel(&step->call, count / n * fused->tiles, (double)count * fused->members);
    step->parts = wg__parts(w->plan, step->call.units, step->call.operations);
    step->call.scratch_bytes = fused->register_bytes * (size_t)fused->registers;
    const size_t bases = (size_t)(step->parts * (w->inputs + w->outputs));
    fused->base = wg__plan_take(w->plan, bases * sizeof *fused->base);
    return fused->base && wg__step_scratch(w->plan, step);
}

/* Members for each part, so that threads do not write to the same views. */
static bool copy_members(wg_plan *plan, int parts, wg__fused *fused)
{
    const int   members = fused->members;
    wg__member *copy = wg__plan_take(plan, (size_t)(parts * members) * sizeof *copy);
    if (!copy) return false;
    for (int i = 0; i < parts * members; i++) {
        copy[i] = fused->member[i % members];
        if (i < members) continue;
        const size_t views = (size_t)copy[i].call.inputs + 1;
        copy[i].call.x = wg__plan_take(plan, views * sizeof *copy[i].call.x);
        if (!copy[i].call.x) return false;
        memcpy(copy[i].call.x, copy[i % members].call.x, views * sizeof *copy[i].call.x);
        copy[i].call.y = copy[i].call.x + copy[i].call.inputs;
    }
    fused->member = copy;
    return true;
}

wg__fused *wg__fused_move(wg_plan *plan, const wg__step *step, const wg__fused *from, int ends,
                          const int *at)
{
    const int  most = step->call.inputs + step->call.outputs;
    wg__fused *fused = wg__plan_take(plan, sizeof *fused);
    int64_t   *advance = wg__plan_take(plan, (size_t)most * sizeof *advance);
    if (!fused || !advance) return NULL;
    *fused = *from;
    fused->advance = advance;
    for (int e = 0; e < ends; e++) advance[at[e]] = from->advance[e];
    for (int m = 0; m < from->members; m++) {
        const wg__member *member = &from->member[m];
        for (int i = 0; i <= member->call.inputs; i++)
            if (member->end[i] >= 0) member->end[i] = at[member->end[i]];
    }
    return copy_members(plan, step->parts, fused) ? fused : NULL;
}

/* The fused step with room for all that its members read and write, and for the members. */
static bool begin(weaving *w, int first, const int *next)
{
    wg_plan     *plan = w->plan;
    const int    members = w->step->call.outputs;
    const size_t ends = (size_t)(w->most_inputs + members);
    w->fused = w->step->fused = wg__plan_take(plan, sizeof *w->fused);
    wg__member *member = wg__plan_take(plan, (size_t)members * sizeof *member);
    int        *end = wg__plan_take(plan, ends * sizeof *end);
    if (!w->fused || !wg__step_rows(plan, w->step, (int)ends) || !member || !end) return false;
    w->fused->advance = wg__plan_take(plan, ends * sizeof *w->fused->advance);
    w->fused->member = member;
    w->fused->members = members;
    for (int s = first; s >= 0; s = next[s], member++) {
        member->end = end;
        end += plan->step[s].call.inputs + 1;
    }
    return w->fused->advance;
}

/* Where members find each other's values: nowhere yet; and how long those are needed. */
static void look_ahead(weaving *w, int first, const int *next)
{
    const wg_plan *plan = w->plan;
    int            m = 0;
    for (int s = first; s >= 0; s = next[s], m++) {
        const wg__step *step = &plan->step[s];
        for (int i = 0; i <= step->call.inputs; i++) {
            w->place[step->storage[i]] = NOWHERE;
            w->last[step->storage[i]] = m;
        }
    }
}

bool wg__step_fuse(wg_plan *plan, int first, const int *next, const bool *outside, int *place,
                   int *last, wg__step *made)
{
    weaving w = {.plan = plan, .outside = outside, .place = place, .last = last};
    int     members = 0;
    for (int s = first; s >= 0; s = next[s], members++) w.most_inputs += plan->step[s].call.inputs;
    wg__step *step = w.step = wg__step_new(plan, &op_fused, w.most_inputs, members);
    if (!step || !begin(&w, first, next)) return false;
    look_ahead(&w, first, next);
    int m = 0;
    for (int s = first; s >= 0; s = next[s]) add_member(&w, &plan->step[s], m++);
    close_ends(&w);
    if (!set_loops(&w) || !set_tiles(&w) || !copy_members(plan, step->parts, w.fused)) return false;
    step->where = plan->step[first].where;
    step->kernel = wg__run_fused;
    *made = *step;
    return true;
}

/* ---- running ---- */

/* Where each end's row number `row` begins. */
static void find_row(const wg__step *step, int64_t row, char **base)
{
    const int ends = step->call.inputs + step->call.outputs;
    for (int e = 0; e < ends; e++) base[e] = step->call.x[e].data;
    for (int64_t axis = step->loops - 2; axis >= 0; axis--) {
        const int64_t at = row % step->dim[axis];
        row /= step->dim[axis];
        for (int e = 0; e < ends; e++)
            base[e] +=
                at * step->stride[e][axis] * (int64_t)wg_dtype_size(step->call.x[e].type->dtype);
    }
}

/* Takes the elements from `at` on, `count` of them, of the row at `base` through all members. */
static void run_tile(const wg__fused *fused, wg__member *first, char *const *base, char *registers,
                     int64_t at, int64_t count)
{
    for (wg__member *member = first; member < first + fused->members; member++) {
        wg_call *call = &member->call;
        call->n = count;
        for (int i = 0; i <= call->inputs; i++) {
            const int end = member->end[i];
            call->x[i].data = end < 0 ? registers + (size_t)~end * fused->register_bytes
                                      : base[end] + at * fused->advance[end];
        }
        if (call->stretches.part)
            wg_view_advance(&call->y[0], at / call->stretches.length);
        member->kernel(call);
    }
}

int wg__run_fused(const wg_call *call)
{
    const wg__step  *step = call->owner;
    const wg__fused *fused = step->fused;
    const wg_range   share = wg_share(call);
    const int64_t    n = step->dim[step->loops - 1];
    wg__member      *members = fused->member + call->part * fused->members;
    char           **base = fused->base + call->part * (call->inputs + call->outputs);
    for (int64_t unit = share.first; unit < share.end; unit++) {
        const int64_t at = unit % fused->tiles * fused->tile;
        if (at == 0 || unit == share.first) find_row(step, unit / fused->tiles, base);
        run_tile(fused, members, base, call->scratch, at,
                 n - at < fused->tile ? n - at : fused->tile);
    }
    return 0;
}

void wg__fused_stretch(const wg__fused *fused, int part, char *const *base, char *registers,
                       int64_t first, int64_t count)
{
    for (int64_t end = first + count; first < end; first += fused->tile)
        run_tile(fused, fused->member + part * fused->members, base, registers, first,
                 end - first < fused->tile ? end - first : fused->tile);
}
