// SPDX-License-Identifier: MIT
/* Uniform and normal numbers from the counter-based generator, the same bits on every machine. */
#include "draw.h"

#include "../tensor/random.h"

#include <math.h>

/* A multiply-add rounded once would give other bits where the machine has one. gcc leaves them
   apart in C11. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

/*
 * The last word of the counter keeps these numbers apart from those that a run draws with the same
 * seed: STREAM for uniform ones, from STREAM + 1 on the attempts of a normal one.
 */
enum { STREAM = 0x696e6974 };

/* Two unit numbers of block `block`. */
static void draw(const wg__source *source, uint64_t block, uint32_t stream, double unit[2])
{
    const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)source->place,
                                 stream};
    const uint32_t key[2] = {(uint32_t)source->seed, (uint32_t)(source->seed >> 32)};
    uint32_t       words[4];
    wg_philox(counter, key, words);
    for (int k = 0; k < 2; k++)
        unit[k] =
            (double)(((uint64_t)(words[2 * k] >> 5) << 26) + (words[2 * k + 1] >> 6)) * 0x1p-53;
}

double wg__unit(const wg__source *source, int64_t i)
{
    double unit[2];
    draw(source, (uint64_t)i / 2, STREAM, unit);
    return unit[i % 2];
}

/* log x for x > 0: x = m 2^e with m near 1, log m = 2 (s + s^3 / 3 + ...), s = (m - 1) / (m + 1). */
static double log_of(double x)
{
    int    exponent;
    double m = frexp(x, &exponent);
    if (m < 0.70710678118654752) {
        m *= 2;
        exponent--;
    }
    const double s = (m - 1) / (m + 1), square = s * s;
    double       series = 0;
    for (int k = 23; k > 0; k -= 2) series = series * square + 1.0 / k;
    return exponent * 0.69314718055994531 + 2 * s * series;
}

double wg__gauss(const wg__source *source, int64_t i, double lo, double hi)
{
    for (uint32_t attempt = 1;; attempt++) {
        double unit[2];
        draw(source, (uint64_t)i, STREAM + attempt, unit);
        const double x = 2 * unit[0] - 1, y = 2 * unit[1] - 1, square = x * x + y * y;
        if (square >= 1 || square == 0) continue;
        const double value = x * sqrt(-2 * log_of(square) / square);
        if (lo <= value && value <= hi) return value;
    }
}
