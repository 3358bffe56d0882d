// SPDX-License-Identifier: MIT
/* Safetensors: the values behind the header, which lie in the order of least significant byte
   first, packed and in row-major order. */
#include "safetensors.h"

#include "json.h"
#include "safetensors_header.h"

#include <string.h>

/* ---- reading ---- */

static bool read_values(wg__file *file, const wg__safetensor *from, wg_array *array)
{
    if (!wg__file_read(file, array->data, from->end - from->first)) return false;
    if (from->is_short)
        wg__array_widen(array, from->kind, false);
    else if (wg__big_endian())
        wg__array_swap(array);
    return true;
}

static bool read_array(wg__file *file, const wg__safetensor *from, const wg_allocator *allocator,
                       wg_named_array *to)
{
    to->name = wg__text_new(allocator, from->name);
    if (!to->name || !wg__array_new(&to->array, &from->type, allocator)) {
        return wg__file_refuse(file, "there is no memory for the %lld bytes of \"%s\"",
                               (long long)wg__type_bytes(&from->type), from->name);
    }
    if (!read_values(file, from, &to->array)) return false;
    const int64_t i = wg__array_no_bool(&to->array);
    return i < 0 || wg__file_refuse(file, "element %lld of \"%s\" is no bool, neither 0 nor 1",
                                    (long long)i, from->name);
}

static bool copy_metadata(const wg__file *file, const wg__safetensors *header, wg_named_arrays *set)
{
    bool good = true;
    for (size_t i = 0; i < header->metadata_count && good; i++) {
        set->metadata[i].key = wg__text_new(header->allocator, header->metadata[i].key);
        set->metadata[i].value = wg__text_new(header->allocator, header->metadata[i].value);
        good = set->metadata[i].key && set->metadata[i].value;
    }
    return good || wg__file_refuse(file, "there is no memory for its metadata");
}

static bool read_set(wg__file *file, const wg__safetensors *header, wg_named_arrays *set)
{
    if (!wg__named_new(set, header->count, header->metadata_count, header->allocator))
        return wg__file_refuse(file, "there is no memory for %zu arrays", header->count);
    for (size_t i = 0; i < header->count; i++)
        if (!read_array(file, &header->at[i], header->allocator, &set->at[i])) return false;
    return copy_metadata(file, header, set);
}

bool wg_safetensors_read(const char *path, const wg_allocator *allocator, wg_named_arrays *set,
                         char reason[WG_REASON])
{
    if (!allocator) allocator = wg_allocator_default();
    *set = (wg_named_arrays){0};
    wg__file        file;
    wg__safetensors header;
    if (!wg__file_open(&file, path, reason)) return false;
    const bool good =
        wg__safetensors_open(&file, allocator, &header) && read_set(&file, &header, set);
    wg__safetensors_close(&header);
    wg__file_close(&file);
    if (!good) wg_named_free(set);
    return good;
}

/* ---- writing ---- */

/* Names are all in UTF-8 by now; so must the metadata be, and no key come twice. */
static bool check_metadata(const char *path, const wg_named_views *views, char *reason)
{
    for (size_t i = 0; i < views->count; i++)
        if (strcmp(views->at[i].name, "__metadata__") == 0)
            return wg__refuse(reason, path, "no array can be named \"__metadata__\"");
    for (size_t i = 0; i < views->metadata_count; i++) {
        const wg_metadata *pair = &views->metadata[i];
        if (!pair->key || !pair->value || !wg__is_utf8(pair->key) || !wg__is_utf8(pair->value))
            return wg__refuse(reason, path, "metadata %zu are no two texts in UTF-8", i);
        for (size_t k = 0; k < i; k++)
            if (strcmp(views->metadata[k].key, pair->key) == 0)
                return wg__refuse(reason, path, "the key \"%s\" comes twice", pair->key);
    }
    return !wg__big_endian() ||
           wg__refuse(reason, path, "safetensors are not written where bytes have this order");
}

static bool take(void *draft, const void *data, size_t bytes)
{
    return wg__draft_write(draft, data, bytes);
}

/* Writes the header, then the views in its order. */
static bool write_file(const char *path, const wg__bytes *header, const wg_named_view *const *views,
                       size_t count, char *reason)
{
    wg__draft draft;
    if (!wg__draft_open(&draft, path, reason)) return false;
    bool good = wg__draft_write(&draft, header->at, header->count);
    for (size_t i = 0; i < count && good; i++) good = wg__view_each(&views[i]->view, take, &draft);
    return wg__draft_close(&draft, good);
}

bool wg_safetensors_write(const char *path, const wg_named_views *views,
                          const wg_allocator *allocator, char reason[WG_REASON])
{
    if (!allocator) allocator = wg_allocator_default();
    if (!path) return wg__refuse(reason, "NULL", "is no path");
    if (!wg__named_check(path, views, allocator, reason) || !check_metadata(path, views, reason))
        return false;
    wg__bytes             header = {.allocator = allocator};
    const wg_named_view **sorted = wg__alloc(allocator, views->count * sizeof *sorted);
    for (size_t i = 0; sorted && i < views->count; i++) sorted[i] = &views->at[i];
    if (sorted) wg__safetensors_sort(sorted, views->count);
    if (sorted) wg__safetensors_print(&header, sorted, views);
    bool good = sorted && !header.refused;
    if (!good) wg__refuse(reason, path, "there is no memory for its header");
    if (good && header.count - 8 > WG_SAFETENSORS_HEADER)
        good = wg__refuse(reason, path, "its header would be longer than the format allows");
    good = good && write_file(path, &header, sorted, views->count, reason);
    wg__bytes_free(&header);
    wg__free(allocator, sorted);
    return good;
}
