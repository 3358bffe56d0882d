// SPDX-License-Identifier: MIT
/* Mean and deviation of channels, and what a loader makes of them. */
#include "../support/expect.h"
#include "test_data.h"

START_TEST(measured_mean_and_deviation_make_channels_of_mean_0_and_deviation_1)
{
    wg_array x = numbered(WG_F64, WG_SHAPE(40, 2, 5));
    double   mean[2], deviation[2], after[2], spread[2];
    wg_measure_channels(&x, NULL, 0, mean, deviation);
    wg_loader      *loader = loader_of((struct wg_loader_settings){
             .x = &x, .batch = 40, .dtype = WG_F64, .mean = mean, .deviation = deviation});
    const wg_batch *batch = wg_loader_next(loader);
    const wg_array  made = {.type = *batch->x.type, .data = batch->x.data};
    wg_measure_channels(&made, NULL, 0, after, spread);
    for (int c = 0; c < 2; c++) {
        EXPECT(mean[c] > 100 && deviation[c] > 10);
        EXPECT_CLOSE(after[c], 0, 1e-14);
        EXPECT_CLOSE(spread[c], 1, 1e-14);
    }
    const int64_t first = 0;
    wg_measure_channels(&x, &first, 1, mean, deviation);
    EXPECT_CLOSE(mean[0], 14, 1e-15); /* of 0, 7, ..., 28 */
    EXPECT_CLOSE(deviation[0], sqrt(98), 1e-15);
    wg_loader_free(loader);
    wg_array_free(&x);
}
END_TEST

START_TEST(numbers_that_are_missing_have_no_part_in_mean_and_deviation)
{
    double         values[] = {3, NAN, NAN, 10, 5, 40}, mean[2], deviation[2];
    const wg_array x = {.type = {.dtype = WG_F64, .shape = WG_SHAPE(3, 2), .count = 6},
                        .data = values};
    wg_measure_channels(&x, NULL, 0, mean, deviation);
    EXPECT_CLOSE(mean[0], 4, 1e-15);
    EXPECT_CLOSE(deviation[0], 1, 1e-15);
    EXPECT_CLOSE(mean[1], 25, 1e-15);
    EXPECT_CLOSE(deviation[1], 15, 1e-15);
    const int64_t second = 1;
    wg_measure_channels(&x, &second, 1, mean, deviation);
    EXPECT(mean[0] == 0 && deviation[0] == 0 && mean[1] == 10);
}
END_TEST

START_TEST(a_channel_that_never_changes_becomes_0)
{
    float          values[] = {1, 5, 2, 5, 3, 5};
    double         mean[2], deviation[2];
    const wg_array x = {.type = {.dtype = WG_F32, .shape = WG_SHAPE(3, 2), .count = 6},
                        .data = values};
    wg_measure_channels(&x, NULL, 0, mean, deviation);
    EXPECT(mean[1] == 5 && deviation[1] == 0);
    wg_loader *loader = loader_of(
        (struct wg_loader_settings){.x = &x, .batch = 3, .mean = mean, .deviation = deviation});
    const float *got = wg_loader_next(loader)->x.data;
    for (int i = 0; i < 3; i++) {
        EXPECT_CLOSE(got[2 * i], (i - 1) / deviation[0], 1e-7);
        EXPECT(got[2 * i + 1] == 0);
    }
    wg_loader_free(loader);
}
END_TEST

START_TEST(normalising_by_what_is_no_number_is_refused)
{
    wg_array                  x = numbered(WG_F32, WG_SHAPE(6, 2));
    double                    mean[2] = {1, NAN}, deviation[2] = {2, 3};
    struct wg_loader_settings set = {.x = &x, .batch = 1, .mean = mean, .deviation = deviation};
    expect_refused(set, "loader: channel 1 has mean nan and deviation 3");
    mean[1] = 4;
    deviation[1] = -3;
    expect_refused(set, "loader: channel 1 has mean 4 and deviation -3");
    deviation[1] = NAN;
    expect_refused(set, "loader: channel 1 has mean 4 and deviation nan");
    deviation[0] = INFINITY;
    expect_refused(set, "loader: channel 0 has mean 1 and deviation inf");
    wg_array_free(&x);
}
END_TEST

void add_tests_of_measuring(void *suite)
{
    TCase *tests = tcase_create("measuring");
    tcase_add_test(tests, measured_mean_and_deviation_make_channels_of_mean_0_and_deviation_1);
    tcase_add_test(tests, numbers_that_are_missing_have_no_part_in_mean_and_deviation);
    tcase_add_test(tests, a_channel_that_never_changes_becomes_0);
    tcase_add_test(tests, normalising_by_what_is_no_number_is_refused);
    suite_add_tcase(suite, tests);
}
