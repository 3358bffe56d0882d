// SPDX-License-Identifier: MIT
/* Casts between any two dtypes, declared in copy.h. */
#include "copy.h"

/*
 * A real number as an integer: the ends of the range are powers of two (or 0), so that comparing
 * with them is exact; NaN fails each comparison.
 */
static int32_t saturate_int32(double x)
{
    return x >= 0x1p31 ? INT32_MAX : x <= -0x1p31 ? INT32_MIN : x == x ? (int32_t)x : 0;
}

static int64_t saturate_int64(double x)
{
    return x >= 0x1p63 ? INT64_MAX : x <= -0x1p63 ? INT64_MIN : x == x ? (int64_t)x : 0;
}

static uint8_t saturate_uint8(double x)
{
    return x >= 0x1p8 ? UINT8_MAX : x > 0 ? (uint8_t)x : 0;
}

#define INTEGER(name, x) saturate_##name((double)x)

#define T          float
#define NAME(name) name##_f32
#include "cast_body.h"
#undef T
#undef NAME

#define T          double
#define NAME(name) name##_f64
#include "cast_body.h"
#undef T
#undef NAME

#undef INTEGER
#define INTEGER(name, x) (name##_t)(x)

#define T          int32_t
#define NAME(name) name##_i32
#include "cast_body.h"
#undef T
#undef NAME

#define T          int64_t
#define NAME(name) name##_i64
#include "cast_body.h"
#undef T
#undef NAME

#define T          uint8_t
#define NAME(name) name##_u8
#include "cast_body.h"
#undef T
#undef NAME

/* Bool is a byte of 0 or 1. */
void wg__cast_line(int64_t n, wg_dtype of, const void *from, int64_t stride, wg_dtype dtype,
                   void *to)
{
    switch (of) {
    case WG_F32:
        cast_line_f32(n, from, stride, dtype, to);
        break;
    case WG_F64:
        cast_line_f64(n, from, stride, dtype, to);
        break;
    case WG_I32:
        cast_line_i32(n, from, stride, dtype, to);
        break;
    case WG_I64:
        cast_line_i64(n, from, stride, dtype, to);
        break;
    case WG_U8:
    case WG_BOOL:
        cast_line_u8(n, from, stride, dtype, to);
        break;
    case WG_NO_DTYPE:
        break;
    }
}

void wg__cast(const wg_view *from, const wg_view *to)
{
    if (from->type->count == 0) return;
    int64_t      dim[WG_MAX_RANK], stride[1][WG_MAX_RANK], at[WG_MAX_RANK] = {0}, offset = 0;
    const int    last = wg__collapse(1, &from, dim, stride) - 1;
    const char  *in = from->data;
    char        *out = to->data;
    const size_t bytes = (size_t)dim[last] * wg_dtype_size(to->type->dtype);
    for (int i = 0; i >= 0;) {
        wg__cast_line(dim[last], from->type->dtype,
                      in + offset * (int64_t)wg_dtype_size(from->type->dtype), stride[0][last],
                      to->type->dtype, out);
        out += bytes;
        for (i = last - 1; i >= 0; i--) {
            offset += stride[0][i];
            if (++at[i] < dim[i]) break;
            offset -= dim[i] * stride[0][i];
            at[i] = 0;
        }
    }
}
