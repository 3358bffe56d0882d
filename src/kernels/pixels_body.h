// SPDX-License-Identifier: MIT
/*
 * Convolution with filters in the vectors: a register tile of two vectors of filters and as many
 * places of a row as there are registers left. A tap's weights are two loads, and each element of
 * the input, wherever it stands, is one that all lanes take. What comes out has filters as
 * neighbours and is transposed by and by. Each element is the same chain of multiply-adds as in
 * tile_body.h.
 */

/* The width of a panel of filters that starts at `first`: two vectors, or one for the last few. */
static inline int64_t NAME(panel_width)(int64_t first, int64_t filters)
{
    return filters - first > NAME(lanes) ? NAME(tile_columns) : NAME(lanes);
}

WG__INLINE void NAME(pixels)(int places, int vectors, int64_t depth, const T *w, const T *x,
                             const int64_t *tap, const T *bias, T *to)
{
    NAME(vector) sum[WG__PIXELS][2];
    WG__UNROLL
    for (int i = 0; i < places; i++)
        WG__UNROLL
        for (int v = 0; v < vectors; v++) sum[i][v] = (NAME(vector)){0};
    for (int64_t p = 0; p < depth; p++, w += vectors * NAME(lanes)) {
        const T     *from = x + tap[p];
        NAME(vector) factor[2];
        WG__UNROLL
        for (int v = 0; v < vectors; v++)
            factor[v] = *(const NAME(vector_at) *)(w + v * NAME(lanes));
        WG__UNROLL
        for (int i = 0; i < places; i++)
            WG__UNROLL
            for (int v = 0; v < vectors; v++) sum[i][v] += from[i] * factor[v];
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
    case places: NAME(pixels)(places, vectors, depth, w, x, tap, bias, to); break;
WG__INLINE void NAME(pixels_any)(int64_t places, int vectors, int64_t depth, const T *w,
                                 const T *x, const int64_t *tap, const T *bias, T *to)
{
    switch (places) {
        CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#if WG__PIXELS == 14
        CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
#endif
    }
}
#undef CASE

WG__APART void NAME(pixels_one)(int64_t places, int64_t depth, const T *w, const T *x,
                                const int64_t *tap, const T *bias, T *to)
{
    NAME(pixels_any)(places, 1, depth, w, x, tap, bias, to);
}

WG__APART void NAME(pixels_two)(int64_t places, int64_t depth, const T *w, const T *x,
                                const int64_t *tap, const T *bias, T *to)
{
    NAME(pixels_any)(places, 2, depth, w, x, tap, bias, to);
}

/* A panel: so many filters in one or two vectors, and their weights[tap, filter] and biases. */
struct NAME(panel_of_filters) {
    int64_t  filters, width;
    const T *weights, *bias;
};

/* The panel's channels of a band of `rows` rows, to out[filter out_row + place]. */
static void NAME(pixels_band)(const struct wg__field *field, const int64_t *tap,
                              const struct NAME(panel_of_filters) *panel, int64_t rows,
                              const T *lined, T *buffer, T *out, int64_t out_row)
{
    const bool    whole = field->width == field->axis[1].outputs; /* then the band is one row */
    const int64_t lines = whole ? 1 : rows, columns = field->axis[1].outputs * (whole ? rows : 1);
    const int64_t tiles = (columns + WG__PIXELS - 1) / WG__PIXELS, width = panel->width;
    const int64_t room = WG__CONV2D_BUFFER / (int64_t)sizeof(T) / width;
    int64_t       done = 0;
    for (int64_t u = 0; u < lines; u++, lined += field->width)
        for (int64_t i = 0; i < tiles; i++) {
            const int64_t first = columns * i / tiles, count = columns * (i + 1) / tiles - first;
            if (done + count > room) {
                NAME(turn)(done, panel->filters, buffer, width, out, out_row);
                out += done, done = 0;
            }
            if (width == NAME(lanes))
                NAME(pixels_one)(count, field->taps, panel->weights, lined + first, tap,
                                 panel->bias, buffer + done * width);
            else
                NAME(pixels_two)(count, field->taps, panel->weights, lined + first, tap,
                                 panel->bias, buffer + done * width);
            done += count;
        }
    NAME(turn)(done, panel->filters, buffer, width, out, out_row);
}
