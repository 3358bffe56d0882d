// SPDX-License-Identifier: MIT
/* Cases of softmax and log_softmax: every axis, views, and numbers that exp cannot take. */
#include "cases.h"

#include <wengert/ops/layout.h>
#include <wengert/ops/slice.h>
#include <wengert/ops/softmax.h>

#define RECORDS(op)                                                                                \
    static wg_tensor *op##_last(wg_tensor *const *x)                                               \
    {                                                                                              \
        return wg_##op(x[0], -1);                                                                  \
    }                                                                                              \
    static wg_tensor *op##_first(wg_tensor *const *x)                                              \
    {                                                                                              \
        return wg_##op(x[0], 0);                                                                   \
    }                                                                                              \
    static wg_tensor *op##_middle(wg_tensor *const *x)                                             \
    {                                                                                              \
        return wg_##op(x[0], -2);                                                                  \
    }                                                                                              \
    static wg_tensor *op##_transposed(wg_tensor *const *x)                                         \
    {                                                                                              \
        return wg_##op(wg_transpose(x[0]), 1);                                                     \
    }                                                                                              \
    static wg_tensor *op##_sliced(wg_tensor *const *x)                                             \
    {                                                                                              \
        return wg_##op(wg_slice(x[0], 1, -1, WG_TO_END, .step = -2), 1);                           \
    }                                                                                              \
    static wg_tensor *op##_expanded(wg_tensor *const *x)                                           \
    {                                                                                              \
        return wg_##op(wg_expand(x[0], WG_SHAPE(3, 4)), 1);                                        \
    }
RECORDS(softmax)
RECORDS(log_softmax)
#undef RECORDS

#define CASES(op)                                                                                  \
    {#op, "0-d", op##_last, 0},                                                                    \
    {#op, "size 1", op##_last, 0},                                                                 \
    {#op, "odd primes", op##_last, 0},                                                             \
    {#op, "first axis", op##_first, 0},                                                            \
    {#op, "middle axis", op##_middle, 0},                                                          \
    {#op, "long line", op##_last, 0},                                                              \
    {#op, "no lines", op##_last, 0},                                                               \
    {#op, "empty lines", op##_last, 0},                                                            \
    {#op, "transposed", op##_transposed, 0},                                                       \
    {#op, "sliced backwards", op##_sliced, 0},                                                     \
    {#op, "expanded", op##_expanded, 0},                                                           \
    {#op, "large numbers", op##_last, 0},                                                          \
    {#op, "infinity and NaN", op##_last, CASE_KINK},

const struct op_case cases_softmax[] = {
    CASES(softmax)
    CASES(log_softmax)
    {0},
};

/* ---- misuse ---- */

#define MISUSES(op)                                                                                \
    static wg_tensor *op##_axis(wg_tape *tape)                                                     \
    {                                                                                              \
        return wg_##op(wg_param(tape, "x", WG_F32, WG_SHAPE(2, 3)), 2);                            \
    }                                                                                              \
    static wg_tensor *op##_negative_axis(wg_tape *tape)                                            \
    {                                                                                              \
        return wg_##op(wg_param(tape, "x", WG_F32, WG_SHAPE(2, 3)), -3);                           \
    }                                                                                              \
    static wg_tensor *op##_number(wg_tape *tape)                                                   \
    {                                                                                              \
        return wg_##op(wg_param(tape, "x", WG_F32, WG_SCALAR), 1);                                 \
    }                                                                                              \
    static wg_tensor *op##_integers(wg_tape *tape)                                                 \
    {                                                                                              \
        return wg_##op(wg_input(tape, "x", WG_I64, WG_SHAPE(2, 3)), 1);                            \
    }
MISUSES(softmax)
MISUSES(log_softmax)
#undef MISUSES

#define ERRORS(op)                                                                                 \
    {#op, "axis", op##_axis, "axis 2 is out of range for rank 2"},                                 \
    {#op, "negative axis", op##_negative_axis, "axis -3 is out of range for rank 2"},              \
    {#op, "axis of a number", op##_number, "axis 1 is out of range for rank 0"},                   \
    {#op, "integers", op##_integers, "dtype i64, wanted is f32 or f64"},

const struct error_case errors_softmax[] = {
    ERRORS(softmax)
    ERRORS(log_softmax)
    {0},
};
