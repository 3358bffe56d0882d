// SPDX-License-Identifier: MIT
/* .npy files: the values behind the header, brought into row-major order and this machine's byte
   order. */
#include "npy.h"

#include "npy_header.h"

/* ---- reading ---- */

/* Puts first-axis-first values into row-major order: the same elements seen through other
   strides. */
static bool transpose(wg_array *array)
{
    wg_view view = {.data = array->data, .type = &array->type};
    int64_t stride = 1;
    for (int64_t axis = 0; axis < array->type.shape.rank; axis++) {
        view.stride[axis] = stride;
        stride *= array->type.shape.dim[axis];
    }
    wg_array packed;
    if (!wg__array_new(&packed, &array->type, array->allocator)) return false;
    wg__view_pack(&view, 0, array->type.count, packed.data);
    wg_array_free(array);
    *array = packed;
    return true;
}

static bool check_bools(const wg__file *file, const wg_array *array)
{
    const int64_t i = wg__array_no_bool(array);
    return i < 0 || wg__file_refuse(file, "element %lld is %d, a bool is 0 or 1", (long long)i,
                                    ((const unsigned char *)array->data)[i]);
}

static bool read_values(wg__source *source, const wg_allocator *allocator, wg_array *array)
{
    const wg__file *file = &source->file;
    wg__npy_header  header;
    if (!wg__npy_header_read(source, &header)) return false;
    const int64_t bytes =
        header.half ? 2 * header.type.count : (int64_t)wg__type_bytes(&header.type);
    if (bytes != source->most) {
        return wg__file_refuse(file, "has %lld bytes of values, its header says %lld",
                               (long long)source->most, (long long)bytes);
    }
    if (!wg__array_new(array, &header.type, allocator)) {
        return wg__file_refuse(file, "there is no memory for %lld bytes", (long long)bytes);
    }
    if (!wg__source_read(source, array->data, bytes) || !check_bools(file, array)) return false;
    if (header.half)
        wg__array_widen(array, WG__HALF, header.swap != wg__big_endian());
    else if (header.swap)
        wg__array_swap(array);
    return !header.fortran || header.type.shape.rank < 2 || transpose(array) ||
           wg__file_refuse(file, "there is no memory for %lld bytes more", (long long)bytes);
}

bool wg__npy_read(wg__source *source, const wg_allocator *allocator, wg_array *array)
{
    *array = (wg_array){0};
    const bool good = read_values(source, allocator, array);
    if (!good) wg_array_free(array);
    return good;
}

bool wg_npy_read(const char *path, const wg_allocator *allocator, wg_array *array,
                 char reason[WG_REASON])
{
    *array = (wg_array){0};
    wg__source source = {.inflater = NULL};
    if (!wg__file_open(&source.file, path, reason)) return false;
    source.most = source.file.left;
    const bool good = wg__npy_read(&source, allocator, array);
    wg__file_close(&source.file);
    return good;
}

/* ---- writing ---- */

static bool take(void *draft, const void *data, size_t bytes)
{
    return wg__draft_write(draft, data, bytes);
}

bool wg_npy_write(const char *path, const wg_view *view, char reason[WG_REASON])
{
    wg__draft draft;
    char      header[WG__NPY_HEADER];
    if (!wg__view_has_values(view))
        return wg__refuse(reason, path ? path : "NULL", "no values were given");
    if (!wg__draft_open(&draft, path, reason)) return false;
    const bool good = wg__draft_write(&draft, header, wg__npy_header_write(view->type, header)) &&
                      wg__view_each(view, take, &draft);
    return wg__draft_close(&draft, good);
}
