// SPDX-License-Identifier: MIT
/*
 * Convolution with filters in the vectors: a register tile of two vectors of filters and as many
 * places of a row as there are registers left. A tap's weights are two loads, and each element of
 * the input, wherever it stands, is one that all lanes take. What comes out has filters as
 * neighbours and is transposed by and by. Each element is the same chain of multiply-adds as in
 * tile_body.h.
 */

/*
 * The taps of a tile: from `first` on, so many rows of `row` taps. Of each row, the first `front` do
 * not show the image to the tile's first place, the last `rear` not to its last one. What sees all is
 * one row.
 */
struct NAME(taps) {
    int64_t first, rows, row, front, rear;
};

/* Those of places [columns.first, columns.end) of a row, through rows `seen` of the window. */
static struct NAME(taps) NAME(taps_of)(const struct wg__field *field, struct wg__range seen,
                                       struct wg__range columns)
{
    const struct wg__sight *right = &field->axis[1];
    struct NAME(taps)       taps = {.rows = seen.end - seen.first, .row = right->taps * field->in};
    taps.first = seen.first * taps.row;
    if (columns.end - columns.first > 1) {
        taps.front = wg__sight_taps(right, columns.first).first;
        taps.rear = right->taps - wg__sight_taps(right, columns.end - 1).end;
    }
    if (taps.front + taps.rear > right->taps) taps.front = taps.rear = 0;
    taps.front *= field->in, taps.rear *= field->in;
    if (taps.front + taps.rear == 0) taps.row *= taps.rows, taps.rows = 1;
    return taps;
}

/* The width of a panel of filters that starts at `first`: two vectors, or one for the last few. */
static inline int64_t NAME(panel_width)(int64_t first, int64_t filters)
{
    return filters - first > NAME(lanes) ? NAME(tile_columns) : NAME(lanes);
}

typedef NAME(vector) NAME(pixel_sums)[WG__PIXELS][2];

/* sum[place] += what taps [p, end) show to places [from, to) */
WG__INLINE void NAME(add_taps)(int from, int to, int vectors, int64_t p, int64_t end, const T *w,
                               const T *x, const int64_t *tap, NAME(pixel_sums) sum)
{
    for (; p < end; p++) {
        const T     *at = x + tap[p], *weights = w + p * vectors * NAME(lanes);
        NAME(vector) factor[2];
        WG__UNROLL
        for (int v = 0; v < vectors; v++)
            factor[v] = *(const NAME(vector_at) *)(weights + v * NAME(lanes));
        WG__UNROLL
        for (int i = from; i < to; i++)
            WG__UNROLL
            for (int v = 0; v < vectors; v++) sum[i][v] += at[i] * factor[v];
    }
}

WG__INLINE void NAME(pixels)(int places, int vectors, const struct NAME(taps) *taps, const T *w,
                             const T *x, const int64_t *tap, const T *bias, T *to)
{
    NAME(pixel_sums) sum;
    WG__UNROLL
    for (int i = 0; i < places; i++)
        WG__UNROLL
        for (int v = 0; v < vectors; v++) sum[i][v] = (NAME(vector)){0};
    for (int64_t r = 0; r < taps->rows; r++) {
        const int64_t p = taps->first + r * taps->row, end = p + taps->row;
        const int64_t front = p + taps->front, rear = end - taps->rear;
        if (places > 1) NAME(add_taps)(1, places, vectors, p, front, w, x, tap, sum);
        NAME(add_taps)(0, places, vectors, front, rear, w, x, tap, sum);
        if (places > 1) NAME(add_taps)(0, places - 1, vectors, rear, end, w, x, tap, sum);
    }
    WG__UNROLL
    for (int i = 0; i < places; i++)
        WG__UNROLL
        for (int v = 0; v < vectors; v++) {
            if (bias) sum[i][v] += *(const NAME(vector_at) *)(bias + v * NAME(lanes));
            *(NAME(vector_at) *)(to + (i * vectors + v) * NAME(lanes)) = sum[i][v];
        }
}

/* The same for any number of places up to WG__PIXELS. */
#define CASE(places)                                                                               \
    case places: NAME(pixels)(places, vectors, taps, w, x, tap, bias, to); break;
WG__INLINE void NAME(pixels_any)(int64_t places, int vectors, const struct NAME(taps) *taps,
                                 const T *w, const T *x, const int64_t *tap, const T *bias, T *to)
{
    switch (places) {
        CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#if WG__PIXELS == 14
        CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
#endif
    }
}
#undef CASE

WG__APART void NAME(pixels_one)(int64_t places, const struct NAME(taps) *taps, const T *w,
                                const T *x, const int64_t *tap, const T *bias, T *to)
{
    NAME(pixels_any)(places, 1, taps, w, x, tap, bias, to);
}

WG__APART void NAME(pixels_two)(int64_t places, const struct NAME(taps) *taps, const T *w,
                                const T *x, const int64_t *tap, const T *bias, T *to)
{
    NAME(pixels_any)(places, 2, taps, w, x, tap, bias, to);
}

/* A panel: so many filters in one or two vectors, and their weights[tap, filter] and biases. */
struct NAME(panel_of_filters) {
    int64_t  filters, width;
    const T *weights, *bias;
};

/*
 * The panel's channels of a band of rows, to out[filter out_row + place]. Where the lined-up rows
 * follow each other, they are taken as one.
 */
static void NAME(pixels_band)(const struct wg__field *field, const int64_t *tap,
                              const struct NAME(panel_of_filters) *panel, struct wg__range band,
                              const T *lined, T *buffer, T *out, int64_t out_row)
{
    const bool    one = field->width == field->axis[1].outputs;
    const int64_t rows = one ? 1 : band.end - band.first, width = panel->width;
    const int64_t columns = field->axis[1].outputs * (one ? band.end - band.first : 1);
    const int64_t tiles = (columns + WG__PIXELS - 1) / WG__PIXELS;
    const int64_t room = WG__CONV2D_BUFFER / (int64_t)sizeof(T) / width;
    int64_t       done = 0;
    for (int64_t u = 0; u < rows; u++, lined += field->width) {
        const struct wg__range seen = wg__sight_taps(&field->axis[0], band.first + u);
        for (int64_t i = 0; i < tiles; i++) {
            const struct wg__range tile = {columns * i / tiles, columns * (i + 1) / tiles};
            const int64_t          count = tile.end - tile.first;
            const struct NAME(taps) taps =
                one ? (struct NAME(taps)){.rows = 1, .row = field->taps}
                    : NAME(taps_of)(field, seen, tile);
            if (done + count > room) {
                NAME(turn)(done, panel->filters, buffer, width, out, out_row);
                out += done, done = 0;
            }
            if (width == NAME(lanes))
                NAME(pixels_one)(count, &taps, panel->weights, lined + tile.first, tap,
                                 panel->bias, buffer + done * width);
            else
                NAME(pixels_two)(count, &taps, panel->weights, lined + tile.first, tap,
                                 panel->bias, buffer + done * width);
            done += count;
        }
    }
    NAME(turn)(done, panel->filters, buffer, width, out, out_row);
}
