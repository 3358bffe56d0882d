// SPDX-License-Identifier: MIT
/* .npy files. */
#include "fuzz.h"

#include <wengert/formats/npy.h>

bool fuzz_parse(const char *path, const wg_allocator *allocator, char reason[WG_REASON])
{
    wg_array   array;
    const bool good = wg_npy_read(path, allocator, &array, reason);
    fuzz_look(&array);
    wg_array_free(&array);
    return good;
}
