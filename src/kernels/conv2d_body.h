// SPDX-License-Identifier: MIT
/*
 * Convolution as a matrix product of packed weights and an image that was lined up, see
 * wg__field: forward, and by phases backward-data. Vectors hold channels of the output; or places,
 * where these are few, or taps so few that transposing what comes out would show.
 */

/*
 * What vectors hold: channels, if at most a quarter of them is empty; places of one plane; or
 * places, in tiles that take several channels.
 */
enum NAME(way) { NAME(CHANNELS), NAME(PLANES), NAME(PLACES) };

static enum NAME(way) NAME(way_of)(const struct wg__field *field)
{
    enum { FEW_TAPS = 48 };
    const int64_t whole = (field->out + NAME(lanes) - 1) / NAME(lanes) * NAME(lanes);
    if (field->out <= WG__FEW_FILTERS) return NAME(PLANES);
    return field->taps >= FEW_TAPS && whole * 3 <= field->out * 4 ? NAME(CHANNELS) : NAME(PLACES);
}

/* Where weight (channel 0, (i, j)) of the field's first output channel is. */
static inline int64_t NAME(weight_at)(const struct wg__field *field, int64_t i, int64_t j)
{
    const struct wg__sight *down = &field->axis[0], *right = &field->axis[1];
    return (down->first + i * down->every) * field->kernel_width + right->first +
           j * right->every;
}

/* Whether all weights of a window follow each other, from its first or from its last tap on. */
static bool NAME(is_whole)(const struct wg__field *field)
{
    const struct wg__sight *down = &field->axis[0], *right = &field->axis[1];
    return right->taps == field->kernel_width && down->every == right->every &&
           down->every * down->every == 1;
}

/*
 * to[(i, j, c), filter] for a panel whose first filter's weights are w, by way of a buffer: windows
 * are transposed, and each row is then put in its place.
 */
static void NAME(pack_windows)(const struct wg__field *field, int64_t filters, int64_t width,
                               const T *w, T *buffer, T *to)
{
    const int64_t down = field->axis[0].taps, right = field->axis[1].taps, each = down * right;
    const bool    back = field->axis[0].every < 0;
    const int64_t most = WG__CONV2D_BUFFER / (int64_t)sizeof(T) / (each * width);
    const int64_t room = NAME(at_most)(field->in, most) * each * width;
    memset(buffer, 0, (size_t)(filters < width ? room : 0) * sizeof(T));
    if (back) w += NAME(weight_at)(field, down - 1, right - 1);
    for (int64_t first = 0, count; first < field->in; first += count) {
        count = NAME(at_most)(field->in - first, most);
        const T *from = w + first * field->in_stride;
        if (field->in_stride == each)
            NAME(turn)(filters, count * each, from, field->out_stride, buffer, width);
        else
            for (int64_t c = 0; c < count; c++)
                NAME(turn)(filters, each, from + c * field->in_stride, field->out_stride,
                           buffer + c * each * width, width);
        for (int64_t at = 0; at < each; at++)
            for (int64_t c = 0; c < count; c++)
                NAME(copy_row)(buffer + (c * each + (back ? each - 1 - at : at)) * width, width,
                               to + (at * field->in + first + c) * width);
    }
}

/* The same, weight by weight, of any windows. */
static void NAME(pack_taps)(const struct wg__field *field, int64_t filters, int64_t width,
                            const T *w, T *to)
{
    memset(to, 0, (size_t)(filters < width ? width * field->taps : 0) * sizeof(T));
    for (int64_t i = 0; i < field->axis[0].taps; i++)
        for (int64_t j = 0; j < field->axis[1].taps; j++)
            for (int64_t c = 0; c < field->in; c++, to += width) {
                const T *from = w + c * field->in_stride + NAME(weight_at)(field, i, j);
                for (int64_t row = 0; row < filters; row++)
                    to[row] = from[row * field->out_stride];
            }
}

/*
 * to[panel, (i, j, c), filter] for output channels [first, end), in panels of panel_width, or of
 * WG__TILE_ROWS where vectors hold places.
 */
static void NAME(pack_weights)(const struct wg__field *field, enum NAME(way) way,
                               struct wg__range channels, const T *w, T *buffer, T *to)
{
    const int64_t window = field->axis[0].taps * field->axis[1].taps * (int64_t)sizeof(T);
    const bool    whole =
        NAME(is_whole)(field) && window * NAME(tile_columns) <= WG__CONV2D_BUFFER;
    for (int64_t k = channels.first, filters; k < channels.end; k += filters) {
        const int64_t width =
            way == NAME(CHANNELS) ? NAME(panel_width)(k, channels.end) : WG__TILE_ROWS;
        filters = NAME(at_most)(channels.end - k, width);
        if (whole)
            NAME(pack_windows)(field, filters, width, w + k * field->out_stride, buffer, to);
        else
            NAME(pack_taps)(field, filters, width, w + k * field->out_stride, to);
        to += width * field->taps;
    }
}

/* What the parts of a pass over images share. */
struct NAME(stage) {
    const struct wg__field *field;
    enum NAME(way)          way;
    int64_t                *tap;
    T                      *lined, *weights, *bias, *buffer, *rest;
};

/* Lays the field out, and what is needed beside it. */
static struct NAME(stage) NAME(stage_make)(struct wg__field *field, void *scratch)
{
    const int64_t      padded = field->out + WG__CONV2D_PANEL;
    char              *at = scratch;
    struct NAME(stage) stage = {.field = field, .way = NAME(way_of)(field)};
    wg__field_lay(field, stage.way == NAME(PLACES));
    stage.tap = wg__carve(&at, field->taps * (int64_t)sizeof(int64_t));
    stage.weights = wg__carve(&at, padded * field->taps * (int64_t)sizeof(T));
    stage.lined = wg__carve(&at, wg__field_lined(field) * (int64_t)sizeof(T));
    stage.bias = wg__carve(&at, padded * (int64_t)sizeof(T));
    stage.buffer = wg__carve(&at, wg__conv2d_buffer(field, sizeof(T)));
    stage.rest = (T *)at;
    memset(stage.lined, 0, (size_t)wg__field_lined(field) * sizeof(T));
    wg__field_taps(field, true, stage.tap);
    return stage;
}

/* Makes the weights and biases of output channels ready. */
static void NAME(stage_pack)(const struct NAME(stage) *stage, struct wg__range channels,
                             const T *w, const T *bias)
{
    const int64_t count = channels.end - channels.first;
    NAME(pack_weights)(stage->field, stage->way, channels, w, stage->buffer, stage->weights);
    memset(stage->bias, 0, (size_t)(count + NAME(tile_columns)) * sizeof(T));
    if (bias) memcpy(stage->bias, bias + channels.first, (size_t)count * sizeof(T));
}

/* A band of an image, with places in the vectors; to out[channel, row] for the first channel. */
static void NAME(places_band)(const struct NAME(stage) *stage, int64_t channels, int64_t places,
                              bool bias, T *out, int64_t out_row)
{
    const int64_t        taps = stage->field->taps;
    struct NAME(product) tile = {.c_row = out_row, .c_col = 1};
    for (int64_t k = 0; k < channels; k += WG__TILE_ROWS) {
        const int64_t rows = NAME(at_most)(channels - k, WG__TILE_ROWS);
        tile.bias = bias ? stage->bias + k : NULL;
        for (int64_t j = 0; j < places; j += NAME(tile_columns)) {
            tile.c = out + k * out_row + j;
            NAME(tile_any)(rows, NAME(at_most)(places - j, NAME(tile_columns)), taps,
                           stage->weights + k * taps, stage->lined + j, stage->tap, &tile);
        }
    }
}

/* The same with channels in the vectors. */
static void NAME(channels_band)(const struct NAME(stage) *stage, int64_t channels,
                                struct wg__range band, bool bias, T *out, int64_t out_row)
{
    for (int64_t k = 0; k < channels; k += NAME(tile_columns)) {
        const int64_t width = NAME(panel_width)(k, channels);
        const struct NAME(panel_of_filters) panel = {
            .filters = NAME(at_most)(channels - k, width),
            .width = width,
            .weights = stage->weights + k * stage->field->taps,
            .bias = bias ? stage->bias + k : NULL};
        NAME(pixels_band)(stage->field, stage->tap, &panel, band, stage->lined, stage->buffer,
                          out + k * out_row, out_row);
    }
}

/* So many packed output channels of one image, from `x`, a group's channels, to `out`. */
static void NAME(field_image)(const struct NAME(stage) *stage, int64_t channels, const T *x,
                              bool bias, T *out)
{
    const struct wg__field *field = stage->field;
    const int64_t           width = field->axis[1].outputs, height = field->axis[0].outputs;
    const struct wg__range  all = {.first = 0, .end = field->in};
    for (int64_t row = 0; row < height; row += field->rows) {
        const int64_t          rows = NAME(at_most)(height - row, field->rows);
        const struct wg__range band = {.first = row, .end = row + rows};
        NAME(line_up)(field, all, row, rows, x, stage->lined);
        if (stage->way == NAME(CHANNELS))
            NAME(channels_band)(stage, channels, band, bias, out + row * width, width * height);
        else if (stage->way == NAME(PLANES))
            for (int64_t k = 0; k < channels; k++)
                NAME(plane_band)(field, stage->tap, stage->weights + k, stage->bias[k], rows,
                                 stage->lined, stage->buffer,
                                 out + (k * height + row) * width);
        else
            NAME(places_band)(stage, channels, rows * width, bias, out + row * width,
                              width * height);
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
    struct wg__field         field = wg__field_forward(conv);
    const struct NAME(stage) stage = NAME(stage_make)(&field, scratch);
    int64_t                  packed = -1;
    while (units.first < units.end) {
        const struct NAME(piece) piece = NAME(piece_of)(conv, field.out, units);
        const int64_t first = piece.group * field.out; /* of the group's filters */
        if (packed != piece.group || wg__conv2d_blocks(conv, field.out) > 1)
            NAME(stage_pack)(&stage, piece.channels, w + first * field.out_stride,
                             bias ? bias + first : NULL);
        packed = piece.group;
        NAME(field_image)(&stage, piece.channels.end - piece.channels.first,
                          x + (piece.image * conv->c + piece.group * field.in) * conv->h * conv->w,
                          bias != NULL,
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
static void NAME(backward_phase)(const struct wg__conv2d *conv, struct wg__field *field,
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
            NAME(stage_pack)(&stage, piece.channels, w + first * field->in_stride, NULL);
        packed = piece.group;
        T *const to = dx + (piece.image * conv->c + piece.group * field->out +
                            piece.channels.first) * conv->h * conv->w;
        NAME(field_image)(&stage, piece.channels.end - piece.channels.first,
                          dy + (piece.image * conv->k + first) * conv->p * conv->q, false,
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
            struct wg__field field = wg__field_backward(conv, a, b);
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
