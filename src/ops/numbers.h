// SPDX-License-Identifier: MIT
/*
 * The words of a formula, read as numbers of type T: the inside of a kernel. recorded.h reads the
 * same words as ops. U is T for reals, and the unsigned type as wide as T for integers, which
 * therefore wrap; NAME(name) is the function of real.h for T, MATH(name) that of <math.h>. sin and
 * cos need `far`, a constant: 0 where no argument is (see real.h).
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
#define exp(a)         NAME(exp)(a)
#define expm1(a)       NAME(expm1)(a)
#define log(a)         NAME(log)(a)
#define log1p(a)       NAME(log1p)(a)
#define sin(a)         NAME(sin)(a, far)
#define cos(a)         NAME(cos)(a, far)
#define tanh(a)        NAME(tanh)(a)
#define erf(a)         NAME(erf)(a)
#define sigmoid(a)     NAME(sigmoid)(a)
