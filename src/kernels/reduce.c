// SPDX-License-Identifier: MIT
/* How a reduction's axes are arranged into loops: the same for every element type. */
#include "reduce.h"

/*
 * Adds a loop inside the others, or makes the last one longer when its steps allow it: the order of
 * elements stays the same.
 */
static void push(struct wg__loops *loops, int64_t dim, int64_t stride)
{
    const int last = loops->rank - 1;
    loops->count *= dim;
    if (last >= 0 && loops->stride[last] == dim * stride) {
        loops->dim[last] *= dim;
        loops->stride[last] = stride;
        return;
    }
    loops->dim[loops->rank] = dim;
    loops->stride[loops->rank++] = stride;
}

struct wg__reduction wg__reduction_make(const wg_view *x, unsigned axes)
{
    const wg_shape *shape = &x->type->shape;
    int             last = (int)shape->rank - 1, first;
    while (last >= 0 && shape->dim[last] == 1) last--;
    struct wg__reduction r = {.inner_is_reduced = last < 0 || (axes >> last & 1)};
    r.kept.count = r.reduced.count = r.inner.count = 1;
    for (first = last + 1; first > 0; first--)
        if (shape->dim[first - 1] != 1 && (axes >> (first - 1) & 1) != r.inner_is_reduced) break;
    for (int i = 0; i <= last; i++)
        if (shape->dim[i] != 1)
            push(i >= first        ? &r.inner
                 : (axes >> i & 1) ? &r.reduced
                                   : &r.kept,
                 shape->dim[i], x->stride[i]);
    return r;
}

/* Stretches of WG__LANES in a row of y whose axes are kept. */
static int64_t stretches(const struct wg__reduction *r)
{
    return (r->inner.count + WG__LANES - 1) / WG__LANES;
}

int64_t wg__reduction_units(const struct wg__reduction *r)
{
    return r->inner_is_reduced ? r->kept.count : r->kept.count * stretches(r);
}

struct wg__columns wg__reduction_columns(const struct wg__reduction *r, struct wg__range units)
{
    const int64_t      all = stretches(r), row = units.first / all, first = units.first - row * all;
    const int64_t      many = units.end - units.first, left = all - first;
    const int64_t      end = first + (many < left ? many : left);
    struct wg__columns some = {.row = row, .next = units.first + end - first};
    some.columns.first = first * WG__LANES;
    some.columns.end = end == all ? r->inner.count : end * WG__LANES;
    return some;
}

struct wg__range wg__reduction_elements(const struct wg__reduction *r, struct wg__range units)
{
    if (r->inner_is_reduced || units.first == units.end) return units;
    const struct wg__range   last = {.first = units.end - 1, .end = units.end};
    const struct wg__columns from = wg__reduction_columns(r, units),
                             to = wg__reduction_columns(r, last);
    return (struct wg__range){.first = from.row * r->inner.count + from.columns.first,
                              .end = to.row * r->inner.count + to.columns.end};
}

struct wg__place wg__place_of(const struct wg__loops *loops, int64_t index)
{
    struct wg__place place = {.offset = 0};
    for (int i = loops->rank - 1; i >= 0; i--) {
        place.at[i] = index % loops->dim[i];
        place.offset += place.at[i] * loops->stride[i];
        index /= loops->dim[i];
    }
    return place;
}
