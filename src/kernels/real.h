// SPDX-License-Identifier: MIT
/*
 * Mathematical functions of one number that run in vectors: no branches, no tables, no calls, so
 * that a loop over them is compiled to whatever vectors there are. For f32 and f64:
 *
 *     exp_f32 expm1_f32 tanh_f32 sigmoid_f32 log_f32 log1p_f32 erf_f32 sin_f32 cos_f32
 *
 * Denormal numbers, infinities, NaN and signed zeros are right, and results are off by at most 1.5
 * units in the last place for exp, log and erf, by 3 for the others (tests/kernels/test_real.c).
 * With multiply-add instructions the bits are others than without, but they are the same for
 * all instruction sets that have them, and for each element wherever it stands.
 *
 * sin and cos take a second argument: 0 when |x| is at most near_f32 (near_f64) or NaN, else 1.
 */
#ifndef WENGERT_KERNELS_REAL_H
#define WENGERT_KERNELS_REAL_H

#include "bounds.h"
#include "simd.h"
#include "turns.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef uint32_t bits_f32;
typedef uint64_t bits_f64;

/*
 * a b + c, rounded once where the machine has an instruction for it. Left to contraction, two loops
 * over the same sum may round differently, if the compiler makes one of them for a stride of 1.
 */
WG__INLINE float multiply_add_f32(float a, float b, float c)
{
    return WG__FMA ? fmaf(a, b, c) : a * b + c;
}

WG__INLINE double multiply_add_f64(double a, double b, double c)
{
    return WG__FMA ? fma(a, b, c) : a * b + c;
}

#include "real_f32.h"
#include "real_f64.h"

#define T          float
#define NAME(name) name##_f32
#define MATH(name) name##f
#include "real_body.h"
#undef T
#undef NAME
#undef MATH

#define T          double
#define NAME(name) name##_f64
#define MATH(name) name
#include "real_body.h"
#undef T
#undef NAME
#undef MATH

#endif
