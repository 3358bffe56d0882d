// SPDX-License-Identifier: MIT
/* A matrix by a vector. */

/*
 * Four elements of y or one, in the same order each: a row and x are multiplied by two vectors at a
 * time, whose lanes are added up at the end, as is what is left of the row.
 */
WG__INLINE void NAME(gemv_rows)(int rows, int64_t k, const T *a, const T *x, T *y)
{
    enum { STEP = NAME(tile_columns) };
    NAME(vector) sum[4][2];
    int64_t p = 0;
    WG__UNROLL
    for (int i = 0; i < rows; i++) sum[i][0] = sum[i][1] = (NAME(vector)){0};
    for (; p + STEP <= k; p += STEP)
        WG__UNROLL
        for (int half = 0; half < 2; half++) {
            const int64_t at = p + half * NAME(lanes);
            const NAME(vector) seen = *(const NAME(vector_at) *)(x + at);
            WG__UNROLL
            for (int i = 0; i < rows; i++)
                sum[i][half] += *(const NAME(vector_at) *)(a + i * k + at) * seen;
        }
    for (int i = 0; i < rows; i++) {
        T rest = 0;
        for (int64_t j = p; j < k; j++) rest = NAME(multiply_add)(a[i * k + j], x[j], rest);
        y[i] = NAME(lanes_sum)(sum[i][0] + sum[i][1]) + rest;
    }
}

static void NAME(gemv)(int64_t m, int64_t k, const T *a, const T *x, const T *bias, T *y)
{
    int64_t i = 0;
    for (; i + 4 <= m; i += 4) NAME(gemv_rows)(4, k, a + i * k, x, y + i);
    for (; i < m; i++) NAME(gemv_rows)(1, k, a + i * k, x, y + i);
    for (i = 0; bias && i < m; i++) y[i] += bias[i];
}
