// SPDX-License-Identifier: MIT
/* The one way from a dtype to another: nothing is converted in silence. */
#ifndef WENGERT_OPS_CAST_H
#define WENGERT_OPS_CAST_H

#include "../graph/where.h"

WG_BEGIN_DECLS

/*
 * x as `dtype`, of x's shape; x itself when it has that dtype. Between reals it rounds, and dx is
 * dy cast back. A real becomes an integer without its fraction, the nearest end of the range beyond
 * it, and 0 for NaN; integers wrap into smaller ones; what is not 0 is true. Nothing flows back
 * through an integer.
 */
WG_API wg_tensor *wg_cast(wg_tensor *x, wg_dtype dtype);

/* y = x as another dtype; the dtype is the node's, not a setting, so that wg_lift maps it. */
extern WG_API const wg_op wg_op_cast;

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_cast(...) WG__CALL(wg_cast(__VA_ARGS__))
#endif

#endif
