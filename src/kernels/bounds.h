// SPDX-License-Identifier: MIT
/*
 * Where the functions of real.h have reached their limits: arguments beyond are taken as these. gcc
 * takes the larger of two numbers by one instruction, but only where it knows neither of them; so
 * they are defined in a file of their own.
 */
#ifndef WENGERT_KERNELS_BOUNDS_H
#define WENGERT_KERNELS_BOUNDS_H

struct wg__bounds_f32 {
    float exp_low, exp_high; /* exp x is 0, and infinite */
    float expm1_low;         /* exp(x) - 1 is -1 */
    float tanh_high;         /* tanh(x / 2) is 1 */
    float sigmoid_high;      /* 1 + exp(-x) is 1 */
};

struct wg__bounds_f64 {
    double exp_low, exp_high, expm1_low, tanh_high, sigmoid_high;
};

extern const struct wg__bounds_f32 wg__bounds_f32;
extern const struct wg__bounds_f64 wg__bounds_f64;

#endif
