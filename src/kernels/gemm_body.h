// SPDX-License-Identifier: MIT
/*
 * Matrix product in blocks, after Goto and van de Geijn, "Anatomy of high-performance matrix
 * multiplication" (TOMS 34:3, 2008): blocks of both operands are packed into panels, and a tile of
 * C is summed in registers over the depth of a block. An operand is a source of lines (rows of A,
 * columns of B), packed by a function of its own, so that a convolution can pack windows of an
 * image without writing them out first.
 */

enum { NAME(tile_columns) = 2 * NAME(lanes) };

/* What goes into a panel: to[p width + i] = element (start + p) of line (line + i). */
struct NAME(panel) {
    int64_t line, lines, width, start, depth;
};

/*
 * The lines of an operand, and how they are packed: pack_strided finds element p of line i at
 * data[i line_stride + p depth_stride].
 */
struct NAME(source) {
    void (*pack)(const struct NAME(source) *, const struct NAME(panel) *, T *to);
    const T                  *data;
    int64_t                   line_stride, depth_stride;
    const struct wg__windows *windows; /* of a convolution, for its own packing */
};

/* Where the product goes. */
struct NAME(product) {
    int64_t m, n, k;
    T      *c;
    int64_t c_row, c_col;
    bool    accumulate;
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
        else
            for (int64_t p = 0; p < panel->depth; p++)
                for (int64_t i = 0; i < panel->lines; i++) to[p * width + i] = data[p * step + i];
        return;
    }
    /* Short pieces of each line, so that reads and writes stay in the first-level cache. */
    for (int64_t start = 0; start < panel->depth; start += 16) {
        const int64_t end = start + 16 < panel->depth ? start + 16 : panel->depth;
        for (int64_t i = 0; i < panel->lines; i++)
            for (int64_t p = start; p < end; p++)
                to[p * width + i] = data[i * from->line_stride + p * step];
    }
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
        from->pack(from, &panel, to);
        to += block.width * block.depth;
    }
}

/* `rows` x `vectors` of C from a panel of each operand. */
WG__INLINE void NAME(tile)(int rows, int vectors, int64_t depth, const T *a, const T *b, T *c,
                           int64_t c_row, bool add)
{
    NAME(vector) sum[WG__TILE_ROWS][2];
    WG__UNROLL
    for (int i = 0; i < rows; i++)
        WG__UNROLL
        for (int v = 0; v < vectors; v++) sum[i][v] = (NAME(vector)){0};
    for (int64_t p = 0; p < depth; p++, a += WG__TILE_ROWS, b += NAME(tile_columns)) {
        NAME(vector) factor[2];
        WG__UNROLL
        for (int v = 0; v < vectors; v++)
            factor[v] = *(const NAME(vector_at) *)(b + v * NAME(lanes));
        WG__UNROLL
        for (int i = 0; i < rows; i++)
            WG__UNROLL
            for (int v = 0; v < vectors; v++) sum[i][v] += a[i] * factor[v];
    }
    WG__UNROLL
    for (int i = 0; i < rows; i++)
        WG__UNROLL
        for (int v = 0; v < vectors; v++) {
            NAME(vector_at) *to = (NAME(vector_at) *)(c + i * c_row + v * NAME(lanes));
            if (add) sum[i][v] += *to;
            *to = sum[i][v];
        }
}

/* The same for any number of rows up to the tile's. */
WG__INLINE void NAME(tile_rows)(int64_t rows, int vectors, int64_t depth, const T *a, const T *b,
                                T *c, int64_t c_row, bool add)
{
    if (rows == WG__TILE_ROWS) {
        NAME(tile)(WG__TILE_ROWS, vectors, depth, a, b, c, c_row, add);
        return;
    }
    if (rows & 4) {
        NAME(tile)(4, vectors, depth, a, b, c, c_row, add);
        a += 4, c += 4 * c_row;
    }
    if (rows & 2) {
        NAME(tile)(2, vectors, depth, a, b, c, c_row, add);
        a += 2, c += 2 * c_row;
    }
    if (rows & 1) NAME(tile)(1, vectors, depth, a, b, c, c_row, add);
}

/* And for any columns and strides of C: what is no full, packed tile goes through a buffer. */
static void NAME(tile_any)(int64_t rows, int64_t columns, int64_t depth, const T *a, const T *b,
                           const struct NAME(product) *to)
{
    const bool    direct = columns == NAME(tile_columns) && to->c_col == 1;
    T             buffer[WG__TILE_ROWS * NAME(tile_columns)];
    T            *c = direct ? to->c : buffer;
    const int64_t c_row = direct ? to->c_row : NAME(tile_columns);
    const bool    add = direct && to->accumulate;
    if (columns <= NAME(lanes))
        NAME(tile_rows)(rows, 1, depth, a, b, c, c_row, add);
    else
        NAME(tile_rows)(rows, 2, depth, a, b, c, c_row, add);
    if (direct) return;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) {
            T *at = to->c + i * to->c_row + j * to->c_col;
            *at = to->accumulate ? *at + buffer[i * NAME(tile_columns) + j]
                                 : buffer[i * NAME(tile_columns) + j];
        }
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
            NAME(tile_any)(rows, columns, block.k, a + i * block.k, b + j * block.k, &tile);
        }
    }
}

static int64_t NAME(at_most)(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* C from sources of the rows of A and the columns of B. */
static void NAME(multiply_sources)(const struct NAME(product) *to, const struct NAME(source) *a,
                                   const struct NAME(source) *b, T *scratch)
{
    const int64_t wide = NAME(at_most)(to->n, WG__GEMM_N - NAME(tile_columns)) + NAME(tile_columns);
    T            *packed_b = scratch, *packed_a = scratch + wide * NAME(at_most)(to->k, WG__GEMM_K);
    for (int64_t j = 0; j < to->n; j += WG__GEMM_N)
        for (int64_t p = 0; p < to->k; p += WG__GEMM_K) {
            struct NAME(product) block = *to;
            block.n = NAME(at_most)(to->n - j, WG__GEMM_N);
            block.k = NAME(at_most)(to->k - p, WG__GEMM_K);
            block.accumulate = to->accumulate || p > 0;
            struct NAME(panel) panel = {.line = j, .lines = block.n, .start = p, .depth = block.k};
            panel.width = NAME(tile_columns);
            NAME(pack)(b, panel, packed_b);
            panel.width = WG__TILE_ROWS;
            for (panel.line = 0; panel.line < to->m; panel.line += WG__GEMM_M) {
                panel.lines = block.m = NAME(at_most)(to->m - panel.line, WG__GEMM_M);
                block.c = to->c + panel.line * to->c_row + j * to->c_col;
                NAME(pack)(a, panel, packed_a);
                NAME(multiply_blocks)(block, packed_a, packed_b);
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
    if (to->n >= NAME(lanes) || to->n >= to->m) {
        NAME(multiply_sources)(to, a, b, scratch);
        return;
    }
    struct NAME(product) turned = *to;
    turned.m = to->n, turned.n = to->m, turned.c_row = to->c_col, turned.c_col = to->c_row;
    NAME(multiply_sources)(&turned, b, a, scratch);
}

static void NAME(gemm_plain)(const struct wg__gemm *g, const T *a, const T *b, T *c)
{
    for (int64_t i = 0; i < g->m; i++)
        for (int64_t j = 0; j < g->n; j++) {
            T sum = 0;
            for (int64_t p = 0; p < g->k; p++)
                sum = NAME(multiply_add)(a[i * g->a_row + p * g->a_col],
                                         b[p * g->b_row + j * g->b_col], sum);
            c[i * g->c_row + j] = g->accumulate ? c[i * g->c_row + j] + sum : sum;
        }
}

static void NAME(gemm)(const struct wg__gemm *g, const T *a, const T *b, T *c, void *scratch)
{
    if ((double)g->m * (double)g->n * (double)g->k <= WG__GEMM_TINY) {
        NAME(gemm_plain)(g, a, b, c);
        return;
    }
    const struct NAME(source) rows = {
        .pack = NAME(pack_strided), .data = a, .line_stride = g->a_row, .depth_stride = g->a_col};
    const struct NAME(source) columns = {
        .pack = NAME(pack_strided), .data = b, .line_stride = g->b_col, .depth_stride = g->b_row};
    const struct NAME(product) product = {.m = g->m, .n = g->n, .k = g->k, .c = c,
                                          .c_row = g->c_row, .c_col = 1,
                                          .accumulate = g->accumulate};
    NAME(multiply)(&product, &rows, &columns, scratch);
}
