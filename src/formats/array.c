// SPDX-License-Identifier: MIT
/* Arrays: memory for what files hold, and the two ways in which a file's order differs from
   ours. */
#include "array.h"

#include <string.h>

bool wg__array_new(wg_array *array, const wg_type *type, const wg_allocator *allocator)
{
    *array = (wg_array){.type = *type, .allocator = allocator ? allocator : wg_allocator_default()};
    array->data = wg__buffer_new(array->allocator, wg__type_bytes(type));
    if (!array->data) *array = (wg_array){0};
    return array->data != NULL;
}

void wg_array_free(wg_array *array)
{
    if (array->data) wg__buffer_free(array->allocator, array->data);
    *array = (wg_array){0};
}

wg_view wg_array_view(const wg_array *array)
{
    wg_view view = {.data = array->data, .type = &array->type};
    wg_shape_strides(array->type.shape, view.stride);
    return view;
}

bool wg__big_endian(void)
{
    const uint16_t one = 1;
    return *(const unsigned char *)&one == 0;
}

void wg__array_swap(wg_array *array)
{
    const size_t   size = wg_dtype_size(array->type.dtype);
    unsigned char *element = array->data;
    for (int64_t i = 0; i < array->type.count; i++, element += size) {
        for (size_t low = 0, high = size - 1; low < high; low++, high--) {
            const unsigned char byte = element[low];
            element[low] = element[high];
            element[high] = byte;
        }
    }
}

static float from_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* 1 bit for the sign, 5 for the exponent, 10 for the fraction: IEEE 754's binary16. */
static float from_half(uint32_t half)
{
    const uint32_t sign = (half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 1023;
    if (exponent == 31) return from_bits(sign | 0x7F800000 | fraction << 13);
    if (exponent > 0) return from_bits(sign | (exponent + 112) << 23 | fraction << 13);
    const float value = (float)fraction * 0x1p-24F;
    return sign ? -value : value;
}

void wg__array_widen(wg_array *array, wg__short kind, bool big_endian)
{
    float               *value = array->data;
    const unsigned char *from = array->data;
    for (int64_t i = array->type.count; i-- > 0;) { /* no value lies over a number before it */
        const uint32_t first = from[2 * i], second = from[2 * i + 1];
        const uint32_t number = big_endian ? first << 8 | second : second << 8 | first;
        value[i] = kind == WG__HALF ? from_half(number) : from_bits(number << 16);
    }
}

/* Steps to the next index in row-major order and returns how far the element moved. */
static int64_t advance(const wg_view *view, int64_t index[WG_MAX_RANK])
{
    const wg_shape *shape = &view->type->shape;
    int64_t         moved = 0;
    for (int64_t axis = shape->rank; axis-- > 0;) {
        moved += view->stride[axis];
        if (++index[axis] < shape->dim[axis]) break;
        moved -= view->stride[axis] * shape->dim[axis];
        index[axis] = 0;
    }
    return moved;
}

void wg__view_pack(const wg_view *view, int64_t first, int64_t count, void *to)
{
    const wg_shape *shape = &view->type->shape;
    const size_t    size = wg_dtype_size(view->type->dtype);
    int64_t         index[WG_MAX_RANK], offset = 0;
    for (int64_t axis = shape->rank; axis-- > 0;) {
        if (shape->dim[axis] == 0) return;
        index[axis] = first % shape->dim[axis];
        first /= shape->dim[axis];
        offset += index[axis] * view->stride[axis];
    }
    unsigned char *out = to;
    for (int64_t i = 0; i < count; i++, out += size) {
        memcpy(out, (const char *)view->data + offset * (int64_t)size, size);
        offset += advance(view, index);
    }
}

bool wg__view_each(const wg_view *view, wg__take *take, void *context)
{
    if (wg_view_is_contiguous(view)) return take(context, view->data, wg__type_bytes(view->type));
    enum { room = 16384 };
    unsigned char packed[room];
    const size_t  size = wg_dtype_size(view->type->dtype);
    const int64_t most = (int64_t)(room / size);
    for (int64_t first = 0; first < view->type->count; first += most) {
        const int64_t left = view->type->count - first;
        const int64_t count = left < most ? left : most;
        wg__view_pack(view, first, count, packed);
        if (!take(context, packed, (size_t)count * size)) return false;
    }
    return true;
}

bool wg__view_has_values(const wg_view *view)
{
    return view && view->type && wg_dtype_size(view->type->dtype) > 0 &&
           (view->data || view->type->count == 0);
}

int64_t wg__array_no_bool(const wg_array *array)
{
    const unsigned char *byte = array->data;
    for (int64_t i = 0; array->type.dtype == WG_BOOL && i < array->type.count; i++)
        if (byte[i] > 1) return i;
    return -1;
}
