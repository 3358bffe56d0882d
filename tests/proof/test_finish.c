// SPDX-License-Identifier: MIT
/*
 * Steps that finish the output of the one before, chunk by chunk: convolution, pooling and batch
 * normalisation, whose units write in three different ways; and pooling, which follows its
 * convolution. Bits are those of steps one by one.
 */
#include "../support/expect.h"

#include <wengert/wengert.h>

#include <string.h>

enum { IMAGES = 20, CHANNELS = 8, SIZE = 26, COUNT = IMAGES * CHANNELS * SIZE * SIZE / 4 };

struct results {
    double        value[COUNT], gradient[CHANNELS * 3 * 9];
    wg_plan_facts facts;
};

/* Records the network on params x and *w. */
static wg_tensor *network(wg_tape *tape, wg_dtype dtype, wg_tensor **w)
{
    wg_tensor *x = wg_param(tape, "x", dtype, WG_SHAPE(IMAGES, 3, SIZE, SIZE));
    *w = wg_param(tape, "w", dtype, WG_SHAPE(CHANNELS, 3, 3, 3));
    wg_tensor *b = wg_param(tape, "b", dtype, WG_SHAPE(CHANNELS));
    wg_tensor *scale = wg_param(tape, "scale", dtype, WG_SHAPE(CHANNELS));
    wg_tensor *mean = wg_state(tape, "mean", dtype, WG_SHAPE(CHANNELS), 0);
    wg_tensor *var = wg_state(tape, "var", dtype, WG_SHAPE(CHANNELS), 1);
    wg_init_uniform(tape, 3);
    wg_tensor *y = wg_relu(wg_conv2d(x, *w, b, .pad = {1, 1}));
    y = wg_tanh(wg_avg_pool2d(y, .kernel = {2, 2}));
    return wg_sigmoid(wg_batch_norm(y, scale, b, mean, var));
}

/* The network's values from a plan for them alone, and the gradient of w. */
static void compute(wg_dtype dtype, unsigned without, int threads, struct results *to)
{
    wg_tape   *tape = wg_tape_new_with(&(wg_tape_options){.without = without, .threads = threads});
    wg_tensor *w, *y = network(tape, dtype, &w);
    wg_plan   *plan = wg_plan_new(y);
    EXPECT(wg_plan_run(plan));
    EXPECT(wg_plan_verify(plan));
    to->facts = wg_plan_measure(plan);
    EXPECT(wg_count_of(y) == COUNT);
    for (int64_t i = 0; i < COUNT; i++) to->value[i] = wg_element(y, i);
    const wg_gradients *g = wg_backward(wg_mean(wg_square(y)));
    wg_tensor          *dw = wg_gradient_of(g, w);
    for (int64_t i = 0; i < wg_count_of(dw); i++) to->gradient[i] = wg_element(dw, i);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}

static void compare(wg_dtype dtype)
{
    static struct results plain, other;
    const int             threads[] = {1, 2, 3, 8};
    compute(dtype, WG_PASS_FINISH | WG_PASS_FOLLOW, 1, &plain);
    for (int i = 0; i < 8; i++) {
        const bool follows = i % 2;
        compute(dtype, follows ? 0 : WG_PASS_FOLLOW, threads[i / 2], &other);
        EXPECT(other.facts.steps == plain.facts.steps - 3 - follows);
        EXPECT(memcmp(plain.value, other.value, sizeof plain.value) == 0);
        EXPECT(memcmp(plain.gradient, other.gradient, sizeof plain.gradient) == 0);
    }
}

START_TEST(finishing_an_output_by_chunks_keeps_its_bits)
{
    compare(WG_F32);
    compare(WG_F64);
}
END_TEST

/* Bytes of the arena for a pooled convolution, and its value at the front in *first. */
static int64_t arena_of(unsigned without, bool keeps, double *first)
{
    wg_tape   *tape = wg_tape_new_with(&(wg_tape_options){.without = without, .threads = 1});
    wg_tensor *x = wg_param(tape, "x", WG_F32, WG_SHAPE(40, 3, SIZE, SIZE));
    wg_tensor *w = wg_param(tape, "w", WG_F32, WG_SHAPE(CHANNELS, 3, 3, 3));
    wg_tensor *kept = wg_state(tape, "kept", WG_F32, WG_SHAPE(40, CHANNELS, SIZE, SIZE), 7);
    wg_init_uniform(tape, 3);
    wg_tensor *y = wg_conv2d(x, w, NULL, .pad = {1, 1});
    if (keeps) wg_assign(kept, y);
    y = wg_max_pool2d(wg_relu(y), .kernel = {2, 2});
    wg_plan *plan = wg_plan_new(wg_max_pool2d(y, .kernel = {3, 3}), .updates = wg_assigns(tape));
    EXPECT(wg_plan_run(plan) && wg_plan_verify(plan));
    *first = wg_element(kept, 0);
    const int64_t bytes = wg_plan_measure(plan).arena_bytes;
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
    return bytes;
}

START_TEST(what_only_the_follower_reads_is_never_there_as_a_whole)
{
    double        first;
    const int64_t image = CHANNELS * SIZE * SIZE * (int64_t)sizeof(float);
    EXPECT(arena_of(WG_PASS_FOLLOW, false, &first) > 40 * image);
    EXPECT(arena_of(0, false, &first) < 20 * image);
}
END_TEST

START_TEST(what_an_update_takes_is_kept)
{
    double plain, finished;
    arena_of(WG_PASS_ALL, true, &plain);
    arena_of(0, true, &finished);
    EXPECT(plain != 7 && plain == finished);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("finish");
    TCase *tests = tcase_create("finish");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, finishing_an_output_by_chunks_keeps_its_bits);
    tcase_add_test(tests, what_only_the_follower_reads_is_never_there_as_a_whole);
    tcase_add_test(tests, what_an_update_takes_is_kept);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
