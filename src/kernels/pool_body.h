// SPDX-License-Identifier: MIT
/* Pooling: each plane by itself, each window clipped to the image before it is looked at. */

/* Rows or columns of a window: first, first + step, ... below end. */
struct NAME(span) {
    int64_t first, end, step;
};

/* What window `i` along an axis (0 or 1) covers of an image `size` long. */
static inline struct NAME(span)
    NAME(span_of)(const struct wg__pool2d *pool, int axis, int64_t i, int64_t size)
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
 * The commonest pooling, windows of 2 x 2 side by side: four places, none of them to be clipped.
 * Several windows of a row are done at a time.
 */
static inline bool NAME(is_pool2)(const struct wg__pool2d *pool)
{
    return pool->kernel[0] == 2 && pool->kernel[1] == 2 && pool->stride[0] == 2 &&
           pool->stride[1] == 2 && (pool->pad[0] | pool->pad[1]) == 0 && pool->dilation[0] == 1 &&
           pool->dilation[1] == 1 && pool->w < INT32_MAX - 1;
}

/* Groups of four windows, and of eight where a row has as many and a register holds them. */
#define WINDOWS     4
#define GROUP(name) NAME(name##_4)
#define EVEN        WG__EVEN_4
#define ODD         WG__ODD_4
#define GROUP_LOW   WG__ZIP_LOW_4
#define GROUP_HIGH  WG__ZIP_HIGH_4
#include "pool2_body.h"
#define WINDOWS     8
#define GROUP(name) NAME(name##_8)
#define EVEN        WG__EVEN_8
#define ODD         WG__ODD_8
#define GROUP_LOW   WG__ZIP_LOW_8
#define GROUP_HIGH  WG__ZIP_HIGH_8
#include "pool2_body.h"

static inline bool NAME(has_eight)(const struct wg__pool2d *pool)
{
    return (int)NAME(lanes) >= 8 && pool->q >= 8;
}

/* One such window. True when there was no NaN, nor infinities of both signs. */
static inline bool NAME(max_pool2_one)(const T *x, int64_t width, int64_t base, T *y,
                                       int64_t *argmax)
{
    const T       a = x[0], b = x[1], c = x[width], d = x[width + 1];
    const T       top = b > a ? b : a, bottom = d > c ? d : c, sum = (a + b) + (c + d);
    const int64_t below = -(int64_t)(bottom > top), above = b > a;
    *y = bottom > top ? bottom : top;
    if (argmax) *argmax = base + ((below & (width + (d > c))) | (~below & above));
    return sum == sum;
}

/* A plane of such windows. False: see pool2_body.h. */
static bool NAME(max_pool2_plane)(const struct wg__pool2d *pool, const T *x, T *y, int64_t *argmax)
{
    bool good = true;
    if (NAME(has_eight)(pool)) return NAME(max_pool2_plane_8)(pool, x, y, argmax);
    if (pool->q >= 4) return NAME(max_pool2_plane_4)(pool, x, y, argmax);
    for (int64_t p = 0, i = 0; p < pool->p; p++)
        for (int64_t q = 0; q < pool->q; q++, i++) {
            const int64_t base = 2 * (p * pool->w + q);
            good &= NAME(max_pool2_one)(x + base, pool->w, base, y + i, argmax ? argmax + i : NULL);
        }
    return good;
}

/* Row p of windows, each looked at by itself. */
static void NAME(max_pool_row)(const struct wg__pool2d *pool, const T *x, int64_t p, T *y,
                               int64_t *argmax)
{
    const struct NAME(span) rows = NAME(span_of)(pool, 0, p, pool->h);
    for (int64_t q = 0; q < pool->q; q++) {
        const int64_t at = NAME(window_max)(x, pool->w, rows, NAME(span_of)(pool, 1, q, pool->w));
        if (argmax) argmax[q] = at;
        y[q] = x[at];
    }
}

static void NAME(max_pool2d)(const struct wg__pool2d *pool, const T *x, T *y, int64_t *argmax)
{
    const int64_t planes = pool->n * pool->c, windows = pool->p * pool->q;
    const bool    is_pool2 = NAME(is_pool2)(pool);
    for (int64_t i = 0; i < planes; i++, x += pool->h * pool->w, y += windows) {
        if (!is_pool2 || !NAME(max_pool2_plane)(pool, x, y, argmax))
            for (int64_t p = 0; p < pool->p; p++)
                NAME(max_pool_row)
                (pool, x, p, y + p * pool->q, argmax ? argmax + p * pool->q : NULL);
        if (argmax) argmax += windows;
    }
}

/* Every element of a plane belongs to one window at most: it is written once, dy or zero. */
static void NAME(max_pool2_backward)(const struct wg__pool2d *pool, const T *dy,
                                     const int64_t *argmax, T *dx)
{
    const int64_t width = pool->w;
    const bool    has_eight = NAME(has_eight)(pool);
    for (int64_t p = 0; p < pool->p; p++, dy += pool->q, argmax += pool->q, dx += 2 * width) {
        if (has_eight)
            NAME(max_pool2_spread_8)(pool, dy, argmax, 2 * p * width, dx);
        else
            NAME(max_pool2_spread_4)(pool, dy, argmax, 2 * p * width, dx);
        for (int64_t w = 2 * pool->q; w < width; w++) dx[w] = dx[width + w] = 0;
    }
    memset(dx, 0, (size_t)((pool->h - 2 * pool->p) * width) * sizeof(T));
}

static void NAME(max_pool2d_backward)(const struct wg__pool2d *pool, const T *dy,
                                      const int64_t *argmax, T *dx)
{
    const int64_t planes = pool->n * pool->c, windows = pool->p * pool->q;
    const int64_t plane = pool->h * pool->w;
    if (NAME(is_pool2)(pool) && pool->q >= 4) {
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
