// SPDX-License-Identifier: MIT
/*
 * Repeatable random numbers for the tests of kernels, and exact-size memory, so that sanitizers see
 * every step beside it.
 */
#ifndef WENGERT_TESTS_KERNELS_LCG_H
#define WENGERT_TESTS_KERNELS_LCG_H

#include <stdint.h>
#include <stdlib.h>

/* Knuth's MMIX generator. */
static inline uint64_t lcg_next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* 0 to n - 1 */
static inline int64_t lcg_below(uint64_t *state, int64_t n)
{
    return (int64_t)(lcg_next(state) % (uint64_t)n);
}

/* low to high, both included */
static inline int64_t lcg_between(uint64_t *state, int64_t low, int64_t high)
{
    return low + lcg_below(state, high - low + 1);
}

/* -1 to 1 */
static inline double lcg_real(uint64_t *state)
{
    return (double)lcg_next(state) / 1073741824.0 - 1;
}

/* Never NULL for 0 bytes. */
static inline void *exactly(int64_t count, size_t element)
{
    return malloc(count > 0 ? (size_t)count * element : 1);
}

#endif
