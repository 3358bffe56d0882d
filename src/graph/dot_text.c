// SPDX-License-Identifier: MIT
/* Text of a picture: escaped names, numbers and settings. */
#include "dot_internal.h"

#include <math.h>
#include <string.h>

/* ---- names ---- */

/* Bytes of the UTF-8 character at s that XML allows, 0 when there is none. RFC 3629. */
static size_t character(const unsigned char *s, size_t left)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t length = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (length <= 1) return length;
    if (length > left || s[0] > 0xf4) return 0;
    uint32_t code = s[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
        code = code << 6 | (s[i] & 0x3fu);
    }
    const bool surrogate = code >= 0xd800 && code < 0xe000, none = (code & 0xfffe) == 0xfffe;
    return code < least[length] || code > 0x10ffff || surrogate || none ? 0 : length;
}

/* One ASCII character. Graphviz reads a backslash as the start of an escape, even as &#92;. */
static void write_ascii(FILE *file, unsigned char c)
{
    switch (c) {
    case '&': fputs("&amp;", file); break;
    case '<': fputs("&lt;", file); break;
    case '>': fputs("&gt;", file); break;
    case '"': fputs("&quot;", file); break;
    case '\\': fputs("\\\\", file); break;
    case '\n': fputs("\\\\n", file); break;
    case '\t': fputs("\\\\t", file); break;
    default:
        if (c < ' ' || c == 0x7f)
            fprintf(file, "\\\\x%02x", c);
        else
            fputc(c, file);
    }
}

void wg__dot_text(FILE *file, const char *text, size_t length)
{
    const unsigned char *s = (const unsigned char *)text, *end = s + length;
    while (s < end) {
        const size_t bytes = character(s, (size_t)(end - s));
        if (bytes == 0)
            fputs("\xef\xbf\xbd", file);
        else if (bytes == 1)
            write_ascii(file, *s);
        else
            fwrite(s, 1, bytes, file);
        s += bytes ? bytes : 1;
    }
}

/* ---- numbers ---- */

void wg__dot_number(FILE *file, double x)
{
    char text[40];
    if (isnan(x)) {
        fputs("NaN", file);
        return;
    }
    snprintf(text, sizeof text, "%.4g", x);
    for (const char *c = text; *c;) {
        const size_t own = strspn(c, "+-0123456789einf");
        fwrite(c, 1, own, file);
        c += own;
        if (*c) fputc('.', file);
        c += strcspn(c, "+-0123456789einf");
    }
}

void wg__dot_bytes(FILE *file, double bytes)
{
    static const char *const unit[] = {"B", "KiB", "MiB", "GiB"};
    int                      k = 0;
    for (; bytes >= 1024 && k < 3; k++) bytes /= 1024;
    wg__dot_number(file, bytes);
    fprintf(file, " %s", unit[k]);
}

/* ---- settings ---- */

/* Takes the next `bytes` of the settings; false where they end. */
static bool take(const wg__node *node, size_t *at, void *value, size_t bytes)
{
    if (bytes > node->attrs_bytes - *at) return false;
    memcpy(value, (const char *)node->attrs + *at, bytes);
    *at += bytes;
    return true;
}

/* A count and WG_MAX_RANK numbers: "(0,2)". */
static void write_list(FILE *file, const int64_t list[WG_MAX_RANK + 1])
{
    fputc('(', file);
    for (int64_t i = 0; i < list[0] && i < WG_MAX_RANK; i++)
        fprintf(file, "%s%lld", i ? "," : "", (long long)list[1 + i]);
    fputc(')', file);
}

/* What one % of the wording stands for. */
static void write_setting(FILE *file, char kind, const wg__node *node, size_t *at)
{
    int64_t integer, list[WG_MAX_RANK + 1];
    double  number;
    if (kind == 'd' && take(node, at, &integer, sizeof integer))
        fprintf(file, "%lld", (long long)integer);
    else if (kind == 'g' && take(node, at, &number, sizeof number))
        wg__dot_number(file, number);
    else if (kind == 'a' && take(node, at, list, sizeof list))
        write_list(file, list);
}

void wg__dot_settings(FILE *file, const char *before, const wg__node *node)
{
    const char *words = node->op->settings;
    size_t      at = 0;
    if (!words) return;
    fputs(before, file);
    while (*words) {
        const size_t plain = strcspn(words, "%");
        wg__dot_text(file, words, plain);
        words += plain;
        if (!*words || !words[1]) return;
        write_setting(file, words[1], node, &at);
        words += 2;
    }
}
