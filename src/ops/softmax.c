// SPDX-License-Identifier: MIT
/*
 * Softmax and its logarithm: kernels along the last axis, each with a fused adjoint, which is
 * derived from its composition.
 */
#include "softmax.h"

#include "../graph/tape.h"
#include "../kernels/isa.h"
#include "binary.h"
#include "costs.h"
#include "layout.h"
#include "reduce.h"
#include "unary.h"

static const char *infer_lines(wg_infer *i)
{
    if (i->x[0]->shape.rank == 0) return wg_refuse(i, "rank 0, there is no axis");
    return wg_infer_like(i);
}

/* ---- kernels ---- */

static int64_t line_of(const wg_call *call)
{
    const wg_shape *shape = &call->y->type->shape;
    return shape->dim[shape->rank - 1];
}

#define KERNEL_1(name, dtype, T)                                                                   \
    static int name##_##dtype(const wg_call *call)                                                 \
    {                                                                                              \
        const int64_t  n = line_of(call);                                                          \
        const wg_range lines = wg_share(call);                                                     \
        wg__kernels()->dtype.name(lines.end - lines.first, n,                                      \
                                  (const T *)call->x[0].data + lines.first * n,                    \
                                  (T *)call->y->data + lines.first * n);                           \
        return 0;                                                                                  \
    }
#define KERNEL_2(name, dtype, T)                                                                   \
    static int name##_##dtype(const wg_call *call)                                                 \
    {                                                                                              \
        const int64_t  n = line_of(call);                                                          \
        const wg_range lines = wg_share(call);                                                     \
        wg__kernels()->dtype.name(                                                                 \
            lines.end - lines.first, n, (const T *)call->x[0].data + lines.first * n,              \
            (const T *)call->x[1].data + lines.first * n, (T *)call->y->data + lines.first * n);   \
        return 0;                                                                                  \
    }
#define PREPARE(number, name)                                                                      \
    KERNEL_##number(name, f32, float)                                                              \
        KERNEL_##number(name, f64, double) static wg_kernel *name##_prepare(wg_call *call)         \
    {                                                                                              \
        const int64_t n = line_of(call);                                                           \
        wg_parallel(call, n ? call->y->type->count / n : 0, WG__EXP *(double)call->y->type->count); \
        return wg_kernel_of(call, name##_f32, name##_f64);                                         \
    }

PREPARE(1, softmax)
PREPARE(1, log_softmax)
PREPARE(2, softmax_backward)
PREPARE(2, log_softmax_backward)
#undef PREPARE
#undef KERNEL_1
#undef KERNEL_2

/* ---- rules ---- */

static void softmax_derive(wg_adjoint *d)
{
    wg_tensor *const x[] = {d->y[0], d->dy[0]};
    wg_adjoint_add(d, 0, wg_apply(&wg_op_softmax_backward, NULL, WG_NO_DTYPE, x, 2));
}

static void log_softmax_derive(wg_adjoint *d)
{
    wg_tensor *const x[] = {d->y[0], d->dy[0]};
    wg_adjoint_add(d, 0, wg_apply(&wg_op_log_softmax_backward, NULL, WG_NO_DTYPE, x, 2));
}

static wg_tensor *sum_of_lines(wg_tensor *x)
{
    return wg_sum(x, WG_AXES(-1), .keep = true);
}

/* x - max x of each line; empty lines have none. */
static wg_tensor *shifted(wg_tensor *x)
{
    return wg_count_of(x) == 0 ? x : wg_sub(x, wg_amax(x, WG_AXES(-1), .keep = true));
}

/* y = exp(z) / sum exp(z), z = x - max x */
static wg_tensor *softmax_compose(wg_tensor *const *x, const void *attrs)
{
    wg_tensor *powers = wg_exp(shifted(x[0]));
    (void)attrs;
    return wg_div(powers, sum_of_lines(powers));
}

/* y = z - log sum exp(z), z = x - max x */
static wg_tensor *log_softmax_compose(wg_tensor *const *x, const void *attrs)
{
    wg_tensor *z = shifted(x[0]);
    (void)attrs;
    return wg_sub(z, wg_log(sum_of_lines(wg_exp(z))));
}

/* dx = y (dy - sum dy y) */
static wg_tensor *softmax_backward_compose(wg_tensor *const *x, const void *attrs)
{
    wg_tensor *y = x[0], *dy = x[1], *sum = sum_of_lines(wg_mul(dy, y));
    (void)attrs;
    return wg_mul(y, wg_sub(dy, sum));
}

/* dx = dy - exp(y) sum dy */
static wg_tensor *log_softmax_backward_compose(wg_tensor *const *x, const void *attrs)
{
    wg_tensor *y = x[0], *dy = x[1], *sum = sum_of_lines(dy);
    (void)attrs;
    return wg_sub(dy, wg_mul(wg_exp(y), sum));
}

const wg_op wg_op_softmax = {
    .name = "softmax",
    .inputs = 1,
    .outputs = 1,
    .infer = infer_lines,
    .prepare = softmax_prepare,
    .derive = softmax_derive,
    .compose = softmax_compose,
    .formula = "y = exp(x) / sum exp(x)",
    .rule = "dx = y (dy - sum dy y)",
};

const wg_op wg_op_log_softmax = {
    .name = "log_softmax",
    .inputs = 1,
    .outputs = 1,
    .infer = infer_lines,
    .prepare = log_softmax_prepare,
    .derive = log_softmax_derive,
    .compose = log_softmax_compose,
    .formula = "y = x - log sum exp(x)",
    .rule = "dx = dy - exp(y) sum dy",
};

const wg_op wg_op_softmax_backward = {
    .name = "softmax_backward",
    .inputs = 2,
    .outputs = 1,
    .infer = infer_lines,
    .prepare = softmax_backward_prepare,
    .compose = softmax_backward_compose,
    .formula = "dx = y (dy - sum dy y)",
    .rule = "g: dy' = g (dy - sum dy y) - dy sum g y, d dy = y (g - sum g y)",
};

const wg_op wg_op_log_softmax_backward = {
    .name = "log_softmax_backward",
    .inputs = 2,
    .outputs = 1,
    .infer = infer_lines,
    .prepare = log_softmax_backward_prepare,
    .compose = log_softmax_backward_compose,
    .formula = "dx = dy - exp(y) sum dy",
    .rule = "g: dy' = -g exp(y) sum dy, d dy = g - sum g exp(y)",
};

/* ---- the calls ---- */

/* The op along any axis: that axis is brought to the end, and back. */
static wg_tensor *along(const wg_op *op, wg_tensor *x, int64_t axis)
{
    if (!x) return NULL;
    const int64_t rank = wg_shape_of_tensor(x).rank;
    const int     place = wg__axis(axis, rank == 0 ? 1 : rank);
    if (place < 0)
        return wg_reject(op, &x, 1, "axis %lld is out of range for rank %lld", (long long)axis,
                         (long long)rank);
    const bool last = place == rank - 1;
    if (rank == 0)
        x = wg_unsqueeze(x, 0);
    else if (!last)
        x = wg_swapaxes(x, place, -1);
    wg_tensor *y = wg_apply(op, NULL, WG_NO_DTYPE, &x, 1);
    if (rank == 0) return wg_reshape(y, WG_SCALAR);
    return last ? y : wg_swapaxes(y, place, -1);
}

wg_tensor *wg_softmax(wg_tensor *x, int64_t axis)
{
    return along(&wg_op_softmax, x, axis);
}

wg_tensor *wg_log_softmax(wg_tensor *x, int64_t axis)
{
    return along(&wg_op_log_softmax, x, axis);
}
