// SPDX-License-Identifier: MIT
/*
 * Convolution's adjoint in the weights: the lined-up image is the left operand of a matrix product,
 * the elements that a tap sees being its rows, and the vectors hold filters.
 */

/* As many taps as a tile has, at most those of 3 x 3: each is a pointer. */
enum { NAME(most_taps) = WG__PIXELS < 9 ? WG__PIXELS : 9 };
typedef NAME(vector) NAME(sums_of_taps)[NAME(most_taps)][2];

/* What one call makes of one group: taps of these channels, for these filters. */
struct NAME(weights) {
    const struct wg__field *field;
    struct wg__range        channels, filters;
    int64_t                *tap;
    T *lined, *errors, *sum; /* errors[panel, place, filter], sum[tap, filter] */
    int64_t columns;         /* filters, to whole vectors */
};

static struct NAME(weights) NAME(weights_make)(const struct wg__field *field, void *scratch)
{
    char                *at = scratch;
    struct NAME(weights) to = {.field = field};
    const int64_t columns = (field->out + NAME(lanes) - 1) / NAME(lanes) * NAME(lanes);
    to.tap = wg__carve(&at, field->taps * (int64_t)sizeof(int64_t));
    to.lined = wg__carve(&at, wg__field_lined(field) * (int64_t)sizeof(T));
    memset(to.lined, 0, (size_t)wg__field_lined(field) * sizeof(T));
    to.sum = wg__carve(&at, field->taps * columns * (int64_t)sizeof(T));
    to.errors = (T *)at;
    if (columns > field->out) /* what is computed and not used should be ordinary numbers */
        memset(to.errors, 0,
               (size_t)(columns * field->rows * field->axis[1].outputs) * sizeof(T));
    wg__field_taps(field, to.tap);
    return to;
}

/*
 * errors[panel, place, filter] = dy[filter, place], in panels of one or two vectors; what the last
 * one has beyond the filters is not used.
 */
static void NAME(turn_errors)(const struct NAME(weights) *to, const T *dy, int64_t places)
{
    const struct wg__field *field = to->field;
    const int64_t           row = field->axis[0].outputs * field->axis[1].outputs;
    const int64_t           filters = to->filters.end - to->filters.first;
    for (int64_t k = 0; k < to->columns; k += NAME(tile_columns)) {
        const int64_t width = NAME(panel_width)(k, to->columns);
        const int64_t some = NAME(at_most)(filters - k, width);
        T            *panel = to->errors + k * places;
        NAME(turn)(some, places, dy + (to->filters.first + k) * row, row, panel, width);
    }
}

/* The places of a band: rows of the lined-up input that are `apart`, of so many columns. */
struct NAME(places) {
    int64_t rows, columns, apart;
};

/* sum[tap, filter] += or = lined[tap + place] errors[place, filter] for a tile of taps, filters */
WG__INLINE void NAME(correlate)(int taps, int vectors, const struct NAME(places) *places,
                                const T *lined, const int64_t *tap, const T *errors, T *sum,
                                int64_t sum_row, bool add)
{
    NAME(sums_of_taps) sums;
    const T *from[NAME(most_taps)];
    WG__UNROLL
    for (int i = 0; i < taps; i++) {
        from[i] = lined + tap[i];
        WG__UNROLL
        for (int v = 0; v < vectors; v++) sums[i][v] = (NAME(vector)){0};
    }
    for (int64_t row = 0; row < places->rows; row++)
        for (int64_t p = row * places->apart, end = p + places->columns; p < end; p++) {
            NAME(vector) factor[2];
            WG__UNROLL
            for (int v = 0; v < vectors; v++, errors += NAME(lanes))
                factor[v] = *(const NAME(vector_at) *)errors;
            WG__UNROLL
            for (int i = 0; i < taps; i++)
                WG__UNROLL
                for (int v = 0; v < vectors; v++) sums[i][v] += from[i][p] * factor[v];
        }
    WG__UNROLL
    for (int i = 0; i < taps; i++)
        WG__UNROLL
        for (int v = 0; v < vectors; v++) {
            NAME(vector_at) *to = (NAME(vector_at) *)(sum + i * sum_row + v * NAME(lanes));
            if (add) sums[i][v] += *to;
            *to = sums[i][v];
        }
}

#define CASE(taps)                                                                                 \
    case taps:                                                                                     \
        NAME(correlate)(taps, vectors, places, lined, tap, errors, sum, sum_row, add);             \
        break;
WG__INLINE void NAME(correlate_any)(int64_t taps, int vectors, const struct NAME(places) *places,
                                    const T *lined, const int64_t *tap, const T *errors, T *sum,
                                    int64_t sum_row, bool add)
{
    switch (taps) {
        CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#if WG__PIXELS > 6
        CASE(7) CASE(8) CASE(9)
#endif
    }
}
#undef CASE

/* The tiles of a panel of filters. */
WG__INLINE void NAME(correlate_panel)(const struct NAME(weights) *to, int vectors,
                                      const struct NAME(places) *places, const T *errors, T *sum,
                                      bool add)
{
    const int64_t each = to->field->axis[0].taps * to->field->axis[1].taps;
    const int64_t first = to->channels.first * each, taps = to->channels.end * each - first;
    const int64_t tiles = (taps + NAME(most_taps) - 1) / NAME(most_taps);
    for (int64_t i = 0; i < tiles; i++) {
        const int64_t start = first + taps * i / tiles, end = first + taps * (i + 1) / tiles;
        NAME(correlate_any)(end - start, vectors, places, to->lined, to->tap + start, errors,
                            sum + start * to->columns, to->columns, add);
    }
}

/* sum += or = what a band of `rows` output rows adds */
static void NAME(add_band)(const struct NAME(weights) *to, int64_t rows, bool add)
{
    const int64_t             width = to->field->axis[1].outputs;
    const struct NAME(places) places = {.rows = rows, .columns = width, .apart = to->field->width};
    for (int64_t k = 0; k < to->columns; k += NAME(tile_columns)) {
        const T *const errors = to->errors + k * rows * width;
        if (NAME(panel_width)(k, to->columns) == NAME(lanes))
            NAME(correlate_panel)(to, 1, &places, errors, to->sum + k, add);
        else
            NAME(correlate_panel)(to, 2, &places, errors, to->sum + k, add);
    }
}

/* dw of the channels and filters in `to`; all arrays start at the group's first image. */
static void NAME(weights_of_group)(const struct wg__conv2d *conv, struct NAME(weights) *to,
                                   const T *x, const T *dy, T *dw)
{
    const struct wg__field *field = to->field;
    const int64_t           width = field->axis[1].outputs, height = field->axis[0].outputs;
    const int64_t           filters = to->filters.end - to->filters.first;
    const int64_t           each = field->axis[0].taps * field->axis[1].taps;
    to->columns = (filters + NAME(lanes) - 1) / NAME(lanes) * NAME(lanes);
    for (int64_t n = 0; n < conv->n; n++)
        for (int64_t row = 0; row < height; row += field->rows) {
            const int64_t rows = NAME(at_most)(height - row, field->rows);
            NAME(line_up)(field, to->channels, row, rows, x + n * conv->c * conv->h * conv->w,
                          to->lined);
            NAME(turn_errors)(to, dy + n * conv->k * width * height + row * width, rows * width);
            NAME(add_band)(to, rows, n > 0 || row > 0);
        }
    NAME(turn)((to->channels.end - to->channels.first) * each, filters,
               to->sum + to->channels.first * each * to->columns, to->columns,
               dw + to->filters.first * field->taps + to->channels.first * each, field->taps);
}

WG__APART void NAME(lined_backward_weight)(const struct wg__conv2d *conv, const T *x, const T *dy,
                                           T *dw, void *scratch, struct wg__range units)
{
    struct wg__field field = wg__field_forward(conv);
    const bool       by_filters = wg__conv2d_by_filters(conv);
    wg__field_lay(&field, false);
    const int64_t each =
        by_filters ? (field.out + WG__CONV2D_PIECE - 1) / WG__CONV2D_PIECE : field.in;
    struct NAME(weights) to = NAME(weights_make)(&field, scratch);
    for (int64_t group = units.first / each; group * each < units.end; group++) {
        const int64_t start = group * each;
        const int64_t first = units.first > start ? units.first - start : 0;
        const int64_t end = NAME(at_most)(units.end - start, each);
        to.channels = (struct wg__range){.first = 0, .end = field.in};
        to.filters = (struct wg__range){.first = 0, .end = field.out};
        if (by_filters) {
            to.filters.first = first * WG__CONV2D_PIECE;
            to.filters.end = NAME(at_most)(field.out, end * WG__CONV2D_PIECE);
        } else
            to.channels = (struct wg__range){.first = first, .end = end};
        NAME(weights_of_group)(conv, &to, x + group * field.in * conv->h * conv->w,
                               dy + group * field.out * conv->p * conv->q,
                               dw + group * field.out * field.taps);
    }
}

