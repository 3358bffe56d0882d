// SPDX-License-Identifier: MIT
/* Pooling: each plane by itself, each window clipped to the image before it is looked at. */

/* Rows or columns of a window: first, first + step, ... below end. */
struct NAME(span) {
    int64_t first, end, step;
};

/* What window `i` along an axis (0 or 1) covers of an image `size` long. */
static inline struct NAME(span) NAME(span_of)(const struct wg__pool2d *pool, int axis, int64_t i,
                                              int64_t size)
{
    const int64_t step = pool->dilation[axis], start = i * pool->stride[axis] - pool->pad[axis];
    const int64_t end = start + (pool->kernel[axis] - 1) * step + 1;
    struct NAME(span) span = {.first = start, .end = end < size ? end : size, .step = step};
    if (start < 0) span.first = start + (step - 1 - start) / step * step;
    return span;
}

/* The first NaN of a window that has one. */
static int64_t NAME(window_nan)(const T *x, int64_t width, struct NAME(span) rows,
                                struct NAME(span) columns)
{
    for (int64_t h = rows.first; h < rows.end; h += rows.step)
        for (int64_t w = columns.first; w < columns.end; w += columns.step)
            if (x[h * width + w] != x[h * width + w]) return h * width + w;
    return -1;
}

/*
 * The first largest place of a window, or its first NaN. Largest and place go without a branch,
 * which could not be foreseen.
 */
static inline int64_t NAME(window_max)(const T *x, int64_t width, struct NAME(span) rows,
                                       struct NAME(span) columns)
{
    int64_t at = rows.first * width + columns.first, nan = 0;
    T       best = x[at];
    for (int64_t h = rows.first; h < rows.end; h += rows.step)
        for (int64_t w = columns.first; w < columns.end; w += columns.step) {
            const T       v = x[h * width + w];
            const int64_t larger = v > best;
            at += -larger & (h * width + w - at);
            best = v > best ? v : best;
            nan |= v != v;
        }
    return nan ? NAME(window_nan)(x, width, rows, columns) : at;
}

/* The commonest pooling, windows of 2 x 2 side by side: four places, none of them to be clipped. */
static inline bool NAME(is_pool2)(const struct wg__pool2d *pool)
{
    return pool->kernel[0] == 2 && pool->kernel[1] == 2 && pool->stride[0] == 2 &&
           pool->stride[1] == 2 && (pool->pad[0] | pool->pad[1]) == 0 && pool->dilation[0] == 1 &&
           pool->dilation[1] == 1;
}

static void NAME(max_pool2)(const struct wg__pool2d *pool, const T *x, T *y, int64_t *argmax)
{
    const int64_t planes = pool->n * pool->c, width = pool->w;
    for (int64_t i = 0; i < planes; i++, x += pool->h * width)
        for (int64_t p = 0; p < pool->p; p++)
            for (int64_t q = 0; q < pool->q; q++, y++, argmax++) {
                const int64_t at = 2 * p * width + 2 * q;
                const T       a = x[at], b = x[at + 1], c = x[at + width], d = x[at + width + 1];
                const int64_t ab = b > a ? at + 1 : at;
                const int64_t cd = d > c ? at + width + 1 : at + width;
                const T       top = b > a ? b : a, bottom = d > c ? d : c;
                *argmax = bottom > top ? cd : ab;
                *y = bottom > top ? bottom : top;
                if (a + b + c + d == a + b + c + d) continue;
                const struct NAME(span) rows = NAME(span_of)(pool, 0, p, pool->h);
                *argmax = NAME(window_max)(x, width, rows, NAME(span_of)(pool, 1, q, width));
                *y = x[*argmax]; /* there is a NaN, or infinities of both signs */
            }
}

static void NAME(max_pool2d)(const struct wg__pool2d *pool, const T *x, T *y, int64_t *argmax)
{
    if (NAME(is_pool2)(pool)) {
        NAME(max_pool2)(pool, x, y, argmax);
        return;
    }
    const int64_t planes = pool->n * pool->c;
    for (int64_t i = 0; i < planes; i++, x += pool->h * pool->w)
        for (int64_t p = 0; p < pool->p; p++) {
            const struct NAME(span) rows = NAME(span_of)(pool, 0, p, pool->h);
            for (int64_t q = 0; q < pool->q; q++) {
                *argmax = NAME(window_max)(x, pool->w, rows, NAME(span_of)(pool, 1, q, pool->w));
                *y++ = x[*argmax++];
            }
        }
}

static void NAME(max_pool2d_backward)(const struct wg__pool2d *pool, const T *dy,
                                      const int64_t *argmax, T *dx)
{
    const int64_t planes = pool->n * pool->c, windows = pool->p * pool->q;
    memset(dx, 0, (size_t)(planes * pool->h * pool->w) * sizeof(T));
    for (int64_t i = 0; i < planes; i++, dx += pool->h * pool->w)
        for (int64_t j = 0; j < windows; j++) dx[*argmax++] += *dy++;
}

static void NAME(max_pool2d_gather)(const struct wg__pool2d *pool, const T *x,
                                    const int64_t *argmax, T *y)
{
    const int64_t planes = pool->n * pool->c, windows = pool->p * pool->q;
    for (int64_t i = 0; i < planes; i++, x += pool->h * pool->w)
        for (int64_t j = 0; j < windows; j++) *y++ = x[*argmax++];
}

/* Places along an axis that count in the divisor: inside the image, or inside the padded image. */
static inline int64_t NAME(places)(const struct wg__pool2d *pool, int axis, int64_t i, int64_t size)
{
    const struct NAME(span) span = NAME(span_of)(pool, axis, i, size);
    if (!pool->count_pad) return span.end - span.first;
    const int64_t start = i * pool->stride[axis] - pool->pad[axis];
    const int64_t end = start + pool->kernel[axis], last = size + pool->pad[axis];
    return (end < last ? end : last) - start;
}

static void NAME(avg_pool2d)(const struct wg__pool2d *pool, const T *x, T *y)
{
    const int64_t planes = pool->n * pool->c;
    for (int64_t i = 0; i < planes; i++, x += pool->h * pool->w)
        for (int64_t p = 0; p < pool->p; p++) {
            const struct NAME(span) rows = NAME(span_of)(pool, 0, p, pool->h);
            const int64_t high = NAME(places)(pool, 0, p, pool->h);
            for (int64_t q = 0; q < pool->q; q++) {
                const struct NAME(span) columns = NAME(span_of)(pool, 1, q, pool->w);
                T sum = 0;
                for (int64_t h = rows.first; h < rows.end; h++)
                    for (int64_t w = columns.first; w < columns.end; w++) sum += x[h * pool->w + w];
                *y++ = sum / (T)(high * NAME(places)(pool, 1, q, pool->w));
            }
        }
}

static void NAME(avg_pool2d_backward)(const struct wg__pool2d *pool, const T *dy, T *dx)
{
    const int64_t planes = pool->n * pool->c;
    memset(dx, 0, (size_t)(planes * pool->h * pool->w) * sizeof(T));
    for (int64_t i = 0; i < planes; i++, dx += pool->h * pool->w)
        for (int64_t p = 0; p < pool->p; p++) {
            const struct NAME(span) rows = NAME(span_of)(pool, 0, p, pool->h);
            const int64_t high = NAME(places)(pool, 0, p, pool->h);
            for (int64_t q = 0; q < pool->q; q++) {
                const struct NAME(span) columns = NAME(span_of)(pool, 1, q, pool->w);
                const T part = *dy++ / (T)(high * NAME(places)(pool, 1, q, pool->w));
                for (int64_t h = rows.first; h < rows.end; h++)
                    for (int64_t w = columns.first; w < columns.end; w++)
                        dx[h * pool->w + w] += part;
            }
        }
}
