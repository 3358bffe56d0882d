// SPDX-License-Identifier: MIT
/* The op takes packed lines; its call brings the axes to the end and makes them one. */
#include "logsumexp.h"

#include "../graph/tape.h"
#include "../kernels/isa.h"
#include "binary.h"
#include "costs.h"
#include "layout.h"
#include "unary.h"

static const char *logsumexp_infer(wg_infer *i)
{
    wg_shape    y = i->x[0]->shape;
    const char *reason = wg_infer_floats(i);
    if (!reason) reason = wg__infer_axis(i, -1, y.rank);
    if (reason) return reason;
    y.rank--;
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

static int64_t line_of(const wg_call *call)
{
    return call->x->type->shape.dim[call->y->type->shape.rank];
}

#define KERNEL(dtype, T)                                                                           \
    static int logsumexp_##dtype(const wg_call *call)                                              \
    {                                                                                              \
        const wg_range lines = wg_share(call);                                                     \
        const int64_t  n = line_of(call);                                                          \
        wg__kernels()->dtype.logsumexp(lines.end - lines.first, n,                                 \
                                       (const T *)call->x->data + lines.first * n,                 \
                                       (T *)call->y->data + lines.first);                          \
        return 0;                                                                                  \
    }
KERNEL(f32, float)
KERNEL(f64, double)
#undef KERNEL

static wg_kernel *logsumexp_prepare(wg_call *call)
{
    wg_parallel(call, call->y->type->count, WG__EXP * (double)call->x->type->count);
    return wg_kernel_of(call, logsumexp_f32, logsumexp_f64);
}

/* dx = dy exp(x - y) */
static void logsumexp_derive(wg_adjoint *d)
{
    wg_tensor *weight = wg_exp(wg_sub(d->x[0], wg_unsqueeze(d->y[0], -1)));
    wg_adjoint_add(d, 0, wg_mul(weight, wg_unsqueeze(d->dy[0], -1)));
}

const wg_op wg_op_logsumexp = {
    .name = "logsumexp",
    .inputs = 1,
    .outputs = 1,
    .infer = logsumexp_infer,
    .prepare = logsumexp_prepare,
    .derive = logsumexp_derive,
    .formula = "y = log sum exp x",
    .rule = "dx = dy exp(x - y)",
};

wg_tensor *wg_logsumexp_with(struct wg_reduce reduce)
{
    if (!wg__axes_fit(&wg_op_logsumexp, reduce.x, &reduce.axes)) return NULL;
    const wg_shape x = wg_shape_of_tensor(reduce.x);
    const unsigned mask = wg__axes_mask(&reduce.axes, x.rank);
    wg_axes        order = {.count = 0};
    wg_shape       lines = {.rank = 0}, kept = x;
    int64_t        n = 1;
    for (int64_t k = 0; k < x.rank; k++) {
        if (mask >> k & 1) continue;
        order.axis[order.count++] = k;
        lines.dim[lines.rank++] = x.dim[k];
    }
    for (int64_t k = 0; k < x.rank; k++) {
        if (!(mask >> k & 1)) continue;
        order.axis[order.count++] = k;
        n *= x.dim[k];
        kept.dim[k] = 1;
    }
    lines.dim[lines.rank++] = n;
    wg_tensor *line = reduce.x;
    if (x.rank == 0 || mask != 1u << (x.rank - 1))
        line = wg_reshape(wg_permute(line, order), lines);
    wg_tensor *y = wg_apply(&wg_op_logsumexp, NULL, WG_NO_DTYPE, &line, 1);
    return reduce.keep ? wg_reshape(y, kept) : y;
}
