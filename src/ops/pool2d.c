// SPDX-License-Identifier: MIT
/*
 * Pooling. The maximum keeps the place of each winner as a second output; its adjoint scatters
 * through these places, and that op's adjoint gathers through them. The average is linear: it and
 * its adjoint derive each other.
 */
#include "pool2d.h"

#include "../graph/tape.h"
#include "pool2d_prepare.h"
#include "window.h"

/* ---- infer ---- */

/* A window whose kernel is spread wider than the image may miss it with every place. */
static bool misses_image(const struct pool2d_attrs *attrs, int axis, int64_t size, int64_t windows)
{
    const int64_t step = attrs->dilation[axis];
    if (size >= step) return false;
    for (int64_t k = 0; k < windows; k++) { /* two at most, the padding being half a kernel */
        const int64_t start = k * attrs->stride[axis] - attrs->pad[axis];
        const int64_t first = start < 0 ? start + (step - 1 - start) / step * step : start;
        if (first >= size) return true;
    }
    return false;
}

/* The shape of y for images of this shape. */
static const char *infer_y(wg_infer *i, const wg_shape *x, wg_shape *y)
{
    const struct pool2d_attrs *attrs = i->attrs;
    const struct wg__window    window = {.size = x->dim + 2,
                                         .kernel = attrs->kernel,
                                         .stride = attrs->stride,
                                         .pad = attrs->pad,
                                         .dilation = attrs->dilation};
    *y = *x;
    const char *reason = wg__infer_windows(i, &window, y->dim + 2);
    for (int axis = 0; axis < 2 && !reason; axis++) {
        if (attrs->pad[axis] > attrs->kernel[axis] / 2)
            reason = wg_refuse(i, "pad %lld is more than half the kernel, %lld",
                               (long long)attrs->pad[axis], (long long)attrs->kernel[axis]);
        else if (misses_image(attrs, axis, x->dim[axis + 2], y->dim[axis + 2]))
            reason = wg_refuse(i, "a window holds nothing but padding");
    }
    return reason;
}

static const char *infer_image(wg_infer *i)
{
    const char *reason = wg_dtype_is_float(i->x[0]->dtype)
                             ? NULL
                             : wg_refuse(i, "dtype %s, wanted is f32 or f64; see wg_cast",
                                         wg_dtype_name(i->x[0]->dtype));
    return reason ? reason : wg_infer_rank(i, 0, 4);
}

static const char *max_pool2d_infer(wg_infer *i)
{
    wg_shape    y;
    const char *reason = infer_image(i);
    if (!reason) reason = infer_y(i, &i->x[0]->shape, &y);
    if (!reason) reason = wg_infer_output(i, 1, WG_I64, y);
    return reason ? reason : wg_infer_output(i, 0, i->x[0]->dtype, y);
}

static const char *avg_pool2d_infer(wg_infer *i)
{
    wg_shape    y;
    const char *reason = infer_image(i);
    if (!reason) reason = infer_y(i, &i->x[0]->shape, &y);
    return reason ? reason : wg_infer_output(i, 0, i->x[0]->dtype, y);
}

/* The image behind the y (or dy) that is input 0. */
static const char *infer_behind(wg_infer *i, wg_shape *x)
{
    const struct pool2d_attrs *attrs = i->attrs;
    wg_shape                   y;
    const char                *reason = infer_image(i);
    if (reason) return reason;
    *x = WG_SHAPE(i->x[0]->shape.dim[0], i->x[0]->shape.dim[1], attrs->image[0], attrs->image[1]);
    reason = wg_infer_output(i, 0, i->x[0]->dtype, *x);
    if (!reason) reason = infer_y(i, x, &y);
    if (!reason && !wg_shape_equal(y, i->x[0]->shape))
        reason = wg_refuse(i, "the adjoint has not the shape of y");
    return reason;
}

static const char *avg_pool2d_backward_infer(wg_infer *i)
{
    wg_shape x;
    return infer_behind(i, &x);
}

static const char *infer_places(wg_infer *i, const wg_shape *y)
{
    if (i->x[1]->dtype == WG_I64 && wg_shape_equal(i->x[1]->shape, *y)) return NULL;
    char text[WG_SHAPE_TEXT];
    return wg_refuse(i, "input 1 must be i64 places of shape %s", wg_shape_text(*y, text));
}

static const char *max_pool2d_backward_infer(wg_infer *i)
{
    wg_shape    x;
    const char *reason = infer_behind(i, &x);
    return reason ? reason : infer_places(i, &i->x[0]->shape);
}

static const char *max_pool2d_gather_infer(wg_infer *i)
{
    wg_shape    y;
    const char *reason = infer_image(i);
    if (!reason) reason = infer_y(i, &i->x[0]->shape, &y);
    if (!reason) reason = infer_places(i, &y);
    return reason ? reason : wg_infer_output(i, 0, i->x[0]->dtype, y);
}

/* ---- rules ---- */

/* Records an adjoint, whose output has the image size of `like`. */
static wg_tensor *record_behind(const wg_op *op, const void *attrs, wg_tensor *const *x,
                                const wg_tensor *like)
{
    struct pool2d_attrs settings = *(const struct pool2d_attrs *)attrs;
    const wg_shape      shape = wg_shape_of_tensor(like);
    settings.image[0] = shape.dim[2];
    settings.image[1] = shape.dim[3];
    return wg_apply(op, &settings, WG_NO_DTYPE, x, op->inputs);
}

/* Records the op that leads from images to windows. */
static wg_tensor *record_forth(const wg_op *op, const void *attrs, wg_tensor *const *x)
{
    struct pool2d_attrs settings = *(const struct pool2d_attrs *)attrs;
    settings.image[0] = settings.image[1] = 0;
    return wg_apply(op, &settings, WG_NO_DTYPE, x, op->inputs);
}

/* y = x[argmax]      dx[argmax] += dy */
static void max_pool2d_derive(wg_adjoint *d)
{
    wg_tensor *const x[] = {d->dy[0], d->y[1]};
    wg_adjoint_add(d, 0, record_behind(&wg_op_max_pool2d_backward, d->attrs, x, d->x[0]));
}

/* dx[argmax] += dy      d dy = g[argmax] */
static void max_pool2d_backward_derive(wg_adjoint *d)
{
    wg_tensor *const x[] = {d->dy[0], d->x[1]};
    wg_adjoint_add(d, 0, record_forth(&wg_op_max_pool2d_gather, d->attrs, x));
}

static void max_pool2d_gather_derive(wg_adjoint *d)
{
    wg_tensor *const x[] = {d->dy[0], d->x[1]};
    wg_adjoint_add(d, 0, record_behind(&wg_op_max_pool2d_backward, d->attrs, x, d->x[0]));
}

static void avg_pool2d_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, record_behind(&wg_op_avg_pool2d_backward, d->attrs, d->dy, d->x[0]));
}

static void avg_pool2d_backward_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, record_forth(&wg_op_avg_pool2d, d->attrs, d->dy));
}

const wg_op wg_op_max_pool2d = {
    .name = "max_pool2d",
    .inputs = 1,
    .outputs = 2,
    .attrs_size = sizeof(struct pool2d_attrs),
    .traits = WG_CHOOSES,
    .infer = max_pool2d_infer,
    .prepare = wg__max_pool2d_prepare,
    .channels_last = wg__pool2d_last,
    .derive = max_pool2d_derive,
    .settings = "kernel %d %d, stride %d %d, pad %d %d, dilation %d %d",
    .formula = "y = max of a window = x[argmax]",
    .rule = "dx[argmax] += dy",
};

const wg_op wg_op_max_pool2d_backward = {
    .name = "max_pool2d_backward",
    .inputs = 2,
    .outputs = 1,
    .attrs_size = sizeof(struct pool2d_attrs),
    .traits = WG_FLAGS | WG_PUTS,
    .infer = max_pool2d_backward_infer,
    .prepare = wg__max_pool2d_backward_prepare,
    .channels_last = wg__pool2d_last,
    .derive = max_pool2d_backward_derive,
    .settings = "kernel %d %d, stride %d %d, pad %d %d, dilation %d %d",
    .formula = "dx[argmax] += dy",
    .rule = "g: d dy = g[argmax]",
};

const wg_op wg_op_max_pool2d_gather = {
    .name = "max_pool2d_gather",
    .inputs = 2,
    .outputs = 1,
    .attrs_size = sizeof(struct pool2d_attrs),
    .traits = WG_FLAGS,
    .infer = max_pool2d_gather_infer,
    .prepare = wg__max_pool2d_gather_prepare,
    .channels_last = wg__pool2d_last,
    .derive = max_pool2d_gather_derive,
    .settings = "kernel %d %d, stride %d %d, pad %d %d, dilation %d %d",
    .formula = "y = x[argmax]",
    .rule = "dx[argmax] += dy",
};

const wg_op wg_op_avg_pool2d = {
    .name = "avg_pool2d",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(struct pool2d_attrs),
    .infer = avg_pool2d_infer,
    .prepare = wg__avg_pool2d_prepare,
    .channels_last = wg__pool2d_last,
    .derive = avg_pool2d_derive,
    .settings = "kernel %d %d, stride %d %d, pad %d %d",
    .formula = "y = mean of a window",
    .rule = "dx = sum of dy / places over the windows it is in",
};

const wg_op wg_op_avg_pool2d_backward = {
    .name = "avg_pool2d_backward",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(struct pool2d_attrs),
    .infer = avg_pool2d_backward_infer,
    .prepare = wg__avg_pool2d_backward_prepare,
    .channels_last = wg__pool2d_last,
    .derive = avg_pool2d_backward_derive,
    .settings = "kernel %d %d, stride %d %d, pad %d %d",
    .formula = "dx = sum of dy / places over the windows it is in",
    .rule = "g: d dy = mean of g in a window",
};

/* ---- the calls ---- */

static const int64_t ones[2] = {1, 1};

wg_tensor *wg_max_pool2d_with(struct wg_max_pool2d pool)
{
    wg__pair_default(pool.stride, pool.kernel);
    wg__pair_default(pool.dilation, ones);
    const struct pool2d_attrs attrs = {.kernel = {pool.kernel[0], pool.kernel[1]},
                                       .stride = {pool.stride[0], pool.stride[1]},
                                       .pad = {pool.pad[0], pool.pad[1]},
                                       .dilation = {pool.dilation[0], pool.dilation[1]}};
    return wg_apply(&wg_op_max_pool2d, &attrs, WG_NO_DTYPE, &pool.x, 1);
}

wg_tensor *wg_avg_pool2d_with(struct wg_avg_pool2d pool)
{
    wg__pair_default(pool.stride, pool.kernel);
    const struct pool2d_attrs attrs = {.kernel = {pool.kernel[0], pool.kernel[1]},
                                       .stride = {pool.stride[0], pool.stride[1]},
                                       .pad = {pool.pad[0], pool.pad[1]},
                                       .dilation = {1, 1},
                                       .exclude_pad = pool.exclude_pad};
    return wg_apply(&wg_op_avg_pool2d, &attrs, WG_NO_DTYPE, &pool.x, 1);
}
