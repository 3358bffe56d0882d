// SPDX-License-Identifier: MIT
/*
 * Matrix products. The op multiplies equal batches and reads its inputs by their strides;
 * broadcasting and vectors are views around it. Products of a few numbers take loops of their own,
 * which cost less than the way to the large kernel.
 */
#include "matmul.h"

#include "../graph/tape.h"
#include "../kernels/isa.h"
#include "layout.h"
#include "pieces.h"

#include <string.h>

/* ---- matmul ---- */

static const char *matmul_infer(wg_infer *i)
{
    const char *reason = wg_infer_floats(i);
    if (reason) return reason;
    const wg_shape *a = &i->x[0]->shape, *b = &i->x[1]->shape;
    if (a->rank < 2 || b->rank < 2)
        return wg_refuse(i, "rank %lld by rank %lld, wanted are two matrices", (long long)a->rank,
                         (long long)b->rank);
    const int64_t inner = a->dim[a->rank - 1], front = a->rank - 2;
    if (inner != b->dim[b->rank - 2])
        return wg_refuse(i, "inner sizes differ, %lld and %lld", (long long)inner,
                         (long long)b->dim[b->rank - 2]);
    if (a->rank != b->rank || memcmp(a->dim, b->dim, (size_t)front * sizeof *a->dim) != 0)
        return wg_refuse(i, "the axes before the last two differ and do not broadcast");
    wg_shape y = *a;
    y.dim[y.rank - 1] = b->dim[b->rank - 1];
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

/* The product of one pair of matrices. */
static struct wg__gemm gemm_of(const wg_call *call)
{
    const wg_view *a = &call->x[0], *b = &call->x[1];
    const int64_t  row = a->type->shape.rank - 2, n = b->type->shape.dim[row + 1];
    return (struct wg__gemm){.m = a->type->shape.dim[row],
                             .n = n,
                             .k = b->type->shape.dim[row],
                             .a_row = a->stride[row],
                             .a_col = a->stride[row + 1],
                             .b_row = b->stride[row],
                             .b_col = b->stride[row + 1],
                             .c_row = n};
}

static int64_t products_of(const wg_call *call)
{
    const wg_shape *y = &call->y->type->shape;
    int64_t         products = 1;
    for (int64_t k = 0; k < y->rank - 2; k++) products *= y->dim[k];
    return products;
}

/* The axes in front of a view's matrices. */
static struct wg__loops batch_of(const wg_view *x)
{
    struct wg__loops loops = {.rank = (int)x->type->shape.rank - 2};
    for (int k = 0; k < loops.rank; k++) {
        loops.dim[k] = x->type->shape.dim[k];
        loops.stride[k] = x->stride[k];
    }
    return loops;
}

#define KERNELS(dtype, T)                                                                          \
    static int matmul_##dtype(const wg_call *call)                                                 \
    {                                                                                              \
        const struct wg__gemm  gemm = gemm_of(call);                                               \
        const struct wg__loops left = batch_of(&call->x[0]), right = batch_of(&call->x[1]);        \
        const int64_t          size = gemm.m * gemm.n;                                             \
        const int64_t          pieces = pieces_of(&gemm, products_of(call));                       \
        struct piece           piece;                                                              \
        for (wg_range units = wg_share(call); units.first < units.end; units.first = piece.next) { \
            piece = piece_of(&gemm, pieces, units);                                                \
            const struct wg__place a = wg__place_of(&left, piece.product),                         \
                                   b = wg__place_of(&right, piece.product);                        \
            wg__kernels()->dtype.gemm(                                                             \
                &piece.gemm, (const T *)call->x[0].data + a.offset + piece.row * gemm.a_row,       \
                (const T *)call->x[1].data + b.offset + piece.column * gemm.b_col, NULL,           \
                (T *)call->y->data + piece.product * size + piece.row * gemm.n + piece.column,     \
                call->scratch);                                                                    \
        }                                                                                          \
        return 0;                                                                                  \
    }                                                                                              \
    static int matmul_small_##dtype(const wg_call *call)                                           \
    {                                                                                              \
        const struct wg__gemm gemm = gemm_of(call);                                                \
        const T              *a = call->x[0].data, *b = call->x[1].data;                           \
        T                    *y = call->y->data;                                                   \
        for (int64_t i = 0; i < gemm.m; i++)                                                       \
            for (int64_t j = 0; j < gemm.n; j++) {                                                 \
                T sum = 0;                                                                         \
                for (int64_t p = 0; p < gemm.k; p++)                                               \
                    sum +=                                                                         \
                        a[i * gemm.a_row + p * gemm.a_col] * b[p * gemm.b_row + j * gemm.b_col];   \
                *y++ = sum;                                                                        \
            }                                                                                      \
        return 0;                                                                                  \
    }

KERNELS(f32, float)
KERNELS(f64, double)
#undef KERNELS

static wg_kernel *matmul_prepare(wg_call *call)
{
    const wg_type        *y = call->y->type;
    const struct wg__gemm gemm = gemm_of(call);
    const double          work = multiply_adds_of(&gemm, products_of(call));
    call->flops = 2 * work;
    if (y->shape.rank == 2 && is_small(&gemm))
        return wg_kernel_of(call, matmul_small_f32, matmul_small_f64);
    const struct wg__loops left = batch_of(&call->x[0]), right = batch_of(&call->x[1]);
    struct wg__onednn      made;
    if (wg__onednn_wanted(call, work)) {
        if (wg__onednn_matmul(&made, call->onednn, &gemm, &left, &right, false))
            return wg__by_onednn(call, &made, work);
        call->why = made.why;
    }
    wg_scratch(call, wg__gemm_scratch(gemm.m, gemm.n, gemm.k, wg_dtype_size(y->dtype)));
    ask_threads(call, &gemm, products_of(call));
    return wg_kernel_of(call, matmul_f32, matmul_f64);
}

/* y = a b      da = dy b^T      db = a^T dy */
static void matmul_derive(wg_adjoint *d)
{
    wg_tensor *dy = d->dy[0];
    if (d->needs[0]) wg_adjoint_add(d, 0, wg_matmul(dy, wg_transpose(d->x[1])));
    if (d->needs[1]) wg_adjoint_add(d, 1, wg_matmul(wg_transpose(d->x[0]), dy));
}

const wg_op wg_op_matmul = {
    .name = "matmul",
    .inputs = 2,
    .outputs = 1,
    .traits = WG_STRIDED,
    .infer = matmul_infer,
    .prepare = matmul_prepare,
    .release = wg__onednn_release,
    .derive = matmul_derive,
    .formula = "y = a b",
    .rule = "da = dy b^T, db = a^T dy",
};

/* ---- the call: vectors and batches ---- */

static wg_tensor *multiply(wg_tensor *a, wg_tensor *b)
{
    return wg_apply(&wg_op_matmul, NULL, WG_NO_DTYPE, (wg_tensor *[]){a, b}, 2);
}

/* x with these axes in front of its matrices. */
static wg_tensor *expand_front(wg_tensor *x, wg_shape front)
{
    const wg_shape shape = wg_shape_of_tensor(x);
    memcpy(front.dim + front.rank, shape.dim + shape.rank - 2, 2 * sizeof *shape.dim);
    front.rank += 2;
    return wg_expand(x, front);
}

static wg_shape front_of(wg_shape shape)
{
    for (int k = 2; k > 0; k--) shape.dim[--shape.rank] = 0;
    return shape;
}

/* a b for ranks of at least 2. One matrix on the right is one product with all rows of the left. */
static wg_tensor *multiply_batches(wg_tensor *a, wg_tensor *b)
{
    wg_shape      left = wg_shape_of_tensor(a), right = wg_shape_of_tensor(b), front;
    const int64_t inner = left.dim[left.rank - 1];
    if ((left.rank == 2 && right.rank == 2) || inner != right.dim[right.rank - 2])
        return multiply(a, b);
    if (right.rank == 2 && inner > 0) {
        wg_tensor *rows = multiply(wg_reshape(a, WG_SHAPE(-1, inner)), b);
        left.dim[left.rank - 1] = right.dim[1];
        return wg_reshape(rows, left);
    }
    if (!wg_shape_broadcast(front_of(left), front_of(right), &front)) return multiply(a, b);
    return multiply(expand_front(a, front), expand_front(b, front));
}

wg_tensor *wg_matmul(wg_tensor *a, wg_tensor *b)
{
    const int64_t left = wg_shape_of_tensor(a).rank, right = wg_shape_of_tensor(b).rank;
    if (left == 0 || right == 0) return multiply(a, b); /* which says so; NULL has rank 0 too */
    if (left == 1) a = wg_unsqueeze(a, 0);
    if (right == 1) b = wg_unsqueeze(b, 1);
    if (!a || !b) return NULL;
    wg_tensor *y = multiply_batches(a, b);
    if (left == 1) y = wg_squeeze(y, WG_AXES(-2));
    return right == 1 ? wg_squeeze(y, WG_AXES(-1)) : y;
}
