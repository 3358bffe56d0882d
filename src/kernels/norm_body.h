// SPDX-License-Identifier: MIT
/* Normalisation: two looks at a row or channel for its statistics, one to use them. */

enum { NAME(moment_steps) = 64 /* vectors that one sum in T takes */ };

/* The sums of two rows of vectors, in T, which are then added to out in double. */
static void NAME(add_lanes)(const NAME(vector) first[4], const NAME(vector) second[4],
                            double out[2])
{
    const NAME(vector) a = (first[0] + first[1]) + (first[2] + first[3]);
    const NAME(vector) b = (second[0] + second[1]) + (second[2] + second[3]);
    for (int i = 0; i < NAME(lanes); i++) {
        out[0] += (double)a[i];
        out[1] += (double)b[i];
    }
}

/* out[0] += sum f, out[1] += sum f d, where d = x - shift, and f is g, or d without it */
WG__INLINE void NAME(add_moments)(int64_t n, const T *x, const T *g, T shift, double out[2])
{
    for (int64_t i = 0; i + NAME(lanes) <= n;) {
        NAME(vector) first[4] = {{0}}, second[4] = {{0}};
        const int64_t left = (n - i) / NAME(lanes);
        const int64_t vectors = left < 4 * NAME(moment_steps) ? left : 4 * NAME(moment_steps);
        for (int64_t k = 0; k < vectors / 4 * 4; k += 4)
            WG__UNROLL
            for (int v = 0; v < 4; v++, i += NAME(lanes)) {
                const NAME(vector) d = *(const NAME(vector_at) *)(x + i) - shift;
                NAME(vector) f = d;
                if (g) f = *(const NAME(vector_at) *)(g + i);
                first[v] += f;
                second[v] += f * d;
            }
        for (int64_t k = vectors / 4 * 4; k < vectors; k++, i += NAME(lanes)) {
            const NAME(vector) d = *(const NAME(vector_at) *)(x + i) - shift;
            NAME(vector) f = d;
            if (g) f = *(const NAME(vector_at) *)(g + i);
            first[0] += f;
            second[0] += f * d;
        }
        NAME(add_lanes)(first, second, out);
    }
    for (int64_t i = n / NAME(lanes) * NAME(lanes); i < n; i++) {
        const T d = x[i] - shift, f = g ? g[i] : d;
        out[0] += (double)f;
        out[1] += (double)f * (double)d;
    }
}

/* Mean and variance from the moments of `n` elements about `shift`, which is near the mean. */
static void NAME(statistics)(const double moments[2], double n, T shift, double *mean, double *var)
{
    const double rest = moments[0] / n, squares = moments[1] / n - rest * rest;
    *mean = (double)shift + rest;
    *var = squares < 0 ? 0 : squares;
}

static void NAME(layer_norm)(int64_t rows, int64_t n, double eps, const T *x, const T *w,
                             const T *b, T *y, T *means, T *rstds)
{
    for (int64_t i = 0; i < rows; i++, x += n, y += n) {
        double about_zero[2] = {0}, about_mean[2] = {0}, mean, var;
        NAME(add_moments)(n, x, NULL, 0, about_zero);
        const T shift = (T)(about_zero[0] / (double)n);
        NAME(add_moments)(n, x, NULL, shift, about_mean);
        NAME(statistics)(about_mean, (double)n, shift, &mean, &var);
        const T level = means[i] = (T)mean, scale = rstds[i] = (T)(1 / sqrt(var + eps));
        if (b)
            for (int64_t j = 0; j < n; j++) y[j] = (x[j] - level) * scale * w[j] + b[j];
        else if (w)
            for (int64_t j = 0; j < n; j++) y[j] = (x[j] - level) * scale * w[j];
        else
            for (int64_t j = 0; j < n; j++) y[j] = (x[j] - level) * scale;
    }
}

static void NAME(layer_norm_backward)(int64_t rows, int64_t n, const T *x, const T *means,
                                      const T *rstds, const T *g, T *dx)
{
    for (int64_t i = 0; i < rows; i++, x += n, g += n, dx += n) {
        const double rstd = (double)rstds[i];
        double       moments[2] = {0};
        NAME(add_moments)(n, x, g, means[i], moments);
        const T mean = means[i], scale = rstds[i], level = (T)(moments[0] / (double)n),
                slope = (T)(moments[1] * rstd * rstd / (double)n);
        for (int64_t j = 0; j < n; j++) dx[j] = scale * (g[j] - level - (x[j] - mean) * slope);
    }
}

/* ---- channels ---- */

/* The moments of channel c over all images, of x alone or with g. */
static void NAME(channel_moments)(const struct wg__batch *batch, int64_t c, const T *x, const T *g,
                                  T shift, double out[2])
{
    out[0] = out[1] = 0;
    for (int64_t i = 0; i < batch->n; i++) {
        const int64_t at = (i * batch->c + c) * batch->plane;
        if (g)
            NAME(add_moments)(batch->plane, x + at, g + at, shift, out);
        else
            NAME(add_moments)(batch->plane, x + at, NULL, shift, out);
    }
}

static void NAME(batch_norm)(const struct wg__batch *batch, const T *x, const T *w, const T *b,
                             T *y, T *means, T *vars, struct wg__range channels)
{
    const double n = (double)batch->n * (double)batch->plane;
    for (int64_t c = channels.first; c < channels.end; c++) {
        double moments[2], mean, var;
        NAME(channel_moments)(batch, c, x, NULL, 0, moments);
        const T shift = (T)(moments[0] / n);
        NAME(channel_moments)(batch, c, x, NULL, shift, moments);
        NAME(statistics)(moments, n, shift, &mean, &var);
        const T level = means[c] = (T)mean, bias = b[c];
        const T scale = (T)((double)w[c] / sqrt((double)(vars[c] = (T)var) + batch->eps));
        for (int64_t i = 0; i < batch->n; i++) {
            const int64_t at = (i * batch->c + c) * batch->plane;
            for (int64_t j = at; j < at + batch->plane; j++) y[j] = (x[j] - level) * scale + bias;
        }
    }
}

static void NAME(batch_norm_sums)(const struct wg__batch *batch, const T *x, const T *means,
                                  const T *vars, const T *dy, T *db, T *dw,
                                  struct wg__range channels)
{
    for (int64_t c = channels.first; c < channels.end; c++) {
        double moments[2];
        NAME(channel_moments)(batch, c, x, dy, means[c], moments);
        db[c] = (T)moments[0];
        dw[c] = (T)(moments[1] / sqrt((double)vars[c] + batch->eps));
    }
}

static void NAME(batch_norm_backward)(const struct wg__batch *batch, const T *x, const T *w,
                                      const T *means, const T *vars, const T *dy, const T *db,
                                      const T *dw, T *dx, struct wg__range channels)
{
    const double n = (double)batch->n * (double)batch->plane;
    for (int64_t c = channels.first; c < channels.end; c++) {
        const double rstd = 1 / sqrt((double)vars[c] + batch->eps);
        const T      mean = means[c], scale = (T)((double)w[c] * rstd);
        const T      level = (T)((double)db[c] / n), slope = (T)((double)dw[c] * rstd / n);
        for (int64_t i = 0; i < batch->n; i++) {
            const int64_t at = (i * batch->c + c) * batch->plane;
            for (int64_t j = at; j < at + batch->plane; j++)
                dx[j] = scale * (dy[j] - level - (x[j] - mean) * slope);
        }
    }
}
