// SPDX-License-Identifier: MIT
/* Gathering elements, and its adjoint, which adds them up where they were. Both walk the index. */
#include "gather.h"

#include "../graph/tape.h"
#include "../kernels/copy.h"
#include "../kernels/isa.h"
#include "axes.h"
#include "index.h"

#include <string.h>

/* `shape` is that of the whole tensor, for gather_backward, whose inputs do not tell. */
struct gather_attrs {
    int64_t  axis;
    wg_shape shape;
};

/* NULL when an index (input 1) of this type can point into `whole`. */
static const char *infer_index(wg_infer *i, const wg_shape *whole)
{
    const struct gather_attrs *attrs = i->attrs;
    const wg_shape            *index = &i->x[1]->shape;
    const char                *reason = wg__infer_axis(i, attrs->axis, whole->rank);
    if (!reason) reason = wg__infer_indices(i, 1);
    if (reason) return reason;
    if (index->rank != whole->rank)
        return wg_refuse(i, "ranks differ, %lld and %lld", (long long)whole->rank,
                         (long long)index->rank);
    for (int k = 0; k < whole->rank; k++)
        if (k != wg__axis(attrs->axis, whole->rank) && index->dim[k] > whole->dim[k])
            return wg_refuse(i, "axis %d of the index has size %lld, more than %lld", k,
                             (long long)index->dim[k], (long long)whole->dim[k]);
    return NULL;
}

/*
 * A walk over a packed index, in step with the line of the packed whole that each index points
 * into.
 */
struct walk {
    const wg_view   *index;
    struct wg__loops loops;
    struct wg__place place;
    int64_t          size, stride; /* of the axis in the whole */
};

static struct walk walk_of(const wg_call *call, const wg_shape *whole)
{
    const struct gather_attrs *attrs = call->attrs;
    const int                  axis = wg__axis(attrs->axis, whole->rank);
    struct walk                walk = {.index = &call->x[1], .loops = {.rank = (int)whole->rank}};
    memcpy(walk.loops.dim, walk.index->type->shape.dim, sizeof walk.loops.dim);
    wg_shape_strides(*whole, walk.loops.stride);
    walk.size = whole->dim[axis];
    walk.stride = walk.loops.stride[axis];
    walk.loops.stride[axis] = 0;
    return walk;
}

/*
 * Where in the whole index number `i` points, which is the walk's next; -1 when out of range, as
 * wg__flag_index then says.
 */
static int64_t next(struct walk *walk, int64_t i, int64_t *index)
{
    const int64_t line = walk->place.offset;
    *index = wg__index_at(walk->index->data, walk->index->type->dtype, i);
    wg__step(&walk->loops, &walk->place);
    return *index < 0 || *index >= walk->size ? -1 : line + *index * walk->stride;
}

/* ---- gather ---- */

static const char *gather_infer(wg_infer *i)
{
    const char *reason = infer_index(i, &i->x[0]->shape);
    return reason ? reason : wg_infer_output(i, 0, i->x[0]->dtype, i->x[1]->shape);
}

static int gather_kernel(const wg_call *call)
{
    const char  *x = call->x[0].data;
    char        *y = call->y[0].data;
    const size_t element = wg_dtype_size(call->x[0].type->dtype);
    struct walk  walk = walk_of(call, &call->x[0].type->shape);
    int64_t      index;
    for (int64_t i = 0; i < call->y[0].type->count; i++, y += element) {
        const int64_t at = next(&walk, i, &index);
        if (at < 0) return wg__flag_index(call, index, walk.size);
        memcpy(y, x + (size_t)at * element, element);
    }
    return 0;
}

static wg_kernel *gather_prepare(wg_call *call)
{
    (void)call;
    return gather_kernel;
}

/* dx[i, index[i, j, k], k] += dy[i, j, k] */
static void gather_derive(wg_adjoint *d)
{
    const struct gather_attrs *attrs = d->attrs;
    const struct gather_attrs  back = {.axis = attrs->axis, .shape = wg_shape_of_tensor(d->x[0])};
    wg_adjoint_add(d, 0,
                   wg_apply(&wg_op_gather_backward, &back, WG_NO_DTYPE,
                            (wg_tensor *[]){d->dy[0], d->x[1]}, 2));
}

const wg_op wg_op_gather = {
    .name = "gather",
    .inputs = 2,
    .outputs = 1,
    .attrs_size = sizeof(struct gather_attrs),
    .traits = WG_FLAGS,
    .infer = gather_infer,
    .prepare = gather_prepare,
    .derive = gather_derive,
    .settings = "axis %d",
    .formula = "y[i,j,k] = x[i,index[i,j,k],k]",
    .rule = "dx[i,index[i,j,k],k] += dy[i,j,k]",
};

wg_tensor *(wg_gather)(wg_tensor *x, int64_t axis, wg_tensor *index)
{
    const struct gather_attrs attrs = {.axis = axis};
    return wg_apply(&wg_op_gather, &attrs, WG_NO_DTYPE, (wg_tensor *[]){x, index}, 2);
}

/* ---- gather_backward ---- */

static const char *gather_backward_infer(wg_infer *i)
{
    const struct gather_attrs *attrs = i->attrs;
    const char                *reason = infer_index(i, &attrs->shape);
    if (reason) return reason;
    if (!wg_dtype_is_float(i->x[0]->dtype))
        return wg_refuse(i, "dtype %s, wanted is f32 or f64", wg_dtype_name(i->x[0]->dtype));
    if (!wg_shape_equal(i->x[0]->shape, i->x[1]->shape))
        return wg_refuse(i, "the index has another shape");
    return wg_infer_output(i, 0, i->x[0]->dtype, attrs->shape);
}

#define KERNEL(T, name)                                                                            \
    static int name(const wg_call *call)                                                           \
    {                                                                                              \
        const T    *dy = call->x[0].data;                                                          \
        T          *dx = call->y[0].data;                                                          \
        struct walk walk = walk_of(call, &call->y[0].type->shape);                                 \
        int64_t     index;                                                                         \
        wg__fill(&call->y[0], 0);                                                                  \
        for (int64_t i = 0; i < call->x[0].type->count; i++) {                                     \
            const int64_t at = next(&walk, i, &index);                                             \
            if (at < 0) return wg__flag_index(call, index, walk.size);                             \
            dx[at] += dy[i];                                                                       \
        }                                                                                          \
        return 0;                                                                                  \
    }
KERNEL(float, gather_backward_f32)
KERNEL(double, gather_backward_f64)
#undef KERNEL

static wg_kernel *gather_backward_prepare(wg_call *call)
{
    return wg_kernel_of(call, gather_backward_f32, gather_backward_f64);
}

/* dx[i, j, k] = dy[i, index[i, j, k], k] */
static void gather_backward_derive(wg_adjoint *d)
{
    const struct gather_attrs *attrs = d->attrs;
    wg_adjoint_add(d, 0, wg_gather(d->dy[0], attrs->axis, d->x[1]));
}

const wg_op wg_op_gather_backward = {
    .name = "gather_backward",
    .inputs = 2,
    .outputs = 1,
    .attrs_size = sizeof(struct gather_attrs),
    .traits = WG_FLAGS,
    .infer = gather_backward_infer,
    .prepare = gather_backward_prepare,
    .derive = gather_backward_derive,
    .settings = "axis %d, shape %a",
    .formula = "y[i,index[i,j,k],k] += x[i,j,k]",
    .rule = "dx[i,j,k] = dy[i,index[i,j,k],k]",
};
