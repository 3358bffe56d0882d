// SPDX-License-Identifier: MIT
/*
 * The words of a formula, read as numbers of type T: the inside of a kernel. recorded.h reads the
 * same words as ops. U is T for reals, and the unsigned type as wide as T for integers, which
 * therefore wrap; MATH(name) is the function of <math.h> for T. All mathematical functions of
 * elementwise kernels are called from here. No guard: it is read again after recorded.h.
 */
#include "words_done.h"

#define add(a, b)      ((T)((U)(T)(a) + (U)(T)(b)))
#define sub(a, b)      ((T)((U)(T)(a) - (U)(T)(b)))
#define mul(a, b)      ((T)((U)(T)(a) * (U)(T)(b)))
#define div(a, b)      ((T)(a) / (T)(b))
#define neg(a)         ((T)(-(U)(T)(a)))
#define square(a)      mul(a, a)
#define pow(a, b)      MATH(pow)((T)(a), (T)(b))
#define eq(a, b)       ((T)(a) == (T)(b))
#define ne(a, b)       ((T)(a) != (T)(b))
#define lt(a, b)       ((T)(a) < (T)(b))
#define le(a, b)       ((T)(a) <= (T)(b))
#define gt(a, b)       ((T)(a) > (T)(b))
#define ge(a, b)       ((T)(a) >= (T)(b))
#define where(c, a, b) ((c) ? (T)(a) : (T)(b))
#define zero(a)        ((T)0)
#define sign(a)        ((T)(gt(a, 0) - lt(a, 0)))
#define abs(a)         MATH(fabs)(a)
#define sqrt(a)        MATH(sqrt)(a)
#define exp(a)         MATH(exp)(a)
#define expm1(a)       MATH(expm1)(a)
#define log(a)         MATH(log)(a)
#define log1p(a)       MATH(log1p)(a)
#define sin(a)         MATH(sin)(a)
#define cos(a)         MATH(cos)(a)
#define tanh(a)        MATH(tanh)(a)
#define erf(a)         MATH(erf)(a)
#define sigmoid(a)     div(1, add(1, exp(neg(a))))
