// SPDX-License-Identifier: MIT
/*
 * What the other bodies compute with: the vector of T, and a multiply-add whose rounding the
 * compiler cannot choose.
 */

typedef T NAME(vector) __attribute__((vector_size(WG__VECTOR)));

/* The same in memory, at any address of a T. */
typedef T NAME(vector_at) __attribute__((vector_size(WG__VECTOR), aligned(sizeof(T)), may_alias));

/* Integers as wide as T: what comparing two vectors gives, all bits set where it holds. */
typedef __typeof__(_Generic((T)0, float : (int32_t)0, default : (int64_t)0)) NAME(integer);
typedef NAME(integer) NAME(mask) __attribute__((vector_size(WG__VECTOR)));

enum { NAME(lanes) = WG__VECTOR / sizeof(T) };

/*
 * a b + c, rounded once where the machine has an instruction for it. Left to contraction, two loops
 * over the same sum may round differently, if the compiler makes one of them for a stride of 1.
 */
static inline T NAME(multiply_add)(T a, T b, T c)
{
    return WG__FMA ? MATH(fma)(a, b, c) : a * b + c;
}
