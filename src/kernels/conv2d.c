// SPDX-License-Identifier: MIT
/* Convolution: choice of the way, sizes and tables, which are the same for every element type. */
#include "conv2d.h"

#include "../tensor/memory.h"
#include "../tensor/shape.h"
#include "gemm.h"

/*
 * Below so many multiply-adds for an image and group, or filters of a group, packing windows costs
 * more than it gives.
 */
#define TINY_WORK    2048
#define TINY_FILTERS 3

/* Elements of spread windows at a time: 256 KiB of f32. */
#define SPREAD 65536

bool wg__conv2d_is_tiny(const struct wg__conv2d *conv)
{
    const int64_t filters = wg__conv2d_share(conv, conv->k);
    const int64_t taps = wg__conv2d_share(conv, conv->c) * conv->r * conv->s;
    const double  work = (double)filters * (double)taps * (double)(conv->p * conv->q);
    return conv->n == 0 || filters <= TINY_FILTERS || work <= TINY_WORK;
}

int64_t wg__conv2d_rows(const struct wg__conv2d *conv)
{
    const int64_t row = wg__conv2d_share(conv, conv->c) * conv->r * conv->s * conv->q;
    const int64_t rows = row > 0 ? SPREAD / row : conv->p;
    return rows < 1 ? 1 : rows > conv->p ? conv->p : rows;
}

struct wg__windows wg__windows_measure(const struct wg__conv2d *conv)
{
    const int64_t channels = wg__conv2d_share(conv, conv->c);
    return (struct wg__windows){
        .channels = channels,
        .height = (conv->p - 1) * conv->stride[0] + (conv->r - 1) * conv->dilation[0] + 1,
        .width = (conv->q - 1) * conv->stride[1] + (conv->s - 1) * conv->dilation[1] + 1,
        .taps = channels * conv->r * conv->s,
        .places = conv->p * conv->q,
    };
}

void *wg__windows_fill(struct wg__windows *windows, const struct wg__conv2d *conv, void *tables)
{
    int64_t *at = windows->tap = tables;
    for (int64_t c = 0; c < windows->channels; c++)
        for (int64_t r = 0; r < conv->r; r++)
            for (int64_t s = 0; s < conv->s; s++)
                *at++ = (c * windows->height + r * conv->dilation[0]) * windows->width +
                        s * conv->dilation[1];
    windows->place = at;
    for (int64_t p = 0; p < conv->p; p++)
        for (int64_t q = 0; q < conv->q; q++)
            *at++ = p * conv->stride[0] * windows->width + q * conv->stride[1];
    return at;
}

/* *sum += a b c in elements; false when it leaves int64_t. */
static bool add_product(int64_t *sum, int64_t a, int64_t b, int64_t c)
{
    int64_t product;
    if (!wg__multiply(a, b, &product) || !wg__multiply(product, c, &product)) return false;
    if (product > INT64_MAX - *sum) return false;
    *sum += product;
    return true;
}

size_t wg__conv2d_scratch(const struct wg__conv2d *conv, enum wg__conv2d_pass pass, size_t element)
{
    if (wg__conv2d_is_tiny(conv)) return 0;
    const struct wg__windows windows = wg__windows_measure(conv);
    const int64_t            filters = wg__conv2d_share(conv, conv->k);
    const int64_t            places = wg__conv2d_rows(conv) * conv->q;
    int64_t bytes = 2 * WG__ALIGNMENT; /* a vector may be read across the end of the image */
    if (!add_product(&bytes, windows.taps + windows.places, (int64_t)sizeof(int64_t), 1) ||
        !add_product(&bytes, windows.channels * (int64_t)element, windows.height, windows.width))
        return SIZE_MAX;
    switch (pass) {
    case WG__CONV2D_FORWARD:
        return (size_t)bytes + wg__gemm_scratch(filters, windows.places, windows.taps, element);
    case WG__CONV2D_BACKWARD_WEIGHT:
        return (size_t)bytes + wg__gemm_scratch(filters, windows.taps, windows.places, element);
    case WG__CONV2D_BACKWARD_DATA:
        break;
    }
    if (!add_product(&bytes, windows.taps, places, (int64_t)element)) return SIZE_MAX;
    return (size_t)bytes + wg__gemm_scratch(windows.taps, places, filters, element);
}
