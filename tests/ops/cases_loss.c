// SPDX-License-Identifier: MIT
/*
 * Cases of the losses: reductions, classes and probabilities, clamps and tails, views, and classes
 * that there are not.
 */
#include "cases.h"

#include <wengert/ops/layout.h>
#include <wengert/ops/loss.h>
#include <wengert/ops/slice.h>

#define RECORDS(loss)                                                                              \
    static wg_tensor *loss##_mean(wg_tensor *const *x)                                             \
    {                                                                                              \
        return wg_##loss(x[0], x[1]);                                                              \
    }                                                                                              \
    static wg_tensor *loss##_sum(wg_tensor *const *x)                                              \
    {                                                                                              \
        return wg_##loss(x[0], x[1], .reduction = WG_SUM);                                         \
    }                                                                                              \
    static wg_tensor *loss##_none(wg_tensor *const *x)                                             \
    {                                                                                              \
        return wg_##loss(x[0], x[1], .reduction = WG_NONE);                                        \
    }                                                                                              \
    static wg_tensor *loss##_transposed(wg_tensor *const *x)                                       \
    {                                                                                              \
        return wg_##loss(wg_transpose(x[0]), x[1], .reduction = WG_NONE);                          \
    }                                                                                              \
    static wg_tensor *loss##_sliced(wg_tensor *const *x)                                           \
    {                                                                                              \
        return wg_##loss(wg_slice(x[0], 1, -1, WG_TO_END, .step = -2), x[1]);                      \
    }                                                                                              \
    static wg_tensor *loss##_expanded(wg_tensor *const *x)                                         \
    {                                                                                              \
        return wg_##loss(wg_expand(x[0], WG_SHAPE(3, 4)), x[1]);                                   \
    }
RECORDS(mse_loss)
RECORDS(binary_cross_entropy)
RECORDS(bce_with_logits)
RECORDS(cross_entropy)
#undef RECORDS

/* p, the second output, which a program may use as well */
static wg_tensor *cross_entropy_softmax(wg_tensor *const *x)
{
    return wg_output(wg_cross_entropy(x[0], x[1], .reduction = WG_NONE), 1);
}

#define CASES(loss)                                                                                \
    {#loss, "0-d", loss##_mean, 0},                                                                \
    {#loss, "size 1", loss##_mean, 0},                                                             \
    {#loss, "size 1, sum", loss##_sum, 0},                                                         \
    {#loss, "mean", loss##_mean, 0},                                                               \
    {#loss, "sum", loss##_sum, 0},                                                                 \
    {#loss, "none", loss##_none, 0},                                                               \
    {#loss, "empty", loss##_none, 0},                                                              \
    {#loss, "sum of nothing", loss##_sum, 0},                                                      \
    {#loss, "mean of nothing", loss##_mean, CASE_KINK},                                            \
    {#loss, "transposed", loss##_transposed, 0},                                                   \
    {#loss, "sliced backwards", loss##_sliced, 0},                                                 \
    {#loss, "expanded", loss##_expanded, 0},

const struct op_case cases_loss[] = {
    CASES(mse_loss)
    {"mse_loss", "infinity and NaN", mse_loss_none, CASE_KINK},
    CASES(binary_cross_entropy)
    {"binary_cross_entropy", "certain", binary_cross_entropy_none, CASE_KINK},
    {"binary_cross_entropy", "clamped", binary_cross_entropy_none, CASE_KINK | CASE_F64_ONLY},
    CASES(bce_with_logits)
    {"bce_with_logits", "tails", bce_with_logits_none, 0},
    {"bce_with_logits", "at zero", bce_with_logits_none, 0},
    {"bce_with_logits", "NaN", bce_with_logits_none, CASE_KINK},
    CASES(cross_entropy)
    {"cross_entropy", "i32 classes", cross_entropy_none, 0},
    {"cross_entropy", "u8 classes", cross_entropy_none, 0},
    {"cross_entropy", "one row without batch", cross_entropy_mean, 0},
    {"cross_entropy", "axes behind the classes", cross_entropy_mean, 0},
    {"cross_entropy", "axes behind the classes, none", cross_entropy_none, 0},
    {"cross_entropy", "softmax", cross_entropy_softmax, 0},
    {"cross_entropy", "large numbers", cross_entropy_none, 0},
    {"cross_entropy", "infinity and NaN", cross_entropy_none, CASE_KINK},
    {"cross_entropy", "probabilities", cross_entropy_mean, 0},
    {"cross_entropy", "probabilities, sum", cross_entropy_sum, 0},
    {"cross_entropy", "probabilities, axes behind the classes", cross_entropy_none, 0},
    {"cross_entropy", "probabilities without batch", cross_entropy_mean, 0},
    {0},
};

/* ---- misuse ---- */

static wg_tensor *f32(wg_tape *tape, const char *name, wg_shape shape)
{
    return wg_param(tape, name, WG_F32, shape);
}

#define MISUSE(name, expression)                                                                   \
    static wg_tensor *name(wg_tape *tape)                                                          \
    {                                                                                              \
        return expression;                                                                         \
    }
#define MISUSES(loss)                                                                              \
    MISUSE(loss##_shape,                                                                           \
           wg_##loss(f32(tape, "x", WG_SHAPE(2, 3)), f32(tape, "t", WG_SHAPE(3))))                 \
    MISUSE(loss##_dtype, wg_##loss(f32(tape, "x", WG_SHAPE(2)),                                    \
                                   wg_input(tape, "t", WG_F64, WG_SHAPE(2))))                      \
    MISUSE(loss##_bool, wg_##loss(f32(tape, "x", WG_SHAPE(2)),                                     \
                                  wg_input(tape, "t", WG_BOOL, WG_SHAPE(2))))                      \
    MISUSE(loss##_null, wg_##loss(NULL, f32(tape, "t", WG_SHAPE(2))))
MISUSES(mse_loss)
MISUSES(binary_cross_entropy)
MISUSES(bce_with_logits)
MISUSES(cross_entropy)

/* Classes in a leaf, so that only the run can see them. */
static wg_tensor *classes(wg_tape *tape, int64_t first, int64_t second)
{
    wg_tensor *t = wg_input(tape, "t", WG_I64, WG_SHAPE(2));
    wg_write(t, ((int64_t[]){first, second}), 2);
    return t;
}

MISUSE(large_class, wg_cross_entropy(f32(tape, "z", WG_SHAPE(2, 3)), classes(tape, 0, 3)))
MISUSE(negative_class, wg_cross_entropy(f32(tape, "z", WG_SHAPE(2, 3)), classes(tape, -1, 2)))
MISUSE(no_classes, wg_cross_entropy(f32(tape, "z", WG_SHAPE(2, 0)), classes(tape, 0, 0)))
MISUSE(number, wg_cross_entropy(f32(tape, "z", WG_SCALAR), wg_input(tape, "t", WG_I64, WG_SCALAR)))
MISUSE(integers, wg_cross_entropy(wg_input(tape, "z", WG_I64, WG_SHAPE(2, 3)),
                                  wg_input(tape, "t", WG_I64, WG_SHAPE(2))))
MISUSE(class_axis, wg_cross_entropy(f32(tape, "z", WG_SHAPE(2, 3, 4)),
                                    wg_input(tape, "t", WG_I64, WG_SHAPE(2, 3))))
#undef MISUSE
#undef MISUSES

#define ERRORS(loss)                                                                               \
    {#loss, "shapes", loss##_shape, "shapes differ"},                                              \
    {#loss, "dtypes", loss##_dtype, "dtypes differ, f32 and f64; see wg_cast"},                    \
    {#loss, "bool", loss##_bool, "dtype bool, wanted is f32 or f64"},                              \
    {#loss, "NULL", loss##_null, "an input is NULL"},

const struct error_case errors_loss[] = {
    ERRORS(mse_loss)
    ERRORS(binary_cross_entropy)
    ERRORS(bce_with_logits)
    {"cross_entropy", "shapes", cross_entropy_shape, "integers of shape (2,), or probabilities"},
    {"cross_entropy", "dtypes", cross_entropy_dtype, "integers of shape (), or probabilities"},
    {"cross_entropy", "bool", cross_entropy_bool, "the target must hold classes"},
    {"cross_entropy", "NULL", cross_entropy_null, "an input is NULL"},
    {"cross_entropy", "class beyond the last", large_class, "class 3 is not one of 3"},
    {"cross_entropy", "negative class", negative_class, "class -1 is not one of 3"},
    {"cross_entropy", "no classes", no_classes, "class 0 is not one of 0"},
    {"cross_entropy", "a number", number, "rank 0, there is no axis of classes"},
    {"cross_entropy", "integers", integers, "dtype i64, wanted is f32 or f64"},
    {"cross_entropy", "axis of the classes", class_axis, "integers of shape (2,4)"},
    {0},
};
