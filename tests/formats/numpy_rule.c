// SPDX-License-Identifier: MIT
/* The values of the files that make_npy.py and make_weights.py wrote. */
#include "numpy_rule.h"

#include "../support/expect.h"

double element(const wg_array *array, int64_t i)
{
    switch (array->type.dtype) {
    case WG_F32:
        return ((const float *)array->data)[i];
    case WG_F64:
        return ((const double *)array->data)[i];
    case WG_I32:
        return ((const int32_t *)array->data)[i];
    case WG_I64:
        return (double)((const int64_t *)array->data)[i];
    default:
        return ((const uint8_t *)array->data)[i];
    }
}

double numpy_value(wg_dtype dtype, int64_t i)
{
    switch (dtype) {
    case WG_F32:
        return (float)((double)(i - 2) * 1.1);
    case WG_F64:
        return (double)(i - 2) * 1.1;
    case WG_U8:
        return (double)(i * 37 % 256);
    case WG_BOOL:
        return i % 3 == 1;
    default:
        return (double)(i - 2) * 16909061;
    }
}

const numpy_array numpy_arrays[NUMPY_ARRAYS] = {
    {"conv1.weight", WG_F32, {2, {2, 3}}}, {"conv1.bias", WG_F32, {1, {2}}},
    {"fc.weight", WG_F64, {3, {3, 1, 2}}}, {"steps", WG_I64, {0}},
    {"index", WG_I32, {1, {4}}},           {"pixels", WG_U8, {2, {2, 5}}},
    {"mask", WG_BOOL, {1, {3}}},           {"none", WG_F32, {2, {0, 3}}},
};

void expect_numpy_array(const wg_named_arrays *set, const numpy_array *wanted)
{
    const wg_array *array = wg_named_find(set, wanted->name);
    EXPECT_MSG(array, "%s is missing", wanted->name);
    EXPECT(array->type.dtype == wanted->dtype);
    EXPECT(wg_shape_equal(array->type.shape, wanted->shape));
    for (int64_t i = 0; i < array->type.count; i++)
        EXPECT_CLOSE(element(array, i), numpy_value(wanted->dtype, i), 0);
}

static void set_element(const wg_array *array, int64_t i, double value)
{
    if (array->type.dtype == WG_F32) ((float *)array->data)[i] = (float)value;
    if (array->type.dtype == WG_F64) ((double *)array->data)[i] = value;
    if (array->type.dtype == WG_I32) ((int32_t *)array->data)[i] = (int32_t)value;
    if (array->type.dtype == WG_I64) ((int64_t *)array->data)[i] = (int64_t)value;
    if (wg_dtype_size(array->type.dtype) == 1) ((uint8_t *)array->data)[i] = (uint8_t)value;
}

const wg_named_views *numpy_views(void)
{
    static double         room[NUMPY_ARRAYS][10];
    static wg_array       arrays[NUMPY_ARRAYS];
    static wg_named_view  list[NUMPY_ARRAYS];
    static wg_named_views views = {.count = NUMPY_ARRAYS, .at = list};
    for (int k = 0; k < NUMPY_ARRAYS; k++) {
        const numpy_array *from = &numpy_arrays[k];
        arrays[k].data = room[k];
        EXPECT(wg_type_make(from->dtype, from->shape, &arrays[k].type));
        for (int64_t i = 0; i < arrays[k].type.count; i++)
            set_element(&arrays[k], i, numpy_value(from->dtype, i));
        list[k] = (wg_named_view){.name = from->name, .view = wg_array_view(&arrays[k])};
    }
    return &views;
}
