// SPDX-License-Identifier: MIT
/* JSON without numbers that are no sizes, without arrays, true, false and null. Decoding only
   shortens a text, so it is written over itself. */
#include "json.h"

#include "../tensor/shape.h"

#include <string.h>

bool wg__json_expected(const wg__json *j, const char *what)
{
    return wg__file_refuse(j->file, "byte %lld of the header: %s was expected",
                           (long long)(j->at - j->start), what);
}

static void skip_spaces(wg__json *j)
{
    while (j->at < j->end && *j->at && strchr(" \t\r\n", *j->at)) j->at++;
}

bool wg__json_take(wg__json *j, char character)
{
    skip_spaces(j);
    if (j->at == j->end || *j->at != character) return false;
    j->at++;
    return true;
}

bool wg__json_ends(wg__json *j)
{
    skip_spaces(j);
    return j->at == j->end || wg__json_expected(j, "nothing more");
}

/* ---- UTF-8 ---- */

/* Bytes of the character that starts here, 0 for a broken one. RFC 3629, section 4. */
static int utf8_length(const char *text, const char *end)
{
    const unsigned char *byte = (const unsigned char *)text;
    if (byte[0] < 0x80) return 1;
    const int length = byte[0] < 0xC2 ? 0 : byte[0] < 0xE0 ? 2 : byte[0] < 0xF0 ? 3 : 4;
    if (length == 0 || byte[0] > 0xF4 || end - text < length) return 0;
    for (int i = 1; i < length; i++)
        if ((byte[i] & 0xC0) != 0x80) return 0;
    const bool bad = (byte[0] == 0xE0 && byte[1] < 0xA0) || (byte[0] == 0xED && byte[1] > 0x9F) ||
                     (byte[0] == 0xF0 && byte[1] < 0x90) || (byte[0] == 0xF4 && byte[1] > 0x8F);
    return bad ? 0 : length;
}

bool wg__is_utf8(const char *text)
{
    const char *end = text + strlen(text);
    int         length = 1;
    for (; text < end && length > 0; text += length) length = utf8_length(text, end);
    return length > 0;
}

static char *utf8_write(uint32_t code, char *to)
{
    const int length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (int i = length; i-- > 1; code >>= 6) to[i] = (char)(0x80 | (code & 0x3F));
    to[0] = (char)(length == 1 ? code : (0xF00U >> length & 0xFF) | code);
    return to + length;
}

/* ---- texts ---- */

/* Four hexadecimal digits, or -1. */
static int32_t take_hex(wg__json *j)
{
    int32_t value = 0;
    if (j->end - j->at < 4) return -1;
    for (int i = 0; i < 4; i++, j->at++) {
        static const char digits[] = "0123456789abcdefABCDEF";
        const char       *digit = *j->at ? strchr(digits, *j->at) : NULL;
        if (!digit) return -1;
        const int32_t number = (int32_t)(digit - digits);
        value = value << 4 | (number < 16 ? number : number - 6);
    }
    return value;
}

/* What stands behind "\u": a character, or the first and then the second half of one. */
static bool take_code(wg__json *j, uint32_t *code)
{
    const int32_t first = take_hex(j);
    if (first <= 0 || (first >= 0xDC00 && first < 0xE000))
        return wg__json_expected(j, "a character other than zero in four hexadecimal digits");
    *code = (uint32_t)first;
    if (first < 0xD800 || first >= 0xE000) return true;
    const bool    more = j->end - j->at > 2 && j->at[0] == '\\' && j->at[1] == 'u';
    const int32_t second = more ? (j->at += 2, take_hex(j)) : -1;
    if (second < 0xDC00 || second >= 0xE000)
        return wg__json_expected(j, "the second half of a character");
    *code = 0x10000 + ((uint32_t)(first - 0xD800) << 10) + (uint32_t)(second - 0xDC00);
    return true;
}

/* Takes what stands behind a backslash and writes it at *to. */
static bool take_escape(wg__json *j, char **to)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char        name = j->at < j->end ? *j->at++ : '\0';
    const char       *found = name ? strchr(names, name) : NULL;
    uint32_t          code = 0;
    if (found) *(*to)++ = values[found - names];
    if (found) return true;
    if (name != 'u') return wg__json_expected(j, "an escape");
    if (!take_code(j, &code)) return false;
    *to = utf8_write(code, *to);
    return true;
}

bool wg__json_string(wg__json *j, const char **text)
{
    if (!wg__json_take(j, '"')) return wg__json_expected(j, "a text in quotes");
    char *to = j->at;
    *text = to;
    while (j->at < j->end && *j->at != '"') {
        const int length = utf8_length(j->at, j->end);
        if (length == 0 || (unsigned char)*j->at < ' ')
            return wg__json_expected(j, "a character of UTF-8");
        if (*j->at == '\\') {
            j->at++;
            if (!take_escape(j, &to)) return false;
        } else {
            memmove(to, j->at, (size_t)length);
            to += length;
            j->at += length;
        }
    }
    if (j->at == j->end) return wg__json_expected(j, "a closing quote");
    *to = '\0'; /* at the closing quote, or before it */
    j->at++;
    return true;
}

bool wg__json_size(wg__json *j, int64_t *size)
{
    skip_spaces(j);
    const char *first = j->at;
    for (*size = 0; j->at < j->end && *j->at >= '0' && *j->at <= '9'; j->at++) {
        const bool fits = wg__multiply(*size, 10, size) && *size <= INT64_MAX - (*j->at - '0');
        if (!fits) return wg__json_expected(j, "a size that fits into 63 bits");
        *size += *j->at - '0';
    }
    const bool plain = j->at > first && (*first != '0' || j->at == first + 1); /* no 07 */
    return plain || wg__json_expected(j, "a size");
}

bool wg__json_object(wg__json *j, wg__json_member *member, void *context)
{
    if (!wg__json_take(j, '{')) return wg__json_expected(j, "an object");
    if (wg__json_take(j, '}')) return true;
    do {
        const char *key;
        if (!wg__json_string(j, &key)) return false;
        if (!wg__json_take(j, ':')) return wg__json_expected(j, "a colon");
        if (!member(j, key, context)) return false;
    } while (wg__json_take(j, ','));
    return wg__json_take(j, '}') || wg__json_expected(j, "a comma or the end of an object");
}

/* ---- writing ---- */

void wg__json_write(wg__bytes *to, const char *text)
{
    wg__bytes_add(to, "\"", 1);
    for (; *text; text++) {
        if ((unsigned char)*text < ' ')
            wg__bytes_print(to, "\\u%04x", (unsigned)*text);
        else if (*text == '"' || *text == '\\')
            wg__bytes_print(to, "\\%c", *text);
        else
            wg__bytes_add(to, text, 1);
    }
    wg__bytes_add(to, "\"", 1);
}
