// SPDX-License-Identifier: MIT
/*
 * The words of a formula, read as recorded ops: the inside of a rule. numbers.h reads the same
 * words as numbers.
 */
#include "words_done.h"

#define add(a, b)      wg_add(a, b)
#define sub(a, b)      wg_sub(a, b)
#define mul(a, b)      wg_mul(a, b)
#define div(a, b)      wg_div(a, b)
#define neg(a)         wg_neg(a)
#define square(a)      wg_square(a)
#define pow(a, b)      wg_pow(a, b)
#define eq(a, b)       wg_eq(a, b)
#define lt(a, b)       wg_lt(a, b)
#define le(a, b)       wg_le(a, b)
#define gt(a, b)       wg_gt(a, b)
#define ge(a, b)       wg_ge(a, b)
#define where(c, a, b) wg_where(c, a, b)
#define zero(a)        wg_full_like(a, 0)
#define exp(a)         wg_exp(a)
#define log(a)         wg_log(a)
#define sin(a)         wg_sin(a)
#define cos(a)         wg_cos(a)
#define erf(a)         wg_erf(a)
#define sigmoid(a)     wg_sigmoid(a)
#define sign(a)        wg_sign(a)
