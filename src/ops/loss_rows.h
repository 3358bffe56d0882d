// SPDX-License-Identifier: MIT
/* Rows of numbers with a class for each: what the kernels of cross entropy read. */
#ifndef WENGERT_OPS_LOSS_ROWS_H
#define WENGERT_OPS_LOSS_ROWS_H

#include "../graph/op.h"
#include "../kernels/index.h"

/*
 * The rows of a cross entropy: input 0 is (..., classes), input 1 has a class for each. `bad` is the
 * first one whose class is none, or -1: every part looks at all of them, so that all say the same.
 */
struct rows {
    int64_t     count, classes, bad;
    const void *target;
    wg_dtype    dtype;
};

static inline struct rows rows_of(const wg_call *call)
{
    const wg_shape       *shape = &call->x[0].type->shape;
    struct rows           rows = {.count = call->x[1].type->count,
                                  .classes = shape->dim[shape->rank - 1],
                                  .target = call->x[1].data,
                                  .dtype = call->x[1].type->dtype};
    const struct wg__rows indices = {
        .axis = rows.classes, .count = rows.count, .index = rows.dtype};
    rows.bad = wg__index_find_bad(&indices, rows.target);
    return rows;
}

static inline int flag(const wg_call *call, const struct rows *rows)
{
    return wg_flag(call, "class %lld is not one of %lld",
                   wg__index_at(rows->target, rows->dtype, rows->bad), rows->classes);
}

#endif
