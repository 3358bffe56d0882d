// SPDX-License-Identifier: MIT
/*
 * Attention as one op that never writes all its weights down, and its adjoint, which makes them
 * again: cheaper than keeping them, and quadratic memory is what attention is known for.
 */
#include "attention.h"

#include "../graph/choose.h"
#include "../graph/tape.h"
#include "attention_heads.h"
#include "binary.h"
#include "costs.h"
#include "join.h"
#include "layout.h"
#include "matmul.h"
#include "random.h"
#include "reduce.h"
#include "slice.h"
#include "softmax.h"

#include <math.h>
#include <string.h>

/* ---- kernels ---- */

WG__WHOLE_KERNELS(attention_f32)
WG__WHOLE_KERNELS(attention_f64)
WG__WHOLE_KERNELS(attention_backward_f32)
WG__WHOLE_KERNELS(attention_backward_f64)

/* A weight counts as so many moves. */
#define WEIGHT 16.0

/* So many products of all queries and keys, of d or e elements; half of it with a causal mask. */
static void count_flops(wg_call *call, int products)
{
    const struct heads h = heads_of(call);
    call->flops = products * (double)h.count * (double)h.t * (double)h.s * (double)(h.d + h.e);
    if (h.causal) call->flops /= 2;
}

/* The heads by threads. */
static void ask(wg_call *call)
{
    if (call->y->type->count == 0) return;
    const struct heads h = heads_of(call);
    size_t             place[PARTS + 1];
    places_of(&h, wg_dtype_size(call->x[0].type->dtype), place);
    wg_scratch(call, place[PARTS]);
    const double weights = (double)h.count * (double)h.t * (double)h.s;
    wg_parallel(call, h.count, weights * (WEIGHT + (double)(h.d + h.e) / WG__MULTIPLY_ADDS));
}

static wg_kernel *attention_prepare(wg_call *call)
{
    ask(call);
    count_flops(call, 2);
    return wg_kernel_of(call, attention_f32_kernels[wg__isa()], attention_f64_kernels[wg__isa()]);
}

static wg_kernel *attention_backward_prepare(wg_call *call)
{
    ask(call);
    count_flops(call, 5);
    return wg_kernel_of(call, attention_backward_f32_kernels[wg__isa()],
                        attention_backward_f64_kernels[wg__isa()]);
}

/* ---- rules ---- */

/* The axes in front, and the last two: (rows, columns). */
static wg_shape matrices(const wg_shape *front, int64_t rows, int64_t columns)
{
    wg_shape shape = *front;
    shape.dim[shape.rank - 2] = rows;
    shape.dim[shape.rank - 1] = columns;
    return shape;
}

/* NULL when there are `more` inputs beside q, k, v and the mask, and those fit together. */
static const char *infer_heads(wg_infer *i, int more)
{
    const struct attention_attrs *attrs = i->attrs;
    const int                     wanted = 3 + (attrs->masked != 0) + more;
    if (i->inputs != wanted) return wg_refuse(i, "%d inputs, wanted are %d", i->inputs, wanted);
    const wg_shape *q = &i->x[0]->shape, *k = &i->x[1]->shape, *v = &i->x[2]->shape;
    const int64_t   row = q->rank - 2;
    for (int n = 0; n < 3; n++)
        if (i->x[n]->shape.rank < 2 || i->x[n]->shape.rank != q->rank)
            return wg_refuse(i, "q, k and v must be of one rank, 2 or more");
    if (!wg_dtype_is_float(i->x[0]->dtype) || i->x[1]->dtype != i->x[0]->dtype ||
        i->x[2]->dtype != i->x[0]->dtype)
        return wg_refuse(i, "q, k and v must be all f32 or all f64, see wg_cast");
    if (q->dim[row + 1] != k->dim[row + 1])
        return wg_refuse(i, "q has %lld columns and k has %lld", (long long)q->dim[row + 1],
                         (long long)k->dim[row + 1]);
    if (k->dim[row] != v->dim[row])
        return wg_refuse(i, "there are %lld keys and %lld values", (long long)k->dim[row],
                         (long long)v->dim[row]);
    for (int64_t n = 0; n < row; n++)
        if (k->dim[n] != q->dim[n] || v->dim[n] != q->dim[n])
            return wg_refuse(i, "the axes before the last two differ and do not broadcast");
    if (!attrs->masked) return NULL;
    if (i->x[3]->dtype != WG_BOOL)
        return wg_refuse(i, "the mask has dtype %s, wanted is bool", wg_dtype_name(i->x[3]->dtype));
    if (!wg_shape_equal(i->x[3]->shape, matrices(q, q->dim[row], k->dim[row])))
        return wg_refuse(i, "the mask does not broadcast to a row a query and a column a key");
    return NULL;
}

static const char *attention_infer(wg_infer *i)
{
    const char *reason = infer_heads(i, 0);
    if (reason) return reason;
    const wg_shape *q = &i->x[0]->shape, *v = &i->x[2]->shape;
    return wg_infer_output(i, 0, i->x[0]->dtype,
                           matrices(q, q->dim[q->rank - 2], v->dim[v->rank - 1]));
}

/* Elements of q, k and v at one place of the axes in front; false when they overflow. */
static bool line_of(const wg_shape *q, const wg_shape *k, const wg_shape *v, int64_t line[3])
{
    const int64_t row = q->rank - 2;
    return wg__multiply(q->dim[row], q->dim[row + 1], &line[0]) &&
           wg__multiply(k->dim[row], k->dim[row + 1], &line[1]) &&
           wg__multiply(v->dim[row], v->dim[row + 1], &line[2]) && line[0] <= INT64_MAX / 4 &&
           line[1] <= INT64_MAX / 4 && line[2] <= INT64_MAX / 4;
}

static const char *attention_backward_infer(wg_infer *i)
{
    int64_t     line[3];
    const char *reason = infer_heads(i, 1);
    if (reason) return reason;
    const wg_shape *q = &i->x[0]->shape, *k = &i->x[1]->shape, *v = &i->x[2]->shape;
    const wg_shape  y = matrices(q, q->dim[q->rank - 2], v->dim[v->rank - 1]);
    const wg_type  *dy = i->x[i->inputs - 1];
    if (dy->dtype != i->x[0]->dtype || !wg_shape_equal(dy->shape, y))
        return wg_refuse(i, "dy is not of y's type");
    if (!line_of(q, k, v, line)) return wg_refuse(i, "too many elements");
    wg_shape dx = *q;
    dx.dim[--dx.rank] = 0;
    dx.dim[dx.rank - 1] = line[0] + line[1] + line[2];
    return wg_infer_output(i, 0, i->x[0]->dtype, dx);
}

/* Part of the backward op's lines, `from` to `to`, as a tensor like x. */
static wg_tensor *part(wg_tensor *dx, int64_t from, int64_t to, wg_tensor *x)
{
    return wg_reshape(wg_slice(dx, -1, from, to), wg_shape_of_tensor(x));
}

static void attention_derive(wg_adjoint *d)
{
    wg_tensor *x[5];
    int64_t    line[3] = {0};
    for (int k = 0; k < d->inputs; k++) x[k] = d->x[k];
    x[d->inputs] = d->dy[0];
    line_of(&wg_type_of(x[0])->shape, &wg_type_of(x[1])->shape, &wg_type_of(x[2])->shape, line);
    wg_tensor *dx = wg_apply(&wg_op_attention_backward, d->attrs, WG_NO_DTYPE, x, d->inputs + 1);
    for (int64_t k = 0, from = 0; k < 3; from += line[k++])
        if (d->needs[k]) wg_adjoint_add(d, (int)k, part(dx, from, from + line[k], x[k]));
}

/* ---- compositions ---- */

/* Which keys (1, s) or (t, s) a causal query sees: [i >= j]. */
static wg_tensor *earlier_keys(wg_tensor *scores)
{
    const wg_shape      shape = wg_shape_of_tensor(scores);
    const int64_t       t = shape.dim[shape.rank - 2], s = shape.dim[shape.rank - 1];
    wg_tape            *tape = wg_tape_of(scores);
    const wg_allocator *allocator = wg_tape_settings(tape)->allocator;
    uint8_t            *seen = wg__alloc(allocator, (size_t)(t * s)); /* as many as the scores */
    if (!seen) {
        wg_tape_error_set(tape, "out of memory");
        return NULL;
    }
    for (int64_t i = 0; i < t; i++)
        for (int64_t j = 0; j < s; j++) seen[i * s + j] = i >= j;
    wg_tensor *mask = wg_constant(tape, WG_BOOL, WG_SHAPE(t, s), seen, t * s);
    wg__free(allocator, seen);
    return mask;
}

/*
 * p = softmax(scale q k^T) with the hidden scores UNSEEN. If all of a query's are, they all weigh
 * the same: then what is hidden is made 0.
 */
static wg_tensor *weights(wg_tensor *const *x, const struct attention_attrs *attrs)
{
    wg_tensor *scores = wg_mul(wg_matmul(x[0], wg_transpose(x[1])), attrs->scale);
    if (!scores) return NULL;
    const bool causal = attrs->causal && wg_count_of(scores) > 0;
    wg_tensor *earlier = causal ? earlier_keys(scores) : NULL;
    if (causal) scores = wg_where(earlier, scores, UNSEEN);
    if (!attrs->masked) return wg_softmax(scores, -1);
    wg_tensor *p = wg_where(x[3], wg_softmax(wg_where(x[3], scores, UNSEEN), -1), 0);
    return causal ? wg_where(earlier, p, 0) : p;
}

static wg_tensor *attention_compose(wg_tensor *const *x, const void *attrs)
{
    return wg_matmul(weights(x, attrs), x[2]);
}

/* The last two axes as one line. */
static wg_tensor *line(wg_tensor *x)
{
    return wg_flatten(x, wg_shape_of_tensor(x).rank - 2);
}

/* dv = p^T dy      ds = scale p (dp - sum p dp), dp = dy v^T      dq = ds k      dk = ds^T q */
static wg_tensor *attention_backward_compose(wg_tensor *const *x, const void *attributes)
{
    const struct attention_attrs *attrs = attributes;
    wg_tensor                    *p = weights(x, attrs), *dy = x[attrs->masked ? 4 : 3];
    wg_tensor                    *dp = wg_matmul(dy, wg_transpose(x[2]));
    wg_tensor                    *sum = wg_sum(wg_mul(p, dp), WG_AXES(-1), .keep = true);
    wg_tensor                    *ds = wg_mul(wg_mul(p, wg_sub(dp, sum)), attrs->scale);
    wg_tensor                    *dq = wg_matmul(ds, x[1]), *dk = wg_matmul(wg_transpose(ds), x[0]);
    wg_tensor                    *dv = wg_matmul(wg_transpose(p), dy);
    if (!dq || !dk || !dv) return NULL;
    return wg_cat(WG_TENSORS(line(dq), line(dk), line(dv)), -1);
}

const wg_op wg_op_attention = {
    .name = "attention",
    .inputs = WG_VARIADIC,
    .outputs = 1,
    .attrs_size = sizeof(struct attention_attrs),
    .traits = WG_STRIDED,
    .infer = attention_infer,
    .prepare = attention_prepare,
    .derive = attention_derive,
    .compose = attention_compose,
    .settings = "scale %g, causal %d, masked %d",
    .formula = "y = p v, p = softmax(scale q k^T)",
    .rule = "dv = p^T dy, dq = ds k, dk = ds^T q with ds = scale p (dp - sum p dp), dp = dy v^T",
};

const wg_op wg_op_attention_backward = {
    .name = "attention_backward",
    .inputs = WG_VARIADIC,
    .outputs = 1,
    .attrs_size = sizeof(struct attention_attrs),
    .traits = WG_STRIDED,
    .infer = attention_backward_infer,
    .prepare = attention_backward_prepare,
    .compose = attention_backward_compose,
    .settings = "scale %g, causal %d, masked %d",
    .formula = "dv = p^T dy, dq = ds k, dk = ds^T q with ds = scale p (dp - sum p dp), dp = dy v^T",
    .rule = "that of its composition",
};

/* ---- the call ---- */

/* x with `front`, whose last two sizes do not matter, before its own last two axes. */
static wg_tensor *expand_front(wg_tensor *x, wg_shape front)
{
    const wg_shape shape = wg_shape_of_tensor(x);
    return wg_expand(x, matrices(&front, shape.dim[shape.rank - 2], shape.dim[shape.rank - 1]));
}

/* The shape with its last two sizes made 1. */
static wg_shape front_of(wg_tensor *x)
{
    const wg_shape shape = wg_shape_of_tensor(x);
    return matrices(&shape, 1, 1);
}

/* Brings q, k and v to one shape in front, where they have one; else infer says why not. */
static void broadcast_heads(wg_tensor *x[3])
{
    wg_shape front = WG_SHAPE(1, 1);
    for (int k = 0; k < 3; k++)
        if (!x[k] || wg_shape_of_tensor(x[k]).rank < 2) return;
    for (int k = 0; k < 3; k++)
        if (!wg_shape_broadcast(front, front_of(x[k]), &front)) return;
    for (int k = 0; k < 3; k++) x[k] = expand_front(x[k], front);
}

/* The mask as large as the scores, where it broadcasts to them. */
static wg_tensor *broadcast_mask(wg_tensor *mask, wg_tensor *const x[3])
{
    const wg_shape q = wg_shape_of_tensor(x[0]), k = wg_shape_of_tensor(x[1]);
    wg_shape       both;
    if (q.rank < 2 || k.rank < 2) return mask;
    const wg_shape scores = matrices(&q, q.dim[q.rank - 2], k.dim[k.rank - 2]);
    const bool     fits =
        wg_shape_broadcast(wg_shape_of_tensor(mask), scores, &both) && wg_shape_equal(both, scores);
    return fits ? wg_expand(mask, scores) : mask;
}

wg_tensor *wg_attention_with(struct wg_attention attention)
{
    wg_tensor *x[] = {attention.q, attention.k, attention.v, attention.mask};
    broadcast_heads(x);
    if (x[3]) x[3] = broadcast_mask(x[3], x);
    struct attention_attrs attrs = {
        .scale = attention.scale, .causal = attention.causal, .masked = attention.mask != NULL};
    const wg_shape q = wg_shape_of_tensor(x[0]);
    const int64_t  d = q.rank > 0 ? q.dim[q.rank - 1] : 0;
    if (attrs.scale == 0) attrs.scale = d > 0 ? 1 / sqrt((double)d) : 1;
    wg_tensor *y = wg_apply(&wg_op_attention, &attrs, WG_NO_DTYPE, x, attention.mask ? 4 : 3);
    if (!y || attention.dropout == 0) return y; /* else it was for what it refuses */
    return wg_matmul(wg_dropout(weights(x, &attrs), attention.dropout), x[2]);
}
