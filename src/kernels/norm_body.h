// SPDX-License-Identifier: MIT
/* Normalisation: two looks at a row or channel for its statistics, one to use them. */

enum { NAME(moment_rounds) = 64 /* of four vectors each, that one sum in T takes */ };

/* Two sums over stretches of memory: in T for some rounds, then added to `total` in double. */
struct NAME(moments) {
    NAME(vector) first[4], second[4];
    int64_t      rounds; /* since they were last added up */
    double       total[2];
};

static void NAME(add_lanes)(struct NAME(moments) *m)
{
    const NAME(vector) a = (m->first[0] + m->first[1]) + (m->first[2] + m->first[3]);
    const NAME(vector) b = (m->second[0] + m->second[1]) + (m->second[2] + m->second[3]);
    for (int i = 0; i < NAME(lanes); i++) {
        m->total[0] += (double)a[i];
        m->total[1] += (double)b[i];
    }
    for (int v = 0; v < 4; v++) m->first[v] = m->second[v] = (NAME(vector)){0};
    m->rounds = 0;
}

/* A round of up to four vectors; see add_moments. */
WG__INLINE void NAME(add_round)(int vectors, const T *x, const T *g, T shift, NAME(vector) *first,
                                NAME(vector) *second)
{
    WG__UNROLL
    for (int v = 0; v < vectors; v++) {
        const NAME(vector) d = *(const NAME(vector_at) *)(x + v * NAME(lanes)) - shift;
        NAME(vector) f = d;
        if (g) f = *(const NAME(vector_at) *)(g + v * NAME(lanes));
        first[v] += f;
        second[v] += f * d;
    }
}

/* Adds f and f d, where d = x - shift, and f is g, or d without it; rounds are counted. */
WG__INLINE void NAME(add_moments)(struct NAME(moments) *m, int64_t n, const T *x, const T *g,
                                  T shift)
{
    enum { ROUND = 4 * NAME(lanes) };
    int64_t i = 0;
    while (i + NAME(lanes) <= n) {
        NAME(vector) first[4], second[4];
        const int64_t most = i + (NAME(moment_rounds) - m->rounds) * ROUND;
        const int64_t start = i, end = most < n ? most : n;
        memcpy(first, m->first, sizeof first);
        memcpy(second, m->second, sizeof second);
        for (; i + ROUND <= end; i += ROUND)
            NAME(add_round)(4, x + i, g ? g + i : NULL, shift, first, second);
        for (int v = 0; v < 3 && i + NAME(lanes) <= end; v++, i += NAME(lanes))
            NAME(add_round)(1, x + i, g ? g + i : NULL, shift, first + v, second + v);
        memcpy(m->first, first, sizeof first);
        memcpy(m->second, second, sizeof second);
        m->rounds += (i - start + ROUND - 1) / ROUND;
        if (m->rounds >= NAME(moment_rounds)) NAME(add_lanes)(m);
    }
    for (; i < n; i++) {
        const T d = x[i] - shift, f = g ? g[i] : d;
        m->total[0] += (double)f;
        m->total[1] += (double)f * (double)d;
    }
}

/* out[0] = sum f, out[1] = sum f d over one stretch */
WG__INLINE void NAME(moments_of)(int64_t n, const T *x, const T *g, T shift, double out[2])
{
    struct NAME(moments) m = {.rounds = 0};
    NAME(add_moments)(&m, n, x, g, shift);
    NAME(add_lanes)(&m);
    memcpy(out, m.total, sizeof m.total);
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
        double about_zero[2], about_mean[2], mean, var;
        NAME(moments_of)(n, x, NULL, 0, about_zero);
        const T shift = (T)(about_zero[0] / (double)n);
        NAME(moments_of)(n, x, NULL, shift, about_mean);
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
        double       moments[2];
        NAME(moments_of)(n, x, g, means[i], moments);
        const T mean = means[i], scale = rstds[i], level = (T)(moments[0] / (double)n),
                slope = (T)(moments[1] * rstd * rstd / (double)n);
        for (int64_t j = 0; j < n; j++) dx[j] = scale * (g[j] - level - (x[j] - mean) * slope);
    }
}

/* ---- channels ---- */

/* The moments of channel c over all images, of x alone or with g. */
WG__INLINE void NAME(channel_moments)(const struct wg__batch *batch, int64_t c, const T *x,
                                      const T *g, T shift, double out[2])
{
    struct NAME(moments) m = {.rounds = 0};
    for (int64_t i = 0; i < batch->n; i++) {
        const int64_t at = (i * batch->c + c) * batch->plane;
        NAME(add_moments)(&m, batch->plane, x + at, g ? g + at : NULL, shift);
    }
    NAME(add_lanes)(&m);
    memcpy(out, m.total, sizeof m.total);
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
