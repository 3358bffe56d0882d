// SPDX-License-Identifier: MIT
/* Bytes that grow; the refusal of memory is kept, so that only the end asks for it. */
#include "bytes.h"

#include "file.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void wg__bytes_add(wg__bytes *bytes, const void *from, size_t count)
{
    if (bytes->refused || count == 0) return;
    if (count > SIZE_MAX - bytes->count ||
        !wg__grow(bytes->allocator, &bytes->at, &bytes->capacity, bytes->count + count, 1)) {
        bytes->refused = true;
        return;
    }
    memcpy(bytes->at + bytes->count, from, count);
    bytes->count += count;
}

void wg__bytes_number(wg__bytes *bytes, uint64_t number, int width)
{
    for (int i = 0; i < width; i++, number >>= 8)
        wg__bytes_add(bytes, &(unsigned char){(unsigned char)(number & 0xFF)}, 1);
}

uint64_t wg__number_at(const unsigned char *from, int width)
{
    uint64_t number = 0;
    for (int i = width; i-- > 0;) number = number << 8 | from[i];
    return number;
}

void wg__bytes_print(wg__bytes *bytes, const char *format, ...)
{
    char    text[201];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    wg__bytes_add(bytes, text, strlen(text));
}

void wg__bytes_xml(wg__bytes *bytes, const char *text)
{
    for (; *text; text++) {
        const char *as = *text == '<'   ? "&lt;"
                         : *text == '&' ? "&amp;"
                         : *text == '>' ? "&gt;"
                                        : NULL;
        wg__bytes_add(bytes, as ? as : text, as ? strlen(as) : 1);
    }
}

bool wg__bytes_save(const wg__bytes *bytes, const char *path, char *reason)
{
    wg__draft draft;
    if (bytes->refused) return wg__refuse(reason, path, "out of memory");
    return wg__draft_open(&draft, path, reason) &&
           wg__draft_close(&draft, wg__draft_write(&draft, bytes->at, bytes->count));
}

void wg__bytes_free(wg__bytes *bytes)
{
    wg__free(bytes->allocator, bytes->at);
    *bytes = (wg__bytes){.allocator = bytes->allocator};
}
