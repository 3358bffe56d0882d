// SPDX-License-Identifier: MIT
/* Padding: more elements around a tensor. */
#ifndef WENGERT_OPS_PAD_H
#define WENGERT_OPS_PAD_H

#include "../graph/where.h"

/* What stands beyond the edge, for 1 2 3: */
enum wg_pad_mode {
    WG_PAD_CONSTANT, /* 0 0 1 2 3 0 0, or another value */
    WG_PAD_REFLECT,  /* 3 2 1 2 3 2 1: the edge is not repeated; fewer elements than the axis has */
    WG_PAD_REPLICATE /* 1 1 1 2 3 3 3 */
};

/*
 * How many elements stand before and after each axis, outermost first; `value`, 0 when left out, is
 * converted to x's dtype.
 */
struct wg_pad {
    wg_tensor       *x;
    int64_t          before[WG_MAX_RANK], after[WG_MAX_RANK];
    double           value;
    enum wg_pad_mode mode;
};

WG_BEGIN_DECLS

/* The mode constant; the others record index_select. */
extern WG_API const wg_op wg_op_pad;

/*
 * wg_pad(x, .before = {0, 1}, .after = {0, 2}, .value, .mode): x, of any dtype, with more elements
 * around it. Refused: negative numbers, and numbers for axes that x does not have.
 */
WG_API wg_tensor *wg_pad_with(struct wg_pad pad);
#ifndef __cplusplus
#define wg_pad(...) WG__CALL(wg_pad_with((struct wg_pad){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
