// SPDX-License-Identifier: MIT
/* The kernels of updates, for one instruction set (see graph/loops.h). */
#include "../graph/loops.h"

WG__KERNEL_3(descend_f32, float, float, p, float, g, float, r, p - r * g)
WG__KERNEL_3(descend_f64, double, double, p, double, g, double, r, p - r * g)
