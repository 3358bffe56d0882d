// SPDX-License-Identifier: MIT
/*
 * Convolution's adjoint in the weights: the lined-up image is the left operand of a matrix product,
 * the elements that a tap sees being its rows, and the vectors hold filters.
 */

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
    const int64_t        padded = field->out + WG__CONV2D_PANEL;
    const int64_t        sums = wg__field_sums(field, sizeof(T));
    to.tap = wg__carve(&at, field->taps * (int64_t)sizeof(int64_t));
    to.lined = wg__carve(&at, wg__field_lined(field) * (int64_t)sizeof(T));
    memset(to.lined, 0, (size_t)wg__field_lined(field) * sizeof(T));
    to.sum = wg__carve(&at, field->taps * sums * (int64_t)sizeof(T));
    to.errors = (T *)at;
    if (field->out % NAME(lanes)) /* what is computed and not used should be ordinary numbers */
        memset(to.errors, 0,
               (size_t)(padded * field->rows * field->axis[1].outputs) * sizeof(T));
    wg__field_taps(field, false, to.tap);
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

/*
 * Places of a band: so many rows and columns, from one of them on. Rows of the lined-up input are
 * `apart`, those of the errors `width`.
 */
struct NAME(places) {
    int64_t row, rows, column, columns, apart, width;
};

/* A tile's taps: their places in the lined-up input, and in sum, are so many numbers apart. */
struct NAME(few_taps) {
    const T       *lined;
    const int64_t *tap;
    int64_t        tap_step, sum_step;
};

/* sum[tap, filter] += or = lined[tap + place] errors[place, filter] for a tile of taps, filters */
WG__INLINE void NAME(correlate)(int taps, int vectors, const struct NAME(places) *places,
                                struct NAME(few_taps) at, const T *errors, T *sum, bool add)
{
    NAME(vector) sums[NAME(most_taps)][2];
    const T *from[NAME(most_taps)];
    WG__UNROLL
    for (int i = 0; i < taps; i++) {
        from[i] = at.lined + at.tap[i * at.tap_step];
        WG__UNROLL
        for (int v = 0; v < vectors; v++) sums[i][v] = (NAME(vector)){0};
    }
    for (int64_t row = places->row; row < places->row + places->rows; row++) {
        const int64_t first = row * places->apart + places->column;
        const T *error = errors + (row * places->width + places->column) * vectors * NAME(lanes);
        for (int64_t p = first; p < first + places->columns; p++) {
            NAME(vector) factor[2];
            WG__UNROLL
            for (int v = 0; v < vectors; v++, error += NAME(lanes))
                factor[v] = *(const NAME(vector_at) *)error;
            WG__UNROLL
            for (int i = 0; i < taps; i++)
                WG__UNROLL
                for (int v = 0; v < vectors; v++) sums[i][v] += from[i][p] * factor[v];
        }
    }
    WG__UNROLL
    for (int i = 0; i < taps; i++)
        WG__UNROLL
        for (int v = 0; v < vectors; v++) {
            NAME(vector_at) *to = (NAME(vector_at) *)(sum + i * at.sum_step + v * NAME(lanes));
            if (add) sums[i][v] += *to;
            *to = sums[i][v];
        }
}

#define CASE(taps)                                                                                 \
    case taps: NAME(correlate)(taps, vectors, places, at, errors, sum, add); break;
WG__INLINE void NAME(correlate_any)(int64_t taps, int vectors, const struct NAME(places) *places,
                                    struct NAME(few_taps) at, const T *errors, T *sum, bool add)
{
    switch (taps) {
        CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#if WG__PIXELS > 6
        CASE(7) CASE(8) CASE(9)
#endif
    }
}
#undef CASE

/* A panel of filters: how many vectors, and where its errors and its sums begin. */
struct NAME(panel_of_sums) {
    int      vectors;
    const T *errors;
    T       *sum;
};

/* sum += or = what these places add to `count` taps from `first` on, so many apart. */
WG__APART void NAME(correlate_tiles)(const struct NAME(weights) *to,
                                     const struct NAME(panel_of_sums) *panel,
                                     const struct NAME(places) *places, int64_t first,
                                     int64_t count, int64_t apart, bool add)
{
    const int64_t tiles = (count + NAME(most_taps) - 1) / NAME(most_taps);
    for (int64_t i = 0; i < tiles; i++) {
        const int64_t start = count * i / tiles, end = count * (i + 1) / tiles;
        const int64_t tap = first + start * apart;
        const struct NAME(few_taps) at = {.lined = to->lined,
                                          .tap = to->tap + tap,
                                          .tap_step = apart,
                                          .sum_step = apart * to->columns};
        T *const sum = panel->sum + tap * to->columns;
        if (panel->vectors == 1)
            NAME(correlate_any)(end - start, 1, places, at, panel->errors, sum, add);
        else
            NAME(correlate_any)(end - start, 2, places, at, panel->errors, sum, add);
    }
}

/*
 * What a band adds to a panel. A tile has the same tap of several channels, so that places from which
 * it sees no image are left out; where channels are few, it has all taps of one.
 */
static void NAME(correlate_panel)(const struct NAME(weights) *to,
                                  const struct NAME(panel_of_sums) *panel, struct wg__range band,
                                  bool add)
{
    enum { FEW_CHANNELS = 5 };
    const struct wg__sight *down = &to->field->axis[0], *right = &to->field->axis[1];
    const int64_t           each = down->taps * right->taps, rows = band.end - band.first;
    const int64_t           first = to->channels.first * each;
    const int64_t           channels = to->channels.end - to->channels.first;
    struct NAME(places)     places = {.rows = rows,
                                      .columns = right->outputs,
                                      .apart = to->field->width,
                                      .width = right->outputs};
    if (to->field->in < FEW_CHANNELS) { /* not `channels`: threads must make no difference */
        NAME(correlate_tiles)(to, panel, &places, first, channels * each, 1, add);
        return;
    }
    for (int64_t i = 0; i < down->taps; i++)
        for (int64_t j = 0; j < right->taps; j++) {
            const struct wg__range by_rows = wg__sight_inside(
                down, band.first * down->stride + down->shift + i * down->step, rows);
            const struct wg__range by_columns =
                wg__sight_inside(right, right->shift + j * right->step, right->outputs);
            places.row = by_rows.first, places.rows = by_rows.end - by_rows.first;
            places.column = by_columns.first;
            places.columns = by_columns.end - by_columns.first;
            NAME(correlate_tiles)(to, panel, &places, first + i * right->taps + j, channels, each,
                                  add);
        }
}

/* sum += or = what a band of output rows adds */
static void NAME(add_band)(const struct NAME(weights) *to, struct wg__range band, bool add)
{
    const int64_t places = (band.end - band.first) * to->field->axis[1].outputs;
    for (int64_t k = 0; k < to->columns; k += NAME(tile_columns)) {
        const struct NAME(panel_of_sums) panel = {
            .vectors = NAME(panel_width)(k, to->columns) == NAME(lanes) ? 1 : 2,
            .errors = to->errors + k * places,
            .sum = to->sum + k};
        NAME(correlate_panel)(to, &panel, band, add);
    }
}

#define CASE(taps)                                                                                 \
    case taps:                                                                                     \
        NAME(correlate_rows)(taps, filters, field, rows, lined, tap, dy, dy_next, sum, sum_next);  \
        break;
WG__INLINE void NAME(correlate_taps)(int64_t taps, int filters, const struct wg__field *field,
                                     int64_t rows, const T *lined, const int64_t *tap,
                                     const T *dy, int64_t dy_next, T *sum, int64_t sum_next)
{
    switch (taps) {
        CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#if WG__PIXELS > 6
        CASE(7) CASE(8) CASE(9)
#endif
    }
}
#undef CASE

/* sum[filter, tap, lane] += what a band of few filters adds; dy is its first filter's */
static void NAME(add_planes)(const struct NAME(weights) *to, struct wg__range taps, int64_t rows,
                             const T *dy)
{
    const struct wg__field *field = to->field;
    const int64_t           width = field->axis[1].outputs, plane = field->axis[0].outputs * width;
    const int64_t           count = taps.end - taps.first;
    const int64_t           tiles = (count + NAME(most_taps) - 1) / NAME(most_taps);
    const int64_t           filters = to->filters.end - to->filters.first;
    const int64_t           errors = rows * width + NAME(lanes), sums = field->taps * NAME(lanes);
    for (int64_t k = 0; k < filters; k += 2) {
        const bool two = k + 1 < filters;
        for (int64_t f = k; f < k + 1 + two; f++) /* a vector more is read */
            memcpy(to->errors + (f - k) * errors, dy + f * plane,
                   (size_t)(rows * width) * sizeof(T));
        for (int64_t i = 0; i < tiles; i++) {
            const int64_t        first = taps.first + count * i / tiles;
            const int64_t        some = taps.first + count * (i + 1) / tiles - first;
            const int64_t *const tap = to->tap + first;
            T *const             sum = to->sum + k * sums + first * NAME(lanes);
            if (two)
                NAME(correlate_taps)(some, 2, field, rows, to->lined, tap, to->errors, errors, sum,
                                     sums);
            else
                NAME(correlate_taps)(some, 1, field, rows, to->lined, tap, to->errors, errors, sum,
                                     sums);
        }
    }
}

/* dw of the channels and filters in `to`, few ones; all arrays start at the group's first image. */
static void NAME(weights_of_planes)(const struct wg__conv2d *conv,
                                    const struct NAME(weights) *to, const T *x, const T *dy, T *dw)
{
    const struct wg__field *field = to->field;
    const int64_t           width = field->axis[1].outputs, height = field->axis[0].outputs;
    const int64_t           each = field->axis[0].taps * field->axis[1].taps;
    const int64_t           first = to->filters.first, filters = to->filters.end - first;
    const struct wg__range  taps = {to->channels.first * each, to->channels.end * each};
    memset(to->sum, 0, (size_t)(filters * field->taps * NAME(lanes)) * sizeof(T));
    for (int64_t n = 0; n < conv->n; n++)
        for (int64_t row = 0; row < height; row += field->rows) {
            const int64_t rows = NAME(at_most)(height - row, field->rows);
            NAME(line_up)(field, to->channels, row, rows, x + n * conv->c * conv->h * conv->w,
                          to->lined);
            NAME(add_planes)(to, taps, rows, dy + ((n * conv->k + first) * height + row) * width);
        }
    for (int64_t k = 0; k < filters; k++)
        for (int64_t i = taps.first; i < taps.end; i++) {
            const T *const lanes = to->sum + (k * field->taps + i) * NAME(lanes);
            dw[(first + k) * field->taps + i] =
                NAME(lanes_sum)(*(const NAME(vector_at) *)lanes);
        }
}

/*
 * Few filters: they would leave more than half of a vector empty, and places of a row fill one.
 */
static bool NAME(is_by_planes)(const struct wg__field *field)
{
    const int64_t out = field->out;
    return out <= WG__FEW_FILTERS || (out <= WG__CONV2D_PLANES && 2 * out <= NAME(lanes) &&
                                      field->axis[1].outputs >= NAME(lanes));
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
            NAME(add_band)(to, (struct wg__range){row, row + rows}, n > 0 || row > 0);
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
    const int64_t each = by_filters ? wg__conv2d_weights_pieces(field.out) : field.in;
    const int64_t piece = wg__conv2d_weights_piece(field.out);
    struct NAME(weights) to = NAME(weights_make)(&field, scratch);
    for (int64_t group = units.first / each; group * each < units.end; group++) {
        const int64_t start = group * each;
        const int64_t first = units.first > start ? units.first - start : 0;
        const int64_t end = NAME(at_most)(units.end - start, each);
        to.channels = (struct wg__range){.first = 0, .end = field.in};
        to.filters = (struct wg__range){.first = 0, .end = field.out};
        if (by_filters) {
            to.filters.first = first * piece;
            to.filters.end = NAME(at_most)(field.out, end * piece);
        } else
            to.channels = (struct wg__range){.first = first, .end = end};
        const int64_t image = group * field.in * conv->h * conv->w;
        const int64_t errors = group * field.out * conv->p * conv->q;
        T *const      out = dw + group * field.out * field.taps;
        if (NAME(is_by_planes)(&field))
            NAME(weights_of_planes)(conv, &to, x + image, dy + errors, out);
        else
            NAME(weights_of_group)(conv, &to, x + image, dy + errors, out);
    }
}
