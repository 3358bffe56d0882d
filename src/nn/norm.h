// SPDX-License-Identifier: MIT
/*
 * Normalising layers. Their "weight" is 1 at first and their "bias" 0, of x's dtype; eps left out is
 * 1e-5, of RMS norm the dtype's epsilon; batch norm's momentum left out is 0.1.
 */
#ifndef WENGERT_NN_NORM_H
#define WENGERT_NN_NORM_H

#include "init.h"

/*
 * Settings of all of them; each layer says which ones it takes. plain: without weight and bias.
 * no_bias: with a weight alone.
 */
struct wg_nn_norm {
    wg_tensor       *x;
    const char      *name;
    int64_t          groups, dims;
    double           momentum, eps;
    bool             plain, no_bias;
    wg_init_settings weight, bias;
};

WG_BEGIN_DECLS

/*
 * wg_nn_batch_norm(x, name, .momentum, .eps, .plain, ...): wg_batch_norm of x (n, c, ...), which
 * trains or evaluates as wg_tape_trains says when it is recorded. Params "weight" and "bias" (c,),
 * states "running_mean", 0 at first, and "running_var", 1. The states follow by updates that are
 * among wg_assigns; where wg_share_params is on, the one that was recorded first does that alone.
 */
WG_API wg_tensor *wg_nn_batch_norm_with(struct wg_nn_norm norm);

/*
 * wg_nn_layer_norm(x, name, .dims, .eps, .plain, .no_bias, ...): wg_layer_norm over the last `dims`
 * axes, 1 when left out. Params "weight" and "bias" of these axes' shape.
 */
WG_API wg_tensor *wg_nn_layer_norm_with(struct wg_nn_norm norm);

/*
 * wg_nn_rms_norm(x, name, .dims, .eps, .plain, ...): y = x / sqrt(mean x^2 + eps) weight over the
 * last `dims` axes, 1 when left out. Zhang, Sennrich, arXiv:1910.07467.
 */
WG_API wg_tensor *wg_nn_rms_norm_with(struct wg_nn_norm norm);

/*
 * wg_nn_group_norm(x, name, .groups, .eps, .plain, ...): for x (n, c, ...) and each of `groups`
 * groups of channels y = (x - mean) / sqrt(var + eps), then weight and bias (c,) of each channel.
 * Wu, He, arXiv:1803.08494. Refused: rank below 2 or 8, groups that do not divide the channels.
 */
WG_API wg_tensor *wg_nn_group_norm_with(struct wg_nn_norm norm);

/* wg_nn_instance_norm: the same with as many groups as channels. Ulyanov and others,
   arXiv:1607.08022. As PyTorch's with affine=True. */
WG_API wg_tensor *wg_nn_instance_norm_with(struct wg_nn_norm norm);

/*
 * wg_dropout(x, p) while wg_tape_trains, x itself otherwise. A p outside 0 to 1 is refused always.
 */
WG_API wg_tensor *wg_nn_dropout(wg_tensor *x, double p);

#ifndef __cplusplus
/* The calls: x, the name, then settings. */
#define wg_nn_batch_norm(...) WG__CALL(wg_nn_batch_norm_with((struct wg_nn_norm){.x = __VA_ARGS__}))
#define wg_nn_layer_norm(...) WG__CALL(wg_nn_layer_norm_with((struct wg_nn_norm){.x = __VA_ARGS__}))
#define wg_nn_rms_norm(...)   WG__CALL(wg_nn_rms_norm_with((struct wg_nn_norm){.x = __VA_ARGS__}))
#define wg_nn_group_norm(...) WG__CALL(wg_nn_group_norm_with((struct wg_nn_norm){.x = __VA_ARGS__}))
#define wg_nn_instance_norm(...)                                                                   \
    WG__CALL(wg_nn_instance_norm_with((struct wg_nn_norm){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_nn_dropout(...) WG__CALL(wg_nn_dropout(__VA_ARGS__))
#endif

#endif
