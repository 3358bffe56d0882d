// SPDX-License-Identifier: MIT
/*
 * Kernels of attention: included by attention_kernels.c for f32 and f64, with T, NAME(name) and
 * KERNELS, the table of kernels, for it. They walk over blocks of queries, whose weights p stay in
 * the cache, and leave out what a causal query does not see; each thread takes some of the heads.
 */

struct NAME(matrix) {
    const T       *at;
    struct strides by;
};

/* Where the matrices of a head lie, and the parts of the scratch. */
struct NAME(operands) {
    struct NAME(matrix) q, k, v, dy;
    const uint8_t *mask;
    T             *part[PARTS];
};

static struct NAME(matrix) NAME(rows_from)(struct NAME(matrix) x, int64_t first)
{
    return (struct NAME(matrix)){x.at + first * x.by.row, x.by};
}

static struct NAME(matrix) NAME(flip)(struct NAME(matrix) x)
{
    return (struct NAME(matrix)){x.at, {x.by.col, x.by.row}};
}

/* A block's weights or slopes. */
static struct NAME(matrix) NAME(weights)(const struct heads *h, const T *p)
{
    return (struct NAME(matrix)){p, {weights_stride(h), 1}};
}

/* A row's first n weights and what fills up their last vector. */
static int64_t NAME(filled)(int64_t n)
{
    return round_up(n, WG__VECTOR / (int64_t)sizeof(T));
}

/* x, (k, n), made ready as a right factor */
static void NAME(pack)(int64_t n, int64_t k, struct NAME(matrix) x, T *packed)
{
    const struct wg__gemm gemm = {.n = n, .k = k, .b_row = x.by.row, .b_col = x.by.col};
    KERNELS.gemm_pack(&gemm, x.at, packed);
}

/* c = a b, or c += a b, with b packed, and without what the block's queries do not see. */
static void NAME(multiply)(const struct product *to, struct NAME(matrix) a, const T *b, T *c)
{
    const struct wg__gemm   gemm = {.m = to->m,
                                    .n = to->n,
                                    .k = to->k,
                                    .a_row = a.by.row,
                                    .a_col = a.by.col,
                                    .c_row = to->c_row,
                                    .d_row = to->c_row};
    const struct wg__stairs stairs = {to->side, to->reach};
    KERNELS.attention.gemm_stairs(&gemm, &stairs, a.at, b, to->add ? c : NULL, c);
}

/*
 * Products become scores that a softmax turns into weights, UNSEEN where the mask hides. Whole
 * vectors are made of each row, whose rest has no weight, nor has what only later queries see.
 */
static void NAME(score_block)(const struct heads *h, const struct block *b, const uint8_t *mask,
                              T *p)
{
    for (int64_t i = b->first; i < b->first + b->rows; i++, p += weights_stride(h)) {
        const int64_t  seen = keys_seen(h, i), whole = NAME(filled)(seen);
        const uint8_t *m = mask ? mask + i * h->mask.row : NULL;
        for (int64_t j = 0; j < seen; j++) p[j] *= (T)h->scale;
        for (int64_t j = 0; m && j < seen; j++) p[j] = m[j * h->mask.col] ? p[j] : (T)UNSEEN;
        for (int64_t j = seen; j < whole; j++) p[j] = -(T)INFINITY;
        for (int64_t j = whole; j < b->keys; j++) p[j] = 0;
    }
}

/* p = softmax(scale q k^T) of a block of queries; 0 for one that sees nothing. */
static void NAME(weigh_block)(const struct heads *h, const struct block *b,
                              const struct NAME(operands) * o)
{
    const int64_t        row = weights_stride(h);
    const struct product scores = {.m = b->rows,
                                   .n = h->s,
                                   .k = h->d,
                                   .c_row = row,
                                   .side = WG__C_BELOW,
                                   .reach = reach_of(h, b)};
    T                   *p = o->part[P];
    NAME(multiply)(&scores, NAME(rows_from)(o->q, b->first), o->part[K_TURNED], p);
    NAME(score_block)(h, b, o->mask, p);
    for (int64_t i = b->first; i < b->first + b->rows; i++, p += row) {
        const int64_t  seen = keys_seen(h, i);
        const uint8_t *m = o->mask ? o->mask + i * h->mask.row : NULL;
        KERNELS.attention.softmax(NAME(filled)(seen), p);
        for (int64_t j = 0; m && j < seen; j++) p[j] *= m[j * h->mask.col] != 0;
    }
}

/* ds = scale p (dp - sum p dp), in place of dp, which is made 0 where nothing is seen. */
static void NAME(slope_block)(const struct heads *h, const struct block *b, const T *p, T *ds)
{
    const int64_t row = weights_stride(h);
    for (int64_t i = 0; i < b->rows; i++)
        for (int64_t j = keys_seen(h, b->first + i); j < NAME(filled)(b->keys); j++)
            ds[i * row + j] = 0;
    for (int64_t i = b->first; i < b->first + b->rows; i++, p += row, ds += row)
        KERNELS.attention.softmax_backward(NAME(filled)(keys_seen(h, i)), (T)h->scale, p, ds);
}

/* The operands at one place of the axes in front. */
static struct NAME(operands)
    NAME(operands_at)(const wg_call *call, const struct heads *h, const struct walk *w)
{
    const wg_view *x = call->x;
    const int      last = call->inputs - 1;
    size_t         place[PARTS + 1];
    struct NAME(operands) o = {
        .q = {(const T *)x[0].data + w->place[0].offset, h->q},
        .k = {(const T *)x[1].data + w->place[1].offset, h->k},
        .v = {(const T *)x[2].data + w->place[2].offset, h->v},
        .dy = {(const T *)x[last].data + w->place[last].offset, strides_of(&x[last])},
        .mask = h->masked ? (const uint8_t *)x[3].data + w->place[3].offset : NULL};
    places_of(h, sizeof(T), place);
    for (int i = 0; i < PARTS; i++) o.part[i] = (T *)call->scratch + place[i] / sizeof(T);
    return o;
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
        NAME(pack)(h.s, h.d, NAME(flip)(o.k), o.part[K_TURNED]);
        NAME(pack)(h.e, h.s, o.v, o.part[V]);
        for (struct block b = block_at(&h, 0); b.rows > 0; b = block_at(&h, b.first + b.rows)) {
            const struct product values = {.m = b.rows,
                                           .n = h.e,
                                           .k = h.s,
                                           .c_row = h.e,
                                           .side = WG__A_BELOW,
                                           .reach = reach_of(&h, &b)};
            NAME(weigh_block)(&h, &b, &o);
            NAME(multiply)(&values, NAME(weights)(&h, o.part[P]), o.part[V], y + b.first * h.e);
        }
    }
    return 0;
}

/*
 * dv += p^T dy, dp = dy v^T, dq = ds k, dk += ds^T q. The last block comes first, and gives
 * dv and dk their first values, to which the others add.
 */
static void NAME(backward_block)(const struct heads *h, const struct block *b,
                                 const struct NAME(operands) * o, T *dq)
{
    const int64_t reach = reach_of(h, b), row = weights_stride(h);
    const bool    add = b->first + b->rows < h->t;
    T *const     *part = o->part, *dk = dq + h->t * h->d, *dv = dk + h->s * h->d;
    const struct NAME(matrix) dy = NAME(rows_from)(o->dy, b->first);
    const struct NAME(matrix) p = NAME(weights)(h, part[P]), ds = NAME(weights)(h, part[DS]);
    const struct product to_v = {b->keys, h->e, b->rows, h->e, add, WG__A_ABOVE, reach};
    const struct product to_p = {b->rows, h->s, h->e, row, false, WG__C_BELOW, reach};
    const struct product to_q = {b->rows, h->d, h->s, h->d, false, WG__A_BELOW, reach};
    const struct product to_k = {b->keys, h->d, b->rows, h->d, add, WG__A_ABOVE, reach};
    NAME(weigh_block)(h, b, o);
    NAME(pack)(h->e, b->rows, dy, part[DY]);
    NAME(multiply)(&to_v, NAME(flip)(p), part[DY], dv);
    NAME(multiply)(&to_p, dy, part[V_TURNED], part[DS]);
    NAME(slope_block)(h, b, part[P], part[DS]);
    NAME(multiply)(&to_q, ds, part[K], dq + b->first * h->d);
    NAME(pack)(h->d, b->rows, NAME(rows_from)(o->q, b->first), part[Q]);
    NAME(multiply)(&to_k, NAME(flip)(ds), part[Q], dk);
}

int WG__OF_ISA(NAME(attention_backward))(const wg_call *call)
{
    const struct heads h = heads_of(call);
    const wg_range     share = wg_share(call);
    struct walk        w = walk_of(call, share.first);
    const int64_t      line = h.t * h.d + h.s * h.d + h.s * h.e;
    T                 *dx = (T *)call->y->data + share.first * line;
    for (int64_t i = share.first; i < share.end; i++, dx += line, walk_on(&w)) {
        const struct NAME(operands) o = NAME(operands_at)(call, &h, &w);
        NAME(pack)(h.s, h.d, NAME(flip)(o.k), o.part[K_TURNED]);
        NAME(pack)(h.s, h.e, NAME(flip)(o.v), o.part[V_TURNED]);
        NAME(pack)(h.d, h.s, o.k, o.part[K]);
        for (int64_t first = last_block(&h); first >= 0; first -= BLOCK) {
            const struct block b = block_at(&h, first);
            NAME(backward_block)(&h, &b, &o, dx);
        }
    }
    return 0;
}
