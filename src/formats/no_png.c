// SPDX-License-Identifier: MIT
/* What stands in the place of png.c where the library is built without libpng: pictures are written
   without compression, and not read. */
#include "png.h"

#include "file.h"
#include "png_plain.h"

bool wg_png_read(const char *path, wg_image_order order, const wg_allocator *allocator,
                 wg_array *array, char reason[WG_REASON])
{
    (void)order, (void)allocator;
    *array = (wg_array){0};
    return wg__refuse(reason, path ? path : "NULL",
                      "is a picture, and this library was built without libpng");
}

bool wg_png_write(const char *path, const wg_view *view, wg_image_order order,
                  const wg_allocator *allocator, char reason[WG_REASON])
{
    wg_type type;
    wg_view picture;
    if (!wg__png_view(view, order, &picture, &type, path, reason)) return false;
    if (type.count > WG_PNG_MOST)
        return wg__refuse(reason, path ? path : "NULL",
                          "is too large to be written without libpng");
    wg__bytes file = {.allocator = allocator ? allocator : wg_allocator_default()};
    wg__png_plain(&picture, &file);
    const bool good = wg__bytes_save(&file, path, reason);
    wg__bytes_free(&file);
    return good;
}
