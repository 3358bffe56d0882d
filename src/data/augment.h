// SPDX-License-Identifier: MIT
/* What struct wg_augment asks for, done to one image; private to the library. */
#ifndef WENGERT_DATA_AUGMENT_H
#define WENGERT_DATA_AUGMENT_H

#include "chance.h"
#include "loader.h"

/* An image and room for one more. */
typedef struct wg__image {
    double *pixel, *other; /* (channels, height, width) */
    int64_t channels, height, width;
} wg__image;

/* What comes before the normalisation, and what after it; the result is in image->pixel. */
void wg__augment_before(const struct wg_augment *how, wg__chance *chance, wg__image *image);
void wg__augment_after(const struct wg_augment *how, wg__chance *chance, wg__image *image);

/* A number that is Beta(a, a), 0 < a <= 1. Joehnk, Metrika 8 (1964). */
double wg__beta(wg__chance *chance, double a);

#endif
