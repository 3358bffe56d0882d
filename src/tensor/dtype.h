// SPDX-License-Identifier: MIT
/* Dtypes: what one element of a tensor is. */
#ifndef WENGERT_TENSOR_DTYPE_H
#define WENGERT_TENSOR_DTYPE_H

#include "export.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* f32 and f64 carry gradients; the integers and bool are for indices, labels and masks. */
typedef enum wg_dtype {
    WG_NO_DTYPE, /* not said */
    WG_F32,
    WG_F64,
    WG_I32,
    WG_I64,
    WG_U8,
    WG_BOOL /* one byte, 0 or 1 */
} wg_dtype;

WG_BEGIN_DECLS

/* Bytes of one element: 4, 8, 4, 8, 1, 1; 0 for what is no dtype. */
WG_API size_t wg_dtype_size(wg_dtype dtype);

/* "f32", "f64", "i32", "i64", "u8", "bool"; "none" for what is no dtype. */
WG_API const char *wg_dtype_name(wg_dtype dtype);

/* True for f32 and f64. */
WG_API bool wg_dtype_is_float(wg_dtype dtype);

/* True for i32, i64 and u8. */
WG_API bool wg_dtype_is_integer(wg_dtype dtype);

WG_END_DECLS

/* ---- private to the library ---- */

/* Element i of packed values as a double; of i64 the nearest one. */
double wg__as_double(wg_dtype dtype, const void *values, int64_t i);

#endif
