// SPDX-License-Identifier: MIT
/* Named arrays: memory for a set, and what holds for names in files of every format. */
#include "named.h"

#include "file.h"
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- sets ---- */

char *wg__text_new(const wg_allocator *allocator, const char *text)
{
    const size_t bytes = strlen(text) + 1;
    char        *copy = wg__alloc(allocator, bytes);
    return copy ? memcpy(copy, text, bytes) : NULL;
}

static void free_text(const wg_allocator *allocator, const char *text)
{
    wg__free(allocator, (void *)(uintptr_t)text);
}

bool wg__named_new(wg_named_arrays *set, size_t count, size_t metadata_count,
                   const wg_allocator *allocator)
{
    *set = (wg_named_arrays){.allocator = allocator};
    set->at = wg__alloc_zero(allocator, count * sizeof *set->at);
    set->metadata = wg__alloc_zero(allocator, metadata_count * sizeof *set->metadata);
    if (set->at) set->count = count;
    if (set->metadata) set->metadata_count = metadata_count;
    if (set->at && set->metadata) return true;
    wg_named_free(set);
    return false;
}

void wg_named_free(wg_named_arrays *set)
{
    for (size_t i = 0; i < set->count; i++) {
        free_text(set->allocator, set->at[i].name);
        wg_array_free(&set->at[i].array);
    }
    for (size_t i = 0; i < set->metadata_count; i++) {
        free_text(set->allocator, set->metadata[i].key);
        free_text(set->allocator, set->metadata[i].value);
    }
    if (set->at) wg__free(set->allocator, set->at);
    if (set->metadata) wg__free(set->allocator, set->metadata);
    *set = (wg_named_arrays){0};
}

const wg_array *wg_named_find(const wg_named_arrays *set, const char *name)
{
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->at[i].name, name) == 0) return &set->at[i].array;
    return NULL;
}

const char *wg_metadata_find(const wg_named_arrays *set, const char *key)
{
    for (size_t i = 0; i < set->metadata_count; i++)
        if (strcmp(set->metadata[i].key, key) == 0) return set->metadata[i].value;
    return NULL;
}

/* ---- names ---- */

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *wg__text_sort(const char **texts, size_t count)
{
    if (count > 1) qsort(texts, count, sizeof *texts, compare_texts);
    for (size_t i = 1; i < count; i++)
        if (strcmp(texts[i - 1], texts[i]) == 0) return texts[i];
    return NULL;
}

bool wg__named_check(const char *path, const wg_named_views *views, const wg_allocator *allocator,
                     char *reason)
{
    for (size_t i = 0; i < views->count; i++) {
        const wg_named_view *view = &views->at[i];
        if (!view->name || !*view->name || !wg__is_utf8(view->name))
            return wg__refuse(reason, path, "array %zu has no name in UTF-8", i);
        if (!wg__view_has_values(&view->view))
            return wg__refuse(reason, path, "no values were given for \"%s\"", view->name);
    }
    const char **names = wg__alloc(allocator, views->count * sizeof *names);
    if (!names) return wg__refuse(reason, path, "there is no memory for the list of names");
    for (size_t i = 0; i < views->count; i++) names[i] = views->at[i].name;
    const char *twice = wg__text_sort(names, views->count);
    wg__free(allocator, names);
    return !twice || wg__refuse(reason, path, "the name \"%s\" comes twice", twice);
}

static bool is_plain(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '_' || letter == '-';
}

bool wg__file_name(const char *name, char *text, size_t room)
{
    enum { longest = sizeof "%00" };
    for (; *name; name++) {
        if (room < longest) return false;
        char *const at = text;
        if (is_plain(*name))
            *text++ = *name;
        else if (*name == '/')
            *text++ = '.';
        else
            text += snprintf(text, longest, "%%%02X", (unsigned)(unsigned char)*name);
        room -= (size_t)(text - at);
    }
    if (room > 0) *text = '\0';
    return room > 0;
}
