// SPDX-License-Identifier: MIT
/*
 * PNG by hand: a header, rows that deflate stores as they are, and checksums. ISO/IEC 15948;
 * RFC 1950 and RFC 1951, section 3.2.4.
 */
#include "png_plain.h"

#include "file.h"

bool wg__png_view(const wg_view *view, wg_image_order order, wg_view *picture, wg_type *type,
                  const char *path, char *reason)
{
    enum { most = 1000000 };
    if (wg__view_has_values(view) && view->type->dtype == WG_U8 &&
        (view->type->shape.rank == 2 || view->type->shape.rank == 3)) {
        const wg_shape *shape = &view->type->shape;
        const bool      has_channels = shape->rank == 3;
        const int       h = has_channels && order == WG_CHW, c = h ? 0 : 2;
        const int64_t   channels = has_channels ? shape->dim[c] : 1;
        *picture = (wg_view){
            .data = view->data,
            .type = type,
            .stride = {view->stride[h], view->stride[h + 1], has_channels ? view->stride[c] : 0}};
        if (shape->dim[h] > 0 && shape->dim[h] <= most && shape->dim[h + 1] > 0 &&
            shape->dim[h + 1] <= most && channels > 0 && channels <= 4 &&
            wg_type_make(WG_U8, WG_SHAPE(shape->dim[h], shape->dim[h + 1], channels), type))
            return true;
    }
    return wg__refuse(reason, path ? path : "NULL",
                      "a picture is u8 of rank 2 or 3, with 1 to 4 channels and 1 to 1,000,000 "
                      "pixels either way");
}

/* A number of four bytes, the most significant one first. */
static void add_number(wg__bytes *to, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8) wg__bytes_number(to, number >> shift, 1);
}

static uint32_t crc_of(const unsigned char *at, size_t count)
{
    uint32_t crc = 0xFFFFFFFFU;
    for (size_t i = 0; i < count; i++) {
        crc ^= at[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320U : 0);
    }
    return ~crc;
}

static uint32_t adler_of(const unsigned char *at, size_t count)
{
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < count; i++) {
        a = (a + at[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

/* Adds a chunk and leaves its data empty. */
static void add_chunk(wg__bytes *to, const char name[4], wg__bytes *data)
{
    add_number(to, (uint32_t)data->count);
    const size_t begin = to->count;
    wg__bytes_add(to, name, 4);
    wg__bytes_add(to, data->at, data->count);
    to->refused |= data->refused;
    if (!to->refused) add_number(to, crc_of(to->at + begin, to->count - begin));
    wg__bytes_free(data);
}

/* A zlib stream of blocks that are not compressed. */
static void store(const wg__bytes *rows, wg__bytes *to)
{
    enum { most = 65535 };
    to->refused |= rows->refused;
    wg__bytes_add(to, "\x78\x01", 2);
    for (size_t done = 0; done < rows->count;) {
        const size_t left = rows->count - done, count = left < most ? left : most;
        wg__bytes_number(to, left == count, 1); /* the last one */
        wg__bytes_number(to, count, 2);
        wg__bytes_number(to, ~(uint64_t)count, 2);
        wg__bytes_add(to, rows->at + done, count);
        done += count;
    }
    if (!to->refused) add_number(to, adler_of(rows->at, rows->count));
}

static bool take(void *rows, const void *data, size_t bytes)
{
    wg__bytes_add(rows, data, bytes);
    return true;
}

void wg__png_plain(const wg_view *picture, wg__bytes *to)
{
    static const unsigned char colour[] = {0, 0, 4, 2, 6}; /* grey, with opacity, ... */
    const int64_t             *dim = picture->type->shape.dim;
    wg__bytes data = {.allocator = to->allocator}, rows = {.allocator = to->allocator};
    wg__bytes_add(to, "\x89PNG\r\n\x1A\n", 8);
    add_number(&data, (uint32_t)dim[1]);
    add_number(&data, (uint32_t)dim[0]);
    wg__bytes_add(&data, ((unsigned char[]){8, colour[dim[2]], 0, 0, 0}), 5);
    add_chunk(to, "IHDR", &data);
    wg_type row_type = *picture->type;
    wg_view row = *picture;
    wg_type_make(WG_U8, WG_SHAPE(1, dim[1], dim[2]), &row_type);
    row.type = &row_type;
    for (int64_t i = 0; i < dim[0]; i++, wg_view_advance(&row, picture->stride[0])) {
        wg__bytes_number(&rows, 0, 1); /* no filter */
        wg__view_each(&row, take, &rows);
    }
    store(&rows, &data);
    add_chunk(to, "IDAT", &data);
    add_chunk(to, "IEND", &data);
    wg__bytes_free(&rows);
}
