// SPDX-License-Identifier: MIT
/* PNG that needs no library, because it is not compressed; private to the library. */
#ifndef WENGERT_FORMATS_PNG_PLAIN_H
#define WENGERT_FORMATS_PNG_PLAIN_H

#include "bytes.h"
#include "png.h"

/*
 * The view as (height, width, channels) in *picture, which borrows *type; false with the reason when
 * it is none that wg_png_write takes.
 */
bool wg__png_view(const wg_view *view, wg_image_order order, wg_view *picture, wg_type *type,
                  const char *path, char *reason);

/* Appends such a view, of at most WG_PNG_MOST bytes, as a whole PNG file. */
void wg__png_plain(const wg_view *picture, wg__bytes *to);

#endif
