// SPDX-License-Identifier: MIT
/*
 * Kernels of attention: included by attention_kernels.c for f32 and f64, with T, NAME(name) and
 * KERNELS, the table of kernels, for it. They walk over blocks of queries, whose weights p stay in
 * the cache; each thread takes some of the heads.
 */

struct NAME(matrix) {
    const T       *at;
    struct strides by;
};

static struct NAME(matrix) NAME(packed)(const T *at, int64_t columns)
{
    return (struct NAME(matrix)){.at = at, .by = {columns, 1}};
}

static struct NAME(matrix) NAME(flip)(struct NAME(matrix) x)
{
    return (struct NAME(matrix)){.at = x.at, .by = {x.by.col, x.by.row}};
}

/* c = a b, or c += a b, packed. */
static void NAME(multiply)(const struct product *sizes, struct NAME(matrix) a,
                           struct NAME(matrix) b, T *c)
{
    const struct wg__gemm gemm = {.m = sizes->m,
                                  .n = sizes->n,
                                  .k = sizes->k,
                                  .a_row = a.by.row,
                                  .a_col = a.by.col,
                                  .b_row = b.by.row,
                                  .b_col = b.by.col,
                                  .c_row = sizes->n,
                                  .d_row = sizes->n};
    KERNELS.gemm(&gemm, a.at, b.at, sizes->add ? c : NULL, c, sizes->scratch);
}

/* Scores that the mask hides, or that are those of later keys, become UNSEEN. */
static void NAME(hide)(const struct heads *h, const struct block *b, const uint8_t *mask, T *p)
{
    for (int64_t i = 0; i < b->rows; i++, p += b->keys) {
        const int64_t seen = h->causal ? at_most(b->first + i + 1, b->keys) : b->keys;
        for (int64_t j = seen; j < b->keys; j++) p[j] = (T)UNSEEN;
        if (!mask) continue;
        const uint8_t *m = mask + (b->first + i) * h->mask.row;
        for (int64_t j = 0; j < seen; j++) p[j] = m[j * h->mask.col] ? p[j] : (T)UNSEEN;
    }
}

/* Where a block's q, k, v and mask lie. */
struct NAME(operands) {
    struct NAME(matrix) q, k, v;
    const uint8_t *mask;
    T             *p;
    void          *scratch;
};

/* p = softmax(scale q k^T) of a block of queries; 0 for one that sees nothing. */
static void NAME(weigh)(const struct heads *h, const struct block *b,
                        const struct NAME(operands) * o)
{
    const struct product scores = {.m = b->rows, .n = b->keys, .k = h->d, .scratch = o->scratch};
    T                   *p = o->p;
    struct NAME(matrix) q = o->q;
    q.at += b->first * q.by.row;
    NAME(multiply)(&scores, q, NAME(flip)(o->k), p);
    for (int64_t i = 0; i < b->rows * b->keys; i++) p[i] *= (T)h->scale;
    NAME(hide)(h, b, o->mask, p);
    KERNELS.softmax(b->rows, b->keys, p, p);
    for (int64_t i = 0; o->mask && i < b->rows; i++) {
        const uint8_t *m = o->mask + (b->first + i) * h->mask.row;
        for (int64_t j = 0; j < b->keys; j++) p[i * b->keys + j] *= m[j * h->mask.col] != 0;
    }
}

/* The operands at one place of the axes in front. */
static struct NAME(operands)
    NAME(operands_at)(const wg_call *call, const struct heads *h, const struct walk *w)
{
    const wg_view *x = call->x;
    T             *p = call->scratch;
    return (struct NAME(operands)){
        .q = {(const T *)x[0].data + w->place[0].offset, h->q},
        .k = {(const T *)x[1].data + w->place[1].offset, h->k},
        .v = {(const T *)x[2].data + w->place[2].offset, h->v},
        .mask = h->masked ? (const uint8_t *)x[3].data + w->place[3].offset : NULL,
        .p = p,
        .scratch = p + 2 * weights_room(h)};
}

/* y = p v */
int WG__OF_ISA(NAME(attention))(const wg_call *call)
{
    const struct heads h = heads_of(call);
    const wg_range     share = wg_share(call);
    struct walk        w = walk_of(call, share.first);
    T                 *y = (T *)call->y->data + share.first * h.t * h.e;
    for (int64_t i = share.first; i < share.end; i++, y += h.t * h.e, walk_on(&w)) {
        const struct NAME(operands) o = NAME(operands_at)(call, &h, &w);
        for (struct block b = block_at(&h, 0); b.rows > 0; b = block_at(&h, b.first + b.rows)) {
            const struct product values = {
                .m = b.rows, .n = h.e, .k = b.keys, .scratch = o.scratch};
            NAME(weigh)(&h, &b, &o);
            NAME(multiply)(&values, NAME(packed)(o.p, b.keys), o.v, y + b.first * h.e);
        }
    }
    return 0;
}

/* dv += p^T dy, ds = scale p (dp - sum p dp) with dp = dy v^T, dq = ds k, dk += ds^T q */
static void NAME(backward_block)(const struct heads *h, const struct block *b,
                                 const struct NAME(operands) * o,
                                 const struct NAME(matrix) * dy_all, T *dq)
{
    const int64_t rows = b->rows, keys = b->keys;
    T            *p = o->p, *ds = p + weights_room(h);
    T            *dk = dq + h->t * h->d, *dv = dk + h->s * h->d;
    struct NAME(matrix) dy = *dy_all, q = o->q;
    struct NAME(matrix) weights = NAME(packed)(p, keys), slopes = NAME(packed)(ds, keys);
    const struct product to_v = {keys, h->e, rows, true, o->scratch};
    const struct product to_p = {rows, keys, h->e, false, o->scratch};
    const struct product to_q = {rows, h->d, keys, false, o->scratch};
    const struct product to_k = {keys, h->d, rows, true, o->scratch};
    dy.at += b->first * dy.by.row;
    q.at += b->first * q.by.row;
    NAME(weigh)(h, b, o);
    NAME(multiply)(&to_v, NAME(flip)(weights), dy, dv);
    NAME(multiply)(&to_p, dy, NAME(flip)(o->v), ds);
    KERNELS.softmax_backward(rows, keys, p, ds, ds);
    for (int64_t i = 0; i < rows * keys; i++) ds[i] *= (T)h->scale;
    NAME(multiply)(&to_q, slopes, o->k, dq + b->first * h->d);
    NAME(multiply)(&to_k, NAME(flip)(slopes), q, dk);
}

int WG__OF_ISA(NAME(attention_backward))(const wg_call *call)
{
    const struct heads h = heads_of(call);
    const wg_range     share = wg_share(call);
    struct walk        w = walk_of(call, share.first);
    const int          last = call->inputs - 1;
    const int64_t      line = h.t * h.d + h.s * h.d + h.s * h.e;
    T                 *dx = (T *)call->y->data + share.first * line;
    for (int64_t i = share.first; i < share.end; i++, dx += line, walk_on(&w)) {
        const struct NAME(operands) o = NAME(operands_at)(call, &h, &w);
        const struct NAME(matrix)
            dy = {(const T *)call->x[last].data + w.place[last].offset, strides_of(&call->x[last])};
        memset(dx, 0, (size_t)line * sizeof(T));
        for (struct block b = block_at(&h, 0); b.rows > 0; b = block_at(&h, b.first + b.rows))
            NAME(backward_block)(&h, &b, &o, &dy, dx);
    }
    return 0;
}
