// SPDX-License-Identifier: MIT
/* Whole derivative matrices, row by row: for small tensors and for tests. */
#ifndef WENGERT_OPS_JACOBIAN_H
#define WENGERT_OPS_JACOBIAN_H

#include "../graph/where.h"

WG_BEGIN_DECLS

/*
 * J[i..., j...] = d y[i...] / d x[j...], of shape y.shape + x.shape and x's dtype; y and x are
 * floating, of one dtype. It records one sweep for each element of y. Refused: ranks that add up to
 * more than WG_MAX_RANK.
 */
WG_API wg_tensor *wg_jacobian(wg_tensor *y, wg_tensor *x);

/* H[i..., j...] = d^2 loss / (d x[i...] d x[j...]) of a loss of one element, shape x.shape twice. */
WG_API wg_tensor *wg_hessian(wg_tensor *loss, wg_tensor *x);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_jacobian(...) WG__CALL(wg_jacobian(__VA_ARGS__))
#define wg_hessian(...)  WG__CALL(wg_hessian(__VA_ARGS__))
#endif

#endif
