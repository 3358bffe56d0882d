// SPDX-License-Identifier: MIT
/*
 * Pooling over windows of packed NCHW images.
 *
 *     max_pool2d(&pool, x, y, argmax)              y = max of a window, argmax = its place in x's
 *                                                  plane: row times width plus column; or NULL
 *     max_pool2d_backward(&pool, dy, argmax, dx)   dx = sum of dy over windows whose argmax it is
 *     max_pool2d_gather(&pool, x, argmax, y)       y = x at argmax
 *     avg_pool2d(&pool, x, y)                      y = sum of a window / divisor
 *     avg_pool2d_backward(&pool, dy, dx)           dx = sum of dy / divisor over windows it is in
 *     last.max_pool2d, ...                         the same of images with channels last; places
 *                                                  are still those in a plane
 *
 * The first of equal maxima in row-major order wins, and the first NaN wins over all, as in
 * PyTorch; padding never wins.
 */
#ifndef WENGERT_KERNELS_POOL_H
#define WENGERT_KERNELS_POOL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * x (n, c, h, w) to y (n, c, p, q). Row i of the window of output row p is p stride[0] - pad[0] + i
 * dilation[0]. Each window must hold at least one place of the image: pad <= kernel / 2. The
 * average's divisor counts padding when count_pad is set, else only places inside the image; its
 * dilation is 1.
 */
struct wg__pool2d {
    int64_t n, c, h, w, p, q;
    int64_t kernel[2], stride[2], pad[2], dilation[2];
    bool    count_pad;
};

#endif
