// SPDX-License-Identifier: MIT
/*
 * Random rows and batches in one dtype against sums in a wider one. What a channel's z is off by
 * grows with how far from zero its numbers lie, counted in deviations.
 */

static T *NAME(numbers)(uint64_t *seed, int64_t n, double middle)
{
    T *array = exactly(n, sizeof(T));
    for (int64_t i = 0; i < n; i++) array[i] = (T)(middle + lcg_real(seed));
    return array;
}

/* What plain loops make of channel c, element i of it at x[at(i)]. */
struct NAME(channel) {
    WIDE mean, var, rstd, db, dw, bound;
};

static int64_t NAME(at)(const struct wg__batch *b, int64_t c, int64_t i)
{
    return (i / b->plane * b->c + c) * b->plane + i % b->plane;
}

static struct NAME(channel)
    NAME(plain_channel)(const struct wg__batch *b, int64_t c, const T *x, const T *dy)
{
    struct NAME(channel) to = {0};
    const int64_t n = b->n * b->plane;
    for (int64_t i = 0; i < n; i++) to.mean += x[NAME(at)(b, c, i)] / (WIDE)n;
    for (int64_t i = 0; i < n; i++) {
        const WIDE d = x[NAME(at)(b, c, i)] - to.mean;
        to.var += d * d / (WIDE)n;
    }
    to.rstd = 1 / (WIDE)sqrt((double)to.var + b->eps);
    for (int64_t i = 0; i < n; i++) {
        to.db += dy[NAME(at)(b, c, i)];
        to.dw += dy[NAME(at)(b, c, i)] * (x[NAME(at)(b, c, i)] - to.mean) * to.rstd;
    }
    const WIDE away = to.mean < 0 ? -to.mean : to.mean;
    to.bound = (WIDE)(20 * UNIT + 0x1p-50) * (1 + away * to.rstd);
    return to;
}

static void NAME(expect_near)(const char *what, WIDE got, WIDE wanted, WIDE bound)
{
    const double error = fabs((double)(got - wanted));
    EXPECT_MSG(error <= (double)bound, "%s is off by %g, bound %g", what, error, (double)bound);
}

/* Both adjoints by the statistics that the kernel found. */
static void NAME(check_channel)(const struct wg__batch *b, int64_t c, const T *const *in,
                                T *const *out)
{
    const T *x = in[0], *w = in[1], *bias = in[2], *dy = in[3];
    const struct NAME(channel) plain = NAME(plain_channel)(b, c, x, dy);
    const int64_t n = b->n * b->plane;
    const WIDE    scale = (w[c] < 0 ? -w[c] : w[c]) * plain.rstd;
    NAME(expect_near)("mean", out[1][c], plain.mean, plain.bound / plain.rstd);
    NAME(expect_near)("var", out[2][c], plain.var, plain.bound * plain.var + (WIDE)0x1p-80);
    NAME(expect_near)("db", out[3][c], plain.db, plain.bound * (WIDE)n);
    NAME(expect_near)("dw", out[4][c], plain.dw, 4 * plain.bound * (WIDE)n);
    for (int64_t i = 0; i < n; i++) {
        const int64_t at = NAME(at)(b, c, i);
        const WIDE    z = (x[at] - plain.mean) * plain.rstd, size = z < 0 ? 1 - z : 1 + z;
        const WIDE    dx =
            w[c] * plain.rstd * (dy[at] - plain.db / (WIDE)n - z * plain.dw / (WIDE)n);
        NAME(expect_near)("y", out[0][at], z * w[c] + bias[c], 2 * plain.bound * size);
        NAME(expect_near)("dx", out[5][at], dx, 4 * plain.bound * size * size * scale);
    }
}

static void NAME(try_batch)(const struct wg__kernels *kernels, uint64_t *seed,
                            const struct wg__batch *b, double middle)
{
    const int64_t count = b->n * b->c * b->plane, cut = lcg_below(seed, b->c + 1);
    const struct wg__range parts[2] = {{cut, b->c}, {0, cut}};
    T *in[4] = {NAME(numbers)(seed, count, middle), NAME(numbers)(seed, b->c, 0),
                NAME(numbers)(seed, b->c, 0), NAME(numbers)(seed, count, 0)};
    T *out[6];
    for (int i = 0; i < 6; i++) out[i] = NAME(numbers)(seed, i % 5 == 0 ? count : b->c, 0);
    for (int i = 0; i < 2; i++) {
        FAMILY(kernels).batch_norm(b, in[0], in[1], in[2], out[0], out[1], out[2], parts[i]);
        FAMILY(kernels).batch_norm_sums(b, in[0], out[1], out[2], in[3], out[3], out[4], parts[i]);
        FAMILY(kernels).batch_norm_backward(b, in[0], in[1], out[1], out[2], in[3], out[3], out[4],
                                            out[5], parts[i]);
    }
    for (int64_t c = 0; c < b->c; c++) NAME(check_channel)(b, c, (const T *const *)in, out);
    for (int i = 0; i < 4; i++) free(in[i]);
    for (int i = 0; i < 6; i++) free(out[i]);
}

/* A row is a channel of one image: the same bits, since both are summed alike. */
static void NAME(try_rows)(const struct wg__kernels *kernels, uint64_t *seed, int64_t rows,
                           int64_t n)
{
    const struct wg__batch batch = {.n = 1, .c = rows, .plane = n, .eps = 1e-5};
    const struct wg__range all = {0, rows};
    T *x = NAME(numbers)(seed, rows * n, 2), *y = NAME(numbers)(seed, rows * n, 0);
    T *again = NAME(numbers)(seed, rows * n, 0), *g = NAME(numbers)(seed, rows * n, 0);
    T *one = exactly(rows, sizeof(T)), *zero = exactly(rows, sizeof(T));
    T *mean = exactly(rows, sizeof(T)), *rstd = exactly(rows, sizeof(T));
    T *means = exactly(rows, sizeof(T)), *var = exactly(rows, sizeof(T));
    T *db = exactly(rows, sizeof(T)), *dw = exactly(rows, sizeof(T));
    for (int64_t i = 0; i < rows; i++) one[i] = 1, zero[i] = 0;
    FAMILY(kernels).layer_norm(rows, n, 1e-5, x, NULL, NULL, y, mean, rstd);
    FAMILY(kernels).batch_norm(&batch, x, one, zero, again, means, var, all);
    EXPECT(memcmp(mean, means, (size_t)rows * sizeof(T)) == 0);
    for (int64_t i = 0; i < rows * n; i++)
        EXPECT(fabs((double)(y[i] - again[i])) <= 4 * UNIT * (1 + fabs((double)y[i])));
    FAMILY(kernels).layer_norm_backward(rows, n, x, mean, rstd, g, y);
    FAMILY(kernels).batch_norm_sums(&batch, x, mean, var, g, db, dw, all);
    FAMILY(kernels).batch_norm_backward(&batch, x, one, mean, var, g, db, dw, again, all);
    for (int64_t i = 0; i < rows * n; i++)
        EXPECT(fabs((double)(y[i] - again[i])) <= 64 * UNIT * (double)rstd[i / n]);
    free(x), free(y), free(again), free(g), free(one), free(zero), free(mean), free(rstd);
    free(means), free(var), free(db), free(dw);
}

static void NAME(try_norms)(const struct wg__kernels *kernels)
{
    uint64_t seed = 12;
    for (int i = 0; i < 1000; i++) {
        const struct wg__batch batch = {.n = lcg_between(&seed, 1, 4),
                                        .c = lcg_between(&seed, 1, 4),
                                        .plane = lcg_between(&seed, 2, i % 50 == 0 ? 9000 : 200),
                                        .eps = 1e-5};
        NAME(try_batch)(kernels, &seed, &batch, i % 3 == 0 ? 100 : 0.5);
        NAME(try_rows)(kernels, &seed, lcg_between(&seed, 1, 3), lcg_between(&seed, 2, 300));
    }
}
