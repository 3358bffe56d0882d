// SPDX-License-Identifier: MIT
/*
 * Convolutions. A sequence is an image of height 1, whose params have an axis less; so all four
 * layers come down to one.
 */
#include "conv.h"

#include "../ops/conv2d.h"
#include "../ops/conv_transpose2d.h"
#include "../ops/layout.h"
#include "layer.h"

/* Which of the four a layer is. */
typedef struct kind {
    const char *name;
    bool        flat, transposed;
} kind;

/* False, with the error on the tape, for what must not come to the params. */
static bool fits(const struct wg_nn_conv2d *s, const kind *k)
{
    const int64_t rank = k->flat ? 3 : 4;
    if (!wg__layer_rank(s->x, k->name, rank, rank)) return false;
    const int64_t channels = wg_shape_of_tensor(s->x).dim[1];
    if (!wg__layer_positive(s->x, k->name, "channels", channels) ||
        !wg__layer_positive(s->x, k->name, "filters", s->filters) ||
        !wg__layer_positive(s->x, k->name, "kernel", s->kernel[0]) ||
        !wg__layer_positive(s->x, k->name, "kernel", s->kernel[1]) ||
        !wg__layer_positive(s->x, k->name, "groups", s->groups))
        return false;
    const char *wrong = NULL;
    if (channels % s->groups != 0) wrong = "groups do not divide the channels";
    if (s->filters % s->groups != 0) wrong = "groups do not divide the filters";
    if (!k->transposed && (s->output_padding[0] || s->output_padding[1]))
        wrong = "output_padding is for transposed convolutions";
    if (wrong) wg_tape_error_set(wg_tape_of(s->x), "%s: %s", k->name, wrong);
    return !wrong;
}

/* (n, c, l) as (n, c, 1, l). */
static wg_tensor *tall(const kind *k, wg_tensor *x)
{
    return k->flat ? wg_unsqueeze(x, 2) : x;
}

static wg_tensor *convolve(const struct wg_nn_conv2d *s, const kind *k, wg_tensor *w, wg_tensor *b)
{
    wg_tensor *x = tall(k, s->x), *y;
    w = tall(k, w);
    if (k->transposed)
        y = wg_conv_transpose2d(x, w, b, .stride = {s->stride[0], s->stride[1]},
                                .pad = {s->padding[0], s->padding[1]},
                                .output_pad = {s->output_padding[0], s->output_padding[1]},
                                .dilation = {s->dilation[0], s->dilation[1]}, .groups = s->groups);
    else
        y = wg_conv2d(x, w, b, .stride = {s->stride[0], s->stride[1]},
                      .pad = {s->padding[0], s->padding[1]},
                      .dilation = {s->dilation[0], s->dilation[1]}, .groups = s->groups);
    return k->flat ? wg_squeeze(y, WG_AXES(2)) : y;
}

static wg_tensor *record(struct wg_nn_conv2d s, const kind *k)
{
    if (s.groups == 0) s.groups = 1;
    if (!fits(&s, k)) return NULL;
    wg_tape *tape = wg_nn_open(s.x, s.name);
    if (!tape) return NULL;
    const wg_dtype dtype = wg_dtype_of(s.x);
    const int64_t  channels = wg_shape_of_tensor(s.x).dim[1];
    const int64_t  outer = k->transposed ? channels : s.filters;
    const int64_t  inner = (k->transposed ? s.filters : channels) / s.groups;
    const wg_shape shape = k->flat ? WG_SHAPE(outer, inner, s.kernel[1])
                                   : WG_SHAPE(outer, inner, s.kernel[0], s.kernel[1]);
    const double   fan = (double)inner * (double)s.kernel[0] * (double)s.kernel[1];
    wg_tensor     *w = wg_nn_param(tape, "weight", dtype, shape, wg__init_by_fan(s.weight, fan));
    wg_tensor     *b = w && !s.no_bias ? wg_nn_param(tape, "bias", dtype, WG_SHAPE(s.filters),
                                                     wg__init_by_fan(s.bias, fan))
                                       : NULL;
    const bool     ready = w && (b || s.no_bias);
    return wg_nn_close(tape, ready ? convolve(&s, k, w, b) : NULL);
}

/* A layer of sequences as one of images of height 1. A stride or dilation left out stays so. */
static struct wg_nn_conv2d widen(const struct wg_nn_conv1d *s)
{
    return (struct wg_nn_conv2d){.x = s->x,
                                 .name = s->name,
                                 .filters = s->filters,
                                 .kernel = {1, s->kernel},
                                 .stride = {s->stride ? 1 : 0, s->stride},
                                 .padding = {0, s->padding},
                                 .dilation = {s->dilation ? 1 : 0, s->dilation},
                                 .groups = s->groups,
                                 .output_padding = {0, s->output_padding},
                                 .no_bias = s->no_bias,
                                 .weight = s->weight,
                                 .bias = s->bias};
}

wg_tensor *wg_nn_conv2d_with(struct wg_nn_conv2d layer)
{
    return record(layer, &(kind){.name = "conv2d"});
}

wg_tensor *wg_nn_conv1d_with(struct wg_nn_conv1d layer)
{
    return record(widen(&layer), &(kind){.name = "conv1d", .flat = true});
}

wg_tensor *wg_nn_conv_transpose2d_with(struct wg_nn_conv2d layer)
{
    return record(layer, &(kind){.name = "conv_transpose2d", .transposed = true});
}

wg_tensor *wg_nn_conv_transpose1d_with(struct wg_nn_conv1d layer)
{
    return record(widen(&layer),
                  &(kind){.name = "conv_transpose1d", .flat = true, .transposed = true});
}
