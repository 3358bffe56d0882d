// SPDX-License-Identifier: MIT
/* Huge angles, whose remainder by pi / 2 needs more digits of pi than a number holds. */
#ifndef WENGERT_KERNELS_TURNS_H
#define WENGERT_KERNELS_TURNS_H

/*
 * x = turns pi / 2 + r, |r| <= pi / 4: returns r, right to 1.5 units in the last place, and turns
 * modulo 4, for |x| of 2^10 or more; NaN for one that is not finite. M. Payne and R. Hanek,
 * "Radian reduction for trigonometric functions", SIGNUM 18, 1983.
 */
double wg__quarter_turns(double x, int *turns);

#endif
