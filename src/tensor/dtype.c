// SPDX-License-Identifier: MIT
/* What is known of each dtype. A value outside the enumeration is answered like WG_NO_DTYPE. */
#include "dtype.h"

typedef enum kind { NONE, FLOAT, INTEGER, TRUTH } kind;

typedef struct facts {
    const char *name;
    size_t      size;
    kind        kind;
} facts;

static const facts table[] = {
    [WG_NO_DTYPE] = {.name = "none", .size = 0, .kind = NONE},
    [WG_F32]      = {.name = "f32",  .size = 4, .kind = FLOAT},
    [WG_F64]      = {.name = "f64",  .size = 8, .kind = FLOAT},
    [WG_I32]      = {.name = "i32",  .size = 4, .kind = INTEGER},
    [WG_I64]      = {.name = "i64",  .size = 8, .kind = INTEGER},
    [WG_U8]       = {.name = "u8",   .size = 1, .kind = INTEGER},
    [WG_BOOL]     = {.name = "bool", .size = 1, .kind = TRUTH},
};

static const facts *facts_of(wg_dtype dtype)
{
    const size_t row = (size_t)dtype; /* a negative value becomes a huge one */
    return &table[row < sizeof table / sizeof *table ? row : WG_NO_DTYPE];
}

size_t wg_dtype_size(wg_dtype dtype)
{
    return facts_of(dtype)->size;
}

const char *wg_dtype_name(wg_dtype dtype)
{
    return facts_of(dtype)->name;
}

bool wg_dtype_is_float(wg_dtype dtype)
{
    return facts_of(dtype)->kind == FLOAT;
}

bool wg_dtype_is_integer(wg_dtype dtype)
{
    return facts_of(dtype)->kind == INTEGER;
}

double wg__as_double(wg_dtype dtype, const void *values, int64_t i)
{
    switch (dtype) {
    case WG_F32:
        return (double)((const float *)values)[i];
    case WG_F64:
        return ((const double *)values)[i];
    case WG_I32:
        return (double)((const int32_t *)values)[i];
    case WG_I64:
        return (double)((const int64_t *)values)[i];
    default:
        return (double)((const uint8_t *)values)[i];
    }
}
