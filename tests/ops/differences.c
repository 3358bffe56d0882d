// SPDX-License-Identifier: MIT
#include "differences.h"

#include <float.h>

static double sum_value(const struct trial *trial, const struct weighted_sum *sum)
{
    double      numbers[TRIAL_NUMBERS];
    long double value = 0;
    ck_assert(wg_plan_run(sum->plan));
    for (int k = 0; k < sum->outputs.count; k++) {
        const int count = trial_read(trial, sum->outputs.at[k], numbers);
        for (int i = 0; i < count; i++)
            value += (long double)sum->weights[k][i] * (long double)numbers[i];
    }
    return (double)value;
}

/* (f(x + h) - f(x - h)) / 2h in element i of the leaf, by the step that x + h - x really is. */
static double difference(const struct trial *trial, const struct weighted_sum *sum, wg_tensor *leaf,
                         double *numbers, int i, double h)
{
    const int64_t         count = wg_count_of(leaf);
    const double          x = numbers[i];
    const volatile double above = x + h, below = x - h;
    numbers[i] = above;
    wg_write(leaf, numbers, count);
    const double high = sum_value(trial, sum);
    numbers[i] = below;
    wg_write(leaf, numbers, count);
    const double low = sum_value(trial, sum);
    numbers[i] = x;
    wg_write(leaf, numbers, count);
    return (high - low) / (above - below);
}

static void expect_leaf(const struct trial *trial, const struct weighted_sum *sum, wg_tensor *leaf,
                        const double *derivative, const char *what)
{
    double    x[TRIAL_NUMBERS];
    const int count = trial_read(trial, leaf, x);
    for (int i = 0; i < count; i++) {
        const double h = cbrt(DBL_EPSILON) * fmax(1, fabs(x[i]));
        const double coarse = difference(trial, sum, leaf, x, i, h);
        const double fine = difference(trial, sum, leaf, x, i, h / 2);
        const double best = fine + (fine - coarse) / 3;
        const double torch = difference(trial, sum, leaf, x, i, 1e-6);
        EXPECT_MSG(fabs(derivative[i] - best) <= 1e-6 * (1 + fabs(derivative[i])),
                   "%s: %s by %s[%d] is %.12g, differences say %.12g", trial->label, what,
                   wg_name_of(leaf), i, derivative[i], best);
        EXPECT_MSG(fabs(derivative[i] - torch) <= 1e-5 + 1e-3 * fabs(torch),
                   "%s: %s by %s[%d] is %.12g, differences with 1e-6 say %.12g", trial->label, what,
                   wg_name_of(leaf), i, derivative[i], torch);
    }
}

void expect_derivatives(const struct trial *trial, struct weighted_sum *sum, wg_tensors leaves,
                        wg_tensors derivatives, const char *what)
{
    static double numbers[CASE_INPUTS + 1][TRIAL_NUMBERS]; /* read before any leaf changes */
    for (int k = 0; k < leaves.count; k++) trial_read(trial, derivatives.at[k], numbers[k]);
    sum->plan = wg_plan_new(NULL, .outputs = sum->outputs);
    trial_expect_no_error(trial);
    for (int k = 0; k < leaves.count; k++) expect_leaf(trial, sum, leaves.at[k], numbers[k], what);
}
