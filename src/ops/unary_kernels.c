// SPDX-License-Identifier: MIT
/*
 * The kernels of unary ops, for one instruction set (see graph/loops.h): the rows of unary_rows.h, read
 * as numbers. A row gives name_f32 and name_backward_f32, and the same for f64.
 */
#include "../graph/loops.h"

#include <stdlib.h>

/* A row, with what a formula needs of the settings s. */
#define ROW(name, ...)      UNARY(name, , __VA_ARGS__)
#define CHEAP               ROW
#define MASK                ROW
#define SELF                ROW
#define ROW_1(name, p, ...) UNARY(name, const double p = s[0];, __VA_ARGS__)
#define ROW_2(name, p, q, ...)                                                                     \
    UNARY(name, const double p = s[0]; const double q = s[1];, __VA_ARGS__)

#define UNARY(name, settings, f, saved, df, formula, rule)                                         \
    WG__KERNEL_1(NAME(name), T, T, x, settings, f)                                                 \
    WG__KERNEL_2(NAME(name##_backward), T, T, dy, T, saved, settings, df)                          \
    WG__PLUS_2(NAME(name##_backward), T, dy, saved, settings, df)

/* A row with sin or cos of x: all of it near (real.h), in vectors, or else with a look at each. */
#define TURN(name, f, saved, df, formula, rule)                                                    \
    WG__KERNEL_1(NAME(name##_near), T, T, x, enum {far = 0};, f)                                   \
    WG__KERNEL_1(NAME(name##_far), T, T, x, enum {far = 1};, f)                                    \
    NEAR_OR_FAR(NAME(name), NAME(name##_near), NAME(name##_far), 0)                                \
    WG__KERNEL_2(NAME(name##_backward_near), T, T, dy, T, saved, enum {far = 0};, df)              \
    WG__KERNEL_2(NAME(name##_backward_far), T, T, dy, T, saved, enum {far = 1};, df)               \
    NEAR_OR_FAR(NAME(name##_backward), NAME(name##_backward_near), NAME(name##_backward_far), 1)   \
    WG__PLUS_2(NAME(name##_backward_near), T, dy, saved, enum {far = 0};, df)                      \
    WG__PLUS_2(NAME(name##_backward_far), T, dy, saved, enum {far = 1};, df)                       \
    int WG__PLUS_OF_ISA(NAME(name##_backward))(const wg_call *call)                                \
    {                                                                                              \
        return NAME(any_far)(call, 1) ? WG__PLUS_OF_ISA(NAME(name##_backward_far))(call)           \
                                      : WG__PLUS_OF_ISA(NAME(name##_backward_near))(call);         \
    }

#define NEAR_OR_FAR(name, all_near, some_far, input)                                               \
    int WG__OF_ISA(name)(const wg_call *call)                                                      \
    {                                                                                              \
        return NAME(any_far)(call, input) ? WG__OF_ISA(some_far)(call)                             \
                                          : WG__OF_ISA(all_near)(call);                            \
    }                                                                                              \
    T WG__ONE_OF_ISA(name)(T a, T b, T c, const void *attrs)                                       \
    {                                                                                              \
        return WG__ONE_OF_ISA(some_far)(a, b, c, attrs);                                           \
    }

#define ANY_FAR                                                                                    \
    static int NAME(any_far)(const wg_call *call, int input)                                       \
    {                                                                                              \
        const int64_t n = call->n, step = call->step[input];                                       \
        const T      *x = call->x[input].data;                                                     \
        int           any = 0;                                                                     \
        for (int64_t i = 0; i < n; i++) any |= MATH(fabs)(x[i * step]) > NAME(near);               \
        return any;                                                                                \
    }

#define REALS                                                                                      \
    WG__KERNEL_1(NAME(neg), T, T, x, , neg(x))                                                     \
    WG__KERNEL_1(NAME(abs), T, T, x, , abs(x))                                                     \
    WG__KERNEL_1(NAME(sign), T, T, x, , sign(x))

#define INTEGERS                                                                                   \
    WG__KERNEL_1(NAME(neg), T, T, x, , neg(x))                                                     \
    WG__KERNEL_1(NAME(abs), T, T, x, , where(lt(x, 0), neg(x), x))

#include "numbers.h"

#define T          float
#define U          float
#define NAME(name) name##_f32
#define MATH(name) name##f
ANY_FAR
#include "unary_rows.h"
REALS
#undef T
#undef U
#undef NAME
#undef MATH

#define T          double
#define U          double
#define NAME(name) name##_f64
#define MATH(name) name
ANY_FAR
#include "unary_rows.h"
REALS
#undef T
#undef U
#undef NAME
#undef MATH

#define T          int32_t
#define U          uint32_t
#define NAME(name) name##_i32
INTEGERS
#undef T
#undef U
#undef NAME

#define T          int64_t
#define U          uint64_t
#define NAME(name) name##_i64
INTEGERS
#undef T
#undef U
#undef NAME

#define T          uint8_t
#define U          uint8_t
#define NAME(name) name##_u8
WG__KERNEL_1(neg_u8, T, T, x, , neg(x))
WG__KERNEL_1(abs_u8, T, T, x, , x)
#undef T
#undef U
#undef NAME
