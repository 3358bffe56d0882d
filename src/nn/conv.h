// SPDX-License-Identifier: MIT
/*
 * Convolutions of images (n, c, h, w) and sequences (n, c, l), and their transposes.
 *
 *     y = wg_nn_conv2d(x, "conv1", .filters = 32, .kernel = {3, 3}, .padding = {1, 1});
 *     y = wg_nn_conv_transpose2d(x, "up1", .filters = 16, .kernel = {2, 2}, .stride = {2, 2});
 */
#ifndef WENGERT_NN_CONV_H
#define WENGERT_NN_CONV_H

#include "init.h"

/*
 * Pairs are vertical, horizontal. Stride, dilation and groups left out are 1. First values left
 * out: both evenly spread over +-1 / sqrt(fan in), for a transpose too.
 */
struct wg_nn_conv2d {
    wg_tensor       *x;
    const char      *name;
    int64_t          filters, kernel[2], stride[2], padding[2], dilation[2], groups;
    int64_t          output_padding[2]; /* of transposes only */
    bool             no_bias;
    wg_init_settings weight, bias;
};

/* The same of sequences. */
struct wg_nn_conv1d {
    wg_tensor       *x;
    const char      *name;
    int64_t          filters, kernel, stride, padding, dilation, groups;
    int64_t          output_padding; /* of transposes only */
    bool             no_bias;
    wg_init_settings weight, bias;
};

WG_BEGIN_DECLS

/*
 * wg_nn_conv2d(x, name, .filters, .kernel, .stride, .padding, .dilation, .groups, .no_bias, ...):
 * wg_conv2d with params "weight" (filters, c / groups, kernel) and "bias" (filters,). Refused: a
 * rank other than 4, filters or kernel that are not positive, groups that do not divide the
 * channels, an output_padding, what wg_conv2d refuses.
 */
WG_API wg_tensor *wg_nn_conv2d_with(struct wg_nn_conv2d layer);

/* wg_nn_conv1d: the same for x (n, c, l), "weight" (filters, c / groups, kernel). */
WG_API wg_tensor *wg_nn_conv1d_with(struct wg_nn_conv1d layer);

/*
 * wg_nn_conv_transpose2d(x, name, .filters, .kernel, ..., .output_padding): wg_conv_transpose2d
 * with params "weight" (c, filters / groups, kernel) and "bias" (filters,). Refused: the same, and
 * groups that do not divide the filters.
 */
WG_API wg_tensor *wg_nn_conv_transpose2d_with(struct wg_nn_conv2d layer);

/* wg_nn_conv_transpose1d: the same for x (n, c, l), "weight" (c, filters / groups, kernel). */
WG_API wg_tensor *wg_nn_conv_transpose1d_with(struct wg_nn_conv1d layer);

#ifndef __cplusplus
/* The calls: x, the name, then settings. */
#define wg_nn_conv2d(...) WG__CALL(wg_nn_conv2d_with((struct wg_nn_conv2d){.x = __VA_ARGS__}))
#define wg_nn_conv1d(...) WG__CALL(wg_nn_conv1d_with((struct wg_nn_conv1d){.x = __VA_ARGS__}))
#define wg_nn_conv_transpose2d(...)                                                                \
    WG__CALL(wg_nn_conv_transpose2d_with((struct wg_nn_conv2d){.x = __VA_ARGS__}))
#define wg_nn_conv_transpose1d(...)                                                                \
    WG__CALL(wg_nn_conv_transpose1d_with((struct wg_nn_conv1d){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
