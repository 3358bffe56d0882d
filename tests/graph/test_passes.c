// SPDX-License-Identifier: MIT
/* What each pass of a plan does, on toy ops: with it, without it, and the same values both ways. */
#include "../support/expect.h"
#include "toy.h"

#include <stdio.h>
#include <string.h>
#include <wengert/graph/derive.h>
#include <wengert/graph/report.h>

enum { MANY = 10000 };

static wg_tape *tape_without(unsigned passes)
{
    return wg_tape_new_with(&(wg_tape_options){.without = passes, .threads = 1});
}

static wg_tensor *param(wg_tape *tape, const char *name, int64_t count)
{
    wg_tensor *w = wg_param(tape, name, WG_F64, WG_SHAPE(count));
    wg_write_all(w, 0.75);
    return w;
}

/* w^(2 + muls), muls + 1 nodes. */
static wg_tensor *chain(wg_tensor *w, int muls)
{
    wg_tensor *y = toy_mul(w, w);
    for (int i = 0; i < muls; i++) y = toy_mul(y, w);
    return y;
}

/* The facts of a plan for this tensor, which must run and have this first element. */
static wg_plan_facts facts_of(wg_tensor *y, double wanted)
{
    wg_plan *plan = wg_plan_new(y);
    EXPECT(wg_plan_run(plan) && wg_plan_verify(plan));
    EXPECT_CLOSE(wg_element(y, 0), wanted, 1e-15);
    return wg_plan_measure(plan);
}

START_TEST(equal_nodes_are_computed_once)
{
    for (int without = 0; without < 2; without++) {
        wg_tape      *tape = tape_without(without ? WG_PASS_EQUAL : 0);
        wg_tensor    *w = param(tape, "w", 3);
        wg_plan_facts facts = facts_of(toy_mul(toy_mul(w, w), toy_mul(w, w)), pow(0.75, 4));
        EXPECT(facts.merged == (without ? 0 : 1) && facts.steps == (without ? 3 : 2));
        wg_tape_free(tape);
    }
}
END_TEST

START_TEST(elementwise_steps_over_the_same_elements_are_fused)
{
    for (int without = 0; without < 2; without++) {
        wg_tape      *tape = tape_without(without ? WG_PASS_FUSE : 0);
        wg_plan_facts facts = facts_of(chain(param(tape, "w", MANY), 4), pow(0.75, 6));
        EXPECT(facts.fused == (without ? 0 : 5) && facts.steps == (without ? 5 : 1));
        EXPECT(without || facts.arena_bytes < MANY * 8); /* a register, no tensor */
        wg_tape_free(tape);
    }
}
END_TEST

START_TEST(steps_are_not_joined_past_more_than_the_caches_hold)
{
    for (int far = 0; far < 2; far++) {
        const size_t large = far ? MANY * 8 : MANY * 8 + 1;
        wg_tape     *tape = wg_tape_new_with(&(wg_tape_options){.threads = 1, .large = large});
        wg_tensor   *w = param(tape, "w", MANY), *v = param(tape, "v", MANY);
        wg_tensor   *between = toy_check(toy_mul(w, w)), *y = toy_mul(w, v);
        wg_plan     *plan = wg_plan_new(y, .outputs = WG_TENSORS(between));
        EXPECT(wg_plan_run(plan) && wg_plan_verify(plan));
        EXPECT_CLOSE(wg_element(y, MANY - 1), pow(0.75, 2), 1e-15);
        EXPECT(wg_plan_measure(plan).steps == (far ? 3 : 2));
        wg_tape_free(tape);
    }
}
END_TEST

/* Totals of w^2 along rows; gives what the plan was like. */
static wg_plan_facts totals(unsigned without, wg_shape shape, double *to)
{
    static double values[MANY];
    for (int i = 0; i < MANY; i++) values[i] = 1.0 / (i + 3);
    wg_tape   *tape = tape_without(without);
    wg_tensor *w = wg_param(tape, "w", WG_F64, shape), *y = toy_total(toy_mul(w, w));
    wg_write(w, values, MANY);
    wg_plan *plan = wg_plan_new(y);
    EXPECT(wg_plan_run(plan) && wg_plan_verify(plan));
    for (int64_t i = 0; i < wg_count_of(y); i++) to[i] = wg_element(y, i);
    const wg_plan_facts facts = wg_plan_measure(plan);
    wg_tape_free(tape);
    return facts;
}

START_TEST(a_reduction_takes_elements_as_they_are_made)
{
    static const struct {
        wg_shape shape;
        int64_t  steps; /* one, and one for the numbers of rows that are longer than a stretch */
    } cases[] = {{{1, {MANY}}, 2}, {{2, {4, 2500}}, 2}, {{2, {10, 1000}}, 1}, {{2, {2000, 5}}, 1}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        double              plain[2000] = {0}, other[2000] = {0};
        const wg_plan_facts without = totals(WG_PASS_REDUCE, cases[c].shape, plain),
                            with = totals(0, cases[c].shape, other);
        EXPECT(without.steps == 2 && without.arena_bytes >= MANY * 8);
        EXPECT(with.steps == cases[c].steps && with.arena_bytes < MANY * 8);
        EXPECT(memcmp(plain, other, sizeof plain) == 0);
    }
}
END_TEST

START_TEST(what_is_cheap_and_large_is_computed_again_where_it_is_read)
{
    double value[2];
    for (int without = 0; without < 2; without++) {
        wg_tape   *tape = wg_tape_new_with(&(wg_tape_options){
              .without = without ? WG_PASS_RECOMPUTE : 0, .threads = 1, .large = MANY * 8});
        wg_tensor *w = param(tape, "w", MANY), *y = toy_mul(w, w);
        wg_tensor *z = toy_mul(y, toy_spread(toy_total(y), WG_SHAPE(MANY)));
        wg_plan   *plan = wg_plan_new(z);
        EXPECT(wg_plan_run(plan) && wg_plan_verify(plan));
        value[without] = wg_element(z, MANY - 1);
        EXPECT_CLOSE(value[without], MANY * pow(0.75, 4), 1e-12);
        const wg_plan_facts facts = wg_plan_measure(plan);
        EXPECT(facts.again == !without && facts.steps == 3);
        EXPECT(without ? facts.arena_bytes >= MANY * 8 : facts.arena_bytes < MANY * 8);
        wg_tape_free(tape);
    }
    EXPECT(memcmp(&value[0], &value[1], sizeof value[0]) == 0);
}
END_TEST

START_TEST(what_is_kept_anyway_is_not_computed_again)
{
    wg_tape   *tape = wg_tape_new_with(&(wg_tape_options){.threads = 1, .large = MANY * 8});
    wg_tensor *w = param(tape, "w", MANY), *y = toy_mul(w, w);
    wg_tensor *z = toy_mul(y, toy_spread(toy_total(y), WG_SHAPE(MANY)));
    EXPECT(wg_plan_measure(wg_plan_new(z, .outputs = WG_TENSORS(y))).again == 0);
    EXPECT(wg_plan_measure(wg_plan_new(z, .outputs = WG_TENSORS(toy_sum(y)))).again == 0);
    wg_tape_free(tape);
}
END_TEST

/* Elements that products added, in y = w w + w v; `more` is asked for besides. */
static int64_t products_added(unsigned without, bool more, double *y0)
{
    wg_tape   *tape = tape_without(without);
    wg_tensor *w = param(tape, "w", MANY), *v = param(tape, "v", MANY);
    wg_write_all(v, 1.0 / 3);
    wg_tensor *a = toy_mul(w, w), *b = toy_mul(w, v);
    wg_tensor *y = wg_apply(&wg_op_add, NULL, WG_NO_DTYPE, (wg_tensor *[]){a, b}, 2);
    wg_plan   *plan = wg_plan_new(y, .outputs = more ? WG_TENSORS(a, b) : WG_TENSORS(y));
    toy_products_added = 0;
    EXPECT(wg_plan_run(plan) && wg_plan_verify(plan));
    *y0 = wg_element(y, MANY - 1);
    wg_tape_free(tape);
    return toy_products_added;
}

START_TEST(a_product_adds_the_other_term_of_a_sum)
{
    double plain, other;
    EXPECT(products_added(WG_PASS_FUSE, false, &plain) == 0);
    EXPECT(products_added(0, false, &other) == MANY);
    EXPECT(memcmp(&plain, &other, sizeof plain) == 0);
    EXPECT(products_added(0, true, &other) == 0); /* both are to be there */
    EXPECT(memcmp(&plain, &other, sizeof plain) == 0);
}
END_TEST

START_TEST(a_value_that_a_fused_step_passes_on_and_others_read_is_kept)
{
    wg_tape   *tape = tape_without(0);
    wg_tensor *w = param(tape, "w", MANY), *middle = chain(w, 1), *y = chain(middle, 2);
    wg_tensor *sum = toy_sum(middle);
    wg_plan   *plan = wg_plan_new(y, .outputs = WG_TENSORS(sum, middle));
    EXPECT(wg_plan_run(plan) && wg_plan_verify(plan));
    EXPECT(wg_plan_measure(plan).steps == 2); /* the fused one and the sum */
    EXPECT_CLOSE(wg_item(sum), MANY * pow(0.75, 3), 1e-11);
    EXPECT_CLOSE(wg_element(middle, MANY - 1), pow(0.75, 3), 1e-15);
    EXPECT_CLOSE(wg_element(y, MANY - 1), pow(0.75, 12), 1e-15);
    wg_tape_free(tape);
}
END_TEST

START_TEST(steps_of_one_element_become_a_list)
{
    for (int without = 0; without < 2; without++) {
        wg_tape      *tape = tape_without(without ? WG_PASS_SCALARS : 0);
        wg_plan_facts facts = facts_of(chain(param(tape, "w", 1), 9), pow(0.75, 11));
        EXPECT(facts.steps == (without ? 10 : 1));
        wg_tape_free(tape);
    }
}
END_TEST

START_TEST(what_depends_on_constants_alone_is_computed_with_the_plan)
{
    for (int without = 0; without < 2; without++) {
        wg_tape      *tape = tape_without(without ? WG_PASS_FOLD : 0);
        wg_tensor    *c = wg_full(tape, WG_F64, WG_SHAPE(2), 3), *w = param(tape, "w", 2);
        wg_plan_facts facts = facts_of(toy_mul(toy_mul(c, c), w), 9 * 0.75);
        EXPECT(facts.steps == (without ? 2 : 1));
        wg_tape_free(tape);
    }
}
END_TEST

START_TEST(a_product_with_one_is_its_other_factor)
{
    for (int without = 0; without < 2; without++) {
        wg_tape      *tape = tape_without(without ? WG_PASS_FOLD : 0);
        wg_tensor    *w = param(tape, "w", 2), *one = wg_full_like(w, 1);
        wg_plan_facts facts = facts_of(toy_mul(toy_mul(one, toy_mul(w, w)), one), pow(0.75, 2));
        EXPECT(facts.folded == (without ? 0 : 2) && facts.steps == (without ? 3 : 1));
        wg_tape_free(tape);
    }
}
END_TEST

START_TEST(new_params_are_written_where_the_old_ones_lie)
{
    for (int without = 0; without < 2; without++) {
        wg_tape   *tape = tape_without(without ? WG_PASS_UPDATE : 0);
        wg_tensor *w = param(tape, "w", MANY), *next = wg_assign(w, chain(w, 0));
        wg_plan   *plan = wg_plan_new(NULL, .updates = WG_TENSORS(next));
        EXPECT(wg_plan_run(plan) && wg_plan_run(plan) && wg_plan_verify(plan));
        EXPECT_CLOSE(wg_element(w, 7), pow(0.75, 4), 1e-15);
        EXPECT(wg_plan_measure(plan).arena_bytes >= (without ? MANY * 8 : 0));
        EXPECT(without || wg_plan_measure(plan).arena_bytes == 0);
        wg_tape_free(tape);
    }
}
END_TEST

enum { PARAMS = 4 };

/* Updates w' = w g of PARAMS params, g the sums of another param's rows: all g, then all updates. */
static wg_tensors updates_of(wg_tape *tape, wg_tensor *w[PARAMS], wg_tensor *updates[PARAMS])
{
    static const char *const names[][2] = {{"w0", "v0"}, {"w1", "v1"}, {"w2", "v2"}, {"w3", "v3"}};
    wg_tensor               *g[PARAMS];
    for (int i = 0; i < PARAMS; i++) {
        wg_tensor *v = wg_param(tape, names[i][1], WG_F64, WG_SHAPE(MANY, 2));
        wg_write_all(v, i + 1);
        w[i] = param(tape, names[i][0], MANY);
        g[i] = toy_total(v);
    }
    for (int i = 0; i < PARAMS; i++) updates[i] = wg_assign(w[i], toy_mul(w[i], g[i]));
    return (wg_tensors){PARAMS, updates};
}

START_TEST(new_params_are_computed_as_soon_as_their_gradients_are_there)
{
    for (int without = 0; without < 2; without++) {
        wg_tape   *tape = tape_without(without ? WG_PASS_EARLY : 0);
        wg_tensor *w[PARAMS], *updates[PARAMS];
        wg_plan   *plan = wg_plan_new(NULL, .updates = updates_of(tape, w, updates));
        EXPECT(wg_plan_run(plan) && wg_plan_verify(plan));
        for (int i = 0; i < PARAMS; i++)
            EXPECT_CLOSE(wg_element(w[i], MANY - 1), 0.75 * 2 * (i + 1), 1e-15);
        const int64_t bytes = wg_plan_measure(plan).arena_bytes; /* of all gradients, or of one */
        EXPECT(without ? bytes >= PARAMS * MANY * 8 : bytes < 2 * MANY * 8);
        wg_tape_free(tape);
    }
}
END_TEST

START_TEST(a_new_param_does_not_overtake_who_reads_the_old_one)
{
    wg_tape   *tape = tape_without(0);
    wg_tensor *w[PARAMS], *updates[PARAMS];
    wg_tensors all = updates_of(tape, w, updates);
    wg_tensor *sum = toy_sum(w[1]);
    wg_plan   *plan = wg_plan_new(sum, .updates = all);
    EXPECT(wg_plan_run(plan) && wg_plan_run(plan) && wg_plan_verify(plan));
    EXPECT_CLOSE(wg_item(sum), MANY * 0.75 * 4, 1e-11);
    EXPECT_CLOSE(wg_element(w[1], 0), 0.75 * 16, 1e-15);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_run_that_ends_with_an_error_has_changed_no_param)
{
    wg_tape   *tape = tape_without(0);
    wg_tensor *w[PARAMS], *updates[PARAMS];
    wg_tensors all = updates_of(tape, w, updates);
    wg_tensor *seen = param(tape, "seen", 3);
    wg_plan   *plan = wg_plan_new(toy_check(seen), .updates = all);
    wg_write_all(seen, -1);
    EXPECT(!wg_plan_run(plan));
    wg_tape_error_clear(tape);
    for (int i = 0; i < PARAMS; i++) EXPECT(wg_element(w[i], 0) == 0.75);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_step_writes_over_what_nobody_needs_afterwards)
{
    int64_t arena[2];
    for (int without = 0; without < 2; without++) {
        wg_tape *tape = tape_without(WG_PASS_FUSE | (without ? WG_PASS_INHERIT : 0));
        arena[without] = facts_of(chain(param(tape, "w", MANY), 4), pow(0.75, 6)).arena_bytes;
        wg_tape_free(tape);
    }
    EXPECT(arena[0] >= MANY * 8 && arena[0] < 2 * MANY * 8); /* one tensor */
    EXPECT(arena[1] >= 2 * MANY * 8 && arena[1] < 3 * MANY * 8);
}
END_TEST

START_TEST(what_is_not_needed_at_the_same_time_shares_memory)
{
    int64_t arena[2];
    for (int without = 0; without < 2; without++) {
        wg_tape *tape =
            tape_without(WG_PASS_FUSE | WG_PASS_INHERIT | (without ? WG_PASS_SHARE : 0));
        arena[without] = facts_of(chain(param(tape, "w", MANY), 8), pow(0.75, 10)).arena_bytes;
        wg_tape_free(tape);
    }
    EXPECT(arena[0] < 3 * MANY * 8 && arena[1] >= 8 * MANY * 8);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("passes");
    TCase *passes = tcase_create("passes");
    tcase_add_test(passes, equal_nodes_are_computed_once);
    tcase_add_test(passes, elementwise_steps_over_the_same_elements_are_fused);
    tcase_add_test(passes, steps_are_not_joined_past_more_than_the_caches_hold);
    tcase_add_test(passes, a_reduction_takes_elements_as_they_are_made);
    tcase_add_test(passes, what_is_cheap_and_large_is_computed_again_where_it_is_read);
    tcase_add_test(passes, what_is_kept_anyway_is_not_computed_again);
    tcase_add_test(passes, a_product_adds_the_other_term_of_a_sum);
    tcase_add_test(passes, a_value_that_a_fused_step_passes_on_and_others_read_is_kept);
    tcase_add_test(passes, steps_of_one_element_become_a_list);
    tcase_add_test(passes, what_depends_on_constants_alone_is_computed_with_the_plan);
    tcase_add_test(passes, a_product_with_one_is_its_other_factor);
    tcase_add_test(passes, new_params_are_written_where_the_old_ones_lie);
    tcase_add_test(passes, new_params_are_computed_as_soon_as_their_gradients_are_there);
    tcase_add_test(passes, a_new_param_does_not_overtake_who_reads_the_old_one);
    tcase_add_test(passes, a_run_that_ends_with_an_error_has_changed_no_param);
    tcase_add_test(passes, a_step_writes_over_what_nobody_needs_afterwards);
    tcase_add_test(passes, what_is_not_needed_at_the_same_time_shares_memory);
    suite_add_tcase(suite, passes);
    return expect_run(suite);
}
