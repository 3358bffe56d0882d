// SPDX-License-Identifier: MIT
/* Fields: what each axis sees, and the planes in which it is laid out. */
#include "field.h"

#include "../tensor/shape.h"

/* Elements lined up at a time: half a second-level cache of f32. */
#define BAND 131072

/* Rows so short that a register tile should take several. */
#define SHORT 4

/* ---- what is seen ---- */

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
    field.taps = field.in * field.axis[0].taps * field.axis[1].taps;
    return field;
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
 * right side is a multiple of the stride. The last of them comes first, so that p grows.
 */
static struct wg__sight sight_back(const struct wg__conv2d *conv, int axis, int64_t a)
{
    const int64_t stride = conv->stride[axis], dilation = conv->dilation[axis];
    const int64_t kernel = axis == 0 ? conv->r : conv->s, size = axis == 0 ? conv->h : conv->w;
    const int64_t divisor = common_divisor(stride, dilation), every = stride / divisor;
    int64_t       r = 0;
    while (r < kernel && (a + conv->pad[axis] - r * dilation) % stride != 0) r++;
    const int64_t taps = (kernel - r + every - 1) / every;
    r += (taps - 1) * every;
    return (struct wg__sight){.size = axis == 0 ? conv->p : conv->q,
                              .outputs = a < size ? (size - a + stride - 1) / stride : 0,
                              .stride = 1,
                              .taps = taps,
                              .shift = (a + conv->pad[axis] - r * dilation) / stride,
                              .step = dilation / divisor,
                              .first = r,
                              .every = -every};
}

struct wg__field wg__field_backward(const struct wg__conv2d *conv, int64_t a, int64_t b)
{
    struct wg__field field = {.axis = {sight_back(conv, 0, a), sight_back(conv, 1, b)},
                              .in = wg__conv2d_share(conv, conv->k),
                              .out = wg__conv2d_share(conv, conv->c),
                              .out_stride = conv->r * conv->s,
                              .kernel_width = conv->s};
    field.in_stride = field.out * field.out_stride;
    field.taps = field.in * field.axis[0].taps * field.axis[1].taps;
    return field;
}

/* ---- planes ---- */

/* From the first to the last element that one output sees. */
static int64_t reach(const struct wg__sight *sight)
{
    return sight->taps > 0 ? (sight->taps - 1) * sight->step : 0;
}

void wg__field_lay(struct wg__field *field, bool by_tap)
{
    const struct wg__sight *down = &field->axis[0], *right = &field->axis[1];
    int64_t                 row, most = down->outputs;
    for (int i = 0; i < 2; i++) {
        const int64_t phases = field->axis[i].stride, seen = reach(&field->axis[i]) + 1;
        field->planes[i] = seen < phases ? seen : phases;
    }
    field->width = right->outputs + reach(right) / right->stride;
    field->by_tap = by_tap || right->outputs <= SHORT ||
                    (double)field->width * (double)field->planes[1] >=
                        (double)right->outputs * (double)right->taps;
    if (field->by_tap) field->planes[1] = right->taps, field->width = right->outputs;
    if (!wg__multiply(field->in * field->planes[0] * field->planes[1], field->width, &row))
        row = BAND;
    const int64_t more = reach(down) / down->stride;
    if (row > 0) most = BAND / row - more > 2 ? BAND / row - more : 2;
    const int64_t bands = (down->outputs + most - 1) / most;
    field->rows = bands > 1 ? (down->outputs + bands - 1) / bands : down->outputs;
    field->height = field->rows + more;
}

/* How far tap i is from the first: its place in units of the stride, and its phase. */
static int64_t place_of(const struct wg__sight *sight, int64_t i)
{
    return i * sight->step / sight->stride;
}

static int64_t phase_of(const struct wg__sight *sight, int64_t i)
{
    return i * sight->step % sight->stride;
}

void wg__field_taps(const struct wg__field *field, bool channels_last, int64_t *tap)
{
    const struct wg__sight *down = &field->axis[0], *right = &field->axis[1];
    const int64_t           each = down->taps * right->taps;
    for (int64_t c = 0; c < field->in; c++)
        for (int64_t i = 0; i < down->taps; i++)
            for (int64_t j = 0; j < right->taps; j++) {
                const int64_t a = phase_of(down, i), b = field->by_tap ? j : phase_of(right, j);
                const int64_t plane = (c * field->planes[0] + a) * field->planes[1] + b;
                const int64_t at = i * right->taps + j;
                tap[channels_last ? at * field->in + c : c * each + at] =
                    (plane * field->height + place_of(down, i)) * field->width +
                    (field->by_tap ? 0 : place_of(right, j));
            }
}

struct wg__plane_seen wg__field_plane(const struct wg__field *field, int64_t b, int64_t row,
                                      int64_t rows)
{
    const struct wg__sight *down = &field->axis[0], *right = &field->axis[1];
    return (struct wg__plane_seen){
        .first = row * down->stride + down->shift,
        .count = rows + field->height - field->rows,
        .column = right->shift + (field->by_tap ? b * right->step : b)};
}
