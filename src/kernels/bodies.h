// SPDX-License-Identifier: MIT
/*
 * All bodies for one element type, in the order in which they use each other: included by
 * isa_kernels.c with T, NAME(name) and MATH(name), the function of <math.h> for T.
 */
/* clang-format off */
#include "vector_body.h"
#include "tile_body.h"
#include "turn_body.h"
#include "gemm_body.h"
#include "stairs_body.h"
#include "gemv_body.h"
#include "direct3_body.h"
#include "direct_body.h"
#include "lined_body.h"
#include "pixels_body.h"
#include "planes_body.h"
#include "weights_body.h"
#include "conv2d_body.h"
#include "index_body.h"
#include "pool_body.h"
#include "pool_last_body.h"
#include "reduce_body.h"
#include "sum_body.h"
#include "extreme_body.h"
#include "softmax_body.h"
#include "peak_body.h"
#include "norm_body.h"
#include "norm_last_body.h"
