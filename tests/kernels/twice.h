// SPDX-License-Identifier: MIT
/*
 * Includes TWICE, the body of a test, for float and for double. In it T is the type, WIDE a wider
 * one for oracles, UNIT the rounding unit, NAME(name) a name of its own, and FAMILY(kernels) the
 * kernels for T.
 */
#define T               float
#define WIDE            double
#define UNIT            0x1p-24
#define NAME(name)      name##_f32
#define FAMILY(kernels) (kernels)->f32
#include TWICE
#undef T
#undef WIDE
#undef UNIT
#undef NAME
#undef FAMILY

#define T               double
#define WIDE            long double
#define UNIT            0x1p-53
#define NAME(name)      name##_f64
#define FAMILY(kernels) (kernels)->f64
#include TWICE
#undef T
#undef WIDE
#undef UNIT
#undef NAME
#undef FAMILY
