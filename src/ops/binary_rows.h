// SPDX-License-Identifier: MIT
/*
 * The table of binary ops, one row an op. binary_kernels.c reads it as numbers of each dtype,
 * binary.c as recorded ops.
 *
 *     NUMBERS(name, y = ..., da = ..., db = ..., formula, rule, more of the record)    on numbers
 *     REALS(name, ...)                                             on reals
 *     COMPARISON(name, y = ..., formula)                           on everything, gives bool
 *
 * Formulas are in the words of numbers.h (y) and recorded.h (da, db). SHARE stays behind, for the
 * op that it is the formula of.
 */
/* clang-format off */
/*
 * What of dy goes to the larger one, a: all, half on a tie, and all to both where they do not
 * compare.
 */
#define SHARE where(lt(a, b), 0, where(eq(a, b), mul(0.5, dy), dy))
/* 1 where log would be taken of a base 0 whose exponent's derivative is to be 0. */
#define LOG_BASE(a, b)  where(eq(a, 0), where(ge(b, 0), 1, a), a)
/* 1 instead of 0 where the base is 0 too, so that b a^(b - 1) is 0 and not 0 times infinity. */
#define EXPONENT(a, b)  where(eq(b, 0), where(eq(a, 0), 1, b), b)

NUMBERS(sub, sub(a, b), dy, neg(dy),
    "y = a - b", "da = dy, db = -dy")
NUMBERS(mul, mul(a, b), mul(dy, b), mul(dy, a),
    "y = a b", "da = dy b, db = dy a", .neutral = {1, 1})
REALS(div, div(a, b), div(dy, b), neg(mul(dy, div(y, b))),
    "y = a / b", "da = dy / b, db = -dy y / b", .neutral = {0, 1})
REALS(pow, pow(a, b), mul(dy, mul(b, pow(a, sub(EXPONENT(a, b), 1)))),
      mul(dy, mul(y, log(LOG_BASE(a, b)))),
    "y = a^b", "da = dy b a^(b - 1), db = dy y log a")
/* The sum of what does not compare is NaN. */
NUMBERS(maximum, where(gt(a, b), a, where(le(a, b), b, add(a, b))),
        share(dy, a, b), share(dy, b, a),
    "y = max(a, b)", "da = dy [a > b], dy / 2 for a = b; db likewise")
NUMBERS(minimum, where(lt(a, b), a, where(ge(a, b), b, add(a, b))),
        share(dy, b, a), share(dy, a, b),
    "y = min(a, b)", "da = dy [a < b], dy / 2 for a = b; db likewise")

COMPARISON(eq, a == b, "y = [a = b]")
COMPARISON(ne, a != b, "y = [a != b]")
COMPARISON(lt, a < b, "y = [a < b]")
COMPARISON(le, a <= b, "y = [a <= b]")
COMPARISON(gt, a > b, "y = [a > b]")
COMPARISON(ge, a >= b, "y = [a >= b]")

#undef LOG_BASE
#undef EXPONENT
/* clang-format on */
