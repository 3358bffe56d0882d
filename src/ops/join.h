// SPDX-License-Identifier: MIT
/* Joining tensors of one dtype, which is any. Axes may be negative. */
#ifndef WENGERT_OPS_JOIN_H
#define WENGERT_OPS_JOIN_H

#include "../graph/where.h"

WG_BEGIN_DECLS

/* The ops behind the calls below; any number of inputs. */
extern WG_API const wg_op wg_op_cat, wg_op_stack;

/*
 * One behind the other along an axis: (2,3) and (2,4) become (2,7) with axis 1. Ranks must be
 * equal, and the other sizes. An empty list gives NULL.
 */
WG_API wg_tensor *wg_cat(wg_tensors list, int64_t axis);

/*
 * Along a new axis, which is number `axis` of the result: three of (2,4) become (2,3,4) with axis
 * 1. Shapes must be equal. An empty list gives NULL.
 */
WG_API wg_tensor *wg_stack(wg_tensors list, int64_t axis);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_cat(...)   WG__CALL(wg_cat(__VA_ARGS__))
#define wg_stack(...) WG__CALL(wg_stack(__VA_ARGS__))
#endif

#endif
