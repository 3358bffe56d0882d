// SPDX-License-Identifier: MIT
/*
 * Normalisation: of rows, and of the channels of a batch.
 *
 *     layer_norm(rows, n, eps, x, w, b, y, mean, rstd)           y = (x - mean) rstd w + b; w and b
 *                                                                may be NULL
 *     layer_norm_backward(rows, n, x, mean, rstd, g, dx)         dx = rstd (g - mean g - z mean(g z))
 *     batch_norm(&batch, x, w, b, y, mean, var, channels)        with the mean and var of x
 *     batch_norm_sums(&batch, x, mean, var, dy, db, dw, channels)    db = sum dy, dw = sum dy z
 *     batch_norm_backward(&batch, x, w, mean, var, dy, db, dw, dx, channels)
 *                                                  dx = w rstd (dy - mean dy - z mean(dy z))
 *
 *     last.batch_norm, last.batch_norm_sums, last.batch_norm_backward: the same of images with
 *                                                  channels last, for groups of WG__TOGETHER channels
 *
 * z = (x - mean) rstd, rstd = 1 / sqrt(var + eps), var the mean of squares about the mean. Sums are
 * made in T over some thousand elements, and in double beyond, in an order that depends on sizes
 * alone. A call does these channels of a batch.
 */
#ifndef WENGERT_KERNELS_NORM_H
#define WENGERT_KERNELS_NORM_H

#include "range.h"

/* Channels that are done at once where they lie last; c is a multiple of it then. */
#define WG__TOGETHER 16

/* Images (n, c, plane). */
struct wg__batch {
    int64_t n, c, plane;
    double  eps;
};

#endif
