// SPDX-License-Identifier: MIT
/*
 * Convolution (cross-correlation) of packed NCHW images.
 *
 *     y[n, k, p, q] = bias[k] + sum over c, r, s of w[k, c, r, s] x[n, c, h, u]
 *                     with h = p stride - pad + r dilation, and u from q and s likewise
 *
 *     conv2d_forward(&conv, x, w, bias or NULL, y, scratch, units)
 *     conv2d_backward_data(&conv, w, dy, dx, scratch, units)       dx = the adjoint of it in x
 *     conv2d_backward_weight(&conv, x, dy, dw, scratch, units)     dw = the adjoint in w
 *
 * A call does the pieces `units` of the wg__conv2d_units of a pass, each of which writes its own
 * part of the result; all of them together are the whole pass. Tiny images take direct loops,
 * others a matrix product over the windows of one image at a time, see field.h; sizes alone decide.
 */
#ifndef WENGERT_KERNELS_CONV2D_H
#define WENGERT_KERNELS_CONV2D_H

#include "range.h"

#include <stdbool.h>
#include <stddef.h>

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

/* The pieces into which one pass falls. */
int64_t wg__conv2d_units(const struct wg__conv2d *conv, enum wg__conv2d_pass pass);

/* ---- for the bodies ---- */

/*
 * What one group has of `count` channels or filters. The usual single group spares a division,
 * which a tiny image would notice; told that it is usual, compilers let it.
 */
static inline int64_t wg__conv2d_share(const struct wg__conv2d *conv, int64_t count)
{
    return __builtin_expect(conv->groups == 1, 1) ? count : count / conv->groups;
}

/* Filters of a group that are computed plane by plane. */
#define WG__FEW_FILTERS 2

/* Below so many multiply-adds for an image and group, lining up costs more than it gives. */
#define WG__TINY_WORK     2048
#define WG__TINY_FEW_WORK 400

/* True when direct loops are used. */
static inline bool wg__conv2d_is_tiny(const struct wg__conv2d *conv)
{
    const int64_t filters = wg__conv2d_share(conv, conv->k);
    const int64_t taps = wg__conv2d_share(conv, conv->c) * conv->r * conv->s;
    const double  work = (double)filters * (double)taps * (double)conv->p * (double)conv->q;
    return conv->n == 0 || work <= (filters <= WG__FEW_FILTERS ? WG__TINY_FEW_WORK : WG__TINY_WORK);
}

/* The filters of a backward-data or forward pass that are a piece of their own. */
#define WG__CONV2D_PIECE 32

/* The most filters of whose adjoint in the weights vectors may hold places. */
#define WG__CONV2D_PLANES 8

/* The most channels that a panel of any instruction set has. */
#define WG__CONV2D_PANEL 32

/* Bytes in which a forward or backward-data pass gathers places before they are transposed. */
#define WG__CONV2D_BUFFER 16384

/* Pieces into which the output channels of one image fall; one where images are enough of them. */
int64_t wg__conv2d_blocks(const struct wg__conv2d *conv, int64_t channels);

/*
 * The filters of a piece of a backward-weight pass that is cut by filters: a vector of the largest
 * instruction set, or two planes.
 */
static inline int64_t wg__conv2d_weights_piece(int64_t filters)
{
    return filters <= WG__CONV2D_PLANES ? 2 : 16;
}

static inline int64_t wg__conv2d_weights_pieces(int64_t filters)
{
    const int64_t piece = wg__conv2d_weights_piece(filters);
    return (filters + piece - 1) / piece;
}

/* Channels so few that backward-weight is cut by filters, not by channels. */
static inline bool wg__conv2d_by_filters(const struct wg__conv2d *conv)
{
    return wg__conv2d_share(conv, conv->c) < 8;
}

/* Lays pieces of memory one behind the other, each at a multiple of 64 bytes of the start. */
static inline void *wg__carve(char **at, int64_t bytes)
{
    char *piece = *at;
    *at += (bytes + 63) / 64 * 64;
    return piece;
}

/* The outputs [first, end) along an axis that have kernel element `i` inside the image. */
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
