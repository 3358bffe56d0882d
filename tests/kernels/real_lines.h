// SPDX-License-Identifier: MIT
/* Loops over the functions of real.h, compiled once per instruction set, with the flags of the library. */
#ifndef WENGERT_TESTS_KERNELS_REAL_LINES_H
#define WENGERT_TESTS_KERNELS_REAL_LINES_H

#include "../../src/kernels/isa.h"

/* y[i] = f(x[i]); sin and cos for near arguments and for all. */
struct real_lines {
    void (*f32)(int64_t n, const float *x, float *y);
    void (*f64)(int64_t n, const double *x, double *y);
};

/* The order of the lines, and of what is said about them in test_real.c. */
enum { EXP, EXPM1, TANH, SIGMOID, LOG, LOG1P, ERF, SIN, COS, SIN_NEAR, COS_NEAR, FUNCTIONS };

#define DECLARE_LINES(name, isa) extern const struct real_lines name##_##isa[FUNCTIONS];
WG__EACH_ISA(DECLARE_LINES, real_lines)

#endif
