// SPDX-License-Identifier: MIT
/* .npz files: each entry of the archive is read and written as a .npy file is. */
#include "npz.h"

#include "json.h"
#include "npy_header.h"
#include "zip.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

/* ---- reading ---- */

/* Takes ".npy" off; false when it is not there. */
static bool shorten(char *name)
{
    const size_t length = strlen(name), ending = strlen(".npy");
    if (length <= ending || strcmp(name + length - ending, ".npy") != 0) return false;
    name[length - ending] = '\0';
    return true;
}

static bool read_entry(wg__zip *zip, size_t i, wg_named_array *to)
{
    char       path[WG_REASON];
    wg__source source;
    char      *name = wg__text_new(zip->allocator, zip->at[i].name);
    if (!name) return wg__file_refuse(&zip->file, "there is no memory for a name");
    to->name = name;
    if (!wg__is_utf8(name) || !shorten(name))
        return wg__file_refuse(&zip->file, "the entry \"%s\" is not named .npy in UTF-8", name);
    snprintf(path, sizeof path, "%s: %s", zip->file.path, name);
    if (!wg__zip_entry_open(zip, i, path, &source)) return false;
    const bool good =
        wg__npy_read(&source, zip->allocator, &to->array) && wg__zip_entry_check(zip, i, &source);
    wg__part_close(&source);
    return good;
}

static bool read_set(wg__zip *zip, wg_named_arrays *set)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < zip->count; i++) bytes += zip->at[i].bytes; /* each below 2^32 */
    if (bytes > WG_NPZ_MOST) {
        return wg__file_refuse(&zip->file, "announces %lld bytes, at most %lld are read",
                               (long long)bytes, (long long)WG_NPZ_MOST);
    }
    if (!wg__named_new(set, zip->count, 0, zip->allocator))
        return wg__file_refuse(&zip->file, "there is no memory for %zu arrays", zip->count);
    for (size_t i = 0; i < zip->count; i++)
        if (!read_entry(zip, i, &set->at[i])) return false;
    return true;
}

bool wg_npz_read(const char *path, const wg_allocator *allocator, wg_named_arrays *set,
                 char reason[WG_REASON])
{
    wg__zip zip;
    *set = (wg_named_arrays){0};
    if (!wg__zip_open(&zip, path, allocator ? allocator : wg_allocator_default(), reason))
        return false;
    const bool good = read_set(&zip, set);
    wg__zip_close(&zip);
    if (!good) wg_named_free(set);
    return good;
}

/* ---- writing ---- */

static bool add_to_sum(void *sum, const void *data, size_t bytes)
{
    uint32_t *total = sum;
    *total = (uint32_t)crc32_z(*total, data, bytes);
    return true;
}

static bool take(void *draft, const void *data, size_t bytes)
{
    return wg__draft_write(draft, data, bytes);
}

/* The checksum stands before the values, so they are walked through twice. */
static bool write_entry(wg__zip_draft *zip, const char *name, const wg_view *view)
{
    char         header[WG__NPY_HEADER];
    const size_t front = wg__npy_header_write(view->type, header);
    const size_t bytes = front + wg__type_bytes(view->type);
    uint32_t     sum = 0;
    if (!wg__zip_has_room(zip, name, bytes)) return false;
    add_to_sum(&sum, header, front);
    wg__view_each(view, add_to_sum, &sum);
    return wg__zip_begin(zip, name, sum, bytes) && wg__draft_write(zip->draft, header, front) &&
           wg__view_each(view, take, zip->draft);
}

static bool write_file(wg__zip_draft *zip, const wg_named_views *views)
{
    wg__bytes name = {.allocator = zip->directory.allocator};
    bool      good = true;
    for (size_t i = 0; i < views->count && good; i++) {
        name.count = 0;
        wg__bytes_add(&name, views->at[i].name, strlen(views->at[i].name));
        wg__bytes_add(&name, ".npy", sizeof ".npy");
        good = name.refused ? wg__refuse(zip->draft->reason, zip->draft->path, "there is no memory")
                            : write_entry(zip, (const char *)name.at, &views->at[i].view);
    }
    wg__bytes_free(&name);
    if (good) return wg__zip_end(zip);
    wg__bytes_free(&zip->directory);
    return false;
}

bool wg_npz_write(const char *path, const wg_named_views *views, const wg_allocator *allocator,
                  char reason[WG_REASON])
{
    wg__draft draft;
    if (!allocator) allocator = wg_allocator_default();
    if (!path) return wg__refuse(reason, "NULL", "is no path");
    if (!wg__named_check(path, views, allocator, reason) || !wg__draft_open(&draft, path, reason))
        return false;
    wg__zip_draft zip = {.draft = &draft, .directory.allocator = allocator};
    return wg__draft_close(&draft, write_file(&zip, views));
}
