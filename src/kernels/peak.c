// SPDX-License-Identifier: MIT
#include "peak.h"

#include "isa.h"

double wg__do_multiply_adds(void)
{
    enum { ROUNDS = 10000 };
    const volatile float sum = wg__kernels()->f32.multiply_adds(ROUNDS);
    (void)sum;
    return (double)(ROUNDS * wg__kernels()->f32.peak_round());
}

void wg__do_triad(float *restrict a, const float *restrict b, const float *restrict c, long count)
{
    for (long i = 0; i < count; i++) a[i] = b[i] + 3 * c[i];
}
