// SPDX-License-Identifier: MIT
/*
 * What layers are made of. A layer is a function: it opens a scope of its name, asks for its params,
 * and calls ops. One of your own:
 *
 *     wg_tensor *swish_layer(wg_tensor *x, const char *name, int64_t outputs)
 *     {
 *         wg_tape *tape = wg_nn_open(x, name);
 *         if (!tape) return NULL;
 *         const wg_init_settings one = {.way = WG_INIT_CONSTANT, .value = 1};
 *         wg_tensor *slope = wg_nn_param(tape, "slope", wg_dtype_of(x), WG_SCALAR, one);
 *         wg_tensor *y = wg_nn_linear(x, "linear", .outputs = outputs);
 *         return wg_nn_close(tape, wg_mul(y, wg_sigmoid(wg_mul(slope, y))));
 *     }
 *
 * Params are named as in PyTorch's state_dict with '/' for '.': "fc1/weight".
 */
#ifndef WENGERT_NN_LAYER_H
#define WENGERT_NN_LAYER_H

#include "init.h"

WG_BEGIN_DECLS

/*
 * Opens the scope `name` on x's tape, for a layer. NULL, and no scope is open, when x is NULL, the
 * name is missing, or there is an error on the tape: a layer then returns NULL, without params.
 */
WG_API wg_tape *wg_nn_open(wg_tensor *x, const char *name);

/* Closes it and returns y; NULL when there is an error on the tape by now. */
WG_API wg_tensor *wg_nn_close(wg_tape *tape, wg_tensor *y);

/*
 * The param of this name in the open scope, as wg_param, which gets its first values when it is new
 * (wg_is_new). NULL on an error, which is on the tape.
 */
WG_API wg_tensor *wg_nn_param(wg_tape *tape, const char *name, wg_dtype dtype, wg_shape shape,
                              wg_init_settings init);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_nn_param(...) WG__CALL(wg_nn_param(__VA_ARGS__))
#endif

/* ---- private to the library ---- */

/* `asked` unless it is the default, else evenly spread over +-1 / sqrt(fan): PyTorch's default. */
wg_init_settings wg__init_by_fan(wg_init_settings asked, double fan);

/* `asked` unless it is the default, else all elements are `value`. */
wg_init_settings wg__init_by_value(wg_init_settings asked, double value);

/* True when the number is positive; else false, with "layer: what number must be positive". */
bool wg__layer_positive(wg_tensor *x, const char *layer, const char *what, int64_t number);

/* True when p lies in 0 to 1; else false, with "layer: p is no probability". */
bool wg__layer_probability(wg_tensor *x, const char *layer, double p);

/* True when x has between so many axes; else false with the error on its tape. NULL: false. */
bool wg__layer_rank(wg_tensor *x, const char *layer, int64_t least, int64_t most);

#endif
