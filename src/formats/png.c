// SPDX-License-Identifier: MIT
/*
 * PNG by libpng, with the caller's memory and our files. Its errors are long jumps: each function
 * that sets one up keeps nothing in variables of its own that changes afterwards.
 */
#include "png.h"

#include "file.h"
#include "png_plain.h"

#include <png.h>
#include <string.h>

/* Deflate never shrinks data to less than this part: RFC 1951 needs 2 bits for at most 258 bytes. */
enum { most_packed = 1032 };

/* What all of libpng's calls are given. */
typedef struct work {
    const wg_allocator *allocator;
    const char         *path;
    char               *reason;
    bool                said; /* the reason, by ours */
    png_struct         *png;
    png_info           *info;
    wg__file            file;
    wg__draft           draft;
    wg_array           *array; /* (height, width, channels) */
    const wg_view      *view;  /* in that order, too */
    unsigned char      *row;
} work;

static bool refuse(work *w, const char *why)
{
    if (!w->said) wg__refuse(w->reason, w->path, "%.150s", why);
    w->said = true;
    return false;
}

/* ---- what libpng calls ---- */

static void *png_resize(png_struct *png, size_t bytes)
{
    const work *w = png_get_mem_ptr(png);
    return wg__alloc(w->allocator, bytes);
}

static void png_release(png_struct *png, void *memory)
{
    const work *w = png_get_mem_ptr(png);
    wg__free(w->allocator, memory);
}

static void fail(png_struct *png, const char *why)
{
    work *w = png_get_error_ptr(png);
    char  text[WG_REASON];
    snprintf(text, sizeof text, "is no sound PNG file: %s", why);
    refuse(w, strstr(why, "memory") ? "there is no memory for the picture" : text);
    png_longjmp(png, 1);
}

static void ignore(png_struct *png, const char *why)
{
    (void)png, (void)why;
}

static void read_bytes(png_struct *png, unsigned char *to, size_t bytes)
{
    work *w = png_get_io_ptr(png);
    w->said = !wg__file_read(&w->file, to, (int64_t)bytes);
    if (w->said) png_error(png, "");
}

static void write_bytes(png_struct *png, unsigned char *from, size_t bytes)
{
    work *w = png_get_io_ptr(png);
    w->said = !wg__draft_write(&w->draft, from, bytes);
    if (w->said) png_error(png, "");
}

static void flush(png_struct *png)
{
    (void)png;
}

/* ---- reading ---- */

/* Makes room for the picture whose header was read, as it will be handed out. */
static bool make_room(work *w)
{
    const int64_t height = png_get_image_height(w->png, w->info);
    const int64_t width = png_get_image_width(w->png, w->info);
    const int64_t channels = png_get_channels(w->png, w->info);
    wg_type       type;
    if (!wg_type_make(WG_U8, (wg_shape){3, {height, width, channels}}, &type) ||
        type.count > WG_PNG_MOST || height * width / 8 / most_packed > w->file.size)
        return refuse(w, "announces more pixels than it can hold, or than are read");
    return wg__array_new(w->array, &type, w->allocator) ||
           refuse(w, "there is no memory for the picture");
}

static void read_rows(work *w)
{
    const int      passes = png_set_interlace_handling(w->png);
    const wg_type *type = &w->array->type;
    const int64_t  bytes = type->shape.dim[1] * type->shape.dim[2];
    for (int pass = 0; pass < passes; pass++)
        for (int64_t i = 0; i < type->shape.dim[0]; i++)
            png_read_row(w->png, (unsigned char *)w->array->data + i * bytes, NULL);
}

static bool read_picture(work *w)
{
    w->info = png_create_info_struct(w->png);
    if (!w->info) return refuse(w, "there is no memory for the picture");
    if (setjmp(png_jmpbuf(w->png))) return false;
    png_set_read_fn(w->png, w, read_bytes);
    png_set_crc_action(w->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_keep_unknown_chunks(w->png, PNG_HANDLE_CHUNK_NEVER, NULL,
                                -1); /* texts, colour spaces */
    png_read_info(w->png, w->info);
    png_set_scale_16(w->png);
    png_set_expand(w->png);
    (void)png_set_interlace_handling(w->png);
    png_read_update_info(w->png, w->info);
    if (!make_room(w)) return false;
    read_rows(w);
    png_read_end(w->png, NULL);
    return w->file.left == 0 || refuse(w, "has bytes behind its end");
}

/* (height, width, channels) as (channels, height, width). */
static bool turn(work *w)
{
    const int64_t *dim = w->array->type.shape.dim;
    wg_type        type;
    wg_array       turned;
    if (!wg_type_make(WG_U8, (wg_shape){3, {dim[2], dim[0], dim[1]}}, &type) ||
        !wg__array_new(&turned, &type, w->allocator))
        return refuse(w, "there is no memory for the picture");
    const wg_view view = {
        .data = w->array->data, .type = &type, .stride = {1, dim[1] * dim[2], dim[2]}};
    wg__view_pack(&view, 0, type.count, turned.data);
    wg_array_free(w->array);
    *w->array = turned;
    return true;
}

bool wg_png_read(const char *path, wg_image_order order, const wg_allocator *allocator,
                 wg_array *array, char reason[WG_REASON])
{
    *array = (wg_array){0};
    work w = {.allocator = allocator ? allocator : wg_allocator_default(),
              .path = path,
              .reason = reason,
              .array = array};
    if (!wg__file_open(&w.file, path, reason)) return false;
    w.png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &w, fail, ignore, &w, png_resize,
                                     png_release);
    bool good = w.png ? read_picture(&w) : refuse(&w, "there is no memory for the picture");
    if (w.png) png_destroy_read_struct(&w.png, &w.info, NULL);
    wg__file_close(&w.file);
    good = good && (order == WG_HWC || turn(&w));
    if (!good) wg_array_free(array);
    return good;
}

/* ---- writing ---- */

static bool write_picture(work *w)
{
    static const int colours[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                                  PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
    const int64_t   *dim = w->view->type->shape.dim;
    w->info = png_create_info_struct(w->png);
    w->row = wg__alloc(w->allocator, (size_t)(dim[1] * dim[2]));
    if (!w->info || !w->row) return refuse(w, "there is no memory for the picture");
    if (setjmp(png_jmpbuf(w->png))) return false;
    png_set_write_fn(w->png, w, write_bytes, flush);
    png_set_IHDR(w->png, w->info, (png_uint_32)dim[1], (png_uint_32)dim[0], 8, colours[dim[2]],
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(w->png, w->info);
    for (int64_t i = 0; i < dim[0]; i++) {
        wg__view_pack(w->view, i * dim[1] * dim[2], dim[1] * dim[2], w->row);
        png_write_row(w->png, w->row);
    }
    png_write_end(w->png, NULL);
    return true;
}

bool wg_png_write(const char *path, const wg_view *view, wg_image_order order,
                  const wg_allocator *allocator, char reason[WG_REASON])
{
    wg_type type;
    wg_view picture;
    work    w = {.allocator = allocator ? allocator : wg_allocator_default(),
                 .path = path,
                 .reason = reason,
                 .view = &picture};
    if (!wg__png_view(view, order, &picture, &type, path, reason) ||
        !wg__draft_open(&w.draft, path, reason))
        return false;
    w.png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, &w, fail, ignore, &w, png_resize,
                                      png_release);
    const bool good = w.png ? write_picture(&w) : refuse(&w, "there is no memory for the picture");
    if (w.png) png_destroy_write_struct(&w.png, &w.info);
    wg__free(w.allocator, w.row);
    return wg__draft_close(&w.draft, good);
}
