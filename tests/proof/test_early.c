// SPDX-License-Identifier: MIT
/*
 * Params that are computed as soon as their gradients are there: the same bits as at the end, in
 * memory that all gradients share.
 */
#include "../support/expect.h"

#include <wengert/wengert.h>

#include <string.h>

enum { LAYERS = 6, WIDTH = 96, BATCH = 8, COUNT = LAYERS * WIDTH * WIDTH };

struct results {
    double  param[COUNT];
    int64_t arena_bytes;
};

static wg_tensor *network(wg_tape *tape, wg_dtype dtype, wg_tensor *w[LAYERS])
{
    static const char *const names[] = {"w0", "w1", "w2", "w3", "w4", "w5"};
    wg_tensor               *x = wg_input(tape, "x", dtype, WG_SHAPE(BATCH, WIDTH));
    wg_write_all(x, 0.3);
    for (int i = 0; i < LAYERS; i++) {
        w[i] = wg_param(tape, names[i], dtype, WG_SHAPE(WIDTH, WIDTH));
        x = wg_tanh(wg_linear(x, w[i], NULL));
    }
    return wg_mean(wg_square(x));
}

/* Three steps; the params after them. */
static void train(wg_dtype dtype, bool adam, unsigned without, int threads, struct results *to)
{
    wg_tape *tape = wg_tape_new_with(&(wg_tape_options){.without = without, .threads = threads});
    wg_tensor          *w[LAYERS], *loss = network(tape, dtype, w);
    const wg_gradients *g = wg_backward(loss);
    wg_tensor          *rate = wg_scalar(tape, "rate", 0.125);
    const wg_tensors    updates = adam ? wg_adam(g, .rate = rate) : wg_sgd(g, .rate = rate);
    wg_plan            *plan = wg_plan_new(loss, .updates = updates);
    wg_init_uniform(tape, 5);
    EXPECT(wg_plan_run(plan) && wg_plan_run(plan) && wg_plan_run(plan) && wg_plan_verify(plan));
    to->arena_bytes = wg_plan_measure(plan).arena_bytes;
    for (int i = 0; i < COUNT; i++)
        to->param[i] = wg_element(w[i / (WIDTH * WIDTH)], i % (WIDTH * WIDTH));
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}

START_TEST(early_updates_keep_their_bits_and_gradients_share_memory)
{
    static struct results last, other;
    for (int k = 0; k < 4; k++) {
        const wg_dtype dtype = k % 2 ? WG_F64 : WG_F32;
        train(dtype, k / 2, WG_PASS_EARLY, 1, &last);
        const int64_t gradient = WIDTH * WIDTH * (int64_t)wg_dtype_size(dtype);
        for (int threads = 1; threads < 4; threads++) {
            train(dtype, k / 2, 0, threads, &other);
            EXPECT(memcmp(last.param, other.param, sizeof last.param) == 0);
            EXPECT(other.arena_bytes <= last.arena_bytes - (LAYERS - 3) * gradient);
        }
        train(dtype, k / 2, WG_PASS_ALL, 1, &other);
        EXPECT(memcmp(last.param, other.param, sizeof last.param) == 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("early");
    TCase *tests = tcase_create("early");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, early_updates_keep_their_bits_and_gradients_share_memory);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
