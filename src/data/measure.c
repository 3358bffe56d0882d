// SPDX-License-Identifier: MIT
/* Mean and deviation of what a loader draws from. */
#include "loader.h"

#include <math.h>

/* Element i of what a batch would have in its place. */
static double element(const wg_array *x, int64_t i)
{
    const double value = wg__as_double(x->type.dtype, x->data, i);
    return x->type.dtype == WG_U8 ? value / 255 : value;
}

/* Welford, Technometrics 4 (1962): one pass, no squares of large numbers taken apart. */
void wg_measure_channels(const wg_array *x, const int64_t *samples, int64_t count, double *mean,
                         double *deviation)
{
    const wg_shape *shape = &x->type.shape;
    const int64_t   channels = shape->rank > 1 ? shape->dim[1] : 1;
    const int64_t   rows = samples ? count : shape->rank > 0 ? shape->dim[0] : 0;
    const int64_t   row = rows > 0 ? x->type.count / shape->dim[0] : 0, plane = row / channels;
    for (int64_t c = 0; c < channels; c++) {
        double  average = 0, squares = 0;
        int64_t seen = 0;
        for (int64_t k = 0; k < rows; k++) {
            const int64_t first = (samples ? samples[k] : k) * row + c * plane;
            for (int64_t i = first; i < first + plane; i++) {
                const double value = element(x, i), away = value - average;
                if (isnan(value)) continue;
                average += away / (double)++seen;
                squares += away * (value - average);
            }
        }
        mean[c] = average;
        deviation[c] = seen ? sqrt(squares / (double)seen) : 0;
    }
}
