// SPDX-License-Identifier: MIT
/* Clipping: what torch.nn.utils.clip_grad_norm_ and clip_grad_value_ do, by their formulas. */
#include "../support/expect.h"

#include <wengert/graph/plan.h>
#include <wengert/nn/clip.h>
#include <wengert/nn/optimiser.h>
#include <wengert/ops/ops.h>

/* Gradients (3, -4) of an f64 param and 12 of an f32 one: their norm is 13. */
typedef struct net {
    wg_tape            *tape;
    wg_tensor          *a, *b;
    const wg_gradients *g;
} net;

static net thirteen(void)
{
    net n = {.tape = wg_tape_new()};
    n.a = wg_param(n.tape, "a", WG_F64, WG_SHAPE(2));
    n.b = wg_param(n.tape, "b", WG_F32, WG_SCALAR);
    wg_tensor *slope = wg_constant(n.tape, WG_F64, WG_SHAPE(2), ((double[]){3, -4}), 2);
    n.g = wg_backward(wg_add(wg_sum(wg_mul(n.a, slope)), wg_cast(wg_mul(n.b, 12), WG_F64)));
    return n;
}

START_TEST(a_norm_beyond_the_bound_is_brought_down_to_it_and_a_smaller_one_stays)
{
    const net           n = thirteen();
    const wg_gradients *less = wg_clip_norm(n.g, 6.5), *same = wg_clip_norm(n.g, 20);
    const double        scale = 6.5 / (13 + 1e-6);
    EXPECT_CLOSE(wg_item(wg_gradient_norm(n.g)), 13, 1e-15);
    EXPECT_CLOSE(wg_element(wg_gradient_of(less, n.a), 1), -4 * scale, 1e-15);
    EXPECT_CLOSE(wg_item(wg_gradient_of(less, n.b)), 12 * scale, 1e-7);
    EXPECT_CLOSE(wg_element(wg_gradient_of(same, n.a), 0), 3, 0);
    EXPECT_CLOSE(wg_item(wg_gradient_of(same, n.b)), 12, 0);
    EXPECT(less->params.at == n.g->params.at && less->loss == n.g->loss);
    EXPECT_TEXT(wg_tape_error(n.tape), NULL);
    wg_tape_free(n.tape);
}
END_TEST

START_TEST(values_beyond_the_bound_are_moved_to_it)
{
    const net           n = thirteen();
    const wg_gradients *clipped = wg_clip_value(n.g, 3.5);
    EXPECT_CLOSE(wg_element(wg_gradient_of(clipped, n.a), 0), 3, 0);
    EXPECT_CLOSE(wg_element(wg_gradient_of(clipped, n.a), 1), -3.5, 0);
    EXPECT_CLOSE(wg_item(wg_gradient_of(clipped, n.b)), 3.5, 0);
    wg_tape_free(n.tape);
}
END_TEST

START_TEST(an_optimiser_takes_what_was_clipped)
{
    const net  n = thirteen();
    wg_tensor *rate = wg_scalar(n.tape, "rate", 1);
    wg_plan   *step = wg_plan_new(NULL, .updates = wg_sgd(wg_clip_value(n.g, 1), .rate = rate));
    EXPECT(wg_plan_run(step) && wg_plan_run(step));
    EXPECT_CLOSE(wg_element(n.a, 0), -2, 0);
    EXPECT_CLOSE(wg_element(n.a, 1), 2, 0);
    EXPECT_CLOSE(wg_item(n.b), -2, 0);
    EXPECT_TEXT(wg_tape_error(n.tape), NULL);
    wg_tape_free(n.tape);
}
END_TEST

START_TEST(a_bound_that_is_not_positive_is_refused)
{
    const net n = thirteen();
    EXPECT(!wg_clip_norm(n.g, 0));
    EXPECT(strstr(wg_tape_error(n.tape), "test_clip.c:") &&
           strstr(wg_tape_error(n.tape), "clip_norm: 0 is not positive"));
    wg_tape_error_clear(n.tape);
    EXPECT(!wg_clip_value(n.g, NAN) && strstr(wg_tape_error(n.tape), "clip_value: nan"));
    EXPECT(!wg_clip_norm(NULL, 1) && !wg_clip_value(NULL, 1) && !wg_gradient_norm(NULL));
    wg_tape_free(n.tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nn: clip");
    TCase *tests = tcase_create("clip");
    tcase_add_test(tests, a_norm_beyond_the_bound_is_brought_down_to_it_and_a_smaller_one_stays);
    tcase_add_test(tests, values_beyond_the_bound_are_moved_to_it);
    tcase_add_test(tests, an_optimiser_takes_what_was_clipped);
    tcase_add_test(tests, a_bound_that_is_not_positive_is_refused);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
