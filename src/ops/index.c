// SPDX-License-Identifier: MIT
/*
 * Whole slices by index. Picking them and adding them up are each other's adjoints.
 */
#include "index.h"

#include "../graph/tape.h"
#include "../kernels/copy.h"
#include "../kernels/isa.h"
#include "axes.h"
#include "layout.h"

#include <string.h>

/* `size` is that of the axis, for index_scatter, whose inputs do not tell. */
struct index_attrs {
    int64_t axis, size;
};

/* NULL when the axis is one of input 0, and input 1 is a list of integers. */
static const char *infer_index(wg_infer *i)
{
    const struct index_attrs *attrs = i->attrs;
    const char               *reason = wg__infer_axis(i, attrs->axis, i->x[0]->shape.rank);
    if (!reason) reason = wg__infer_indices(i, 1);
    return reason ? reason : wg_infer_rank(i, 1, 1);
}

const char *wg__infer_indices(wg_infer *i, int k)
{
    if (wg_dtype_is_integer(i->x[k]->dtype)) return NULL;
    return wg_refuse(i, "the index is %s, wanted is i32, i64 or u8", wg_dtype_name(i->x[k]->dtype));
}

int wg__flag_index(const wg_call *call, int64_t index, int64_t rows)
{
    return wg_flag(call, "index %lld is out of range for %lld rows", index, rows);
}

/* ---- index_select ---- */

static const char *index_select_infer(wg_infer *i)
{
    const struct index_attrs *attrs = i->attrs;
    const char               *reason = infer_index(i);
    wg_shape                  y = i->x[0]->shape;
    if (reason) return reason;
    y.dim[wg__axis(attrs->axis, y.rank)] = i->x[1]->count;
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

/* `whole` is the tensor that the indices point into. */
static struct wg__rows rows_of(const wg_call *call, const wg_shape *whole)
{
    const struct index_attrs *attrs = call->attrs;
    const int                 axis = wg__axis(attrs->axis, whole->rank);
    struct wg__rows           rows = {.outer = 1,
                                      .axis = whole->dim[axis],
                                      .inner = 1,
                                      .count = call->x[1].type->count,
                                      .index = call->x[1].type->dtype};
    for (int k = 0; k < axis; k++) rows.outer *= whole->dim[k];
    for (int k = axis + 1; k < whole->rank; k++) rows.inner *= whole->dim[k];
    return rows;
}

static int index_select_kernel(const wg_call *call)
{
    const wg_view        *x = &call->x[0];
    const void           *index = call->x[1].data;
    const struct wg__rows rows = rows_of(call, &x->type->shape);
    const int64_t         bad = wg__index_find_bad(&rows, index);
    if (bad >= 0) return wg__flag_index(call, wg__index_at(index, rows.index, bad), rows.axis);
    const wg_range share = wg_share(call);
    wg__gather(&rows, wg_dtype_size(x->type->dtype), x->data, index, call->y[0].data,
               (struct wg__range){.first = share.first, .end = share.end});
    return 0;
}

static wg_kernel *index_select_prepare(wg_call *call)
{
    const struct wg__rows rows = rows_of(call, &call->x[0].type->shape);
    wg_parallel(call, rows.outer * rows.count, (double)call->y[0].type->count);
    return index_select_kernel;
}

/* dx[index[k]] += dy[k] */
static void index_select_derive(wg_adjoint *d)
{
    const struct index_attrs *attrs = d->attrs;
    const wg_shape            x = wg_shape_of_tensor(d->x[0]);
    const int64_t             size = x.dim[wg__axis(attrs->axis, x.rank)];
    wg_adjoint_add(d, 0, wg_index_scatter(d->dy[0], attrs->axis, d->x[1], size));
}

const wg_op wg_op_index_select = {
    .name = "index_select",
    .inputs = 2,
    .outputs = 1,
    .attrs_size = sizeof(struct index_attrs),
    .traits = WG_FLAGS,
    .infer = index_select_infer,
    .prepare = index_select_prepare,
    .derive = index_select_derive,
    .settings = "axis %d",
    .formula = "y[k] = x[index[k]]",
    .rule = "dx[index[k]] += dy[k]",
};

wg_tensor *(wg_index_select)(wg_tensor *x, int64_t axis, wg_tensor *index)
{
    const struct index_attrs attrs = {.axis = axis};
    return wg_apply(&wg_op_index_select, &attrs, WG_NO_DTYPE, (wg_tensor *[]){x, index}, 2);
}

wg_tensor *(wg_embedding)(wg_tensor *weight, wg_tensor *index)
{
    const wg_shape from = wg_shape_of_tensor(weight);
    wg_shape       shape = wg_shape_of_tensor(index);
    if (shape.rank == 1) return wg_index_select(weight, 0, index);
    for (int k = 1; k < from.rank; k++, shape.rank++)
        if (shape.rank < WG_MAX_RANK) shape.dim[shape.rank] = from.dim[k];
    return wg_reshape(wg_index_select(weight, 0, wg_flatten(index, 0)), shape);
}

/* ---- index_scatter ---- */

static const char *index_scatter_infer(wg_infer *i)
{
    const struct index_attrs *attrs = i->attrs;
    const char               *reason = infer_index(i);
    wg_shape                  y = i->x[0]->shape;
    if (reason) return reason;
    if (!wg_dtype_is_float(i->x[0]->dtype))
        return wg_refuse(i, "dtype %s, wanted is f32 or f64; see wg_cast",
                         wg_dtype_name(i->x[0]->dtype));
    int64_t *size = &y.dim[wg__axis(attrs->axis, y.rank)];
    if (*size != i->x[1]->count)
        return wg_refuse(i, "axis %lld has size %lld, and there are %lld indices",
                         (long long)attrs->axis, (long long)*size, (long long)i->x[1]->count);
    *size = attrs->size;
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

/* Columns that threads share out are cut into stretches of a cache line and more. */
#define COLUMNS 32

static int index_scatter_kernel(const wg_call *call)
{
    const wg_view        *x = &call->x[0], *y = &call->y[0];
    const void           *index = call->x[1].data;
    const struct wg__rows rows = rows_of(call, &y->type->shape);
    const int64_t         bad = wg__index_find_bad(&rows, index);
    const wg_range        share = wg_share(call);
    struct wg__range      columns = {.first = share.first * COLUMNS, .end = share.end * COLUMNS};
    if (bad >= 0) return wg__flag_index(call, wg__index_at(index, rows.index, bad), rows.axis);
    if (columns.end > rows.inner) columns.end = rows.inner;
    if (x->type->dtype == WG_F32)
        wg__kernels()->f32.scatter_add(&rows, x->data, index, y->data, columns);
    else
        wg__kernels()->f64.scatter_add(&rows, x->data, index, y->data, columns);
    return 0;
}

static wg_kernel *index_scatter_prepare(wg_call *call)
{
    const struct wg__rows rows = rows_of(call, &call->y[0].type->shape);
    wg_parallel(call, (rows.inner + COLUMNS - 1) / COLUMNS,
                (double)call->x[0].type->count + (double)call->y[0].type->count);
    return wg_kernel_of(call, index_scatter_kernel, index_scatter_kernel);
}

/* dx[k] = dy[index[k]] */
static void index_scatter_derive(wg_adjoint *d)
{
    const struct index_attrs *attrs = d->attrs;
    wg_adjoint_add(d, 0, wg_index_select(d->dy[0], attrs->axis, d->x[1]));
}

const wg_op wg_op_index_scatter = {
    .name = "index_scatter",
    .inputs = 2,
    .outputs = 1,
    .attrs_size = sizeof(struct index_attrs),
    .traits = WG_FLAGS,
    .infer = index_scatter_infer,
    .prepare = index_scatter_prepare,
    .derive = index_scatter_derive,
    .settings = "axis %d, size %d",
    .formula = "y[index[k]] += x[k]",
    .rule = "dx[k] = dy[index[k]]",
};

wg_tensor *(wg_index_scatter)(wg_tensor *x, int64_t axis, wg_tensor *index, int64_t size)
{
    const struct index_attrs attrs = {.axis = axis, .size = size};
    return wg_apply(&wg_op_index_scatter, &attrs, WG_NO_DTYPE, (wg_tensor *[]){x, index}, 2);
}

/* ---- one_hot ---- */

static const char *one_hot_infer(wg_infer *i)
{
    const int64_t classes = *(const int64_t *)i->attrs;
    wg_shape      y = i->x[0]->shape;
    const char   *reason = wg__infer_indices(i, 0);
    if (reason) return reason;
    if (classes < 1) return wg_refuse(i, "%lld classes", (long long)classes);
    if (y.rank == WG_MAX_RANK) return wg_refuse(i, "the rank would be %d", WG_MAX_RANK + 1);
    y.dim[y.rank++] = classes;
    return wg_infer_output(i, 0, i->dtype, y);
}

static int one_hot_kernel(const wg_call *call)
{
    const int64_t  classes = *(const int64_t *)call->attrs;
    const wg_view *x = &call->x[0], *y = &call->y[0];
    const wg_type  number = {.dtype = y->type->dtype, .count = 1};
    wg_view        one = {.data = y->data, .type = &number};
    wg__fill(y, 0);
    for (int64_t i = 0; i < x->type->count; i++, wg_view_advance(&one, classes)) {
        const int64_t at = wg__index_at(x->data, x->type->dtype, i);
        if (at < 0 || at >= classes) return wg__flag_index(call, at, classes);
        wg_view hot = one;
        wg_view_advance(&hot, at);
        wg__fill(&hot, 1);
    }
    return 0;
}

static wg_kernel *one_hot_prepare(wg_call *call)
{
    (void)call;
    return one_hot_kernel;
}

const wg_op wg_op_one_hot = {
    .name = "one_hot",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(int64_t),
    .traits = WG_FLAGS | WG_NO_DERIVATIVE,
    .infer = one_hot_infer,
    .prepare = one_hot_prepare,
    .settings = "classes %d",
    .formula = "y[k] = [k = x]",
    .rule = "none",
};

wg_tensor *(wg_one_hot)(wg_tensor *index, int64_t classes, wg_dtype dtype)
{
    return wg_apply(&wg_op_one_hot, &classes, dtype, &index, 1);
}
