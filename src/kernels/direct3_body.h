// SPDX-License-Identifier: MIT
/*
 * The commonest small convolution, 3 x 3 without padding, stride or dilation: direct_body.h with
 * these sizes as constants, so that all nine taps stay in registers. For a 6 x 6 image that is a
 * matter of 10 to 20 ns.
 */

static inline bool NAME(is_direct3)(const struct wg__conv2d *conv)
{
    return conv->r == 3 && conv->s == 3 && (conv->pad[0] | conv->pad[1]) == 0 &&
           conv->stride[0] == 1 && conv->stride[1] == 1 && conv->dilation[0] == 1 &&
           conv->dilation[1] == 1;
}

/* y for one image, filter and channel; to be added to y when `add`, else to bias */
static void NAME(direct3_plane)(const struct wg__conv2d *conv, const T *x, const T *w, bool add,
                                T bias, T *y)
{
    for (int64_t p = 0; p < conv->p; p++, x += conv->w, y += conv->q) {
        int64_t q = 0;
        for (; q + 4 <= conv->q; q += 4) {
            NAME(quad) sum = {bias, bias, bias, bias};
            if (add) sum = *(const NAME(quad_at) *)(y + q);
            WG__UNROLL
            for (int i = 0; i < 9; i++)
                sum += w[i] * *(const NAME(quad_at) *)(x + q + i / 3 * conv->w + i % 3);
            *(NAME(quad_at) *)(y + q) = sum;
        }
        for (; q < conv->q; q++) {
            T sum = add ? y[q] : bias;
            WG__UNROLL
            for (int i = 0; i < 9; i++) sum += w[i] * x[q + i / 3 * conv->w + i % 3];
            y[q] = sum;
        }
    }
}

/* dw[r, s] += sum of dy[p, q] x[p + r, q + s] for one image, channel and filter */
static void NAME(correlate3_plane)(const struct wg__conv2d *conv, const T *x, const T *dy, T *dw)
{
    NAME(quad) sum[9];
    T rest[9];
    WG__UNROLL
    for (int i = 0; i < 9; i++) sum[i] = (NAME(quad)){0}, rest[i] = 0;
    for (int64_t p = 0; p < conv->p; p++, x += conv->w, dy += conv->q) {
        int64_t q = 0;
        for (; q + 4 <= conv->q; q += 4) {
            const NAME(quad) error = *(const NAME(quad_at) *)(dy + q);
            WG__UNROLL
            for (int i = 0; i < 9; i++)
                sum[i] += error * *(const NAME(quad_at) *)(x + q + i / 3 * conv->w + i % 3);
        }
        for (; q < conv->q; q++)
            WG__UNROLL
            for (int i = 0; i < 9; i++) rest[i] += dy[q] * x[q + i / 3 * conv->w + i % 3];
    }
    WG__UNROLL
    for (int i = 0; i < 9; i++)
        dw[i] += (sum[i][0] + sum[i][1]) + (sum[i][2] + sum[i][3]) + rest[i];
}
