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

/*
 * The commonest pooling, windows of 2 x 2 side by side: four places, none of them to be clipped. Four
 * windows of a row are done at a time.
 */
static inline bool NAME(is_pool2)(const struct wg__pool2d *pool)
{
    return pool->kernel[0] == 2 && pool->kernel[1] == 2 && pool->stride[0] == 2 &&
           pool->stride[1] == 2 && (pool->pad[0] | pool->pad[1]) == 0 && pool->dilation[0] == 1 &&
           pool->dilation[1] == 1 && pool->q >= 4 && pool->w < INT32_MAX - 1;
}

typedef NAME(integer) NAME(quad_mask) __attribute__((vector_size(4 * sizeof(T))));
typedef int64_t NAME(quad_place) __attribute__((vector_size(32), aligned(8), may_alias));

/* `yes` where the bits of the mask are set, else `no`. */
#define CHOOSE(mask, yes, no)                                                                      \
    ((NAME(quad))(((mask) & (NAME(quad_mask))(yes)) | (~(mask) & (NAME(quad_mask))(no))))

/*
 * Four windows over x and the row below it, the first of which is element `base` of its plane: y and
 * argmax. Sets bits of *bad where there was a NaN, or infinities of both signs: then they are wrong.
 */
static inline void NAME(max_pool2_quad)(const T *x, int64_t width, int64_t base, T *y,
                                        int64_t *argmax, NAME(quad_mask) *bad)
{
    const NAME(quad_at) *const above = (const NAME(quad_at) *)x;
    const NAME(quad_at) *const below = (const NAME(quad_at) *)(x + width);
    const NAME(quad) a = __builtin_shufflevector(above[0], above[1], 0, 2, 4, 6);
    const NAME(quad) b = __builtin_shufflevector(above[0], above[1], 1, 3, 5, 7);
    const NAME(quad) c = __builtin_shufflevector(below[0], below[1], 0, 2, 4, 6);
    const NAME(quad) d = __builtin_shufflevector(below[0], below[1], 1, 3, 5, 7);
    const NAME(quad_mask) is_b = b > a, is_d = d > c, column = {0, 2, 4, 6};
    const NAME(quad) top = CHOOSE(is_b, b, a), bottom = CHOOSE(is_d, d, c);
    const NAME(quad_mask) is_below = bottom > top;
    const NAME(quad_mask) place =
        (~is_below & -is_b) | (is_below & ((NAME(integer))width - is_d));
    const NAME(quad) sum = (a + b) + (c + d);
    *(NAME(quad_at) *)y = CHOOSE(is_below, bottom, top);
    *(NAME(quad_place) *)argmax = __builtin_convertvector(place + column, NAME(quad_place)) + base;
    *bad |= sum != sum;
}
#undef CHOOSE

/* A row of four windows or more; the last four may overlap those before. False: see above. */
static bool NAME(max_pool2_row)(const struct wg__pool2d *pool, const T *x, int64_t base, T *y,
                                int64_t *argmax)
{
    NAME(quad_mask) bad = {0};
    for (int64_t i = 0; i < pool->q; i += 4) {
        const int64_t q = i + 4 <= pool->q ? i : pool->q - 4;
        NAME(max_pool2_quad)(x + 2 * q, pool->w, base + 2 * q, y + q, argmax + q, &bad);
    }
    return (bad[0] | bad[1] | bad[2] | bad[3]) == 0;
}

/* Row p of windows, each looked at by itself. */
static void NAME(max_pool_row)(const struct wg__pool2d *pool, const T *x, int64_t p, T *y,
                               int64_t *argmax)
{
    const struct NAME(span) rows = NAME(span_of)(pool, 0, p, pool->h);
    for (int64_t q = 0; q < pool->q; q++) {
        argmax[q] = NAME(window_max)(x, pool->w, rows, NAME(span_of)(pool, 1, q, pool->w));
        y[q] = x[argmax[q]];
    }
}

static void NAME(max_pool2d)(const struct wg__pool2d *pool, const T *x, T *y, int64_t *argmax)
{
    const int64_t planes = pool->n * pool->c;
    const bool    is_pool2 = NAME(is_pool2)(pool);
    for (int64_t i = 0; i < planes; i++, x += pool->h * pool->w)
        for (int64_t p = 0; p < pool->p; p++, y += pool->q, argmax += pool->q) {
            const int64_t base = 2 * p * pool->w;
            if (!is_pool2 || !NAME(max_pool2_row)(pool, x + base, base, y, argmax))
                NAME(max_pool_row)(pool, x, p, y, argmax);
        }
}

/* What four windows give to two rows of dx: dy at their places, which start at `base`, else zero. */
static inline void NAME(spread_quad)(const T *dy, const int64_t *argmax, int64_t base,
                                     int64_t width, T *dx)
{
    const NAME(quad_place) from = *(const NAME(quad_place) *)argmax - base;
    const NAME(quad_mask) column = {0, 2, 4, 6},
                          at = __builtin_convertvector(from, NAME(quad_mask)) - column;
    const NAME(quad_mask) y = (NAME(quad_mask))*(const NAME(quad_at) *)dy;
    for (int row = 0; row < 2; row++, dx += width) {
        const NAME(integer) first = (NAME(integer))(row * width);
        const NAME(quad) left = (NAME(quad))((NAME(quad_mask))(at == first) & y);
        const NAME(quad) right = (NAME(quad))((NAME(quad_mask))(at == first + 1) & y);
        *(NAME(quad_at) *)dx = WG__ZIP_LOW_4(left, right);
        *(NAME(quad_at) *)(dx + 4) = WG__ZIP_HIGH_4(left, right);
    }
}

/* Every element of a plane belongs to one window at most: it is written once, dy or zero. */
static void NAME(max_pool2_backward)(const struct wg__pool2d *pool, const T *dy,
                                     const int64_t *argmax, T *dx)
{
    const int64_t width = pool->w;
    for (int64_t p = 0; p < pool->p; p++, dy += pool->q, argmax += pool->q, dx += 2 * width) {
        for (int64_t i = 0; i < pool->q; i += 4) {
            const int64_t q = i + 4 <= pool->q ? i : pool->q - 4;
            NAME(spread_quad)(dy + q, argmax + q, 2 * p * width + 2 * q, width, dx + 2 * q);
        }
        for (int64_t w = 2 * pool->q; w < width; w++) dx[w] = dx[width + w] = 0;
    }
    memset(dx, 0, (size_t)((pool->h - 2 * pool->p) * width) * sizeof(T));
}

static void NAME(max_pool2d_backward)(const struct wg__pool2d *pool, const T *dy,
                                      const int64_t *argmax, T *dx)
{
    const int64_t planes = pool->n * pool->c, windows = pool->p * pool->q;
    const int64_t plane = pool->h * pool->w;
    if (NAME(is_pool2)(pool)) {
        for (int64_t i = 0; i < planes; i++)
            NAME(max_pool2_backward)(pool, dy + i * windows, argmax + i * windows, dx + i * plane);
        return;
    }
    memset(dx, 0, (size_t)(planes * plane) * sizeof(T));
    for (int64_t i = 0; i < planes; i++, dx += plane)
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
