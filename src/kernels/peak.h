// SPDX-License-Identifier: MIT
/* What the processor gives at most, to be measured. */
#ifndef WENGERT_KERNELS_PEAK_H
#define WENGERT_KERNELS_PEAK_H

/* Does some f32 multiply-adds in registers, about 30 microseconds' worth; returns their number of
 * floating-point operations. */
double wg__do_multiply_adds(void);

/* a[i] = b[i] + 3 c[i] (McCalpin's STREAM: three floats an element). */
void wg__do_triad(float *restrict a, const float *restrict b, const float *restrict c, long count);

#endif
