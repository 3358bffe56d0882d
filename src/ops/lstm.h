// SPDX-License-Identifier: MIT
/*
 * A layer of long short-term memory, over all steps of its sequences. With s the sigmoid:
 *
 *     i, f, g, o = s(a_i), s(a_f), tanh(a_g), s(a_o)      a = x_t w_ih^T + b_ih + h w_hh^T + b_hh
 *     c' = f c + i g      h' = o tanh(c')
 *
 * Hochreiter, Schmidhuber, "Long short-term memory", 1997, with the forget gate of Gers and others,
 * 2000. Weights and their order are PyTorch's.
 */
#ifndef WENGERT_OPS_LSTM_H
#define WENGERT_OPS_LSTM_H

#include "../graph/where.h"

/*
 * x is (batch, steps, inputs), w_ih (4 n, inputs), w_hh (4 n, n), b_ih and b_hh (4 n,), h and c
 * (batch, n); all f32 or all f64. Biases may be left out, and the first states h and c, which are 0
 * then.
 */
struct wg_lstm {
    wg_tensor *x, *w_ih, *w_hh, *b_ih, *b_hh, *h, *c;
    bool       last;
};

WG_BEGIN_DECLS

/*
 * lstm takes a without h w_hh^T, (steps, batch, 4 n), then w_hh, h and c, and gives all h and all
 * c, (steps + 1, batch, n), the first ones included, and the gates (steps, batch, 4 n), which its
 * adjoint uses. lstm_backward gives the adjoints of a, h and c behind each other in one line.
 */
extern WG_API const wg_op wg_op_lstm, wg_op_lstm_backward;

/*
 * wg_lstm(x, w_ih, w_hh, b_ih, b_hh, h, c, .last): h after each step, (batch, steps, n); with .last
 * after the last step alone, (batch, n). Refused: sizes that do not fit, dtypes that differ.
 */
WG_API wg_tensor *wg_lstm_with(struct wg_lstm lstm);
#ifndef __cplusplus
#define wg_lstm(...) WG__CALL(wg_lstm_with((struct wg_lstm){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
