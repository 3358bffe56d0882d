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

void wg__reduction_make(const wg_view *x, unsigned axes, struct wg__reduction *reduction)
{
    const wg_shape *shape = &x->type->shape;
    int             last = (int)shape->rank - 1, first;
    while (last >= 0 && shape->dim[last] == 1) last--;
    reduction->x = x->data;
    reduction->inner_is_reduced = last < 0 || (axes >> last & 1);
    reduction->kept.rank = reduction->reduced.rank = reduction->inner.rank = 0;
    reduction->kept.count = reduction->reduced.count = reduction->inner.count = 1;
    for (first = last + 1; first > 0; first--)
        if (shape->dim[first - 1] != 1 && (axes >> (first - 1) & 1) != reduction->inner_is_reduced)
            break;
    for (int i = 0; i <= last; i++) {
        if (shape->dim[i] == 1) continue;
        push(i >= first        ? &reduction->inner
             : (axes >> i & 1) ? &reduction->reduced
                               : &reduction->kept,
             shape->dim[i], x->stride[i]);
    }
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
