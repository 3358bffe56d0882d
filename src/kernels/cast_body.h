// SPDX-License-Identifier: MIT
/*
 * Casts of a line of T to every dtype: included by cast.c for each source type, where
 * INTEGER(name, x) is the way from T to the integer type `name`.
 */

#define CAST_LINE(type, expression)                                                                \
    for (int64_t i = 0; i < n; i++) {                                                              \
        const T x = from[i * stride];                                                              \
        ((type *)to)[i] = (expression);                                                            \
    }                                                                                              \
    break

static void NAME(cast_line)(int64_t n, const void *source, int64_t stride, wg_dtype dtype, void *to)
{
    const T *from = source;
    switch (dtype) {
    case WG_F32:
        CAST_LINE(float, (float)x);
    case WG_F64:
        CAST_LINE(double, (double)x);
    case WG_I32:
        CAST_LINE(int32_t, INTEGER(int32, x));
    case WG_I64:
        CAST_LINE(int64_t, INTEGER(int64, x));
    case WG_U8:
        CAST_LINE(uint8_t, INTEGER(uint8, x));
    case WG_BOOL:
        CAST_LINE(uint8_t, x != 0);
    case WG_NO_DTYPE:
        break;
    }
}

#undef CAST_LINE
