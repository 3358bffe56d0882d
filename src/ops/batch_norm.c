// SPDX-License-Identifier: MIT
/*
 * Batch normalisation: in training by the statistics of the batch, with the rules of the two
 * adjoints, and in evaluation by given ones.
 */
#include "batch_norm.h"

#include "../graph/tape.h"
#include "../kernels/isa.h"
#include "binary.h"
#include "layout.h"
#include "unary.h"

#include <math.h>

/* ---- infer ---- */

/* NULL when x is (N, C, ...) with elements, and inputs 1 to `channels` are (C,). */
static const char *infer_channels(wg_infer *i, int channels)
{
    const struct wg__batch_norm_attrs *attrs = i->attrs;
    const wg_shape                    *x = &i->x[0]->shape;
    const char                        *reason = wg_infer_floats(i);
    if (reason) return reason;
    if (x->rank < 2) return wg_refuse(i, "rank %lld, wanted is (N, C, ...)", (long long)x->rank);
    if (!(attrs->eps >= 0)) return wg_refuse(i, "eps %g must not be negative", attrs->eps);
    for (int k = 1; k <= channels; k++)
        if (i->x[k]->shape.rank != 1 || i->x[k]->count != x->dim[1])
            return wg_refuse(i, "%s must have shape (%lld,)",
                             i->inputs == 3 ? (k == 1 ? "w" : "b") : "statistics",
                             (long long)x->dim[1]);
    return NULL;
}

static const char *train_infer(wg_infer *i)
{
    const wg_dtype dtype = i->x[0]->dtype;
    const char    *reason = infer_channels(i, 2);
    if (reason) return reason;
    const wg_shape channels = WG_SHAPE(i->x[0]->shape.dim[1]);
    reason = wg_infer_output(i, 0, dtype, i->x[0]->shape);
    if (!reason) reason = wg_infer_output(i, 1, dtype, channels);
    return reason ? reason : wg_infer_output(i, 2, dtype, channels);
}

static const char *infer_dy(wg_infer *i, int k)
{
    if (wg_shape_equal(i->x[k]->shape, i->x[0]->shape)) return NULL;
    return wg_refuse(i, "dy has not the shape of x");
}

static const char *sums_infer(wg_infer *i)
{
    const char *reason = infer_channels(i, 2);
    if (!reason) reason = infer_dy(i, 3);
    if (reason) return reason;
    const wg_shape channels = WG_SHAPE(i->x[0]->shape.dim[1]);
    reason = wg_infer_output(i, 0, i->x[0]->dtype, channels);
    return reason ? reason : wg_infer_output(i, 1, i->x[0]->dtype, channels);
}

static const char *backward_infer(wg_infer *i)
{
    const char *reason = infer_channels(i, 3);
    if (!reason) reason = infer_dy(i, 4);
    for (int k = 5; k < 7 && !reason; k++)
        if (!wg_shape_equal(i->x[k]->shape, i->x[1]->shape))
            reason = wg_refuse(i, "the sums must have the shape of w");
    return reason ? reason : wg_infer_output(i, 0, i->x[0]->dtype, i->x[0]->shape);
}

/* ---- kernels ---- */

static struct wg__batch batch_of(const wg_call *call)
{
    const struct wg__batch_norm_attrs *attrs = call->attrs;
    const wg_shape                    *x = &call->x[0].type->shape;
    struct wg__batch batch = {.n = x->dim[0], .c = x->dim[1], .plane = 1, .eps = attrs->eps};
    for (int64_t k = 2; k < x->rank; k++) batch.plane *= x->dim[k];
    return batch;
}

static struct wg__range channels_of(const wg_call *call)
{
    const wg_range share = wg_share(call);
    return (struct wg__range){.first = share.first, .end = share.end};
}

/* Images may have channels last where these are whole groups: the ends of `ends`. */
static uint64_t ends_last(const wg_call *call, uint64_t ends)
{
    const wg_shape *x = &call->x[0].type->shape;
    return x->rank == 4 && x->dim[1] % WG__TOGETHER == 0 ? ends : 0;
}

#define KERNEL(name, kernel, dtype, ...)                                                           \
    static int name##_##dtype(const wg_call *call)                                                 \
    {                                                                                              \
        const struct wg__batch batch = batch_of(call);                                             \
        if (call->channels_last)                                                                   \
            wg__kernels()->dtype.last.kernel(&batch, __VA_ARGS__, channels_of(call));            \
        else                                                                                       \
            wg__kernels()->dtype.kernel(&batch, __VA_ARGS__, channels_of(call));                   \
        return 0;                                                                                  \
    }
#define KERNELS(name, kernel, ends, ...)                                                           \
    KERNEL(name, kernel, f32, __VA_ARGS__)                                                         \
    KERNEL(name, kernel, f64, __VA_ARGS__)                                                         \
    static uint64_t name##_last(const wg_call *call, double *saves)                                \
    {                                                                                              \
        (void)saves; /* nothing */                                                                 \
        return ends_last(call, ends);                                                              \
    }                                                                                              \
    static wg_kernel *name##_prepare(wg_call *call)                                                \
    {                                                                                              \
        const wg_type *x = call->x[0].type;                                                        \
        if (call->channels_last) {                                                                 \
            wg_parallel(call, x->shape.dim[1] / WG__TOGETHER, 2.0 * (double)x->count);             \
            return wg_kernel_of(call, name##_f32, name##_f64);                                     \
        }                                                                                          \
        wg_parallel(call, x->shape.dim[1], 2.0 * (double)x->count);                                \
        wg_writes(call, call->y->type->shape.rank > 1 ? x->shape.dim[0] : 1);                      \
        return wg_kernel_of(call, name##_f32, name##_f64);                                         \
    }
#define X(k) call->x[k].data
#define Y(k) call->y[k].data
KERNELS(train, batch_norm, 1 << 0 | 1 << 3, X(0), X(1), X(2), Y(0), Y(1), Y(2))
KERNELS(sums, batch_norm_sums, 1 << 0 | 1 << 3, X(0), X(1), X(2), X(3), Y(0), Y(1))
KERNELS(backward, batch_norm_backward, 1 << 0 | 1 << 4 | 1 << 7, X(0), X(1), X(2), X(3), X(4), X(5), X(6), Y(0))
#undef X
#undef Y
#undef KERNELS
#undef KERNEL

/* ---- rules ---- */

/* (C,) as (C, 1, ...), to stand beside x */
static wg_tensor *beside(wg_tensor *channels, wg_tensor *x)
{
    wg_shape shape = {.rank = wg_shape_of_tensor(x).rank - 1};
    for (int64_t k = 0; k < shape.rank; k++) shape.dim[k] = 1;
    shape.dim[0] = wg_count_of(channels);
    return wg_reshape(channels, shape);
}

static double elements_of_channel(wg_tensor *x)
{
    return (double)wg_count_of(x) / (double)wg_shape_of_tensor(x).dim[1];
}

static wg_tensor *rstd_of(wg_tensor *var, const void *attributes)
{
    const struct wg__batch_norm_attrs *attrs = attributes;
    return wg_rsqrt(wg_add(var, attrs->eps));
}

/* dx from the adjoints of mean and var: dmean / n + 2 dvar (x - mean) / n */
static void derive_statistics(wg_adjoint *d)
{
    wg_tensor   *x = d->x[0], *mean = d->y[1];
    const double n = elements_of_channel(x);
    if (d->dy[1])
        wg_adjoint_add(d, 0, wg_expand(beside(wg_div(d->dy[1], n), x), wg_shape_of_tensor(x)));
    if (d->dy[2])
        wg_adjoint_add(d, 0,
                       wg_mul(wg_sub(x, beside(mean, x)), beside(wg_mul(d->dy[2], 2 / n), x)));
}

/* y = z w + b, z = (x - mean) rstd      db = sum dy      dw = sum dy z      dx by both */
static void train_derive(wg_adjoint *d)
{
    wg_tensor *x = d->x[0], *w = d->x[1], *mean = d->y[1], *var = d->y[2], *dy = d->dy[0];
    if (d->needs[0]) derive_statistics(d);
    if (!dy) return;
    wg_tensor *db = wg_apply(&wg_op_batch_norm_backward_sums, d->attrs, WG_NO_DTYPE,
                             (wg_tensor *[]){x, mean, var, dy}, 4);
    wg_tensor *dw = wg_output(db, 1);
    if (d->needs[0])
        wg_adjoint_add(d, 0,
                       wg_apply(&wg_op_batch_norm_backward, d->attrs, WG_NO_DTYPE,
                                (wg_tensor *[]){x, w, mean, var, dy, db, dw}, 7));
    wg_adjoint_add(d, 1, dw);
    wg_adjoint_add(d, 2, db);
}

/*
 * db = sum dy, dw = sum dy (x - mean) rstd; g and h are their adjoints:
 * d dy = g + h z      dx = h dy rstd      dmean = -h rstd db      dvar = -h dw rstd^2 / 2
 */
static void sums_derive(wg_adjoint *d)
{
    wg_tensor *x = d->x[0], *mean = d->x[1], *dy = d->x[3], *g = d->dy[0], *h = d->dy[1];
    wg_tensor *rstd = rstd_of(d->x[2], d->attrs);
    if (g && d->needs[3]) wg_adjoint_add(d, 3, wg_expand(beside(g, x), wg_shape_of_tensor(x)));
    if (!h) return;
    wg_tensor *slope = wg_mul(h, rstd);
    if (d->needs[0]) wg_adjoint_add(d, 0, wg_mul(dy, beside(slope, x)));
    if (d->needs[1]) wg_adjoint_add(d, 1, wg_neg(wg_mul(slope, d->y[0])));
    if (d->needs[2]) wg_adjoint_add(d, 2, wg_mul(wg_mul(wg_mul(slope, rstd), d->y[1]), -0.5));
    if (d->needs[3]) wg_adjoint_add(d, 3, wg_mul(wg_sub(x, beside(mean, x)), beside(slope, x)));
}

/* dx = w rstd (dy - db / n - z dw / n) */
static wg_tensor *backward_compose(wg_tensor *const *x, const void *attributes)
{
    wg_tensor   *image = x[0], *rstd = rstd_of(x[3], attributes);
    const double n = elements_of_channel(image);
    wg_tensor   *z = wg_mul(wg_sub(image, beside(x[2], image)), beside(rstd, image));
    wg_tensor   *rest = wg_sub(x[4], beside(wg_div(x[5], n), image));
    rest = wg_sub(rest, wg_mul(z, beside(wg_div(x[6], n), image)));
    return wg_mul(rest, beside(wg_mul(x[1], rstd), image));
}

const wg_op wg_op_batch_norm = {
    .name = "batch_norm",
    .inputs = 3,
    .outputs = 3,
    .attrs_size = sizeof(struct wg__batch_norm_attrs),
    .infer = train_infer,
    .prepare = train_prepare,
    .channels_last = train_last,
    .derive = train_derive,
    .settings = "eps %g",
    .formula = "y = z w + b, z = (x - mean x) / sqrt(var x + eps) for each channel",
    .rule = "db = sum dy, dw = sum dy z, dx = w (dy - db / n - z dw / n) / sqrt(var x + eps)",
};

const wg_op wg_op_batch_norm_backward_sums = {
    .name = "batch_norm_backward_sums",
    .inputs = 4,
    .outputs = 2,
    .attrs_size = sizeof(struct wg__batch_norm_attrs),
    .infer = sums_infer,
    .prepare = sums_prepare,
    .channels_last = sums_last,
    .derive = sums_derive,
    .settings = "eps %g",
    .formula = "db = sum dy, dw = sum dy z, z = (x - mean) / sqrt(var + eps)",
    .rule = "g, h: d dy = g + h z, dx = h dy / sqrt(var + eps), dmean = -sum dx, "
            "dvar = -h dw / (2 (var + eps))",
};

const wg_op wg_op_batch_norm_backward = {
    .name = "batch_norm_backward",
    .inputs = 7,
    .outputs = 1,
    .attrs_size = sizeof(struct wg__batch_norm_attrs),
    .infer = backward_infer,
    .prepare = backward_prepare,
    .channels_last = backward_last,
    .compose = backward_compose,
    .settings = "eps %g",
    .formula = "dx = w rstd (dy - db / n - z dw / n), z = (x - mean) rstd",
    .rule = "that of its composition",
};

/* ---- by given statistics ---- */

/* y = (x - mean) / sqrt(var + eps) w + b for each plane of x */
#define EVALUATE(dtype, T)                                                                         \
    static int evaluate_##dtype(const wg_call *call)                                               \
    {                                                                                              \
        const struct wg__batch_norm_attrs *attrs = call->attrs;                                    \
        const wg_shape                    *shape = &call->y->type->shape;                          \
        const T                           *w = call->x[1].data, *b = call->x[2].data;              \
        const T                           *mean = call->x[3].data, *var = call->x[4].data;         \
        const wg_range                     planes = wg_share(call);                                \
        if (call->y->type->count == 0) return 0;                                                   \
        const int64_t n = call->y->type->count / (shape->dim[0] * shape->dim[1]);                  \
        const T      *x = (const T *)call->x[0].data + planes.first * n;                           \
        T            *y = (T *)call->y->data + planes.first * n;                                   \
        for (int64_t i = planes.first; i < planes.end; i++, x += n, y += n) {                      \
            const int64_t c = i % shape->dim[1];                                                   \
            const T       scale = (T)(w[c] / sqrt((double)var[c] + attrs->eps));                   \
            for (int64_t j = 0; j < n; j++) y[j] = (x[j] - mean[c]) * scale + b[c];                \
        }                                                                                          \
        return 0;                                                                                  \
    }
EVALUATE(f32, float)
EVALUATE(f64, double)
#undef EVALUATE

static const char *evaluate_infer(wg_infer *i)
{
    static const char *const           names[] = {"x", "w", "b", "mean", "var"};
    const struct wg__batch_norm_attrs *attrs = i->attrs;
    const wg_shape                    *x = &i->x[0]->shape;
    const char                        *reason = wg_infer_floats(i);
    if (!reason && x->rank < 2)
        reason = wg_refuse(i, "rank %lld, wanted is (N, C, ...)", (long long)x->rank);
    if (!reason && !(attrs->eps >= 0))
        reason = wg_refuse(i, "eps %g must not be negative", attrs->eps);
    for (int k = 1; k < i->inputs && !reason; k++)
        if (i->x[k]->shape.rank != 1 || i->x[k]->count != x->dim[1])
            reason = wg_refuse(i, "%s must have shape (%lld,)", names[k], (long long)x->dim[1]);
    return reason ? reason : wg_infer_output(i, 0, i->x[0]->dtype, *x);
}

static wg_kernel *evaluate_prepare(wg_call *call)
{
    const wg_type *x = call->x[0].type;
    wg_parallel(call, x->shape.dim[0] * x->shape.dim[1], 2.0 * (double)x->count);
    return wg_kernel_of(call, evaluate_f32, evaluate_f64);
}

/* y = (x - mean) (w / sqrt(var + eps)) + b */
static wg_tensor *evaluate_compose(wg_tensor *const *x, const void *attributes)
{
    wg_tensor *deviation = wg_sub(x[0], beside(x[3], x[0]));
    wg_tensor *scale = wg_mul(rstd_of(x[4], attributes), x[1]);
    return wg_add(wg_mul(deviation, beside(scale, x[0])), beside(x[2], x[0]));
}

const wg_op wg_op_batch_norm_evaluate = {
    .name = "batch_norm_evaluate",
    .inputs = 5,
    .outputs = 1,
    .attrs_size = sizeof(struct wg__batch_norm_attrs),
    .infer = evaluate_infer,
    .prepare = evaluate_prepare,
    .compose = evaluate_compose,
    .settings = "eps %g",
    .formula = "y = (x - mean) / sqrt(var + eps) w + b",
    .rule = "dx = dy s, s = w / sqrt(var + eps); dw = sum dy (x - mean) s / w, db = sum dy, "
            "dmean = -sum dx, dvar = -sum dx (x - mean) / (2 (var + eps))",
};

/* ---- the call ---- */

/* NULL when the settings go together and fit x, else the reason. */
static const char *batch_norm_misfit(const struct wg_batch_norm *norm)
{
    const wg_type *x = wg_type_of(norm->x);
    wg_tensor     *states[] = {norm->mean, norm->var};
    if (!wg_dtype_is_float(x->dtype)) return "x must be f32 or f64, see wg_cast";
    if (x->shape.rank < 2) return "the rank is below 2, wanted is (N, C, ...)";
    if (!norm->mean != !norm->var) return "mean and var go together";
    if (norm->evaluate && !norm->mean) return "evaluation needs mean and var";
    if (!(norm->momentum > 0 && norm->momentum <= 1)) return "momentum must be in (0, 1]";
    for (int k = 0; k < 2 && states[k]; k++) {
        const wg_type *type = wg_type_of(states[k]);
        if (type->dtype != x->dtype) return "mean and var must have the dtype of x";
        if (type->shape.rank != 1 || type->count != x->shape.dim[1])
            return "mean and var must have an element for each channel";
    }
    const bool few = x->count == 0 || x->count == x->shape.dim[1];
    if (!norm->evaluate && few) return "training needs two values or more for each channel";
    return NULL;
}

/* Records: state becomes (1 - momentum) state + momentum value. */
static void follow(wg_tensor *state, wg_tensor *value, double momentum)
{
    wg_tensor *old = wg_mul(state, 1 - momentum), *share = wg_mul(wg_detach(value), momentum);
    wg_assign(state, wg_add(old, share));
}

/* y by the statistics of the batch, which the running ones follow. */
static wg_tensor *train(const struct wg_batch_norm *norm, wg_tensor *const *x,
                        const struct wg__batch_norm_attrs *attrs)
{
    const wg_type *type = wg_type_of(norm->x);
    const double   n = (double)type->count / (double)type->shape.dim[1];
    wg_tensor     *y = wg_apply(&wg_op_batch_norm, attrs, WG_NO_DTYPE, x, 3);
    if (norm->mean) {
        follow(norm->mean, wg_output(y, 1), norm->momentum);
        follow(norm->var, wg_mul(wg_output(y, 2), n / (n - 1)), norm->momentum);
    }
    return y;
}

wg_tensor *wg_batch_norm_with(struct wg_batch_norm norm)
{
    wg_tensor                  *all[] = {norm.x, norm.w, norm.b, norm.mean, norm.var};
    struct wg__batch_norm_attrs attrs = {.eps = norm.eps != 0 ? norm.eps : 1e-5};
    if (norm.momentum == 0) norm.momentum = 0.1;
    if (!norm.x) return wg_reject(&wg_op_batch_norm, all, 5, "an input is NULL");
    const char *reason = batch_norm_misfit(&norm);
    if (reason) return wg_reject(&wg_op_batch_norm, all, 5, "%s", reason);
    const wg_type *type = wg_type_of(norm.x);
    const wg_shape channels = WG_SHAPE(type->shape.dim[1]);
    if (!norm.w) norm.w = wg_full(wg_tape_of(norm.x), type->dtype, channels, 1);
    if (!norm.b) norm.b = wg_full(wg_tape_of(norm.x), type->dtype, channels, 0);
    wg_tensor *const x[] = {norm.x, norm.w, norm.b, norm.mean, norm.var};
    if (!norm.evaluate) return train(&norm, x, &attrs);
    return wg_apply(&wg_op_batch_norm_evaluate, &attrs, WG_NO_DTYPE, x, 5);
}
