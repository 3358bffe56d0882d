// SPDX-License-Identifier: MIT
/*
 * Losses: a fused op for each element or row, its fused adjoint, and a reduction by wg_sum or
 * wg_mean behind it.
 */
#include "loss.h"

#include "../graph/tape.h"
#include "../kernels/isa.h"
#include "binary.h"
#include "costs.h"
#include "elementwise.h"
#include "layout.h"
#include "loss_limits.h"
#include "loss_rows.h"
#include "reduce.h"
#include "softmax.h"
#include "unary.h"

#include <math.h>

/* ---- kernels of cross entropy; those by element are in loss_kernels.c ---- */

#define T          float
#define DTYPE      f32
#define NAME(name) name##_f32
#define MATH(name) name##f
#include "cross_entropy_body.h"
#undef T
#undef DTYPE
#undef NAME
#undef MATH

#define T          double
#define DTYPE      f64
#define NAME(name) name##_f64
#define MATH(name) name
#include "cross_entropy_body.h"
#undef T
#undef DTYPE
#undef NAME
#undef MATH

WG__PREPARE_REALS(mse_loss)
WG__PREPARE_REALS(mse_loss_backward)
WG__PREPARE_REALS(binary_cross_entropy)
WG__PREPARE_REALS(binary_cross_entropy_backward)
WG__PREPARE_REALS(bce_with_logits)
WG__PREPARE_REALS(bce_with_logits_backward)

static wg_kernel *cross_entropy_prepare(wg_call *call)
{
    wg_parallel(call, call->x[1].type->count, WG__EXP * (double)call->x[0].type->count);
    return wg_kernel_of(call, cross_entropy_f32, cross_entropy_f64);
}

static wg_kernel *cross_entropy_backward_prepare(wg_call *call)
{
    wg_parallel(call, call->x[1].type->count, (double)call->x[0].type->count);
    return wg_kernel_of(call, cross_entropy_backward_f32, cross_entropy_backward_f64);
}

/* ---- rules of the losses by element; in all of them x is x[0], t is x[1] ---- */

static wg_tensor *record(const wg_op *op, wg_tensor *x, wg_tensor *t)
{
    return wg_apply(op, NULL, WG_NO_DTYPE, (wg_tensor *[]){x, t}, 2);
}

static wg_tensor *record_backward(const wg_op *op, wg_tensor *x, wg_tensor *t, wg_tensor *dy)
{
    return wg_apply(op, NULL, WG_NO_DTYPE, (wg_tensor *[]){x, t, dy}, 3);
}

/* dx = 2 dy (x - t)      dt = -dx */
static void mse_loss_derive(wg_adjoint *d)
{
    wg_tensor *dx = record_backward(&wg_op_mse_loss_backward, d->x[0], d->x[1], d->dy[0]);
    wg_adjoint_add(d, 0, dx);
    if (d->needs[1]) wg_adjoint_add(d, 1, wg_neg(dx));
}

static wg_tensor *mse_loss_compose(wg_tensor *const *x, const void *attrs)
{
    (void)attrs;
    return wg_square(wg_sub(x[0], x[1]));
}

static wg_tensor *mse_loss_backward_compose(wg_tensor *const *x, const void *attrs)
{
    wg_tensor *difference = wg_sub(x[0], x[1]);
    (void)attrs;
    return wg_mul(wg_mul(x[2], 2), difference);
}

/*
 * dp = dy (p - t) / max(p (1 - p), 1e-12)      dt = dy (y at t = 1 less y at t = 0), for y is
 * linear in t
 */
static void binary_cross_entropy_derive(wg_adjoint *d)
{
    const wg_op *op = &wg_op_binary_cross_entropy;
    wg_tensor   *p = d->x[0], *t = d->x[1], *dy = d->dy[0];
    if (d->needs[0])
        wg_adjoint_add(d, 0, record_backward(&wg_op_binary_cross_entropy_backward, p, t, dy));
    if (!d->needs[1]) return;
    wg_tensor *one = record(op, p, wg_full_like(t, 1)), *zero = record(op, p, wg_full_like(t, 0));
    wg_adjoint_add(d, 1, wg_mul(dy, wg_sub(one, zero)));
}

static wg_tensor *clamped_log(wg_tensor *x)
{
    return wg_clamp(wg_log(x), -100, INFINITY);
}

static wg_tensor *binary_cross_entropy_compose(wg_tensor *const *x, const void *attrs)
{
    wg_tensor *p = x[0], *t = x[1];
    wg_tensor *yes = wg_mul(t, clamped_log(p)), *less = wg_sub(t, 1);
    (void)attrs;
    return wg_sub(wg_mul(less, clamped_log(wg_sub(1, p))), yes);
}

static wg_tensor *binary_cross_entropy_backward_compose(wg_tensor *const *x, const void *attrs)
{
    wg_tensor *p = x[0], *t = x[1], *dy = x[2];
    wg_tensor *divisor = wg_clamp(wg_mul(p, wg_sub(1, p)), (double)LEAST_DIVISOR, INFINITY);
    (void)attrs;
    return wg_div(wg_mul(dy, wg_sub(p, t)), divisor);
}

/* dz = dy (sigmoid z - t)      dt = -dy z */
static void bce_with_logits_derive(wg_adjoint *d)
{
    wg_tensor *z = d->x[0], *t = d->x[1], *dy = d->dy[0];
    if (d->needs[0])
        wg_adjoint_add(d, 0, record_backward(&wg_op_bce_with_logits_backward, z, t, dy));
    if (d->needs[1]) wg_adjoint_add(d, 1, wg_neg(wg_mul(dy, z)));
}

static wg_tensor *bce_with_logits_compose(wg_tensor *const *x, const void *attrs)
{
    (void)attrs;
    return wg_sub(wg_softplus(x[0]), wg_mul(x[0], x[1]));
}

static wg_tensor *bce_with_logits_backward_compose(wg_tensor *const *x, const void *attrs)
{
    wg_tensor *difference = wg_sub(wg_sigmoid(x[0]), x[1]);
    (void)attrs;
    return wg_mul(x[2], difference);
}

const wg_op wg_op_mse_loss = {
    .name = "mse_loss",
    .inputs = 2,
    .outputs = 1,
    .traits = WG_ELEMENTWISE,
    .prepare = mse_loss_prepare,
    .derive = mse_loss_derive,
    .compose = mse_loss_compose,
    .formula = "y = (x - t)^2",
    .rule = "dx = 2 dy (x - t), dt = -dx",
};

const wg_op wg_op_mse_loss_backward = {
    .name = "mse_loss_backward",
    .inputs = 3,
    .outputs = 1,
    .traits = WG_ELEMENTWISE,
    .prepare = mse_loss_backward_prepare,
    .compose = mse_loss_backward_compose,
    .formula = "dx = 2 dy (x - t)",
    .rule = "g: dx' = 2 g dy, dt = -dx', d dy = 2 g (x - t)",
};

const wg_op wg_op_binary_cross_entropy = {
    .name = "binary_cross_entropy",
    .inputs = 2,
    .outputs = 1,
    .traits = WG_ELEMENTWISE,
    .prepare = binary_cross_entropy_prepare,
    .derive = binary_cross_entropy_derive,
    .compose = binary_cross_entropy_compose,
    .formula = "y = -(t log p + (1 - t) log(1 - p))",
    .rule = "dp = dy (p - t) / (p (1 - p)), dt = dy log((1 - p) / p)",
};

const wg_op wg_op_binary_cross_entropy_backward = {
    .name = "binary_cross_entropy_backward",
    .inputs = 3,
    .outputs = 1,
    .traits = WG_ELEMENTWISE,
    .prepare = binary_cross_entropy_backward_prepare,
    .compose = binary_cross_entropy_backward_compose,
    .formula = "dp = dy (p - t) / max(p (1 - p), 1e-12)",
    .rule = "g, q = p (1 - p): dp' = g dy (q - (p - t) (1 - 2 p)) / q^2, dt = -g dy / q, "
            "d dy = g (p - t) / q",
};

const wg_op wg_op_bce_with_logits = {
    .name = "bce_with_logits",
    .inputs = 2,
    .outputs = 1,
    .traits = WG_ELEMENTWISE,
    .prepare = bce_with_logits_prepare,
    .derive = bce_with_logits_derive,
    .compose = bce_with_logits_compose,
    .formula = "y = log(1 + exp z) - t z",
    .rule = "dz = dy (sigmoid(z) - t), dt = -dy z",
};

const wg_op wg_op_bce_with_logits_backward = {
    .name = "bce_with_logits_backward",
    .inputs = 3,
    .outputs = 1,
    .traits = WG_ELEMENTWISE,
    .prepare = bce_with_logits_backward_prepare,
    .compose = bce_with_logits_backward_compose,
    .formula = "dz = dy (p - t), p = sigmoid(z)",
    .rule = "g: dz' = g dy p (1 - p), dt = -g dy, d dy = g (p - t)",
};

/* ---- cross entropy ---- */

/* A shape without its last axis. */
static wg_shape front_of(wg_shape shape)
{
    shape.dim[--shape.rank] = 0;
    return shape;
}

/* Input 0 is real, (..., classes); input 1 has a class for each of its rows. */
static const char *infer_rows(wg_infer *i)
{
    const wg_type *z = i->x[0], *target = i->x[1];
    char           text[WG_SHAPE_TEXT];
    if (!wg_dtype_is_float(z->dtype))
        return wg_refuse(i, "dtype %s, wanted is f32 or f64", wg_dtype_name(z->dtype));
    if (!wg_dtype_is_integer(target->dtype))
        return wg_refuse(i, "the target is %s, classes are i32, i64 or u8",
                         wg_dtype_name(target->dtype));
    if (z->shape.rank == 0) return wg_refuse(i, "rank 0, there is no axis of classes");
    if (wg_shape_equal(front_of(z->shape), target->shape)) return NULL;
    return wg_refuse(i, "the target must have shape %s", wg_shape_text(front_of(z->shape), text));
}

static const char *cross_entropy_infer(wg_infer *i)
{
    const char *reason = infer_rows(i);
    if (!reason) reason = wg_infer_output(i, 0, i->x[0]->dtype, i->x[1]->shape);
    return reason ? reason : wg_infer_output(i, 1, i->x[0]->dtype, i->x[0]->shape);
}

static const char *cross_entropy_backward_infer(wg_infer *i)
{
    const char *reason = infer_rows(i);
    if (reason) return reason;
    if (i->x[2]->dtype != i->x[0]->dtype || !wg_shape_equal(i->x[2]->shape, i->x[1]->shape))
        return wg_refuse(i, "dy must have the shape of the target and the dtype of z");
    return wg_infer_output(i, 0, i->x[0]->dtype, i->x[0]->shape);
}

/* y = -log p[t], p = softmax z, both outputs      dz = dy (p - [j = t]) + p (dp - sum dp p) */
static void cross_entropy_derive(wg_adjoint *d)
{
    const wg_op *op = &wg_op_cross_entropy_backward;
    wg_tensor   *p = d->y[1];
    if (d->dy[0]) wg_adjoint_add(d, 0, record_backward(op, p, d->x[1], d->dy[0]));
    if (d->dy[1]) wg_adjoint_add(d, 0, record(&wg_op_softmax_backward, p, d->dy[1]));
}

/* dz = dy (p - [j = t])      dp = g dy      d dy = sum g (p - [j = t]) over the classes */
static void cross_entropy_backward_derive(wg_adjoint *d)
{
    const wg_op *op = &wg_op_cross_entropy_backward;
    wg_tensor   *p = d->x[0], *t = d->x[1], *dy = d->x[2], *g = d->dy[0];
    if (d->needs[0]) wg_adjoint_add(d, 0, wg_mul(g, wg_unsqueeze(dy, -1)));
    if (!d->needs[2]) return;
    wg_tensor *error = record_backward(op, p, t, wg_full_like(dy, 1));
    wg_adjoint_add(d, 2, wg_sum(wg_mul(g, error), WG_AXES(-1)));
}

const wg_op wg_op_cross_entropy = {
    .name = "cross_entropy",
    .inputs = 2,
    .outputs = 2,
    .traits = WG_FLAGS,
    .infer = cross_entropy_infer,
    .prepare = cross_entropy_prepare,
    .derive = cross_entropy_derive,
    .formula = "y = -log p[t], p = softmax(z)",
    .rule = "dz = dy (p - one_hot(t))",
};

const wg_op wg_op_cross_entropy_backward = {
    .name = "cross_entropy_backward",
    .inputs = 3,
    .outputs = 1,
    .traits = WG_FLAGS,
    .infer = cross_entropy_backward_infer,
    .prepare = cross_entropy_backward_prepare,
    .derive = cross_entropy_backward_derive,
    .formula = "dz = dy (p - one_hot(t))",
    .rule = "g: dp = g dy, d dy = sum g (p - one_hot(t))",
};

/* ---- the calls ---- */

/* A single loss is its own sum and mean: seen as rank 0, it costs no step. */
static wg_tensor *reduce(wg_tensor *y, enum wg_reduction reduction)
{
    if (!y || reduction == WG_NONE) return y;
    if (wg_count_of(y) == 1) return wg_shape_of_tensor(y).rank == 0 ? y : wg_reshape(y, WG_SCALAR);
    return reduction == WG_SUM ? wg_sum(y) : wg_mean(y);
}

wg_tensor *wg_mse_loss_with(struct wg_loss loss)
{
    return reduce(record(&wg_op_mse_loss, loss.x, loss.target), loss.reduction);
}

wg_tensor *wg_binary_cross_entropy_with(struct wg_loss loss)
{
    return reduce(record(&wg_op_binary_cross_entropy, loss.x, loss.target), loss.reduction);
}

wg_tensor *wg_bce_with_logits_with(struct wg_loss loss)
{
    return reduce(record(&wg_op_bce_with_logits, loss.x, loss.target), loss.reduction);
}

/* (N, C, d1, ...) as (N, d1, ..., C) */
static wg_tensor *classes_last(wg_tensor *z)
{
    wg_axes axes = {.count = wg_shape_of_tensor(z).rank};
    if (axes.count < 3) return z;
    for (int64_t k = 1; k < axes.count; k++) axes.axis[k] = k + 1;
    axes.axis[axes.count - 1] = 1;
    return wg_permute(z, axes);
}

/* -sum of p log softmax(z) over the last axis */
static wg_tensor *cross_entropy_of_probabilities(wg_tensor *z, wg_tensor *p)
{
    wg_tensor *product = wg_mul(p, wg_log_softmax(z, -1));
    return wg_neg(wg_sum(product, WG_AXES(-1)));
}

/* NULL where the target fits z, else the reason, in `text`. */
static const char *misfit(wg_tensor *z, wg_tensor *target, char *text, size_t size)
{
    const wg_type *type = wg_type_of(z), *given = wg_type_of(target);
    wg_shape       classes = type->shape;
    char           shape[WG_SHAPE_TEXT];
    if (classes.rank == 0) return "rank 0, there is no axis of classes";
    if (wg_dtype_is_float(given->dtype) && wg_type_equal(type, given)) return NULL;
    for (int64_t k = classes.rank == 1 ? 0 : 1; k < classes.rank - 1; k++)
        classes.dim[k] = classes.dim[k + 1];
    classes = front_of(classes);
    if (wg_dtype_is_integer(given->dtype) && wg_shape_equal(classes, given->shape)) return NULL;
    snprintf(text, size,
             "the target must hold classes, integers of shape %s, or probabilities "
             "of the type of the first input",
             wg_shape_text(classes, shape));
    return text;
}

wg_tensor *wg_cross_entropy_with(struct wg_loss loss)
{
    const wg_op *op = &wg_op_cross_entropy;
    char         text[WG_SHAPE_TEXT + 120];
    if (!loss.x || !loss.target) return record(op, loss.x, loss.target);
    const char *reason = misfit(loss.x, loss.target, text, sizeof text);
    if (reason) return wg_reject(op, &loss.x, 2, "%s", reason);
    wg_tensor *z = classes_last(loss.x);
    if (wg_dtype_is_integer(wg_dtype_of(loss.target)))
        return reduce(record(op, z, loss.target), loss.reduction);
    return reduce(cross_entropy_of_probabilities(z, classes_last(loss.target)), loss.reduction);
}
