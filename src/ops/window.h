// SPDX-License-Identifier: MIT
/*
 * Windows sliding over the last two axes of an image: the checks that convolution and pooling
 * share.
 */
#ifndef WENGERT_OPS_WINDOW_H
#define WENGERT_OPS_WINDOW_H

#include "../graph/op.h"

/* ---- private to the library ---- */

/* Pairs of numbers, of the vertical axis first. */
struct wg__window {
    const int64_t *size, *kernel, *stride, *pad, *dilation;
};

/*
 * Puts the number of windows along each axis into count: (size + 2 pad - (kernel - 1) dilation -
 * 1) / stride + 1. Or the reason why the pairs will not do: kernel, stride and dilation must be
 * positive, pad not negative, and the kernel must fit into the padded image.
 */
const char *wg__infer_windows(wg_infer *i, const struct wg__window *window, int64_t count[2]);

/* A pair that was left out, (0,0), becomes `otherwise`. */
void wg__pair_default(int64_t pair[2], const int64_t otherwise[2]);

#endif
