// SPDX-License-Identifier: MIT
/* What is no network of layers: a formula on many numbers, a long chain on one, a recurrence. */
#include "networks.h"

/* sum of tanh(x) sigmoid(x) + exp(-x^2) */
wg_tensor *elementwise(wg_tape *tape, int64_t batch)
{
    wg_tensor *x = wg_param(tape, "x", WG_F32, WG_SHAPE(batch));
    wg_tensor *bump = wg_exp(wg_neg(wg_square(x)));
    return wg_sum(wg_add(wg_mul(wg_tanh(x), wg_sigmoid(x)), bump));
}

/* b = sin(b) a + b, a thousand times, from b = a. */
wg_tensor *scalar_tape(wg_tape *tape, int64_t batch)
{
    wg_tensor *a = wg_param(tape, "a", WG_F64, WG_SCALAR), *b = a;
    for (int64_t i = 0; i < batch; i++) b = wg_add(wg_mul(wg_sin(b), a), b);
    return b;
}

/* 64 steps of 64 numbers, 128 hidden ones, the last of which are classified. */
wg_tensor *lstm(wg_tape *tape, int64_t batch)
{
    enum { STEPS = 64, INPUTS = 64, HIDDEN = 128 };
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(batch, STEPS, INPUTS));
    wg_tensor *y = wg_input(tape, "y", WG_I64, WG_SHAPE(batch));
    wg_tensor *w_ih = wg_param(tape, "l.weight_ih_l0", WG_F32, WG_SHAPE(4 * HIDDEN, INPUTS));
    wg_tensor *w_hh = wg_param(tape, "l.weight_hh_l0", WG_F32, WG_SHAPE(4 * HIDDEN, HIDDEN));
    wg_tensor *b_ih = wg_param(tape, "l.bias_ih_l0", WG_F32, WG_SHAPE(4 * HIDDEN));
    wg_tensor *b_hh = wg_param(tape, "l.bias_hh_l0", WG_F32, WG_SHAPE(4 * HIDDEN));
    wg_tensor *last = wg_lstm(x, w_ih, w_hh, b_ih, b_hh, .last = true);
    return wg_cross_entropy(dense(last, "f", 10), y);
}
