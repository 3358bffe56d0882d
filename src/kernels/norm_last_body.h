// SPDX-License-Identifier: MIT
/*
 * Batch normalisation of images with channels last: WG__TOGETHER channels of all pixels at a time,
 * with sums in T over some hundred pixels and in double beyond.
 */

enum {
    NAME(columns) = WG__TOGETHER / NAME(lanes), /* vectors of them, side by side */
    NAME(pixels_at_once) = 256
};

/* A number of each of these channels. */
struct NAME(each) {
    NAME(vector) v[NAME(columns)];
};

/* first += sum f, second += sum f d of each channel, where d = x - shift, and f is g, or d without. */
WG__INLINE void NAME(add_pixels)(int64_t pixels, int64_t c, const T *x, const T *g,
                                 const struct NAME(each) * shift, double *first, double *second)
{
    struct NAME(each) a = {{{0}}}, b = {{{0}}};
    for (int64_t p = 0; p < pixels; p++, x += c) WG__UNROLL
    for (int v = 0; v < NAME(columns); v++) {
        const NAME(vector) d = *(const NAME(vector_at) *)(x + v * NAME(lanes)) - shift->v[v];
        NAME(vector) f = d;
        if (g) f = *(const NAME(vector_at) *)(g + p * c + v * NAME(lanes));
        a.v[v] += f;
        b.v[v] += f * d;
    }
    for (int i = 0; i < WG__TOGETHER; i++) {
        first[i] += (double)a.v[i / NAME(lanes)][i % NAME(lanes)];
        second[i] += (double)b.v[i / NAME(lanes)][i % NAME(lanes)];
    }
}

/* The sums of the same over all pixels of a batch, of its channels from x on. */
static void NAME(pixel_moments)(const struct wg__batch *batch, const T *x, const T *g,
                                const struct NAME(each) * shift, double first[WG__TOGETHER],
                                double second[WG__TOGETHER])
{
    const int64_t pixels = batch->n * batch->plane;
    for (int i = 0; i < WG__TOGETHER; i++) first[i] = second[i] = 0;
    for (int64_t p = 0; p < pixels; p += NAME(pixels_at_once)) {
        const int64_t left = pixels - p;
        const int64_t some = left < NAME(pixels_at_once) ? left : NAME(pixels_at_once);
        if (g)
            NAME(add_pixels)
            (some, batch->c, x + p * batch->c, g + p * batch->c, shift, first, second);
        else
            NAME(add_pixels)(some, batch->c, x + p * batch->c, NULL, shift, first, second);
    }
}

static void NAME(set_each)(struct NAME(each) * each, int i, double value)
{
    each->v[i / NAME(lanes)][i % NAME(lanes)] = (T)value;
}

/* y = (x - level) scale + bias for the channels from x on */
static void NAME(scale_pixels)(const struct wg__batch *batch, const T *x,
                               const struct NAME(each) * level, const struct NAME(each) * scale,
                               const struct NAME(each) * bias, T *y)
{
    const int64_t pixels = batch->n * batch->plane;
    for (int64_t p = 0; p < pixels; p++, x += batch->c, y += batch->c) WG__UNROLL
    for (int v = 0; v < NAME(columns); v++)
        *(NAME(vector_at) *)(y + v * NAME(lanes)) =
            (*(const NAME(vector_at) *)(x + v * NAME(lanes)) - level->v[v]) * scale->v[v] +
            bias->v[v];
}

static void NAME(batch_norm_last)(const struct wg__batch *batch, const T *x, const T *w, const T *b,
                                  T *y, T *means, T *vars, struct wg__range groups)
{
    const double n = (double)batch->n * (double)batch->plane;
    for (int64_t c = groups.first * WG__TOGETHER; c < groups.end * WG__TOGETHER;
         c += WG__TOGETHER) {
        struct NAME(each) shift = {{{0}}}, level, scale, bias;
        double first[WG__TOGETHER], second[WG__TOGETHER];
        NAME(pixel_moments)(batch, x + c, NULL, &shift, first, second);
        for (int i = 0; i < WG__TOGETHER; i++) NAME(set_each)(&shift, i, first[i] / n);
        NAME(pixel_moments)(batch, x + c, NULL, &shift, first, second);
        for (int i = 0; i < WG__TOGETHER; i++) {
            double       mean, var;
            const double moments[2] = {first[i], second[i]};
            NAME(statistics)(moments, n, shift.v[i / NAME(lanes)][i % NAME(lanes)], &mean, &var);
            means[c + i] = (T)mean;
            vars[c + i] = (T)var;
            NAME(set_each)(&level, i, mean);
            NAME(set_each)(&scale, i, (double)w[c + i] / sqrt((double)(T)var + batch->eps));
            NAME(set_each)(&bias, i, (double)b[c + i]);
        }
        NAME(scale_pixels)(batch, x + c, &level, &scale, &bias, y + c);
    }
}

static void NAME(batch_norm_sums_last)(const struct wg__batch *batch, const T *x, const T *means,
                                       const T *vars, const T *dy, T *db, T *dw,
                                       struct wg__range groups)
{
    for (int64_t c = groups.first * WG__TOGETHER; c < groups.end * WG__TOGETHER;
         c += WG__TOGETHER) {
        struct NAME(each) shift;
        double first[WG__TOGETHER], second[WG__TOGETHER];
        for (int i = 0; i < WG__TOGETHER; i++) NAME(set_each)(&shift, i, (double)means[c + i]);
        NAME(pixel_moments)(batch, x + c, dy + c, &shift, first, second);
        for (int i = 0; i < WG__TOGETHER; i++) {
            db[c + i] = (T)first[i];
            dw[c + i] = (T)(second[i] / sqrt((double)vars[c + i] + batch->eps));
        }
    }
}

/* dx = scale (dy - level - (x - mean) slope) for the channels from x on */
static void NAME(pixels_backward)(const struct wg__batch *batch, const T *x, const T *dy,
                                  const struct NAME(each) * mean, const struct NAME(each) * scale,
                                  const struct NAME(each) * level, const struct NAME(each) * slope,
                                  T *dx)
{
    const int64_t pixels = batch->n * batch->plane;
    for (int64_t at = 0; at < pixels * batch->c; at += batch->c) WG__UNROLL
    for (int v = 0; v < NAME(columns); v++) {
        const int64_t i = at + v * NAME(lanes);
        const NAME(vector) d = *(const NAME(vector_at) *)(x + i) - mean->v[v];
        const NAME(vector) rest = *(const NAME(vector_at) *)(dy + i) - level->v[v];
        *(NAME(vector_at) *)(dx + i) = scale->v[v] * (rest - d * slope->v[v]);
    }
}

static void NAME(batch_norm_backward_last)(const struct wg__batch *batch, const T *x, const T *w,
                                           const T *means, const T *vars, const T *dy, const T *db,
                                           const T *dw, T *dx, struct wg__range groups)
{
    const double n = (double)batch->n * (double)batch->plane;
    for (int64_t c = groups.first * WG__TOGETHER; c < groups.end * WG__TOGETHER;
         c += WG__TOGETHER) {
        struct NAME(each) mean, scale, level, slope;
        for (int i = 0; i < WG__TOGETHER; i++) {
            const double rstd = 1 / sqrt((double)vars[c + i] + batch->eps);
            NAME(set_each)(&mean, i, (double)means[c + i]);
            NAME(set_each)(&scale, i, (double)w[c + i] * rstd);
            NAME(set_each)(&level, i, (double)db[c + i] / n);
            NAME(set_each)(&slope, i, (double)dw[c + i] * rstd / n);
        }
        NAME(pixels_backward)(batch, x + c, dy + c, &mean, &scale, &level, &slope, dx + c);
    }
}
