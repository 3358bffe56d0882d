// SPDX-License-Identifier: MIT
/*
 * Matrix product in blocks, after Goto and van de Geijn, "Anatomy of high-performance matrix
 * multiplication" (TOMS 34:3, 2008): blocks of both operands are packed into panels, and a tile of
 * C is summed in registers over the depth of a block. An operand is a source of lines, rows of A or
 * columns of B.
 */

enum { NAME(gemm_n) = WG__GEMM_N_BYTES / sizeof(T) };

/* What goes into a panel: to[p width + i] = element (start + p) of line (line + i). */
struct NAME(panel) {
    int64_t line, lines, width, start, depth;
};

/*
 * The lines of an operand: element p of line i is data[i line_stride + p depth_stride]; or its
 * blocks, packed before in the order in which they are needed.
 */
struct NAME(source) {
    const T *data;
    int64_t  line_stride, depth_stride;
    const T *packed;
};

static void NAME(pack_strided)(const struct NAME(source) *from, const struct NAME(panel) *panel,
                               T *to)
{
    const int64_t width = panel->width, step = from->depth_stride;
    const T      *data = from->data + panel->line * from->line_stride + panel->start * step;
    if (from->line_stride == 1) {
        if (panel->lines == NAME(tile_columns))
            for (int64_t p = 0; p < panel->depth; p++)
                memcpy(to + p * width, data + p * step, NAME(tile_columns) * sizeof(T));
        else if (panel->lines == WG__TILE_ROWS)
            for (int64_t p = 0; p < panel->depth; p++)
                memcpy(to + p * width, data + p * step, WG__TILE_ROWS * sizeof(T));
        else
            for (int64_t p = 0; p < panel->depth; p++)
                for (int64_t i = 0; i < panel->lines; i++) to[p * width + i] = data[p * step + i];
        return;
    }
    if (step == 1) {
        NAME(turn_panel)(panel->lines, panel->depth, data, from->line_stride, to, width);
        return;
    }
    for (int64_t p = 0; p < panel->depth; p++)
        for (int64_t i = 0; i < panel->lines; i++)
            to[p * width + i] = data[i * from->line_stride + p * step];
}

/* Packs block.lines lines as panels of block.width; what the last one lacks is zero. */
static void NAME(pack)(const struct NAME(source) *from, struct NAME(panel) block, T *to)
{
    struct NAME(panel) panel = block;
    for (int64_t done = 0; done < block.lines; done += block.width) {
        panel.line = block.line + done;
        panel.lines = block.lines - done < block.width ? block.lines - done : block.width;
        if (panel.lines < block.width)
            memset(to, 0, (size_t)(block.width * block.depth) * sizeof(T));
        NAME(pack_strided)(from, &panel, to);
        to += block.width * block.depth;
    }
}

/* Elements of a packed block. */
static int64_t NAME(packed_size)(const struct NAME(panel) *block)
{
    return (block->lines + block->width - 1) / block->width * block->width * block->depth;
}

/* The next block of an operand: one that is there, or packed into scratch. */
static const T *NAME(next_block)(struct NAME(source) *from, const struct NAME(panel) *block,
                                 T *scratch)
{
    const T *ready = from->packed;
    if (ready) {
        from->packed += NAME(packed_size)(block);
        return ready;
    }
    NAME(pack)(from, *block, scratch);
    return scratch;
}

/* The product of two packed blocks. */
static void NAME(multiply_blocks)(struct NAME(product) block, const T *a, const T *b)
{
    struct NAME(product) tile = block;
    for (int64_t j = 0; j < block.n; j += NAME(tile_columns)) {
        const int64_t columns = block.n - j < NAME(tile_columns) ? block.n - j : NAME(tile_columns);
        for (int64_t i = 0; i < block.m; i += WG__TILE_ROWS) {
            const int64_t rows = block.m - i < WG__TILE_ROWS ? block.m - i : WG__TILE_ROWS;
            tile.c = block.c + i * block.c_row + j * block.c_col;
            NAME(tile_any)(rows, columns, block.k, a + i * block.k, b + j * block.k, NULL,
                           &tile);
        }
    }
}

static int64_t NAME(at_most)(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* C from sources of the rows of A and the columns of B. */
static void NAME(multiply_sources)(const struct NAME(product) *to, const struct NAME(source) *a,
                                   struct NAME(source) b, T *scratch)
{
    const int64_t wide = NAME(at_most)(to->n, NAME(gemm_n) - NAME(tile_columns)) + NAME(tile_columns);
    T            *packed_b = scratch, *packed_a = scratch + wide * NAME(at_most)(to->k, WG__GEMM_K);
    for (int64_t j = 0; j < to->n; j += NAME(gemm_n))
        for (int64_t p = 0; p < to->k; p += WG__GEMM_K) {
            struct NAME(product) block = *to;
            block.n = NAME(at_most)(to->n - j, NAME(gemm_n));
            block.k = NAME(at_most)(to->k - p, WG__GEMM_K);
            block.accumulate = to->accumulate || p > 0;
            struct NAME(panel) panel = {.line = j, .lines = block.n, .start = p, .depth = block.k};
            panel.width = NAME(tile_columns);
            const T *const right = NAME(next_block)(&b, &panel, packed_b);
            panel.width = WG__TILE_ROWS;
            for (panel.line = 0; panel.line < to->m; panel.line += WG__GEMM_M) {
                panel.lines = block.m = NAME(at_most)(to->m - panel.line, WG__GEMM_M);
                block.c = to->c + panel.line * to->c_row + j * to->c_col;
                NAME(pack)(a, panel, packed_a);
                NAME(multiply_blocks)(block, packed_a, right);
            }
        }
}

/* The same, or the transposed product where a narrow C would leave the vectors half empty. */
static void NAME(multiply)(const struct NAME(product) *to, const struct NAME(source) *a,
                           const struct NAME(source) *b, T *scratch)
{
    if (to->k == 0 && !to->accumulate)
        for (int64_t i = 0; i < to->m; i++)
            for (int64_t j = 0; j < to->n; j++) to->c[i * to->c_row + j * to->c_col] = 0;
    if (to->n >= NAME(lanes) || to->n >= to->m || b->packed) {
        NAME(multiply_sources)(to, a, *b, scratch);
        return;
    }
    struct NAME(product) turned = *to;
    turned.m = to->n, turned.n = to->m, turned.c_row = to->c_col, turned.c_col = to->c_row;
    NAME(multiply_sources)(&turned, b, *a, scratch);
}

static void NAME(gemm_plain)(const struct wg__gemm *g, const T *a, const T *b, T *c)
{
    for (int64_t i = 0; i < g->m; i++)
        for (int64_t j = 0; j < g->n; j++) {
            T total = g->accumulate ? c[i * g->c_row + j] : 0;
            for (int64_t start = 0; start < g->k; start += WG__GEMM_K) {
                const int64_t end = NAME(at_most)(g->k, start + WG__GEMM_K);
                T             sum = 0;
                for (int64_t p = start; p < end; p++)
                    sum = NAME(multiply_add)(a[i * g->a_row + p * g->a_col],
                                             b[p * g->b_row + j * g->b_col], sum);
                total = start > 0 || g->accumulate ? total + sum : sum;
            }
            c[i * g->c_row + j] = total;
        }
}

static struct NAME(source) NAME(rows_of)(const struct wg__gemm *g, const T *a)
{
    return (struct NAME(source)){.data = a, .line_stride = g->a_row, .depth_stride = g->a_col};
}

static struct NAME(source) NAME(columns_of)(const struct wg__gemm *g, const T *b)
{
    return (struct NAME(source)){.data = b, .line_stride = g->b_col, .depth_stride = g->b_row};
}

static struct NAME(product) NAME(product_of)(const struct wg__gemm *g, T *c)
{
    return (struct NAME(product)){.m = g->m, .n = g->n, .k = g->k, .c = c, .c_row = g->c_row,
                                  .c_col = 1, .accumulate = g->accumulate};
}

static void NAME(gemm)(const struct wg__gemm *g, const T *a, const T *b, T *c, void *scratch)
{
    if ((double)g->m * (double)g->n * (double)g->k <= WG__GEMM_TINY) {
        NAME(gemm_plain)(g, a, b, c);
        return;
    }
    const struct NAME(source) rows = NAME(rows_of)(g, a), columns = NAME(columns_of)(g, b);
    const struct NAME(product) product = NAME(product_of)(g, c);
    NAME(multiply)(&product, &rows, &columns, scratch);
}

/* All blocks of B, in the order in which multiply_sources takes them. */
static void NAME(gemm_pack)(const struct wg__gemm *g, const T *b, T *packed)
{
    const struct NAME(source) columns = NAME(columns_of)(g, b);
    struct NAME(panel)        block = {.width = NAME(tile_columns)};
    for (block.line = 0; block.line < g->n; block.line += NAME(gemm_n))
        for (block.start = 0; block.start < g->k; block.start += WG__GEMM_K) {
            block.lines = NAME(at_most)(g->n - block.line, NAME(gemm_n));
            block.depth = NAME(at_most)(g->k - block.start, WG__GEMM_K);
            NAME(pack)(&columns, block, packed);
            packed += NAME(packed_size)(&block);
        }
}

static void NAME(gemm_packed)(const struct wg__gemm *g, const T *a, const T *packed, T *c,
                              void *scratch)
{
    const struct NAME(source)  rows = NAME(rows_of)(g, a), columns = {.packed = packed};
    const struct NAME(product) product = NAME(product_of)(g, c);
    NAME(multiply)(&product, &rows, &columns, scratch);
}

/*
 * Four elements of y or one, in the same order each: a row and x are multiplied by two vectors at a
 * time, whose lanes are added up at the end, as is what is left of the row.
 */
WG__INLINE void NAME(gemv_rows)(int rows, int64_t k, const T *a, const T *x, T *y)
{
    enum { STEP = NAME(tile_columns) };
    NAME(vector) sum[4][2];
    int64_t p = 0;
    WG__UNROLL
    for (int i = 0; i < rows; i++) sum[i][0] = sum[i][1] = (NAME(vector)){0};
    for (; p + STEP <= k; p += STEP)
        WG__UNROLL
        for (int half = 0; half < 2; half++) {
            const int64_t at = p + half * NAME(lanes);
            const NAME(vector) seen = *(const NAME(vector_at) *)(x + at);
            WG__UNROLL
            for (int i = 0; i < rows; i++)
                sum[i][half] += *(const NAME(vector_at) *)(a + i * k + at) * seen;
        }
    for (int i = 0; i < rows; i++) {
        const NAME(vector) both = sum[i][0] + sum[i][1];
        T lane[NAME(lanes)], rest = 0;
        memcpy(lane, &both, sizeof lane);
        for (int64_t j = p; j < k; j++) rest = NAME(multiply_add)(a[i * k + j], x[j], rest);
        for (int half = NAME(lanes) / 2; half > 0; half /= 2)
            for (int j = 0; j < half; j++) lane[j] += lane[j + half];
        y[i] = lane[0] + rest;
    }
}

static void NAME(gemv)(int64_t m, int64_t k, const T *a, const T *x, const T *bias, T *y)
{
    int64_t i = 0;
    for (; i + 4 <= m; i += 4) NAME(gemv_rows)(4, k, a + i * k, x, y + i);
    for (; i < m; i++) NAME(gemv_rows)(1, k, a + i * k, x, y + i);
    for (i = 0; bias && i < m; i++) y[i] += bias[i];
}
