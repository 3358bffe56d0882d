// SPDX-License-Identifier: MIT
/* The kernels of attention, for one instruction set (see graph/loops.h). */
#include "../graph/loops.h"
#include "../kernels/isa.h"
#include "../kernels/simd.h"
#include "attention_heads.h"

#include <math.h>

#define T          float
#define NAME(name) name##_f32
#define KERNELS    wg__kernels()->f32
#include "attention_body.h"
#undef T
#undef NAME
#undef KERNELS

#define T          double
#define NAME(name) name##_f64
#define KERNELS    wg__kernels()->f64
#include "attention_body.h"
#undef T
#undef NAME
#undef KERNELS
