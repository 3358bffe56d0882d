// SPDX-License-Identifier: MIT
/* Rows by index: gather, scatter-add, and the search for what is out of range. */
#include "../../src/kernels/isa.h"
#include "../support/expect.h"
#include "lcg.h"

/* rows->count indices of the dtype, all in range. */
static void *index_random(uint64_t *seed, const struct wg__rows *rows)
{
    void *index = exactly(rows->count, wg_dtype_size(rows->index));
    for (int64_t i = 0; i < rows->count; i++) {
        const int64_t at = lcg_below(seed, rows->axis);
        if (rows->index == WG_I32) ((int32_t *)index)[i] = (int32_t)at;
        if (rows->index == WG_I64) ((int64_t *)index)[i] = at;
        if (rows->index == WG_U8) ((uint8_t *)index)[i] = (uint8_t)at;
    }
    return index;
}

#define TWICE "test_index_body.h"
#include "twice.h"

START_TEST(rows_are_gathered_and_added_back_where_they_came_from)
{
    const struct wg__kernels *kernels;
    for (int i = 0; (kernels = wg__kernels_at(i)) != NULL; i++) {
        try_many_rows_f32(kernels);
        try_many_rows_f64(kernels);
    }
}
END_TEST

START_TEST(the_first_index_out_of_range_is_found)
{
    struct wg__rows rows = {.outer = 1, .axis = 4, .inner = 1, .count = 5, .index = WG_I32};
    const int32_t   small[] = {0, 3, -1, 4, 2};
    const int64_t   large[] = {3, 2, 1, INT64_C(4294967296), -1};
    const uint8_t   bytes[] = {0, 1, 2, 3, 4};
    EXPECT(wg__index_find_bad(&rows, small) == 2);
    rows.index = WG_I64;
    EXPECT(wg__index_find_bad(&rows, large) == 3);
    rows.index = WG_U8;
    EXPECT(wg__index_find_bad(&rows, bytes) == 4);
    rows.count = 4;
    EXPECT(wg__index_find_bad(&rows, bytes) == -1);
    rows.axis = 0;
    EXPECT(wg__index_find_bad(&rows, bytes) == 0);
    rows.count = 0;
    EXPECT(wg__index_find_bad(&rows, bytes) == -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("index");
    TCase *tests = tcase_create("index");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, rows_are_gathered_and_added_back_where_they_came_from);
    tcase_add_test(tests, the_first_index_out_of_range_is_found);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
