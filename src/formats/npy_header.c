// SPDX-License-Identifier: MIT
/*
 * The header of a .npy file: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 *     "\x93NUMPY"  major  minor  length (2 bytes little-endian in version 1, else 4)
 *     {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }      and spaces up to a line end
 */
#include "npy_header.h"

#include <stdio.h>
#include <string.h>

static const char magic[6] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};

/* What is written stands before what is only read. */
static const struct {
    char     text[3];
    wg_dtype dtype;
} codes[] = {{"f4", WG_F32}, {"f8", WG_F64},  {"i4", WG_I32}, {"i8", WG_I64},
             {"u1", WG_U8},  {"b1", WG_BOOL}, {"f2", WG_F32}};

enum { code_count = sizeof codes / sizeof *codes };

/* ---- the dict, read from front to end ---- */

typedef struct parser {
    const char     *start, *at, *end;
    const wg__file *file;
} parser;

static bool expected(const parser *p, const char *what)
{
    return wg__file_refuse(p->file, "npy header, byte %d: %s was expected", (int)(p->at - p->start),
                           what);
}

static void skip_spaces(parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n')) p->at++;
}

/* Takes `text` if it comes next, spaces before it left out. */
static bool take(parser *p, const char *text)
{
    const size_t length = strlen(text);
    skip_spaces(p);
    if ((size_t)(p->end - p->at) < length || memcmp(p->at, text, length) != 0) return false;
    p->at += length;
    return true;
}

/* Takes a text in quotes that is no longer than `text` has room for. */
static bool parse_text(parser *p, char *text, size_t room)
{
    if (!take(p, "'") && !take(p, "\"")) return expected(p, "a text in quotes");
    const char quote = p->at[-1];
    size_t     length = 0;
    for (; p->at < p->end && *p->at != quote; p->at++) {
        const bool plain = *p->at >= ' ' && *p->at <= '~' && *p->at != '\\';
        if (!plain || length + 1 >= room) return expected(p, "a short text without escapes");
        text[length++] = *p->at;
    }
    text[length] = '\0';
    return p->at++ < p->end || expected(p, "a closing quote");
}

static bool parse_truth(parser *p, bool *truth)
{
    *truth = take(p, "True");
    return *truth || take(p, "False") || expected(p, "True or False");
}

static bool parse_size(parser *p, int64_t *size)
{
    const char *first = p->at;
    for (*size = 0; p->at < p->end && *p->at >= '0' && *p->at <= '9'; p->at++) {
        const bool fits = wg__multiply(*size, 10, size) && *size <= INT64_MAX - (*p->at - '0');
        if (!fits) return expected(p, "a size that fits into 63 bits");
        *size += *p->at - '0';
    }
    const bool python = p->at > first && (*first != '0' || p->at == first + 1); /* no 07 */
    return python || expected(p, "a size");
}

/* (), (5,), (2, 3), (2, 3,): as in Python, the comma makes the tuple. */
static bool parse_shape(parser *p, wg_shape *shape)
{
    *shape = (wg_shape){.rank = 0};
    if (!take(p, "(")) return expected(p, "a shape in brackets");
    bool comma = true;
    while (!take(p, ")")) {
        if (!comma) return expected(p, "a comma or the end of a shape");
        if (shape->rank == WG_MAX_RANK) return expected(p, "a shape of at most 8 axes");
        if (!parse_size(p, &shape->dim[shape->rank++])) return false;
        comma = take(p, ",");
    }
    return comma || shape->rank != 1 || expected(p, "a comma in a shape of one axis");
}

/* What the dict says, as text where it is text. */
typedef struct dict {
    char     descr[64];
    bool     fortran;
    wg_shape shape;
} dict;

/* Takes "'key': value" and returns the key's number in the order above, or -1. */
static int parse_entry(parser *p, dict *found)
{
    char key[20];
    if (!parse_text(p, key, sizeof key)) return -1;
    if (!take(p, ":")) return expected(p, "a colon"), -1;
    if (strcmp(key, "descr") == 0) return parse_text(p, found->descr, sizeof found->descr) ? 0 : -1;
    if (strcmp(key, "fortran_order") == 0) return parse_truth(p, &found->fortran) ? 1 : -1;
    if (strcmp(key, "shape") == 0) return parse_shape(p, &found->shape) ? 2 : -1;
    return expected(p, "descr, fortran_order or shape"), -1;
}

static bool parse_dict(parser *p, dict *found)
{
    bool seen[3] = {false, false, false}, comma = true;
    if (!take(p, "{")) return expected(p, "a dict");
    while (!take(p, "}")) {
        if (!comma) return expected(p, "a comma or the end of the dict");
        const int key = parse_entry(p, found);
        if (key < 0) return false;
        if (seen[key]) return expected(p, "each key once");
        seen[key] = true;
        comma = take(p, ",");
    }
    if (!seen[0] || !seen[1] || !seen[2])
        return expected(p, "all of descr, fortran_order and shape");
    skip_spaces(p);
    return p->at == p->end || expected(p, "nothing behind the dict");
}

/* ---- what the dict means ---- */

/* "<f4": byte order, then kind and bytes of an element. */
static wg_dtype dtype_of(const char *descr, bool *swap)
{
    if (descr[0] == '\0' || !strchr("<>|=", descr[0])) return WG_NO_DTYPE;
    *swap = descr[0] == (wg__big_endian() ? '<' : '>');
    for (int i = 0; i < code_count; i++) {
        if (strcmp(descr + 1, codes[i].text) == 0) return codes[i].dtype;
    }
    return WG_NO_DTYPE;
}

static bool understand(const wg__file *file, const dict *found, wg__npy_header *header)
{
    header->fortran = found->fortran;
    const wg_dtype dtype = dtype_of(found->descr, &header->swap);
    if (dtype == WG_NO_DTYPE) {
        return wg__file_refuse(file, "the dtype '%s' is not one of f2, f4, f8, i4, i8, u1, b1",
                               found->descr);
    }
    header->half = strcmp(found->descr + 1, "f2") == 0;
    return wg_type_make(dtype, found->shape, &header->type) ||
           wg__file_refuse(file, "the sizes in the npy header are too large");
}

/* The length of the dict, from the 4 or 6 bytes behind the magic. */
static bool read_length(wg__source *source, int64_t *length)
{
    const wg__file *file = &source->file;
    unsigned char   start[8], size[4] = {0};
    if (!wg__source_read(source, start, sizeof start)) return false;
    if (memcmp(start, magic, sizeof magic) != 0) {
        return wg__file_refuse(file, "is not a .npy file");
    }
    const int version = start[6];
    if (version < 1 || version > 3 || start[7] != 0) {
        return wg__file_refuse(file, "has npy version %d.%d, only 1.0, 2.0 and 3.0 are read",
                               version, start[7]);
    }
    if (!wg__source_read(source, size, version == 1 ? 2 : 4)) return false;
    *length =
        (int64_t)size[0] | (int64_t)size[1] << 8 | (int64_t)size[2] << 16 | (int64_t)size[3] << 24;
    return *length <= WG__NPY_HEADER ||
           wg__file_refuse(file, "has an npy header of %lld bytes, more than %d",
                           (long long)*length, WG__NPY_HEADER);
}

bool wg__npy_header_read(wg__source *source, wg__npy_header *header)
{
    const wg__file *file = &source->file;
    char            text[WG__NPY_HEADER];
    int64_t         length = 0;
    if (!read_length(source, &length) || !wg__source_read(source, text, length)) return false;
    parser p = {.start = text, .at = text, .end = text + length, .file = file};
    dict   found;
    return parse_dict(&p, &found) && understand(file, &found, header);
}

/* ---- writing ---- */

/* "|u1" where there is no byte order, "<f4" or ">f4" where there is one. */
static void write_descr(wg_dtype dtype, char descr[4])
{
    const char order = wg_dtype_size(dtype) == 1 ? '|' : wg__big_endian() ? '>' : '<';
    int        i = 0;
    while (codes[i].dtype != dtype) i++;
    snprintf(descr, 4, "%c%.2s", order, codes[i].text);
}

size_t wg__npy_header_write(const wg_type *type, char text[WG__NPY_HEADER])
{
    enum { front = 10, block = 64 };
    char descr[4] = "";
    write_descr(type->dtype, descr);
    int at = front + snprintf(text + front, 100,
                              "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
    for (int64_t axis = 0; axis < type->shape.rank; axis++) {
        at += snprintf(text + at, 30,
                       type->shape.rank == 1 ? "%lld,"
                       : axis > 0            ? ", %lld"
                                             : "%lld",
                       (long long)type->shape.dim[axis]);
    }
    at += snprintf(text + at, 10, "), }");
    const int end = (at + block) / block * block;
    memset(text + at, ' ', (size_t)(end - at));
    text[end - 1] = '\n';
    memcpy(text, magic, sizeof magic);
    text[6] = 1;
    text[7] = 0;
    text[8] = (char)((end - front) & 0xFF);
    text[9] = (char)((end - front) >> 8);
    return (size_t)end;
}
