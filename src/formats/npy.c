// SPDX-License-Identifier: MIT
/* .npy files: the values behind the header, brought into row-major order and this machine's byte
   order. */
#include "npy.h"

#include "file.h"
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

/* A byte that is neither 0 nor 1 would be no value of C's bool. */
static bool check_bools(const wg__file *file, const wg_array *array)
{
    const unsigned char *byte = array->data;
    for (int64_t i = 0; array->type.dtype == WG_BOOL && i < array->type.count; i++) {
        if (byte[i] > 1) {
            return wg__file_refuse(file, "element %lld is %d, a bool is 0 or 1", (long long)i,
                                   byte[i]);
        }
    }
    return true;
}

static bool read_values(wg__file *file, const wg_allocator *allocator, wg_array *array)
{
    wg__npy_header header;
    if (!wg__npy_header_read(file, &header)) return false;
    const int64_t bytes = (int64_t)wg__type_bytes(&header.type);
    if (bytes != file->left) {
        return wg__file_refuse(file, "has %lld bytes of values, its header says %lld",
                               (long long)file->left, (long long)bytes);
    }
    if (!wg__array_new(array, &header.type, allocator)) {
        return wg__file_refuse(file, "there is no memory for %lld bytes", (long long)bytes);
    }
    if (!wg__file_read(file, array->data, bytes) || !check_bools(file, array)) return false;
    if (header.swap) wg__array_swap(array);
    return !header.fortran || header.type.shape.rank < 2 || transpose(array) ||
           wg__file_refuse(file, "there is no memory for %lld bytes more", (long long)bytes);
}

bool wg_npy_read(const char *path, const wg_allocator *allocator, wg_array *array,
                 char reason[WG_REASON])
{
    *array = (wg_array){0};
    wg__file file;
    if (!wg__file_open(&file, path, reason)) return false;
    const bool good = read_values(&file, allocator, array);
    wg__file_close(&file);
    if (!good) wg_array_free(array);
    return good;
}

/* ---- writing ---- */

static bool write_values(wg__draft *draft, const wg_view *view)
{
    if (wg_view_is_contiguous(view))
        return wg__draft_write(draft, view->data, wg__type_bytes(view->type));
    enum { room = 16384 };
    unsigned char packed[room];
    const size_t  size = wg_dtype_size(view->type->dtype);
    const int64_t most = (int64_t)(room / size);
    for (int64_t first = 0; first < view->type->count; first += most) {
        const int64_t left = view->type->count - first;
        const int64_t count = left < most ? left : most;
        wg__view_pack(view, first, count, packed);
        if (!wg__draft_write(draft, packed, (size_t)count * size)) return false;
    }
    return true;
}

/* Whether there is a value of a dtype behind each element of the view. */
static bool has_values(const wg_view *view)
{
    return view && view->type && wg_dtype_size(view->type->dtype) > 0 &&
           (view->data || view->type->count == 0);
}

bool wg_npy_write(const char *path, const wg_view *view, char reason[WG_REASON])
{
    wg__draft draft;
    char      header[WG__NPY_HEADER];
    if (!has_values(view)) return wg__refuse(reason, path ? path : "NULL", "no values were given");
    if (!wg__draft_open(&draft, path, reason)) return false;
    const bool good = wg__draft_write(&draft, header, wg__npy_header_write(view->type, header)) &&
                      write_values(&draft, view);
    return wg__draft_close(&draft, good);
}
