// SPDX-License-Identifier: MIT
/*
 * Elementwise ops of two inputs, and the choice between two. Each side is a tensor or a plain
 * number; shapes broadcast as in NumPy, dtypes must be equal (see wg_cast). Arithmetic on i32, i64
 * and u8 wraps; div and pow take reals only.
 *
 *     wg_mul(x, 2)    wg_sub(1, x)    wg_maximum(a, b)    wg_where(wg_gt(x, 0), x, 0)
 *
 * Each call is a macro around a function, which takes operands: wg_add_of, wg_sub_of, ...
 */
#ifndef WENGERT_OPS_BINARY_H
#define WENGERT_OPS_BINARY_H

#include "../graph/basic.h"
#include "operand.h"

WG_BEGIN_DECLS

/* wg_add(a, b): y = a + b, da = db = dy. */
WG_API wg_tensor *wg_add_of(wg_operand a, wg_operand b);

/* wg_sub(a, b): y = a - b, da = dy, db = -dy. */
WG_API wg_tensor *wg_sub_of(wg_operand a, wg_operand b);

/* wg_mul(a, b): y = a b, da = dy b, db = dy a. */
WG_API wg_tensor *wg_mul_of(wg_operand a, wg_operand b);

/* wg_div(a, b): y = a / b, da = dy / b, db = -dy y / b. f32 and f64. */
WG_API wg_tensor *wg_div_of(wg_operand a, wg_operand b);

/*
 * wg_pow(a, b): y = a^b, da = dy b a^(b - 1), db = dy y log a. f32 and f64. For a = 0 and b >= 0,
 * db is 0; for a = b = 0, da is 0. With a plain number as exponent it is wg_pow_number(a, b).
 */
WG_API wg_tensor *wg_pow_of(wg_operand a, wg_operand b);

/*
 * wg_maximum(a, b): the larger one, NaN if one is NaN. dy goes to the larger one, by halves to both
 * where they are equal.
 */
WG_API wg_tensor *wg_maximum_of(wg_operand a, wg_operand b);

/*
 * wg_minimum(a, b): the smaller one, NaN if one is NaN. dy goes to the smaller one, by halves to
 * both where they are equal.
 */
WG_API wg_tensor *wg_minimum_of(wg_operand a, wg_operand b);

/*
 * wg_where(condition, a, b): a where the bool tensor is true, b elsewhere; any dtype, one of a and
 * b a tensor. dy goes to the one that was taken, and 0 to the other: where the other's own
 * derivative is infinite or NaN, 0 times it is NaN.
 */
WG_API wg_tensor *wg_where_either(wg_tensor *condition, wg_operand a, wg_operand b);

/*
 * wg_eq(a, b): a == b, as bool. Of any dtype, like the five that follow; none has a derivative;
 * with NaN only wg_ne holds.
 */
WG_API wg_tensor *wg_eq_of(wg_operand a, wg_operand b);

/* wg_ne(a, b): a != b, as bool. */
WG_API wg_tensor *wg_ne_of(wg_operand a, wg_operand b);

/* wg_lt(a, b): a < b, as bool. */
WG_API wg_tensor *wg_lt_of(wg_operand a, wg_operand b);

/* wg_le(a, b): a <= b, as bool. */
WG_API wg_tensor *wg_le_of(wg_operand a, wg_operand b);

/* wg_gt(a, b): a > b, as bool. */
WG_API wg_tensor *wg_gt_of(wg_operand a, wg_operand b);

/* wg_ge(a, b): a >= b, as bool. */
WG_API wg_tensor *wg_ge_of(wg_operand a, wg_operand b);

/* ---- the records; wg_op_add is in graph/basic.h ---- */

/* Of the calls above, and the adjoint of maximum, which that of minimum uses too. */
extern WG_API const wg_op wg_op_sub, wg_op_mul, wg_op_div, wg_op_pow;
extern WG_API const wg_op wg_op_maximum, wg_op_minimum, wg_op_maximum_backward, wg_op_where;
extern WG_API const wg_op wg_op_eq, wg_op_ne, wg_op_lt, wg_op_le, wg_op_gt, wg_op_ge;

WG_END_DECLS

/* The calls: each side a tensor or a plain number. In C++ 1 - x is wg_sub_of(1, x). */
#define wg_add(a, b)      WG__CALL(wg_add_of(WG_OPERAND(a), WG_OPERAND(b)))
#define wg_sub(a, b)      WG__CALL(wg_sub_of(WG_OPERAND(a), WG_OPERAND(b)))
#define wg_mul(a, b)      WG__CALL(wg_mul_of(WG_OPERAND(a), WG_OPERAND(b)))
#define wg_div(a, b)      WG__CALL(wg_div_of(WG_OPERAND(a), WG_OPERAND(b)))
#define wg_pow(a, b)      WG__CALL(wg_pow_of(WG_OPERAND(a), WG_OPERAND(b)))
#define wg_maximum(a, b)  WG__CALL(wg_maximum_of(WG_OPERAND(a), WG_OPERAND(b)))
#define wg_minimum(a, b)  WG__CALL(wg_minimum_of(WG_OPERAND(a), WG_OPERAND(b)))
#define wg_where(c, a, b) WG__CALL(wg_where_either(c, WG_OPERAND(a), WG_OPERAND(b)))
#define wg_eq(a, b)       WG__CALL(wg_eq_of(WG_OPERAND(a), WG_OPERAND(b)))
#define wg_ne(a, b)       WG__CALL(wg_ne_of(WG_OPERAND(a), WG_OPERAND(b)))
#define wg_lt(a, b)       WG__CALL(wg_lt_of(WG_OPERAND(a), WG_OPERAND(b)))
#define wg_le(a, b)       WG__CALL(wg_le_of(WG_OPERAND(a), WG_OPERAND(b)))
#define wg_gt(a, b)       WG__CALL(wg_gt_of(WG_OPERAND(a), WG_OPERAND(b)))
#define wg_ge(a, b)       WG__CALL(wg_ge_of(WG_OPERAND(a), WG_OPERAND(b)))

#endif
