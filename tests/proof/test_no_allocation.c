// SPDX-License-Identifier: MIT
/*
 * Nothing allocates during a run: malloc and its relatives are this program's own here, which count
 * the calls of all threads while they are told to. Skipped where they are the sanitizer's, and
 * where the C library is not glibc, whose own functions stand behind them.
 */
#include "../support/expect.h"
#include "families.h"
#include "network.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#endif

#if !defined(__GLIBC__) || defined(SANITIZED)

int main(void)
{
    puts("skipped: malloc cannot be replaced under this sanitizer, or in this C library");
    return 77;
}

#else

static atomic_bool counting;
static atomic_long calls;

static void count(void)
{
    if (atomic_load(&counting)) atomic_fetch_add(&calls, 1);
}

/* ---- what the whole program calls instead of the C library ---- */

#define REPLACES __attribute__((visibility("default")))

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t items, size_t bytes);
extern void *__libc_realloc(void *memory, size_t bytes);
extern void *__libc_memalign(size_t alignment, size_t bytes);
extern void  __libc_free(void *memory);

REPLACES void *malloc(size_t bytes)
{
    count();
    return __libc_malloc(bytes);
}

REPLACES void *calloc(size_t items, size_t bytes)
{
    count();
    return __libc_calloc(items, bytes);
}

REPLACES void *realloc(void *memory, size_t bytes)
{
    count();
    return __libc_realloc(memory, bytes);
}

REPLACES void free(void *memory)
{
    count();
    __libc_free(memory);
}

REPLACES void *aligned_alloc(size_t alignment, size_t bytes)
{
    count();
    return __libc_memalign(alignment, bytes);
}

REPLACES int posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    count();
    *memory = __libc_memalign(alignment, bytes);
    return *memory ? 0 : ENOMEM;
}

REPLACES void *memalign(size_t alignment, size_t bytes)
{
    count();
    return __libc_memalign(alignment, bytes);
}

REPLACES void *reallocarray(void *memory, size_t items, size_t bytes)
{
    count();
    return bytes && items > SIZE_MAX / bytes ? NULL : __libc_realloc(memory, items * bytes);
}

/* ---- the proof ---- */

static void counting_begin(void)
{
    atomic_store(&calls, 0);
    atomic_store(&counting, true);
}

static long counting_end(void)
{
    atomic_store(&counting, false);
    return atomic_load(&calls);
}

/* Makes eight calls for memory and returns how many were counted. */
static void *ask_for_memory(void *context)
{
    const long before = atomic_load(&calls);
    void *volatile at[6] = {malloc(10), calloc(2, 5), aligned_alloc(64, 128), memalign(64, 100)};
    void *other = NULL;
    if (posix_memalign(&other, 64, 100) == 0) at[4] = other;
    at[0] = realloc(at[0], 20);
    at[1] = reallocarray(at[1], 3, 5);
    free(at[5]);
    *(long *)context = atomic_load(&calls) - before;
    for (int i = 0; i < 5; i++) free(at[i]);
    return NULL;
}

START_TEST(calls_are_counted_in_all_threads)
{
    long      here = 0, there = 0;
    pthread_t thread;
    counting_begin();
    ask_for_memory(&here);
    const int failed = pthread_create(&thread, NULL, ask_for_memory, &there);
    pthread_join(thread, NULL);
    counting_end();
    EXPECT(!failed && here == 8 && there == 8);
    counting_begin();
    wg_tape_free(wg_tape_new());
    EXPECT(counting_end() >= 2);
}
END_TEST

/* Two training steps with everything that stands in a training loop. */
static void expect_quiet_training(const wg_tape_options *options, wg_dtype dtype)
{
    wg_tape      *tape = wg_tape_new_with(options);
    const network net = network_small(tape, dtype, 4);
    wg_plan      *plan =
        wg_plan_new(net.loss, .outputs = WG_TENSORS(net.logits), .updates = net.updates);
    EXPECT(wg_init_uniform(tape, 1) && network_feed(&net, 0) && plan != NULL);
    float  single[12];
    double real[12], loss = 0, first = 0;
    bool   good = true;
    counting_begin();
    for (int step = 0; step < 20; step++) {
        good = network_feed(&net, 0) && wg_plan_run(plan) && good;
        loss = wg_item(net.loss);
        if (step == 0) first = loss;
        for (int twice = 0; twice < 2; twice++)
            good = (dtype == WG_F32 ? wg_read(net.logits, single, 12)
                                    : wg_read(net.logits, real, 12)) &&
                   good;
        good = wg_element(net.logits, 3) == wg_element(net.logits, 3) && good;
    }
    EXPECT_MSG(counting_end() == 0, "%ld calls for memory in 20 runs", atomic_load(&calls));
    EXPECT(good && loss < first);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}

START_TEST(a_training_step_of_a_convolutional_network_allocates_nothing)
{
    expect_quiet_training(NULL, WG_F32);
    expect_quiet_training(NULL, WG_F64);
}
END_TEST

START_TEST(a_tape_that_keeps_its_tensors_apart_allocates_nothing_in_a_run_either)
{
    expect_quiet_training(&(wg_tape_options){.apart = true}, WG_F32);
}
END_TEST

/* The family's loss, its gradients and, where it records some, its updates, in one plan. */
static void expect_quiet_family(const family *f, wg_dtype dtype)
{
    wg_tape            *tape = wg_tape_new();
    wg_tensor          *loss = f->record(tape, dtype);
    const wg_gradients *gradients = wg_backward(loss);
    EXPECT_MSG(gradients != NULL, "%s: %s", f->name, wg_tape_error(tape));
    wg_plan *plan = wg_plan_new(loss, .outputs = gradients->values, .updates = wg_assigns(tape));
    EXPECT_MSG(plan != NULL, "%s: %s", f->name, wg_tape_error(tape));
    wg_tensor *first = gradients->params.at[0];
    bool       good = true;
    counting_begin();
    for (int run = 0; run < 3; run++) {
        good = wg_write_all(first, 0.6 + 0.1 * run) && wg_plan_run(plan) && good;
        good = isfinite(wg_item(loss)) && good;
        for (int i = 0; i < gradients->values.count; i++)
            good = wg_values(gradients->values.at[i]) && good;
    }
    const long made = counting_end();
    EXPECT_MSG(made == 0, "%s: %ld calls for memory in 3 runs", f->name, made);
    EXPECT_MSG(good, "%s: %s", f->name, wg_tape_error(tape));
    wg_tape_free(tape);
}

START_TEST(a_run_of_each_family_of_ops_with_its_gradients_allocates_nothing)
{
    for (int i = 0; family_at(i); i++) {
        expect_quiet_family(family_at(i), WG_F32);
        expect_quiet_family(family_at(i), WG_F64);
    }
}
END_TEST

/* Dropout, batch norm with its assigns, and a loss, on images of 4 by 3. */
static network noisy_network(wg_tape *tape)
{
    network    net = {.x = wg_input(tape, "x", WG_F32, WG_SHAPE(4, 3)),
                      .target = wg_input(tape, "target", WG_I64, WG_SHAPE(4))};
    wg_tensor *w = wg_param(tape, "w", WG_F32, WG_SHAPE(3)),
              *b = wg_param(tape, "b", WG_F32, WG_SHAPE(3));
    wg_tensor *mean = wg_state(tape, "mean", WG_F32, WG_SHAPE(3), 0);
    wg_tensor *var = wg_state(tape, "var", WG_F32, WG_SHAPE(3), 1);
    net.logits = wg_dropout(wg_batch_norm(net.x, w, b, mean, var), 0.2);
    net.loss = wg_cross_entropy(net.logits, net.target);
    wg_tensor *rate = wg_scalar(tape, "rate", 0.1);
    wg_sgd(wg_backward(net.loss), .rate = rate, .momentum = 0.9);
    net.updates = wg_assigns(tape);
    return net;
}

START_TEST(a_step_with_dropout_batch_norm_and_momentum_allocates_nothing_even_when_it_fails)
{
    wg_tape      *tape = wg_tape_new();
    const network net = noisy_network(tape);
    wg_plan      *plan = wg_plan_new(net.loss, .updates = net.updates);
    wg_tensor    *mean = wg_leaves(tape).at[4];
    bool          good = plan && network_feed(&net, 1) && net.updates.count == 6;
    int           refused = 0;
    counting_begin();
    for (int step = 0; step < 10; step++) {
        good = wg_write_all(net.target, step % 3) && wg_plan_run(plan) && good;
        good = wg_write_all(net.target, 3 + step) && good;
        refused += !wg_plan_run(plan) && wg_tape_error(tape);
        wg_tape_error_clear(tape);
    }
    EXPECT_MSG(counting_end() == 0, "%ld calls for memory in 20 runs", atomic_load(&calls));
    EXPECT(good && refused == 10 && strcmp(wg_name_of(mean), "mean") == 0);
    EXPECT(wg_element(mean, 0) != 0);
    wg_tape_free(tape);
}
END_TEST

START_TEST(recording_anew_what_was_recorded_before_allocates_nothing_either)
{
    wg_tape *tape = wg_tape_new();
    bool     good = true;
    for (int step = 0; step < 20; step++) {
        if (step == 2) counting_begin(); /* the first two make leaves, nodes, lists and the plan */
        wg_tape_clear(tape);
        const network net = network_small(tape, WG_F32, 4);
        good = network_feed(&net, step) && good;
        good = wg_plan_run(wg_plan_new(net.loss, .updates = net.updates)) && good;
        good = isfinite(wg_item(net.loss)) && good;
    }
    EXPECT_MSG(counting_end() == 0, "%ld calls for memory in 18 steps", atomic_load(&calls));
    EXPECT(good && wg_tape_plans(tape) == 1);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(reading_again_what_was_computed_before_allocates_nothing)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SHAPE(3)), *y = wg_sum(wg_square(w));
    EXPECT_CLOSE(wg_item(y), 0, 0); /* plans */
    double values[3];
    bool   good = true;
    counting_begin();
    for (int i = 0; i < 3; i++) {
        good = wg_write_all(w, i) && wg_item(y) == 3.0 * i * i && wg_item(y) == 3.0 * i * i && good;
        good = wg_read(w, values, 3) && values[2] == i && good;
    }
    EXPECT(counting_end() == 0 && good);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_plan_whose_arena_had_to_move_for_another_allocates_nothing)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SHAPE(4)), *big = wg_expand(w, WG_SHAPE(500, 4));
    wg_tensor *small_loss = wg_sum(wg_mul(wg_tanh(w), wg_exp(w)));
    wg_tensor *big_loss = wg_sum(wg_mul(wg_tanh(big), wg_exp(big)));
    wg_plan   *small_plan = wg_plan_new(small_loss), *big_plan = wg_plan_new(big_loss);
    counting_begin();
    bool good = wg_plan_run(small_plan) && wg_item(small_loss) == 0;
    good = wg_plan_run(big_plan) && wg_item(big_loss) == 0 && good;
    good = wg_plan_run(small_plan) && good;
    EXPECT(counting_end() == 0 && good);
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("no allocation");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, calls_are_counted_in_all_threads);
    tcase_add_test(tests, a_training_step_of_a_convolutional_network_allocates_nothing);
    tcase_add_test(tests, a_tape_that_keeps_its_tensors_apart_allocates_nothing_in_a_run_either);
    tcase_add_test(tests, a_run_of_each_family_of_ops_with_its_gradients_allocates_nothing);
    tcase_add_test(
        tests, a_step_with_dropout_batch_norm_and_momentum_allocates_nothing_even_when_it_fails);
    tcase_add_test(tests, recording_anew_what_was_recorded_before_allocates_nothing_either);
    tcase_add_test(tests, reading_again_what_was_computed_before_allocates_nothing);
    tcase_add_test(tests, a_plan_whose_arena_had_to_move_for_another_allocates_nothing);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}

#endif
