// SPDX-License-Identifier: MIT
/*
 * The kernels of binary ops, of `where` and of what deals out the dy of maximum and minimum, for
 * one instruction set (see graph/loops.h): the rows of binary_rows.h, read as numbers of each dtype.
 */
#include "../graph/loops.h"

#define NUMBERS(name, f, ...)                                                                      \
    WG__KERNEL_2(NAME(name), T, T, a, T, b, , f)                                                   \
    WG__PLUS_2(NAME(name), T, a, b, , f)
#define REALS(name, f, ...)          WG__KERNEL_2(NAME(name), T, T, a, T, b, , f)
#define COMPARISON(name, f, formula) WG__KERNEL_2(NAME(name), bool, T, a, T, b, , f)
#define WHERE WG__KERNEL_3(NAME(where), T, bool, c, T, a, T, b, c ? a : b)
#define MAXIMUM_BACKWARD WG__KERNEL_3(NAME(maximum_backward), T, T, dy, T, a, T, b, SHARE)

#include "numbers.h"

#define T          float
#define U          float
#define NAME(name) name##_f32
#define MATH(name) name##f
#include "binary_rows.h"
WHERE
MAXIMUM_BACKWARD
#undef T
#undef U
#undef NAME
#undef MATH

#define T          double
#define U          double
#define NAME(name) name##_f64
#define MATH(name) name
#include "binary_rows.h"
WHERE
MAXIMUM_BACKWARD
#undef T
#undef U
#undef NAME
#undef MATH

#undef NUMBERS
#undef REALS
#define NUMBERS(name, f, ...) WG__KERNEL_2(NAME(name), T, T, a, T, b, , f)
#define REALS(...)

#define T          int32_t
#define U          uint32_t
#define NAME(name) name##_i32
#include "binary_rows.h"
WHERE
#undef T
#undef U
#undef NAME

#define T          int64_t
#define U          uint64_t
#define NAME(name) name##_i64
#include "binary_rows.h"
WHERE
#undef T
#undef U
#undef NAME

#define T          uint8_t
#define U          uint8_t
#define NAME(name) name##_u8
#include "binary_rows.h"
WHERE
#undef T
#undef U
#undef NAME
