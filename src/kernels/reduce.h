// SPDX-License-Identifier: MIT
/*
 * Reductions of strided views, and the softmax family over packed rows.
 *
 *     sum(&r, x, y, units)      r of wg__reduction_make; y is packed, over the axes that stay
 *     sum_stretches(n, length, x, y)    of packed rows of at most WG__BLOCK elements, and
 *     sum_rows(rows, blocks, x, y)      of longer ones: from the sums of their blocks of WG__BLOCK
 *                               elements, with the bits of sum
 *     max, min                  NaN wins; -inf and +inf when there is nothing to look at
 *     argmax, argmin            place among the reduced elements in row-major order: the first of
 *                               ties, the first NaN before all; 0 when there is none
 *
 *     logsumexp(rows, n, x, y)                      y[row] = log sum exp x
 *     softmax(rows, n, x, y)                        y = exp(x - max x) / sum of it
 *     log_softmax(rows, n, x, y)                    y = x - logsumexp x
 *     softmax_backward(rows, n, y, dy, dx)          dx = y (dy - sum dy y)
 *     log_softmax_backward(rows, n, y, dy, dx)      dx = dy - exp(y) sum dy
 *
 * One row in place, n a multiple of the elements of a vector (WG__VECTOR):
 *
 *     attention.softmax(n, x)                       x = softmax x
 *     attention.softmax_backward(n, scale, y, dy)   dy = scale y (dy - sum dy y)
 *
 * A reduction makes the elements of y that are in these of its wg__reduction_units. Sums are made in
 * a cascade whose order depends on shape and axes alone: an element is added to at
 * most WG__CASCADE others per level, so that the error grows with log n, not n. In the softmax
 * family y or dx may be the array read; a row of -inf has a softmax of NaN.
 */
#ifndef WENGERT_KERNELS_REDUCE_H
#define WENGERT_KERNELS_REDUCE_H

#include "../tensor/shape.h"
#include "range.h"

/* Axes that one loop nest walks, in row-major order. */
struct wg__loops {
    int     rank;
    int64_t dim[WG_MAX_RANK], stride[WG_MAX_RANK];
    int64_t count;
};

/*
 * A view as loops over `kept` axes, then `reduced` ones, then `inner`: the last axes, which are all
 * kept or all reduced. Which axes go where depends on shape and mask alone.
 */
struct wg__reduction {
    struct wg__loops kept, reduced, inner;
    bool             inner_is_reduced;
};

/* The reduction of x, whose data does not matter, over a mask of axes: bit i for axis i. */
struct wg__reduction wg__reduction_make(const wg_view *x, unsigned axes);

/* The pieces into which it falls, and the elements of y that some of them make. */
int64_t          wg__reduction_units(const struct wg__reduction *r);
struct wg__range wg__reduction_elements(const struct wg__reduction *r, struct wg__range units);

/* ---- for the bodies ---- */

/*
 * Sums kept side by side, and how many terms a level of the cascade takes before it is carried to
 * the next. A line's terms are the sums of its blocks, of which some fit the first-level cache.
 */
#define WG__LANES   32
#define WG__CASCADE 64
#define WG__BLOCK   1024
#define WG__LEVELS  11 /* WG__CASCADE to this power is beyond any count */

/* A place in a loop nest: the offset of the current element, moved on by wg__step. */
struct wg__place {
    int64_t offset, at[WG_MAX_RANK];
};

/*
 * Where inner axes are kept, a row of y falls into stretches of WG__LANES. Of units [first, end):
 * the columns of the first row of y that has some, and the unit after them.
 */
struct wg__columns {
    int64_t          row, next;
    struct wg__range columns;
};
struct wg__columns wg__reduction_columns(const struct wg__reduction *r, struct wg__range units);

/* The place of element `index` (row-major) of the nest. */
struct wg__place wg__place_of(const struct wg__loops *loops, int64_t index);

/* To the next element; after the last, to the first again. */
static inline void wg__step(const struct wg__loops *loops, struct wg__place *place)
{
    for (int i = loops->rank - 1; i >= 0; i--) {
        place->offset += loops->stride[i];
        if (++place->at[i] < loops->dim[i]) return;
        place->offset -= loops->dim[i] * loops->stride[i];
        place->at[i] = 0;
    }
}

#endif
