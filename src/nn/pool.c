// SPDX-License-Identifier: MIT
/* Pooling of sequences, to a given size, and over all places. */
#include "pool.h"

#include "../ops/cast.h"
#include "../ops/index.h"
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

/* The windows of an axis of this size, `to` of them. */
typedef struct windows {
    wg_tensor *x;
    int64_t    size, to;
} windows;

static int64_t first_of(const windows *w, int64_t k)
{
    return k * w->size / w->to;
}

static int64_t end_of(const windows *w, int64_t k)
{
    return ((k + 1) * w->size + w->to - 1) / w->to;
}

/* Room for the longest of them. */
static int64_t length_of(const windows *w)
{
    return w->size % w->to == 0 ? w->size / w->to : w->size / w->to + 2;
}

/* Fills (size, to): column k has 1 / count at the places of window k. */
static void fill_shares(double *share, const windows *w)
{
    for (int64_t k = 0; k < w->to; k++) {
        const int64_t first = first_of(w, k), end = end_of(w, k);
        for (int64_t i = 0; i < w->size; i++)
            share[i * w->to + k] = first <= i && i < end ? 1 / (double)(end - first) : 0;
    }
}

/* Fills (to, length): row k has the places of window k, the last one again where it is shorter. */
static void fill_places(double *place, const windows *w)
{
    for (int64_t k = 0; k < w->to; k++)
        for (int64_t i = first_of(w, k), j = 0; j < length_of(w); j++) {
            *place++ = (double)i;
            if (i < end_of(w, k) - 1) i++;
        }
}

/* A constant of this shape, as it is filled. */
static wg_tensor *table(const windows *w, wg_shape shape, wg_dtype dtype,
                        void (*fill)(double *, const windows *))
{
    wg_tape            *tape = wg_tape_of(w->x);
    const wg_allocator *allocator = wg_tape_settings(tape)->allocator;
    wg_type             type;
    int64_t             most;
    double *values = wg__multiply(w->size + 1, w->to, &most) && wg_type_make(WG_F64, shape, &type)
                         ? wg__alloc(allocator, wg__type_bytes(&type))
                         : NULL;
    if (!values) {
        wg_tape_error_set(tape, "out of memory");
        return NULL;
    }
    fill(values, w);
    wg_tensor *y = wg_constant(tape, WG_F64, shape, values, type.count);
    wg__free(allocator, values);
    return wg_cast(y, dtype);
}

/* The matrix that takes an axis, on the right, to the averages of its windows. */
static wg_tensor *shares(const windows *w)
{
    return table(w, WG_SHAPE(w->size, w->to), wg_dtype_of(w->x), fill_shares);
}

/* y with the windows of an axis behind each other, all of one length. */
static wg_tensor *spread(wg_tensor *y, int64_t axis, const windows *w)
{
    if (w->size % w->to == 0) return y;
    wg_tensor *places = table(w, WG_SHAPE(w->to, length_of(w)), WG_I64, fill_places);
    return wg_index_select(y, axis, wg_flatten(places, 0));
}

static bool fits(wg_tensor *x, const char *name, int64_t rows, int64_t columns)
{
    return wg__layer_rank(x, name, 4, 4) && wg__layer_positive(x, name, "size", rows) &&
           wg__layer_positive(x, name, "size", columns);
}

wg_tensor *wg_nn_adaptive_avg_pool2d(wg_tensor *x, int64_t rows, int64_t columns)
{
    if (!fits(x, "adaptive_avg_pool2d", rows, columns)) return NULL;
    const wg_shape shape = wg_shape_of_tensor(x);
    const windows  down = {x, shape.dim[2], rows}, right = {x, shape.dim[3], columns};
    if (down.size > 0 && right.size > 0 && down.size % rows == 0 && right.size % columns == 0)
        return wg_avg_pool2d(x, .kernel = {length_of(&down), length_of(&right)});
    wg_tensor *narrow = wg_matmul(x, shares(&right));
    return wg_matmul(wg_transpose(shares(&down)), narrow);
}

wg_tensor *wg_nn_adaptive_max_pool2d(wg_tensor *x, int64_t rows, int64_t columns)
{
    if (!fits(x, "adaptive_max_pool2d", rows, columns)) return NULL;
    const wg_shape shape = wg_shape_of_tensor(x);
    const windows  down = {x, shape.dim[2], rows}, right = {x, shape.dim[3], columns};
    return wg_max_pool2d(spread(spread(x, 2, &down), 3, &right),
                         .kernel = {length_of(&down), length_of(&right)});
}

wg_tensor *wg_nn_adaptive_avg_pool1d(wg_tensor *x, int64_t size)
{
    if (!wg__layer_rank(x, "adaptive_avg_pool1d", 3, 3)) return NULL;
    return wg_squeeze(wg_nn_adaptive_avg_pool2d(wg_unsqueeze(x, 2), 1, size), WG_AXES(2));
}

wg_tensor *wg_nn_adaptive_max_pool1d(wg_tensor *x, int64_t size)
{
    if (!wg__layer_rank(x, "adaptive_max_pool1d", 3, 3)) return NULL;
    return wg_squeeze(wg_nn_adaptive_max_pool2d(wg_unsqueeze(x, 2), 1, size), WG_AXES(2));
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
