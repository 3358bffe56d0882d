// SPDX-License-Identifier: MIT
#define _POSIX_C_SOURCE 199309L
#include "measure.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median(double *x, int count)
{
    if (count <= 0) return NAN;
    qsort(x, (size_t)count, sizeof *x, by_size);
    return 0.5 * (x[(count - 1) / 2] + x[count / 2]);
}
