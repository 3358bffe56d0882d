// SPDX-License-Identifier: MIT
/* The part of the matrix product that is the same for every element type and instruction set. */
#include "gemm.h"

static int64_t at_most(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/*
 * A block of each operand, rounded up to whole panels of any instruction set (which divide 128
 * bytes, and 24 rows); either may be the wide one.
 */
size_t wg__gemm_scratch(int64_t m, int64_t n, int64_t k, size_t element)
{
    const int64_t panel = 128 / (int64_t)element;
    const int64_t lines = m > n ? m : n, depth = at_most(k, WG__GEMM_K);
    const int64_t wide = at_most(lines, WG__GEMM_N_BYTES / (int64_t)element - panel) + panel;
    const int64_t tall = at_most(lines, WG__GEMM_M - 24) + 24;
    return (size_t)((wide + tall) * depth + panel) * element;
}

size_t wg__gemm_packed(int64_t n, int64_t k, size_t element)
{
    const int64_t panel = 128 / (int64_t)element;
    return (size_t)((n + panel - 1) / panel * panel * k) * element;
}
