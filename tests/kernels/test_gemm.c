// SPDX-License-Identifier: MIT
/* Matrix product: every instruction set of this machine, f32 and f64, random shapes and strides. */
#include "../../src/kernels/isa.h"
#include "../support/expect.h"
#include "lcg.h"

#include <stdio.h>

#define TWICE "test_gemm_body.h"
#include "twice.h"

START_TEST(products_are_within_the_bound_and_do_not_depend_on_strides)
{
    const struct wg__kernels *kernels;
    for (int i = 0; (kernels = wg__kernels_at(i)) != NULL; i++) {
        try_products_f32(kernels);
        try_products_f64(kernels);
    }
}
END_TEST

START_TEST(a_matrix_by_a_vector_is_right_and_cut_by_rows_it_keeps_its_bits)
{
    const struct wg__kernels *kernels;
    for (int i = 0; (kernels = wg__kernels_at(i)) != NULL; i++) {
        try_vectors_f32(kernels);
        try_vectors_f64(kernels);
    }
}
END_TEST

START_TEST(a_diagonal_leaves_out_what_would_add_nothing)
{
    const struct wg__kernels *kernels;
    for (int i = 0; (kernels = wg__kernels_at(i)) != NULL; i++) {
        try_all_stairs_f32(kernels);
        try_all_stairs_f64(kernels);
    }
}
END_TEST

START_TEST(nan_and_infinity_pass_through_products)
{
    const struct wg__kernels *kernels;
    for (int i = 0; (kernels = wg__kernels_at(i)) != NULL; i++) {
        try_nan_f32(kernels);
        try_nan_f64(kernels);
    }
}
END_TEST

START_TEST(the_table_in_use_is_one_that_the_machine_can_run)
{
    const struct wg__kernels *kernels = wg__kernels();
    int                       found = 0;
    for (int i = 0; wg__kernels_at(i) != NULL; i++) found += wg__kernels_at(i) == kernels;
    EXPECT(found == 1);
    EXPECT(wg__kernels() == kernels);
}
END_TEST

/*
 * The choice is made once in a process, so each name is tried in a child: this program, started
 * again with the name to expect.
 */
static const char *program;

START_TEST(the_environment_chooses_the_instruction_set)
{
    const struct wg__kernels *kernels;
    for (int i = 0; (kernels = wg__kernels_at(i)) != NULL; i++) {
        char command[5000];
        EXPECT(snprintf(command, sizeof command, "WG_ISA=%s '%s' %s", kernels->isa, program,
                        kernels->isa) < (int)sizeof command);
        EXPECT_MSG(system(command) == 0, "%s", command);
    }
}
END_TEST

int main(int argc, char **argv)
{
    if (argc > 1) return strcmp(wg__kernels()->isa, argv[1]) != 0;
    program = argv[0];
    Suite *suite = suite_create("gemm");
    TCase *tests = tcase_create("gemm");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, products_are_within_the_bound_and_do_not_depend_on_strides);
    tcase_add_test(tests, a_matrix_by_a_vector_is_right_and_cut_by_rows_it_keeps_its_bits);
    tcase_add_test(tests, a_diagonal_leaves_out_what_would_add_nothing);
    tcase_add_test(tests, nan_and_infinity_pass_through_products);
    tcase_add_test(tests, the_table_in_use_is_one_that_the_machine_can_run);
    tcase_add_test(tests, the_environment_chooses_the_instruction_set);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
