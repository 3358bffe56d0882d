// SPDX-License-Identifier: MIT
/* Layer normalisation: rows by a fused op with a fused adjoint. */
#include "norm.h"

#include "../graph/derive.h"
#include "../kernels/isa.h"
#include "binary.h"
#include "layout.h"
#include "reduce.h"
#include "unary.h"

#include <math.h>
#include <string.h>

struct layer_norm_attrs {
    int64_t dims; /* axes of a row, the last ones */
    double  eps;
};

#define T          float
#define DTYPE      f32
#define NAME(name) name##_f32
#include "norm_body.h"
#undef T
#undef DTYPE
#undef NAME

#define T          double
#define DTYPE      f64
#define NAME(name) name##_f64
#include "norm_body.h"
#undef T
#undef DTYPE
#undef NAME

/* ---- layer_norm ---- */

/* Settings, and the shape of a row's statistics: that of x with the last axes made 1. */
static const char *infer_rows(wg_infer *i, wg_shape *statistics)
{
    const struct layer_norm_attrs *attrs = i->attrs;
    wg_shape                      *shape = statistics;
    *shape = i->x[0]->shape;
    if (attrs->dims < 1 || attrs->dims > shape->rank)
        return wg_refuse(i, "%lld last axes of rank %lld", (long long)attrs->dims,
                         (long long)shape->rank);
    if (!(attrs->eps >= 0)) return wg_refuse(i, "eps %g must not be negative", attrs->eps);
    for (int64_t k = shape->rank - attrs->dims; k < shape->rank; k++) shape->dim[k] = 1;
    return NULL;
}

static wg_shape last_axes(wg_shape shape, int64_t dims)
{
    wg_shape last = {.rank = dims};
    memcpy(last.dim, shape.dim + shape.rank - dims, (size_t)dims * sizeof *shape.dim);
    return last;
}

static const char *layer_norm_infer(wg_infer *i)
{
    const struct layer_norm_attrs *attrs = i->attrs;
    const wg_dtype                 dtype = i->x[0]->dtype;
    wg_shape                       statistics;
    char                           text[WG_SHAPE_TEXT];
    if (i->inputs < 1 || i->inputs > 3)
        return wg_refuse(i, "%d inputs, wanted are 1 to 3", i->inputs);
    const char *reason = wg_infer_floats(i);
    if (!reason) reason = infer_rows(i, &statistics);
    for (int k = 1; k < i->inputs && !reason; k++) {
        const wg_shape row = last_axes(i->x[0]->shape, attrs->dims);
        if (!wg_shape_equal(i->x[k]->shape, row))
            reason =
                wg_refuse(i, "%s must have shape %s", k == 1 ? "w" : "b", wg_shape_text(row, text));
    }
    if (!reason) reason = wg_infer_output(i, 0, dtype, i->x[0]->shape);
    if (!reason) reason = wg_infer_output(i, 1, dtype, statistics);
    return reason ? reason : wg_infer_output(i, 2, dtype, statistics);
}

static const char *layer_norm_backward_infer(wg_infer *i)
{
    wg_shape    statistics;
    const char *reason = wg_infer_floats(i);
    if (!reason) reason = infer_rows(i, &statistics);
    if (reason) return reason;
    if (!wg_shape_equal(i->x[1]->shape, statistics) ||
        !wg_shape_equal(i->x[2]->shape, statistics) ||
        !wg_shape_equal(i->x[3]->shape, i->x[0]->shape))
        return wg_refuse(i, "shapes are not those of x, mean, rstd and dy");
    return wg_infer_output(i, 0, i->x[0]->dtype, i->x[0]->shape);
}

static wg_kernel *layer_norm_prepare(wg_call *call)
{
    wg_parallel(call, call->y[1].type->count, 4.0 * (double)call->x[0].type->count);
    return wg_kernel_of(call, layer_norm_f32, layer_norm_f64);
}

static wg_kernel *layer_norm_backward_prepare(wg_call *call)
{
    wg_parallel(call, call->x[1].type->count, 4.0 * (double)call->x[0].type->count);
    return wg_kernel_of(call, layer_norm_backward_f32, layer_norm_backward_f64);
}

/* The sum over the axes before the rows. */
static wg_tensor *sum_of_rows(wg_tensor *x, int64_t dims)
{
    wg_axes axes = {.count = wg_shape_of_tensor(x).rank - dims};
    for (int64_t k = 0; k < axes.count; k++) axes.axis[k] = k;
    return x && axes.count > 0 ? wg_sum(x, axes) : x;
}

/* The mean over each row, which stays as axes of size 1. */
static wg_tensor *mean_of_row(wg_tensor *x, int64_t dims)
{
    wg_axes axes = {.count = dims};
    for (int64_t k = 0; k < dims; k++) axes.axis[k] = -1 - k;
    return wg_mean(x, axes, .keep = true);
}

/* dx from the adjoints of mean and rstd: dmean / n - drstd rstd^3 (x - mean) / n */
static void layer_norm_derive_statistics(wg_adjoint *d)
{
    wg_tensor   *x = d->x[0], *mean = d->y[1], *rstd = d->y[2];
    const double share = (double)wg_count_of(mean) / (double)wg_count_of(x);
    if (d->dy[1]) wg_adjoint_add(d, 0, wg_expand(wg_mul(d->dy[1], share), wg_shape_of_tensor(x)));
    if (!d->dy[2]) return;
    wg_tensor *cube = wg_mul(wg_square(rstd), rstd);
    wg_tensor *slope = wg_mul(wg_mul(d->dy[2], cube), -share);
    wg_adjoint_add(d, 0, wg_mul(wg_sub(x, mean), slope));
}

/*
 * z = (x - mean) rstd, y = z w + b      dx: the fused adjoint of dy w      dw = sum dy z      db =
 * sum dy
 */
static void layer_norm_derive(wg_adjoint *d)
{
    const struct layer_norm_attrs *attrs = d->attrs;
    wg_tensor                     *x = d->x[0], *mean = d->y[1], *rstd = d->y[2], *dy = d->dy[0];
    if (d->needs[0]) layer_norm_derive_statistics(d);
    if (!dy) return;
    if (d->needs[0]) {
        wg_tensor *g = d->inputs > 1 ? wg_mul(dy, d->x[1]) : dy;
        wg_tensor *inputs[] = {x, mean, rstd, g};
        wg_adjoint_add(d, 0, wg_apply(&wg_op_layer_norm_backward, attrs, WG_NO_DTYPE, inputs, 4));
    }
    if (d->inputs > 1 && d->needs[1]) {
        wg_tensor *z = wg_mul(wg_sub(x, mean), rstd);
        wg_adjoint_add(d, 1, sum_of_rows(wg_mul(dy, z), attrs->dims));
    }
    if (d->inputs > 2 && d->needs[2]) wg_adjoint_add(d, 2, sum_of_rows(dy, attrs->dims));
}

/* dx = rstd (g - mean g - z mean(g z)) */
static wg_tensor *layer_norm_backward_compose(wg_tensor *const *x, const void *attributes)
{
    const struct layer_norm_attrs *attrs = attributes;
    wg_tensor                     *rstd = x[2], *g = x[3];
    wg_tensor                     *z = wg_mul(wg_sub(x[0], x[1]), rstd);
    wg_tensor                     *level = mean_of_row(g, attrs->dims);
    wg_tensor                     *slope = mean_of_row(wg_mul(g, z), attrs->dims);
    wg_tensor                     *rest = wg_sub(wg_sub(g, level), wg_mul(z, slope));
    return wg_mul(rest, rstd);
}

const wg_op wg_op_layer_norm = {
    .name = "layer_norm",
    .inputs = WG_VARIADIC,
    .outputs = 3,
    .attrs_size = sizeof(struct layer_norm_attrs),
    .infer = layer_norm_infer,
    .prepare = layer_norm_prepare,
    .derive = layer_norm_derive,
    .settings = "axes %d, eps %g",
    .formula = "y = z w + b, z = (x - mean x) / sqrt(var x + eps)",
    .rule = "dx = (g - mean g - z mean(g z)) / sqrt(var x + eps) with g = dy w, dw = sum dy z, "
            "db = sum dy",
};

const wg_op wg_op_layer_norm_backward = {
    .name = "layer_norm_backward",
    .inputs = 4,
    .outputs = 1,
    .attrs_size = sizeof(struct layer_norm_attrs),
    .infer = layer_norm_backward_infer,
    .prepare = layer_norm_backward_prepare,
    .compose = layer_norm_backward_compose,
    .settings = "axes %d, eps %g",
    .formula = "dx = rstd (g - mean g - z mean(g z)), z = (x - mean) rstd",
    .rule = "that of its composition",
};

/* ---- the call ---- */

wg_tensor *wg_layer_norm_with(struct wg_layer_norm norm)
{
    struct layer_norm_attrs attrs = {.dims = norm.dims, .eps = norm.eps != 0 ? norm.eps : 1e-5};
    if (attrs.dims == 0) attrs.dims = norm.w ? wg_shape_of_tensor(norm.w).rank : 1;
    wg_tensor *const x[] = {norm.x, norm.w, norm.b};
    const int        count = norm.b ? 3 : norm.w ? 2 : 1;
    return wg_apply(&wg_op_layer_norm, &attrs, WG_NO_DTYPE, x, count);
}
