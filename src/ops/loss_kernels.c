// SPDX-License-Identifier: MIT
/* The kernels of the losses by element, for one instruction set (see graph/loops.h). */
#include "../graph/loops.h"
#include "loss_limits.h"

#define T          float
#define NAME(name) name##_f32
#define MATH(name) name##f
#include "loss_body.h"
#undef T
#undef NAME
#undef MATH

#define T          double
#define NAME(name) name##_f64
#define MATH(name) name
#include "loss_body.h"
#undef T
#undef NAME
#undef MATH
