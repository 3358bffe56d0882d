// SPDX-License-Identifier: MIT
/*
 * Elementwise ops of one input. Those on reals are the rows of unary_rows.h: read as numbers, in
 * unary_kernels.c, a row gives the kernels of an op and of its backward op; read as recorded ops,
 * the backward op's `compose`, from which its own derivatives come.
 */
#include "unary.h"

#include "../graph/tape.h"
#include "binary.h"
#include "elementwise.h"

/*
 * A row, with its traits, the dy for which the backward op is what it reads besides (or 0), and
 * with what its settings are to the call, to the attrs, to a picture and to a formula.
 */
#define ROW(name, ...)   UNARY(name, 0, 0, 0, (wg_tensor *x), NULL, NULL, , __VA_ARGS__)
#define CHEAP(name, ...) UNARY(name, WG_CHEAP, 0, 0, (wg_tensor *x), NULL, NULL, , __VA_ARGS__)
#define MASK(name, ...)                                                                            \
    UNARY(name, WG_CHEAP | WG_MASKS, 0, 0, (wg_tensor *x), NULL, NULL, , __VA_ARGS__)
#define SELF(name, ...)  UNARY(name, 0, 1, 0, (wg_tensor *x), NULL, NULL, , __VA_ARGS__)
#define TURN(name, ...)  ROW(name, __VA_ARGS__)
#define ROW_1(name, p, ...)                                                                        \
    UNARY(name, 0, 0, 1, (wg_tensor *x, double p), (double[]){p}, #p " %g",                        \
          const double p = s[0];, __VA_ARGS__)
#define ROW_2(name, p, q, ...)                                                                     \
    UNARY(name, 0, 0, 2, (wg_tensor *x, double p, double q), ((double[]){p, q}),                   \
          #p " %g, " #q " %g", const double p = s[0]; const double q = s[1];, __VA_ARGS__)

/* ---- rows as ops: records, rules and calls ---- */

#define UNARY(name_, traits_, neutral_, count, parameters, values, words, constants, f, saved, df, \
              formula_, rule_)                                                                     \
    WG__PREPARE_REALS(name_)                                                                       \
    WG__PREPARE_REALS_PLUS(name_##_backward)                                                       \
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
                                            .traits = WG_ELEMENTWISE | (traits_),                  \
                                            .neutral = {neutral_},                                 \
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
                                 .traits = WG_ELEMENTWISE | (traits_),                             \
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

WG__PREPARE_ALL(neg)
WG__PREPARE_ALL(abs)
WG__PREPARE_REALS(sign)

const wg_op wg_op_neg = {.name = "neg",
                         .inputs = 1,
                         .outputs = 1,
                         .traits = WG_ELEMENTWISE | WG_CHEAP,
                         .infer = wg__infer_numbers,
                         .prepare = neg_prepare,
                         .derive = neg_derive,
                         .formula = "y = -x",
                         .rule = "dx = -dy"};

const wg_op wg_op_abs = {.name = "abs",
                         .inputs = 1,
                         .outputs = 1,
                         .traits = WG_ELEMENTWISE | WG_CHEAP,
                         .infer = wg__infer_numbers,
                         .prepare = abs_prepare,
                         .derive = abs_derive,
                         .formula = "y = |x|",
                         .rule = "dx = dy sign x"};

const wg_op wg_op_sign = {.name = "sign",
                          .inputs = 1,
                          .outputs = 1,
                          .traits = WG_ELEMENTWISE | WG_CHEAP,
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
