// SPDX-License-Identifier: MIT
/*
 * Elementwise ops of two inputs: the rows of binary_rows.h, read as numbers of each dtype in
 * binary_kernels.c, and here as recorded ops for the rules. Behind them, `where`, and the op that deals out the dy
 * of maximum and minimum.
 */
#include "binary.h"

#include "../graph/tape.h"
#include "elementwise.h"
#include "unary.h"

/* ---- rows as ops: records, rules and calls ---- */

#include "recorded.h"

/* dx = dy [a > b], dy / 2 for a = b */
static wg_tensor *share(wg_tensor *dy, wg_tensor *a, wg_tensor *b)
{
    wg_tensor *const x[] = {dy, a, b};
    return wg_apply(&wg_op_maximum_backward, NULL, WG_NO_DTYPE, x, 3);
}

#define RECORD(name_, infer_, traits_, derive_, formula_, ...)                                     \
    const wg_op wg_op_##name_ = {.name = #name_,                                                   \
                                 .inputs = 2,                                                      \
                                 .outputs = 1,                                                     \
                                 .traits = WG_ELEMENTWISE | (traits_),                             \
                                 .infer = infer_,                                                  \
                                 .prepare = name_##_prepare,                                       \
                                 .derive = derive_,                                                \
                                 .formula = formula_,                                              \
                                 .rule = __VA_ARGS__};

#define DERIVE(name, da, db)                                                                       \
    static void name##_derive(wg_adjoint *d)                                                       \
    {                                                                                              \
        wg_tensor *const a = d->x[0], *const b = d->x[1];                                          \
        wg_tensor *const y = d->y[0], *const dy = d->dy[0];                                        \
        (void)a, (void)b, (void)y;                                                                 \
        if (d->needs[0]) wg_adjoint_add(d, 0, da);                                                 \
        if (d->needs[1]) wg_adjoint_add(d, 1, db);                                                 \
    }

#define CALL(name)                                                                                 \
    wg_tensor *wg_##name##_of(wg_operand a, wg_operand b)                                          \
    {                                                                                              \
        return wg__apply_operands(&wg_op_##name, (const wg_operand[]){a, b}, 2);                   \
    }

#define NUMBERS(name, f, da, db, formula, ...)                                                     \
    WG__PREPARE_ALL_PLUS(name)                                                                     \
    DERIVE(name, da, db)                                                                           \
    RECORD(name, wg__infer_numbers, WG_CHEAP, name##_derive, formula, __VA_ARGS__)                 \
    CALL(name)
#define REALS(name, f, da, db, formula, ...)                                                       \
    WG__PREPARE_REALS(name)                                                                        \
    DERIVE(name, da, db)                                                                           \
    RECORD(name, NULL, 0, name##_derive, formula, __VA_ARGS__)
#define COMPARISON(name, f, formula)                                                               \
    WG__PREPARE_MIXED(name)                                                                        \
    RECORD(name, wg__infer_comparison, WG_NO_DERIVATIVE | WG_CHEAP, NULL, formula, "none")         \
    CALL(name)

#include "binary_rows.h"

CALL(div)
CALL(add) /* its record is the graph's, which sums adjoints with it */

wg_tensor *wg_pow_of(wg_operand a, wg_operand b)
{
    if (wg__is_number(b) && !wg__is_number(a)) return wg_pow_number(a.tensor, b.number);
    return wg__apply_operands(&wg_op_pow, (const wg_operand[]){a, b}, 2);
}

/* ---- the dy of maximum and minimum ---- */

static wg_tensor *maximum_backward_compose(wg_tensor *const *x, const void *attrs)
{
    wg_tensor *const dy = x[0], *const a = x[1], *const b = x[2];
    (void)attrs;
    return SHARE;
}

WG__PREPARE_REALS(maximum_backward)

const wg_op wg_op_maximum_backward = {.name = "maximum_backward",
                                      .inputs = 3,
                                      .outputs = 1,
                                      .traits = WG_ELEMENTWISE | WG_CHEAP,
                                      .prepare = maximum_backward_prepare,
                                      .compose = maximum_backward_compose,
                                      .formula = "dx = dy [a > b], dy / 2 for a = b",
                                      .rule = "the derivative of its formula"};

/* ---- where ---- */

static const char *where_infer(wg_infer *i)
{
    const wg_dtype a = i->x[1]->dtype, b = i->x[2]->dtype;
    if (i->x[0]->dtype != WG_BOOL)
        return wg_refuse(i, "the condition is %s, wanted is bool; see wg_ne",
                         wg_dtype_name(i->x[0]->dtype));
    if (a != b)
        return wg_refuse(i, "dtypes differ, %s and %s; see wg_cast", wg_dtype_name(a),
                         wg_dtype_name(b));
    const char *reason = wg__infer_same_shape(i);
    return reason ? reason : wg_infer_output(i, 0, a, i->x[0]->shape);
}

WG__PREPARE_MIXED(where)

/* da = dy where c, db = dy where not c, and 0 elsewhere */
static void where_derive(wg_adjoint *d)
{
    if (d->needs[1]) wg_adjoint_add(d, 1, where(d->x[0], d->dy[0], 0));
    if (d->needs[2]) wg_adjoint_add(d, 2, where(d->x[0], 0, d->dy[0]));
}

const wg_op wg_op_where = {.name = "where",
                           .inputs = 3,
                           .outputs = 1,
                           .traits = WG_ELEMENTWISE | WG_CHEAP,
                           .infer = where_infer,
                           .prepare = where_prepare,
                           .derive = where_derive,
                           .formula = "y = a where c, b elsewhere",
                           .rule = "da = dy where c, db = dy where not c, 0 elsewhere"};

wg_tensor *wg_where_either(wg_tensor *condition, wg_operand a, wg_operand b)
{
    if (condition && wg__is_number(a) && wg__is_number(b))
        return wg_reject(&wg_op_where, &condition, 1,
                         "two plain numbers have no dtype; see wg_full");
    const wg_operand c = {.tensor = condition};
    return wg__apply_operands(&wg_op_where, (const wg_operand[]){c, a, b}, 3);
}
