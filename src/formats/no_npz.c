// SPDX-License-Identifier: MIT
/* What stands in the place of npz.c and zip.c where the library is built without zlib. */
#include "npz.h"

#include "file.h"

static bool refuse(const char *path, char *reason)
{
    return wg__refuse(reason, path ? path : "NULL",
                      "is a .npz file, and this library was built without zlib");
}

bool wg_npz_read(const char *path, const wg_allocator *allocator, wg_named_arrays *set,
                 char reason[WG_REASON])
{
    (void)allocator;
    *set = (wg_named_arrays){0};
    return refuse(path, reason);
}

bool wg_npz_write(const char *path, const wg_named_views *views, const wg_allocator *allocator,
                  char reason[WG_REASON])
{
    (void)views, (void)allocator;
    return refuse(path, reason);
}
