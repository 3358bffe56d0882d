// SPDX-License-Identifier: MIT
/* JSON, private to the library: as much of it as headers of weights need, read in place. Objects
   without duplicate keys, texts, and sizes. https://www.rfc-editor.org/rfc/rfc8259 */
#ifndef WENGERT_FORMATS_JSON_H
#define WENGERT_FORMATS_JSON_H

#include "bytes.h"
#include "file.h"

/* A text that is read from front to end; texts in it are decoded where they stand. */
typedef struct wg__json {
    char           *start, *at, *end;
    const wg__file *file; /* that the text came from, for the reason */
} wg__json;

/* Those that answer true or false: false with the reason where something else stands. */

/* Refuses: "byte N of the header: WHAT was expected". Always false. */
bool wg__json_expected(const wg__json *j, const char *what);

/* Takes this character if it comes next, spaces before it left out. No reason. */
bool wg__json_take(wg__json *j, char character);

/* Takes a text without zeros, which is sound UTF-8 then; it stands in the text being read. */
bool wg__json_string(wg__json *j, const char **text);

/* Takes a number without sign, fraction and exponent that fits into 63 bits. */
bool wg__json_size(wg__json *j, int64_t *size);

/* Takes an object; `member` takes each value. That a key comes once is left to the caller. */
typedef bool wg__json_member(wg__json *j, const char *key, void *context);
bool         wg__json_object(wg__json *j, wg__json_member *member, void *context);

/* True when nothing but spaces is left. */
bool wg__json_ends(wg__json *j);

/* Appends the text in quotes, escaped as need be. */
void wg__json_write(wg__bytes *to, const char *text);

/* True when the text is sound UTF-8: no overlong forms, no surrogates, nothing past U+10FFFF. */
bool wg__is_utf8(const char *text);

#endif
