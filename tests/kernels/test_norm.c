// SPDX-License-Identifier: MIT
/* Normalisation: every instruction set of this machine, f32 and f64, against plain loops. */
#include "../../src/kernels/isa.h"
#include "../support/expect.h"
#include "lcg.h"

#define TWICE "test_norm_body.h"
#include "twice.h"

START_TEST(rows_and_channels_are_normalised_within_the_bound)
{
    const struct wg__kernels *kernels;
    for (int i = 0; (kernels = wg__kernels_at(i)) != NULL; i++) {
        try_norms_f32(kernels);
        try_norms_f64(kernels);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("norm");
    TCase *tests = tcase_create("norm");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, rows_and_channels_are_normalised_within_the_bound);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
