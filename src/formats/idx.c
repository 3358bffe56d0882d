// SPDX-License-Identifier: MIT
/* IDX files: sizes are checked against the cap, then against what the file can hold, then the
   values are read. */
#define _POSIX_C_SOURCE 200809L
#include "idx.h"

#include "source.h"

#include <stdio.h>
#include <unistd.h>

/* ---- one file ---- */

/* The type that the third byte of the file stands for; bytes without a name are no type of this
   format. */
static const struct {
    unsigned char code;
    wg_dtype      dtype;
    const char   *name;
} codes[] = {{0x08, WG_U8, "u8"},   {0x09, WG_NO_DTYPE, "i8"}, {0x0B, WG_NO_DTYPE, "i16"},
             {0x0C, WG_I32, "i32"}, {0x0D, WG_F32, "f32"},     {0x0E, WG_F64, "f64"}};

static bool read_dtype(const wg__file *file, unsigned char code, wg_dtype *dtype)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].code != code) continue;
        *dtype = codes[i].dtype;
        return *dtype != WG_NO_DTYPE ||
               wg__file_refuse(file, "values of type %s are not read", codes[i].name);
    }
    return wg__file_refuse(file, "is not an IDX file: there is no type 0x%02X", code);
}

/* Reads all that stands before the values. */
static bool read_type(wg__source *source, wg_type *type)
{
    const wg__file *file = &source->file;
    unsigned char   magic[4], size[4];
    if (!wg__source_read(source, magic, sizeof magic)) return false;
    if (magic[0] != 0 || magic[1] != 0) {
        return wg__file_refuse(file, "is not an IDX file: it does not begin with two zeros");
    }
    wg_dtype dtype = WG_NO_DTYPE;
    if (!read_dtype(file, magic[2], &dtype)) return false;
    wg_shape shape = {.rank = magic[3]};
    if (shape.rank > WG_MAX_RANK) {
        return wg__file_refuse(file, "has rank %d, more than %d", magic[3], WG_MAX_RANK);
    }
    for (int64_t axis = 0; axis < shape.rank; axis++) {
        if (!wg__source_read(source, size, sizeof size)) return false;
        shape.dim[axis] =
            (int64_t)size[0] << 24 | (int64_t)size[1] << 16 | (int64_t)size[2] << 8 | size[3];
    }
    return wg_type_make(dtype, shape, type) ||
           wg__file_refuse(file, "has sizes whose product is too large");
}

static bool read_values(wg__source *source, const wg_allocator *allocator, wg_array *array)
{
    const wg__file *file = &source->file;
    wg_type         type;
    if (!read_type(source, &type)) return false;
    const int64_t bytes = (int64_t)wg__type_bytes(&type);
    if (bytes > WG_IDX_MOST) {
        return wg__file_refuse(file, "announces %lld bytes, at most %lld are read",
                               (long long)bytes, (long long)WG_IDX_MOST);
    }
    if (bytes > source->most) {
        return wg__file_refuse(file, "announces %lld bytes, it can hold %lld at most",
                               (long long)bytes, (long long)source->most);
    }
    if (!wg__array_new(array, &type, allocator)) {
        return wg__file_refuse(file, "there is no memory for %lld bytes", (long long)bytes);
    }
    if (!wg__source_read(source, array->data, bytes) || !wg__source_ends(source)) return false;
    if (!wg__big_endian()) wg__array_swap(array);
    return true;
}

bool wg_idx_read(const char *path, const wg_allocator *allocator, wg_array *array,
                 char reason[WG_REASON])
{
    if (!allocator) allocator = wg_allocator_default();
    *array = (wg_array){0};
    wg__source source;
    if (!wg__source_open(&source, path, allocator, reason)) return false;
    const bool good = read_values(&source, allocator, array);
    wg__source_close(&source);
    if (!good) wg_array_free(array);
    return good;
}

/* ---- images and labels ---- */

/* Reads "FOLDER/PART-KIND.gz", or without .gz when there is no such file. Must be u8 of this
   rank. */
static bool read_part(const wg_images_files *files, const char *kind, int64_t rank, wg_array *array,
                      char *reason)
{
    char      path[WG__PATH];
    const int length = snprintf(path, sizeof path, "%s/%s-%s.gz", files->folder, files->part, kind);
    if (length >= (int)sizeof path) return wg__refuse(reason, files->folder, "is too long a path");
    if (access(path, F_OK) != 0) path[length - 3] = '\0';
    if (!wg_idx_read(path, files->allocator, array, reason)) return false;
    if (array->type.dtype == WG_U8 && array->type.shape.rank == rank) return true;
    char shape[WG_SHAPE_TEXT];
    return wg__refuse(reason, path, "holds %s %s, wanted is u8 of rank %lld",
                      wg_dtype_name(array->type.dtype), wg_shape_text(array->type.shape, shape),
                      (long long)rank);
}

static bool check_labels(const wg_images_files *files, const wg_images *set, char *reason)
{
    const int64_t count = set->labels.type.count;
    if (set->pixels.type.shape.dim[0] != count) {
        return wg__refuse(reason, files->folder, "%s has %lld images and %lld labels", files->part,
                          (long long)set->pixels.type.shape.dim[0], (long long)count);
    }
    const unsigned char *label = set->labels.data;
    for (int64_t i = 0; i < count; i++) {
        if (label[i] >= files->classes) {
            return wg__refuse(reason, files->folder,
                              "label %lld of %s is %d, there are %lld classes", (long long)i,
                              files->part, label[i], (long long)files->classes);
        }
    }
    return true;
}

/* Grey pictures have one channel, as layers and loaders want to see it. */
static void add_channel(wg_type *type)
{
    const int64_t *dim = type->shape.dim;
    wg_type_make(type->dtype, WG_SHAPE(dim[0], 1, dim[1], dim[2]), type);
}

bool wg_images_read(const wg_images_files *files, wg_images *set, char reason[WG_REASON])
{
    *set = (wg_images){0};
    if (!files->folder || !files->part) return wg__refuse(reason, "NULL", "is no folder or part");
    const bool good = read_part(files, "images-idx3-ubyte", 3, &set->pixels, reason) &&
                      read_part(files, "labels-idx1-ubyte", 1, &set->labels, reason) &&
                      check_labels(files, set, reason);
    if (good)
        add_channel(&set->pixels.type);
    else
        wg_images_free(set);
    return good;
}

void wg_images_free(wg_images *set)
{
    wg_array_free(&set->pixels);
    wg_array_free(&set->labels);
}
