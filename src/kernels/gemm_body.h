// SPDX-License-Identifier: MIT
/*
 * Matrix product in blocks, after Goto and van de Geijn, "Anatomy of high-performance matrix
 * multiplication" (TOMS 34:3, 2008): blocks of both operands are packed into panels, and a tile of
 * C is summed in registers over the depth of a block. An operand is a source of lines, rows of A or
 * columns of B.
 */

/* Columns of a block; how far apart steps may be that are read where they are. */
enum { NAME(gemm_n) = WG__GEMM_N_BYTES / sizeof(T), NAME(close) = 512 / sizeof(T) };

static int64_t NAME(at_most)(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

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

/* Steps of `width` neighbours; it is constant, so that each is moved as vectors. */
WG__INLINE void NAME(pack_neighbours)(int64_t width, const T *data, int64_t step, int64_t depth,
                                      T *to)
{
    for (int64_t p = 0; p < depth; p++, data += step, to += width)
        memcpy(to, data, (size_t)width * sizeof(T));
}

static void NAME(pack_strided)(const struct NAME(source) *from, const struct NAME(panel) *panel,
                               T *to)
{
    const int64_t width = panel->width, line = from->line_stride, step = from->depth_stride;
    const T      *data = from->data + panel->line * line + panel->start * step;
    const bool    whole = line == 1 && panel->lines == width;
    if (whole && width == NAME(tile_columns))
        NAME(pack_neighbours)(NAME(tile_columns), data, step, panel->depth, to);
    else if (whole)
        NAME(pack_neighbours)(WG__TILE_ROWS, data, step, panel->depth, to);
    else if (step == 1)
        NAME(turn_panel)(panel->lines, panel->depth, data, line, to, width);
    else
        for (int64_t p = 0; p < panel->depth; p++)
            for (int64_t i = 0; i < panel->lines; i++)
                to[p * width + i] = data[i * line + p * step];
}

/* Packs block.lines lines as panels of block.width; what the last one lacks is zero. */
static void NAME(pack)(const struct NAME(source) *from, struct NAME(panel) block, T *to)
{
    struct NAME(panel) panel = block;
    for (int64_t done = 0; done < block.lines; done += block.width) {
        panel.line = block.line + done;
        panel.lines = NAME(at_most)(block.lines - done, block.width);
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

/* The part of a product from row i and column j on. */
static struct NAME(product) NAME(part)(const struct NAME(product) *to, int64_t i, int64_t j)
{
    struct NAME(product) part = *to;
    part.c += i * to->c_row + j * to->c_col;
    if (part.added) part.added += i * to->added_row + j * to->added_col;
    return part;
}

/* The product of a block of A, of which line i begins at a.at + i line, and a packed one of B. */
static void NAME(multiply_blocks)(const struct NAME(product) *block, struct NAME(left) a,
                                  int64_t line, const T *b)
{
    for (int64_t j = 0; j < block->n; j += NAME(tile_columns)) {
        const int64_t columns = NAME(at_most)(block->n - j, NAME(tile_columns));
        for (int64_t i = 0; i < block->m; i += WG__TILE_ROWS) {
            const struct NAME(product) tile = NAME(part)(block, i, j);
            const struct NAME(left)    lines = {a.at + i * line, a.row, a.step};
            NAME(tile_left)(NAME(at_most)(block->m - i, WG__TILE_ROWS), columns, block->k, lines,
                            b + j * block->k, NULL, &tile);
        }
    }
}

/*
 * The same for all rows of A, `start` elements into the depth. They are read where they are if
 * neighbours lie behind each other in memory or steps close together, else packed.
 */
static void NAME(multiply_rows)(const struct NAME(product) *to, const struct NAME(source) *a,
                                int64_t start, const T *b, T *scratch)
{
    const int64_t line = a->line_stride, step = a->depth_stride;
    const bool    there = step == 1 || (line == 1 && step <= NAME(close));
    for (int64_t i = 0; i < to->m; i += WG__GEMM_M) {
        struct NAME(product)     block = NAME(part)(to, i, 0);
        const struct NAME(left)  lines = {a->data + i * line + start * step, line, step};
        const struct NAME(left)  panels = {scratch, 1, WG__TILE_ROWS};
        const struct NAME(panel) rows = {.line = i,
                                         .lines = NAME(at_most)(to->m - i, WG__GEMM_M),
                                         .width = WG__TILE_ROWS,
                                         .start = start,
                                         .depth = to->k};
        block.m = rows.lines;
        if (!there) NAME(pack)(a, rows, scratch);
        NAME(multiply_blocks)(&block, there ? lines : panels, there ? line : to->k, b);
    }
}

/* C from sources of the rows of A and the columns of B, in blocks. */
static void NAME(multiply_sources)(const struct NAME(product) *to, const struct NAME(source) *a,
                                   struct NAME(source) b, T *scratch)
{
    const int64_t wide =
        NAME(at_most)(to->n, NAME(gemm_n) - NAME(tile_columns)) + NAME(tile_columns);
    T *const packed_a = scratch + wide * NAME(at_most)(to->k, WG__GEMM_K);
    for (int64_t j = 0; j < to->n; j += NAME(gemm_n))
        for (int64_t p = 0; p < to->k; p += WG__GEMM_K) {
            struct NAME(product) block = NAME(part)(to, 0, j);
            block.n = NAME(at_most)(to->n - j, NAME(gemm_n));
            block.k = NAME(at_most)(to->k - p, WG__GEMM_K);
            if (p > 0)
                block.added = block.c, block.added_row = to->c_row, block.added_col = to->c_col;
            const struct NAME(panel) columns = {.line = j,
                                                .lines = block.n,
                                                .width = NAME(tile_columns),
                                                .start = p,
                                                .depth = block.k};
            NAME(multiply_rows)(&block, a, p, NAME(next_block)(&b, &columns, scratch), packed_a);
        }
}

/* What an empty sum gives. */
static void NAME(multiply_nothing)(const struct NAME(product) *to)
{
    for (int64_t i = 0; i < to->m; i++)
        for (int64_t j = 0; j < to->n; j++)
            to->c[i * to->c_row + j * to->c_col] =
                to->added ? to->added[i * to->added_row + j * to->added_col] : 0;
}

/* The same, or the transposed product where a narrow C would leave the vectors half empty. */
static void NAME(multiply)(const struct NAME(product) *to, const struct NAME(source) *a,
                           const struct NAME(source) *b, T *scratch)
{
    if (to->k == 0) NAME(multiply_nothing)(to);
    if (to->n >= NAME(lanes) || to->n >= to->m || b->packed) {
        NAME(multiply_sources)(to, a, *b, scratch);
        return;
    }
    struct NAME(product) turned = *to;
    turned.m = to->n, turned.c_row = to->c_col, turned.added_row = to->added_col;
    turned.n = to->m, turned.c_col = to->c_row, turned.added_col = to->added_row;
    NAME(multiply_sources)(&turned, b, *a, scratch);
}

static void NAME(gemm_plain)(const struct wg__gemm *g, const T *a, const T *b, const T *d, T *c)
{
    for (int64_t i = 0; i < g->m; i++)
        for (int64_t j = 0; j < g->n; j++) {
            T total = d ? d[i * g->d_row + j] : 0;
            for (int64_t start = 0; start < g->k; start += WG__GEMM_K) {
                const int64_t end = NAME(at_most)(g->k, start + WG__GEMM_K);
                T             sum = 0;
                for (int64_t p = start; p < end; p++)
                    sum = NAME(multiply_add)(a[i * g->a_row + p * g->a_col],
                                             b[p * g->b_row + j * g->b_col], sum);
                total = start > 0 || d ? total + sum : sum;
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

static struct NAME(product) NAME(product_of)(const struct wg__gemm *g, const T *d, T *c)
{
    return (struct NAME(product)){.m = g->m, .n = g->n, .k = g->k,
                                  .c = c, .c_row = g->c_row, .c_col = 1,
                                  .added = d, .added_row = g->d_row, .added_col = 1};
}

static void NAME(gemm)(const struct wg__gemm *g, const T *a, const T *b, const T *d, T *c,
                       void *scratch)
{
    if ((double)g->m * (double)g->n * (double)g->k <= WG__GEMM_TINY) {
        NAME(gemm_plain)(g, a, b, d, c);
        return;
    }
    const struct NAME(source) rows = NAME(rows_of)(g, a), columns = NAME(columns_of)(g, b);
    const struct NAME(product) product = NAME(product_of)(g, d, c);
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

static void NAME(gemm_packed)(const struct wg__gemm *g, const T *a, const T *packed, const T *d,
                              T *c, void *scratch)
{
    const struct NAME(source)  rows = NAME(rows_of)(g, a), columns = {.packed = packed};
    const struct NAME(product) product = NAME(product_of)(g, d, c);
    NAME(multiply)(&product, &rows, &columns, scratch);
}
