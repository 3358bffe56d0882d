// SPDX-License-Identifier: MIT
/* What the kernels of the losses and their rules must agree on. Not public. */
#ifndef WENGERT_OPS_LOSS_LIMITS_H
#define WENGERT_OPS_LOSS_LIMITS_H

/* Of the derivative by a probability: what PyTorch takes, 1e-12 rounded to f32. */
#define LEAST_DIVISOR 1e-12f

#endif
