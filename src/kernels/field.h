// SPDX-License-Identifier: MIT
/*
 * What a convolution, or a part of its adjoint, sees of its input, and how that input is laid out
 * for it: the same for every element type.
 */
#ifndef WENGERT_KERNELS_FIELD_H
#define WENGERT_KERNELS_FIELD_H

#include "conv2d.h"

/*
 * What the output at one axis sees: output u the inputs u stride + shift + i step, step > 0, through
 * kernel element first + i every, for i < taps.
 */
struct wg__sight {
    int64_t size, outputs, stride, taps, shift, step, first, every;
};

/*
 * A convolution of one group's image, or that part of its adjoint which makes the inputs of one
 * phase, every stride-th row and column:
 *
 *     out[k, u, v] = sum over c, i, j of weight(k, c, i, j) in[c, rows seen by u, columns by v]
 *
 * `in` and `out` count channels, the strides lead from one to the next in the weights. The input is
 * lined up first, with its padding: of each channel the rows by their phase, and of these the
 * columns by their phase, which makes planes in which neighbours are seen by neighbours, whatever
 * the stride. Or the columns by tap: then a plane is as wide as the output, and all that a tap
 * shows is one piece of memory, at the cost of a copy for each. A band of `rows` output rows is
 * lined up at a time.
 */
struct wg__field {
    struct wg__sight axis[2];
    int64_t          in, out, in_stride, out_stride, kernel_width;
    int64_t          taps; /* of all channels: in x taps x taps */
    bool             by_tap;
    int64_t          planes[2], rows, height, width; /* a channel's planes are height x width */
};

/* The whole forward pass; without a layout, see wg__field_lay. */
struct wg__field wg__field_forward(const struct wg__conv2d *conv);

/* The phase of backward-data that makes dx at rows and columns a + stride u, b + stride v. */
struct wg__field wg__field_backward(const struct wg__conv2d *conv, int64_t a, int64_t b);

/* Chooses planes and bands. */
void wg__field_lay(struct wg__field *field, bool by_tap);

/* Elements that the lined-up input takes, and the vectors that may be read behind it. */
static inline int64_t wg__field_lined(const struct wg__field *field)
{
    return field->in * field->planes[0] * field->planes[1] * field->height * field->width + 64;
}

/*
 * tap[(c, i, j)] = where the taps of output (0, 0) stand in the lined-up input; or tap[(i, j, c)], if
 * channels come last.
 */
void wg__field_taps(const struct wg__field *field, bool channels_last, int64_t *tap);

/*
 * Element (t, v) of plane (a, b), for bands that start at `row`, is that of the input in row
 * first + t stride + a and column `column` + v stride; there are `count` rows.
 */
struct wg__plane_seen {
    int64_t first, count, column;
};
struct wg__plane_seen wg__field_plane(const struct wg__field *field, int64_t b, int64_t row,
                                      int64_t rows);

/* Those of `count` places along an axis whose element u stride + shift is in the image. */
static inline struct wg__range wg__sight_inside(const struct wg__sight *sight, int64_t shift,
                                                int64_t count)
{
    const int64_t    stride = sight->stride, size = sight->size;
    struct wg__range inside = {.first = 0, .end = 0};
    if (shift < 0) inside.first = (stride - 1 - shift) / stride;
    if (shift < size) inside.end = (size - 1 - shift) / stride + 1;
    if (inside.end > count) inside.end = count;
    if (inside.first > inside.end) inside.first = inside.end;
    return inside;
}

/* The taps along an axis through which output u sees the image; others see zeros beside it. */
static inline struct wg__range wg__sight_taps(const struct wg__sight *sight, int64_t u)
{
    const int64_t    at = u * sight->stride + sight->shift;
    struct wg__range seen = {.first = 0, .end = sight->taps};
    while (seen.first < seen.end && at + seen.first * sight->step < 0) seen.first++;
    while (seen.first < seen.end && at + (seen.end - 1) * sight->step >= sight->size) seen.end--;
    return seen;
}

/*
 * Numbers that a backward-weight pass sums up for each tap: one for each filter, to whole panels, or a
 * vector for each.
 */
static inline int64_t wg__field_sums(const struct wg__field *field, int64_t element)
{
    const int64_t panels = field->out + WG__CONV2D_PANEL, vectors = field->out * (64 / element);
    return field->out <= WG__CONV2D_PLANES && vectors > panels ? vectors : panels;
}

/*
 * Bytes in which a forward or backward-data pass gathers what is not yet in order: a plane, and as
 * many places of all channels of a panel as stay in the first-level cache.
 */
static inline int64_t wg__conv2d_buffer(const struct wg__field *field, int64_t element)
{
    return WG__CONV2D_BUFFER + (field->height * field->width + 64) * element;
}

#endif
