// SPDX-License-Identifier: MIT
/* Lining up: the input of a convolution as planes in which neighbouring outputs see neighbours. */

/* A row of a plane: to[v] = x[v stride + column], and zero beside the image. */
static inline void NAME(line_up_row)(const struct wg__sight *right, const T *x, int64_t column,
                                     struct wg__range inside, T *to)
{
    for (int64_t v = 0; v < inside.first; v++) to[v] = 0;
    for (int64_t v = inside.end; v < right->outputs; v++) to[v] = 0;
    x += column;
    if (right->stride == 1)
        for (int64_t v = inside.first; v < inside.end; v++) to[v] = x[v];
    else if (right->stride == 2) /* with a constant, vectors can be used */
        for (int64_t v = inside.first; v < inside.end; v++) to[v] = x[v * 2];
    else
        for (int64_t v = inside.first; v < inside.end; v++) to[v] = x[v * right->stride];
}

/*
 * All rows of a plane at once, [first, end) being those of the image, where neither rows nor columns
 * are skipped and the plane is as wide as the image: a copy moved by `column`, with zeros in the
 * places of what came from another row.
 */
static void NAME(line_up_moved)(const T *x, int64_t width, int64_t column, struct wg__range rows,
                                T *to)
{
    const int64_t left = column < 0 ? -column : 0, right = column > 0 ? column : 0;
    const int64_t count = (rows.end - rows.first) * width - left - right;
    T *const      first = to + rows.first * width;
    if (left >= width || right >= width) {
        memset(first, 0, (size_t)((rows.end - rows.first) * width) * sizeof(T));
        return;
    }
    if (count > 0) memcpy(first + left, x + right, (size_t)count * sizeof(T));
    for (int64_t i = rows.first; i < rows.end; i++) {
        for (int64_t v = 0; v < left; v++) to[i * width + v] = 0;
        for (int64_t v = width - right; v < width; v++) to[i * width + v] = 0;
    }
}

/* One plane of one channel x, which is height x size of the field's axes. */
static void NAME(line_up_plane)(const struct wg__field *field, struct wg__rows_seen seen,
                                const T *x, T *to)
{
    const struct wg__sight *right = &field->axis[1];
    const int64_t           height = field->axis[0].size, width = right->outputs;
    struct wg__range        rows = {.first = 0, .end = seen.count}, columns;
    while (rows.first < rows.end && seen.first + rows.first * seen.step < 0) rows.first++;
    while (rows.end > rows.first && seen.first + (rows.end - 1) * seen.step >= height) rows.end--;
    memset(to, 0, (size_t)(rows.first * width) * sizeof(T));
    memset(to + rows.end * width, 0, (size_t)((seen.count - rows.end) * width) * sizeof(T));
    x += (seen.first + rows.first * seen.step) * right->size;
    if (rows.first == rows.end) return;
    if (seen.step == 1 && right->stride == 1 && width == right->size) {
        NAME(line_up_moved)(x, width, seen.column, rows, to);
        return;
    }
    columns = wg__sight_inside(right, seen.column);
    for (int64_t i = rows.first; i < rows.end; i++, x += seen.step * right->size)
        NAME(line_up_row)(right, x, seen.column, columns, to + i * width);
}

/* The planes of channels [first, end) of the image x, for output rows [row, row + rows). */
static void NAME(line_up)(const struct wg__field *field, struct wg__range channels, int64_t row,
                          int64_t rows, const T *x, T *to)
{
    const int64_t plane = field->height * field->axis[1].outputs;
    const int64_t image = field->axis[0].size * field->axis[1].size;
    for (int64_t c = channels.first; c < channels.end; c++)
        for (int64_t i = 0; i < field->planes; i++)
            NAME(line_up_plane)(field, wg__field_plane(field, i, row, rows), x + c * image,
                                to + (c * field->planes + i) * plane);
}
