// SPDX-License-Identifier: MIT
/*
 * Recurrent layers over sequences (batch, steps, inputs): of several layers, in one direction or
 * both. Weights, their names and the order of the gates are PyTorch's with batch_first.
 *
 *     wg_tensor *h;
 *     y = wg_nn_lstm(x, "lstm", .hidden = 64, .layers = 2, .last_h = &h);
 *
 * For layer k and direction "" or "_reverse" the params are "weight_ih_l<k>" (g n, inputs),
 * "weight_hh_l<k>" (g n, n), "bias_ih_l<k>" and "bias_hh_l<k>" (g n,), n = hidden, with g = 1 gates
 * for wg_nn_rnn, 4 for wg_nn_lstm, 3 for wg_nn_gru; all evenly spread over +-1 / sqrt(n) at first.
 */
#ifndef WENGERT_NN_RECURRENT_H
#define WENGERT_NN_RECURRENT_H

#include "init.h"

/*
 * Layers left out are 1. States h and c (of LSTM only) are (layers directions, batch, hidden), those
 * of a layer's two directions behind each other: the first ones are 0 when left out, the last ones
 * are put where last_h and last_c point, NULL on an error. `dropout` is the probability between
 * layers, while wg_tape_trains. `relu` is of wg_nn_rnn, instead of tanh.
 */
struct wg_nn_recurrent {
    wg_tensor       *x;
    const char      *name;
    int64_t          hidden, layers;
    bool             both_ways, no_bias, relu;
    double           dropout;
    wg_tensor       *first_h, *first_c;
    wg_tensor      **last_h, **last_c;
    wg_init_settings weight, bias;
};

WG_BEGIN_DECLS

/*
 * wg_nn_rnn(x, name, .hidden, ...): h' = tanh(w_ih x + b_ih + w_hh h + b_hh). Returns h of the last
 * layer at each step, (batch, steps, hidden directions). Refused, here and below: x not of rank 3,
 * without steps or inputs, hidden that is not positive, dropout that is no probability, states of
 * another shape. Elman, "Finding structure in time", 1990.
 */
WG_API wg_tensor *wg_nn_rnn_with(struct wg_nn_recurrent layer);

/* wg_nn_lstm: see ops/lstm.h. */
WG_API wg_tensor *wg_nn_lstm_with(struct wg_nn_recurrent layer);

/*
 * wg_nn_gru: r, z = s(a_r + c_r), s(a_z + c_z); m = tanh(a_m + r c_m); h' = (1 - z) m + z h, with a
 * = w_ih x + b_ih and c = w_hh h + b_hh. Cho and others, arXiv:1406.1078.
 */
WG_API wg_tensor *wg_nn_gru_with(struct wg_nn_recurrent layer);

#ifndef __cplusplus
/* The calls: x, the name, then settings. */
#define wg_nn_rnn(...)  WG__CALL(wg_nn_rnn_with((struct wg_nn_recurrent){.x = __VA_ARGS__}))
#define wg_nn_lstm(...) WG__CALL(wg_nn_lstm_with((struct wg_nn_recurrent){.x = __VA_ARGS__}))
#define wg_nn_gru(...)  WG__CALL(wg_nn_gru_with((struct wg_nn_recurrent){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
