// SPDX-License-Identifier: MIT
/*
 * Elementwise ops of one input. Those on reals are the rows of unary_rows.h: read as numbers, a row
 * gives the kernels of an op and of its backward op; read as recorded ops, the backward op's
 * `compose`, from which its own derivatives come.
 */
#include "unary.h"

#include "../graph/tape.h"
#include "binary.h"
#include "elementwise.h"

#include <math.h>
#include <stdlib.h>

/* A row, with what its settings are to the call, to the attrs, to a picture and to a formula. */
#define ROW(name, ...) UNARY(name, 0, (wg_tensor *x), NULL, NULL, , __VA_ARGS__)
#define ROW_1(name, p, ...)                                                                        \
    UNARY(name, 1, (wg_tensor *x, double p), (double[]){p}, #p " %g",                              \
          const double p = s[0];, __VA_ARGS__)
#define ROW_2(name, p, q, ...)                                                                     \
    UNARY(name, 2, (wg_tensor *x, double p, double q), ((double[]){p, q}), #p " %g, " #q " %g",    \
          const double p = s[0]; const double q = s[1];, __VA_ARGS__)

/* ---- rows as numbers: kernels, name_f32 and name_backward_f32 ---- */

#define UNARY(name, count, parameters, values, words, constants, f, saved, df, formula, rule)      \
    WG__KERNEL_1(NAME(name), T, T, x, constants, f)                                                \
    WG__KERNEL_2(NAME(name##_backward), T, T, dy, T, saved, constants, df)

#define T          float
#define U          float
#define NAME(name) name##_f32
#define MATH(name) name##f
#include "numbers.h"
#include "unary_rows.h"
WG__KERNEL_1(neg_f32, T, T, x, , neg(x))
WG__KERNEL_1(abs_f32, T, T, x, , abs(x))
WG__KERNEL_1(sign_f32, T, T, x, , sign(x))
#undef T
#undef U
#undef NAME
#undef MATH

#define T          double
#define U          double
#define NAME(name) name##_f64
#define MATH(name) name
#include "unary_rows.h"
WG__KERNEL_1(neg_f64, T, T, x, , neg(x))
WG__KERNEL_1(abs_f64, T, T, x, , abs(x))
WG__KERNEL_1(sign_f64, T, T, x, , sign(x))
#undef T
#undef U
#undef NAME
#undef MATH

#define T int32_t
#define U uint32_t
WG__KERNEL_1(neg_i32, T, T, x, , neg(x))
WG__KERNEL_1(abs_i32, T, T, x, , x < 0 ? neg(x) : x)
#undef T
#undef U

#define T int64_t
#define U uint64_t
WG__KERNEL_1(neg_i64, T, T, x, , neg(x))
WG__KERNEL_1(abs_i64, T, T, x, , x < 0 ? neg(x) : x)
#undef T
#undef U

#define T uint8_t
#define U uint8_t
WG__KERNEL_1(neg_u8, T, T, x, , neg(x))
WG__KERNEL_1(abs_u8, T, T, x, , x)
#undef T
#undef U

#undef UNARY

/* ---- rows as ops: records, rules and calls ---- */

#define UNARY(name_, count, parameters, values, words, constants, f, saved, df, formula_, rule_)   \
    static wg_kernel *name_##_prepare(wg_call *call)                                               \
    {                                                                                              \
        return wg_kernel_of(call, name_##_f32, name_##_f64);                                       \
    }                                                                                              \
    static wg_kernel *name_##_backward_prepare(wg_call *call)                                      \
    {                                                                                              \
        return wg_kernel_of(call, name_##_backward_f32, name_##_backward_f64);                     \
    }                                                                                              \
    static wg_tensor *name_##_backward_compose(wg_tensor *const *in, const void *attrs)            \
    {                                                                                              \
        const double *s = attrs;                                                                   \
        wg_tensor    *dy = in[0], *saved = in[1];                                                  \
        (void)s;                                                                                   \
        constants                                                                                  \
        return df;                                                                                 \
    }                                                                                              \
    const wg_op wg_op_##name_##_backward = {.name = #name_ "_backward",                            \
                                            .inputs = 2,                                           \
                                            .outputs = 1,                                          \
                                            .attrs_size = (count) * sizeof(double),                \
                                            .traits = WG_ELEMENTWISE,                              \
                                            .prepare = name_##_backward_prepare,                   \
                                            .compose = name_##_backward_compose,                   \
                                            .settings = words,                                     \
                                            .formula = rule_,                                      \
                                            .rule = "the derivative of its formula"};              \
    static void name_##_derive(wg_adjoint *d)                                                      \
    {                                                                                              \
        wg_tensor *const in[] = {d->dy[0], d->saved[0]};                                           \
        wg_adjoint_add(d, 0, wg_apply(&wg_op_##name_##_backward, d->attrs, WG_NO_DTYPE, in, 2));   \
    }                                                                                              \
    const wg_op wg_op_##name_ = {.name = #name_,                                                   \
                                 .inputs = 1,                                                      \
                                 .outputs = 1,                                                     \
                                 .attrs_size = (count) * sizeof(double),                           \
                                 .traits = WG_ELEMENTWISE,                                         \
                                 .prepare = name_##_prepare,                                       \
                                 .derive = name_##_derive,                                         \
                                 .settings = words,                                                \
                                 .formula = formula_,                                              \
                                 .rule = rule_};                                                   \
    wg_tensor *wg_##name_ parameters                                                               \
    {                                                                                              \
        return wg_apply(&wg_op_##name_, values, WG_NO_DTYPE, &x, 1);                               \
    }

#include "recorded.h"
#include "unary_rows.h"

/* ---- neg, abs, sign: integers too, and rules that other ops say as well ---- */

/* dx = -dy */
static void neg_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, neg(d->dy[0]));
}

/* dx = dy sign x */
static void abs_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, mul(d->dy[0], sign(d->x[0])));
}

/* dx = 0 */
static void sign_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, zero(d->x[0]));
}

static wg_kernel *neg_prepare(wg_call *call)
{
    return wg__kernel_by_dtype(call, 0,
                               &(struct wg__by_dtype){neg_f32, neg_f64, neg_i32, neg_i64, neg_u8});
}

static wg_kernel *abs_prepare(wg_call *call)
{
    return wg__kernel_by_dtype(call, 0,
                               &(struct wg__by_dtype){abs_f32, abs_f64, abs_i32, abs_i64, abs_u8});
}

static wg_kernel *sign_prepare(wg_call *call)
{
    return wg_kernel_of(call, sign_f32, sign_f64);
}

const wg_op wg_op_neg = {.name = "neg",
                         .inputs = 1,
                         .outputs = 1,
                         .traits = WG_ELEMENTWISE,
                         .infer = wg__infer_numbers,
                         .prepare = neg_prepare,
                         .derive = neg_derive,
                         .formula = "y = -x",
                         .rule = "dx = -dy"};

const wg_op wg_op_abs = {.name = "abs",
                         .inputs = 1,
                         .outputs = 1,
                         .traits = WG_ELEMENTWISE,
                         .infer = wg__infer_numbers,
                         .prepare = abs_prepare,
                         .derive = abs_derive,
                         .formula = "y = |x|",
                         .rule = "dx = dy sign x"};

const wg_op wg_op_sign = {.name = "sign",
                          .inputs = 1,
                          .outputs = 1,
                          .traits = WG_ELEMENTWISE,
                          .prepare = sign_prepare,
                          .derive = sign_derive,
                          .formula = "y = 1 for x > 0, -1 for x < 0, 0 elsewhere",
                          .rule = "dx = 0"};

wg_tensor *wg_neg(wg_tensor *x)
{
    return wg_apply(&wg_op_neg, NULL, WG_NO_DTYPE, &x, 1);
}

wg_tensor *wg_abs(wg_tensor *x)
{
    return wg_apply(&wg_op_abs, NULL, WG_NO_DTYPE, &x, 1);
}

wg_tensor *wg_sign(wg_tensor *x)
{
    return wg_apply(&wg_op_sign, NULL, WG_NO_DTYPE, &x, 1);
}
