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

WG__INLINE NAME(vector) NAME(larger_vector)(NAME(vector) a, NAME(vector) b)
{
    const NAME(mask) take = (NAME(mask))(a > b);
    return (NAME(vector))((take & (NAME(mask))a) | (~take & (NAME(mask))b));
}

/* The largest; NaN is passed over, for it shows in the sum anyway. */
static T NAME(row_max)(int64_t n, const T *x)
{
    const NAME(vector_at) *vectors = (const NAME(vector_at) *)x;
    NAME(vector) best[2] = {(NAME(vector)){0} - (T)INFINITY, (NAME(vector)){0} - (T)INFINITY};
    T       lane[NAME(lanes)], max;
    int64_t i = 0;
    for (; i + 2 <= n / NAME(lanes); i += 2)
        WG__UNROLL
        for (int v = 0; v < 2; v++) best[v] = NAME(larger_vector)(vectors[i + v], best[v]);
    if (i < n / NAME(lanes)) best[0] = NAME(larger_vector)(vectors[i++], best[0]);
    best[0] = NAME(larger_vector)(best[1], best[0]);
    memcpy(lane, best, sizeof lane);
    WG__UNROLL
    for (int half = NAME(lanes) / 2; half > 0; half /= 2)
        for (int j = 0; j < half; j++) lane[j] = NAME(larger)(lane[j + half], lane[j]);
    max = lane[0];
    for (i *= NAME(lanes); i < n; i++) max = NAME(larger)(x[i], max);
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

/* ---- one row in place, of whole vectors ---- */

/* sum of x[i] of a block */
static T NAME(vectors_sum)(int64_t n, const T *x)
{
    NAME(vector) sum = {0};
    for (int64_t i = 0; i < n; i += NAME(lanes)) sum += *(const NAME(vector_at) *)(x + i);
    return NAME(lanes_sum)(sum);
}

/* sum of a[i] b[i] of a block */
static T NAME(vectors_dot)(int64_t n, const T *a, const T *b)
{
    NAME(vector) sum = {0};
    for (int64_t i = 0; i < n; i += NAME(lanes))
        sum += *(const NAME(vector_at) *)(a + i) * *(const NAME(vector_at) *)(b + i);
    return NAME(lanes_sum)(sum);
}

static void NAME(softmax_vectors)(int64_t n, T *x)
{
    const T max = NAME(row_max)(n, x);
    T       sum = 0;
    for (int64_t i = 0; i < n; i++) x[i] = NAME(exp)(x[i] - max);
    for (int64_t i = 0; i < n; i += WG__BLOCK)
        sum += NAME(vectors_sum)(NAME(at_most)(n - i, WG__BLOCK), x + i);
    const T factor = 1 / sum;
    for (int64_t i = 0; i < n; i++) x[i] *= factor;
}

static void NAME(softmax_vectors_backward)(int64_t n, T scale, const T *y, T *dy)
{
    T sum = 0;
    for (int64_t i = 0; i < n; i += WG__BLOCK)
        sum += NAME(vectors_dot)(NAME(at_most)(n - i, WG__BLOCK), y + i, dy + i);
    for (int64_t i = 0; i < n; i++) dy[i] = scale * y[i] * (dy[i] - sum);
}
