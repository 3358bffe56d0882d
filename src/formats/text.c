// SPDX-License-Identifier: MIT
/* Text: the bytes of a file. */
#include "text.h"

#include "file.h"

static bool read_bytes(wg__file *file, int64_t most, const wg_allocator *allocator, wg_array *array)
{
    wg_type type;
    if (file->left > most) {
        return wg__file_refuse(file, "has %lld bytes, at most %lld are read", (long long)file->left,
                               (long long)most);
    }
    const wg_shape shape = {.rank = 1, .dim = {file->left}};
    if (!wg_type_make(WG_U8, shape, &type) || !wg__array_new(array, &type, allocator))
        return wg__file_refuse(file, "there is no memory for %lld bytes", (long long)file->left);
    return wg__file_read(file, array->data, file->left);
}

bool wg_text_read(const char *path, int64_t most, const wg_allocator *allocator, wg_array *array,
                  char reason[WG_REASON])
{
    wg__file file;
    *array = (wg_array){0};
    if (!wg__file_open(&file, path, reason)) return false;
    const bool good = read_bytes(&file, most > 0 ? most : WG_TEXT_MOST, allocator, array);
    wg__file_close(&file);
    if (!good) wg_array_free(array);
    return good;
}
