// SPDX-License-Identifier: MIT
/* Plain and gzip'ed files behind one set of calls. zlib gets its memory from the caller's
   allocator, and all of it when the file is opened or first read. Without zlib (no WG_HAVE_ZLIB)
   only plain files are read. */
#include "source.h"

#include "../tensor/shape.h"

#ifdef WG_HAVE_ZLIB

#include <zlib.h>

/* Deflate never shrinks data to less than this part: RFC 1951 needs 2 bits for at most 258
   bytes. */
enum { most_packed = 1032 };

struct wg__inflater {
    const wg_allocator *allocator;
    z_stream            stream;
    bool                ended; /* by the end that gzip marks, checksum and length included */
    unsigned char       packed[16384];
};

static voidpf inflater_alloc(voidpf allocator, uInt items, uInt size)
{
    return wg__alloc(allocator, (size_t)items * size);
}

static void inflater_free(voidpf allocator, voidpf memory)
{
    wg__free(allocator, memory);
}

static bool no_memory(const wg__source *source)
{
    return wg__file_refuse(&source->file, "there is no memory to unpack it");
}

/* What zlib takes for a file with gzip's header and end, and for one without either. */
enum { gzip = 16 + MAX_WBITS, bare = -MAX_WBITS };

static bool inflater_new(wg__source *source, int format, const wg_allocator *allocator)
{
    struct wg__inflater *inflater = wg__alloc_zero(allocator, sizeof *inflater);
    if (!inflater) return no_memory(source);
    inflater->allocator = allocator;
    inflater->stream = (z_stream){
        .zalloc = inflater_alloc, .zfree = inflater_free, .opaque = (voidpf)(uintptr_t)allocator};
    if (inflateInit2(&inflater->stream, format) != Z_OK) {
        wg__free(allocator, inflater);
        return no_memory(source);
    }
    source->inflater = inflater;
    return true;
}

static void inflater_close(struct wg__inflater *inflater)
{
    inflateEnd(&inflater->stream);
    wg__free(inflater->allocator, inflater);
}

/* Reads the next piece of the file when all of the last one is unpacked. */
static bool fill(wg__source *source)
{
    struct wg__inflater *inflater = source->inflater;
    if (inflater->stream.avail_in > 0) return true;
    const int64_t room = sizeof inflater->packed, left = source->file.left;
    const int64_t bytes = left < room ? left : room;
    if (bytes == 0) return wg__file_refuse(&source->file, "is cut short");
    inflater->stream.next_in = inflater->packed;
    inflater->stream.avail_in = (uInt)bytes;
    return wg__file_read(&source->file, inflater->packed, bytes);
}

/* Unpacks until `bytes` bytes came or the packed data ended; *got says how many came. */
static bool unpack(wg__source *source, void *to, int64_t bytes, int64_t *got)
{
    enum { most_at_once = 1 << 30 };
    struct wg__inflater *inflater = source->inflater;
    inflater->stream.next_out = to;
    for (*got = 0; *got < bytes && !inflater->ended;) {
        if (!fill(source)) return false;
        const uInt room = (uInt)(bytes - *got < most_at_once ? bytes - *got : most_at_once);
        inflater->stream.avail_out = room;
        const int status = inflate(&inflater->stream, Z_NO_FLUSH);
        *got += room - inflater->stream.avail_out;
        if (status == Z_MEM_ERROR) return no_memory(source);
        if (status != Z_OK && status != Z_STREAM_END) {
            return wg__file_refuse(&source->file, "is not soundly compressed");
        }
        inflater->ended = status == Z_STREAM_END;
    }
    return true;
}

static bool unpack_all(wg__source *source, void *to, int64_t bytes)
{
    int64_t got;
    if (!unpack(source, to, bytes, &got)) return false;
    return got == bytes ||
           wg__file_refuse(&source->file, "ends early: %lld bytes are wanted, %lld are left",
                           (long long)bytes, (long long)got);
}

/* The end mark may be still to come; one byte more than announced would be unpacked on the way
   to it. */
static bool unpacked_all(wg__source *source)
{
    unsigned char extra;
    int64_t       got;
    if (!unpack(source, &extra, 1, &got)) return false;
    if (got == 0 && source->inflater->stream.avail_in == 0 && source->file.left == 0) return true;
    return wg__file_refuse(&source->file, "has bytes behind its end");
}

static void add_to_sum(wg__source *source, const void *data, int64_t bytes)
{
    source->sum = (uint32_t)crc32_z(source->sum, data, (size_t)bytes);
}

#else

enum { gzip, bare, most_packed = 1 };

static bool inflater_new(wg__source *source, int format, const wg_allocator *allocator)
{
    (void)format, (void)allocator;
    return wg__file_refuse(&source->file, "is compressed, and this library was built without zlib");
}

static void inflater_close(struct wg__inflater *inflater)
{
    (void)inflater;
}

static bool unpack_all(wg__source *source, void *to, int64_t bytes)
{
    return wg__file_read(&source->file, to, bytes);
}

static bool unpacked_all(wg__source *source)
{
    return source->file.left == 0;
}

static void add_to_sum(wg__source *source, const void *data, int64_t bytes)
{
    (void)source, (void)data, (void)bytes;
}

#endif

bool wg__source_open(wg__source *source, const char *path, const wg_allocator *allocator,
                     char *reason)
{
    *source = (wg__source){.inflater = NULL};
    if (!wg__file_open(&source->file, path, reason)) return false;
    source->most = source->file.left;
    if (!wg__file_begins(&source->file, 0x1F, 0x8B)) return true;
    if (!wg__multiply(source->most, most_packed, &source->most)) source->most = INT64_MAX;
    if (inflater_new(source, gzip, allocator)) return true;
    wg__file_close(&source->file);
    return false;
}

bool wg__source_part(wg__source *source, const wg__file *file, const wg__part *part,
                     const wg_allocator *allocator)
{
    *source = (wg__source){.file = *file, .most = part->bytes, .summed = true};
    source->file.path = part->name;
    source->file.left = part->packed;
    if (!part->deflated && part->packed == part->bytes) return true;
    if (!part->deflated || part->bytes / most_packed > part->packed) {
        return wg__file_refuse(&source->file, "announces %lld bytes, more than %lld can hold",
                               (long long)part->bytes, (long long)part->packed);
    }
    return inflater_new(source, bare, allocator);
}

bool wg__source_read(wg__source *source, void *to, int64_t bytes)
{
    const bool good =
        source->inflater ? unpack_all(source, to, bytes) : wg__file_read(&source->file, to, bytes);
    if (good && source->summed) add_to_sum(source, to, bytes);
    if (good) source->most -= bytes;
    return good;
}

bool wg__source_ends(wg__source *source)
{
    if (source->inflater) return unpacked_all(source);
    return source->file.left == 0 || wg__file_refuse(&source->file, "has %lld bytes behind its end",
                                                     (long long)source->file.left);
}

void wg__part_close(wg__source *source)
{
    if (source->inflater) inflater_close(source->inflater);
}

void wg__source_close(wg__source *source)
{
    wg__part_close(source);
    wg__file_close(&source->file);
}
