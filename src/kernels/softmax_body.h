// SPDX-License-Identifier: MIT
/* The softmax family over packed rows. Sums go by blocks, in the order of sum_body.h. */

static const struct wg__loops NAME(packed) = {.rank = 1, .stride = {1}};

/* sum of exp(x[i] - shift) */
static T NAME(sum_exp)(int64_t n, const T *x, T shift)
{
    T total = 0, terms[NAME(block_size)];
    for (int64_t start = 0; start < n; start += NAME(block_size)) {
        const int count = NAME(share)(n - start, NAME(block_size));
        for (int i = 0; i < count; i++) terms[i] = NAME(exp)(x[start + i] - shift);
        total += NAME(sum_block)(&NAME(packed), terms, 0, count);
    }
    return total;
}

/* sum of a[i] b[i]; of b[i] alone without a */
static T NAME(dot)(int64_t n, const T *a, const T *b)
{
    T total = 0, terms[NAME(block_size)];
    for (int64_t start = 0; start < n; start += NAME(block_size)) {
        const int count = NAME(share)(n - start, NAME(block_size));
        if (a)
            for (int i = 0; i < count; i++) terms[i] = a[start + i] * b[start + i];
        total += NAME(sum_block)(&NAME(packed), a ? terms : b + start, 0, count);
    }
    return total;
}

WG__INLINE T NAME(larger)(T a, T b)
{
    return a > b ? a : b;
}

/* The largest; NaN is passed over, for it shows in the sum anyway. */
static T NAME(row_max)(int64_t n, const T *x)
{
    T       max = -(T)INFINITY, best[WG__LANES];
    int64_t i = 0;
    if (n >= WG__LANES) {
        for (int j = 0; j < WG__LANES; j++) best[j] = max;
        for (; i + WG__LANES <= n; i += WG__LANES)
            for (int j = 0; j < WG__LANES; j++) best[j] = NAME(larger)(x[i + j], best[j]);
        for (int half = WG__LANES / 2; half > 0; half /= 2)
            for (int j = 0; j < half; j++) best[j] = NAME(larger)(best[j + half], best[j]);
        max = best[0];
    }
    for (; i < n; i++) max = NAME(larger)(x[i], max);
    return max;
}

/* log sum exp x = m + log sum exp(x - m), with m = max x where that is finite and 0 elsewhere */
static void NAME(logsumexp)(int64_t rows, int64_t n, const T *x, T *y)
{
    for (int64_t i = 0; i < rows; i++, x += n) {
        const T max = NAME(row_max)(n, x), shift = isinf(max) ? 0 : max;
        y[i] = shift + NAME(log)(NAME(sum_exp)(n, x, shift));
    }
}

/* y = exp(x - max x) / sum exp(x - max x) */
static void NAME(softmax)(int64_t rows, int64_t n, const T *x, T *y)
{
    for (int64_t i = 0; i < rows; i++, x += n, y += n) {
        const T max = NAME(row_max)(n, x);
        for (int64_t j = 0; j < n; j++) y[j] = NAME(exp)(x[j] - max);
        const T sum = NAME(dot)(n, NULL, y);
        for (int64_t j = 0; j < n; j++) y[j] /= sum;
    }
}

/* y = x - max x - log sum exp(x - max x) */
static void NAME(log_softmax)(int64_t rows, int64_t n, const T *x, T *y)
{
    for (int64_t i = 0; i < rows; i++, x += n, y += n) {
        const T max = NAME(row_max)(n, x), log_sum = NAME(log)(NAME(sum_exp)(n, x, max));
        for (int64_t j = 0; j < n; j++) y[j] = x[j] - max - log_sum;
    }
}

/* dx = y (dy - sum dy y) */
static void NAME(softmax_backward)(int64_t rows, int64_t n, const T *y, const T *dy, T *dx)
{
    for (int64_t i = 0; i < rows; i++, y += n, dy += n, dx += n) {
        const T sum = NAME(dot)(n, dy, y);
        for (int64_t j = 0; j < n; j++) dx[j] = y[j] * (dy[j] - sum);
    }
}

/* dx = dy - exp(y) sum dy */
static void NAME(log_softmax_backward)(int64_t rows, int64_t n, const T *y, const T *dy, T *dx)
{
    for (int64_t i = 0; i < rows; i++, y += n, dy += n, dx += n) {
        const T sum = NAME(dot)(n, NULL, dy);
        for (int64_t j = 0; j < n; j++) dx[j] = dy[j] - NAME(exp)(y[j]) * sum;
    }
}
