// SPDX-License-Identifier: MIT
/*
 * What attention's kernels know of a call: its sizes, where the matrices of each head lie, and the
 * blocks of queries that they walk over. Not public.
 */
#ifndef WENGERT_OPS_ATTENTION_HEADS_H
#define WENGERT_OPS_ATTENTION_HEADS_H

#include "../graph/op.h"
#include "../kernels/gemm.h"
#include "../kernels/reduce.h"

#include <string.h>

/* Queries whose weights are made at once. */
#define BLOCK 64

/* The score of a key that is not seen: its power is 0 beside any other, and not NaN if all are. */
#define UNSEEN (-1e30)

struct attention_attrs {
    double  scale;
    int64_t causal, masked;
};

struct strides {
    int64_t row, col;
};

/* What both kernels know: sizes, places in front, and how the matrices lie. */
struct heads {
    int64_t        count, t, s, d, e;
    struct strides q, k, v, mask;
    bool           masked, causal;
    double         scale;
};

/* Sizes of a product, whether it is added to what is there, and what of it is left out. */
struct product {
    int64_t       m, n, k, c_row;
    bool          add;
    enum wg__side side;
    int64_t       reach;
};

/* Queries from `first` on, and the keys that matter: those that they may see, all for the last. */
struct block {
    int64_t first, rows, keys;
};

/* A walk over the axes in front of each input, from head `first` on. */
struct walk {
    int              inputs;
    struct wg__loops loops[5];
    struct wg__place place[5];
};

static inline int64_t at_most(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline struct strides strides_of(const wg_view *x)
{
    const int64_t rank = x->type->shape.rank;
    return (struct strides){x->stride[rank - 2], x->stride[rank - 1]};
}

/* The inputs are q, k, v, then the mask where there is one, then dy in the backward op. */
static inline struct heads heads_of(const wg_call *call)
{
    const struct attention_attrs *attrs = call->attrs;
    const wg_type                *q = call->x[0].type, *k = call->x[1].type, *v = call->x[2].type;
    const int64_t                 row = q->shape.rank - 2;
    struct heads                  h = {.count = 1,
                                       .t = q->shape.dim[row],
                                       .s = k->shape.dim[row],
                                       .d = q->shape.dim[row + 1],
                                       .e = v->shape.dim[row + 1],
                                       .q = strides_of(&call->x[0]),
                                       .k = strides_of(&call->x[1]),
                                       .v = strides_of(&call->x[2]),
                                       .masked = attrs->masked != 0,
                                       .causal = attrs->causal != 0,
                                       .scale = attrs->scale};
    if (h.masked) h.mask = strides_of(&call->x[3]);
    for (int64_t i = 0; i < row; i++) h.count *= q->shape.dim[i];
    return h;
}

static inline struct block block_at(const struct heads *h, int64_t first)
{
    const int64_t rows = at_most(BLOCK, h->t - first), end = first + rows;
    return (struct block){first, rows, h->causal && end < h->t ? at_most(end, h->s) : h->s};
}

/* Where the last block begins; 0 when there are no queries. */
static inline int64_t last_block(const struct heads *h)
{
    return h->t > 0 ? (h->t - 1) / BLOCK * BLOCK : 0;
}

static inline struct walk walk_of(const wg_call *call, int64_t first)
{
    struct walk w = {.inputs = call->inputs};
    for (int k = 0; k < w.inputs; k++) {
        const wg_shape *shape = &call->x[k].type->shape;
        w.loops[k].rank = (int)shape->rank - 2;
        memcpy(w.loops[k].dim, shape->dim, (size_t)w.loops[k].rank * sizeof *shape->dim);
        memcpy(w.loops[k].stride, call->x[k].stride, (size_t)w.loops[k].rank * sizeof *shape->dim);
        w.place[k] = wg__place_of(&w.loops[k], first);
    }
    return w;
}

static inline void walk_on(struct walk *w)
{
    for (int k = 0; k < w->inputs; k++) wg__step(&w->loops[k], &w->place[k]);
}

static inline int64_t round_up(int64_t n, int64_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/*
 * From one row of weights to the next: whole vectors of any instruction set, but no power of two of
 * them, so that columns find room in the cache.
 */
static inline int64_t weights_stride(const struct heads *h)
{
    return round_up(h->s, 16) + 16;
}

/*
 * What lies in the scratch, each part aligned: weights p of a block and their slopes ds, then the
 * right factors of products, packed: all keys and values, the queries and dy of a block.
 */
enum part { P, DS, K_TURNED, V_TURNED, K, V, DY, Q, PARTS };

/* Where each part begins, in bytes, and where the last one ends. */
static inline void places_of(const struct heads *h, size_t element, size_t at[PARTS + 1])
{
    const int64_t rows = at_most(BLOCK, h->t);
    const size_t  weights = (size_t)(rows * weights_stride(h)) * element;
    const size_t  bytes[PARTS] = {[P] = weights,
                                  [DS] = weights,
                                  [K_TURNED] = wg__gemm_packed(h->s, h->d, element),
                                  [V_TURNED] = wg__gemm_packed(h->s, h->e, element),
                                  [K] = wg__gemm_packed(h->d, h->s, element),
                                  [V] = wg__gemm_packed(h->e, h->s, element),
                                  [DY] = wg__gemm_packed(h->e, rows, element),
                                  [Q] = wg__gemm_packed(h->d, rows, element)};
    at[0] = 0;
    for (int i = 0; i < PARTS; i++) at[i + 1] = at[i] + bytes[i];
}

/* Of the products of a block, see wg__stairs; without a causal mask nothing is left out. */
static inline int64_t reach_of(const struct heads *h, const struct block *b)
{
    return h->causal ? b->first : h->s;
}

/* How many keys query i sees. */
static inline int64_t keys_seen(const struct heads *h, int64_t i)
{
    return h->causal ? at_most(i + 1, h->s) : h->s;
}

#endif
