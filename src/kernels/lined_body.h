// SPDX-License-Identifier: MIT
/*
 * Lining up: the input of a convolution as planes, see wg__field. Their memory was zeroed once, so
 * that columns beside the image need no care.
 */

/* to[] = x[], in whole vectors where there are as many: the last one overlaps that before it. */
static inline void NAME(copy_row)(const T *x, int64_t n, T *to)
{
    if (n >= NAME(lanes))
        for (int64_t v = 0; v < n; v += NAME(lanes)) {
            if (v + NAME(lanes) > n) v = n - NAME(lanes);
            *(NAME(vector_at) *)(to + v) = *(const NAME(vector_at) *)(x + v);
        }
    else if (n >= 4)
        for (int64_t v = 0; v < n; v += 4) {
            if (v + 4 > n) v = n - 4;
            *(NAME(quad_at) *)(to + v) = *(const NAME(quad_at) *)(x + v);
        }
    else
        for (int64_t v = 0; v < n; v++) to[v] = x[v];
}

/* to[v] = x[start + 2 v] for v < n of a row of `size`, four at a time while they are inside it. */
static inline void NAME(every_other)(const T *x, int64_t size, int64_t start, int64_t n, T *to)
{
    const int64_t odd = start & 1, first = start - odd;
    int64_t       v = 0;
    for (; v + 4 <= n && first + 2 * v + 8 <= size; v += 4) {
        const NAME(quad) a = *(const NAME(quad_at) *)(x + first + 2 * v);
        const NAME(quad) b = *(const NAME(quad_at) *)(x + first + 2 * v + 4);
        *(NAME(quad_at) *)(to + v) = odd ? WG__ODD_4(a, b) : WG__EVEN_4(a, b);
    }
    for (; v < n; v++) to[v] = x[start + 2 * v];
}

/* A row of a plane: to[v] = x[v stride + column] for the v inside the image. */
static inline void NAME(line_up_row)(const struct wg__sight *right, const T *x, int64_t column,
                                     struct wg__range inside, T *to)
{
    const int64_t stride = right->stride, n = inside.end - inside.first;
    const int64_t start = inside.first * stride + column;
    to += inside.first;
    if (stride == 1)
        NAME(copy_row)(x + start, n, to);
    else if (stride == 2)
        NAME(every_other)(x, right->size, start, n, to);
    else
        for (int64_t v = 0; v < n; v++) to[v] = x[start + v * stride];
}

/*
 * The plane of one channel x for a tap's column, where neither rows nor columns are skipped and it is
 * as wide as the image: a copy moved by `column`, with zeros in the places of what came from
 * another row.
 */
static void NAME(line_up_moved)(const struct wg__field *field, const struct wg__plane_seen *seen,
                                const T *x, T *to)
{
    const struct wg__range rows = wg__sight_inside(&field->axis[0], seen->first, seen->count);
    const int64_t          width = field->width, column = seen->column;
    const int64_t          left = column < 0 ? -column : 0, right = column > 0 ? column : 0;
    const int64_t          count = (rows.end - rows.first) * width - left - right;
    T *const               first = to + rows.first * width;
    if (left >= width || right >= width) {
        memset(to, 0, (size_t)(seen->count * width) * sizeof(T));
        return;
    }
    memset(to, 0, (size_t)(rows.first * width) * sizeof(T));
    memset(to + rows.end * width, 0, (size_t)((seen->count - rows.end) * width) * sizeof(T));
    if (count > 0)
        memcpy(first + left, x + (seen->first + rows.first) * width + right,
               (size_t)count * sizeof(T));
    for (int64_t i = rows.first; i < rows.end; i++) {
        for (int64_t v = 0; v < left; v++) to[i * width + v] = 0;
        for (int64_t v = width - right; v < width; v++) to[i * width + v] = 0;
    }
}

/* The same for any strides and widths. Reads x from row to row, whatever planes these are for. */
static void NAME(line_up_rows)(const struct wg__field *field, const struct wg__plane_seen *seen,
                               const T *x, T *to)
{
    const struct wg__sight *down = &field->axis[0], *right = &field->axis[1];
    const int64_t           width = field->width, next = field->planes[1] * field->height * width;
    const struct wg__range  columns = wg__sight_inside(right, seen->column, width);
    for (int64_t t = 0; t < seen->count; t++, to += width)
        for (int64_t a = 0; a < field->planes[0]; a++) {
            const int64_t row = seen->first + t * down->stride + a;
            if (row < 0 || row >= down->size)
                memset(to + a * next, 0, (size_t)width * sizeof(T));
            else
                NAME(line_up_row)(right, x + row * right->size, seen->column, columns,
                                  to + a * next);
        }
}

/* The planes of channels [first, end) of the image x, for output rows [row, row + rows). */
static void NAME(line_up)(const struct wg__field *field, struct wg__range channels, int64_t row,
                          int64_t rows, const T *x, T *to)
{
    const struct wg__sight *down = &field->axis[0], *right = &field->axis[1];
    const int64_t           plane = field->height * field->width;
    const int64_t           channel = field->planes[0] * field->planes[1] * plane;
    const bool              moved =
        down->stride == 1 && right->stride == 1 && field->width == right->size;
    to += channels.first * channel;
    for (int64_t c = channels.first; c < channels.end; c++, to += channel)
        for (int64_t b = 0; b < field->planes[1]; b++) {
            const struct wg__plane_seen seen = wg__field_plane(field, b, row, rows);
            const T *const              from = x + c * down->size * right->size;
            if (moved)
                NAME(line_up_moved)(field, &seen, from, to + b * plane);
            else
                NAME(line_up_rows)(field, &seen, from, to + b * plane);
        }
}
