// SPDX-License-Identifier: MIT
/*
 * The commonest small convolution, 3 x 3 without padding, stride or dilation: direct_body.h with
 * these sizes as constants, so that all nine taps stay in registers. For a 6 x 6 image that is a
 * matter of 10 to 20 ns.
 */

static inline bool NAME(is_direct3)(const struct wg__conv2d *conv)
{
    return conv->r == 3 && conv->s == 3 && conv->c > 0 && (conv->pad[0] | conv->pad[1]) == 0 &&
           conv->stride[0] == 1 && conv->stride[1] == 1 && conv->dilation[0] == 1 &&
           conv->dilation[1] == 1;
}

/* A row of an image as it is read, and the rows of taps that see it from output row p. */
#define EACH_ROW_SEEN(rows) for (int row = 0; row < (rows) + 2; row++)
#define EACH_ROW_SEEING(rows)                                                                      \
    for (int p = 0; p < (rows); p++)                                                               \
        if (row >= p && row < p + 3)

/* Four columns of a few rows of y, which are `conv->q` apart; see direct3_plane. */
WG__INLINE void NAME(direct3_block)(const struct wg__conv2d *conv, int rows, const T *x,
                                    const NAME(quad) *tap, bool add, T bias, T *y)
{
    NAME(quad) sum[4];
    WG__UNROLL
    for (int p = 0; p < rows; p++) {
        sum[p] = (NAME(quad)){bias, bias, bias, bias};
        if (add) sum[p] = *(const NAME(quad_at) *)(y + p * conv->q);
    }
    WG__UNROLL
    EACH_ROW_SEEN(rows)
    {
        WG__UNROLL
        for (int s = 0; s < 3; s++) {
            const NAME(quad) seen = *(const NAME(quad_at) *)(x + row * conv->w + s);
            WG__UNROLL
            EACH_ROW_SEEING(rows) sum[p] += tap[(row - p) * 3 + s] * seen;
        }
    }
    WG__UNROLL
    for (int p = 0; p < rows; p++) *(NAME(quad_at) *)(y + p * conv->q) = sum[p];
}

/* The columns from `first` on, fewer than four. */
WG__APART void NAME(direct3_edge)(const struct wg__conv2d *conv, int64_t first, const T *x,
                                  const T *w, bool add, T bias, T *y)
{
    for (int64_t p = 0; p < conv->p; p++, x += conv->w, y += conv->q)
        for (int64_t q = first; q < conv->q; q++) {
            T sum = add ? y[q] : bias;
            WG__UNROLL
            for (int i = 0; i < 9; i++) sum += w[i] * x[q + i / 3 * conv->w + i % 3];
            y[q] = sum;
        }
}

/* y for one image, filter and channel; to be added to y when `add`, else to bias */
static inline void NAME(direct3_plane)(const struct wg__conv2d *conv, const T *x, const T *w,
                                       bool add, T bias, T *y)
{
    const int64_t whole = conv->q - conv->q % 4;
    NAME(quad) tap[9];
    WG__UNROLL
    for (int i = 0; i < 9; i++) tap[i] = (NAME(quad)){w[i], w[i], w[i], w[i]};
    if (whole < conv->q) NAME(direct3_edge)(conv, whole, x, w, add, bias, y);
    int64_t p = 0;
    for (; p + 4 <= conv->p; p += 4, x += 4 * conv->w, y += 4 * conv->q)
        for (int64_t q = 0; q < whole; q += 4)
            NAME(direct3_block)(conv, 4, x + q, tap, add, bias, y + q);
    for (; p < conv->p; p++, x += conv->w, y += conv->q)
        for (int64_t q = 0; q < whole; q += 4)
            NAME(direct3_block)(conv, 1, x + q, tap, add, bias, y + q);
}

WG__APART void NAME(direct3_forward)(const struct wg__conv2d *conv, const T *x, const T *w,
                                     const T *bias, T *y, struct wg__range images)
{
    const int64_t filters = wg__conv2d_share(conv, conv->k);
    const int64_t channels = wg__conv2d_share(conv, conv->c), plane = conv->h * conv->w;
    x += images.first * conv->c * plane;
    y += images.first * conv->k * conv->p * conv->q;
    for (int64_t i = images.first; i < images.end; i++)
        for (int64_t k = 0, first = 0; first < conv->k; first += filters, x += channels * plane)
            for (; k < first + filters; k++, y += conv->p * conv->q)
                for (int64_t c = 0; c < channels; c++)
                    NAME(direct3_plane)(conv, x + c * plane, w + (k * channels + c) * 9, c > 0,
                                        bias ? bias[k] : 0, y);
}

/* to[i] += (s[i][0] + s[i][1]) + (s[i][2] + s[i][3]) + rest[i], for four i at once */
static inline void NAME(add_sums)(const NAME(quad) *s, const T *rest, T *to)
{
    const NAME(quad) ac = WG__ZIP_LOW_4(s[0], s[2]), bd = WG__ZIP_LOW_4(s[1], s[3]);
    const NAME(quad) more_ac = WG__ZIP_HIGH_4(s[0], s[2]), more_bd = WG__ZIP_HIGH_4(s[1], s[3]);
    const NAME(quad) sum = (WG__ZIP_LOW_4(ac, bd) + WG__ZIP_HIGH_4(ac, bd)) +
                           (WG__ZIP_LOW_4(more_ac, more_bd) + WG__ZIP_HIGH_4(more_ac, more_bd));
    *(NAME(quad_at) *)to += sum + *(const NAME(quad_at) *)rest;
}

/* sum[3 r + s] += dy[p, q] x[p + r, q + s] for four columns q, side by side, of a few rows p */
WG__INLINE void NAME(correlate3_block)(const struct wg__conv2d *conv, int rows, const T *x,
                                       const T *dy, NAME(quad) *sum)
{
    NAME(quad) error[4];
    WG__UNROLL
    for (int p = 0; p < rows; p++) error[p] = *(const NAME(quad_at) *)(dy + p * conv->q);
    WG__UNROLL
    EACH_ROW_SEEN(rows)
    {
        WG__UNROLL
        for (int s = 0; s < 3; s++) {
            const NAME(quad) seen = *(const NAME(quad_at) *)(x + row * conv->w + s);
            WG__UNROLL
            EACH_ROW_SEEING(rows) sum[(row - p) * 3 + s] += error[p] * seen;
        }
    }
}
#undef EACH_ROW_SEEN
#undef EACH_ROW_SEEING

/* rest[3 r + s] += dy[p, q] x[p + r, q + s] for the columns from `first` on */
WG__APART void NAME(correlate3_edge)(const struct wg__conv2d *conv, int64_t first, const T *x,
                                     const T *dy, T *rest)
{
    for (int64_t p = 0; p < conv->p; p++, x += conv->w, dy += conv->q)
        for (int64_t q = first; q < conv->q; q++)
            WG__UNROLL
            for (int i = 0; i < 9; i++) rest[i] += dy[q] * x[q + i / 3 * conv->w + i % 3];
}

/* dw[r, s] += sum of dy[p, q] x[p + r, q + s] for one image, channel and filter */
static inline void NAME(correlate3_plane)(const struct wg__conv2d *conv, const T *x, const T *dy,
                                          T *dw)
{
    const int64_t whole = conv->q - conv->q % 4;
    NAME(quad) sum[9];
    T rest[9] = {0};
    WG__UNROLL
    for (int i = 0; i < 9; i++) sum[i] = (NAME(quad)){0};
    if (whole < conv->q) NAME(correlate3_edge)(conv, whole, x, dy, rest);
    int64_t p = 0;
    for (; p + 4 <= conv->p; p += 4, x += 4 * conv->w, dy += 4 * conv->q)
        for (int64_t q = 0; q < whole; q += 4)
            NAME(correlate3_block)(conv, 4, x + q, dy + q, sum);
    for (; p < conv->p; p++, x += conv->w, dy += conv->q)
        for (int64_t q = 0; q < whole; q += 4)
            NAME(correlate3_block)(conv, 1, x + q, dy + q, sum);
    WG__UNROLL
    for (int i = 0; i < 8; i += 4) NAME(add_sums)(sum + i, rest + i, dw + i);
    dw[8] += (sum[8][0] + sum[8][1]) + (sum[8][2] + sum[8][3]) + rest[8];
}

WG__APART void NAME(correlate3)(const struct wg__conv2d *conv, const T *x, const T *dy, T *dw)
{
    const int64_t filters = wg__conv2d_share(conv, conv->k);
    const int64_t channels = wg__conv2d_share(conv, conv->c), plane = conv->h * conv->w;
    for (int64_t i = 0; i < conv->k * channels * 9; i++) dw[i] = 0;
    for (int64_t i = 0; i < conv->n; i++)
        for (int64_t k = 0, first = 0; first < conv->k; first += filters, x += channels * plane)
            for (; k < first + filters; k++, dy += conv->p * conv->q)
                for (int64_t c = 0; c < channels; c++)
                    NAME(correlate3_plane)(conv, x + c * plane, dy, dw + (k * channels + c) * 9);
}
