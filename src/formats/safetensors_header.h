// SPDX-License-Identifier: MIT
/* The header of safetensors, private to the library: what stands before the bytes of the arrays. */
#ifndef WENGERT_FORMATS_SAFETENSORS_HEADER_H
#define WENGERT_FORMATS_SAFETENSORS_HEADER_H

#include "bytes.h"
#include "file.h"
#include "named.h"

/* An array in the file; its bytes are `first` to `end`, counted from the header's end. */
typedef struct wg__safetensor {
    const char *name;
    wg_type     type;     /* that it is read into */
    bool        is_short; /* numbers of two bytes, of this kind */
    wg__short   kind;
    int64_t     first, end;
} wg__safetensor;

/* All texts stand in `text`. */
typedef struct wg__safetensors {
    const wg_allocator *allocator;
    char               *text;
    size_t              count, room;
    wg__safetensor     *at;           /* in the order of their bytes */
    bool                has_metadata; /* even if there is no text in it */
    size_t              metadata_count, metadata_room;
    wg_metadata        *metadata; /* in the order of their keys */
} wg__safetensors;

/* Reads the header and finds all right in it, so that the file stands at the first array's bytes,
   and what is left of it is those of all arrays. False with the reason. */
bool wg__safetensors_open(wg__file *file, const wg_allocator *allocator, wg__safetensors *header);

/* Takes what is left by a failure, too. */
void wg__safetensors_close(wg__safetensors *header);

/* Bytes of an element in the file. */
int64_t wg__stored_size(const wg__safetensor *array);

/* Puts the views into the order in which their bytes are to be written. */
void wg__safetensors_sort(const wg_named_view **views, size_t count);

/* Appends length and text of the header for the views in this order. */
void wg__safetensors_print(wg__bytes *to, const wg_named_view *const *views,
                           const wg_named_views *all);

#endif
