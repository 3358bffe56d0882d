// SPDX-License-Identifier: MIT
/*
 * Gradients kept within bounds before an optimiser takes them.
 *
 *     wg_tensors updates = wg_adam(wg_clip_norm(wg_backward(loss), 1), .rate = rate);
 */
#ifndef WENGERT_NN_CLIP_H
#define WENGERT_NN_CLIP_H

#include "../graph/derive.h"

WG_BEGIN_DECLS

/* The root of the sum of all squares of all gradients, f64 of rank 0; NULL for NULL. */
WG_API wg_tensor *wg_gradient_norm(const wg_gradients *gradients);

/*
 * The same gradients, times most / (norm + 1e-6) where that is below 1, norm being that of all
 * together, as torch.nn.utils.clip_grad_norm_ does. Lives as long as the record. NULL for NULL, and
 * on an error: a `most` that is not positive.
 */
WG_API const wg_gradients *wg_clip_norm(const wg_gradients *gradients, double most);

/* The same gradients, each number moved to -most or most where it lies beyond. Likewise. */
WG_API const wg_gradients *wg_clip_value(const wg_gradients *gradients, double most);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_gradient_norm(...) WG__CALL(wg_gradient_norm(__VA_ARGS__))
#define wg_clip_norm(...)     WG__CALL_POINTER(const wg_gradients *, wg_clip_norm(__VA_ARGS__))
#define wg_clip_value(...)    WG__CALL_POINTER(const wg_gradients *, wg_clip_value(__VA_ARGS__))
#endif

#endif
