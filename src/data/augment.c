// SPDX-License-Identifier: MIT
#include "augment.h"

#include <math.h>

static void swap(wg__image *image)
{
    double *const old = image->pixel;
    image->pixel = image->other;
    image->other = old;
}

static void flip(wg__image *image)
{
    for (int64_t row = 0; row < image->channels * image->height; row++) {
        double *x = image->pixel + row * image->width;
        for (int64_t i = 0, j = image->width - 1; i < j; i++, j--) {
            const double left = x[i];
            x[i] = x[j];
            x[j] = left;
        }
    }
}

/* 0 outside. */
static double pixel_at(const wg__image *image, const double *plane, int64_t y, int64_t x)
{
    const bool inside = y >= 0 && y < image->height && x >= 0 && x < image->width;
    return inside ? plane[y * image->width + x] : 0;
}

static double between(const wg__image *image, const double *plane, double y, double x)
{
    const double  top = floor(y), left = floor(x), b = y - top, r = x - left;
    const int64_t i = (int64_t)top, j = (int64_t)left;
    return (1 - b) *
               ((1 - r) * pixel_at(image, plane, i, j) + r * pixel_at(image, plane, i, j + 1)) +
           b * ((1 - r) * pixel_at(image, plane, i + 1, j) +
                r * pixel_at(image, plane, i + 1, j + 1));
}

/* Counter-clockwise about the middle. */
static void rotate(wg__image *image, double degrees)
{
    const double angle = degrees * (3.14159265358979323846 / 180), c = cos(angle), s = sin(angle);
    const double y0 = 0.5 * (double)(image->height - 1), x0 = 0.5 * (double)(image->width - 1);
    double      *out = image->other;
    for (int64_t k = 0; k < image->channels; k++) {
        const double *plane = image->pixel + k * image->height * image->width;
        for (int64_t i = 0; i < image->height; i++)
            for (int64_t j = 0; j < image->width; j++) {
                const double y = (double)i - y0, x = (double)j - x0;
                *out++ = between(image, plane, y0 + c * y + s * x, x0 - s * y + c * x);
            }
    }
    swap(image);
}

/* The piece whose corner lies so far from the image's. */
static void shift(wg__image *image, int64_t down, int64_t right)
{
    double *out = image->other;
    for (int64_t k = 0; k < image->channels; k++) {
        const double *plane = image->pixel + k * image->height * image->width;
        for (int64_t i = 0; i < image->height; i++)
            for (int64_t j = 0; j < image->width; j++)
                *out++ = pixel_at(image, plane, i + down, j + right);
    }
    swap(image);
}

void wg__augment_before(const struct wg_augment *how, wg__chance *chance, wg__image *image)
{
    if (how->flip && wg__chance_unit(chance) < 0.5) flip(image);
    if (how->rotate > 0) rotate(image, how->rotate * (2 * wg__chance_unit(chance) - 1));
    if (how->crop > 0) {
        const int64_t down = wg__chance_below(chance, 2 * how->crop + 1) - how->crop;
        shift(image, down, wg__chance_below(chance, 2 * how->crop + 1) - how->crop);
    }
}

/* The square's middle is in the image, its rim may be outside. DeVries, Taylor, arXiv:1708.04552. */
void wg__augment_after(const struct wg_augment *how, wg__chance *chance, wg__image *image)
{
    if (how->cutout <= 0) return;
    const int64_t top = wg__chance_below(chance, image->height) - how->cutout / 2;
    const int64_t left = wg__chance_below(chance, image->width) - how->cutout / 2;
    for (int64_t k = 0; k < image->channels; k++)
        for (int64_t i = top < 0 ? 0 : top; i < top + how->cutout && i < image->height; i++)
            for (int64_t j = left < 0 ? 0 : left; j < left + how->cutout && j < image->width; j++)
                image->pixel[(k * image->height + i) * image->width + j] = 0;
}

double wg__beta(wg__chance *chance, double a)
{
    for (;;) {
        const double u = pow(wg__chance_unit(chance), 1 / a),
                     v = pow(wg__chance_unit(chance), 1 / a);
        if (u + v > 0 && u + v <= 1) return u / (u + v);
    }
}
