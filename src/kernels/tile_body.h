// SPDX-License-Identifier: MIT
/*
 * The register tile: WG__TILE_ROWS rows by two vectors of a product, summed over its depth without
 * touching memory. Its left operand is packed in panels of WG__TILE_ROWS, or stands in lines; its
 * right one is packed in panels of two vectors, or found by a table of taps. Each element is the
 * same chain of multiply-adds in all of them.
 */

enum { NAME(tile_columns) = 2 * NAME(lanes) };

/* What is done to sums on their way to memory: C is added, or a bias for each row. */
struct NAME(finish) {
    bool     add;
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
            if (finish.add) sum[i][v] += *to;
            *to = sum[i][v];
        }
}

/* Step p of B stands at b + tap[p], or without a table at b + p tile_columns. */
WG__INLINE void NAME(tile)(int rows, int vectors, int64_t depth, const T *a, const T *b,
                           const int64_t *tap, T *c, int64_t c_row, struct NAME(finish) finish)
{
    NAME(sums) sum;
    WG__UNROLL
    for (int i = 0; i < rows; i++)
        WG__UNROLL
        for (int v = 0; v < vectors; v++) sum[i][v] = (NAME(vector)){0};
    for (int64_t p = 0; p < depth; p++, a += WG__TILE_ROWS) {
        const T     *from = tap ? b + tap[p] : b + p * NAME(tile_columns);
        NAME(vector) factor[2];
        WG__UNROLL
        for (int v = 0; v < vectors; v++)
            factor[v] = *(const NAME(vector_at) *)(from + v * NAME(lanes));
        WG__UNROLL
        for (int i = 0; i < rows; i++)
            WG__UNROLL
            for (int v = 0; v < vectors; v++) sum[i][v] += a[i] * factor[v];
    }
    NAME(store_tile)(rows, vectors, sum, finish, c, c_row);
}

/* The same for any number of rows up to the tile's. */
WG__INLINE void NAME(tile_rows)(int64_t rows, int vectors, int64_t depth, const T *a, const T *b,
                                const int64_t *tap, T *c, int64_t c_row,
                                struct NAME(finish) finish)
{
    if (rows == WG__TILE_ROWS) {
        NAME(tile)(WG__TILE_ROWS, vectors, depth, a, b, tap, c, c_row, finish);
        return;
    }
    int done = 0;
    if (rows & 4) {
        NAME(tile)(4, vectors, depth, a, b, tap, c, c_row, finish);
        done = 4;
    }
    if (rows & 2) {
        struct NAME(finish) rest = finish;
        if (rest.bias) rest.bias += done;
        NAME(tile)(2, vectors, depth, a + done, b, tap, c + done * c_row, c_row, rest);
        done += 2;
    }
    if (rows & 1) {
        struct NAME(finish) rest = finish;
        if (rest.bias) rest.bias += done;
        NAME(tile)(1, vectors, depth, a + done, b, tap, c + done * c_row, c_row, rest);
    }
}

/* Where the product goes; `bias` has an element for each row, or is NULL. */
struct NAME(product) {
    int64_t  m, n, k;
    T       *c;
    int64_t  c_row, c_col;
    bool     accumulate;
    const T *bias;
};

/* And for any columns and strides of C: what is no full, packed tile goes through a buffer. */
WG__INLINE void NAME(tile_any)(int64_t rows, int64_t columns, int64_t depth, const T *a,
                               const T *b, const int64_t *tap, const struct NAME(product) *to)
{
    const bool direct = to->c_col == 1 &&
                        (columns == NAME(tile_columns) || columns == NAME(lanes));
    T             buffer[WG__TILE_ROWS * NAME(tile_columns)];
    T            *c = direct ? to->c : buffer;
    const int64_t c_row = direct ? to->c_row : NAME(tile_columns);
    const struct NAME(finish) finish = {.add = direct && to->accumulate, .bias = to->bias};
    if (columns <= NAME(lanes))
        NAME(tile_rows)(rows, 1, depth, a, b, tap, c, c_row, finish);
    else
        NAME(tile_rows)(rows, 2, depth, a, b, tap, c, c_row, finish);
    if (direct) return;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) {
            T *at = to->c + i * to->c_row + j * to->c_col;
            *at = to->accumulate ? *at + buffer[i * NAME(tile_columns) + j]
                                 : buffer[i * NAME(tile_columns) + j];
        }
}
