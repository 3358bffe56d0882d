// SPDX-License-Identifier: MIT
/*
 * Kernels of LSTM: included by lstm_kernels.c for f32 and f64, with T, NAME(name) and KERNELS (the
 * table of kernels) for it. Each step is one product, with a w that is packed once, and one pass
 * over the gates. The rows of a batch know nothing of each other, so each thread takes some.
 */

/* ---- forward ---- */

/* A row's gates from their sums, in place, then c' and h' from c. */
static void NAME(cell)(int64_t n, T *gates, const T *c, T *next_c, T *next_h)
{
    T *gate_i = gates, *gate_f = gates + n, *gate_g = gates + 2 * n, *gate_o = gates + 3 * n;
    WG__EACH
    {
        const T in = NAME(sigmoid)(gate_i[i]), keep = NAME(sigmoid)(gate_f[i]);
        const T cell = NAME(tanh)(gate_g[i]), out = NAME(sigmoid)(gate_o[i]);
        const T next = keep * c[i] + in * cell;
        gate_i[i] = in, gate_f[i] = keep, gate_g[i] = cell, gate_o[i] = out;
        next_c[i] = next;
        next_h[i] = out * NAME(tanh)(next);
    }
}

int WG__OF_ISA(NAME(lstm))(const wg_call *call)
{
    const struct sizes    s = sizes_of(call->y[2].type);
    const wg_range        rows = wg_share(call);
    const int64_t         state = s.batch * s.n, some = (rows.end - rows.first) * s.n;
    const struct wg__gemm product = {.m = rows.end - rows.first, .n = 4 * s.n, .k = s.n,
                                     .a_row = s.n, .a_col = 1, .b_row = 1, .b_col = s.n,
                                     .c_row = 4 * s.n, .d_row = 4 * s.n};
    const int64_t first = rows.first * s.n;
    const T      *sums = (const T *)call->x[0].data + 4 * first;
    T *h = (T *)call->y[0].data + first, *c = (T *)call->y[1].data + first;
    T *gates = (T *)call->y[2].data + 4 * first, *w = call->scratch;
    void *scratch = (char *)call->scratch + wg__gemm_packed(4 * s.n, s.n, sizeof(T));
    KERNELS.gemm_pack(&product, call->x[1].data, w);
    memcpy(h, (const T *)call->x[2].data + first, (size_t)some * sizeof(T));
    memcpy(c, (const T *)call->x[3].data + first, (size_t)some * sizeof(T));
    for (int64_t t = 0; t < s.steps; t++, h += state, c += state) {
        KERNELS.gemm_packed(&product, h, w, sums, gates, scratch);
        for (int64_t at = 0; at < some; at += s.n)
            NAME(cell)(s.n, gates + 4 * at, c + at, c + state + at, h + state + at);
        gates += 4 * state, sums += 4 * state;
    }
    return 0;
}

/* ---- backward ---- */

/* `n` elements of row `row` of step `step` of a view (steps, batch, n), packed: there, or at `to`. */
static const T *NAME(line_of)(const wg_view *x, int64_t step, int64_t row, T *to)
{
    const T      *at = (const T *)x->data + step * x->stride[0] + row * x->stride[1];
    const int64_t n = x->type->shape.dim[2], by = x->stride[2];
    if (by == 1) return at;
    if (by == 0) /* zeros of an adjoint that nothing gave, most of the time */
        for (int64_t k = 0; k < n; k++) to[k] = *at;
    else
        for (int64_t k = 0; k < n; k++) to[k] = at[k * by];
    return to;
}

/* What the adjoint of a row of a step reads: c and c', gates, and the adjoints from outside. */
struct NAME(row) {
    const T *before, *after, *gates, *dh, *dc, *dgates;
};

/* They are found at `room`, ROWS_GATHERED n elements, where they are not packed. */
static struct NAME(row) NAME(row_of)(const wg_view *x, int64_t t, int64_t row, T *room)
{
    const int64_t n = x[0].type->shape.dim[2];
    return (struct NAME(row)){.before = NAME(line_of)(&x[0], t, row, room),
                              .after = NAME(line_of)(&x[0], t + 1, row, room + n),
                              .gates = NAME(line_of)(&x[1], t, row, room + 2 * n),
                              .dh = NAME(line_of)(&x[3], t + 1, row, room + 6 * n),
                              .dc = NAME(line_of)(&x[4], t + 1, row, room + 7 * n),
                              .dgates = NAME(line_of)(&x[5], t, row, room + 8 * n)};
}

/*
 * The adjoint of NAME(cell), to da; dc is that of c' and becomes that of c:
 *
 *     do = dh' tanh c'      dc' += dh' o (1 - tanh^2 c')
 *     di = dc' g      df = dc' c      dg = dc' i      dc = dc' f
 */
static void NAME(cell_backward)(int64_t n, const struct NAME(row) * r, const T *dh, T *dc, T *da)
{
    const T *before = r->before, *after = r->after, *more_dh = r->dh, *more_dc = r->dc;
    const T *gate = r->gates, *more = r->dgates;
    WG__EACH
    {
        const T in = gate[i], keep = gate[n + i], cell = gate[2 * n + i], out = gate[3 * n + i];
        const T tanh_c = NAME(tanh)(after[i]), up = dh[i] + more_dh[i];
        const T slope = dc[i] + more_dc[i] + up * out * (1 - tanh_c * tanh_c);
        da[i] = (slope * cell + more[i]) * in * (1 - in);
        da[n + i] = (slope * before[i] + more[n + i]) * keep * (1 - keep);
        da[2 * n + i] = (slope * in + more[2 * n + i]) * (1 - cell * cell);
        da[3 * n + i] = (up * tanh_c + more[3 * n + i]) * out * (1 - out);
        dc[i] = slope * keep;
    }
}

/* Adds the adjoint that reached the first states from outside, in these rows. */
static void NAME(add_first)(const wg_view *x, wg_range rows, T *room, T *to)
{
    const int64_t n = x->type->shape.dim[2];
    for (int64_t row = rows.first; row < rows.end; row++, to += n) {
        const T *line = NAME(line_of)(x, 0, row, room);
        for (int64_t k = 0; k < n; k++) to[k] += line[k];
    }
}

int WG__OF_ISA(NAME(lstm_backward))(const wg_call *call)
{
    const wg_view        *x = call->x;
    const struct sizes    s = sizes_of(x[1].type);
    const wg_range        rows = wg_share(call);
    const int64_t         state = s.batch * s.n, some = rows.end - rows.first;
    const struct wg__gemm product = {.m = some, .n = s.n, .k = 4 * s.n, .a_row = 4 * s.n,
                                     .a_col = 1, .b_row = x[2].stride[0],
                                     .b_col = x[2].stride[1], .c_row = s.n};
    T *w = call->scratch, *room = w + wg__gemm_packed(s.n, 4 * s.n, sizeof(T)) / sizeof(T);
    T *scratch = room + ROWS_GATHERED * s.n, *all = call->y->data;
    T *dh = all + 4 * state * s.steps + rows.first * s.n, *dc = dh + state;
    memset(dh, 0, (size_t)(some * s.n) * sizeof(T));
    memset(dc, 0, (size_t)(some * s.n) * sizeof(T));
    KERNELS.gemm_pack(&product, x[2].data, w);
    for (int64_t t = s.steps - 1; t >= 0; t--) {
        T *da = all + 4 * (state * t + rows.first * s.n);
        for (int64_t i = 0; i < some; i++) {
            const struct NAME(row) row = NAME(row_of)(x, t, rows.first + i, room);
            NAME(cell_backward)(s.n, &row, dh + i * s.n, dc + i * s.n, da + 4 * i * s.n);
        }
        KERNELS.gemm_packed(&product, da, w, NULL, dh, scratch);
    }
    NAME(add_first)(&x[3], rows, room, dh);
    NAME(add_first)(&x[4], rows, room, dc);
    return 0;
}
