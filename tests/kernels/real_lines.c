// SPDX-License-Identifier: MIT
/* The loops of real_lines.h for the instruction set WG__ISA. */
#include "real_lines.h"

#include "../../src/kernels/real.h"

#define LINE(name, type, T, value)                                                                 \
    static void name##_line_##type(int64_t n, const T *x, T *y)                                    \
    {                                                                                              \
        for (int64_t i = 0; i < n; i++) y[i] = (value);                                            \
    }

#define LINES(type, T)                                                                             \
    LINE(exp, type, T, exp_##type(x[i]))                                                           \
    LINE(expm1, type, T, expm1_##type(x[i]))                                                       \
    LINE(tanh, type, T, tanh_##type(x[i]))                                                         \
    LINE(sigmoid, type, T, sigmoid_##type(x[i]))                                                   \
    LINE(log, type, T, log_##type(x[i]))                                                           \
    LINE(log1p, type, T, log1p_##type(x[i]))                                                       \
    LINE(erf, type, T, erf_##type(x[i]))                                                           \
    LINE(sin, type, T, sin_##type(x[i], 1))                                                        \
    LINE(cos, type, T, cos_##type(x[i], 1))                                                        \
    LINE(sin_near, type, T, sin_##type(x[i], 0))                                                   \
    LINE(cos_near, type, T, cos_##type(x[i], 0))

LINES(f32, float)
LINES(f64, double)

#define BOTH(name)                                                                                 \
    {                                                                                              \
        name##_line_f32, name##_line_f64                                                           \
    }
#define JOIN(a, b)       a##_##b
#define TABLE(name, isa) JOIN(name, isa)

const struct real_lines TABLE(real_lines, WG__ISA)[FUNCTIONS] = {
    [EXP] = BOTH(exp),           [EXPM1] = BOTH(expm1),       [TANH] = BOTH(tanh),
    [SIGMOID] = BOTH(sigmoid),   [LOG] = BOTH(log),           [LOG1P] = BOTH(log1p),
    [ERF] = BOTH(erf),           [SIN] = BOTH(sin),           [COS] = BOTH(cos),
    [SIN_NEAR] = BOTH(sin_near), [COS_NEAR] = BOTH(cos_near),
};
