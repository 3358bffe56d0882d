// SPDX-License-Identifier: MIT
/* PNG pictures. */
#include "fuzz.h"

#include <wengert/formats/png.h>

bool fuzz_parse(const char *path, const wg_allocator *allocator, char reason[WG_REASON])
{
    wg_array   array;
    const bool good = wg_png_read(path, WG_CHW, allocator, &array, reason);
    fuzz_look(&array);
    wg_array_free(&array);
    return good;
}
