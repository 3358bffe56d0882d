// SPDX-License-Identifier: MIT
/*
 * What the processor gives at most: independent multiply-adds in registers, as many at once as hide
 * each other's latency.
 */

enum { NAME(chains) = 12 };

/* `rounds` times `chains` vectors of multiply-adds; returns their sum, so that they are needed. */
static T NAME(multiply_adds)(int64_t rounds)
{
    NAME(vector) sum[NAME(chains)];
    T            total = 0;
    WG__UNROLL
    for (int i = 0; i < NAME(chains); i++) sum[i] = (NAME(vector)){0} + (T)i;
    const NAME(vector) a = (NAME(vector)){0} + (T)0.999, b = (NAME(vector)){0} + (T)0.001;
    for (int64_t r = 0; r < rounds; r++)
        WG__UNROLL
    for (int i = 0; i < NAME(chains); i++) sum[i] = sum[i] * a + b;
    for (int i = 0; i < NAME(chains); i++) total += sum[i][0];
    return total;
}

/* Floating-point operations of one round. */
static int64_t NAME(peak_round)(void)
{
    return 2 * NAME(chains) * NAME(lanes);
}
