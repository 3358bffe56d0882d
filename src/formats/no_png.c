// SPDX-License-Identifier: MIT
/* What stands in the place of png.c where the library is built without libpng. */
#include "png.h"

#include "file.h"

static bool refuse(const char *path, char *reason)
{
    return wg__refuse(reason, path ? path : "NULL",
                      "is a picture, and this library was built without libpng");
}

bool wg_png_read(const char *path, wg_image_order order, const wg_allocator *allocator,
                 wg_array *array, char reason[WG_REASON])
{
    (void)order, (void)allocator;
    *array = (wg_array){0};
    return refuse(path, reason);
}

bool wg_png_write(const char *path, const wg_view *view, wg_image_order order,
                  const wg_allocator *allocator, char reason[WG_REASON])
{
    (void)view, (void)order, (void)allocator;
    return refuse(path, reason);
}
