// SPDX-License-Identifier: MIT
/*
 * Named arrays: what files of weights hold. wg_safetensors_read and wg_npz_read give a set of them,
 * wg_safetensors_write and wg_npz_write take views of values that lie anywhere.
 */
#ifndef WENGERT_FORMATS_NAMED_H
#define WENGERT_FORMATS_NAMED_H

#include "array.h"

/* A text of a file about itself: key "format", value "pt". */
typedef struct wg_metadata {
    const char *key, *value;
} wg_metadata;

/* An array and its name. */
typedef struct wg_named_array {
    const char *name;
    wg_array    array;
} wg_named_array;

/* What was read, owned by whoever had it read; each name stands once. All members zero: nothing. */
typedef struct wg_named_arrays {
    size_t              count;
    wg_named_array     *at;
    size_t              metadata_count;
    wg_metadata        *metadata;
    const wg_allocator *allocator; /* where all came from; must outlive the set */
} wg_named_arrays;

/* Values to be written, and their name. */
typedef struct wg_named_view {
    const char *name;
    wg_view     view;
} wg_named_view;

/* What is to be written; all borrowed. */
typedef struct wg_named_views {
    size_t               count;
    const wg_named_view *at;
    size_t               metadata_count;
    const wg_metadata   *metadata; /* only safetensors have a place for it */
} wg_named_views;

WG_BEGIN_DECLS

/* The array of this name; NULL where there is none. Borrowed from the set. */
WG_API const wg_array *wg_named_find(const wg_named_arrays *set, const char *name);

/* The text of this key; NULL where there is none. Borrowed from the set. */
WG_API const char *wg_metadata_find(const wg_named_arrays *set, const char *key);

/* Frees all arrays and names and leaves nothing. Takes what a failed read left behind, too. */
WG_API void wg_named_free(wg_named_arrays *set);

WG_END_DECLS

/* ---- private to the library ---- */

/* Room for so many arrays and texts, none there yet. False, and no set, without memory. */
bool wg__named_new(wg_named_arrays *set, size_t count, size_t metadata_count,
                   const wg_allocator *allocator);

/* A copy of the text; NULL without memory. */
char *wg__text_new(const wg_allocator *allocator, const char *text);

/* True when each view has values and a name of sound UTF-8, and no name comes twice; else false
   with the reason. Takes memory for a list of names from `allocator`. */
bool wg__named_check(const char *path, const wg_named_views *views, const wg_allocator *allocator,
                     char *reason);

/* Sorts the texts by their bytes and returns one that stands twice, or NULL. */
const char *wg__text_sort(const char **texts, size_t count);

/*
 * The name that a leaf of the tape has in files: a slash becomes a dot, letters, digits, '_' and
 * '-' stay, any other byte becomes %XX, its two hexadecimal digits (a dot %2E). So two leaves never
 * share a name. False when `text` has no room for it; 3 bytes for each and 1 suffice.
 */
bool wg__file_name(const char *name, char *text, size_t room);

#endif
