// SPDX-License-Identifier: MIT
/*
 * Scaled dot-product attention: each query looks at all keys, and takes of their values by
 * likeness.
 *
 *     wg_attention(q, k, v)                    every query sees every key
 *     wg_attention(q, k, v, .causal = true)    query i sees the keys 0 to i
 *     wg_attention(q, k, v, .mask = m)         query i sees key j where m[i, j]
 *
 * Vaswani and others, "Attention is all you need", arXiv:1706.03762.
 */
#ifndef WENGERT_OPS_ATTENTION_H
#define WENGERT_OPS_ATTENTION_H

#include "../graph/where.h"

/*
 * q is (..., t, d), k is (..., s, d), v is (..., s, e); all f32 or all f64, axes in front
 * broadcast: those of heads. mask, bool, broadcasts to (..., t, s). scale left out is 1 / sqrt
 * d. dropout, the share of p that wg_dropout takes away, is none when left out.
 */
struct wg_attention {
    wg_tensor *q, *k, *v, *mask;
    double     scale, dropout;
    bool       causal;
};

WG_BEGIN_DECLS

/*
 * attention takes equal axes in front; the call below broadcasts them. Its backward op gives dq, dk
 * and dv, each as one line, behind each other on the last axis.
 */
extern WG_API const wg_op wg_op_attention, wg_op_attention_backward;

/*
 * wg_attention(q, k, v, .mask, .scale, .causal, .dropout): y = p v, (..., t, e), with p =
 * softmax(scale q k^T) over the keys that a query sees. A query that sees none gives 0. Memory is
 * used for the weights of a few queries and for copies of one head's k and v, never (t, s), but
 * with dropout: then it is recorded as products, a softmax and wg_dropout. Refused: sizes that do
 * not fit, dtypes that differ, a mask that is not bool, a dropout outside 0 to 1.
 */
WG_API wg_tensor *wg_attention_with(struct wg_attention attention);
#ifndef __cplusplus
#define wg_attention(...) WG__CALL(wg_attention_with((struct wg_attention){.q = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
