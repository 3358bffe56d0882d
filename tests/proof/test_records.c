// SPDX-License-Identifier: MIT
/*
 * What records cost: memory for each node where the tape is never cleared, none where it is, and
 * linear work on a small stack however long they are.
 */
#define _XOPEN_SOURCE 700
#include "../support/expect.h"
#include "network.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- an allocator that keeps books ---- */

enum { HEAD = 16 /* holds the size, and keeps malloc's alignment */ };

typedef struct ledger {
    wg_allocator allocator;
    long         requests;
    size_t       live, peak; /* bytes */
} ledger;

static void *book(void *context, void *memory, size_t bytes)
{
    ledger *l = context;
    size_t  old = 0;
    char   *start = memory ? (char *)memory - HEAD : NULL;
    if (start) memcpy(&old, start, sizeof old);
    char *fresh = bytes ? realloc(start, bytes + HEAD) : NULL;
    if (bytes && !fresh) return NULL;
    if (!bytes) free(start);
    l->requests += bytes > 0;
    l->live += bytes - old;
    if (l->live > l->peak) l->peak = l->live;
    if (!fresh) return NULL;
    memcpy(fresh, &bytes, sizeof bytes);
    return fresh + HEAD;
}

static wg_tape *tape_with(ledger *l)
{
    *l = (ledger){.allocator = {.resize = book, .context = l}};
    return wg_tape_new_with(&(wg_tape_options){.allocator = &l->allocator});
}

/* ---- what a record costs ---- */

START_TEST(a_tape_that_is_never_cleared_keeps_about_200_bytes_for_each_node)
{
    enum { NODES = 50000, PARTS = 4 };
    ledger     l;
    wg_tape   *tape = tape_with(&l);
    wg_tensor *x = wg_param(tape, "x", WG_F64, WG_SHAPE(4)), *y = x;
    double     bytes[PARTS];
    for (int part = 0; part < PARTS; part++) {
        const size_t before = l.live;
        for (int i = 0; i < NODES; i++) y = wg_add(y, x);
        bytes[part] = (double)(l.live - before) / NODES;
        EXPECT(wg_tape_count(tape) == (int64_t)(part + 1) * NODES);
        EXPECT_MSG(bytes[part] > 100 && bytes[part] < 300, "%g bytes a node", bytes[part]);
    }
    printf("%.0f, %.0f, %.0f, %.0f bytes a node, each of %d more\n", bytes[0], bytes[1], bytes[2],
           bytes[3], NODES);
    wg_tape_free(tape);
    EXPECT(l.live == 0);
}
END_TEST

START_TEST(reading_values_on_a_tape_that_is_never_cleared_keeps_no_plan_for_each)
{
    ledger     l;
    wg_tape   *tape = tape_with(&l);
    wg_tensor *x = wg_param(tape, "x", WG_F64, WG_SHAPE(4));
    size_t     before = 0;
    for (int i = 0; i < 2000; i++) {
        if (i == 1000) before = l.live;
        EXPECT(wg_write_all(x, i) && wg_item(wg_sum(wg_exp(wg_sub(x, x)))) == 4);
    }
    EXPECT(wg_tape_count(tape) == 3 * 2000 && wg_tape_plans(tape) == 1);
    EXPECT_MSG(l.live - before < 1000 * 3 * 300, "%zu bytes for 1000 values", l.live - before);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_record_that_is_cleared_and_made_anew_takes_no_more_memory)
{
    ledger   l;
    wg_tape *tape = tape_with(&l);
    size_t   live[30];
    for (int step = 0; step < 30; step++) {
        wg_tape_clear(tape);
        const network net = network_small(tape, WG_F32, 4);
        EXPECT(network_feed(&net, step) &&
               wg_plan_run(wg_plan_new(net.loss, .updates = net.updates)));
        live[step] = l.live;
    }
    for (int step = 3; step < 30; step++) EXPECT(live[step] == live[2]);
    wg_tape_free(tape);
}
END_TEST

/* ---- long records ---- */

/* What a chain took: bytes, requests for memory, nodes that the derivation visited. */
typedef struct chain {
    int    length;
    ledger l;
    double visits, value, gradient;
    bool   good;
} chain;

/* y = x + x + ... is recorded, derived, planned with its update, run and recorded again. */
static void *run_chain(void *context)
{
    chain   *c = context;
    wg_tape *tape = tape_with(&c->l);
    for (int turn = 0; turn < 2; turn++) {
        wg_tape_clear(tape);
        wg_tensor *x = wg_param(tape, "x", WG_F64, WG_SCALAR), *y = x;
        for (int i = 1; i < c->length; i++) y = wg_add(y, x);
        wg_tensor *dx = wg_derivative(y, x);
        if (turn == 0) wg_write_all(x, 0.5);
        wg_plan *plan = wg_plan_new(y, .outputs = WG_TENSORS(dx),
                                    .updates = WG_TENSORS(wg_assign(x, wg_add(x, dx))));
        c->good = wg_plan_run(plan) && (turn == 0 || c->good);
        if (turn == 0) c->value = wg_item(y), c->gradient = wg_item(dx);
    }
    c->good = c->good && !wg_tape_error(tape) && wg_tape_plans(tape) == 1;
    c->visits = (double)wg_tape_visits(tape);
    wg_tape_free(tape);
    return NULL;
}

/* On a stack of 256 KiB, which recursion over the nodes would overflow. */
static void run_on_small_stack(chain *c)
{
    pthread_attr_t attributes;
    pthread_t      thread;
    EXPECT(pthread_attr_init(&attributes) == 0);
    EXPECT(pthread_attr_setstacksize(&attributes, 256 * 1024) == 0);
    EXPECT(pthread_create(&thread, &attributes, run_chain, c) == 0);
    EXPECT(pthread_join(thread, NULL) == 0);
    pthread_attr_destroy(&attributes);
    EXPECT(c->good && c->l.live == 0);
    EXPECT_CLOSE(c->value, 0.5 * c->length, 0);
    EXPECT_CLOSE(c->gradient, c->length, 0);
}

START_TEST(a_chain_of_a_million_nodes_needs_no_deep_stack_and_linear_work_and_memory)
{
    chain small = {.length = 100000}, large = {.length = 1000000};
    run_on_small_stack(&small);
    run_on_small_stack(&large);
    const double visits = large.visits / small.visits;
    const double bytes = (double)large.l.peak / (double)small.l.peak;
    printf("10 times the nodes: %.3f times the visits, %.2f times the bytes, %ld instead of %ld "
           "requests for memory\n",
           visits, bytes, large.l.requests, small.l.requests);
    EXPECT(visits > 9.9 && visits < 10.1 && bytes < 15);
    EXPECT(large.l.requests <= 11 * small.l.requests);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("records");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 240);
    tcase_add_test(tests, a_tape_that_is_never_cleared_keeps_about_200_bytes_for_each_node);
    tcase_add_test(tests, reading_values_on_a_tape_that_is_never_cleared_keeps_no_plan_for_each);
    tcase_add_test(tests, a_record_that_is_cleared_and_made_anew_takes_no_more_memory);
    tcase_add_test(tests,
                   a_chain_of_a_million_nodes_needs_no_deep_stack_and_linear_work_and_memory);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
