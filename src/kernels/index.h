// SPDX-License-Identifier: MIT
/*
 * Rows of packed arrays, by index.
 *
 *     wg__gather(&rows, element, x, index, y, some)
 *         y[o, i, :] = x[o, index[i], :], for some of the outer x count rows of y
 *     kernels->f32.scatter_add(&rows, x, index, y, columns)
 *         y = 0, then y[o, index[i], j] += x[o, i, j], for these columns j
 *
 * Equal indices add up, in the order of i. Indices are trusted: wg__index_find_bad goes first.
 */
#ifndef WENGERT_KERNELS_INDEX_H
#define WENGERT_KERNELS_INDEX_H

#include "../tensor/dtype.h"
#include "range.h"

/*
 * `count` indices of dtype `index` (i32, i64 or u8) into the middle of an array (outer, axis,
 * inner). The other one is (outer, count, inner).
 */
struct wg__rows {
    int64_t  outer, axis, inner, count;
    wg_dtype index;
};

/* The index at position i of an index array. */
static inline int64_t wg__index_at(const void *index, wg_dtype dtype, int64_t i)
{
    return dtype == WG_I64   ? ((const int64_t *)index)[i]
           : dtype == WG_I32 ? ((const int32_t *)index)[i]
                             : ((const uint8_t *)index)[i];
}

/* The position of the first index that is negative or not below `axis`; -1 when there is none. */
int64_t wg__index_find_bad(const struct wg__rows *rows, const void *index);

/*
 * y[o, i, :] = x[o, index[i], :] for elements of `element` bytes, and for `some` of the outer x count
 * rows of y.
 */
void wg__gather(const struct wg__rows *rows, size_t element, const void *x, const void *index,
                void *y, struct wg__range some);

#endif
