// SPDX-License-Identifier: MIT
/*
 * Text as bytes: a file as it is, for networks that read characters.
 *
 *     wg_array text;
 *     char reason[WG_REASON];
 *     if (!wg_text_read("book.txt", 0, NULL, &text, reason)) puts(reason);
 */
#ifndef WENGERT_FORMATS_TEXT_H
#define WENGERT_FORMATS_TEXT_H

#include "array.h"

/* The longest file that is read when no limit is given, in bytes. */
#define WG_TEXT_MOST ((int64_t)1 << 30)

WG_BEGIN_DECLS

/*
 * Reads the whole file into *array, u8 (bytes), with memory from `allocator` (NULL: the default);
 * freed with wg_array_free. False with the reason, and no array, when the file cannot be read, is
 * longer than `most` bytes (0: WG_TEXT_MOST), or when there is no memory.
 */
WG_API bool wg_text_read(const char *path, int64_t most, const wg_allocator *allocator,
                         wg_array *array, char reason[WG_REASON]);

WG_END_DECLS

#endif
