// SPDX-License-Identifier: MIT
/* Both copy their inputs into parts of their output; the rules cut dy into those parts. */
#include "join.h"

#include "../graph/tape.h"
#include "../kernels/copy.h"
#include "axes.h"
#include "slice.h"

/* ---- cat ---- */

static const char *cat_infer(wg_infer *i)
{
    const int64_t axis = *(const int64_t *)i->attrs;
    wg_shape      y = i->x[0]->shape;
    const char   *reason = wg_infer_same_dtype(i);
    if (!reason) reason = wg__infer_axis(i, axis, y.rank);
    if (reason) return reason;
    const int place = wg__axis(axis, y.rank);
    for (int k = 1; k < i->inputs; k++) {
        const wg_shape *x = &i->x[k]->shape;
        if (x->rank != y.rank)
            return wg_refuse(i, "ranks differ, %lld and %lld", (long long)y.rank,
                             (long long)x->rank);
        for (int64_t j = 0; j < y.rank; j++)
            if (j != place && x->dim[j] != y.dim[j])
                return wg_refuse(i, "sizes of axis %lld differ, %lld and %lld", (long long)j,
                                 (long long)y.dim[j], (long long)x->dim[j]);
        if (x->dim[place] > INT64_MAX - y.dim[place])
            return wg_refuse(i, "axis %lld becomes too long", (long long)axis);
        y.dim[place] += x->dim[place];
    }
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

static int cat_kernel(const wg_call *call)
{
    wg_view   part = call->y[0];
    const int axis = wg__axis(*(const int64_t *)call->attrs, part.type->shape.rank);
    for (int k = 0; k < call->inputs; k++) {
        part.type = call->x[k].type;
        wg__copy(&call->x[k], &part);
        wg_view_advance(&part, part.type->shape.dim[axis] * part.stride[axis]);
    }
    return 0;
}

static wg_kernel *cat_prepare(wg_call *call)
{
    (void)call;
    return cat_kernel;
}

/* dx[k] = the part of dy where x[k] is in y */
static void cat_derive(wg_adjoint *d)
{
    const int64_t axis = *(const int64_t *)d->attrs;
    const int     place = wg__axis(axis, wg_shape_of_tensor(d->y[0]).rank);
    int64_t       start = 0;
    for (int k = 0; k < d->inputs; k++) {
        const int64_t stop = start + wg_shape_of_tensor(d->x[k]).dim[place];
        if (d->needs[k]) wg_adjoint_add(d, k, wg_slice(d->dy[0], axis, start, stop));
        start = stop;
    }
}

const wg_op wg_op_cat = {
    .name = "cat",
    .inputs = WG_VARIADIC,
    .outputs = 1,
    .attrs_size = sizeof(int64_t),
    .traits = WG_STRIDED,
    .infer = cat_infer,
    .prepare = cat_prepare,
    .derive = cat_derive,
    .formula = "y = the x behind each other along an axis",
    .rule = "dx = its part of dy",
};

wg_tensor *(wg_cat)(wg_tensors list, int64_t axis)
{
    return wg_apply(&wg_op_cat, &axis, WG_NO_DTYPE, list.at, list.count);
}

/* ---- stack ---- */

static const char *stack_infer(wg_infer *i)
{
    const int64_t   axis = *(const int64_t *)i->attrs;
    const wg_shape *x = &i->x[0]->shape;
    const int64_t   rank = x->rank + 1;
    const char     *reason = wg_infer_same_dtype(i);
    if (!reason) reason = wg__infer_axis(i, axis, rank);
    if (reason) return reason;
    if (rank > WG_MAX_RANK) return wg_refuse(i, "the rank would be %lld", (long long)rank);
    for (int k = 1; k < i->inputs; k++)
        if (!wg_shape_equal(i->x[k]->shape, *x))
            return wg_refuse(i, "number %d has another shape than the first", k);
    const int place = wg__axis(axis, rank);
    wg_shape  y = {.rank = rank};
    for (int64_t j = 0; j < rank; j++) y.dim[j] = j == place ? i->inputs : x->dim[j - (j > place)];
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

static int stack_kernel(const wg_call *call)
{
    wg_view       part = call->y[0];
    const int     axis = wg__axis(*(const int64_t *)call->attrs, part.type->shape.rank);
    const int64_t step = part.stride[axis];
    part.type = call->x[0].type;
    for (int64_t j = axis; j < part.type->shape.rank; j++) part.stride[j] = part.stride[j + 1];
    for (int k = 0; k < call->inputs; k++, wg_view_advance(&part, step))
        wg__copy(&call->x[k], &part);
    return 0;
}

static wg_kernel *stack_prepare(wg_call *call)
{
    (void)call;
    return stack_kernel;
}

/* dx[k] = dy[k] */
static void stack_derive(wg_adjoint *d)
{
    const int64_t axis = *(const int64_t *)d->attrs;
    for (int k = 0; k < d->inputs; k++)
        if (d->needs[k]) wg_adjoint_add(d, k, wg_select(d->dy[0], axis, k));
}

const wg_op wg_op_stack = {
    .name = "stack",
    .inputs = WG_VARIADIC,
    .outputs = 1,
    .attrs_size = sizeof(int64_t),
    .traits = WG_STRIDED,
    .infer = stack_infer,
    .prepare = stack_prepare,
    .derive = stack_derive,
    .formula = "y[k] = x[k] along a new axis",
    .rule = "dx[k] = dy[k]",
};

wg_tensor *(wg_stack)(wg_tensors list, int64_t axis)
{
    return wg_apply(&wg_op_stack, &axis, WG_NO_DTYPE, list.at, list.count);
}
