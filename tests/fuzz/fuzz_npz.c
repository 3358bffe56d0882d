// SPDX-License-Identifier: MIT
/* .npz files. */
#include "fuzz.h"

#include <wengert/formats/npz.h>

bool fuzz_parse(const char *path, const wg_allocator *allocator, char reason[WG_REASON])
{
    wg_named_arrays set;
    const bool      good = wg_npz_read(path, allocator, &set, reason);
    for (size_t i = 0; i < set.count; i++) fuzz_look(&set.at[i].array);
    wg_named_free(&set);
    return good;
}
