// SPDX-License-Identifier: MIT
/*
 * Sums in a fixed order: a block's rows are added up column by column, and the sums of blocks in a
 * cascade, where each level takes WG__CASCADE terms before it is carried to the next.
 */

/* level[l] is the sum of the terms of level l that were not carried on yet. */
struct NAME(cascade) {
    T       level[WG__LEVELS][WG__LANES];
    int64_t terms;
};

static void NAME(cascade_add)(struct NAME(cascade) *cascade, int width, const T *term)
{
    int64_t n = cascade->terms++;
    for (int l = 0;; l++) {
        T *sum = cascade->level[l];
        if (n % WG__CASCADE == 0)
            memcpy(sum, term, (size_t)width * sizeof(T));
        else
            for (int j = 0; j < width; j++) sum[j] += term[j];
        if (n % WG__CASCADE != WG__CASCADE - 1) return;
        n /= WG__CASCADE;
        term = sum;
    }
}

static void NAME(cascade_total)(const struct NAME(cascade) *cascade, int width, T *total)
{
    memset(total, 0, (size_t)width * sizeof(T));
    int64_t n = cascade->terms;
    for (int l = 0; n > 0; l++, n /= WG__CASCADE)
        if (n % WG__CASCADE != 0)
            for (int j = 0; j < width; j++) total[j] += cascade->level[l][j];
}

/* sum[j] = sum of column j, of one row at least */
static void NAME(sum_columns)(const struct NAME(block) *block, T sum[WG__LANES])
{
    enum { VECTORS = WG__LANES / NAME(lanes) };
    if (block->columns < WG__LANES) {
        memcpy(sum, block->data, (size_t)block->columns * sizeof(T));
        for (int i = 1; i < block->rows; i++)
            for (int j = 0; j < block->columns; j++) sum[j] += block->data[i * block->step + j];
        return;
    }
    NAME(vector) total[VECTORS];
    WG__UNROLL
    for (int v = 0; v < VECTORS; v++)
        total[v] = *(const NAME(vector_at) *)(block->data + v * NAME(lanes));
    for (int i = 1; i < block->rows; i++)
        WG__UNROLL
        for (int v = 0; v < VECTORS; v++)
            total[v] += *(const NAME(vector_at) *)(block->data + i * block->step + v * NAME(lanes));
    memcpy(sum, total, sizeof total);
}

static inline T NAME(sum_few)(int n, const T *x)
{
    NAME(quad) four = {0};
    int i = 0;
    for (; i + 4 <= n; i += 4) four += *(const NAME(quad_at) *)(x + i);
    T sum = (four[0] + four[1]) + (four[2] + four[3]);
    for (; i < n; i++) sum += x[i];
    return sum;
}

/* The rear half is added to the front one, until one number is left. */
static inline T NAME(sum_lanes)(const T sum[WG__LANES])
{
    NAME(quad) four[WG__LANES / 4];
    memcpy(four, sum, sizeof four);
    WG__UNROLL
    for (int half = WG__LANES / 8; half > 0; half /= 2)
        WG__UNROLL
        for (int k = 0; k < half; k++) four[k] += four[k + half];
    return (four[0][0] + four[0][2]) + (four[0][1] + four[0][3]);
}

/* The sum of at most a block of elements, from number `start` of the line on. */
static T NAME(sum_block)(const struct wg__loops *line, const T *x, int64_t start, int64_t count)
{
    struct NAME(block) block;
    if (count == 0) return 0;
    NAME(block_of_line)(line, x, start, count, &block);
    if (count <= WG__LANES / 2) return NAME(sum_few)((int)count, block.data);
    T sum[WG__LANES] = {0};
    if (block.rows > 0) NAME(sum_columns)(&block, sum);
    const int64_t whole = block.rows * WG__LANES;
    return NAME(sum_lanes)(sum) + NAME(sum_few)((int)(count - whole), block.data + whole);
}

/* y[i] = sum of stretch i of at most a block: `length` elements, or what is left of n */
static void NAME(sum_stretches)(int64_t n, int64_t length, const T *x, T *y)
{
    static const struct wg__loops packed = {.rank = 0};
    for (int64_t start = 0; start < n; start += length)
        *y++ = NAME(sum_block)(&packed, x, start, n - start < length ? n - start : length);
}

/* y[i] = sum of row i, of the sums of its blocks */
static void NAME(sum_rows)(int64_t rows, int64_t blocks, const T *x, T *y)
{
    for (int64_t i = 0; i < rows; i++) {
        struct NAME(cascade) cascade;
        cascade.terms = 0;
        for (int64_t k = 0; k < blocks; k++) NAME(cascade_add)(&cascade, 1, x++);
        NAME(cascade_total)(&cascade, 1, &y[i]);
    }
}

/* The sum of everything that is reduced, `inner` included. */
static T NAME(sum_line)(const struct wg__reduction *r, const T *x)
{
    if (r->reduced.count == 1 && r->inner.count <= WG__BLOCK)
        return NAME(sum_block)(&r->inner, x, 0, r->inner.count);
    struct NAME(cascade) cascade;
    struct wg__place place = {.offset = 0};
    cascade.terms = 0;
    for (int64_t i = 0; i < r->reduced.count; i++, wg__step(&r->reduced, &place))
        for (int64_t start = 0; start < r->inner.count; start += WG__BLOCK) {
            const int count = NAME(share)(r->inner.count - start, WG__BLOCK);
            const T   sum = NAME(sum_block)(&r->inner, x + place.offset, start, count);
            NAME(cascade_add)(&cascade, 1, &sum);
        }
    T total;
    NAME(cascade_total)(&cascade, 1, &total);
    return total;
}

/* y[j] = sum of column j of `inner` */
static void NAME(sum_kept)(const struct wg__reduction *r, const T *x, struct wg__range columns,
                           T *y)
{
    struct NAME(block) block;
    struct NAME(cascade) cascade;
    for (int64_t start = columns.first; start < columns.end; start += WG__LANES) {
        struct wg__place place = {.offset = 0};
        cascade.terms = 0;
        block.columns = NAME(share)(columns.end - start, WG__LANES);
        for (int64_t row = 0; row < r->reduced.count; row += WG__CASCADE) {
            T sum[WG__LANES];
            block.rows = NAME(share)(r->reduced.count - row, WG__CASCADE);
            NAME(block_of_columns)(r, x, start, &place, &block);
            NAME(sum_columns)(&block, sum);
            NAME(cascade_add)(&cascade, block.columns, sum);
        }
        NAME(cascade_total)(&cascade, block.columns, y + start);
    }
}

static void NAME(sum)(const struct wg__reduction *r, const T *x, T *y, struct wg__range units)
{
    if (r->inner_is_reduced) {
        struct wg__place kept = NAME(place_at)(&r->kept, units.first);
        for (int64_t i = units.first; i < units.end; i++, wg__step(&r->kept, &kept))
            y[i] = NAME(sum_line)(r, x + kept.offset);
        return;
    }
    while (units.first < units.end) {
        const struct wg__columns some = wg__reduction_columns(r, units);
        const T *from = x + NAME(place_at)(&r->kept, some.row).offset;
        NAME(sum_kept)(r, from, some.columns, y + some.row * r->inner.count);
        units.first = some.next;
    }
}
