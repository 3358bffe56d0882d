// SPDX-License-Identifier: MIT
/*
 * Sums and means that take their elements from the step that makes them, tile by tile: the bits of
 * a plan without that, for rows of all lengths, with what is broadcast, and on several threads.
 */
#include "../support/expect.h"

#include <string.h>
#include <wengert/wengert.h>

enum { MOST = 40000, RESULTS = 4 };

static const struct shape {
    int64_t rows, columns;
} shapes[] = {{1, 40000}, {40000, 1}, {2, 20000}, {7, 1025},  {3, 1024},
              {15, 640},  {300, 7},   {9, 4096},  {33, 1000}, {2, 300}};

struct results {
    double        value[RESULTS][MOST];
    wg_plan_facts facts;
};

/*
 * Sums along rows and of all, of a formula that is flat, and of one that sees a column and a row
 * from everywhere.
 */
static void compute(struct shape shape, wg_dtype dtype, unsigned without, int threads,
                    struct results *to)
{
    wg_tape   *tape = wg_tape_new_with(&(wg_tape_options){.without = without, .threads = threads});
    wg_tensor *x = wg_param(tape, "x", dtype, WG_SHAPE(shape.rows, shape.columns));
    wg_tensor *column = wg_param(tape, "column", dtype, WG_SHAPE(shape.rows, 1));
    wg_tensor *row = wg_param(tape, "row", dtype, WG_SHAPE(shape.columns));
    wg_init_uniform(tape, 5);
    wg_tensor *flat = wg_add(wg_square(x), wg_tanh(x));
    wg_tensor *wide = wg_mul(wg_square(wg_sub(x, column)), row);
    wg_tensor *y[RESULTS] = {wg_sum(flat, WG_AXES(-1)), wg_mean(flat), wg_mean(wide, WG_AXES(1)),
                             wg_sum(wide)};
    wg_plan   *plan = wg_plan_new(NULL, .outputs = {RESULTS, y});
    EXPECT(wg_plan_run(plan));
    EXPECT(wg_plan_verify(plan));
    memset(to, 0, sizeof *to);
    to->facts = wg_plan_measure(plan);
    for (int k = 0; k < RESULTS; k++)
        for (int64_t i = 0; i < wg_count_of(y[k]); i++) to->value[k][i] = wg_element(y[k], i);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}

static void compare(wg_dtype dtype)
{
    static struct results plain, other;
    static const int      threads[] = {1, 2, 3, 8};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        compute(shapes[s], dtype, WG_PASS_ALL, 1, &plain);
        for (int t = 0; t < 4; t++) {
            compute(shapes[s], dtype, 0, threads[t], &other);
            for (int k = 0; k < RESULTS; k++)
                EXPECT_MSG(memcmp(plain.value[k], other.value[k], sizeof plain.value[k]) == 0,
                           "%lld x %lld, result %d, %d threads: other bits",
                           (long long)shapes[s].rows, (long long)shapes[s].columns, k, threads[t]);
        }
        compute(shapes[s], dtype, WG_PASS_REDUCE, 1, &plain);
        EXPECT(shapes[s].columns == 1 || plain.facts.fused < other.facts.fused);
    }
}

START_TEST(sums_of_what_is_being_made_keep_their_bits)
{
    compare(WG_F32);
    compare(WG_F64);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stages");
    TCase *tests = tcase_create("stages");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, sums_of_what_is_being_made_keep_their_bits);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
