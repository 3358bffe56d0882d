// SPDX-License-Identifier: MIT
/* The limits of bounds.h. */
#include "bounds.h"

const struct wg__bounds_f32 wg__bounds_f32 = {
    .exp_low = -104, .exp_high = 89, .expm1_low = -50, .tanh_high = 20, .sigmoid_high = 40};
const struct wg__bounds_f64 wg__bounds_f64 = {
    .exp_low = -746, .exp_high = 710, .expm1_low = -50, .tanh_high = 40, .sigmoid_high = 40};
