// SPDX-License-Identifier: MIT
/*
 * Convolution as a matrix product of packed weights and an image that was lined up, see
 * wg__field: forward, and by phases backward-data. For backward-weight the lined-up image is the
 * left operand, row by row, and the vectors hold filters.
 */

/* to[panel, (c, i, j), row] for output channels [first, end), in panels of WG__TILE_ROWS */
static void NAME(pack_weights)(const struct wg__field *field, struct wg__range channels,
                               const T *w, T *to)
{
    const struct wg__sight *down = &field->axis[0], *right = &field->axis[1];
    for (int64_t k = channels.first; k < channels.end; k += WG__TILE_ROWS) {
        const int64_t rows = NAME(at_most)(channels.end - k, WG__TILE_ROWS);
        for (int64_t c = 0; c < field->in; c++)
            for (int64_t i = 0; i < down->taps; i++)
                for (int64_t j = 0; j < right->taps; j++, to += WG__TILE_ROWS) {
                    const T *from = w + k * field->out_stride + c * field->in_stride +
                                    (down->first + i * down->every) * field->kernel_width +
                                    right->first + j * right->every;
                    for (int64_t row = 0; row < rows; row++)
                        to[row] = from[row * field->out_stride];
                    for (int64_t row = rows; row < WG__TILE_ROWS; row++) to[row] = 0;
                }
    }
}

/* What the parts of a pass over images share. */
struct NAME(stage) {
    const struct wg__field *field;
    int64_t                *tap;
    T                      *lined, *weights, *rest;
};

static struct NAME(stage) NAME(stage_make)(const struct wg__field *field, void *scratch)
{
    const int64_t      panels = (field->out + WG__TILE_ROWS - 1) / WG__TILE_ROWS;
    char              *at = scratch;
    struct NAME(stage) stage = {.field = field};
    stage.tap = wg__carve(&at, field->taps * (int64_t)sizeof(int64_t));
    stage.weights =
        wg__carve(&at, panels * WG__TILE_ROWS * field->taps * (int64_t)sizeof(T));
    stage.lined = wg__carve(&at, wg__field_lined(field) * (int64_t)sizeof(T));
    stage.rest = (T *)at;
    memset(stage.lined + wg__field_lined(field) - 64, 0, 64 * sizeof(T));
    wg__field_taps(field, stage.tap);
    return stage;
}

/* Output channels of one image, from `x`, a group's channels, to `out`, the first of these. */
static void NAME(field_image)(const struct NAME(stage) *stage, struct wg__range channels,
                              const T *x, const T *bias, T *out)
{
    const struct wg__field *field = stage->field;
    const int64_t           width = field->axis[1].outputs, height = field->axis[0].outputs;
    const struct wg__range  all = {.first = 0, .end = field->in};
    struct NAME(product) tile = {.c_row = width * height, .c_col = 1};
    for (int64_t row = 0; row < height; row += field->rows) {
        const int64_t rows = NAME(at_most)(height - row, field->rows), places = rows * width;
        NAME(line_up)(field, all, row, rows, x, stage->lined);
        for (int64_t j = 0; j < places; j += NAME(tile_columns)) {
            const int64_t columns = NAME(at_most)(places - j, NAME(tile_columns));
            const T      *a = stage->weights;
            for (int64_t k = channels.first; k < channels.end; k += WG__TILE_ROWS) {
                tile.c = out + (k - channels.first) * tile.c_row + row * width + j;
                tile.bias = bias ? bias + k : NULL;
                NAME(tile_any)(NAME(at_most)(channels.end - k, WG__TILE_ROWS), columns,
                               field->taps, a, stage->lined + j, stage->tap, &tile);
                a += WG__TILE_ROWS * field->taps;
            }
        }
    }
}

/* A unit of a pass over images: the image's group, and a stretch of its output channels. */
struct NAME(piece) {
    int64_t          image, group, next; /* `next`: the unit after it */
    struct wg__range channels;
};

static struct NAME(piece) NAME(piece_of)(const struct wg__conv2d *conv, int64_t channels,
                                         struct wg__range units)
{
    const int64_t blocks = wg__conv2d_blocks(conv, channels), image = units.first / blocks;
    const int64_t first = units.first % blocks;
    const int64_t last = NAME(at_most)(blocks, first + units.end - units.first);
    struct NAME(piece) piece = {.image = image % conv->n, .group = image / conv->n};
    piece.next = units.first + last - first;
    piece.channels.first = first * WG__CONV2D_PIECE;
    piece.channels.end =
        last == blocks ? channels : NAME(at_most)(channels, last * WG__CONV2D_PIECE);
    return piece;
}

WG__APART void NAME(lined_forward)(const struct wg__conv2d *conv, const T *x, const T *w,
                                   const T *bias, T *y, void *scratch, struct wg__range units)
{
    const struct wg__field   field = wg__field_forward(conv);
    const struct NAME(stage) stage = NAME(stage_make)(&field, scratch);
    int64_t                  packed = -1;
    while (units.first < units.end) {
        const struct NAME(piece) piece = NAME(piece_of)(conv, field.out, units);
        const int64_t first = piece.group * field.out; /* of the group's filters */
        if (packed != piece.group || wg__conv2d_blocks(conv, field.out) > 1)
            NAME(pack_weights)(&field, piece.channels, w + first * field.out_stride,
                               stage.weights);
        packed = piece.group;
        NAME(field_image)(&stage, piece.channels,
                          x + (piece.image * conv->c + piece.group * field.in) * conv->h * conv->w,
                          bias ? bias + first : NULL,
                          y + (piece.image * conv->k + first + piece.channels.first) * conv->p *
                                  conv->q);
        units.first = piece.next;
    }
}

static void NAME(conv2d_forward)(const struct wg__conv2d *conv, const T *x, const T *w,
                                 const T *bias, T *y, void *scratch, struct wg__range units)
{
    if (!wg__conv2d_is_tiny(conv))
        NAME(lined_forward)(conv, x, w, bias, y, scratch, units);
    else if (NAME(is_direct3)(conv))
        NAME(direct3_forward)(conv, x, w, bias, y, units);
    else
        NAME(direct_forward)(conv, x, w, bias, y, units);
}

/* dx[c, stride u, stride v] = from[c, u, v] */
static void NAME(interleave)(const struct wg__conv2d *conv, const struct wg__field *field,
                             int64_t channels, const T *from, T *dx)
{
    const int64_t height = field->axis[0].outputs, width = field->axis[1].outputs;
    for (int64_t c = 0; c < channels; c++, dx += conv->h * conv->w)
        for (int64_t u = 0; u < height; u++, from += width) {
            T *to = dx + u * conv->stride[0] * conv->w;
            for (int64_t v = 0; v < width; v++) to[v * conv->stride[1]] = from[v];
        }
}

/* One phase of dx, whose first element is dx[0], in all images of the units. */
static void NAME(backward_phase)(const struct wg__conv2d *conv, const struct wg__field *field,
                                 const T *w, const T *dy, T *dx, void *scratch,
                                 struct wg__range units)
{
    const struct NAME(stage) stage = NAME(stage_make)(field, scratch);
    const bool               whole = conv->stride[0] == 1 && conv->stride[1] == 1;
    int64_t                  packed = -1;
    while (units.first < units.end) {
        const struct NAME(piece) piece = NAME(piece_of)(conv, field->out, units);
        const int64_t first = piece.group * field->in;
        if (packed != piece.group || wg__conv2d_blocks(conv, field->out) > 1)
            NAME(pack_weights)(field, piece.channels, w + first * field->in_stride,
                               stage.weights);
        packed = piece.group;
        T *const to = dx + (piece.image * conv->c + piece.group * field->out +
                            piece.channels.first) * conv->h * conv->w;
        NAME(field_image)(&stage, piece.channels,
                          dy + (piece.image * conv->k + first) * conv->p * conv->q, NULL,
                          whole ? to : stage.rest);
        if (!whole)
            NAME(interleave)(conv, field, piece.channels.end - piece.channels.first, stage.rest,
                             to);
        units.first = piece.next;
    }
}

/* dx = 0 in all images of the units: for the phases that no tap reaches. */
static void NAME(clear_images)(const struct wg__conv2d *conv, T *dx, struct wg__range units)
{
    const int64_t channels = wg__conv2d_share(conv, conv->c), plane = conv->h * conv->w;
    while (units.first < units.end) {
        const struct NAME(piece) piece = NAME(piece_of)(conv, channels, units);
        const int64_t first = piece.image * conv->c + piece.group * channels;
        memset(dx + (first + piece.channels.first) * plane, 0,
               (size_t)((piece.channels.end - piece.channels.first) * plane) * sizeof(T));
        units.first = piece.next;
    }
}

WG__APART void NAME(lined_backward_data)(const struct wg__conv2d *conv, const T *w, const T *dy,
                                         T *dx, void *scratch, struct wg__range units)
{
    if (conv->stride[0] > 1 || conv->stride[1] > 1) NAME(clear_images)(conv, dx, units);
    for (int64_t a = 0; a < conv->stride[0] && a < conv->h; a++)
        for (int64_t b = 0; b < conv->stride[1] && b < conv->w; b++) {
            const struct wg__field field = wg__field_backward(conv, a, b);
            if (field.taps > 0)
                NAME(backward_phase)(conv, &field, w, dy, dx + a * conv->w + b, scratch, units);
        }
}

static void NAME(conv2d_backward_data)(const struct wg__conv2d *conv, const T *w, const T *dy,
                                       T *dx, void *scratch, struct wg__range units)
{
    if (wg__conv2d_is_tiny(conv))
        NAME(direct_backward_data)(conv, w, dy, dx, units);
    else
        NAME(lined_backward_data)(conv, w, dy, dx, scratch, units);
}

/* ---- backward-weight ---- */

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
    to.sum = wg__carve(&at, field->taps * columns * (int64_t)sizeof(T));
    to.errors = (T *)at;
    if (columns > field->out) /* what is computed and not used should be ordinary numbers */
        memset(to.errors, 0,
               (size_t)(columns * field->rows * field->axis[1].outputs) * sizeof(T));
    wg__field_taps(field, to.tap);
    return to;
}

/* A panel's filters: two vectors, or one where no more are left. */
static inline int64_t NAME(panel_width)(const struct NAME(weights) *to, int64_t first)
{
    return to->columns - first > NAME(lanes) ? NAME(tile_columns) : NAME(lanes);
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
        const int64_t width = NAME(panel_width)(to, k), some = NAME(at_most)(filters - k, width);
        T            *panel = to->errors + k * places;
        NAME(turn)(some, places, dy + (to->filters.first + k) * row, row, panel, width);
    }
}

/* sum[tap, filter] += or = lined[tap + place] errors[place, filter] over the places of a band */
static void NAME(add_band)(const struct NAME(weights) *to, int64_t places, bool add)
{
    const struct wg__field *field = to->field;
    const int64_t           each = field->axis[0].taps * field->axis[1].taps;
    const int64_t           end = to->channels.end * each;
    for (int64_t i = to->channels.first * each; i < end;) {
        const int64_t rows = end - i >= WG__TILE_ROWS ? WG__TILE_ROWS : end - i >= 4 ? 4 : 1;
        const T      *line[WG__TILE_ROWS];
        for (int64_t k = 0; k < rows; k++) line[k] = to->lined + to->tap[i + k];
        for (int64_t k = 0; k < to->columns; k += NAME(tile_columns)) {
            const int64_t width = NAME(panel_width)(to, k);
            const T      *b = to->errors + k * places;
            T            *c = to->sum + i * to->columns + k;
            if (width == NAME(lanes))
                NAME(tile_lines_rows)(rows, 1, places, line, b, c, to->columns, add);
            else
                NAME(tile_lines_rows)(rows, 2, places, line, b, c, to->columns, add);
        }
        i += rows;
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
            NAME(add_band)(to, rows * width, n > 0 || row > 0);
        }
    NAME(turn)((to->channels.end - to->channels.first) * each, filters,
               to->sum + to->channels.first * each * to->columns, to->columns,
               dw + to->filters.first * field->taps + to->channels.first * each, field->taps);
}

WG__APART void NAME(lined_backward_weight)(const struct wg__conv2d *conv, const T *x, const T *dy,
                                           T *dw, void *scratch, struct wg__range units)
{
    const struct wg__field field = wg__field_forward(conv);
    const bool             by_filters = wg__conv2d_by_filters(conv);
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

static void NAME(conv2d_backward_weight)(const struct wg__conv2d *conv, const T *x, const T *dy,
                                         T *dw, void *scratch, struct wg__range units)
{
    if (!wg__conv2d_is_tiny(conv))
        NAME(lined_backward_weight)(conv, x, dy, dw, scratch, units);
    else if (NAME(is_direct3)(conv))
        NAME(correlate3)(conv, x, dy, dw);
    else
        NAME(direct_backward_weight)(conv, x, dy, dw);
}
