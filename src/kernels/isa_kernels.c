// SPDX-License-Identifier: MIT
/*
 * The bodies, for f32 and f64, and the table of them. Meson compiles this file once for each
 * instruction set, with WG__ISA its name and the compiler flags that go with it. Nothing but the
 * table is seen outside.
 */
#include "field.h"
#include "isa.h"
#include "real.h"

#include <math.h>
#include <string.h>

#define T          float
#define NAME(name) name##_f32
#define ZIP_LOW    WG__ZIP_F32(LOW)
#define ZIP_HIGH   WG__ZIP_F32(HIGH)
#define MATH(name) name##f
#include "bodies.h"
#undef T
#undef NAME
#undef ZIP_LOW
#undef ZIP_HIGH
#undef MATH

#define T          double
#define NAME(name) name##_f64
#define ZIP_LOW    WG__ZIP_F64(LOW)
#define ZIP_HIGH   WG__ZIP_F64(HIGH)
#define MATH(name) name
#include "bodies.h"
#undef T
#undef NAME
#undef ZIP_LOW
#undef ZIP_HIGH
#undef MATH

#define LAST(type)                                                                                 \
    .turn = turn_##type, .max_pool2d = max_pool2d_last_##type,                                     \
    .max_pool2d_backward = max_pool2d_backward_last_##type,                                        \
    .max_pool2d_gather = max_pool2d_gather_last_##type, .avg_pool2d = avg_pool2d_last_##type,      \
    .avg_pool2d_backward = avg_pool2d_backward_last_##type, .batch_norm = batch_norm_last_##type,  \
    .batch_norm_sums = batch_norm_sums_last_##type,                                                \
    .batch_norm_backward = batch_norm_backward_last_##type

#define ATTENTION(type)                                                                            \
    .gemm_stairs = gemm_stairs_##type, .softmax = softmax_vectors_##type,                          \
    .softmax_backward = softmax_vectors_backward_##type

#define FAMILY(type)                                                                               \
    {                                                                                              \
        .gemm = gemm_##type, .gemm_plain = gemm_plain_##type, .gemm_pack = gemm_pack_##type,       \
        .gemm_packed = gemm_packed_##type, .gemv = gemv_##type,                                    \
        .conv2d_forward = conv2d_forward_##type,                                                   \
        .conv2d_backward_data = conv2d_backward_data_##type,                                       \
        .conv2d_backward_weight = conv2d_backward_weight_##type, .max_pool2d = max_pool2d_##type,  \
        .max_pool2d_backward = max_pool2d_backward_##type,                                         \
        .max_pool2d_gather = max_pool2d_gather_##type, .avg_pool2d = avg_pool2d_##type,            \
        .avg_pool2d_backward = avg_pool2d_backward_##type, .sum = sum_##type, .max = max_##type,   \
        .sum_stretches = sum_stretches_##type, .sum_rows = sum_rows_##type, .min = min_##type,     \
        .argmax = argmax_##type, .argmin = argmin_##type, .logsumexp = logsumexp_##type,           \
        .softmax = softmax_##type, .log_softmax = log_softmax_##type,                              \
        .softmax_backward = softmax_backward_##type,                                               \
        .log_softmax_backward = log_softmax_backward_##type, .scatter_add = scatter_add_##type,    \
        .multiply_adds = multiply_adds_##type, .peak_round = peak_round_##type,                    \
        .layer_norm = layer_norm_##type, .layer_norm_backward = layer_norm_backward_##type,        \
        .batch_norm = batch_norm_##type, .batch_norm_sums = batch_norm_sums_##type,                \
        .batch_norm_backward = batch_norm_backward_##type, .last = {LAST(type)}, .attention = {    \
            ATTENTION(type)                                                                        \
        }                                                                                          \
    }

/* wg__kernels_avx2 and "avx2" from WG__ISA */
#define JOIN(a, b)  a##b
#define TABLE(isa)  JOIN(wg__kernels_, isa)
#define QUOTE(isa)  #isa
#define STRING(isa) QUOTE(isa)

extern const struct wg__kernels TABLE(WG__ISA);

const struct wg__kernels TABLE(WG__ISA) = {
    .isa = STRING(WG__ISA), .f32 = FAMILY(f32), .f64 = FAMILY(f64)};
