// SPDX-License-Identifier: MIT
/*
 * Convolution as a matrix product over the windows of one image and group: the part of the padded
 * image that they reach is copied to the scratch first, where an element of the window matrix is
 * found by two tables and no window needs a check.
 */

/* What the passes share: the padded image, and scratch for the product behind it. */
struct NAME(stage) {
    struct wg__windows windows;
    T                 *image, *rest;
};

static struct NAME(stage) NAME(stage_make)(const struct wg__conv2d *conv, void *scratch)
{
    struct NAME(stage) stage = {.windows = wg__windows_measure(conv)};
    const struct wg__windows *windows = &stage.windows;
    stage.image = wg__windows_fill(&stage.windows, conv, scratch);
    stage.rest =
        stage.image + windows->channels * windows->height * windows->width + WG__VECTOR / sizeof(T);
    return stage;
}

/* image = x with its padding, as far as windows reach */
static void NAME(pad_image)(const struct wg__conv2d *conv, const T *x,
                            const struct NAME(stage) *stage)
{
    const struct wg__windows *windows = &stage->windows;
    const int64_t             left = conv->pad[1] < windows->width ? conv->pad[1] : windows->width;
    const int64_t middle = conv->w < windows->width - left ? conv->w : windows->width - left;
    T            *to = stage->image;
    for (int64_t c = 0; c < windows->channels; c++, x += conv->h * conv->w)
        for (int64_t i = 0; i < windows->height; i++, to += windows->width) {
            const int64_t h = i - conv->pad[0];
            const bool    inside = h >= 0 && h < conv->h;
            if (!inside || middle < windows->width)
                memset(to, 0, (size_t)windows->width * sizeof(T));
            if (inside) memcpy(to + left, x + h * conv->w, (size_t)middle * sizeof(T));
        }
}

/* dx = image without its padding; zero where no window reaches */
static void NAME(unpad_image)(const struct wg__conv2d *conv, const struct NAME(stage) *stage,
                              T *dx)
{
    const struct wg__windows *windows = &stage->windows;
    for (int64_t c = 0; c < windows->channels; c++)
        for (int64_t h = 0; h < conv->h; h++)
            for (int64_t w = 0; w < conv->w; w++) {
                const int64_t i = h + conv->pad[0], j = w + conv->pad[1];
                *dx++ = i < windows->height && j < windows->width
                            ? stage->image[(c * windows->height + i) * windows->width + j]
                            : 0;
            }
}

/* Packs windows as lines: neighbours that lie side by side in the image are copied in vectors. */
static void NAME(pack_windows)(const struct NAME(source) *from, const struct NAME(panel) *panel,
                               T *to)
{
    const int64_t *place = from->windows->place + panel->line;
    const int64_t *tap = from->windows->tap + panel->start;
    int64_t        end;
    for (int64_t i = 0; i < panel->lines; i = end) {
        for (end = i + 1; end < panel->lines && place[end] == place[end - 1] + 1;) end++;
        /* A vector may go beyond its run, where later runs are to come, but not beyond the row. */
        const int64_t room = (panel->width - i) / NAME(lanes);
        const int64_t wish = (end - i - 1) / NAME(lanes) + 1;
        const int64_t vectors = wish <= room ? wish : (end - i) / NAME(lanes);
        for (int64_t p = 0; p < panel->depth; p++) {
            const T *x = from->data + place[i] + tap[p];
            T       *at = to + p * panel->width + i;
            for (int64_t v = 0; v < vectors; v++)
                memcpy(at + v * NAME(lanes), x + v * NAME(lanes), WG__VECTOR);
            for (int64_t j = vectors * NAME(lanes); j < end - i; j++) at[j] = x[j];
        }
    }
}

/* Packs taps as lines, each as deep as there are windows. */
static void NAME(pack_taps)(const struct NAME(source) *from, const struct NAME(panel) *panel,
                            T *to)
{
    const int64_t *tap = from->windows->tap + panel->line;
    const int64_t *place = from->windows->place + panel->start;
    for (int64_t start = 0; start < panel->depth; start += 16) {
        const int64_t end = start + 16 < panel->depth ? start + 16 : panel->depth;
        for (int64_t i = 0; i < panel->lines; i++) {
            const T *x = from->data + tap[i];
            for (int64_t p = start; p < end; p++) to[p * panel->width + i] = x[place[p]];
        }
    }
}

static void NAME(conv2d_forward)(const struct wg__conv2d *conv, const T *x, const T *w,
                                 const T *bias, T *y, void *scratch)
{
    if (wg__conv2d_is_tiny(conv)) {
        NAME(direct_forward)(conv, x, w, bias, y);
        return;
    }
    const struct NAME(stage)  stage = NAME(stage_make)(conv, scratch);
    const int64_t             taps = stage.windows.taps, places = stage.windows.places;
    const struct NAME(source) windows = {
        .pack = NAME(pack_windows), .data = stage.image, .windows = &stage.windows};
    struct NAME(source) weights = {
        .pack = NAME(pack_strided), .line_stride = taps, .depth_stride = 1};
    struct NAME(product) product = {.m = wg__conv2d_share(conv, conv->k), .n = places, .k = taps,
                                    .c = y, .c_row = places, .c_col = 1,
                                    .accumulate = bias != NULL};
    for (int64_t i = 0; i < conv->n * conv->groups; i++) {
        const int64_t first = i % conv->groups * product.m;
        for (int64_t k = 0; bias && k < product.m; k++)
            for (int64_t j = 0; j < places; j++) product.c[k * places + j] = bias[first + k];
        NAME(pad_image)(conv, x, &stage);
        weights.data = w + first * taps;
        NAME(multiply)(&product, &weights, &windows, stage.rest);
        x += stage.windows.channels * conv->h * conv->w;
        product.c += product.m * places;
    }
}

/* image[tap, place] += spread, for `rows` rows of places from `row` on */
static void NAME(add_windows)(const struct wg__conv2d *conv, const struct NAME(stage) *stage,
                              int64_t row, int64_t rows, const T *spread)
{
    for (int64_t i = 0; i < stage->windows.taps; i++)
        for (int64_t p = row; p < row + rows; p++, spread += conv->q) {
            T *to = stage->image + stage->windows.tap[i] + stage->windows.place[p * conv->q];
            if (conv->stride[1] == 1)
                for (int64_t q = 0; q < conv->q; q++) to[q] += spread[q];
            else
                for (int64_t q = 0; q < conv->q; q++) to[q * conv->stride[1]] += spread[q];
        }
}

static void NAME(conv2d_backward_data)(const struct wg__conv2d *conv, const T *w, const T *dy,
                                       T *dx, void *scratch)
{
    if (wg__conv2d_is_tiny(conv)) {
        NAME(direct_backward_data)(conv, w, dy, dx);
        return;
    }
    const struct NAME(stage)  stage = NAME(stage_make)(conv, scratch);
    const struct wg__windows *windows = &stage.windows;
    const int64_t filters = wg__conv2d_share(conv, conv->k), most = wg__conv2d_rows(conv);
    const int64_t image = windows->channels * windows->height * windows->width;
    T *const spread = stage.rest, *const more = spread + windows->taps * most * conv->q;
    struct NAME(source) weights = {
        .pack = NAME(pack_strided), .line_stride = 1, .depth_stride = windows->taps};
    struct NAME(source) errors = {
        .pack = NAME(pack_strided), .line_stride = 1, .depth_stride = windows->places};
    struct NAME(product) product = {.m = windows->taps, .k = filters, .c = spread, .c_col = 1};
    for (int64_t i = 0; i < conv->n * conv->groups; i++, dy += filters * windows->places) {
        memset(stage.image, 0, (size_t)image * sizeof(T));
        weights.data = w + i % conv->groups * filters * windows->taps;
        for (int64_t row = 0; row < conv->p; row += most) {
            const int64_t rows = NAME(at_most)(conv->p - row, most);
            errors.data = dy + row * conv->q;
            product.n = product.c_row = rows * conv->q;
            NAME(multiply)(&product, &weights, &errors, more);
            NAME(add_windows)(conv, &stage, row, rows, spread);
        }
        NAME(unpad_image)(conv, &stage, dx);
        dx += windows->channels * conv->h * conv->w;
    }
}

static void NAME(conv2d_backward_weight)(const struct wg__conv2d *conv, const T *x, const T *dy,
                                         T *dw, void *scratch)
{
    if (wg__conv2d_is_tiny(conv)) {
        NAME(direct_backward_weight)(conv, x, dy, dw);
        return;
    }
    const struct NAME(stage)  stage = NAME(stage_make)(conv, scratch);
    const int64_t             taps = stage.windows.taps, places = stage.windows.places;
    const struct NAME(source) windows = {
        .pack = NAME(pack_taps), .data = stage.image, .windows = &stage.windows};
    struct NAME(source) errors = {
        .pack = NAME(pack_strided), .data = dy, .line_stride = places, .depth_stride = 1};
    struct NAME(product) product = {.m = wg__conv2d_share(conv, conv->k), .n = taps, .k = places,
                                    .c_row = taps, .c_col = 1};
    for (int64_t i = 0; i < conv->n * conv->groups; i++) {
        NAME(pad_image)(conv, x, &stage);
        product.c = dw + i % conv->groups * product.m * taps;
        product.accumulate = i >= conv->groups;
        NAME(multiply)(&product, &errors, &windows, stage.rest);
        x += stage.windows.channels * conv->h * conv->w;
        errors.data += product.m * places;
    }
}
