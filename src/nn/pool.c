// SPDX-License-Identifier: MIT
/* Pooling of sequences, to a given size, and over all places. */
#include "pool.h"

#include "../ops/cast.h"
#include "../ops/layout.h"
#include "../ops/matmul.h"
#include "../ops/pool2d.h"
#include "../ops/reduce.h"
#include "layer.h"

/* ---- of sequences: images of height 1 ---- */

wg_tensor *wg_nn_max_pool1d_with(struct wg_nn_pool1d p)
{
    if (!wg__layer_rank(p.x, "max_pool1d", 3, 3)) return NULL;
    wg_tensor *y = wg_max_pool2d(wg_unsqueeze(p.x, 2), .kernel = {1, p.kernel},
                                 .stride = {p.stride ? 1 : 0, p.stride}, .pad = {0, p.padding},
                                 .dilation = {p.dilation ? 1 : 0, p.dilation});
    return wg_squeeze(y, WG_AXES(2));
}

wg_tensor *wg_nn_avg_pool1d_with(struct wg_nn_pool1d p)
{
    if (!wg__layer_rank(p.x, "avg_pool1d", 3, 3)) return NULL;
    if (p.dilation != 0) {
        wg_tape_error_set(wg_tape_of(p.x), "avg_pool1d: dilation is of max_pool1d");
        return NULL;
    }
    wg_tensor *y = wg_avg_pool2d(wg_unsqueeze(p.x, 2), .kernel = {1, p.kernel},
                                 .stride = {p.stride ? 1 : 0, p.stride}, .pad = {0, p.padding},
                                 .exclude_pad = p.exclude_pad);
    return wg_squeeze(y, WG_AXES(2));
}

/* ---- to a given size ---- */

/* Fills (size, to): column k has 1 / count at the places of window k. */
static void fill_shares(double *share, int64_t size, int64_t to)
{
    for (int64_t k = 0; k < to; k++) {
        const int64_t first = k * size / to, end = ((k + 1) * size + to - 1) / to;
        for (int64_t i = 0; i < size; i++)
            share[i * to + k] = first <= i && i < end ? 1 / (double)(end - first) : 0;
    }
}

/* The matrix that takes an axis of this size, on the right, to the averages of `to` windows. */
static wg_tensor *shares(wg_tensor *x, int64_t size, int64_t to)
{
    wg_tape            *tape = wg_tape_of(x);
    const wg_allocator *allocator = wg_tape_settings(tape)->allocator;
    wg_type             type;
    double             *share = wg_type_make(WG_F64, WG_SHAPE(size, to), &type)
                                    ? wg__alloc(allocator, wg__type_bytes(&type))
                                    : NULL;
    if (!share) {
        wg_tape_error_set(tape, "out of memory");
        return NULL;
    }
    fill_shares(share, size, to);
    wg_tensor *y = wg_constant(tape, WG_F64, type.shape, share, type.count);
    wg__free(allocator, share);
    return wg_cast(y, wg_dtype_of(x));
}

wg_tensor *wg_nn_adaptive_avg_pool2d(wg_tensor *x, int64_t rows, int64_t columns)
{
    if (!wg__layer_rank(x, "adaptive_avg_pool2d", 4, 4) ||
        !wg__layer_positive(x, "adaptive_avg_pool2d", "size", rows) ||
        !wg__layer_positive(x, "adaptive_avg_pool2d", "size", columns))
        return NULL;
    const wg_shape shape = wg_shape_of_tensor(x);
    const int64_t  h = shape.dim[2], w = shape.dim[3];
    if (h > 0 && w > 0 && h % rows == 0 && w % columns == 0)
        return wg_avg_pool2d(x, .kernel = {h / rows, w / columns});
    wg_tensor *narrow = wg_matmul(x, shares(x, w, columns));
    return wg_matmul(wg_transpose(shares(x, h, rows)), narrow);
}

wg_tensor *wg_nn_adaptive_avg_pool1d(wg_tensor *x, int64_t size)
{
    if (!wg__layer_rank(x, "adaptive_avg_pool1d", 3, 3)) return NULL;
    return wg_squeeze(wg_nn_adaptive_avg_pool2d(wg_unsqueeze(x, 2), 1, size), WG_AXES(2));
}

/* ---- over all places ---- */

static wg_axes places_of(wg_tensor *x)
{
    wg_axes axes = {.count = wg_shape_of_tensor(x).rank - 2};
    for (int64_t k = 0; k < axes.count; k++) axes.axis[k] = k + 2;
    return axes;
}

wg_tensor *wg_nn_global_avg_pool(wg_tensor *x)
{
    return wg__layer_rank(x, "global_avg_pool", 3, WG_MAX_RANK) ? wg_mean(x, places_of(x)) : NULL;
}

wg_tensor *wg_nn_global_max_pool(wg_tensor *x)
{
    return wg__layer_rank(x, "global_max_pool", 3, WG_MAX_RANK) ? wg_amax(x, places_of(x)) : NULL;
}
