// SPDX-License-Identifier: MIT
/*
 * Convolution (cross-correlation) of packed NCHW images.
 *
 *     y[n, k, p, q] = bias[k] + sum over c, r, s of w[k, c, r, s] x[n, c, h, u]
 *                     with h = p stride - pad + r dilation, and u from q and s likewise
 *
 *     conv2d_forward(&conv, x, w, bias or NULL, y, scratch)
 *     conv2d_backward_data(&conv, w, dy, dx, scratch)       dx = the adjoint of the above in x
 *     conv2d_backward_weight(&conv, x, dy, dw, scratch)     dw = the adjoint in w
 *
 * Tiny images take direct loops, others a matrix product over the windows of one image at a time;
 * sizes alone decide.
 */
#ifndef WENGERT_KERNELS_CONV2D_H
#define WENGERT_KERNELS_CONV2D_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * x (n, c, h, w), w (k, c / groups, r, s), y (n, k, p, q); group g reads its c / groups channels
 * and writes its k / groups. p and q follow from the rest; they are given so that nobody computes
 * them twice. Axis 0 of the pairs is vertical.
 */
struct wg__conv2d {
    int64_t n, c, h, w, k, r, s, p, q;
    int64_t stride[2], pad[2], dilation[2], groups;
};

enum wg__conv2d_pass { WG__CONV2D_FORWARD, WG__CONV2D_BACKWARD_DATA, WG__CONV2D_BACKWARD_WEIGHT };

/* Bytes of scratch for one pass, for elements of `element` bytes; SIZE_MAX when they do not fit. */
size_t wg__conv2d_scratch(const struct wg__conv2d *conv, enum wg__conv2d_pass pass, size_t element);

/* ---- for the bodies ---- */

/*
 * What one group has of `count` channels or filters. The usual single group spares a division,
 * which a tiny image would notice.
 */
static inline int64_t wg__conv2d_share(const struct wg__conv2d *conv, int64_t count)
{
    return conv->groups == 1 ? count : count / conv->groups;
}

/* True when direct loops are used. */
bool wg__conv2d_is_tiny(const struct wg__conv2d *conv);

/* Rows of the output that backward-data spreads at a time, so that they stay in the cache. */
int64_t wg__conv2d_rows(const struct wg__conv2d *conv);

/*
 * The part of one group's padded image that windows reach, channels x height x width. Tap (c, r, s)
 * of the window at (p, q) stands at tap[(c, r, s)] + place[(p, q)] in it.
 */
struct wg__windows {
    int64_t  channels, height, width, taps, places;
    int64_t *tap, *place;
};

/* Sizes only. */
struct wg__windows wg__windows_measure(const struct wg__conv2d *conv);

/* Fills the two tables, which lie one behind the other at `tables`. Returns what follows them. */
void *wg__windows_fill(struct wg__windows *windows, const struct wg__conv2d *conv, void *tables);

/* The outputs [first, end) along an axis that have kernel element `i` inside the image. */
struct wg__range {
    int64_t first, end;
};

static inline struct wg__range wg__conv2d_range(const struct wg__conv2d *conv, int axis, int64_t i)
{
    const int64_t size = axis == 0 ? conv->h : conv->w, outputs = axis == 0 ? conv->p : conv->q;
    const int64_t stride = conv->stride[axis], shift = i * conv->dilation[axis] - conv->pad[axis];
    const bool    unit = stride == 1; /* spares the divisions, which cost more than a tiny image */
    struct wg__range range = {.first = 0, .end = 0};
    if (shift < 0) range.first = unit ? -shift : (stride - 1 - shift) / stride;
    if (shift < size) range.end = unit ? size - shift : (size - 1 - shift) / stride + 1;
    if (range.end > outputs) range.end = outputs;
    if (range.first > range.end) range.first = range.end;
    return range;
}

#endif
