// SPDX-License-Identifier: MIT
/*
 * Masks that are laid on chosen elements before these go back to their places: ReLU's adjoint and
 * that of max-pooling change places, and nothing else changes. Ties, zeros of both signs and NaN
 * among the elements, and windows that overlap.
 */
#include "../support/expect.h"

#include <wengert/wengert.h>

#include <math.h>
#include <string.h>

enum { COUNT = 2 * 3 * 8 * 8 };

struct results {
    double        dx[COUNT];
    wg_plan_facts facts;
};

/* Few numbers, so that many are equal: multiples of 0.5 from -1 to 1, -0 and NaN among them. */
static wg_tensor *images(wg_tape *tape, wg_dtype dtype)
{
    double f64[COUNT];
    float  f32[COUNT];
    for (int i = 0; i < COUNT; i++) {
        const int k = (i * 7 + i / 5 * 3) % 11;
        f64[i] = k == 10 && i % 4 == 0 ? NAN : k == 9 ? -0.0 : k % 5 * 0.5 - 1;
        f32[i] = (float)f64[i];
    }
    wg_tensor *x = wg_param(tape, "x", dtype, WG_SHAPE(2, 3, 8, 8));
    EXPECT(wg_write_values(x, dtype, dtype == WG_F32 ? (void *)f32 : f64, COUNT));
    return x;
}

/* Images through ReLU and a pooling. */
static wg_tensor *apart(wg_tensor *x)
{
    return wg_max_pool2d(wg_relu(x), .kernel = {2, 2});
}
static wg_tensor *overlapping(wg_tensor *x)
{
    return wg_max_pool2d(wg_relu(x), .kernel = {3, 3}, .stride = {2, 1}, .pad = {1, 1});
}
static wg_tensor *twice(wg_tensor *x)
{
    return apart(wg_mul(overlapping(x), 1.5));
}
/* What was chosen from is seen otherwise where the mask is laid. */
static wg_tensor *reshaped(wg_tensor *x)
{
    wg_tensor *rows = wg_reshape(wg_relu(x), WG_SHAPE(1, 6, 8, 8));
    return wg_max_pool2d(rows, .kernel = {1, 2});
}
/* None moves: what was chosen from has another adjoint besides; or is turned before the choice. */
static wg_tensor *used_twice(wg_tensor *x)
{
    wg_tensor *y = wg_relu(x);
    return wg_add(wg_sum(y), wg_max_pool2d(y, .kernel = {2, 2}));
}
static wg_tensor *turned(wg_tensor *x)
{
    return wg_max_pool2d(wg_transpose(wg_relu(x)), .kernel = {2, 2});
}
/* Told by another tensor: not by what ReLU gives, but by what it got. */
static wg_tensor *told_otherwise(wg_tensor *x)
{
    return wg_max_pool2d(wg_clamp(x, 0, 0.5), .kernel = {2, 2});
}

static const struct {
    const char *name;
    wg_tensor *(*of)(wg_tensor *);
    int masks;
} networks[] = {{"apart", apart, 1},
                {"overlapping", overlapping, 1},
                {"twice", twice, 2},
                {"reshaped", reshaped, 1},
                {"used twice", used_twice, 0},
                {"turned", turned, 0},
                {"told otherwise", told_otherwise, 0}};

/* The gradient by the images, which is nowhere 0 but for masks and what is not chosen. */
static void compute(int network, wg_dtype dtype, unsigned without, int threads,
                    struct results *results)
{
    wg_tape   *tape = wg_tape_new_with(&(wg_tape_options){.without = without, .threads = threads});
    wg_tensor *x = images(tape, dtype);
    wg_tensor *dx = wg_gradient_of(wg_backward(wg_sum(wg_exp(networks[network].of(x)))), x);
    wg_plan   *plan = wg_plan_new(dx);
    EXPECT(wg_plan_run(plan));
    results->facts = wg_plan_measure(plan);
    for (int i = 0; i < COUNT; i++) results->dx[i] = wg_element(dx, i);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}

START_TEST(a_mask_on_chosen_elements_keeps_the_bits)
{
    static struct results plain, other;
    const wg_dtype        dtype = _i % 2 ? WG_F64 : WG_F32;
    const int             network = _i / 2;
    compute(network, dtype, WG_PASS_ALL, 1, &plain);
    EXPECT(plain.facts.masks == 0);
    for (int threads = 1; threads < 4; threads++) {
        compute(network, dtype, 0, threads, &other);
        EXPECT_MSG(other.facts.masks == networks[network].masks, "%s: %lld masks moved",
                   networks[network].name, (long long)other.facts.masks);
        EXPECT_MSG(memcmp(plain.dx, other.dx, sizeof plain.dx) == 0, "%s: other bits",
                   networks[network].name);
    }
    compute(network, dtype, WG_PASS_MASKS, 1, &other);
    EXPECT(other.facts.masks == 0 && memcmp(plain.dx, other.dx, sizeof plain.dx) == 0);
}
END_TEST

/* Recorded by a program itself; and the chosen elements must be there, that they may tell. */
START_TEST(a_mask_moves_where_the_chosen_elements_tell_it)
{
    wg_tape   *tape = wg_tape_new_with(&(wg_tape_options){.threads = 1});
    wg_tensor *x = images(tape, WG_F64), *y = wg_exp(x);
    wg_tensor *chosen = wg_max_pool2d(y, .kernel = {2, 2});
    wg_tensor *put = wg_grad(WG_TENSORS(wg_sum(chosen)), (wg_tensors){0}, WG_TENSORS(y)).at[0];
    for (int i = 0; i < 4; i++) {
        wg_tensor *const in[] = {put, i % 2 ? y : x};
        wg_tensor       *masked = wg_apply(&wg_op_relu_backward, NULL, WG_NO_DTYPE, in, 2);
        wg_plan         *plan = wg_plan_new(masked, .outputs = {i / 2, &chosen});
        EXPECT(wg_plan_run(plan) && wg_plan_verify(plan));
        EXPECT_MSG(wg_plan_measure(plan).masks == (i == 3), "case %d", i);
    }
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("masks");
    TCase *tests = tcase_create("masks");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, a_mask_on_chosen_elements_keeps_the_bits, 0,
                        2 * sizeof networks / sizeof *networks);
    tcase_add_test(tests, a_mask_moves_where_the_chosen_elements_tell_it);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
