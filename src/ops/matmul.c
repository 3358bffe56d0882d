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
#include "reduce.h"

#include <string.h>

/* Multiply-adds up to which the plain loops of this file are used. */
#define SMALL 64

static bool is_small(const struct wg__gemm *gemm)
{
    return (double)gemm->m * (double)gemm->n * (double)gemm->k <= SMALL;
}

/* ---- pieces for threads ---- */

/*
 * A product falls into stretches of PIECE rows or columns, along its longer side. Of so many
 * products none is cut.
 */
#define PIECE    32
#define PRODUCTS 16

/* How many multiply-adds are done in the time of one move of an element. */
#define MULTIPLY_ADDS 8.0

static int64_t longer_side(const struct wg__gemm *gemm)
{
    return gemm->m >= gemm->n ? gemm->m : gemm->n;
}

static int64_t pieces_of(const struct wg__gemm *gemm, int64_t products)
{
    return products >= PRODUCTS ? 1 : (longer_side(gemm) + PIECE - 1) / PIECE;
}

static void ask_threads(wg_call *call, const struct wg__gemm *gemm, int64_t products)
{
    const double multiply_adds =
        (double)products * (double)gemm->m * (double)gemm->n * (double)gemm->k;
    call->flops = 2 * multiply_adds;
    wg_parallel(call, products * pieces_of(gemm, products), multiply_adds / MULTIPLY_ADDS);
}

/* A part of one product, from `row` and `column` on; `next` is the unit after it. */
struct piece {
    struct wg__gemm gemm;
    int64_t         product, row, column, next;
};

/* As much of the product of the first of these units as they hold. */
static struct piece piece_of(const struct wg__gemm *whole, int64_t pieces, wg_range units)
{
    const int64_t product = units.first / pieces, first = units.first - product * pieces;
    const int64_t many = units.end - units.first, left = pieces - first;
    const int64_t end = first + (many < left ? many : left), start = first * PIECE;
    const int64_t side = longer_side(whole), size = (end == pieces ? side : end * PIECE) - start;
    struct piece  piece = {.gemm = *whole, .product = product, .next = units.first + end - first};
    if (whole->m >= whole->n)
        piece.row = start, piece.gemm.m = size;
    else
        piece.column = start, piece.gemm.n = size;
    return piece;
}

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

/* The product of one pair of matrices; its strides are known in a run only. */
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
                (const T *)call->x[1].data + b.offset + piece.column * gemm.b_col,                 \
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
    const struct wg__gemm gemm = gemm_of(call); /* sizes are true, strides are not yet */
    if (y->shape.rank == 2 && is_small(&gemm))
        return wg_kernel_of(call, matmul_small_f32, matmul_small_f64);
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

/* ---- linear ---- */

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
                             .c_row = out,
                             .accumulate = call->inputs == 3};
}

#define KERNELS(dtype, T)                                                                          \
    static int linear_##dtype(const wg_call *call)                                                 \
    {                                                                                              \
        const struct wg__gemm *gemm = call->kept;                                                  \
        const int64_t          pieces = pieces_of(gemm, 1);                                        \
        struct piece           piece;                                                              \
        for (wg_range units = wg_share(call); units.first < units.end; units.first = piece.next) { \
            piece = piece_of(gemm, pieces, units);                                                 \
            T *const y = (T *)call->y->data + piece.row * gemm->n + piece.column;                  \
            for (int64_t i = 0; gemm->accumulate && i < piece.gemm.m; i++)                         \
                memcpy(y + i * gemm->n, (const T *)call->x[2].data + piece.column,                 \
                       (size_t)piece.gemm.n * sizeof(T));                                          \
            wg__kernels()->dtype.gemm(                                                             \
                &piece.gemm, (const T *)call->x[0].data + piece.row * gemm->k,                     \
                (const T *)call->x[1].data + piece.column * gemm->k, y, call->scratch);            \
        }                                                                                          \
        return 0;                                                                                  \
    }                                                                                              \
    static int linear_row_##dtype(const wg_call *call)                                             \
    {                                                                                              \
        const struct wg__gemm *gemm = call->kept;                                                  \
        const wg_range         units = wg_share(call);                                             \
        const int64_t          first = units.first * PIECE, most = units.end * PIECE;              \
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
        const T *x = call->x[0].data, *bias = gemm->accumulate ? call->x[2].data : NULL;           \
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
    struct wg__gemm *gemm = wg_keep(call, sizeof *gemm);
    if (!gemm) return NULL;
    *gemm = linear_gemm(call);
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
    if (d->needs[0]) wg_adjoint_add(d, 0, shaped(wg_matmul(dy, w), wg_shape_of_tensor(x)));
    if (d->needs[1]) wg_adjoint_add(d, 1, wg_matmul(wg_transpose(dy), rows_of(x)));
    if (d->inputs < 3 || !d->needs[2]) return;
    const wg_shape shape = wg_shape_of_tensor(dy);
    wg_adjoint_add(
        d, 2, shape.dim[0] == 1 ? wg_reshape(dy, WG_SHAPE(shape.dim[1])) : wg_sum(dy, WG_AXES(0)));
}

const wg_op wg_op_linear = {
    .name = "linear",
    .inputs = WG_VARIADIC,
    .outputs = 1,
    .infer = linear_infer,
    .prepare = linear_prepare,
    .derive = linear_derive,
    .formula = "y = x w^T + b",
    .rule = "dx = dy w, dw = dy^T x, db = sum dy",
};

wg_tensor *wg_linear(wg_tensor *x, wg_tensor *w, wg_tensor *b)
{
    return wg_apply(&wg_op_linear, NULL, WG_NO_DTYPE, (wg_tensor *[]){x, w, b}, b ? 3 : 2);
}
