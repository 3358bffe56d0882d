// SPDX-License-Identifier: MIT
/* Bytes, private to the library: a piece of memory that grows as a file's text is put together. */
#ifndef WENGERT_FORMATS_BYTES_H
#define WENGERT_FORMATS_BYTES_H

#include "../tensor/memory.h"

#include <stdbool.h>
#include <stdint.h>

/* Begin with the allocator alone. Once memory ran out nothing more is added. */
typedef struct wg__bytes {
    const wg_allocator *allocator;
    unsigned char      *at;
    size_t              count, capacity;
    bool                refused; /* there was no memory */
} wg__bytes;

/* Appends bytes. */
void wg__bytes_add(wg__bytes *bytes, const void *from, size_t count);

/* Appends a number of `width` bytes, the least significant one first. */
void wg__bytes_number(wg__bytes *bytes, uint64_t number, int width);

/* Appends a text of at most 200 characters. */
void wg__bytes_print(wg__bytes *bytes, const char *format, ...) WG_PRINTF(2, 3);

/* Appends a text of any length as XML has it between tags. */
void wg__bytes_xml(wg__bytes *bytes, const char *text);

/* Makes the bytes the file `path`, replaced as a whole. False with the reason, also where memory ran
   out before. */
bool wg__bytes_save(const wg__bytes *bytes, const char *path, char *reason);

/* The number of `width` bytes at `from`, the least significant one first. */
uint64_t wg__number_at(const unsigned char *from, int width);

void wg__bytes_free(wg__bytes *bytes);

#endif
