// SPDX-License-Identifier: MIT
/*
 * Shapes, types and views: how many elements, of what, and where each one lies.
 *
 * Order is row-major, sizes are int64_t, rank is 0 to 8, and a size of zero is legal. Every product of
 * sizes in the library is made here, where it is checked for overflow.
 */
#ifndef WENGERT_TENSOR_SHAPE_H
#define WENGERT_TENSOR_SHAPE_H

#include "dtype.h"

/* The highest rank of a tensor. */
#define WG_MAX_RANK 8

/* Sizes of each axis, outermost first. Axes from `rank` on are zero. */
typedef struct wg_shape {
    int64_t rank;
    int64_t dim[WG_MAX_RANK];
} wg_shape;

/* A shape written in place: WG_SHAPE(1, 1, 6, 6). WG_SCALAR is the shape of a single number, rank 0. */
#ifdef __cplusplus
#define WG_SHAPE(...) wg_shape_of({__VA_ARGS__})
#define WG_SCALAR     (wg_shape{})
#else
#define WG_SHAPE(...)                                                                                 \
    ((wg_shape){.rank = sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), .dim = {__VA_ARGS__}})
#define WG_SCALAR ((wg_shape){.rank = 0})
#endif

/* What a tensor is, its values left out. `count` is the product of the sizes (1 for rank 0). */
typedef struct wg_type {
    wg_dtype dtype;
    wg_shape shape;
    int64_t  count;
} wg_type;

/*
 * Where the elements of a tensor lie: element (i, j, ...) is at data + i stride[0] + j stride[1] + ..., in
 * elements, not bytes. A stride may be 0 (expanded) or negative (reversed).
 */
typedef struct wg_view {
    void          *data;
    const wg_type *type;
    int64_t        stride[WG_MAX_RANK];
} wg_view;

WG_BEGIN_DECLS

/* The longest text that wg_shape_text writes, its closing zero included. */
#define WG_SHAPE_TEXT 200

/* Writes "(2,3)" into `text`, which is also returned; "()" for rank 0, "(5,)" for rank 1. */
WG_API const char *wg_shape_text(wg_shape shape, char text[WG_SHAPE_TEXT]);

/* True when rank and sizes agree. */
WG_API bool wg_shape_equal(wg_shape a, wg_shape b);

/*
 * The type of `shape` elements of `dtype`, in *type. False when there is none: not a dtype, a rank beyond
 * WG_MAX_RANK, a negative size, or a count whose bytes pass INT64_MAX.
 */
WG_API bool wg_type_make(wg_dtype dtype, wg_shape shape, wg_type *type);

/* True when dtype and shape agree. */
WG_API bool wg_type_equal(const wg_type *a, const wg_type *b);

/*
 * The shape to which a and b broadcast, in *common: aligned at the last axis, where sizes are equal or one of
 * them is 1 (or missing). False when they do not. https://numpy.org/doc/stable/user/basics.broadcasting.html
 */
WG_API bool wg_shape_broadcast(wg_shape a, wg_shape b, wg_shape *common);

/* Writes the strides of row-major order, packed, for `shape`. */
WG_API void wg_shape_strides(wg_shape shape, int64_t stride[WG_MAX_RANK]);

/* Moves the view's first element by so many elements. Its memory need not exist yet. */
WG_API void wg_view_advance(wg_view *view, int64_t elements);

/* True when the view's elements lie packed in row-major order (axes of size 1 and empty views do not matter). */
WG_API bool wg_view_is_contiguous(const wg_view *view);

WG_END_DECLS

/* ---- private to the library ---- */

/* a b in *product; false when it leaves int64_t. Both must not be negative. */
bool wg__multiply(int64_t a, int64_t b, int64_t *product);

/* Bytes of a type's elements. wg_type_make saw to it that they fit. */
static inline size_t wg__type_bytes(const wg_type *type)
{
    return (size_t)type->count * wg_dtype_size(type->dtype);
}

/* An axis of a tensor of rank `rank`, negative ones counted from the end; -1 when out of range. */
static inline int wg__axis(int64_t axis, int64_t rank)
{
    if (axis < -rank || axis >= rank) return -1;
    return (int)(axis < 0 ? axis + rank : axis);
}

#ifdef __cplusplus
#include <initializer_list>
/* A shape from a braced list, for C++, which has no compound literals; sizes beyond WG_MAX_RANK give a bad rank. */
inline wg_shape wg_shape_of(std::initializer_list<int64_t> sizes)
{
    wg_shape shape = {};
    for (int64_t size : sizes) {
        if (shape.rank < WG_MAX_RANK) shape.dim[shape.rank] = size;
        shape.rank++;
    }
    return shape;
}
#endif

#endif
