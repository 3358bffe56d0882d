// SPDX-License-Identifier: MIT
/*
 * The kernels of add, for one instruction set (see loops.h). Integers wrap around: their sum is made
 * in the unsigned type of the same size.
 */
#include "loops.h"

WG__KERNEL_2(add_f32, float, float, a, float, b, , a + b)
WG__KERNEL_2(add_f64, double, double, a, double, b, , a + b)
WG__KERNEL_2(add_i32, int32_t, int32_t, a, int32_t, b, , (int32_t)((uint32_t)a + (uint32_t)b))
WG__KERNEL_2(add_i64, int64_t, int64_t, a, int64_t, b, , (int64_t)((uint64_t)a + (uint64_t)b))
WG__KERNEL_2(add_u8, uint8_t, uint8_t, a, uint8_t, b, , (uint8_t)(a + b))
