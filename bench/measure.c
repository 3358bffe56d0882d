// SPDX-License-Identifier: MIT
#define _POSIX_C_SOURCE 199309L
#include "measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void take_help(int count, char **arguments, const char *usage)
{
    if (count < 2 || strcmp(arguments[1], "--help") != 0) return;
    printf("usage: %s %s\n", arguments[0], usage);
    exit(0);
}

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
