// SPDX-License-Identifier: MIT
/* Lifting: a record copied to another tape, and what goes along with it. */
#include "../support/expect.h"
#include "toy_check.h"

#include <wengert/graph/lift.h>

START_TEST(lifting_copies_names_scopes_lines_leaves_and_constants)
{
    wg_tape    *tape = wg_tape_new(), *to = wg_tape_new();
    const float values[] = {0.25F, -1.5F};
    wg_scope_push(tape, "layer");
    wg_tensor *w = wg_param(tape, "w", WG_F32, WG_SHAPE(2)),
              *s = wg_state(tape, "s", WG_I64, WG_SHAPE(1), 7);
    wg_write(w, values, 2);
    wg_param_freeze(w, true);
    wg_tensor *sum =
        wg_apply(&wg_op_add, NULL, WG_NO_DTYPE,
                 ((wg_tensor *[]){w, wg_constant(tape, WG_F32, WG_SHAPE(2), values, 2)}), 2);
    wg_name(sum, "sum");
    const wg_tensors copies = wg_lift(to, WG_TENSORS(sum, s, w), WG_F32, WG_F64);
    EXPECT_TEXT(wg_tape_error(to), NULL);
    EXPECT(copies.count == 3);
    wg_tensor *y = copies.at[0];
    EXPECT(wg_tape_of(y) == to && wg_dtype_of(y) == WG_F64 && wg_op_of(y) == &wg_op_add);
    EXPECT_TEXT(wg_name_of(y), "layer/sum");
    EXPECT_TEXT(wg_scope_of(y), "layer");
    EXPECT_TEXT(wg_where_of(y), wg_where_of(sum));
    EXPECT(wg_dtype_of(copies.at[1]) == WG_I64 && wg_role_of(copies.at[1]) == WG_STATE);
    EXPECT_CLOSE(wg_element(copies.at[1], 0), 7, 0);
    EXPECT(copies.at[2] == wg_param_find(to, "layer/w") && wg_param_is_frozen(copies.at[2]));
    for (int i = 0; i < 2; i++) EXPECT_CLOSE(wg_element(y, i), 2 * (double)values[i], 0);
    EXPECT(wg_lift(to, copies, WG_F32, WG_F64).count == 0);
    EXPECT(strstr(wg_tape_error(to), "on this tape already"));
    wg_tape_free(to);
    wg_tape_free(tape);
}
END_TEST

START_TEST(lifting_a_derived_record_gives_the_same_derivatives_and_draws)
{
    wg_tape   *tape = wg_tape_new_with(&(wg_tape_options){.seed = 5}), *to = wg_tape_new();
    wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SHAPE(3));
    wg_write(w, ((double[]){0.7, -1.3, 1.9}), 3);
    (void)toy_apply(&toy_noise, w, NULL); /* not wanted, so the one below is number 1 */
    wg_tensor *noise = toy_apply(&toy_noise, w, NULL);
    wg_tensor *loss = toy_sum(toy_mul(toy_apply(&toy_cube, w, NULL), noise)),
              *g = wg_derivative(loss, w);
    wg_tape_set_run_number(tape, 9);
    const wg_tensors copies = wg_lift(to, WG_TENSORS(g, loss), WG_NO_DTYPE, WG_NO_DTYPE);
    EXPECT(copies.count == 2 && wg_tape_of(wg_derived_from(copies.at[0])) == to);
    for (int i = 0; i < 3; i++) EXPECT_CLOSE(wg_element(copies.at[0], i), wg_element(g, i), 0);
    EXPECT(wg_tape_run_number(to) == 9);
    wg_tape_free(to);
    wg_tape_free(tape);
}
END_TEST

START_TEST(lifting_refuses_what_an_op_refuses)
{
    wg_tape   *tape = wg_tape_new(), *to = wg_tape_new();
    wg_tensor *y = toy_apply(&toy_narrow, wg_param(tape, "w", WG_F32, WG_SHAPE(2)), NULL);
    EXPECT(wg_lift(to, WG_TENSORS(y), WG_F32, WG_F64).count == 0);
    EXPECT(strstr(wg_tape_error(to), "test_lift.c") &&
           strstr(wg_tape_error(to), "toy_narrow \"w\" (2,): wanted is f32"));
    EXPECT(wg_lift(NULL, WG_TENSORS(y), WG_F32, WG_F64).count == 0);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(to);
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lift");
    TCase *tests = tcase_create("lift");
    tcase_add_test(tests, lifting_copies_names_scopes_lines_leaves_and_constants);
    tcase_add_test(tests, lifting_a_derived_record_gives_the_same_derivatives_and_draws);
    tcase_add_test(tests, lifting_refuses_what_an_op_refuses);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
