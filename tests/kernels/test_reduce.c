// SPDX-License-Identifier: MIT
/* Reductions: every instruction set of this machine, f32 and f64, random views and axes. */
#include "../../src/kernels/isa.h"
#include "../support/expect.h"
#include "view.h"

static struct wg__range whole(const wg_view *x, unsigned axes)
{
    const struct wg__reduction r = wg__reduction_make(x, axes);
    return (struct wg__range){.first = 0, .end = wg__reduction_units(&r)};
}

#define REDUCE(kernel, x, axes, y, units)                                                          \
    do {                                                                                           \
        const struct wg__reduction reduction = wg__reduction_make(x, axes);                        \
        (kernel)(&reduction, (x)->data, y, units);                                                 \
    } while (0)

#define TWICE "test_reduce_body.h"
#include "twice.h"

START_TEST(reductions_agree_with_plain_loops_and_do_not_depend_on_strides)
{
    const struct wg__kernels *kernels;
    for (int i = 0; (kernels = wg__kernels_at(i)) != NULL; i++) {
        try_reductions_f32(kernels);
        try_reductions_f64(kernels);
    }
}
END_TEST

START_TEST(long_sums_stay_accurate)
{
    const struct wg__kernels *kernels;
    for (int i = 0; (kernels = wg__kernels_at(i)) != NULL; i++) {
        try_long_f32(kernels);
        try_long_f64(kernels);
    }
}
END_TEST

START_TEST(nothing_to_reduce_has_the_documented_result)
{
    const wg_type             type = {.dtype = WG_F32, .shape = {.rank = 2, .dim = {2, 0}}};
    float                     none = 0, y[2] = {9, 9};
    int64_t                   place[2] = {9, 9};
    const wg_view             x = {.data = &none, .type = &type, .stride = {0, 1}};
    const struct wg__kernels *kernels = wg__kernels();
    REDUCE(kernels->f32.sum, &x, 2, y, whole(&x, 2));
    EXPECT(y[0] == 0 && y[1] == 0);
    REDUCE(kernels->f32.max, &x, 2, y, whole(&x, 2));
    EXPECT(y[0] == -INFINITY && y[1] == -INFINITY);
    REDUCE(kernels->f32.min, &x, 2, y, whole(&x, 2));
    EXPECT(y[0] == INFINITY && y[1] == INFINITY);
    REDUCE(kernels->f32.argmax, &x, 2, place, whole(&x, 2));
    EXPECT(place[0] == 0 && place[1] == 0);
    y[0] = 9;
    REDUCE(kernels->f32.sum, &x, 1, y, whole(&x, 1)); /* nothing stays: nothing is written */
    EXPECT(y[0] == 9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reduce");
    TCase *tests = tcase_create("reduce");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, reductions_agree_with_plain_loops_and_do_not_depend_on_strides);
    tcase_add_test(tests, long_sums_stay_accurate);
    tcase_add_test(tests, nothing_to_reduce_has_the_documented_result);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
