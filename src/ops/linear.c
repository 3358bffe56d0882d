// SPDX-License-Identifier: MIT
/* Linear layers: x w^T + b. */
#include "../graph/tape.h"
#include "../kernels/isa.h"
#include "layout.h"
#include "matmul.h"
#include "pieces.h"
#include "reduce.h"

static const char *linear_infer(wg_infer *i)
{
    if (i->inputs != 2 && i->inputs != 3)
        return wg_refuse(i, "%d inputs, wanted are 2 or 3", i->inputs);
    const char *reason = wg_infer_floats(i);
    if (!reason && i->x[0]->shape.rank == 0) reason = wg_refuse(i, "x has rank 0");
    if (!reason) reason = wg_infer_rank(i, 1, 2);
    if (!reason && i->inputs == 3) reason = wg_infer_rank(i, 2, 1);
    if (reason) return reason;
    wg_shape      y = i->x[0]->shape;
    const int64_t in = i->x[1]->shape.dim[1], out = i->x[1]->shape.dim[0];
    if (y.dim[y.rank - 1] != in)
        return wg_refuse(i, "inner sizes differ, %lld and %lld", (long long)y.dim[y.rank - 1],
                         (long long)in);
    if (i->inputs == 3 && i->x[2]->count != out)
        return wg_refuse(i, "the bias has %lld elements for %lld outputs",
                         (long long)i->x[2]->count, (long long)out);
    y.dim[y.rank - 1] = out;
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

/* x as (rows, in) by w^T; y has an element, or no kernel asks. */
static struct wg__gemm linear_gemm(const wg_call *call)
{
    const int64_t out = call->x[1].type->shape.dim[0], in = call->x[1].type->shape.dim[1];
    return (struct wg__gemm){.m = out ? call->y->type->count / out : 0,
                             .n = out,
                             .k = in,
                             .a_row = in,
                             .a_col = 1,
                             .b_row = 1,
                             .b_col = in,
                             .c_row = out};
}

#define KERNELS(dtype, T)                                                                          \
    static int linear_##dtype(const wg_call *call)                                                 \
    {                                                                                              \
        const struct wg__gemm *gemm = call->kept;                                                  \
        const T               *bias = call->inputs == 3 ? call->x[2].data : NULL;                  \
        const int64_t          pieces = pieces_of(gemm, 1);                                        \
        struct piece           piece;                                                              \
        for (wg_range units = wg_share(call); units.first < units.end; units.first = piece.next) { \
            piece = piece_of(gemm, pieces, units);                                                 \
            wg__kernels()->dtype.gemm(                                                             \
                &piece.gemm, (const T *)call->x[0].data + piece.row * gemm->k,                     \
                (const T *)call->x[1].data + piece.column * gemm->k,                               \
                bias ? bias + piece.column : NULL,                                                 \
                (T *)call->y->data + piece.row * gemm->n + piece.column, call->scratch);           \
        }                                                                                          \
        return 0;                                                                                  \
    }                                                                                              \
    static int linear_row_##dtype(const wg_call *call)                                             \
    {                                                                                              \
        const struct wg__gemm *gemm = call->kept;                                                  \
        const wg_range         units = wg_share(call);                                             \
        const int64_t          each = piece_size(gemm), most = units.end * each;                   \
        const int64_t          first = units.first * each;                                         \
        const T               *w = call->x[1].data;                                                \
        const T               *bias = call->inputs == 3 ? call->x[2].data : NULL;                  \
        wg__kernels()->dtype.gemv((most < gemm->n ? most : gemm->n) - first, gemm->k,              \
                                  w + first * gemm->k, call->x[0].data,                            \
                                  bias ? bias + first : NULL,                                      \
                                  (T *)call->y->data + first);                                     \
        return 0;                                                                                  \
    }                                                                                              \
    static int linear_small_##dtype(const wg_call *call)                                           \
    {                                                                                              \
        const struct wg__gemm *gemm = call->kept;                                                  \
        const T *x = call->x[0].data, *bias = call->inputs == 3 ? call->x[2].data : NULL;          \
        T       *y = call->y->data;                                                                \
        for (int64_t i = 0; i < gemm->m; i++, x += gemm->k) {                                      \
            const T *w = call->x[1].data;                                                          \
            for (int64_t j = 0; j < gemm->n; j++, w += gemm->k) {                                  \
                T sum = 0;                                                                         \
                for (int64_t p = 0; p < gemm->k; p++) sum += x[p] * w[p];                          \
                *y++ = bias ? sum + bias[j] : sum;                                                 \
            }                                                                                      \
        }                                                                                          \
        return 0;                                                                                  \
    }

KERNELS(f32, float)
KERNELS(f64, double)
#undef KERNELS

static wg_kernel *linear_prepare(wg_call *call)
{
    static const struct wg__loops one = {0};
    const struct wg__gemm         sizes = linear_gemm(call);
    const double                  work = multiply_adds_of(&sizes, 1);
    struct wg__onednn             made;
    call->flops = 2 * work;
    if (wg__onednn_wanted(call, work)) {
        if (wg__onednn_matmul(&made, call->onednn, &sizes, &one, &one, call->inputs == 3))
            return wg__by_onednn(call, &made, work);
        call->why = made.why;
    }
    struct wg__gemm *gemm = wg_keep(call, sizeof *gemm);
    if (!gemm) return NULL;
    *gemm = sizes;
    if (is_small(gemm)) return wg_kernel_of(call, linear_small_f32, linear_small_f64);
    ask_threads(call, gemm, 1);
    if (gemm->m == 1) return wg_kernel_of(call, linear_row_f32, linear_row_f64);
    wg_scratch(call,
               wg__gemm_scratch(gemm->m, gemm->n, gemm->k, wg_dtype_size(call->y->type->dtype)));
    return wg_kernel_of(call, linear_f32, linear_f64);
}

/* (..., k) as (rows, k); a matrix is that already. */
static wg_tensor *rows_of(wg_tensor *x)
{
    wg_shape shape = wg_shape_of_tensor(x), rows = WG_SHAPE(1, shape.dim[shape.rank - 1]);
    if (shape.rank == 2) return x;
    for (int64_t k = 0; k < shape.rank - 1; k++)
        if (!wg__multiply(rows.dim[0], shape.dim[k], &rows.dim[0])) rows.dim[0] = -1;
    return wg_reshape(x, rows);
}

/* x itself where it has this shape. */
static wg_tensor *shaped(wg_tensor *x, wg_shape shape)
{
    return wg_shape_equal(wg_shape_of_tensor(x), shape) ? x : wg_reshape(x, shape);
}

/* y = x w^T + b      dx = dy w      dw = dy^T x      db = sum dy over the rows */
static void linear_derive(wg_adjoint *d)
{
    wg_tensor *x = d->x[0], *w = d->x[1], *dy = rows_of(d->dy[0]);
    if (!dy) return;
    const wg_shape shape = wg_shape_of_tensor(dy);
    if (d->needs[1]) wg_adjoint_add(d, 1, wg_matmul(wg_transpose(dy), rows_of(x)));
    if (d->inputs == 3 && d->needs[2])
        wg_adjoint_add(d, 2,
                       shape.dim[0] == 1 ? wg_reshape(dy, WG_SHAPE(shape.dim[1]))
                                         : wg_sum(dy, WG_AXES(0)));
    if (d->needs[0]) wg_adjoint_add(d, 0, shaped(wg_matmul(dy, w), wg_shape_of_tensor(x)));
}

const wg_op wg_op_linear = {
    .name = "linear",
    .inputs = WG_VARIADIC,
    .outputs = 1,
    .infer = linear_infer,
    .prepare = linear_prepare,
    .release = wg__onednn_release,
    .derive = linear_derive,
    .formula = "y = x w^T + b",
    .rule = "dx = dy w, dw = dy^T x, db = sum dy",
};

wg_tensor *wg_linear(wg_tensor *x, wg_tensor *w, wg_tensor *b)
{
    return wg_apply(&wg_op_linear, NULL, WG_NO_DTYPE, (wg_tensor *[]){x, w, b}, b ? 3 : 2);
}
