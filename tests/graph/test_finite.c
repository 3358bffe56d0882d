// SPDX-License-Identifier: MIT
/* Where infinities come from, with toy ops: 1e200 squared is one. */
#include <wengert/graph/finite.h>
#include <wengert/graph/plan.h>

#include "../support/expect.h"
#include "../support/failing.h"
#include "toy.h"

/* x of two elements, of which the second is 1e200, and a small w. */
typedef struct net {
    wg_tape   *tape;
    wg_tensor *x, *w;
} net;

static net record(const wg_allocator *allocator)
{
    net n = {.tape = wg_tape_new_with(&(wg_tape_options){.allocator = allocator})};
    n.x = wg_param(n.tape, "x", WG_F64, WG_SHAPE(2));
    n.w = wg_param(n.tape, "w", WG_F64, WG_SHAPE(2));
    wg_write(n.x, ((double[]){3, 1e200}), 2);
    wg_write(n.w, ((double[]){0.5, 1e-3}), 2);
    return n;
}

START_TEST(the_first_op_on_the_way_to_what_is_bad_is_found)
{
    const net  n = record(NULL);
    wg_tensor *beside = toy_mul(n.x, n.x); /* bad, first, and nothing comes of it */
    wg_tensor *good = toy_sum(toy_mul(n.w, n.x)), *middle = toy_mul(toy_mul(n.x, n.w), n.x);
    wg_tensor *bad = toy_sum(toy_mul(middle, n.w)), *worse = toy_mul(bad, bad);
    int        number;
    EXPECT(wg_first_not_finite(WG_TENSORS(good, worse, bad), &number) == middle && number == 1);
    EXPECT(wg_first_not_finite(WG_TENSORS(beside), NULL) == beside);
    EXPECT(!wg_first_not_finite(WG_TENSORS(good), &number) && number == -1);
    EXPECT(!wg_first_not_finite((wg_tensors){0}, &number) && number == -1);
    EXPECT_TEXT(wg_tape_error(n.tape), NULL);
    wg_tape_free(n.tape);
}
END_TEST

START_TEST(a_leaf_is_found_too)
{
    const net  n = record(NULL);
    wg_tensor *y = toy_sum(toy_mul(n.x, n.w));
    EXPECT(wg_write(n.w, ((double[]){NAN, 1}), 2));
    EXPECT(wg_first_not_finite(WG_TENSORS(y), NULL) == n.w);
    EXPECT(wg_first_not_finite(WG_TENSORS(n.x, n.w), NULL) == n.w);
    wg_tape_free(n.tape);
}
END_TEST

START_TEST(an_op_of_a_derivative_is_found_and_says_of_what)
{
    const net  n = record(NULL);
    wg_tensor *y = toy_mul(n.x, n.w), *dx = wg_derivative(toy_sum(toy_mul(y, y)), n.w);
    wg_tensor *first = wg_first_not_finite(WG_TENSORS(dx), NULL);
    EXPECT(first && wg_derived_from(first) == y);
    wg_tape_free(n.tape);
}
END_TEST

START_TEST(an_error_from_before_stays_and_one_of_the_search_is_on_the_tape)
{
    const net  n = record(NULL);
    wg_tensor *bad = toy_mul(n.x, n.x);
    wg_tape_error_set(n.tape, "before");
    EXPECT(wg_first_not_finite(WG_TENSORS(bad), NULL) == bad);
    EXPECT(strstr(wg_tape_error(n.tape), "before"));
    wg_tape_error_clear(n.tape);
    EXPECT(wg_write(n.w, ((double[]){-1, 1}), 2));
    EXPECT(!wg_first_not_finite(WG_TENSORS(toy_check(n.w)), NULL));
    EXPECT(strstr(wg_tape_error(n.tape), "toy_check \"w\" (2,)"));
    EXPECT(!wg_first_not_finite(WG_TENSORS(NULL), NULL));
    wg_tape_free(n.tape);
}
END_TEST

static bool search(const wg_allocator *allocator, void *context)
{
    const net n = record(allocator);
    (void)context;
    if (!n.tape) return false;
    wg_tensor *y = toy_mul(n.x, n.x), *found = wg_first_not_finite(WG_TENSORS(toy_sum(y)), NULL);
    const bool worked = y && found == y && !wg_tape_error(n.tape);
    EXPECT(worked || wg_tape_error(n.tape));
    wg_tape_free(n.tape);
    return worked;
}

START_TEST(without_memory_there_is_an_error_and_no_answer)
{
    EXPECT(failing_sweep(search, NULL) > 20);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph: finite");
    TCase *tests = tcase_create("finite");
    tcase_add_test(tests, the_first_op_on_the_way_to_what_is_bad_is_found);
    tcase_add_test(tests, a_leaf_is_found_too);
    tcase_add_test(tests, an_op_of_a_derivative_is_found_and_says_of_what);
    tcase_add_test(tests, an_error_from_before_stays_and_one_of_the_search_is_on_the_tape);
    tcase_add_test(tests, without_memory_there_is_an_error_and_no_answer);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
