// SPDX-License-Identifier: MIT
/*
 * Batch normalisation of images with channels last. WG__TOGETHER channels are a group, whose sums
 * are made in T over some hundred pixels and in double beyond; some groups go through the pixels
 * together, so that what was read is used while it is in the cache.
 */

enum {
    NAME(columns) = WG__TOGETHER / NAME(lanes), /* vectors of a group, side by side */
    NAME(pixels_at_once) = 256,
    NAME(most_groups) = 8
};

/* A number of each channel of a group. */
struct NAME(each) {
    NAME(vector) v[NAME(columns)];
};

/* The sums of a few groups' channels. */
struct NAME(totals) {
    double first[NAME(most_groups) * WG__TOGETHER], second[NAME(most_groups) * WG__TOGETHER];
};

static inline NAME(vector) NAME(read)(const T *x, int v)
{
    return *(const NAME(vector_at) *)(x + v * NAME(lanes));
}

static inline void NAME(set)(struct NAME(each) *group, int64_t i, double value)
{
    group[i / WG__TOGETHER].v[i % WG__TOGETHER / NAME(lanes)][i % NAME(lanes)] = (T)value;
}

static inline double NAME(get)(const struct NAME(each) *group, int64_t i)
{
    return (double)group[i / WG__TOGETHER].v[i % WG__TOGETHER / NAME(lanes)][i % NAME(lanes)];
}

/* first += sum f, second += sum f d for a group, where d = x - shift, and f is g, or d without g */
WG__INLINE void NAME(add_pixels)(int64_t pixels, int64_t c, const T *x, const T *g,
                                 const struct NAME(each) *shift, double *first, double *second)
{
    struct NAME(each) a = {{{0}}}, b = {{{0}}};
    for (int64_t p = 0; p < pixels; p++)
        WG__UNROLL
        for (int v = 0; v < NAME(columns); v++) {
            const NAME(vector) d = NAME(read)(x + p * c, v) - shift->v[v];
            const NAME(vector) f = g ? NAME(read)(g + p * c, v) : d;
            a.v[v] += f;
            b.v[v] += f * d;
        }
    for (int i = 0; i < WG__TOGETHER; i++) {
        first[i] += NAME(get)(&a, i);
        second[i] += NAME(get)(&b, i);
    }
}

/* The same over all pixels, for so many groups from x on. */
static void NAME(pixel_moments)(const struct wg__batch *batch, int64_t groups, const T *x,
                                const T *g, const struct NAME(each) *shift,
                                struct NAME(totals) *sums)
{
    const int64_t pixels = batch->n * batch->plane, c = batch->c;
    memset(sums, 0, sizeof *sums);
    for (int64_t p = 0; p < pixels; p += NAME(pixels_at_once))
        for (int64_t k = 0; k < groups; k++) {
            const int64_t left = pixels - p, at = p * c + k * WG__TOGETHER;
            const int64_t some = left < NAME(pixels_at_once) ? left : NAME(pixels_at_once);
            double *first = sums->first + k * WG__TOGETHER, *second = sums->second + k * WG__TOGETHER;
            if (g)
                NAME(add_pixels)(some, c, x + at, g + at, shift + k, first, second);
            else
                NAME(add_pixels)(some, c, x + at, NULL, shift + k, first, second);
        }
}

/* y = (x - level) scale + bias */
static void NAME(scale_pixels)(const struct wg__batch *batch, int64_t groups, const T *x,
                               const struct NAME(each) *level, const struct NAME(each) *scale,
                               const struct NAME(each) *bias, T *y)
{
    const int64_t pixels = batch->n * batch->plane;
    for (int64_t p = 0; p < pixels; p++)
        for (int64_t k = 0; k < groups; k++) {
            const int64_t at = p * batch->c + k * WG__TOGETHER;
            WG__UNROLL
            for (int v = 0; v < NAME(columns); v++)
                *(NAME(vector_at) *)(y + at + v * NAME(lanes)) =
                    (NAME(read)(x + at, v) - level[k].v[v]) * scale[k].v[v] + bias[k].v[v];
        }
}

/* So many groups from channel c on. */
static void NAME(batch_norm_groups)(const struct wg__batch *batch, int64_t c, int64_t groups,
                                    const T *x, const T *w, const T *b, T *y, T *means, T *vars)
{
    const double         n = (double)batch->n * (double)batch->plane;
    struct NAME(totals)  sums;
    struct NAME(each)    shift[NAME(most_groups)] = {{{{0}}}}, level[NAME(most_groups)],
                      scale[NAME(most_groups)], bias[NAME(most_groups)];
    NAME(pixel_moments)(batch, groups, x + c, NULL, shift, &sums);
    for (int64_t i = 0; i < groups * WG__TOGETHER; i++) NAME(set)(shift, i, sums.first[i] / n);
    NAME(pixel_moments)(batch, groups, x + c, NULL, shift, &sums);
    for (int64_t i = 0; i < groups * WG__TOGETHER; i++) {
        const double moments[2] = {sums.first[i], sums.second[i]};
        double       mean, var;
        NAME(statistics)(moments, n, (T)NAME(get)(shift, i), &mean, &var);
        means[c + i] = (T)mean;
        vars[c + i] = (T)var;
        NAME(set)(level, i, mean);
        NAME(set)(scale, i, (double)w[c + i] / sqrt((double)vars[c + i] + batch->eps));
        NAME(set)(bias, i, (double)b[c + i]);
    }
    NAME(scale_pixels)(batch, groups, x + c, level, scale, bias, y + c);
}

static void NAME(sums_of_groups)(const struct wg__batch *batch, int64_t c, int64_t groups,
                                 const T *x, const T *means, const T *vars, const T *dy, T *db,
                                 T *dw)
{
    struct NAME(totals) sums;
    struct NAME(each)   mean[NAME(most_groups)];
    for (int64_t i = 0; i < groups * WG__TOGETHER; i++) NAME(set)(mean, i, (double)means[c + i]);
    NAME(pixel_moments)(batch, groups, x + c, dy + c, mean, &sums);
    for (int64_t i = 0; i < groups * WG__TOGETHER; i++) {
        db[c + i] = (T)sums.first[i];
        dw[c + i] = (T)(sums.second[i] / sqrt((double)vars[c + i] + batch->eps));
    }
}

/* The numbers of each channel in dx = scale (dy - level - (x - mean) slope). */
struct NAME(slopes) {
    struct NAME(each) mean[NAME(most_groups)], scale[NAME(most_groups)], level[NAME(most_groups)],
        slope[NAME(most_groups)];
};

static void NAME(pixels_backward)(const struct wg__batch *batch, int64_t groups, const T *x,
                                  const T *dy, const struct NAME(slopes) *of, T *dx)
{
    const int64_t pixels = batch->n * batch->plane;
    for (int64_t p = 0; p < pixels; p++)
        for (int64_t k = 0; k < groups; k++) {
            const int64_t at = p * batch->c + k * WG__TOGETHER;
            WG__UNROLL
            for (int v = 0; v < NAME(columns); v++) {
                const NAME(vector) d = NAME(read)(x + at, v) - of->mean[k].v[v];
                const NAME(vector) rest = NAME(read)(dy + at, v) - of->level[k].v[v];
                *(NAME(vector_at) *)(dx + at + v * NAME(lanes)) =
                    of->scale[k].v[v] * (rest - d * of->slope[k].v[v]);
            }
        }
}

static void NAME(backward_of_groups)(const struct wg__batch *batch, int64_t c, int64_t groups,
                                     const T *x, const T *w, const T *means, const T *vars,
                                     const T *dy, const T *db, const T *dw, T *dx)
{
    const double        n = (double)batch->n * (double)batch->plane;
    struct NAME(slopes) of;
    for (int64_t i = 0; i < groups * WG__TOGETHER; i++) {
        const double rstd = 1 / sqrt((double)vars[c + i] + batch->eps);
        NAME(set)(of.mean, i, (double)means[c + i]);
        NAME(set)(of.scale, i, (double)w[c + i] * rstd);
        NAME(set)(of.level, i, (double)db[c + i] / n);
        NAME(set)(of.slope, i, (double)dw[c + i] * rstd / n);
    }
    NAME(pixels_backward)(batch, groups, x + c, dy + c, &of, dx + c);
}

/* Some groups at a time: from channel c on, `some` of them. */
#define EACH_GROUPS(call)                                                                          \
    for (int64_t k = groups.first, some; k < groups.end; k += some) {                              \
        const int64_t c = k * WG__TOGETHER, left = groups.end - k;                                 \
        some = left < NAME(most_groups) ? left : NAME(most_groups);                                \
        call;                                                                                      \
    }

static void NAME(batch_norm_last)(const struct wg__batch *batch, const T *x, const T *w, const T *b,
                                  T *y, T *means, T *vars, struct wg__range groups)
{
    EACH_GROUPS(NAME(batch_norm_groups)(batch, c, some, x, w, b, y, means, vars))
}

static void NAME(batch_norm_sums_last)(const struct wg__batch *batch, const T *x, const T *means,
                                       const T *vars, const T *dy, T *db, T *dw,
                                       struct wg__range groups)
{
    EACH_GROUPS(NAME(sums_of_groups)(batch, c, some, x, means, vars, dy, db, dw))
}

static void NAME(batch_norm_backward_last)(const struct wg__batch *batch, const T *x, const T *w,
                                           const T *means, const T *vars, const T *dy, const T *db,
                                           const T *dw, T *dx, struct wg__range groups)
{
    EACH_GROUPS(NAME(backward_of_groups)(batch, c, some, x, w, means, vars, dy, db, dw, dx))
}
#undef EACH_GROUPS
