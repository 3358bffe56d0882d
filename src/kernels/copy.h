// SPDX-License-Identifier: MIT
/*
 * Moving elements about: copy, fill and cast of strided views, and the loop nest that they (and
 * others) walk.
 */
#ifndef WENGERT_KERNELS_COPY_H
#define WENGERT_KERNELS_COPY_H

#include "../tensor/shape.h"

/*
 * Loops over views of equal shape, as few as possible: axes of size 1 are dropped, and neighbours
 * become one loop where every view allows it. Writes sizes into dim and the strides of view v into
 * stride[v]; returns the number of loops, 1 at least. For empty views it is one loop of size 0.
 */
int wg__collapse(int views, const wg_view *const *view, int64_t dim[WG_MAX_RANK],
                 int64_t stride[][WG_MAX_RANK]);

/*
 * Copies `from` to `to`: equal shapes, one dtype, any strides (those of `to` not 0). They must not
 * overlap.
 */
void wg__copy(const wg_view *from, const wg_view *to);

/* Sets every element of `to` to `value`, cast as by wg__cast. */
void wg__fill(const wg_view *to, double value);

/*
 * Copies `from` into the packed `to` of equal shape and any dtype. A real number becomes an integer
 * by cutting its fraction off; beyond the integer's range it becomes the range's end, and NaN
 * becomes 0. Integers wrap into smaller ones. What is not 0 becomes true.
 */
void wg__cast(const wg_view *from, const wg_view *to);

/* The same for `n` elements of dtype `of`, `stride` elements apart, to packed ones of `dtype`. */
void wg__cast_line(int64_t n, wg_dtype of, const void *from, int64_t stride, wg_dtype dtype,
                   void *to);

#endif
