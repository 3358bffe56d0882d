// SPDX-License-Identifier: MIT
/* Matrix products, of f32 or f64. */
#ifndef WENGERT_OPS_MATMUL_H
#define WENGERT_OPS_MATMUL_H

#include "../graph/where.h"

WG_BEGIN_DECLS

/* matmul takes equal axes in front; the call below broadcasts them. */
extern WG_API const wg_op wg_op_matmul, wg_op_linear;

/*
 * y = a b for (..., m, k) and (..., k, n), giving (..., m, n); the axes in front are broadcast. As
 * in PyTorch, (k,) on the left stands for a row and on the right for a column, and y has no axis
 * for it: (k,) by (k,) is a number. Transposed and sliced tensors are read where they are.
 * Refused: rank 0, inner sizes that differ, axes in front that do not broadcast, dtypes that
 * differ.
 */
WG_API wg_tensor *wg_matmul(wg_tensor *a, wg_tensor *b);

/*
 * y = x w^T + b: a dense layer. x is (..., in), w is (out, in), b is (out,) or NULL; y is (...,
 * out). Refused: sizes that do not fit, dtypes that differ.
 */
WG_API wg_tensor *wg_linear(wg_tensor *x, wg_tensor *w, wg_tensor *b);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_matmul(...) WG__CALL(wg_matmul(__VA_ARGS__))
#define wg_linear(...) WG__CALL(wg_linear(__VA_ARGS__))
#endif

#endif
