// SPDX-License-Identifier: MIT
/*
 * Cases of pooling: each setting, ties and NaN, the places of the maxima, and what the adjoints of
 * adjoints need.
 */
#include "cases.h"

#include <wengert/ops/layout.h>
#include <wengert/ops/pool2d.h>
#include <wengert/ops/slice.h>

#define MAX(name, ...)                                                                             \
    static wg_tensor *max_##name(wg_tensor *const *x)                                              \
    {                                                                                              \
        return wg_max_pool2d(__VA_ARGS__);                                                         \
    }                                                                                              \
    static wg_tensor *places_##name(wg_tensor *const *x)                                           \
    {                                                                                              \
        return wg_output(max_##name(x), 1);                                                        \
    }                                                                                              \
    /* x[1] at the places of the maxima, by forward mode */                                        \
    static wg_tensor *gather_##name(wg_tensor *const *x)                                           \
    {                                                                                              \
        const wg_tensors y =                                                                       \
            wg_jvp(WG_TENSORS(max_##name(x)), WG_TENSORS(x[0]), WG_TENSORS(x[1]));                 \
        return y.count ? y.at[0] : NULL;                                                           \
    }
MAX(two, x[0], .kernel = {2, 2})
MAX(odd, x[0], .kernel = {3, 2})
MAX(overlapping, x[0], .kernel = {2, 3}, .stride = {1, 1})
MAX(padded, x[0], .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1})
MAX(dilated, x[0], .kernel = {2, 2}, .stride = {1, 2}, .dilation = {2, 3})
MAX(all, x[0], .kernel = {3, 2}, .stride = {2, 1}, .pad = {1, 1}, .dilation = {2, 1})
MAX(one, x[0], .kernel = {1, 1})
#undef MAX

#define RECORD(name, expression)                                                                   \
    static wg_tensor *name(wg_tensor *const *x)                                                    \
    {                                                                                              \
        return expression;                                                                         \
    }
RECORD(max_transposed, wg_max_pool2d(wg_transpose(x[0]), .kernel = {2, 2}))
RECORD(max_sliced, wg_max_pool2d(wg_slice(x[0], 2, -1, WG_TO_END, .step = -2), .kernel = {2, 2}))
RECORD(max_expanded, wg_max_pool2d(wg_expand(x[0], WG_SHAPE(2, 2, 2, 4)), .kernel = {2, 2}))
RECORD(avg_two, wg_avg_pool2d(x[0], .kernel = {2, 2}))
RECORD(avg_odd, wg_avg_pool2d(x[0], .kernel = {3, 2}))
RECORD(avg_overlapping, wg_avg_pool2d(x[0], .kernel = {2, 3}, .stride = {1, 1}))
RECORD(avg_padded, wg_avg_pool2d(x[0], .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}))
RECORD(avg_excluded, wg_avg_pool2d(x[0], .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1},
                                   .exclude_pad = true))
RECORD(avg_one, wg_avg_pool2d(x[0], .kernel = {1, 1}))
RECORD(avg_transposed, wg_avg_pool2d(wg_transpose(x[0]), .kernel = {2, 2}))
RECORD(avg_sliced, wg_avg_pool2d(wg_slice(x[0], 2, -1, WG_TO_END, .step = -2), .kernel = {2, 2}))
RECORD(avg_expanded, wg_avg_pool2d(wg_expand(x[0], WG_SHAPE(2, 2, 2, 4)), .kernel = {2, 2}))
#undef RECORD

const struct op_case cases_pool2d[] = {
    {"max_pool2d", "size 1", max_one, 0},
    {"max_pool2d", "2x2", max_two, 0},
    {"max_pool2d", "odd primes", max_odd, 0},
    {"max_pool2d", "overlapping", max_overlapping, 0},
    {"max_pool2d", "padding never wins", max_padded, 0},
    {"max_pool2d", "dilation", max_dilated, 0},
    {"max_pool2d", "all settings", max_all, 0},
    {"max_pool2d", "empty batch", max_two, 0},
    {"max_pool2d", "ties go to the first", max_two, CASE_KINK},
    {"max_pool2d", "infinity and NaN", max_two, CASE_KINK},
    {"max_pool2d", "transposed", max_transposed, 0},
    {"max_pool2d", "sliced backwards", max_sliced, 0},
    {"max_pool2d", "expanded, tied", max_expanded, CASE_KINK},
    {"max_pool2d", "places", places_odd, CASE_FORWARD_ONLY},
    {"max_pool2d", "places, overlapping", places_overlapping, CASE_FORWARD_ONLY},
    {"max_pool2d", "places, padded", places_padded, CASE_FORWARD_ONLY},
    {"max_pool2d", "places, dilation", places_dilated, CASE_FORWARD_ONLY},
    {"max_pool2d", "places, all settings", places_all, CASE_FORWARD_ONLY},
    {"max_pool2d", "places, ties", places_two, CASE_FORWARD_ONLY},
    {"max_pool2d", "places, size 1", places_one, CASE_FORWARD_ONLY},
    {"max_pool2d", "tangents, size 1", gather_one, 0},
    {"max_pool2d", "tangents", gather_two, 0},
    {"max_pool2d", "tangents, odd primes", gather_odd, 0},
    {"max_pool2d", "tangents, overlapping", gather_overlapping, 0},
    {"max_pool2d", "tangents, padded", gather_padded, 0},
    {"max_pool2d", "tangents, dilation", gather_dilated, 0},
    {"max_pool2d", "tangents, all settings", gather_all, 0},
    {"max_pool2d", "tangents, empty batch", gather_two, 0},
    {"avg_pool2d", "size 1", avg_one, 0},
    {"avg_pool2d", "2x2", avg_two, 0},
    {"avg_pool2d", "odd primes", avg_odd, 0},
    {"avg_pool2d", "overlapping", avg_overlapping, 0},
    {"avg_pool2d", "padding counts", avg_padded, 0},
    {"avg_pool2d", "padding excluded", avg_excluded, 0},
    {"avg_pool2d", "empty batch", avg_two, 0},
    {"avg_pool2d", "infinity and NaN", avg_two, CASE_KINK},
    {"avg_pool2d", "transposed", avg_transposed, 0},
    {"avg_pool2d", "sliced backwards", avg_sliced, 0},
    {"avg_pool2d", "expanded", avg_expanded, 0},
    {0},
};

/* ---- misuse ---- */

static wg_tensor *image(wg_tape *tape)
{
    return wg_param(tape, "x", WG_F32, WG_SHAPE(1, 2, 4, 4));
}

#define MISUSE(pool, name, ...)                                                                    \
    static wg_tensor *pool##_##name(wg_tape *tape)                                                 \
    {                                                                                              \
        return wg_##pool(__VA_ARGS__);                                                             \
    }
#define MISUSES(pool)                                                                              \
    MISUSE(pool, rank, wg_param(tape, "x", WG_F32, WG_SHAPE(4, 4)), .kernel = {2, 2})              \
    MISUSE(pool, dtype, wg_input(tape, "x", WG_I32, WG_SHAPE(1, 2, 4, 4)), .kernel = {2, 2})       \
    MISUSE(pool, no_kernel, image(tape), .stride = {2, 2})                                         \
    MISUSE(pool, half_kernel, image(tape), .kernel = {2})                                          \
    MISUSE(pool, negative_kernel, image(tape), .kernel = {2, -2})                                  \
    MISUSE(pool, half_stride, image(tape), .kernel = {2, 2}, .stride = {0, 2})                     \
    MISUSE(pool, negative_stride, image(tape), .kernel = {2, 2}, .stride = {-1, 2})                \
    MISUSE(pool, negative_pad, image(tape), .kernel = {2, 2}, .pad = {0, -1})                      \
    MISUSE(pool, large_pad, image(tape), .kernel = {3, 3}, .pad = {1, 2})                          \
    MISUSE(pool, large_kernel, image(tape), .kernel = {5, 2})
MISUSES(max_pool2d)
MISUSES(avg_pool2d)
MISUSE(max_pool2d, half_dilation, image(tape), .kernel = {2, 2}, .dilation = {2})
MISUSE(max_pool2d, negative_dilation, image(tape), .kernel = {2, 2}, .dilation = {1, -2})
MISUSE(max_pool2d, missing, wg_param(tape, "x", WG_F32, WG_SHAPE(1, 1, 1, 4)), .kernel = {2, 2},
       .pad = {1, 0}, .dilation = {2, 1})
#undef MISUSE
#undef MISUSES

#define ERRORS(pool)                                                                               \
    {#pool, "rank", pool##_rank, "input 0 has rank 2, wanted is 4"},                               \
    {#pool, "dtype", pool##_dtype, "dtype i32, wanted is f32 or f64"},                             \
    {#pool, "no kernel", pool##_no_kernel, "kernel (0,0): must be positive"},                      \
    {#pool, "half a kernel", pool##_half_kernel, "kernel (2,0): give both"},                       \
    {#pool, "negative kernel", pool##_negative_kernel, "kernel (2,-2): must be positive"},         \
    {#pool, "half a stride", pool##_half_stride, "stride (0,2): give both"},                       \
    {#pool, "negative stride", pool##_negative_stride, "stride (-1,2): must be positive"},         \
    {#pool, "negative pad", pool##_negative_pad, "pad (0,-1): must not be negative"},              \
    {#pool, "pad beyond half the kernel", pool##_large_pad,                                        \
     "pad 2 is more than half the kernel, 3"},                                                     \
    {#pool, "kernel larger than the image", pool##_large_kernel,                                   \
     "vertically: kernel 5 with dilation 1 is larger than the image, 4 with pad 0"},

const struct error_case errors_pool2d[] = {
    ERRORS(max_pool2d)
    ERRORS(avg_pool2d)
    {"max_pool2d", "half a dilation", max_pool2d_half_dilation, "dilation (2,0): give both"},
    {"max_pool2d", "negative dilation", max_pool2d_negative_dilation,
     "dilation (1,-2): must be positive"},
    {"max_pool2d", "window beside the image", max_pool2d_missing,
     "a window holds nothing but padding"},
    {0},
};
