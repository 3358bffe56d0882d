// SPDX-License-Identifier: MIT
/* Convolution: every instruction set of this machine, f32 and f64, random sizes and settings. */
#include "../../src/kernels/isa.h"
#include "../support/expect.h"
#include "lcg.h"

/*
 * Any stride, padding, dilation and groups; about half are big enough for the matrix product, and
 * the large ones often for filters in the vectors.
 */
static struct wg__conv2d conv_random(uint64_t *seed, bool large)
{
    struct wg__conv2d v = {.groups = lcg_below(seed, 4) == 0 ? lcg_between(seed, 2, 3) : 1};
    const int64_t     most = large ? 20 : 12;
    v.n = lcg_between(seed, lcg_below(seed, 20) > 0, 2);
    v.c = v.groups * lcg_between(seed, lcg_below(seed, 20) > 0, large ? 12 : 4);
    v.k = v.groups * lcg_between(seed, 1, large ? 36 : 9);
    int64_t *const size[2] = {&v.h, &v.w}, *const kernel[2] = {&v.r, &v.s},
                   *const out[2] = {&v.p, &v.q};
    for (int i = 0; i < 2; i++) {
        const bool plain = lcg_below(seed, 2) == 0;
        *kernel[i] = plain ? 3 : lcg_between(seed, 1, 4);
        v.stride[i] = plain ? 1 : lcg_between(seed, 1, 3);
        v.dilation[i] = plain ? 1 : lcg_between(seed, 1, 2);
        v.pad[i] = plain && lcg_below(seed, 2) == 0 ? 0 : lcg_below(seed, 4);
        const int64_t reach = (*kernel[i] - 1) * v.dilation[i] + 1;
        const int64_t least = reach - 2 * v.pad[i] > 1 ? reach - 2 * v.pad[i] : 1;
        *size[i] = least + lcg_below(seed, most);
        *out[i] = (*size[i] + 2 * v.pad[i] - reach) / v.stride[i] + 1;
    }
    return v;
}

/*
 * No image, no channel, a 1 x 1 kernel, windows that are all padding, with few channels and with many,
 * depthwise, and so many taps that backward-data spreads in parts.
 */
static const struct wg__conv2d special[] = {
    {.n = 0,
     .c = 8,
     .h = 9,
     .w = 9,
     .k = 16,
     .r = 3,
     .s = 3,
     .p = 9,
     .q = 9,
     .stride = {1, 1},
     .pad = {1, 1},
     .dilation = {1, 1},
     .groups = 1},
    {.n = 2,
     .c = 0,
     .h = 6,
     .w = 6,
     .k = 2,
     .r = 3,
     .s = 3,
     .p = 4,
     .q = 4,
     .stride = {1, 1},
     .dilation = {1, 1},
     .groups = 1},
    {.n = 1,
     .c = 1,
     .h = 6,
     .w = 6,
     .k = 1,
     .r = 3,
     .s = 3,
     .p = 4,
     .q = 4,
     .stride = {1, 1},
     .dilation = {1, 1},
     .groups = 1},
    {.n = 2,
     .c = 20,
     .h = 5,
     .w = 7,
     .k = 10,
     .r = 1,
     .s = 1,
     .p = 5,
     .q = 7,
     .stride = {1, 1},
     .dilation = {1, 1},
     .groups = 1},
    {.n = 1,
     .c = 2,
     .h = 1,
     .w = 1,
     .k = 16,
     .r = 2,
     .s = 2,
     .p = 10,
     .q = 10,
     .stride = {1, 1},
     .pad = {5, 5},
     .dilation = {1, 1},
     .groups = 1},
    {.n = 1,
     .c = 20,
     .h = 1,
     .w = 3,
     .k = 16,
     .r = 3,
     .s = 3,
     .p = 7,
     .q = 9,
     .stride = {1, 1},
     .pad = {4, 4},
     .dilation = {1, 1},
     .groups = 1},
    {.n = 1,
     .c = 6,
     .h = 12,
     .w = 12,
     .k = 6,
     .r = 3,
     .s = 3,
     .p = 12,
     .q = 12,
     .stride = {1, 1},
     .pad = {1, 1},
     .dilation = {1, 1},
     .groups = 6},
    {.n = 1,
     .c = 40,
     .h = 16,
     .w = 16,
     .k = 5,
     .r = 3,
     .s = 3,
     .p = 16,
     .q = 16,
     .stride = {1, 1},
     .pad = {1, 1},
     .dilation = {1, 1},
     .groups = 1},
};

#define TWICE "test_conv2d_body.h"
#include "twice.h"

START_TEST(convolution_and_its_adjoints_are_within_the_bound_of_plain_loops)
{
    const struct wg__kernels *kernels;
    for (int i = 0; (kernels = wg__kernels_at(i)) != NULL; i++) {
        try_convs_f32(kernels);
        try_convs_f64(kernels);
    }
}
END_TEST

START_TEST(scratch_that_does_not_fit_is_told)
{
    const int64_t           huge = INT64_C(1) << 60;
    const struct wg__conv2d v = {.n = 1,
                                 .c = 8,
                                 .h = 4,
                                 .w = huge,
                                 .k = 8,
                                 .r = 1,
                                 .s = 1,
                                 .p = 4,
                                 .q = huge,
                                 .stride = {1, 1},
                                 .dilation = {1, 1},
                                 .groups = 1};
    EXPECT(wg__conv2d_scratch(&v, WG__CONV2D_FORWARD, 4) == SIZE_MAX);
    EXPECT(wg__conv2d_scratch(&v, WG__CONV2D_BACKWARD_DATA, 4) == SIZE_MAX);
    EXPECT(wg__conv2d_scratch(&v, WG__CONV2D_BACKWARD_WEIGHT, 4) == SIZE_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conv2d");
    TCase *tests = tcase_create("conv2d");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, convolution_and_its_adjoints_are_within_the_bound_of_plain_loops);
    tcase_add_test(tests, scratch_that_does_not_fit_is_told);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
