// SPDX-License-Identifier: MIT
/* The softmax family in one dtype against the definitions in a wider one. */

/* log sum exp of a row, by the definition; x is small enough for it. */
static WIDE NAME(plain_logsumexp)(int64_t n, const T *x)
{
    WIDE sum = 0;
    for (int64_t i = 0; i < n; i++) sum += (WIDE)exp((double)x[i]);
    return (WIDE)log((double)sum);
}

/* A few roundings of what is near 1, and of the sums of n terms. */
static void NAME(check_near)(double got, double wanted, int64_t n)
{
    const double unit =
        UNIT > 0x1p-50 ? UNIT : 0x1p-51; /* the wider exp and log here are double's */
    EXPECT_MSG(fabs(got - wanted) <= (double)(n + 8) * unit * (1 + fabs(wanted)),
               "got %.17g, wanted %.17g", got, wanted);
}

static void NAME(try_row)(const struct wg__kernels *kernels, uint64_t *seed, int64_t n)
{
    enum { ROWS = 3 };
    const int64_t count = ROWS * n;
    T            *x = exactly(count, sizeof(T)), *y = exactly(count, sizeof(T)),
      *log_y = exactly(count, sizeof(T));
    T *dy = exactly(count, sizeof(T)), *dx = exactly(count, sizeof(T)),
      *log_dx = exactly(count, sizeof(T)), lse[ROWS];
    for (int64_t i = 0; i < count; i++) x[i] = (T)(3 * lcg_real(seed)), dy[i] = (T)lcg_real(seed);
    FAMILY(kernels).logsumexp(ROWS, n, x, lse);
    FAMILY(kernels).softmax(ROWS, n, x, y);
    FAMILY(kernels).log_softmax(ROWS, n, x, log_y);
    FAMILY(kernels).softmax_backward(ROWS, n, y, dy, dx);
    FAMILY(kernels).log_softmax_backward(ROWS, n, log_y, dy, log_dx);
    for (int64_t row = 0; row < ROWS; row++) {
        const WIDE wanted = NAME(plain_logsumexp)(n, x + row * n);
        WIDE       dot = 0, sum = 0;
        NAME(check_near)((double)lse[row], (double)wanted, n);
        for (int64_t i = row * n; i < (row + 1) * n; i++) dot += (WIDE)dy[i] * y[i], sum += dy[i];
        for (int64_t i = row * n; i < (row + 1) * n; i++) {
            NAME(check_near)((double)log_y[i], (double)(x[i] - wanted), n);
            NAME(check_near)((double)y[i], exp((double)(x[i] - wanted)), n);
            NAME(check_near)((double)dx[i], (double)(y[i] * (dy[i] - dot)), n);
            const WIDE log_wanted = dy[i] - (WIDE)exp((double)log_y[i]) * sum;
            NAME(check_near)((double)log_dx[i], (double)log_wanted, n);
        }
    }
    FAMILY(kernels).softmax(ROWS, n, x, x); /* in place */
    EXPECT(memcmp(x, y, (size_t)count * sizeof(T)) == 0);
    FAMILY(kernels).log_softmax_backward(ROWS, n, log_y, dy, dy);
    EXPECT(memcmp(dy, log_dx, (size_t)count * sizeof(T)) == 0);
    free(x), free(y), free(log_y), free(dy), free(dx), free(log_dx);
}

/* A row in place, of whole vectors, against the same one in a wider type. */
static void NAME(try_vectors)(const struct wg__kernels *kernels, uint64_t *seed, int64_t n)
{
    T   *y = exactly(n, sizeof(T)), *dx = exactly(n, sizeof(T)), *dy = exactly(n, sizeof(T));
    WIDE sum = 0, dot = 0, *wanted = exactly(n, sizeof(WIDE));
    for (int64_t i = 0; i < n; i++) {
        y[i] = i % 17 == 5 ? -(T)INFINITY : (T)(300 + 3 * lcg_real(seed));
        dx[i] = dy[i] = (T)lcg_real(seed);
        sum += wanted[i] = (WIDE)exp((double)y[i] - 300);
    }
    FAMILY(kernels).attention.softmax(n, y);
    for (int64_t i = 0; i < n; i++) {
        NAME(check_near)((double)y[i], (double)(wanted[i] / sum), n);
        dot += (WIDE)dy[i] * y[i];
    }
    FAMILY(kernels).attention.softmax_backward(n, (T)0.75, y, dx);
    for (int64_t i = 0; i < n; i++)
        NAME(check_near)((double)dx[i], (double)((WIDE)0.75 * y[i] * (dy[i] - dot)), n);
    free(y), free(dx), free(dy), free(wanted);
}

static void NAME(try_rows)(const struct wg__kernels *kernels)
{
    uint64_t seed = 7;
    for (int i = 0; i < 1000; i++) NAME(try_row)(kernels, &seed, lcg_between(&seed, 1, 70));
    NAME(try_row)(kernels, &seed, 2 * WG__CASCADE * WG__LANES + 5);
    for (int64_t n = 0; n <= 2 * WG__BLOCK + 16; n += 16) NAME(try_vectors)(kernels, &seed, n);
}

/* Large and infinite numbers, as in PyTorch. */
static void NAME(try_edges)(const struct wg__kernels *kernels)
{
    const T inf = (T)INFINITY, large[2] = {1000, 1000}, low[2] = {-inf, -inf}, high[2] = {inf, 0};
    const T half[2] = {-inf, 5}, nan[2] = {1, (T)NAN};
    T       y[2], lse;
    FAMILY(kernels).softmax(1, 2, large, y);
    EXPECT(y[0] == (T)0.5 && y[1] == (T)0.5);
    FAMILY(kernels).log_softmax(1, 2, large, y);
    NAME(check_near)((double)y[0], log(0.5), 2);
    FAMILY(kernels).softmax(1, 2, low, y);
    EXPECT(isnan(y[0]) && isnan(y[1]));
    FAMILY(kernels).log_softmax(1, 2, low, y);
    EXPECT(isnan(y[0]) && isnan(y[1]));
    FAMILY(kernels).logsumexp(1, 2, low, &lse);
    EXPECT(lse == -inf);
    FAMILY(kernels).logsumexp(1, 2, high, &lse);
    EXPECT(lse == inf);
    FAMILY(kernels).logsumexp(1, 0, high, &lse);
    EXPECT(lse == -inf);
    FAMILY(kernels).softmax(1, 2, half, y);
    EXPECT(y[0] == 0 && y[1] == 1);
    FAMILY(kernels).logsumexp(1, 2, nan, &lse);
    EXPECT(isnan(lse));
    FAMILY(kernels).softmax(1, 2, nan, y);
    EXPECT(isnan(y[0]) && isnan(y[1]));
    T row[16] = {[15] = (T)NAN};
    FAMILY(kernels).attention.softmax(16, row);
    for (int i = 0; i < 16; i++) EXPECT(isnan(row[i]));
}
