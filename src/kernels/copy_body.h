// SPDX-License-Identifier: MIT
/* Copy and fill for elements as wide as T: included by copy.c for each width. */

/* A rectangle, rows x columns; tiles keep a transpose in the cache. */
static void NAME(copy_plane)(const struct plane *plane, const T *from, T *to)
{
    const int64_t tile = 16;
    for (int64_t i = 0; i < plane->rows; i += tile)
        for (int64_t j = 0; j < plane->columns; j += tile) {
            const int64_t i_end = i + tile < plane->rows ? i + tile : plane->rows;
            const int64_t j_end = j + tile < plane->columns ? j + tile : plane->columns;
            for (int64_t r = i; r < i_end; r++)
                for (int64_t c = j; c < j_end; c++)
                    to[r * plane->to_row + c * plane->to_column] =
                        from[r * plane->from_row + c * plane->from_column];
        }
}

static void NAME(copy_line)(int64_t n, const T *from, int64_t from_stride, T *to, int64_t to_stride)
{
    if (from_stride == 1 && to_stride == 1)
        memcpy(to, from, (size_t)n * sizeof(T));
    else
        for (int64_t i = 0; i < n; i++) to[i * to_stride] = from[i * from_stride];
}

static void NAME(copy)(const struct nest *nest, const void *from, void *to)
{
    for (struct walk walk = {0}; !walk.done; walk_on(nest, &walk))
        if (nest->is_plane)
            NAME(copy_plane)(&nest->plane, (const T *)from + walk.from, (T *)to + walk.to);
        else
            NAME(copy_line)(nest->plane.columns, (const T *)from + walk.from,
                            nest->plane.from_column, (T *)to + walk.to, nest->plane.to_column);
}
