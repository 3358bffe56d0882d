// SPDX-License-Identifier: MIT
/* Blocks that networks repeat: a transformer's layer, and what goes around a residual branch. */
#ifndef WENGERT_NN_BLOCK_H
#define WENGERT_NN_BLOCK_H

#include "attention.h"

/*
 * The feed-forward part is `hidden` wide, four times the width when left out. Normalising comes
 * behind each part, or with norm_first before it; between the dense layers is ReLU, or gelu. eps
 * left out is 1e-5; dropout, of attention weights, of each part's result and between the dense
 * layers, is none when left out. Masks are those of wg_nn_attention.
 */
struct wg_nn_transformer {
    wg_tensor  *x;
    const char *name;
    int64_t     heads, hidden;
    bool        causal, norm_first, gelu, no_bias;
    wg_tensor  *key_mask, *mask;
    double      dropout, eps;
};

WG_BEGIN_DECLS

/*
 * wg_nn_transformer(x, name, .heads, .hidden, .causal, .norm_first, .gelu, .dropout, ...): x (batch,
 * t, width) plus attention to itself, then plus a network of two dense layers, normalised. Layers
 * "self_attn", "linear1", "linear2", "norm1", "norm2", as in PyTorch's TransformerEncoderLayer.
 * Refused: what these refuse.
 */
WG_API wg_tensor *wg_nn_transformer_with(struct wg_nn_transformer block);

/*
 * x + y, where y was made of x: for shapes that differ, images (n, c, h, w), x goes through a 1 x 1
 * convolution without bias, of the stride that makes it as small, and batch norm: layers "0" and "1"
 * in the scope `name`, which may be NULL for equal shapes. He and others, arXiv:1512.03385.
 */
WG_API wg_tensor *wg_nn_residual(wg_tensor *x, wg_tensor *y, const char *name);

#ifndef __cplusplus
/* The call: x, the name, then settings. */
#define wg_nn_transformer(...)                                                                     \
    WG__CALL(wg_nn_transformer_with((struct wg_nn_transformer){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_nn_residual(...) WG__CALL(wg_nn_residual(__VA_ARGS__))
#endif

#endif
