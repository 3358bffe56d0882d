// SPDX-License-Identifier: MIT
/* Products by a packed B of which a diagonal leaves a part out, as causal attention has them. */

/*
 * The panel of B from column j on, in the block of its depth that begins with `start`: where
 * gemm_pack puts it.
 */
static const T *NAME(panel_at)(const struct wg__gemm *g, const T *packed, int64_t j, int64_t start)
{
    const int64_t left = j / NAME(gemm_n) * NAME(gemm_n);
    const struct NAME(panel) above = {.lines = NAME(at_most)(g->n - left, NAME(gemm_n)),
                                      .width = NAME(tile_columns),
                                      .depth = start};
    return packed + left * g->k + NAME(packed_size)(&above) +
           (j - left) * NAME(at_most)(g->k - start, WG__GEMM_K);
}

/* How many columns of the tile at i and j are wanted, rounded up to whole vectors if C has room. */
static int64_t NAME(stair_columns)(const struct wg__gemm *g, const struct wg__stairs *stairs,
                                   int64_t i, int64_t j)
{
    if (stairs->side != WG__C_BELOW) return NAME(at_most)(g->n - j, NAME(tile_columns));
    const int64_t end = NAME(at_most)(g->m, i + WG__TILE_ROWS);
    const int64_t wanted = NAME(at_most)(g->n, stairs->reach + end) - j;
    const int64_t whole = (wanted + NAME(lanes) - 1) / NAME(lanes) * NAME(lanes);
    return wanted > 0 ? NAME(at_most)(whole, NAME(tile_columns)) : 0;
}

/* The part of A that is not left out in the rows of a tile, of a block of the depth. */
static struct wg__range NAME(stair_depth)(const struct wg__gemm *g, const struct wg__stairs *stairs,
                                          int64_t i, int64_t start)
{
    struct wg__range depth = {start, NAME(at_most)(g->k, start + WG__GEMM_K)};
    const int64_t    end = NAME(at_most)(g->m, i + WG__TILE_ROWS);
    if (stairs->side == WG__A_BELOW) depth.end = NAME(at_most)(depth.end, stairs->reach + end);
    if (stairs->side == WG__A_ABOVE && depth.first < i - stairs->reach)
        depth.first = i - stairs->reach;
    return depth;
}

static void NAME(gemm_stairs)(const struct wg__gemm *g, const struct wg__stairs *stairs, const T *a,
                              const T *packed, const T *d, T *c)
{
    const struct NAME(product) whole = NAME(product_of)(g, d, c);
    for (int64_t start = 0; start == 0 || start < g->k; start += WG__GEMM_K)
        for (int64_t j = 0; j < g->n; j += NAME(tile_columns)) {
            const T *panel = NAME(panel_at)(g, packed, j, start);
            for (int64_t i = 0; i < g->m; i += WG__TILE_ROWS) {
                const int64_t rows = NAME(at_most)(g->m - i, WG__TILE_ROWS);
                const int64_t columns = NAME(stair_columns)(g, stairs, i, j);
                const struct wg__range depth = NAME(stair_depth)(g, stairs, i, start);
                const struct NAME(left) lines = {a + i * g->a_row + depth.first * g->a_col,
                                                 g->a_row, g->a_col};
                const T *b = panel + (depth.first - start) * NAME(tile_columns);
                struct NAME(product) tile = NAME(part)(&whole, i, j);
                if (start > 0) tile.added = tile.c, tile.added_row = g->c_row;
                if (columns == 0 || (tile.added && depth.first >= depth.end)) continue;
                NAME(tile_left)(rows, columns, depth.end - depth.first, lines, b, NULL, &tile);
            }
        }
}
