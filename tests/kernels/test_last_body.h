// SPDX-License-Identifier: MIT
/* Images with channels last in one dtype: the same as of packed images, turned. */

/* (n, c, pixels) as (n, pixels, c). */
static T *NAME(turned)(const T *x, int64_t n, int64_t c, int64_t pixels)
{
    T *to = exactly(n * c * pixels, sizeof(T));
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < c; k++)
            for (int64_t p = 0; p < pixels; p++)
                to[(i * pixels + p) * c + k] = x[(i * c + k) * pixels + p];
    return to;
}

static T *NAME(numbers)(uint64_t *seed, int64_t count, T low)
{
    T *x = exactly(count, sizeof(T));
    for (int64_t i = 0; i < count; i++) x[i] = low + (T)lcg_real(seed);
    return x;
}

/* Expects (n, pixels, c) to be (n, c, pixels), turned, but for `most` of its largest size. */
static void NAME(expect_turned)(const char *what, const T *last, const T *packed, int64_t n,
                                int64_t c, int64_t pixels, double most)
{
    T     *wanted = NAME(turned)(packed, n, c, pixels);
    double size = 1, worst = 0;
    for (int64_t i = 0; i < n * c * pixels; i++) {
        const bool same = last[i] == wanted[i] || (last[i] != last[i] && wanted[i] != wanted[i]);
        size = fmax(size, fabs((double)wanted[i]));
        if (!same) worst = fmax(worst, fabs((double)last[i] - (double)wanted[i]));
    }
    EXPECT_MSG(worst <= most * size, "%s: %g of %g", what, worst, size);
    free(wanted);
}

static void NAME(try_batch_norm)(const struct wg__kernels *kernels, uint64_t *seed)
{
    const struct wg__batch batch = {.n = lcg_between(seed, 1, 4),
                                    .c = WG__TOGETHER * lcg_between(seed, 1, 11),
                                    .plane = lcg_between(seed, 1, 200),
                                    .eps = 1e-5};
    const int64_t          c = batch.c, count = batch.n * c * batch.plane;
    const double           most = 64 * (double)UNIT;
    T                     *x = NAME(numbers)(seed, count, 2), *dy = NAME(numbers)(seed, count, 0);
    T                     *w = NAME(numbers)(seed, c, 1), *b = NAME(numbers)(seed, c, 0);
    T                     *x_last = NAME(turned)(x, batch.n, c, batch.plane);
    T                     *dy_last = NAME(turned)(dy, batch.n, c, batch.plane);
    T                     *y = exactly(count, sizeof(T)), *y_last = exactly(count, sizeof(T));
    T                     *of[2][4];
    for (int i = 0; i < 8; i++) of[i / 4][i % 4] = exactly(c, sizeof(T));
    const struct wg__range all = {0, c}, groups = {0, c / WG__TOGETHER};
    FAMILY(kernels).batch_norm(&batch, x, w, b, y, of[0][0], of[0][1], all);
    FAMILY(kernels).last.batch_norm(&batch, x_last, w, b, y_last, of[1][0], of[1][1], groups);
    if (batch.n * batch.plane > 8)
        NAME(expect_turned)("y", y_last, y, batch.n, c, batch.plane, 16 * most);
    FAMILY(kernels).batch_norm_sums(&batch, x, of[0][0], of[0][1], dy, of[0][2], of[0][3], all);
    FAMILY(kernels).last.batch_norm_sums(&batch, x_last, of[0][0], of[0][1], dy_last, of[1][2],
                                         of[1][3], groups);
    for (int i = 0; i < 4; i++)
        NAME(expect_turned)("statistics", of[1][i], of[0][i], 1, c, 1, 16 * most);
    FAMILY(kernels).batch_norm_backward(&batch, x, w, of[0][0], of[0][1], dy, of[0][2], of[0][3], y,
                                        all);
    FAMILY(kernels).last.batch_norm_backward(&batch, x_last, w, of[0][0], of[0][1], dy_last,
                                             of[0][2], of[0][3], y_last, groups);
    NAME(expect_turned)("dx", y_last, y, batch.n, c, batch.plane, most);
    T *const arrays[] = {x, dy, w, b, x_last, dy_last, y, y_last};
    for (int i = 0; i < 8; i++) free(arrays[i]), free(of[i / 4][i % 4]);
}

/* Ties and NaN are frequent. */
static T *NAME(few)(uint64_t *seed, int64_t count)
{
    T *x = exactly(count, sizeof(T));
    for (int64_t i = 0; i < count; i++) {
        const int64_t value = lcg_below(seed, 20);
        x[i] = value == 0 ? (T)NAN : (T)(value % 4 - 2);
    }
    return x;
}

static void NAME(try_max_pool)(const struct wg__kernels *kernels, uint64_t *seed)
{
    const struct wg__pool2d v = any_pool(seed, 2);
    const int64_t           n = v.n, c = v.c, in = v.h * v.w, out = v.p * v.q;
    T                      *x = NAME(few)(seed, n * c * in), *x_last = NAME(turned)(x, n, c, in);
    T       *dy = NAME(few)(seed, n * c * out), *dy_last = NAME(turned)(dy, n, c, out);
    T       *y = exactly(n * c * out, sizeof(T)), *y_last = exactly(n * c * out, sizeof(T));
    T       *dx = exactly(n * c * in, sizeof(T)), *dx_last = exactly(n * c * in, sizeof(T));
    int64_t *place = exactly(n * c * out, sizeof *place),
            *found = exactly(n * c * out, sizeof *place);
    FAMILY(kernels).max_pool2d(&v, x, y, place);
    FAMILY(kernels).last.max_pool2d(&v, x_last, y_last, found);
    int64_t *wanted = places_last(place, &v);
    EXPECT(memcmp(found, wanted, (size_t)(n * c * out) * sizeof *found) == 0);
    NAME(expect_turned)("max", y_last, y, n, c, out, 0);
    FAMILY(kernels).last.max_pool2d(&v, x_last, y_last, NULL);
    NAME(expect_turned)("max alone", y_last, y, n, c, out, 0);
    FAMILY(kernels).max_pool2d_backward(&v, dy, place, dx);
    FAMILY(kernels).last.max_pool2d_backward(&v, dy_last, wanted, dx_last);
    NAME(expect_turned)("dx of max", dx_last, dx, n, c, in, 0);
    FAMILY(kernels).max_pool2d_gather(&v, x, place, y);
    FAMILY(kernels).last.max_pool2d_gather(&v, x_last, wanted, y_last);
    NAME(expect_turned)("gather", y_last, y, n, c, out, 0);
    T *const arrays[] = {x, x_last, dy, dy_last, y, y_last, dx, dx_last};
    for (int i = 0; i < 8; i++) free(arrays[i]);
    free(place), free(found), free(wanted);
}

static void NAME(try_avg_pool)(const struct wg__kernels *kernels, uint64_t *seed)
{
    const struct wg__pool2d v = any_pool(seed, 1);
    const int64_t           n = v.n, c = v.c, in = v.h * v.w, out = v.p * v.q;
    T *x = NAME(numbers)(seed, n * c * in, 0), *x_last = NAME(turned)(x, n, c, in);
    T *y = exactly(n * c * out, sizeof(T)), *y_last = exactly(n * c * out, sizeof(T));
    FAMILY(kernels).avg_pool2d(&v, x, y);
    FAMILY(kernels).last.avg_pool2d(&v, x_last, y_last);
    NAME(expect_turned)("mean", y_last, y, n, c, out, 4 * (double)UNIT);
    T *dy_last = NAME(turned)(y, n, c, out);
    FAMILY(kernels).avg_pool2d_backward(&v, y, x);
    FAMILY(kernels).last.avg_pool2d_backward(&v, dy_last, x_last);
    NAME(expect_turned)("dx of mean", x_last, x, n, c, in, 4 * (double)UNIT);
    free(x), free(x_last), free(y), free(y_last), free(dy_last);
}

static void NAME(try_all)(const struct wg__kernels *kernels, int trials)
{
    for (int i = 0; i < trials; i++) {
        uint64_t seed = (uint64_t)i;
        NAME(try_batch_norm)(kernels, &seed);
        NAME(try_max_pool)(kernels, &seed);
        NAME(try_avg_pool)(kernels, &seed);
    }
}
