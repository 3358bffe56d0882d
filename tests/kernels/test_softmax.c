// SPDX-License-Identifier: MIT
/* The softmax family: every instruction set of this machine, f32 and f64. */
#include "../../src/kernels/isa.h"
#include "../support/expect.h"
#include "lcg.h"

#define TWICE "test_softmax_body.h"
#include "twice.h"

START_TEST(softmax_and_its_kin_follow_their_definitions)
{
    const struct wg__kernels *kernels;
    for (int i = 0; (kernels = wg__kernels_at(i)) != NULL; i++) {
        try_rows_f32(kernels);
        try_rows_f64(kernels);
    }
}
END_TEST

START_TEST(softmax_of_large_and_infinite_numbers_is_as_documented)
{
    const struct wg__kernels *kernels;
    for (int i = 0; (kernels = wg__kernels_at(i)) != NULL; i++) {
        try_edges_f32(kernels);
        try_edges_f64(kernels);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("softmax");
    TCase *tests = tcase_create("softmax");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, softmax_and_its_kin_follow_their_definitions);
    tcase_add_test(tests, softmax_of_large_and_infinite_numbers_is_as_documented);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
