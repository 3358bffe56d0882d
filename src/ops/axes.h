// SPDX-License-Identifier: MIT
/* Axes: a list of them in a call, and the checks that every op with axes needs. */
#ifndef WENGERT_OPS_AXES_H
#define WENGERT_OPS_AXES_H

#include "../graph/op.h"

#ifdef __cplusplus
#include <initializer_list>
#endif

/*
 * Some axes of a tensor; negative ones count from the end, -1 is the last. None at all stands for
 * all of them where a call says so.
 */
typedef struct wg_axes {
    int64_t count;
    int64_t axis[WG_MAX_RANK];
} wg_axes;

/* Axes written in place: WG_AXES(0, -1). WG_ALL_AXES names none, which stands for all. */
#ifdef __cplusplus
#define WG_AXES(...) wg_axes_of({__VA_ARGS__})
#define WG_ALL_AXES  (wg_axes{})
#else
#define WG_AXES(...)                                                                               \
    ((wg_axes){.count = sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), .axis = {__VA_ARGS__}})
#define WG_ALL_AXES ((wg_axes){.count = 0})
#endif

/* ---- private to the library ---- */

/* NULL when `axis` is one of `rank` axes, else the reason why not. */
const char *wg__infer_axis(wg_infer *i, int64_t axis, int64_t rank);

/* NULL when they all are, and none is named twice. */
const char *wg__infer_axes(wg_infer *i, const wg_axes *axes, int64_t rank);

/*
 * Axes that passed wg__infer_axes as a mask, bit k for axis k; all `rank` of them for an empty
 * list.
 */
unsigned wg__axes_mask(const wg_axes *axes, int64_t rank);

/*
 * For calls that record several ops: true when x is floating and the axes are among its own. Else
 * false, with the error on the tape in the name of `op`; NULL for x is false without one.
 */
bool wg__axes_fit(const wg_op *op, wg_tensor *x, const wg_axes *axes);

#ifdef __cplusplus
/*
 * Axes from a braced list, for C++, which has no compound literals; more than WG_MAX_RANK are
 * refused later.
 */
inline wg_axes wg_axes_of(std::initializer_list<int64_t> list)
{
    wg_axes axes = {};
    for (int64_t axis : list) {
        if (axes.count < WG_MAX_RANK) axes.axis[axes.count] = axis;
        axes.count++;
    }
    return axes;
}
#endif

#endif
