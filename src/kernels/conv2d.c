// SPDX-License-Identifier: MIT
/* Convolution: choice of the way, sizes and tables, which are the same for every element type. */
#include "conv2d.h"

#include "../tensor/shape.h"

/* Elements lined up at a time: half a second-level cache of f32. */
#define BAND 131072

/* Images from which on none is cut. */
#define IMAGES 8

/* ---- pieces ---- */

int64_t wg__conv2d_blocks(const struct wg__conv2d *conv, int64_t channels)
{
    if (conv->n * conv->groups >= IMAGES) return 1;
    return (channels + WG__CONV2D_PIECE - 1) / WG__CONV2D_PIECE;
}

int64_t wg__conv2d_units(const struct wg__conv2d *conv, enum wg__conv2d_pass pass)
{
    const int64_t channels = wg__conv2d_share(conv, conv->c);
    const int64_t filters = wg__conv2d_share(conv, conv->k);
    if (wg__conv2d_is_tiny(conv)) return pass == WG__CONV2D_BACKWARD_WEIGHT ? 1 : conv->n;
    if (pass == WG__CONV2D_BACKWARD_WEIGHT)
        return conv->groups * (wg__conv2d_by_filters(conv)
                                   ? (filters + WG__CONV2D_PIECE - 1) / WG__CONV2D_PIECE
                                   : channels);
    return conv->n * conv->groups *
           wg__conv2d_blocks(conv, pass == WG__CONV2D_FORWARD ? filters : channels);
}

/* ---- fields ---- */

static int64_t size_of(int64_t n)
{
    return n < 0 ? -n : n;
}

/* Planes, bands of about equal height, and the taps in all. */
static struct wg__field finish(struct wg__field field)
{
    const struct wg__sight *down = &field.axis[0], *right = &field.axis[1];
    const bool              shared = down->stride == 1; /* a plane for all rows of taps */
    const int64_t reach = shared && down->taps > 0 ? (down->taps - 1) * size_of(down->step) : 0;
    field.taps = field.in * down->taps * right->taps;
    field.planes = shared ? right->taps : down->taps * right->taps;
    int64_t row, most = down->outputs;
    if (!wg__multiply(field.in * field.planes, right->outputs, &row)) row = BAND;
    if (row > 0) most = BAND / row - reach > 2 ? BAND / row - reach : 2;
    const int64_t bands = (down->outputs + most - 1) / most;
    field.rows = bands > 1 ? (down->outputs + bands - 1) / bands : down->outputs;
    field.height = field.rows + reach;
    return field;
}

struct wg__field wg__field_forward(const struct wg__conv2d *conv)
{
    const int64_t *const size = &conv->h, *const kernel = &conv->r, *const outputs = &conv->p;
    struct wg__field field = {.in = wg__conv2d_share(conv, conv->c),
                              .out = wg__conv2d_share(conv, conv->k),
                              .in_stride = conv->r * conv->s,
                              .kernel_width = conv->s};
    field.out_stride = field.in * field.in_stride;
    for (int i = 0; i < 2; i++)
        field.axis[i] = (struct wg__sight){.size = size[i],
                                           .outputs = outputs[i],
                                           .stride = conv->stride[i],
                                           .taps = kernel[i],
                                           .shift = -conv->pad[i],
                                           .step = conv->dilation[i],
                                           .every = 1};
    return finish(field);
}

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/*
 * What dx at a + stride u sees of dy, from p stride = h + pad - r dilation: those r for which the
 * right side is a multiple of the stride, and p falls as r grows.
 */
static struct wg__sight sight_back(const struct wg__conv2d *conv, int axis, int64_t a)
{
    const int64_t stride = conv->stride[axis], dilation = conv->dilation[axis];
    const int64_t kernel = axis == 0 ? conv->r : conv->s, size = axis == 0 ? conv->h : conv->w;
    const int64_t divisor = common_divisor(stride, dilation);
    int64_t       r = 0;
    while (r < kernel && (a + conv->pad[axis] - r * dilation) % stride != 0) r++;
    return (struct wg__sight){.size = axis == 0 ? conv->p : conv->q,
                              .outputs = a < size ? (size - a + stride - 1) / stride : 0,
                              .stride = 1,
                              .taps = (kernel - r + stride / divisor - 1) / (stride / divisor),
                              .shift = (a + conv->pad[axis] - r * dilation) / stride,
                              .step = -(dilation / divisor),
                              .first = r,
                              .every = stride / divisor};
}

struct wg__field wg__field_backward(const struct wg__conv2d *conv, int64_t a, int64_t b)
{
    struct wg__field field = {.axis = {sight_back(conv, 0, a), sight_back(conv, 1, b)},
                              .in = wg__conv2d_share(conv, conv->k),
                              .out = wg__conv2d_share(conv, conv->c),
                              .out_stride = conv->r * conv->s,
                              .kernel_width = conv->s};
    field.in_stride = field.out * field.out_stride;
    return finish(field);
}

/* The row of a plane that output row 0 sees through the i-th tap, where rows of taps share it. */
static int64_t row_of_tap(const struct wg__sight *down, int64_t i)
{
    return down->step > 0 ? i * down->step : (down->taps - 1 - i) * -down->step;
}

void wg__field_taps(const struct wg__field *field, int64_t *tap)
{
    const struct wg__sight *down = &field->axis[0], *right = &field->axis[1];
    const int64_t           plane = field->height * right->outputs;
    for (int64_t c = 0; c < field->in; c++)
        for (int64_t i = 0; i < down->taps; i++)
            for (int64_t j = 0; j < right->taps; j++)
                *tap++ = down->stride == 1 ? (c * field->planes + j) * plane +
                                                 row_of_tap(down, i) * right->outputs
                                           : (c * field->planes + i * right->taps + j) * plane;
}

struct wg__rows_seen wg__field_plane(const struct wg__field *field, int64_t plane, int64_t row,
                                     int64_t rows)
{
    const struct wg__sight *down = &field->axis[0], *right = &field->axis[1];
    const int64_t           i = plane / right->taps, j = plane % right->taps;
    const int64_t           column = right->shift + j * right->step;
    if (down->stride != 1)
        return (struct wg__rows_seen){.first = row * down->stride + down->shift + i * down->step,
                                      .step = down->stride,
                                      .count = rows,
                                      .column = column};
    const int64_t lowest = down->step > 0 ? 0 : (down->taps - 1) * down->step;
    return (struct wg__rows_seen){.first = row + down->shift + lowest,
                                  .step = 1,
                                  .count = rows + field->height - field->rows,
                                  .column = column};
}

/* ---- scratch ---- */

/* *sum += a b c in elements, and what wg__carve may add; false when it leaves int64_t. */
static bool add_product(int64_t *sum, int64_t a, int64_t b, int64_t c)
{
    int64_t product;
    if (!wg__multiply(a, b, &product) || !wg__multiply(product, c, &product)) return false;
    if (product > INT64_MAX - 64 - *sum) return false;
    *sum += product + 64;
    return true;
}

/* Up to a multiple that holds for the panels of every instruction set: 24 rows, 32 columns. */
static int64_t rounded(int64_t n, int64_t multiple)
{
    return (n + multiple - 1) / multiple * multiple;
}

/* Of one field: the table of taps, the lined-up input and the packed weights. */
static bool add_field(int64_t *bytes, const struct wg__field *field, int64_t element)
{
    int64_t plane;
    return wg__multiply(field->height, field->axis[1].outputs, &plane) &&
           add_product(bytes, field->taps, (int64_t)sizeof(int64_t), 1) &&
           add_product(bytes, rounded(field->out, 24), field->taps, element) &&
           add_product(bytes, field->in * field->planes, plane, element) &&
           add_product(bytes, 64, element, 1);
}

size_t wg__conv2d_scratch(const struct wg__conv2d *conv, enum wg__conv2d_pass pass, size_t element)
{
    const int64_t width = (int64_t)element;
    int64_t       most = 0;
    if (wg__conv2d_is_tiny(conv)) return 0;
    const struct wg__field forward = wg__field_forward(conv);
    if (pass == WG__CONV2D_FORWARD)
        return add_field(&most, &forward, width) ? (size_t)most : SIZE_MAX;
    if (pass == WG__CONV2D_BACKWARD_WEIGHT) {
        const int64_t columns = rounded(forward.out, 32);
        return add_field(&most, &forward, width) &&
                       add_product(&most, forward.taps, columns, width) &&
                       add_product(&most, forward.rows * forward.axis[1].outputs, columns, width)
                   ? (size_t)most
                   : SIZE_MAX;
    }
    for (int64_t a = 0; a < conv->stride[0] && a < conv->h; a++)
        for (int64_t b = 0; b < conv->stride[1] && b < conv->w; b++) {
            const struct wg__field field = wg__field_backward(conv, a, b);
            int64_t                bytes = 0;
            if (!add_field(&bytes, &field, width) ||
                !add_product(&bytes, field.out * field.axis[0].outputs, field.axis[1].outputs,
                             width))
                return SIZE_MAX;
            if (bytes > most) most = bytes;
        }
    return (size_t)most;
}
