// SPDX-License-Identifier: MIT
/*
 * Pooling: every instruction set of this machine, f32 and f64, random windows with ties, NaN and
 * padding.
 */
#include "../../src/kernels/isa.h"
#include "../support/expect.h"
#include "random_pool.h"

#define TWICE "test_pool_body.h"
#include "twice.h"

START_TEST(pooling_finds_first_maxima_and_means_and_sends_gradients_back)
{
    const struct wg__kernels *kernels;
    for (int i = 0; (kernels = wg__kernels_at(i)) != NULL; i++) {
        try_pools_f32(kernels);
        try_pools_f64(kernels);
    }
}
END_TEST

/* The lecture's plane of 4 x 4 with windows of 2 x 2, by hand. */
START_TEST(a_small_plane_is_pooled_as_by_hand)
{
    const struct wg__pool2d v = {.n = 1,
                                 .c = 1,
                                 .h = 4,
                                 .w = 4,
                                 .p = 2,
                                 .q = 2,
                                 .kernel = {2, 2},
                                 .stride = {2, 2},
                                 .dilation = {1, 1}};
    const float             x[16] = {1, 2, 0, 0, 3, 4, 0, 0, -1, -2, 5, NAN, -3, -4, 7, NAN},
                dy[4] = {1, 2, 3, 4};
    const int64_t places[4] = {5, 2, 8, 11};
    const float   maxima[3] = {4, 0, -1};
    float         y[4], dx[16];
    int64_t       argmax[4];
    wg__kernels()->f32.max_pool2d(&v, x, y, argmax);
    wg__kernels()->f32.max_pool2d_backward(&v, dy, argmax, dx);
    EXPECT(memcmp(argmax, places, sizeof places) == 0);
    EXPECT(memcmp(y, maxima, sizeof maxima) == 0 && isnan(y[3]));
    for (int i = 0; i < 16; i++)
        EXPECT(dx[i] == (i == 5 ? 1 : i == 2 ? 2 : i == 8 ? 3 : i == 11 ? 4 : 0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pool");
    TCase *tests = tcase_create("pool");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, pooling_finds_first_maxima_and_means_and_sends_gradients_back);
    tcase_add_test(tests, a_small_plane_is_pooled_as_by_hand);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
