// SPDX-License-Identifier: MIT
/*
 * Numbers for first values, by tensor/random.h: number i of param number `place` depends on these
 * and the seed alone. They are made of sums, products, quotients and roots in double, without
 * contraction and without the C library's logarithm, which has other bits on other processors.
 */
#ifndef WENGERT_NN_DRAW_H
#define WENGERT_NN_DRAW_H

#include <stdint.h>

/* ---- private to the library ---- */

/* Whose numbers. */
typedef struct wg__source {
    uint64_t seed;
    int      place;
} wg__source;

/* 0 <= u < 1 in steps of 2^-53. */
double wg__unit(const wg__source *source, int64_t i);

/*
 * Normal of mean 0 and deviation 1, by Marsaglia's polar method ("A convenient method for generating
 * normal variables", SIAM Review 6, 1964), the first that lies within lo and hi. These must hold a
 * share of the distribution that is worth waiting for.
 */
double wg__gauss(const wg__source *source, int64_t i, double lo, double hi);

#endif
