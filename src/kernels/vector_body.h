// SPDX-License-Identifier: MIT
/* The vector of T, for the other bodies; they multiply and add by multiply_add of real.h. */

typedef T NAME(vector) __attribute__((vector_size(WG__VECTOR)));

/* The same in memory, at any address of a T. */
typedef T NAME(vector_at) __attribute__((vector_size(WG__VECTOR), aligned(sizeof(T)), may_alias));

/* Four elements, where rows are too short for vectors. */
typedef T NAME(quad) __attribute__((vector_size(4 * sizeof(T))));
typedef T NAME(quad_at) __attribute__((vector_size(4 * sizeof(T)), aligned(sizeof(T)), may_alias));

/* Integers as wide as T: what comparing two vectors gives, all bits set where it holds. */
typedef __typeof__(_Generic((T)0, float : (int32_t)0, default : (int64_t)0)) NAME(integer);
typedef NAME(integer) NAME(mask) __attribute__((vector_size(WG__VECTOR)));

enum { NAME(lanes) = WG__VECTOR / sizeof(T) };

/* The sum of a vector's lanes: the rear half is added to the front one, until one number is left. */
WG__INLINE T NAME(lanes_sum)(NAME(vector) x)
{
    T lane[NAME(lanes)];
    memcpy(lane, &x, sizeof lane);
    WG__UNROLL
    for (int half = NAME(lanes) / 2; half > 0; half /= 2)
        for (int j = 0; j < half; j++) lane[j] += lane[j + half];
    return lane[0];
}
