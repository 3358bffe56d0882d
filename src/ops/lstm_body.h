// SPDX-License-Identifier: MIT
/*
 * Kernels of LSTM: included by lstm.c for f32 and f64, with T, NAME(name), KERNELS (the table of
 * kernels), EXP and TANH for it. Each step is one product and one pass over the gates.
 */

/* Row `row` of step `step` of a view (steps, batch, n). */
struct NAME(line) {
    const T *at;
    int64_t  by;
};

static struct NAME(line) NAME(line_of)(const wg_view *x, int64_t step, int64_t row)
{
    return (struct NAME(line)){(const T *)x->data + step * x->stride[0] + row * x->stride[1],
                               x->stride[2]};
}

static T NAME(sigmoid)(T x)
{
    return 1 / (1 + EXP(-x));
}

/* A row's gates from their sums, in place, then c' and h' from c. */
static void NAME(cell)(int64_t n, T *gates, const T *c, T *next_c, T *next_h)
{
    T *i = gates, *f = gates + n, *g = gates + 2 * n, *o = gates + 3 * n;
    for (int64_t k = 0; k < 2 * n; k++) i[k] = NAME(sigmoid)(i[k]);
    for (int64_t k = 0; k < n; k++) g[k] = TANH(g[k]);
    for (int64_t k = 0; k < n; k++) o[k] = NAME(sigmoid)(o[k]);
    for (int64_t k = 0; k < n; k++) next_c[k] = f[k] * c[k] + i[k] * g[k];
    for (int64_t k = 0; k < n; k++) next_h[k] = o[k] * TANH(next_c[k]);
}

static int NAME(lstm)(const wg_call *call)
{
    const struct sizes    s = sizes_of(call->y[2].type);
    const int64_t         state = s.batch * s.n;
    const struct wg__gemm product = {.m = s.batch,
                                     .n = 4 * s.n,
                                     .k = s.n,
                                     .a_row = s.n,
                                     .a_col = 1,
                                     .b_row = 1,
                                     .b_col = s.n,
                                     .c_row = 4 * s.n,
                                     .accumulate = true};
    T                    *h = call->y[0].data, *c = call->y[1].data, *gates = call->y[2].data;
    memcpy(h, call->x[2].data, (size_t)state * sizeof(T));
    memcpy(c, call->x[3].data, (size_t)state * sizeof(T));
    memcpy(gates, call->x[0].data, (size_t)(4 * state * s.steps) * sizeof(T));
    for (int64_t t = 0; t < s.steps; t++, h += state, c += state, gates += 4 * state) {
        KERNELS.gemm(&product, h, call->x[1].data, gates, call->scratch);
        for (int64_t b = 0; b < s.batch; b++)
            NAME(cell)
            (s.n, gates + 4 * b * s.n, c + b * s.n, c + state + b * s.n, h + state + b * s.n);
    }
    return 0;
}

/* What the adjoint of a row of a step reads: c and c', gates, and the adjoints from outside. */
struct NAME(row) {
    struct NAME(line) before, after, gates, dh, dc, dgates;
};

/*
 * The adjoint of NAME(cell), to da; dc is that of c' and becomes that of c:
 *
 *     do = dh' tanh c'      dc' += dh' o (1 - tanh^2 c')
 *     di = dc' g      df = dc' c      dg = dc' i      dc = dc' f
 */
static void NAME(cell_backward)(int64_t n, const struct NAME(row) * r, const T *dh, T *dc, T *da)
{
    for (int64_t k = 0; k < n; k++) {
        const T      *gate = r->gates.at + k * r->gates.by, *more = r->dgates.at + k * r->dgates.by;
        const int64_t by = n * r->gates.by, on = n * r->dgates.by;
        const T       i = gate[0], f = gate[by], g = gate[2 * by], o = gate[3 * by];
        const T       tanh_c = TANH(r->after.at[k * r->after.by]);
        const T       up = dh[k] + r->dh.at[k * r->dh.by];
        const T       slope = dc[k] + r->dc.at[k * r->dc.by] + up * o * (1 - tanh_c * tanh_c);
        da[k] = (slope * g + more[0]) * i * (1 - i);
        da[n + k] = (slope * r->before.at[k * r->before.by] + more[on]) * f * (1 - f);
        da[2 * n + k] = (slope * i + more[2 * on]) * (1 - g * g);
        da[3 * n + k] = (up * tanh_c + more[3 * on]) * o * (1 - o);
        dc[k] = slope * f;
    }
}

/* Adds the adjoint that reached the first states from outside. */
static void NAME(add_first)(const wg_view *x, const struct sizes *s, T *to)
{
    for (int64_t b = 0; b < s->batch; b++) {
        const struct NAME(line) line = NAME(line_of)(x, 0, b);
        for (int64_t k = 0; k < s->n; k++) to[b * s->n + k] += line.at[k * line.by];
    }
}

static int NAME(lstm_backward)(const wg_call *call)
{
    const wg_view        *x = call->x;
    const struct sizes    s = sizes_of(x[1].type);
    const int64_t         state = s.batch * s.n;
    const struct wg__gemm product = {.m = s.batch,
                                     .n = s.n,
                                     .k = 4 * s.n,
                                     .a_row = 4 * s.n,
                                     .a_col = 1,
                                     .b_row = x[2].stride[0],
                                     .b_col = x[2].stride[1],
                                     .c_row = s.n};
    T                    *all = call->y->data, *dh = all + 4 * state * s.steps, *dc = dh + state;
    memset(dh, 0, 2 * (size_t)state * sizeof(T));
    for (int64_t t = s.steps - 1; t >= 0; t--) {
        T *da = all + 4 * state * t;
        for (int64_t b = 0; b < s.batch; b++) {
            const struct NAME(row) row = {.before = NAME(line_of)(&x[0], t, b),
                                          .after = NAME(line_of)(&x[0], t + 1, b),
                                          .gates = NAME(line_of)(&x[1], t, b),
                                          .dh = NAME(line_of)(&x[3], t + 1, b),
                                          .dc = NAME(line_of)(&x[4], t + 1, b),
                                          .dgates = NAME(line_of)(&x[5], t, b)};
            NAME(cell_backward)(s.n, &row, dh + b * s.n, dc + b * s.n, da + 4 * b * s.n);
        }
        KERNELS.gemm(&product, da, x[2].data, dh, call->scratch);
    }
    NAME(add_first)(&x[3], &s, dh);
    NAME(add_first)(&x[4], &s, dc);
    return 0;
}
