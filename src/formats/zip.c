// SPDX-License-Identifier: MIT
/*
 * ZIP archives. The directory is read first and believed in nothing: entries lie in the file in
 * the order of the directory's offsets, without sharing a byte, and their own headers agree with it.
 */
#include "zip.h"

#include "named.h"

#include <stdlib.h>
#include <string.h>

/* What a piece begins with, and its bytes without names. */
enum { local_magic = 0x04034B50, central_magic = 0x02014B50, end_magic = 0x06054B50 };
enum { local_size = 30, central_size = 46, end_size = 22 };
enum { stored = 0, deflated = 8, encrypted = 1, most_entries = 65534 };

static uint32_t u16(const unsigned char *at)
{
    return (uint32_t)wg__number_at(at, 2);
}

static uint32_t u32(const unsigned char *at)
{
    return (uint32_t)wg__number_at(at, 4);
}

/* ---- reading the directory ---- */

/* The end of the archive: its directory has `count` entries in `bytes` bytes and lies just before. */
static bool read_end(wg__zip *zip, int64_t *bytes)
{
    unsigned char end[end_size];
    wg__file     *file = &zip->file;
    if (file->size < end_size || !wg__file_seek(file, file->size - end_size) ||
        !wg__file_read(file, end, end_size) || u32(end) != end_magic)
        return wg__file_refuse(file, "is no ZIP archive, or one with a comment at its end");
    const int64_t offset = u32(end + 16);
    *bytes = u32(end + 12);
    zip->count = u16(end + 10);
    if (zip->count > most_entries || offset == UINT32_MAX)
        return wg__file_refuse(file, "is a ZIP64 archive, which is not read");
    if (u32(end + 4) != 0 || u16(end + 8) != zip->count || u16(end + 20) != 0 ||
        offset + *bytes != file->size - end_size)
        return wg__file_refuse(file, "is a ZIP archive whose end does not agree with its length");
    return true;
}

static bool refuse_entry(const wg__zip *zip, const char *name, const char *why)
{
    return wg__file_refuse(&zip->file, "the entry \"%s\" %s", name, why);
}

/* What is said of an entry whose name was found. */
static bool check_entry(const wg__zip *zip, const wg__zip_entry *entry, const unsigned char *from,
                        size_t name_length)
{
    const uint32_t method = u16(from + 10);
    if (strlen(entry->name) != name_length || name_length == 0)
        return refuse_entry(zip, entry->name, "has no name, or a zero in it");
    if (u16(from + 8) & encrypted) return refuse_entry(zip, entry->name, "is encrypted");
    if (method != stored && method != deflated)
        return refuse_entry(zip, entry->name, "is neither stored nor deflated");
    if (entry->packed == UINT32_MAX || entry->bytes == UINT32_MAX || entry->offset == UINT32_MAX)
        return refuse_entry(zip, entry->name, "is one of a ZIP64 archive, which is not read");
    return true;
}

/* Takes one entry from *at and moves behind it. Its name is moved by a byte, onto the last one of
   the numbers before it, so that there is room for a zero at its end. */
static bool read_entry(wg__zip *zip, wg__zip_entry *entry, unsigned char **at,
                       const unsigned char *end)
{
    unsigned char *from = *at;
    if (end - from < central_size || u32(from) != central_magic)
        return wg__file_refuse(&zip->file, "is a ZIP archive whose directory is broken");
    const size_t name = u16(from + 28), behind = u16(from + 30) + u16(from + 32);
    if ((size_t)(end - from - central_size) < name + behind)
        return wg__file_refuse(&zip->file, "is a ZIP archive whose directory ends early");
    *entry = (wg__zip_entry){.name = (const char *)from + central_size - 1,
                             .offset = u32(from + 42),
                             .packed = u32(from + 20),
                             .bytes = u32(from + 24),
                             .sum = u32(from + 16),
                             .deflated = u16(from + 10) == deflated};
    memmove(from + central_size - 1, from + central_size, name);
    from[central_size - 1 + name] = '\0';
    *at = from + central_size + name + behind;
    return check_entry(zip, entry, from, name);
}

static int compare_offsets(const void *a, const void *b)
{
    const wg__zip_entry *x = a, *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Entries lie before the directory and before each other. */
static bool check_entries(const wg__zip *zip)
{
    for (size_t i = 0; i < zip->count; i++) {
        const wg__zip_entry *entry = &zip->at[i];
        const int64_t        next = i + 1 < zip->count ? zip->at[i + 1].offset : zip->end;
        const int64_t        least = local_size + (int64_t)strlen(entry->name) + entry->packed;
        if (entry->offset + least > next)
            return refuse_entry(zip, entry->name, "lies over what follows it");
    }
    const char **names = wg__alloc(zip->allocator, zip->count * sizeof *names);
    if (!names) return wg__file_refuse(&zip->file, "there is no memory for its names");
    for (size_t i = 0; i < zip->count; i++) names[i] = zip->at[i].name;
    const char *twice = wg__text_sort(names, zip->count);
    wg__free(zip->allocator, names);
    return !twice || wg__file_refuse(&zip->file, "the name \"%s\" comes twice", twice);
}

static bool read_directory(wg__zip *zip)
{
    int64_t bytes = 0;
    if (!read_end(zip, &bytes)) return false;
    zip->end = zip->file.size - end_size - bytes;
    zip->directory = wg__alloc(zip->allocator, (size_t)bytes);
    zip->at = wg__alloc_zero(zip->allocator, zip->count * sizeof *zip->at);
    if (!zip->directory || !zip->at)
        return wg__file_refuse(&zip->file, "there is no memory for its directory");
    if (!wg__file_seek(&zip->file, zip->end) || !wg__file_read(&zip->file, zip->directory, bytes))
        return false;
    unsigned char *at = zip->directory, *end = at + bytes;
    for (size_t i = 0; i < zip->count; i++)
        if (!read_entry(zip, &zip->at[i], &at, end)) return false;
    if (at != end) return wg__file_refuse(&zip->file, "has bytes behind its directory");
    if (zip->count > 1) qsort(zip->at, zip->count, sizeof *zip->at, compare_offsets);
    return check_entries(zip);
}

bool wg__zip_open(wg__zip *zip, const char *path, const wg_allocator *allocator, char *reason)
{
    *zip = (wg__zip){.allocator = allocator};
    if (!wg__file_open(&zip->file, path, reason)) return false;
    if (read_directory(zip)) return true;
    wg__zip_close(zip);
    return false;
}

void wg__zip_close(wg__zip *zip)
{
    wg__file_close(&zip->file);
    wg__free(zip->allocator, zip->directory);
    wg__free(zip->allocator, zip->at);
}

/* ---- reading an entry ---- */

/* Reads the entry's own header: names and extra bytes behind it may have other lengths than in the
   directory. */
static bool skip_header(wg__zip *zip, const wg__zip_entry *entry, int64_t next)
{
    unsigned char header[local_size];
    if (!wg__file_seek(&zip->file, entry->offset) || !wg__file_read(&zip->file, header, local_size))
        return false;
    const int64_t start = entry->offset + local_size + u16(header + 26) + u16(header + 28);
    if (u32(header) != local_magic || u16(header + 8) != (entry->deflated ? deflated : stored) ||
        u16(header + 26) != strlen(entry->name) || start + entry->packed > next)
        return refuse_entry(zip, entry->name, "does not agree with the directory");
    return wg__file_seek(&zip->file, start);
}

bool wg__zip_entry_open(wg__zip *zip, size_t i, const char *name, wg__source *source)
{
    const wg__zip_entry *entry = &zip->at[i];
    const int64_t        next = i + 1 < zip->count ? zip->at[i + 1].offset : zip->end;
    return skip_header(zip, entry, next) &&
           wg__source_part(source, &zip->file,
                           &(wg__part){.name = name,
                                       .packed = entry->packed,
                                       .bytes = entry->bytes,
                                       .deflated = entry->deflated},
                           zip->allocator);
}

bool wg__zip_entry_check(const wg__zip *zip, size_t i, wg__source *source)
{
    return wg__source_ends(source) && (source->sum == zip->at[i].sum ||
                                       wg__file_refuse(&source->file, "has a wrong checksum"));
}

/* ---- writing ---- */

/* Version, flags, method, date and sizes: the same in both headers. */
static void add_common(wg__bytes *to, uint32_t sum, uint64_t bytes, size_t name_length)
{
    enum { version = 20, names_are_utf8 = 1 << 11, first_of_1980 = 1 << 5 | 1 };
    wg__bytes_number(to, version, 2);
    wg__bytes_number(to, names_are_utf8, 2);
    wg__bytes_number(to, stored, 2);
    wg__bytes_number(to, 0, 2);
    wg__bytes_number(to, first_of_1980, 2);
    wg__bytes_number(to, sum, 4);
    wg__bytes_number(to, bytes, 4);
    wg__bytes_number(to, bytes, 4);
    wg__bytes_number(to, name_length, 2);
    wg__bytes_number(to, 0, 2);
}

static bool write_and_free(const wg__zip_draft *zip, wg__bytes *bytes)
{
    const bool good = bytes->refused
                          ? wg__refuse(zip->draft->reason, zip->draft->path, "there is no memory")
                          : wg__draft_write(zip->draft, bytes->at, bytes->count);
    wg__bytes_free(bytes);
    return good;
}

bool wg__zip_has_room(const wg__zip_draft *zip, const char *name, uint64_t bytes)
{
    const size_t   length = strlen(name);
    const uint64_t room = UINT32_MAX - zip->offset;
    return (zip->count < most_entries && length <= UINT16_MAX && bytes < room &&
            room - bytes > local_size + length) ||
           wg__refuse(zip->draft->reason, zip->draft->path,
                      "would pass 4 GiB, or have too many arrays or too long a name");
}

bool wg__zip_begin(wg__zip_draft *zip, const char *name, uint32_t sum, uint64_t bytes)
{
    const size_t length = strlen(name);
    wg__bytes    header = {.allocator = zip->directory.allocator};
    wg__bytes_number(&header, local_magic, 4);
    add_common(&header, sum, bytes, length);
    wg__bytes_add(&header, name, length);

    wg__bytes *to = &zip->directory;
    wg__bytes_number(to, central_magic, 4);
    wg__bytes_number(to, 20, 2);
    add_common(to, sum, bytes, length);
    wg__bytes_number(to, 0, 10); /* comment, disk, kinds of file */
    wg__bytes_number(to, zip->offset, 4);
    wg__bytes_add(to, name, length);
    zip->offset += header.count + bytes;
    zip->count++;
    return write_and_free(zip, &header);
}

bool wg__zip_end(wg__zip_draft *zip)
{
    wg__bytes     *to = &zip->directory;
    const uint64_t bytes = to->count;
    wg__bytes_number(to, end_magic, 4);
    wg__bytes_number(to, 0, 4);
    wg__bytes_number(to, (uint64_t)zip->count, 2);
    wg__bytes_number(to, (uint64_t)zip->count, 2);
    wg__bytes_number(to, bytes, 4);
    wg__bytes_number(to, zip->offset, 4);
    wg__bytes_number(to, 0, 2);
    return write_and_free(zip, to);
}
