// SPDX-License-Identifier: MIT
/*
 * Shapes, types and views. Where a size is 0 the count is 0, but the product of all sizes, each
 * counted as 1 at least, must fit as well: it bounds every stride, so that none overflows later.
 */
#include "shape.h"

#include <stdio.h>

/* Leaves room for what a buffer holds besides its elements: address, alignment, padding. */
#define LARGEST (INT64_MAX - 4096)

bool wg__multiply(int64_t a, int64_t b, int64_t *product)
{
    int64_t whole;
    if (__builtin_mul_overflow(a, b, &whole)) return false;
    *product = whole;
    return true;
}

/* How many axes may be looked at: the rank, unless it is one that no type can have. */
static int axes_of(const wg_shape *shape)
{
    return shape->rank < 0 ? 0 : shape->rank < WG_MAX_RANK ? (int)shape->rank : WG_MAX_RANK;
}

const char *wg_shape_text(wg_shape shape, char text[WG_SHAPE_TEXT])
{
    const int axes = axes_of(&shape);
    size_t end = 0;
    text[end++] = '(';
    for (int axis = 0; axis < axes; axis++) {
        const char *comma = axis + 1 < axes || axes == 1 ? "," : "";
        end += (size_t)snprintf(text + end, WG_SHAPE_TEXT - end, "%lld%s",
                                (long long)shape.dim[axis], comma);
    }
    text[end++] = ')';
    text[end] = '\0';
    return text;
}

bool wg_shape_equal(wg_shape a, wg_shape b)
{
    if (a.rank != b.rank) return false;
    for (int axis = 0; axis < axes_of(&a); axis++)
        if (a.dim[axis] != b.dim[axis]) return false;
    return true;
}

bool wg_type_make(wg_dtype dtype, wg_shape shape, wg_type *type)
{
    const size_t size = wg_dtype_size(dtype);
    if (size == 0 || shape.rank < 0 || shape.rank > WG_MAX_RANK) return false;

    int64_t bytes = (int64_t)size;
    bool empty = false;
    for (int axis = 0; axis < shape.rank; axis++) {
        const int64_t dim = shape.dim[axis];
        if (dim < 0 || !wg__multiply(bytes, dim ? dim : 1, &bytes)) return false;
        empty |= dim == 0;
    }
    if (bytes > LARGEST) return false;
    for (int64_t axis = shape.rank; axis < WG_MAX_RANK; axis++) shape.dim[axis] = 0;
    *type = (wg_type){.dtype = dtype, .shape = shape, .count = empty ? 0 : bytes / (int64_t)size};
    return true;
}

bool wg_type_equal(const wg_type *a, const wg_type *b)
{
    return a->dtype == b->dtype && wg_shape_equal(a->shape, b->shape);
}

/* The size of the axis that stands `back` places before the end; 1 where the shape has none. */
static int64_t dim_from_end(const wg_shape *shape, int64_t back)
{
    return back <= shape->rank ? shape->dim[shape->rank - back] : 1;
}

bool wg_shape_broadcast(wg_shape a, wg_shape b, wg_shape *common)
{
    if (a.rank != axes_of(&a) || b.rank != axes_of(&b)) return false;
    wg_shape both = {.rank = a.rank > b.rank ? a.rank : b.rank};
    for (int64_t back = 1; back <= both.rank; back++) {
        const int64_t m = dim_from_end(&a, back), n = dim_from_end(&b, back);
        if (m != n && m != 1 && n != 1) return false;
        both.dim[both.rank - back] = m == 1 ? n : m;
    }
    *common = both;
    return true;
}

void wg_shape_strides(wg_shape shape, int64_t stride[WG_MAX_RANK])
{
    int64_t step = 1;
    for (int axis = WG_MAX_RANK - 1; axis >= 0; axis--) {
        const bool used = axis < shape.rank;
        stride[axis] = used ? step : 0;
        if (used && shape.dim[axis] > 1) wg__multiply(step, shape.dim[axis], &step);
    }
}

/* In integers, because C has no arithmetic on pointers to memory that does not exist. */
void wg_view_advance(wg_view *view, int64_t elements)
{
    const uintptr_t bytes = (uintptr_t)elements * wg_dtype_size(view->type->dtype);
    view->data = (void *)((uintptr_t)view->data + bytes);
}

bool wg_view_is_contiguous(const wg_view *view)
{
    if (view->type->count == 0) return true;
    int64_t packed[WG_MAX_RANK];
    wg_shape_strides(view->type->shape, packed);
    for (int axis = 0; axis < view->type->shape.rank; axis++)
        if (view->type->shape.dim[axis] != 1 && view->stride[axis] != packed[axis]) return false;
    return true;
}
