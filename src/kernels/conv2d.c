// SPDX-License-Identifier: MIT
/* Convolution: its pieces and its scratch, which are the same for every element type. */
#include "field.h"

#include "../tensor/shape.h"

/* Images from which on none is cut. */
#define IMAGES 8

/* ---- pieces ---- */

int64_t wg__conv2d_blocks(const struct wg__conv2d *conv, int64_t channels)
{
    if (conv->n * conv->groups >= IMAGES) return 1;
    return (channels + WG__CONV2D_PIECE - 1) / WG__CONV2D_PIECE;
}

int64_t wg__conv2d_units(const struct wg__conv2d *conv, enum wg__conv2d_pass pass)
{
    const int64_t channels = wg__conv2d_share(conv, conv->c);
    const int64_t filters = wg__conv2d_share(conv, conv->k);
    if (wg__conv2d_is_tiny(conv)) return pass == WG__CONV2D_BACKWARD_WEIGHT ? 1 : conv->n;
    if (pass == WG__CONV2D_BACKWARD_WEIGHT)
        return conv->groups * (wg__conv2d_by_filters(conv) ? wg__conv2d_weights_pieces(filters)
                                                           : channels);
    return conv->n * conv->groups *
           wg__conv2d_blocks(conv, pass == WG__CONV2D_FORWARD ? filters : channels);
}

/* ---- scratch ---- */

/* *sum += a b c in elements, and what wg__carve may add; false when it leaves int64_t. */
static bool add_product(int64_t *sum, int64_t a, int64_t b, int64_t c)
{
    int64_t product;
    if (!wg__multiply(a, b, &product) || !wg__multiply(product, c, &product)) return false;
    if (product > INT64_MAX - 64 - *sum) return false;
    *sum += product + 64;
    return true;
}

/* Of one field, in the larger layout: taps, lined-up input and buffer, packed weights, a bias. */
static bool add_field(int64_t *bytes, const struct wg__field *field, int64_t element)
{
    int64_t          lined = 0;
    struct wg__field laid = *field;
    for (int by_tap = 0; by_tap < 2; by_tap++) {
        int64_t plane, size = 0;
        wg__field_lay(&laid, by_tap);
        if (!wg__multiply(laid.height, laid.width, &plane) ||
            !add_product(&size, laid.in * laid.planes[0] * laid.planes[1] + 1, plane, element))
            return false;
        if (size > lined) lined = size;
    }
    const int64_t padded = field->out + WG__CONV2D_PANEL;
    return add_product(bytes, lined, 1, 1) && add_product(bytes, 128, element, 1) &&
           add_product(bytes, field->taps, (int64_t)sizeof(int64_t), 1) &&
           add_product(bytes, padded, field->taps, element) &&
           add_product(bytes, padded, element, 1) && add_product(bytes, WG__CONV2D_BUFFER, 1, 1);
}

/* What backward-weight needs beside its field: sums, and the adjoint of y in a band. */
static bool add_sums(int64_t *bytes, struct wg__field field, int64_t element)
{
    wg__field_lay(&field, false);
    const int64_t padded = field.out + WG__CONV2D_PANEL;
    return add_product(bytes, field.taps, wg__field_sums(&field, element), element) &&
           add_product(bytes, field.rows * field.axis[1].outputs, padded, element);
}

size_t wg__conv2d_scratch(const struct wg__conv2d *conv, enum wg__conv2d_pass pass, size_t element)
{
    const int64_t width = (int64_t)element;
    int64_t       most = 0;
    if (wg__conv2d_is_tiny(conv)) return 0;
    if (pass != WG__CONV2D_BACKWARD_DATA) {
        const struct wg__field field = wg__field_forward(conv);
        const bool             fits =
            add_field(&most, &field, width) &&
            (pass == WG__CONV2D_FORWARD || add_sums(&most, field, width));
        return fits ? (size_t)most : SIZE_MAX;
    }
    for (int64_t a = 0; a < conv->stride[0] && a < conv->h; a++)
        for (int64_t b = 0; b < conv->stride[1] && b < conv->w; b++) {
            const struct wg__field field = wg__field_backward(conv, a, b);
            int64_t                bytes = 0;
            if (field.taps == 0) continue;
            if (!add_field(&bytes, &field, width) ||
                !add_product(&bytes, field.out * field.axis[0].outputs, field.axis[1].outputs,
                             width))
                return SIZE_MAX;
            if (bytes > most) most = bytes;
        }
    return (size_t)most;
}
