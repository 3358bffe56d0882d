// SPDX-License-Identifier: MIT
/*
 * Convolution by direct loops, for images so small that a matrix product would spend its time
 * packing. Neighbours in a row are computed four at a time where the horizontal stride is 1.
 */

/* Kernel rows [first, end) that are inside the image for output row p. */
static inline struct wg__range NAME(kernel_rows)(const struct wg__conv2d *conv, int64_t p)
{
    struct wg__range rows = {.first = 0, .end = conv->r};
    const int64_t    h = p * conv->stride[0] - conv->pad[0], step = conv->dilation[0];
    while (rows.first < rows.end && h + rows.first * step < 0) rows.first++;
    while (rows.end > rows.first && h + (rows.end - 1) * step >= conv->h) rows.end--;
    return rows;
}

/* y[q] for one filter, x being the first channel and q any column: each tap is checked. */
static T NAME(direct_one)(const struct wg__conv2d *conv, struct wg__range rows, int64_t p,
                          int64_t q, const T *x, const T *w, T sum)
{
    const int64_t left = q * conv->stride[1] - conv->pad[1];
    for (int64_t c = 0; c < wg__conv2d_share(conv, conv->c);
         c++, x += conv->h * conv->w, w += conv->r * conv->s)
        for (int64_t r = rows.first; r < rows.end; r++) {
            const T *row =
                x + (p * conv->stride[0] - conv->pad[0] + r * conv->dilation[0]) * conv->w;
            for (int64_t s = 0; s < conv->s; s++) {
                const int64_t at = left + s * conv->dilation[1];
                if (at >= 0 && at < conv->w) sum += w[r * conv->s + s] * row[at];
            }
        }
    return sum;
}

/* The same for columns q to q + 3, all of whose taps are inside the image, one beside the other. */
static inline void NAME(direct_four)(const struct wg__conv2d *conv, struct wg__range rows,
                                     const T *x, const T *w, T bias, T *y)
{
    NAME(quad) sum = {bias, bias, bias, bias};
    const int64_t channels = wg__conv2d_share(conv, conv->c), down = conv->dilation[0] * conv->w;
    const int64_t right = conv->dilation[1];
    for (int64_t c = 0; c < channels; c++, x += conv->h * conv->w, w += conv->r * conv->s)
        for (int64_t r = rows.first; r < rows.end; r++)
            for (int64_t s = 0; s < conv->s; s++)
                sum += w[r * conv->s + s] * *(const NAME(quad_at) *)(x + r * down + s * right);
    *(NAME(quad_at) *)y = sum;
}

/* y for one image and filter; `inside` are the columns for direct_four */
static void NAME(direct_plane)(const struct wg__conv2d *conv, struct wg__range inside, const T *x,
                               const T *w, T bias, T *y)
{
    for (int64_t p = 0; p < conv->p; p++, y += conv->q) {
        const struct wg__range rows = NAME(kernel_rows)(conv, p);
        const T *row = x + (p * conv->stride[0] - conv->pad[0]) * conv->w - conv->pad[1];
        for (int64_t q = 0; q < conv->q;) {
            if (q < inside.first || q + 4 > inside.end) {
                y[q] = NAME(direct_one)(conv, rows, p, q, x, w, bias);
                q++;
                continue;
            }
            NAME(direct_four)(conv, rows, row + q, w, bias, y + q);
            q += 4;
        }
    }
}

WG__APART void NAME(direct_forward)(const struct wg__conv2d *conv, const T *x, const T *w,
                                    const T *bias, T *y, struct wg__range images)
{
    const int64_t filters = wg__conv2d_share(conv, conv->k);
    const int64_t channels = wg__conv2d_share(conv, conv->c);
    const int64_t taps = channels * conv->r * conv->s, places = conv->p * conv->q;
    /* Columns whose first and last tap are inside, and whose neighbours' taps are neighbours. */
    struct wg__range inside = {.first = 0, .end = 0};
    if (conv->stride[1] == 1) {
        inside.first = wg__conv2d_range(conv, 1, 0).first;
        inside.end = wg__conv2d_range(conv, 1, conv->s - 1).end;
    }
    x += images.first * conv->c * conv->h * conv->w;
    y += images.first * conv->k * places;
    for (int64_t i = images.first; i < images.end; i++)
        for (int64_t k = 0, first = 0; first < conv->k;
             first += filters, x += channels * conv->h * conv->w)
            for (; k < first + filters; k++, y += places)
                NAME(direct_plane)(conv, inside, x, w + k * taps, bias ? bias[k] : 0, y);
}

/* to[q stride] += w from[q] */
static inline void NAME(add_scaled)(int64_t n, T w, const T *from, T *to, int64_t stride)
{
    int64_t q = 0;
    if (stride == 1)
        for (; q + 4 <= n; q += 4)
            *(NAME(quad_at) *)(to + q) += w * *(const NAME(quad_at) *)(from + q);
    for (; q < n; q++) to[q * stride] += w * from[q];
}

/* dx[h, w] += w[r, s] dy[p, q], (h, w) being what (p, q) sees through (r, s), of one filter */
static void NAME(spread_plane)(const struct wg__conv2d *conv, const T *w, const T *dy, T *dx)
{
    for (int64_t r = 0; r < conv->r; r++) {
        const struct wg__range rows = wg__conv2d_range(conv, 0, r);
        for (int64_t s = 0; s < conv->s; s++, w++) {
            const struct wg__range columns = wg__conv2d_range(conv, 1, s);
            const int64_t          shift =
                columns.first * conv->stride[1] - conv->pad[1] + s * conv->dilation[1];
            for (int64_t p = rows.first; p < rows.end; p++) {
                const int64_t h = p * conv->stride[0] - conv->pad[0] + r * conv->dilation[0];
                NAME(add_scaled)(columns.end - columns.first, *w,
                                 dy + p * conv->q + columns.first, dx + h * conv->w + shift,
                                 conv->stride[1]);
            }
        }
    }
}

static void NAME(direct_backward_data)(const struct wg__conv2d *conv, const T *w, const T *dy,
                                       T *dx, struct wg__range images)
{
    const int64_t filters = wg__conv2d_share(conv, conv->k);
    const int64_t channels = wg__conv2d_share(conv, conv->c);
    const int64_t plane = conv->h * conv->w, kernel = conv->r * conv->s;
    dx += images.first * conv->c * plane;
    dy += images.first * conv->k * conv->p * conv->q;
    memset(dx, 0, (size_t)((images.end - images.first) * conv->c * plane) * sizeof(T));
    for (int64_t i = images.first; i < images.end; i++)
        for (int64_t k = 0, first = 0; first < conv->k; first += filters, dx += channels * plane)
            for (; k < first + filters; k++, dy += conv->p * conv->q)
                for (int64_t c = 0; c < channels; c++)
                    NAME(spread_plane)(conv, w + (k * channels + c) * kernel, dy, dx + c * plane);
}

/* dw[r, s] += sum of dy[p, q] x[h, w] for one image, channel and filter */
static void NAME(correlate_plane)(const struct wg__conv2d *conv, const T *x, const T *dy, T *dw)
{
    for (int64_t r = 0; r < conv->r; r++) {
        const struct wg__range rows = wg__conv2d_range(conv, 0, r);
        for (int64_t s = 0; s < conv->s; s++) {
            const struct wg__range columns = wg__conv2d_range(conv, 1, s);
            const int64_t          shift = s * conv->dilation[1] - conv->pad[1];
            NAME(quad) sum = {0};
            T rest = 0;
            for (int64_t p = rows.first; p < rows.end; p++) {
                const T *from =
                    x + (p * conv->stride[0] - conv->pad[0] + r * conv->dilation[0]) * conv->w +
                    shift;
                const T *error = dy + p * conv->q;
                int64_t  q = columns.first;
                if (conv->stride[1] == 1)
                    for (; q + 4 <= columns.end; q += 4)
                        sum += *(const NAME(quad_at) *)(error + q) *
                               *(const NAME(quad_at) *)(from + q);
                for (; q < columns.end; q++) rest += error[q] * from[q * conv->stride[1]];
            }
            *dw++ += (sum[0] + sum[1]) + (sum[2] + sum[3]) + rest;
        }
    }
}

WG__APART void NAME(direct_backward_weight)(const struct wg__conv2d *conv, const T *x,
                                            const T *dy, T *dw)
{
    const int64_t filters = wg__conv2d_share(conv, conv->k);
    const int64_t channels = wg__conv2d_share(conv, conv->c);
    const int64_t plane = conv->h * conv->w, kernel = conv->r * conv->s;
    memset(dw, 0, (size_t)(conv->k * channels * kernel) * sizeof(T));
    for (int64_t i = 0; i < conv->n; i++)
        for (int64_t k = 0, first = 0; first < conv->k; first += filters, x += channels * plane)
            for (; k < first + filters; k++, dy += conv->p * conv->q)
                for (int64_t c = 0; c < channels; c++)
                    NAME(correlate_plane)(conv, x + c * plane, dy,
                                          dw + (k * channels + c) * kernel);
}
