// SPDX-License-Identifier: MIT
/* The logarithm of a sum of exponentials: a smooth maximum, without overflow. */
#ifndef WENGERT_OPS_LOGSUMEXP_H
#define WENGERT_OPS_LOGSUMEXP_H

#include "reduce.h"

WG_BEGIN_DECLS

/* Over the last axis; wg_logsumexp brings others there. */
extern WG_API const wg_op wg_op_logsumexp;

/*
 * wg_logsumexp(x, axes, .keep): y = log sum exp x, for f32 and f64; -inf of nothing. Where all x
 * are -inf, y is -inf and NaN flows back.
 */
WG_API wg_tensor *wg_logsumexp_with(struct wg_reduce reduce);
#ifndef __cplusplus
#define wg_logsumexp(...) WG__CALL(wg_logsumexp_with((struct wg_reduce){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
