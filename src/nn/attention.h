// SPDX-License-Identifier: MIT
/*
 * Multi-head attention of sequences (batch, t, width), with PyTorch's params and batch_first.
 *
 *     y = wg_nn_attention(x, "attn", .heads = 8, .causal = true);             to itself
 *     y = wg_nn_attention(x, "attn", .heads = 8, .keys = memory);             to another sequence
 *
 * Vaswani and others, "Attention is all you need", arXiv:1706.03762.
 */
#ifndef WENGERT_NN_ATTENTION_H
#define WENGERT_NN_ATTENTION_H

#include "init.h"

/*
 * keys (batch, s, width) left out are x, values left out the keys. key_mask, bool (batch, s), is
 * true for keys that can be seen (the reverse of PyTorch's key_padding_mask); mask, bool, broadcasts
 * to (batch, heads, t, s). A query that sees no key gives 0. First values left out: "in_proj_weight"
 * is Xavier's uniform, "out_proj/weight" a dense layer's, biases are 0. dropout is of the attention
 * weights, and of the tape's mode: nothing in evaluation (see wg_tape_train).
 */
struct wg_nn_attention {
    wg_tensor       *x;
    const char      *name;
    wg_tensor       *keys, *values;
    int64_t          heads;
    bool             causal, no_bias;
    wg_tensor       *key_mask, *mask;
    double           dropout;
    wg_init_settings weight, bias;
};

WG_BEGIN_DECLS

/*
 * wg_nn_attention(x, name, .heads, ...): for each head wg_attention of its share of q, k and v, then
 * a dense layer of all heads; (batch, t, width). Params: "in_proj_weight" (3 width, width) and
 * "in_proj_bias" (3 width,), of q, k and v in this order, "out_proj/weight" (width, width) and
 * "out_proj/bias" (width,). Refused: x or keys not of rank 3,
 * heads that do not divide the width, sizes that do not fit, masks that are not bool, a
 * dropout outside 0 to 1.
 */
WG_API wg_tensor *wg_nn_attention_with(struct wg_nn_attention layer);

#ifndef __cplusplus
/* The call: x, the name, then settings. */
#define wg_nn_attention(...)                                                                       \
    WG__CALL(wg_nn_attention_with((struct wg_nn_attention){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
