// SPDX-License-Identifier: MIT
/* Random strided views for the tests of kernels. */
#ifndef WENGERT_TESTS_KERNELS_VIEW_H
#define WENGERT_TESTS_KERNELS_VIEW_H

#include "../../src/tensor/shape.h"
#include "lcg.h"

/* A view, its type, and the memory behind it. */
struct sample {
    wg_type type;
    wg_view view;
    void   *memory;
    int64_t count; /* elements of memory */
};

/* Rank 0 to 5, sizes from 0 to 6, and at times one long axis. */
static inline wg_shape shape_random(uint64_t *seed)
{
    wg_shape shape = {.rank = lcg_below(seed, 6)};
    for (int64_t i = 0; i < shape.rank; i++)
        shape.dim[i] = lcg_below(seed, 12) == 0 ? 0 : lcg_between(seed, 1, 5);
    const bool    has_long = lcg_below(seed, 8) == 0;
    const int64_t size = lcg_between(seed, 30, 200);
    if (shape.rank > 0 && has_long) shape.dim[lcg_below(seed, shape.rank)] = size;
    return shape;
}

/*
 * A view of this shape: axes in random order in memory, some reversed, some with gaps, and, where
 * `expand`, some of stride 0.
 */
static inline void sample_make(uint64_t *seed, wg_dtype dtype, wg_shape shape, bool expand,
                               struct sample *sample)
{
    int64_t order[WG_MAX_RANK], first = 0;
    wg_type_make(dtype, shape, &sample->type);
    for (int64_t i = 0; i < shape.rank; i++) order[i] = i;
    const bool shuffled = lcg_below(seed, 2) == 0;
    for (int64_t i = shape.rank - 1; shuffled && i > 0; i--) {
        const int64_t j = lcg_below(seed, i + 1), kept = order[i];
        order[i] = order[j], order[j] = kept;
    }
    sample->count = 1;
    sample->view = (wg_view){.type = &sample->type};
    for (int64_t i = shape.rank - 1; i >= 0; i--) {
        const int64_t axis = order[i], size = shape.dim[axis];
        if (expand && lcg_below(seed, 8) == 0) continue; /* stride 0 */
        const bool reversed = lcg_below(seed, 6) == 0;
        if (lcg_below(seed, 6) == 0) sample->count *= 2; /* a gap */
        sample->view.stride[axis] = reversed ? -sample->count : sample->count;
        if (reversed && size > 0) first += (size - 1) * sample->count;
        sample->count *= size > 0 ? size : 1;
    }
    sample->memory = exactly(sample->count, wg_dtype_size(dtype));
    sample->view.data = (char *)sample->memory + (size_t)first * wg_dtype_size(dtype);
}

/* The offset in a view of element number i in row-major order. */
static inline int64_t offset_of(const wg_view *view, int64_t i)
{
    const wg_shape *shape = &view->type->shape;
    int64_t         offset = 0;
    for (int64_t axis = shape->rank - 1; axis >= 0; axis--) {
        offset += i % shape->dim[axis] * view->stride[axis];
        i /= shape->dim[axis];
    }
    return offset;
}

#endif
