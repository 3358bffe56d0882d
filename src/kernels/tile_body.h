// SPDX-License-Identifier: MIT
/*
 * The register tile: WG__TILE_ROWS rows by two vectors of a product, summed over its depth without
 * touching memory. Its left operand is packed in panels of WG__TILE_ROWS, or read where it is; its
 * right one is packed in panels of two vectors, or found by a table of taps. Each element is the
 * same chain of multiply-adds in all of them.
 */

enum { NAME(tile_columns) = 2 * NAME(lanes) };

/* What is added to sums on their way to memory, if not NULL: a matrix, a number for each row. */
struct NAME(finish) {
    const T *added;
    int64_t  added_row;
    const T *bias;
};

typedef NAME(vector) NAME(sums)[WG__TILE_ROWS][2];

WG__INLINE void NAME(store_tile)(int rows, int vectors, NAME(sums) sum, struct NAME(finish) finish,
                                 T *c, int64_t c_row)
{
    if (finish.bias)
        WG__UNROLL
        for (int i = 0; i < rows; i++)
            WG__UNROLL
            for (int v = 0; v < vectors; v++) sum[i][v] += finish.bias[i];
    WG__UNROLL
    for (int i = 0; i < rows; i++)
        WG__UNROLL
        for (int v = 0; v < vectors; v++) {
            NAME(vector_at) *to = (NAME(vector_at) *)(c + i * c_row + v * NAME(lanes));
            if (finish.added)
                sum[i][v] += *(const NAME(vector_at) *)(finish.added + i * finish.added_row +
                                                        v * NAME(lanes));
            *to = sum[i][v];
        }
}

/* The left operand: element p of line i is at[i row + p step]. */
struct NAME(left) {
    const T *at;
    int64_t  row, step;
};

/*
 * Step p of B stands at b + tap[p], or without a table at b + p tile_columns. The cache is told at
 * once of what is touched when all is summed.
 */
WG__INLINE void NAME(tile)(int rows, int vectors, int64_t depth, struct NAME(left) a, const T *b,
                           const int64_t *tap, T *c, int64_t c_row, struct NAME(finish) finish)
{
    NAME(sums) sum;
    WG__UNROLL
    for (int i = 0; i < rows; i++)
        WG__UNROLL
        for (int v = 0; v < vectors; v++) {
            sum[i][v] = (NAME(vector)){0};
            __builtin_prefetch(c + i * c_row + v * NAME(lanes), 1);
            if (finish.added)
                __builtin_prefetch(finish.added + i * finish.added_row + v * NAME(lanes));
        }
    for (int64_t p = 0; p < depth; p++, a.at += a.step) {
        const T     *from = tap ? b + tap[p] : b + p * NAME(tile_columns);
        NAME(vector) factor[2];
        WG__UNROLL
        for (int v = 0; v < vectors; v++)
            factor[v] = *(const NAME(vector_at) *)(from + v * NAME(lanes));
        WG__UNROLL
        for (int i = 0; i < rows; i++)
            WG__UNROLL
            for (int v = 0; v < vectors; v++) sum[i][v] += a.at[i * a.row] * factor[v];
    }
    NAME(store_tile)(rows, vectors, sum, finish, c, c_row);
}

/* The same for any number of rows up to the tile's. */
WG__INLINE void NAME(tile_rows)(int64_t rows, int vectors, int64_t depth, struct NAME(left) a,
                                const T *b, const int64_t *tap, T *c, int64_t c_row,
                                struct NAME(finish) finish)
{
    if (rows == WG__TILE_ROWS) {
        NAME(tile)(WG__TILE_ROWS, vectors, depth, a, b, tap, c, c_row, finish);
        return;
    }
    WG__UNROLL
    for (int some = 4; some > 0; some /= 2) {
        if (!(rows & some)) continue;
        NAME(tile)(some, vectors, depth, a, b, tap, c, c_row, finish);
        a.at += some * a.row;
        c += some * c_row;
        if (finish.added) finish.added += some * finish.added_row;
        if (finish.bias) finish.bias += some;
    }
}

/*
 * Where a product goes, and what is added to it, if not NULL: a matrix `added`, a `bias` with an
 * element for each row.
 */
struct NAME(product) {
    int64_t  m, n, k;
    T       *c;
    int64_t  c_row, c_col;
    const T *added;
    int64_t  added_row, added_col;
    const T *bias;
};

/* And for any columns and strides of C: what is no full, packed tile goes through a buffer. */
WG__INLINE void NAME(tile_left)(int64_t rows, int64_t columns, int64_t depth, struct NAME(left) a,
                                const T *b, const int64_t *tap, const struct NAME(product) *to)
{
    const bool full = columns == NAME(tile_columns) || columns == NAME(lanes);
    const bool direct = full && to->c_col == 1 && (!to->added || to->added_col == 1);
    T             buffer[WG__TILE_ROWS * NAME(tile_columns)];
    T            *c = direct ? to->c : buffer;
    const int64_t c_row = direct ? to->c_row : NAME(tile_columns);
    const struct NAME(finish) finish = {.added = direct ? to->added : NULL,
                                        .added_row = to->added_row,
                                        .bias = to->bias};
    if (columns <= NAME(lanes))
        NAME(tile_rows)(rows, 1, depth, a, b, tap, c, c_row, finish);
    else
        NAME(tile_rows)(rows, 2, depth, a, b, tap, c, c_row, finish);
    if (direct) return;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) {
            T sum = buffer[i * NAME(tile_columns) + j];
            if (to->added) sum += to->added[i * to->added_row + j * to->added_col];
            to->c[i * to->c_row + j * to->c_col] = sum;
        }
}

/* The same for a packed A. */
WG__INLINE void NAME(tile_any)(int64_t rows, int64_t columns, int64_t depth, const T *a,
                               const T *b, const int64_t *tap, const struct NAME(product) *to)
{
    const struct NAME(left) packed = {a, 1, WG__TILE_ROWS};
    NAME(tile_left)(rows, columns, depth, packed, b, tap, to);
}
