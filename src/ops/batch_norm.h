// SPDX-License-Identifier: MIT
/*
 * What wg_batch_norm records in training: an op that finds mean and variance of each channel itself,
 * and its adjoint in two steps, the sums over a channel and what they come to for each element.
 */
#ifndef WENGERT_OPS_BATCH_NORM_H
#define WENGERT_OPS_BATCH_NORM_H

#include "../graph/op.h"

/* Settings of all of them. */
struct wg__batch_norm_attrs {
    double eps;
};

WG_BEGIN_DECLS

/*
 * wg_op_batch_norm has three outputs of x (N, C, ...), w and b (C,): y, and the mean and biased
 * variance of each channel. wg_op_batch_norm_backward_sums has two of x, mean, var and dy: db = sum
 * dy and dw = sum dy z. wg_op_batch_norm_backward makes dx of x, w, mean, var, dy, db and dw.
 */
extern WG_API const wg_op wg_op_batch_norm, wg_op_batch_norm_backward,
    wg_op_batch_norm_backward_sums;

WG_END_DECLS

#endif
