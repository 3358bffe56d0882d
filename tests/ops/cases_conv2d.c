// SPDX-License-Identifier: MIT
/*
 * Cases of conv2d: each setting alone and together, groups, views, and images for each way of its
 * kernels.
 */
#include "cases.h"

#include <wengert/ops/conv2d.h>
#include <wengert/ops/layout.h>
#include <wengert/ops/slice.h>

#define RECORD(name, ...)                                                                          \
    static wg_tensor *name(wg_tensor *const *x)                                                    \
    {                                                                                              \
        return wg_conv2d(__VA_ARGS__);                                                             \
    }
RECORD(plain, x[0], x[1], x[2])
RECORD(without_bias, x[0], x[1])
RECORD(stride, x[0], x[1], x[2], .stride = {2, 3})
RECORD(pad, x[0], x[1], x[2], .pad = {1, 2})
RECORD(pad_one, x[0], x[1], x[2], .pad = {1, 1})
RECORD(dilation, x[0], x[1], x[2], .dilation = {2, 1})
RECORD(two_groups, x[0], x[1], x[2], .groups = 2)
RECORD(four_groups, x[0], x[1], x[2], .groups = 4)
RECORD(all, x[0], x[1], x[2], .stride = {2, 1}, .pad = {2, 1}, .dilation = {1, 2}, .groups = 2)
RECORD(large, x[0], x[1], x[2], .stride = {2, 2}, .pad = {1, 1}, .dilation = {1, 1}, .groups = 2)
RECORD(transposed, wg_transpose(x[0]), wg_transpose(x[1]), x[2])
RECORD(sliced, wg_slice(x[0], 3, -1, WG_TO_END, .step = -2), x[1], x[2])
RECORD(expanded, wg_expand(x[0], WG_SHAPE(2, 2, 4, 4)), x[1], x[2])
#undef RECORD

const struct op_case cases_conv2d[] = {
    {"conv2d", "size 1", plain, 0},
    {"conv2d", "3x3 of the lecture", plain, 0},
    {"conv2d", "without bias", without_bias, 0},
    {"conv2d", "odd primes", plain, 0},
    {"conv2d", "stride", stride, 0},
    {"conv2d", "pad", pad, 0},
    {"conv2d", "dilation", dilation, 0},
    {"conv2d", "groups", two_groups, 0},
    {"conv2d", "depthwise", four_groups, 0},
    {"conv2d", "all settings", all, 0},
    {"conv2d", "kernel of the image's size", plain, 0},
    {"conv2d", "empty batch", plain, 0},
    {"conv2d", "large, padded", pad_one, 0},
    {"conv2d", "large, in groups with stride", large, 0},
    {"conv2d", "transposed", transposed, 0},
    {"conv2d", "sliced backwards", sliced, 0},
    {"conv2d", "expanded", expanded, 0},
    {"conv2d", "infinity and NaN", plain, CASE_KINK},
    {0},
};

/* ---- misuse ---- */

static wg_tensor *f32(wg_tape *tape, const char *name, wg_shape shape)
{
    return wg_param(tape, name, WG_F32, shape);
}

#define IMAGE  f32(tape, "x", WG_SHAPE(1, 4, 5, 5))
#define WEIGHT f32(tape, "w", WG_SHAPE(2, 4, 3, 3))
#define MISUSE(name, ...)                                                                          \
    static wg_tensor *name(wg_tape *tape)                                                          \
    {                                                                                              \
        return wg_conv2d(__VA_ARGS__);                                                             \
    }
MISUSE(rank, f32(tape, "x", WG_SHAPE(4, 5, 5)), WEIGHT)
MISUSE(weight_rank, IMAGE, f32(tape, "w", WG_SHAPE(4, 3, 3)))
MISUSE(channels, IMAGE, f32(tape, "w", WG_SHAPE(2, 3, 3, 3)))
MISUSE(group_channels, IMAGE, f32(tape, "w", WG_SHAPE(2, 4, 3, 3)), .groups = 2)
MISUSE(group_filters, IMAGE, f32(tape, "w", WG_SHAPE(3, 2, 3, 3)), .groups = 2)
MISUSE(negative_groups, IMAGE, WEIGHT, .groups = -1)
MISUSE(bias, IMAGE, WEIGHT, f32(tape, "b", WG_SHAPE(3)))
MISUSE(bias_rank, IMAGE, WEIGHT, f32(tape, "b", WG_SHAPE(1, 2)))
MISUSE(dtypes, IMAGE, wg_param(tape, "w", WG_F64, WG_SHAPE(2, 4, 3, 3)))
MISUSE(kernel_larger, IMAGE, f32(tape, "w", WG_SHAPE(2, 4, 3, 6)))
MISUSE(dilated_larger, IMAGE, WEIGHT, .dilation = {3, 1})
MISUSE(empty_kernel, IMAGE, f32(tape, "w", WG_SHAPE(2, 4, 0, 0)))
MISUSE(half_stride, IMAGE, WEIGHT, .stride = {2})
MISUSE(half_dilation, IMAGE, WEIGHT, .dilation = {0, 2})
MISUSE(negative_stride, IMAGE, WEIGHT, .stride = {1, -1})
MISUSE(negative_pad, IMAGE, WEIGHT, .pad = {-1, 1})
MISUSE(negative_dilation, IMAGE, WEIGHT, .dilation = {-1, 1})
MISUSE(huge_pad, IMAGE, WEIGHT, .pad = {INT64_MAX, 1})
MISUSE(huge_dilation, IMAGE, WEIGHT, .dilation = {INT64_MAX, 1})
MISUSE(huge_output, IMAGE, WEIGHT, .pad = {INT64_MAX / 4, INT64_MAX / 4})
MISUSE(null, IMAGE, NULL)
#undef MISUSE

const struct error_case errors_conv2d[] = {
    {"conv2d", "rank of x", rank, "input 0 has rank 3, wanted is 4"},
    {"conv2d", "rank of w", weight_rank, "input 1 has rank 3, wanted is 4"},
    {"conv2d", "channels", channels, "x has 4 channels, w wants 3 in each of 1 groups"},
    {"conv2d", "channels of groups", group_channels,
     "x has 4 channels, w wants 4 in each of 2 groups"},
    {"conv2d", "groups that do not divide", group_filters, "2 groups do not divide 3 filters"},
    {"conv2d", "negative groups", negative_groups, "groups -1 must be positive"},
    {"conv2d", "size of the bias", bias, "the bias has 3 elements for 2 filters"},
    {"conv2d", "rank of the bias", bias_rank, "input 2 has rank 2, wanted is 1"},
    {"conv2d", "dtypes", dtypes, "dtypes differ, f32 and f64; see wg_cast"},
    {"conv2d", "kernel larger than the image", kernel_larger,
     "horizontally: kernel 6 with dilation 1 is larger than the image, 5 with pad 0"},
    {"conv2d", "dilated kernel larger than the image", dilated_larger,
     "vertically: kernel 3 with dilation 3 is larger than the image, 5 with pad 0"},
    {"conv2d", "empty kernel", empty_kernel, "kernel (0,0): must be positive"},
    {"conv2d", "half a stride", half_stride, "stride (2,0): give both"},
    {"conv2d", "half a dilation", half_dilation, "dilation (0,2): give both"},
    {"conv2d", "negative stride", negative_stride, "stride (1,-1): must be positive"},
    {"conv2d", "negative pad", negative_pad, "pad (-1,1): must not be negative"},
    {"conv2d", "negative dilation", negative_dilation, "dilation (-1,1): must be positive"},
    {"conv2d", "pad that overflows", huge_pad, "is larger than the image"},
    {"conv2d", "dilation that overflows", huge_dilation, "is larger than the image"},
    {"conv2d", "output that overflows", huge_output, "too many elements"},
    {"conv2d", "NULL", null, "an input is NULL"},
    {0},
};
