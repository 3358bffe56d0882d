// SPDX-License-Identifier: MIT
/*
 * Tapes on several threads share nothing: each records, derives, plans and runs by itself, has its
 * own errors and its own place of the caller, and computes the bits that one thread alone computes.
 * For the thread sanitizer: scripts/test.sh --threads.
 */
#define _POSIX_C_SOURCE 200809L
#include "../support/expect.h"
#include "families.h"
#include "network.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 4, STEPS = 3, RESULTS = 64 };

static pthread_barrier_t barrier;

/* What a thread is to do, and what came of it: only the main thread makes checks. */
typedef struct work {
    int    number;
    bool   good;
    int    count;
    double result[RESULTS];
    char   text[1200];
} work;

static void keep(work *w, double value)
{
    if (w->count < RESULTS) w->result[w->count++] = value;
}

/* Runs `body` on all threads at once. */
static void run_threads(void *(*body)(void *), work works[THREADS])
{
    pthread_t thread[THREADS];
    EXPECT(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
    for (int i = 0; i < THREADS; i++) {
        works[i] = (work){.number = i};
        EXPECT(pthread_create(&thread[i], NULL, body, &works[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) EXPECT(pthread_join(thread[i], NULL) == 0);
    pthread_barrier_destroy(&barrier);
}

static void expect_same_results(const work *a, const work *b)
{
    EXPECT(a->good && b->good && a->count == b->count && a->count > 0);
    for (int i = 0; i < a->count; i++)
        EXPECT_MSG(memcmp(&a->result[i], &b->result[i], sizeof a->result[i]) == 0,
                   "result %d: %.17g and %.17g", i, a->result[i], b->result[i]);
}

/* ---- the first kernel of the program ---- */

static void *first_kernel(void *given)
{
    work      *w = given;
    wg_tape   *tape = wg_tape_new();
    wg_tensor *a = wg_param(tape, "a", WG_F32, WG_SHAPE(17, 19));
    wg_tensor *loss = wg_sum(wg_matmul(a, wg_transpose(a)));
    wg_write_all(a, 0.5);
    pthread_barrier_wait(&barrier);
    keep(w, wg_item(loss));
    w->good = !wg_tape_error(tape);
    wg_tape_free(tape);
    return NULL;
}

START_TEST(the_instruction_set_may_be_chosen_by_several_threads_at_once) /* so: the first test */
{
    work works[THREADS];
    run_threads(first_kernel, works);
    for (int i = 0; i < THREADS; i++) EXPECT_CLOSE(works[i].result[0], 17 * 17 * 19 * 0.25, 0);
    for (int i = 0; i < THREADS; i++) expect_same_results(&works[i], &works[0]);
}
END_TEST

/* ---- training ---- */

static void train(work *w, uint64_t seed)
{
    wg_tape *tape = wg_tape_new_with(&(wg_tape_options){.seed = seed});
    for (int step = 0; step < STEPS; step++) {
        wg_tape_clear(tape);
        const network net = network_small(tape, WG_F32, 3);
        if (step == 0) wg_init_uniform(tape, seed);
        wg_plan *plan = wg_plan_new(net.loss, .updates = net.updates);
        network_feed(&net, step);
        wg_plan_run(plan);
        keep(w, wg_item(net.loss));
        keep(w, (double)wg_tape_plans(tape));
    }
    w->good = !wg_tape_error(tape);
    wg_tape_free(tape);
}

/* Each family's loss and the square of its gradient, derived once more. */
static void derive_twice(work *w, uint64_t seed)
{
    for (int i = 0; family_at(i); i++) {
        wg_tape            *tape = wg_tape_new_with(&(wg_tape_options){.seed = seed});
        wg_tensor          *loss = family_at(i)->record(tape, WG_F64);
        const wg_gradients *g = wg_backward(loss);
        wg_tensor          *steepness = g ? wg_sum(wg_square(g->values.at[0])) : NULL;
        keep(w, wg_item(loss));
        keep(w, wg_element(wg_derivative(steepness, g ? g->params.at[0] : NULL), 0));
        w->good = w->good && !wg_tape_error(tape);
        wg_tape_free(tape);
    }
}

static void *train_in_thread(void *given)
{
    work *w = given;
    pthread_barrier_wait(&barrier);
    train(w, (uint64_t)w->number);
    derive_twice(w, (uint64_t)w->number);
    return NULL;
}

START_TEST(threads_with_a_tape_each_compute_the_bits_that_one_thread_computes)
{
    work works[THREADS];
    run_threads(train_in_thread, works);
    for (int i = 0; i < THREADS; i++) {
        work alone = {.number = i};
        train(&alone, (uint64_t)i);
        derive_twice(&alone, (uint64_t)i);
        expect_same_results(&works[i], &alone);
    }
    EXPECT(works[0].result[0] != works[1].result[0]); /* seeds differ */
}
END_TEST

/* ---- checks, copies and pictures ---- */

/* Checks the gradients of each family, lifts it and draws it; the length of the picture is kept. */
static void check_lift_and_draw(work *w)
{
    for (int i = 0; family_at(i); i++) {
        wg_tape        *tape = wg_tape_new(), *other = wg_tape_new();
        wg_tensor      *loss = family_at(i)->record(tape, WG_F32);
        const wg_check *check = wg_check_gradients(loss, .directions = 1);
        char           *picture = NULL;
        size_t          size = 0;
        FILE           *file = open_memstream(&picture, &size);
        const bool      drawn = wg_dot_write(loss, file, .backward = true, .norms = true);
        fclose(file);
        keep(w, check ? check->row[0].worst.numeric : -1);
        keep(w, wg_item(wg_lift(other, WG_TENSORS(loss), WG_F32, WG_F64).at[0]));
        keep(w, (double)size);
        w->good = (i == 0 || w->good) && check && drawn && !wg_tape_error(tape);
        free(picture);
        wg_tape_free(tape);
        wg_tape_free(other);
    }
}

static void *check_in_thread(void *given)
{
    pthread_barrier_wait(&barrier);
    check_lift_and_draw(given);
    return NULL;
}

START_TEST(threads_check_lift_and_draw_as_one_thread_does)
{
    work works[THREADS], alone = {0};
    run_threads(check_in_thread, works);
    check_lift_and_draw(&alone);
    for (int i = 0; i < THREADS; i++) expect_same_results(&works[i], &alone);
}
END_TEST

/* ---- errors ---- */

static void *fail_in_thread(void *given)
{
    work    *w = given;
    wg_tape *tape = wg_tape_new();
    char     name[20];
    snprintf(name, sizeof name, "thread%d", w->number);
    wg_tensor *a = wg_param(tape, name, WG_F64, WG_SHAPE(2, 2 + w->number));
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 200; i++) {
        wg_tape_error_clear(tape);
        if (w->number % 2)
            wg_matmul(a, wg_sum(a));
        else
            wg_select(a, 7, 0);
    }
    snprintf(w->text, sizeof w->text, "%s", wg_tape_error(tape));
    w->good = wg_tape_error(tape);
    wg_tape_free(tape);
    return NULL;
}

START_TEST(each_thread_has_the_errors_of_its_own_tape)
{
    work works[THREADS];
    run_threads(fail_in_thread, works);
    for (int i = 0; i < THREADS; i++) {
        char name[20];
        snprintf(name, sizeof name, "\"thread%d\"", i);
        EXPECT_MSG(works[i].good && strstr(works[i].text, name), "%s", works[i].text);
        EXPECT_MSG(strstr(works[i].text, i % 2 ? ": matmul " : ": select "), "%s", works[i].text);
        EXPECT_MSG(strstr(works[i].text, "test_threads.c:"), "%s", works[i].text);
    }
    EXPECT(strcmp(works[0].text, works[1].text) != 0);
}
END_TEST

static void *enter_in_thread(void *given)
{
    static const char *const places[THREADS] = {"one.c:1", "two.c:2", "three.c:3", "four.c:4"};
    work                    *w = given;
    w->good = strcmp(wg_caller(), "?") == 0;
    wg_enter(places[w->number]);
    pthread_barrier_wait(&barrier);
    w->good = w->good && strcmp(wg_caller(), places[w->number]) == 0;
    pthread_barrier_wait(&barrier);
    wg_leave(NULL);
    w->good = w->good && strcmp(wg_caller(), "?") == 0;
    return NULL;
}

START_TEST(each_thread_has_a_place_of_the_caller_of_its_own)
{
    work works[THREADS];
    wg_enter("main.c:0");
    run_threads(enter_in_thread, works);
    for (int i = 0; i < THREADS; i++) EXPECT(works[i].good);
    EXPECT_TEXT(wg_caller(), "main.c:0");
    wg_leave(NULL);
}
END_TEST

/* ---- one tape, handed over ---- */

static void *run_plan_in_thread(void *given)
{
    return wg_plan_run(given) ? given : NULL;
}

START_TEST(a_tape_may_move_to_another_thread_while_nobody_else_uses_it)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SHAPE(3)), *loss = wg_sum(wg_exp(w));
    wg_plan   *plan = wg_plan_new(loss, .updates = WG_TENSORS(wg_assign(w, wg_add(w, 1))));
    for (int run = 0; run < 3; run++) {
        pthread_t thread;
        void     *result = NULL;
        EXPECT(pthread_create(&thread, NULL, run_plan_in_thread, plan) == 0);
        EXPECT(pthread_join(thread, &result) == 0 && result == plan);
        EXPECT_CLOSE(wg_item(loss), 3 * exp(run), 1e-15);
    }
    EXPECT_CLOSE(wg_element(w, 2), 3, 0);
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("threads");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, the_instruction_set_may_be_chosen_by_several_threads_at_once);
    tcase_add_test(tests, threads_with_a_tape_each_compute_the_bits_that_one_thread_computes);
    tcase_add_test(tests, threads_check_lift_and_draw_as_one_thread_does);
    tcase_add_test(tests, each_thread_has_the_errors_of_its_own_tape);
    tcase_add_test(tests, each_thread_has_a_place_of_the_caller_of_its_own);
    tcase_add_test(tests, a_tape_may_move_to_another_thread_while_nobody_else_uses_it);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
