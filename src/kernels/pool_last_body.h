// SPDX-License-Identifier: MIT
/* Pooling of images with channels last: a window at a time, all channels of its pixels together. */

/* Elements of an image of x. */
static inline int64_t NAME(image_of_pixels)(const struct wg__pool2d *pool)
{
    return pool->h * pool->w * pool->c;
}

/* One more pixel of a window, at `place`: the first largest of each channel, or its first NaN. */
WG__INLINE void NAME(max_pixel)(int64_t c, const T *restrict x, int64_t place, T *restrict y,
                                int64_t *restrict argmax, bool places)
{
    for (int64_t i = 0; i < c; i++) {
        const T    v = x[i], best = y[i];
        const bool wins = (v > best) | ((v != v) & (best == best));
        y[i] = wins ? v : best;
        if (places) argmax[i] = wins ? place : argmax[i];
    }
}

WG__INLINE void NAME(max_window)(const struct wg__pool2d *pool, const T *x, struct NAME(span) rows,
                                 struct NAME(span) columns, T *y, int64_t *argmax, bool places)
{
    const int64_t c = pool->c, first = rows.first * pool->w + columns.first;
    memcpy(y, x + first * c, (size_t)c * sizeof(T));
    for (int64_t i = 0; i < c && places; i++) argmax[i] = first;
    for (int64_t h = rows.first; h < rows.end; h += rows.step)
        for (int64_t w = columns.first; w < columns.end; w += columns.step)
            if (h * pool->w + w != first)
                NAME(max_pixel)(c, x + (h * pool->w + w) * c, h * pool->w + w, y, argmax, places);
}

static void NAME(max_pool2d_last)(const struct wg__pool2d *pool, const T *x, T *y, int64_t *argmax)
{
    for (int64_t n = 0; n < pool->n; n++, x += NAME(image_of_pixels)(pool))
        for (int64_t p = 0; p < pool->p; p++)
            for (int64_t q = 0; q < pool->q; q++, y += pool->c) {
                const struct NAME(span) rows = NAME(span_of)(pool, 0, p, pool->h);
                const struct NAME(span) columns = NAME(span_of)(pool, 1, q, pool->w);
                if (!argmax) {
                    NAME(max_window)(pool, x, rows, columns, y, NULL, false);
                    continue;
                }
                NAME(max_window)(pool, x, rows, columns, y, argmax, true);
                argmax += pool->c;
            }
}

/* Whether no two windows meet, so that each pixel is written by one at most. */
static inline bool NAME(windows_lie_apart)(const struct wg__pool2d *pool)
{
    bool apart = true;
    for (int axis = 0; axis < 2; axis++)
        apart = apart && (pool->kernel[axis] - 1) * pool->dilation[axis] < pool->stride[axis];
    return apart;
}

/* Gives dy to its pixel of the window, and zero to the others. */
static void NAME(spread_window)(const struct wg__pool2d *pool, const T *restrict dy,
                                const int64_t *restrict argmax, struct NAME(span) rows,
                                struct NAME(span) columns, T *restrict dx)
{
    for (int64_t h = rows.first; h < rows.end; h += rows.step)
        for (int64_t w = columns.first; w < columns.end; w += columns.step) {
            const int64_t place = h * pool->w + w;
            T            *to = dx + place * pool->c;
            for (int64_t i = 0; i < pool->c; i++) to[i] = argmax[i] == place ? dy[i] : 0;
        }
}

static void NAME(max_pool2d_backward_last)(const struct wg__pool2d *pool, const T *dy,
                                           const int64_t *argmax, T *dx)
{
    const bool apart = NAME(windows_lie_apart)(pool);
    for (int64_t n = 0; n < pool->n; n++, dx += NAME(image_of_pixels)(pool)) {
        memset(dx, 0, (size_t)NAME(image_of_pixels)(pool) * sizeof(T));
        for (int64_t p = 0; p < pool->p; p++)
            for (int64_t q = 0; q < pool->q; q++, dy += pool->c, argmax += pool->c)
                if (apart)
                    NAME(spread_window)
                    (pool, dy, argmax, NAME(span_of)(pool, 0, p, pool->h),
                     NAME(span_of)(pool, 1, q, pool->w), dx);
                else
                    for (int64_t i = 0; i < pool->c; i++) dx[argmax[i] * pool->c + i] += dy[i];
    }
}

static void NAME(max_pool2d_gather_last)(const struct wg__pool2d *pool, const T *x,
                                         const int64_t *argmax, T *y)
{
    for (int64_t n = 0; n < pool->n; n++, x += NAME(image_of_pixels)(pool))
        for (int64_t j = 0; j < pool->p * pool->q; j++, y += pool->c, argmax += pool->c)
            for (int64_t i = 0; i < pool->c; i++) y[i] = x[argmax[i] * pool->c + i];
}

static void NAME(avg_pool2d_last)(const struct wg__pool2d *pool, const T *x, T *y)
{
    const int64_t c = pool->c;
    for (int64_t n = 0; n < pool->n; n++, x += NAME(image_of_pixels)(pool))
        for (int64_t p = 0; p < pool->p; p++)
            for (int64_t q = 0; q < pool->q; q++, y += c) {
                const struct NAME(span) rows = NAME(span_of)(pool, 0, p, pool->h);
                const struct NAME(span) columns = NAME(span_of)(pool, 1, q, pool->w);
                const T divisor =
                    (T)(NAME(places)(pool, 0, p, pool->h) * NAME(places)(pool, 1, q, pool->w));
                memset(y, 0, (size_t)c * sizeof(T));
                for (int64_t h = rows.first; h < rows.end; h++)
                    for (int64_t w = columns.first; w < columns.end; w++)
                        for (int64_t i = 0; i < c; i++) y[i] += x[(h * pool->w + w) * c + i];
                for (int64_t i = 0; i < c; i++) y[i] /= divisor;
            }
}

static void NAME(avg_pool2d_backward_last)(const struct wg__pool2d *pool, const T *dy, T *dx)
{
    const int64_t c = pool->c;
    memset(dx, 0, (size_t)(pool->n * NAME(image_of_pixels)(pool)) * sizeof(T));
    for (int64_t n = 0; n < pool->n; n++, dx += NAME(image_of_pixels)(pool))
        for (int64_t p = 0; p < pool->p; p++)
            for (int64_t q = 0; q < pool->q; q++, dy += c) {
                const struct NAME(span) rows = NAME(span_of)(pool, 0, p, pool->h);
                const struct NAME(span) columns = NAME(span_of)(pool, 1, q, pool->w);
                const T divisor =
                    (T)(NAME(places)(pool, 0, p, pool->h) * NAME(places)(pool, 1, q, pool->w));
                for (int64_t h = rows.first; h < rows.end; h++)
                    for (int64_t w = columns.first; w < columns.end; w++)
                        for (int64_t i = 0; i < c; i++)
                            dx[(h * pool->w + w) * c + i] += dy[i] / divisor;
            }
}
