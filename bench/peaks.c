// SPDX-License-Identifier: MIT
/*
 * What the machine gives: GFLOP/s of fused multiply-adds in registers, and GB/s of the triad
 * a = b + s c on arrays beyond the caches (McCalpin's STREAM: three floats an element). The
 * argument is the number of threads; the best of some turns is printed.
 */
#include "measure.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__AVX512F__)
enum { LANES = 16 };
#elif defined(__AVX__)
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif
enum { SUMS = 20, ROUNDS = 4000000, ELEMENTS = 16000000, TURNS = 7, MOST = 256 };

typedef float vector __attribute__((vector_size(4 * LANES)));

/* One thread's share. */
struct share {
    float *a, *b, *c;
    long   count;
    float  result;
};

/* x = x m + m for a number of independent x, which stay in registers. */
static void *multiply_add(void *argument)
{
    struct share *share = argument;
    vector        x[SUMS], m;
    for (int k = 0; k < LANES; k++) m[k] = 0.5f + share->result;
    for (int i = 0; i < SUMS; i++) x[i] = m * (float)i;
    for (long r = 0; r < ROUNDS; r++)
#pragma GCC unroll 32
        for (int i = 0; i < SUMS; i++) x[i] = x[i] * m + m;
    for (int i = 0; i < SUMS; i++) share->result += x[i][0];
    return NULL;
}

static void *triad(void *argument)
{
    struct share *share = argument;
    float *restrict a = share->a;
    const float *restrict b = share->b, *restrict c = share->c;
    for (long i = 0; i < share->count; i++) a[i] = b[i] + 3 * c[i];
    return NULL;
}

/* Seconds of the slowest thread, the start of threads included, at best. */
static double best(void *(*work)(void *), struct share *shares, int threads)
{
    double least = 1e9;
    for (int turn = 0; turn < TURNS; turn++) {
        pthread_t    thread[MOST];
        const double start = seconds();
        for (int t = 1; t < threads; t++) pthread_create(&thread[t], NULL, work, &shares[t]);
        work(&shares[0]);
        for (int t = 1; t < threads; t++) pthread_join(thread[t], NULL);
        const double took = seconds() - start;
        least = took < least ? took : least;
    }
    return least;
}

int main(int count, char **arguments)
{
    take_help(count, arguments, "[THREADS]   the machine's GFLOP/s and GB/s");
    const int    threads = count > 1 ? atoi(arguments[1]) : 1;
    struct share shares[MOST] = {{0}};
    float       *arrays = calloc(3, ELEMENTS * sizeof *arrays);
    if (threads < 1 || threads > MOST || !arrays) return 1;
    const long each = ELEMENTS / threads;
    for (int t = 0; t < threads; t++)
        shares[t] = (struct share){.a = arrays + t * each,
                                   .b = arrays + ELEMENTS + t * each,
                                   .c = arrays + 2L * ELEMENTS + t * each,
                                   .count = each};
    for (long i = 0; i < 3L * ELEMENTS; i++) arrays[i] = (float)i;
    const double flops = 2.0 * SUMS * LANES * ROUNDS * threads,
                 bytes = 12.0 * (double)each * threads;
    const double compute = best(multiply_add, shares, threads),
                 memory = best(triad, shares, threads);
    printf("%.1f %.1f\n", flops / compute * 1e-9, bytes / memory * 1e-9);
    free(arrays);
    return shares[0].result > 1e30f;
}
