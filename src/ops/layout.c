// SPDX-License-Identifier: MIT
/*
 * Views: each op sets strides and moves no element. Reshapes of all kinds share one view and one
 * rule.
 */
#include "layout.h"

#include "../graph/tape.h"
#include "../kernels/copy.h"
#include "reduce.h"

#include <string.h>

#define TEXT(shape) wg_shape_text(shape, (char[WG_SHAPE_TEXT]){0})

/* ---- reshape, flatten, squeeze, unsqueeze ---- */

/*
 * Walks the axes of y from the last, splitting the loops that x's elements make in row-major order.
 * False when an axis of y would need two of them.
 */
static bool reshape_view(const void *attrs, const wg_view *x, wg_view *y)
{
    int64_t dim[WG_MAX_RANK], stride[1][WG_MAX_RANK];
    int     loop = wg__collapse(1, &x, dim, stride) - 1;
    (void)attrs;
    wg_shape_strides(y->type->shape, y->stride);
    if (y->type->count == 0) return true;
    for (int64_t k = y->type->shape.rank - 1; k >= 0; k--) {
        const int64_t size = y->type->shape.dim[k];
        if (size == 1) continue;
        if (dim[loop] == 1) loop--;
        if (dim[loop] % size != 0) return false;
        y->stride[k] = stride[0][loop];
        stride[0][loop] *= size;
        dim[loop] /= size;
    }
    return true;
}

static void reshape_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, wg_reshape(d->dy[0], wg_shape_of_tensor(d->x[0])));
}

/* Puts what remains of `count` in the place of a -1. */
static const char *resolve(wg_infer *i, int64_t count, wg_shape *shape)
{
    int64_t known = 1, open = -1;
    for (int64_t k = 0; k < shape->rank; k++)
        if (shape->dim[k] == -1 && open >= 0)
            return wg_refuse(i, "more than one size is -1");
        else if (shape->dim[k] == -1)
            open = k;
        else if (shape->dim[k] < 0 || !wg__multiply(known, shape->dim[k], &known))
            return wg_refuse(i, "size %lld of axis %lld will not do", (long long)shape->dim[k],
                             (long long)k);
    if (open < 0) return NULL;
    if (known == 0 || count % known != 0)
        return wg_refuse(i, "no size in place of -1 makes %lld elements out of %lld",
                         (long long)count, (long long)known);
    shape->dim[open] = count / known;
    return NULL;
}

static const char *reshape_infer(wg_infer *i)
{
    wg_shape shape = *(const wg_shape *)i->attrs;
    if (shape.rank < 0 || shape.rank > WG_MAX_RANK)
        return wg_refuse(i, "rank %lld is beyond %d", (long long)shape.rank, WG_MAX_RANK);
    const char *reason = resolve(i, i->x[0]->count, &shape);
    if (!reason) reason = wg_infer_output(i, 0, i->x[0]->dtype, shape);
    if (reason || i->y[0].count == i->x[0]->count) return reason;
    return wg_refuse(i, "%lld elements do not fill %s, which has %lld", (long long)i->x[0]->count,
                     TEXT(shape), (long long)i->y[0].count);
}

const wg_op wg_op_reshape = {
    .name = "reshape",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(wg_shape),
    .infer = reshape_infer,
    .view = reshape_view,
    .derive = reshape_derive,
    .formula = "y = x in another shape",
    .rule = "dx = dy in the shape of x",
};

wg_tensor *(wg_reshape)(wg_tensor *x, wg_shape shape)
{
    return wg_apply(&wg_op_reshape, &shape, WG_NO_DTYPE, &x, 1);
}

static const char *flatten_infer(wg_infer *i)
{
    const wg_shape *x = &i->x[0]->shape;
    int64_t         first = *(const int64_t *)i->attrs;
    if (first < -x->rank || first > x->rank) return wg__infer_axis(i, first, x->rank);
    if (first < 0) first += x->rank;
    wg_shape y = {.rank = first + 1};
    if (y.rank > WG_MAX_RANK) return wg_refuse(i, "the rank would be %lld", (long long)y.rank);
    memcpy(y.dim, x->dim, (size_t)first * sizeof *y.dim);
    y.dim[first] = 1;
    for (int64_t k = first; k < x->rank; k++) y.dim[first] *= x->dim[k]; /* fits, as x does */
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

const wg_op wg_op_flatten = {
    .name = "flatten",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(int64_t),
    .infer = flatten_infer,
    .view = reshape_view,
    .derive = reshape_derive,
    .formula = "y = x with its last axes made into one",
    .rule = "dx = dy in the shape of x",
};

wg_tensor *(wg_flatten)(wg_tensor *x, int64_t first_axis)
{
    return wg_apply(&wg_op_flatten, &first_axis, WG_NO_DTYPE, &x, 1);
}

static const char *squeeze_infer(wg_infer *i)
{
    const wg_axes  *axes = i->attrs;
    const wg_shape *x = &i->x[0]->shape;
    const char     *reason = wg__infer_axes(i, axes, x->rank);
    if (reason) return reason;
    const unsigned mask = wg__axes_mask(axes, x->rank);
    wg_shape       y = {.rank = 0};
    for (int64_t k = 0; k < x->rank; k++)
        if (!(mask >> k & 1) || (axes->count == 0 && x->dim[k] != 1))
            y.dim[y.rank++] = x->dim[k];
        else if (x->dim[k] != 1)
            return wg_refuse(i, "axis %lld has size %lld, not 1", (long long)k,
                             (long long)x->dim[k]);
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

const wg_op wg_op_squeeze = {
    .name = "squeeze",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(wg_axes),
    .infer = squeeze_infer,
    .view = reshape_view,
    .derive = reshape_derive,
    .formula = "y = x without axes of size 1",
    .rule = "dx = dy in the shape of x",
};

wg_tensor *(wg_squeeze)(wg_tensor *x, wg_axes axes)
{
    return wg_apply(&wg_op_squeeze, &axes, WG_NO_DTYPE, &x, 1);
}

static const char *unsqueeze_infer(wg_infer *i)
{
    const int64_t   axis = *(const int64_t *)i->attrs;
    const wg_shape *x = &i->x[0]->shape;
    const int64_t   rank = x->rank + 1;
    const char     *reason = wg__infer_axis(i, axis, rank);
    if (reason) return reason;
    if (rank > WG_MAX_RANK) return wg_refuse(i, "the rank would be %lld", (long long)rank);
    const int place = wg__axis(axis, rank);
    wg_shape  y = {.rank = rank};
    for (int64_t k = 0; k < rank; k++) y.dim[k] = k == place ? 1 : x->dim[k - (k > place)];
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

const wg_op wg_op_unsqueeze = {
    .name = "unsqueeze",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(int64_t),
    .infer = unsqueeze_infer,
    .view = reshape_view,
    .derive = reshape_derive,
    .formula = "y = x with one more axis, of size 1",
    .rule = "dx = dy in the shape of x",
};

wg_tensor *(wg_unsqueeze)(wg_tensor *x, int64_t axis)
{
    return wg_apply(&wg_op_unsqueeze, &axis, WG_NO_DTYPE, &x, 1);
}

/* ---- permute, transpose ---- */

static const char *permute_infer(wg_infer *i)
{
    const wg_axes  *axes = i->attrs;
    const wg_shape *x = &i->x[0]->shape;
    const char     *reason = wg__infer_axes(i, axes, x->rank);
    if (reason) return reason;
    if (axes->count != x->rank)
        return wg_refuse(i, "%lld axes are named for rank %lld", (long long)axes->count,
                         (long long)x->rank);
    wg_shape y = {.rank = x->rank};
    for (int64_t k = 0; k < x->rank; k++) y.dim[k] = x->dim[wg__axis(axes->axis[k], x->rank)];
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

static bool permute_view(const void *attrs, const wg_view *x, wg_view *y)
{
    const wg_axes *axes = attrs;
    for (int64_t k = 0; k < axes->count; k++)
        y->stride[k] = x->stride[wg__axis(axes->axis[k], axes->count)];
    return true;
}

static void permute_derive(wg_adjoint *d)
{
    const wg_axes *axes = d->attrs;
    wg_axes        back = {.count = axes->count};
    for (int64_t k = 0; k < axes->count; k++) back.axis[wg__axis(axes->axis[k], axes->count)] = k;
    wg_adjoint_add(d, 0, wg_permute(d->dy[0], back));
}

const wg_op wg_op_permute = {
    .name = "permute",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(wg_axes),
    .infer = permute_infer,
    .view = permute_view,
    .derive = permute_derive,
    .formula = "y = x with its axes in another order",
    .rule = "dx = dy with its axes put back",
};

wg_tensor *(wg_permute)(wg_tensor *x, wg_axes axes)
{
    return wg_apply(&wg_op_permute, &axes, WG_NO_DTYPE, &x, 1);
}

struct transpose_attrs {
    int64_t a, b;
};

static const char *transpose_infer(wg_infer *i)
{
    const struct transpose_attrs *axes = i->attrs;
    const wg_shape                x = i->x[0]->shape;
    const int                     a = wg__axis(axes->a, x.rank), b = wg__axis(axes->b, x.rank);
    wg_shape                      y = x;
    if (a < 0 || b < 0) return wg__infer_axis(i, a < 0 ? axes->a : axes->b, x.rank);
    y.dim[a] = x.dim[b];
    y.dim[b] = x.dim[a];
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

static bool transpose_view(const void *attrs, const wg_view *x, wg_view *y)
{
    const struct transpose_attrs *axes = attrs;
    const int                     a = wg__axis(axes->a, x->type->shape.rank),
              b = wg__axis(axes->b, x->type->shape.rank);
    y->stride[a] = x->stride[b];
    y->stride[b] = x->stride[a];
    return true;
}

static void transpose_derive(wg_adjoint *d)
{
    const struct transpose_attrs *axes = d->attrs;
    wg_adjoint_add(d, 0, wg_swapaxes(d->dy[0], axes->a, axes->b));
}

const wg_op wg_op_transpose = {
    .name = "transpose",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(struct transpose_attrs),
    .infer = transpose_infer,
    .view = transpose_view,
    .derive = transpose_derive,
    .formula = "y = x with two axes swapped",
    .rule = "dx = dy with the same axes swapped",
};

wg_tensor *(wg_swapaxes)(wg_tensor *x, int64_t a, int64_t b)
{
    const struct transpose_attrs axes = {.a = a, .b = b};
    return wg_apply(&wg_op_transpose, &axes, WG_NO_DTYPE, &x, 1);
}

wg_tensor *(wg_transpose)(wg_tensor *x)
{
    return wg_swapaxes(x, -2, -1);
}

/* ---- expand ---- */

static const char *expand_infer(wg_infer *i)
{
    const wg_shape *x = &i->x[0]->shape;
    wg_shape        y = *(const wg_shape *)i->attrs;
    const int64_t   more = y.rank - x->rank;
    if (y.rank > WG_MAX_RANK || more < 0)
        return wg_refuse(i, "rank %lld cannot become rank %lld", (long long)x->rank,
                         (long long)y.rank);
    for (int64_t k = 0; k < y.rank; k++) {
        if (k < more && y.dim[k] < 0)
            return wg_refuse(i, "axis %lld is new and needs a size", (long long)k);
        if (k < more) continue;
        if (y.dim[k] == -1) y.dim[k] = x->dim[k - more];
        if (x->dim[k - more] != 1 && x->dim[k - more] != y.dim[k])
            return wg_refuse(i, "size %lld of axis %lld cannot become %lld",
                             (long long)x->dim[k - more], (long long)(k - more),
                             (long long)y.dim[k]);
    }
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

static bool expand_view(const void *attrs, const wg_view *x, wg_view *y)
{
    const wg_shape *from = &x->type->shape, *to = &y->type->shape;
    const int64_t   more = to->rank - from->rank;
    (void)attrs;
    for (int64_t k = 0; k < to->rank; k++)
        y->stride[k] = k < more || from->dim[k - more] != to->dim[k] ? 0 : x->stride[k - more];
    return true;
}

static void expand_derive(wg_adjoint *d)
{
    const wg_shape x = wg_shape_of_tensor(d->x[0]), y = wg_shape_of_tensor(d->y[0]);
    const int64_t  more = y.rank - x.rank;
    wg_axes        axes = {.count = 0};
    for (int64_t k = 0; k < y.rank; k++)
        if (k < more || x.dim[k - more] != y.dim[k]) axes.axis[axes.count++] = k;
    wg_tensor *dx = axes.count > 0 ? wg_sum(d->dy[0], axes, .keep = more == 0) : d->dy[0];
    if (!wg_shape_equal(wg_shape_of_tensor(dx), x)) dx = wg_reshape(dx, x);
    wg_adjoint_add(d, 0, dx);
}

const wg_op wg_op_expand = {
    .name = "expand",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(wg_shape),
    .infer = expand_infer,
    .view = expand_view,
    .derive = expand_derive,
    .formula = "y = x repeated along axes",
    .rule = "dx = sum of dy over these axes",
};

wg_tensor *(wg_expand)(wg_tensor *x, wg_shape shape)
{
    if (x && wg_shape_equal(wg_shape_of_tensor(x), shape)) return x;
    return wg_apply(&wg_op_expand, &shape, WG_NO_DTYPE, &x, 1);
}
