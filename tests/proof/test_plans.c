// SPDX-License-Identifier: MIT
/*
 * What plans and handles promise beyond one run: what they are after wg_tape_clear, that live
 * tensors never share memory, and that a plan computes what op after op would have.
 */
#include "../support/expect.h"
#include "../support/failing.h"
#include "families.h"
#include "network.h"

#include <wengert/graph/plan_internal.h>

#include <stdio.h>

/* ---- after wg_tape_clear ---- */

/* loss = sum(w^2), and w becomes w + 1. */
static wg_plan *counting_up(wg_tape *tape, wg_tensor **w, wg_tensor **loss)
{
    *w = wg_param(tape, "w", WG_F64, WG_SHAPE(3));
    *loss = wg_sum(wg_square(*w));
    return wg_plan_new(*loss, .updates = WG_TENSORS(wg_assign(*w, wg_add(*w, 1))));
}

static void expect_outdated(wg_tape *tape)
{
    const char *error = wg_tape_error(tape);
    EXPECT_MSG(error && strstr(error, "from before wg_tape_clear and was not recorded again") &&
                   strstr(error, "test_plans.c:"),
               "%s", error ? error : "no error");
    wg_tape_error_clear(tape);
}

START_TEST(a_plan_from_before_a_clear_still_runs_and_its_tensors_wait_to_be_recorded_again)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w, *loss, *again;
    wg_plan   *plan = counting_up(tape, &w, &loss);
    EXPECT(wg_plan_run(plan));
    wg_tape_clear(tape);
    EXPECT(wg_tape_count(tape) == 0 && wg_plan_run(plan));
    EXPECT_CLOSE(wg_element(w, 2), 2, 0); /* a leaf has its value all the time */
    EXPECT(isnan(wg_item(loss)));
    expect_outdated(tape);
    EXPECT(!wg_plan_new(loss));
    expect_outdated(tape);
    EXPECT(!wg_derivative(loss, w));
    expect_outdated(tape);
    EXPECT(!wg_exp(loss));
    expect_outdated(tape);
    EXPECT(counting_up(tape, &w, &again) == plan && again == loss && wg_tape_plans(tape) == 1);
    EXPECT_CLOSE(wg_item(loss), 3, 0); /* of the last run, before its update */
    EXPECT(wg_plan_run(plan));
    EXPECT_CLOSE(wg_item(loss), 12, 0);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_plan_whose_record_was_replaced_still_runs_and_is_found_by_the_next_equal_record)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w, *loss;
    wg_plan   *plan = counting_up(tape, &w, &loss);
    wg_tape_clear(tape);
    wg_tensor *other = wg_exp(wg_param(tape, "w", WG_F64, WG_SHAPE(3)));
    EXPECT(wg_plan_run(plan) && wg_plan_run(plan));
    EXPECT_CLOSE(wg_element(w, 0), 2, 0);
    EXPECT_CLOSE(wg_element(other, 0), exp(2), 1e-15);
    EXPECT(isnan(wg_item(loss))); /* the second tensor: nothing stands in its place */
    wg_tape_error_clear(tape);
    wg_tape_clear(tape);
    EXPECT(counting_up(tape, &w, &loss) == plan && wg_plan_run(plan));
    EXPECT_CLOSE(wg_item(loss), 12, 0);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_handle_from_before_a_clear_gives_the_tensor_that_stands_in_its_place)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SHAPE(3)), *y = wg_exp(w);
    wg_tape_clear(tape);
    w = wg_param(tape, "w", WG_F64, WG_SHAPE(3));
    wg_tensor *z = wg_sum(wg_add(w, w));
    EXPECT(wg_op_of(y) != &wg_op_exp);
    EXPECT(wg_tape_at(tape, 0) == y);
    EXPECT_CLOSE(wg_element(y, 0) + wg_item(z), 0, 0);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_freed_plan_leaves_its_tensors_usable_after_a_clear_too)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *w, *loss;
    wg_plan   *plan = counting_up(tape, &w, &loss);
    EXPECT(wg_plan_run(plan));
    wg_plan_free(plan);
    EXPECT_CLOSE(wg_item(loss), 3, 0);
    wg_tape_clear(tape);
    plan = counting_up(tape, &w, &loss);
    wg_tape_clear(tape);
    wg_plan_free(plan);
    EXPECT(wg_plan_run(counting_up(tape, &w, &loss)));
    EXPECT_CLOSE(wg_element(w, 0), 2, 0);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_network_recorded_anew_for_each_batch_is_planned_once_for_each_size)
{
    static const int64_t batch[] = {4, 4, 3, 4, 3, 3, 4};
    wg_tape             *tape = wg_tape_new();
    wg_plan             *plan_of[5] = {0};
    for (int step = 0; step < 7; step++) {
        wg_tape_clear(tape);
        const network net = network_small(tape, WG_F32, batch[step]);
        wg_plan      *plan = wg_plan_new(net.loss, .updates = net.updates);
        wg_plan     **known = &plan_of[batch[step]];
        EXPECT(plan && (!*known || plan == *known));
        *known = plan;
        EXPECT(network_feed(&net, step) && wg_plan_run(plan) && isfinite(wg_item(net.loss)));
    }
    EXPECT(wg_tape_plans(tape) == 2);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

/* ---- memory shared by lifetimes ---- */

/* The family's loss with all gradients. */
static wg_plan *plan_of_family(wg_tape *tape, const family *f, wg_tensor **loss,
                               const wg_gradients **gradients)
{
    *loss = f->record(tape, WG_F64);
    *gradients = wg_backward(*loss);
    EXPECT_MSG(*gradients, "%s: %s", f->name, wg_tape_error(tape));
    return wg_plan_new(*loss, .outputs = (*gradients)->values, .updates = wg_assigns(tape));
}

START_TEST(no_two_live_tensors_share_memory)
{
    for (int i = 0; family_at(i); i++) {
        wg_tape            *tape = wg_tape_new();
        wg_tensor          *loss;
        const wg_gradients *gradients;
        wg_plan            *plan = plan_of_family(tape, family_at(i), &loss, &gradients);
        EXPECT_MSG(wg_plan_verify(plan), "%s: %s", family_at(i)->name, wg_tape_error(tape));
        EXPECT(wg_plan_measure(plan).arena_bytes > 0);
        wg_tape_free(tape);
    }
    wg_tape      *tape = wg_tape_new();
    const network net = network_deep(tape, 8);
    EXPECT(wg_plan_verify(wg_plan_new(net.loss, .updates = net.updates)));
    wg_tape_free(tape);
}
END_TEST

/* Each storage is moved in turn onto the end of one that is live with it. */
START_TEST(tensors_put_on_the_same_memory_are_found)
{
    wg_tape      *tape = wg_tape_new();
    const network net = network_small(tape, WG_F64, 2);
    wg_plan      *plan = wg_plan_new(net.loss, .updates = net.updates);
    int           moved = 0;
    for (int i = 0; i < plan->storages; i++)
        for (int j = 0; j < plan->storages; j++) {
            wg__storage       *a = &plan->storage[i];
            const wg__storage *b = &plan->storage[j];
            const bool both = a->kind == WG__IN_ARENA && b->kind == WG__IN_ARENA && a->bytes &&
                              b->bytes && i != j && a->heir != j && b->heir != i;
            if (!both || a->first > b->last || b->first > a->last) continue;
            const size_t offset = a->offset;
            a->offset = b->offset + b->bytes - 1;
            EXPECT(!wg_plan_verify(plan) && strstr(wg_tape_error(tape), "share memory"));
            wg_tape_error_clear(tape);
            a->offset = offset;
            moved++;
        }
    EXPECT(moved > 20 && wg_plan_verify(plan));
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_training_step_of_a_deep_network_is_planned_in_half_the_sum_of_its_tensors)
{
    for (int64_t batch = 8; batch <= 32; batch *= 4) {
        wg_tape            *tape = wg_tape_new();
        const network       net = network_deep(tape, batch);
        const wg_plan_facts f = wg_plan_measure(wg_plan_new(net.loss, .updates = net.updates));
        const int64_t       planned = f.arena_bytes + f.kept_bytes;
        printf("deep network, batch %d: %lld bytes planned for tensors of %lld in sum, %.0f %%\n",
               (int)batch, (long long)planned, (long long)f.sum_bytes,
               100.0 * (double)planned / (double)f.sum_bytes);
        EXPECT(f.sum_bytes > 0 && planned > 0 && 2 * planned <= f.sum_bytes);
        wg_tape_free(tape);
    }
}
END_TEST

START_TEST(only_what_is_asked_for_is_computed_and_equal_nodes_once)
{
    wg_tape      *tape = wg_tape_new();
    wg_tensor    *x = wg_param(tape, "x", WG_F64, WG_SHAPE(2, 3));
    wg_tensor    *a = wg_exp(wg_transpose(x)), *b = wg_exp(wg_transpose(x)), *idle = wg_sin(a);
    wg_tensor    *u = wg_uniform(tape, WG_F64, WG_SCALAR, 0, 1);
    wg_tensor    *v = wg_uniform(tape, WG_F64, WG_SCALAR, 0, 1), *y = wg_mul(a, b);
    wg_plan_facts f = wg_plan_measure(wg_plan_new(y));
    EXPECT(idle && f.nodes == 5 && f.merged == 2 && f.views == 1 && f.steps == 2);
    EXPECT(wg_eval(WG_TENSORS(u, v)) && wg_item(u) != wg_item(v)); /* draws are never equal */
    wg_tape_free(tape);
}
END_TEST

/* ---- updates ---- */

START_TEST(updates_that_read_each_others_leaves_all_see_the_values_before_the_run)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *a = wg_param(tape, "a", WG_F64, WG_SHAPE(2, 2));
    wg_tensor *b = wg_param(tape, "b", WG_F64, WG_SHAPE(2, 2));
    wg_tensor *c = wg_state(tape, "c", WG_F64, WG_SHAPE(2, 2), 0.25);
    wg_plan   *plan = wg_plan_new(wg_sum(wg_mul(a, b)),
                                  .updates = WG_TENSORS(wg_assign(a, wg_sub(a, wg_transpose(b))),
                                                        wg_assign(b, wg_sub(b, a)),
                                                        wg_assign(c, wg_transpose(a))));
    double     p[4] = {1.5, 2.25, -3, 4.5}, q[4] = {0.5, -1, 2, 8}, r[4];
    EXPECT(wg_write(a, p, 4) && wg_write(b, q, 4));
    for (int run = 0; run < 3; run++) {
        EXPECT(wg_plan_run(plan));
        const double new_p[4] = {p[0] - q[0], p[1] - q[2], p[2] - q[1], p[3] - q[3]};
        const double transposed[4] = {p[0], p[2], p[1], p[3]};
        for (int i = 0; i < 4; i++) r[i] = transposed[i], q[i] -= p[i], p[i] = new_p[i];
        for (int i = 0; i < 4; i++) {
            EXPECT_CLOSE(wg_element(a, i), p[i], 0);
            EXPECT_CLOSE(wg_element(b, i), q[i], 0);
            EXPECT_CLOSE(wg_element(c, i), r[i], 0);
        }
    }
    wg_tape_free(tape);
}
END_TEST

/* ---- the same bits ---- */

enum { RESULTS = 4000 };

typedef struct results {
    int    count;
    double at[RESULTS];
} results;

static void keep(results *r, wg_tensor *tensor)
{
    for (int64_t i = 0; i < wg_count_of(tensor) && r->count < RESULTS; i++)
        r->at[r->count++] = wg_element(tensor, i);
}

/* Trains for three steps, then every family with its gradients, twice. */
static void compute_all(const wg_tape_options *options, results *r)
{
    wg_tape      *tape = wg_tape_new_with(options);
    const network net = network_small(tape, WG_F32, 3);
    wg_plan      *plan = wg_plan_new(net.loss, .updates = net.updates);
    EXPECT(wg_init_uniform(tape, 5));
    for (int step = 0; step < 3; step++) {
        EXPECT(network_feed(&net, step) && wg_plan_run(plan));
        keep(r, net.loss);
    }
    for (int i = 0; i < wg_params(tape).count; i++) keep(r, wg_params(tape).at[i]);
    wg_tape_free(tape);
    for (int i = 0; family_at(i); i++) {
        tape = wg_tape_new_with(options);
        wg_tensor          *loss;
        const wg_gradients *gradients;
        plan = plan_of_family(tape, family_at(i), &loss, &gradients);
        for (int run = 0; run < 2; run++) {
            EXPECT_MSG(wg_plan_run(plan), "%s: %s", family_at(i)->name, wg_tape_error(tape));
            keep(r, loss);
            for (int k = 0; k < gradients->values.count; k++) keep(r, gradients->values.at[k]);
        }
        for (int k = 0; k < wg_leaves(tape).count; k++) keep(r, wg_leaves(tape).at[k]);
        wg_tape_free(tape);
    }
}

START_TEST(on_an_eager_tape_a_value_may_come_from_a_plan_or_be_read_in_any_order)
{
    failing f; /* refuses nothing, but counts */
    failing_init(&f, 0, false);
    wg_tape *tape = wg_tape_new_with(&(wg_tape_options){.eager = true, .allocator = &f.allocator});
    wg_tensor *x = wg_param(tape, "x", WG_F64, WG_SHAPE(3)), *y = wg_exp(x), *z = wg_sum(y);
    wg_plan   *plan = wg_plan_new(y);
    for (int i = 0; i < 4; i++) {
        EXPECT(wg_write_all(x, i) && wg_plan_run(plan));
        EXPECT_CLOSE(wg_element(y, 2), exp(i), 1e-15);
        EXPECT_CLOSE(wg_item(z), 3 * exp(i), 1e-15);
        EXPECT(wg_write_all(x, -i));
        EXPECT_CLOSE(wg_element(y, 1), exp(-i), 1e-15);
        EXPECT_CLOSE(wg_item(z), 3 * exp(-i), 1e-15);
    }
    wg_plan_free(plan);
    EXPECT_CLOSE(wg_element(y, 0), exp(-3), 1e-15);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
    EXPECT(f.live == 0);
}
END_TEST

START_TEST(planned_eager_and_apart_tapes_compute_the_same_bits)
{
    static results planned, eager, apart;
    compute_all(NULL, &planned);
    compute_all(&(wg_tape_options){.eager = true}, &eager);
    compute_all(&(wg_tape_options){.apart = true}, &apart);
    EXPECT(planned.count > 500 && planned.count < RESULTS);
    EXPECT(eager.count == planned.count && apart.count == planned.count);
    for (int i = 0; i < planned.count; i++) {
        EXPECT_MSG(memcmp(&planned.at[i], &eager.at[i], sizeof(double)) == 0,
                   "%d: %.17g, eager %.17g", i, planned.at[i], eager.at[i]);
        EXPECT_MSG(memcmp(&planned.at[i], &apart.at[i], sizeof(double)) == 0,
                   "%d: %.17g, apart %.17g", i, planned.at[i], apart.at[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plans");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 240);
    tcase_add_test(tests,
                   a_plan_from_before_a_clear_still_runs_and_its_tensors_wait_to_be_recorded_again);
    tcase_add_test(
        tests, a_plan_whose_record_was_replaced_still_runs_and_is_found_by_the_next_equal_record);
    tcase_add_test(tests, a_handle_from_before_a_clear_gives_the_tensor_that_stands_in_its_place);
    tcase_add_test(tests, a_freed_plan_leaves_its_tensors_usable_after_a_clear_too);
    tcase_add_test(tests, a_network_recorded_anew_for_each_batch_is_planned_once_for_each_size);
    tcase_add_test(tests, no_two_live_tensors_share_memory);
    tcase_add_test(tests, tensors_put_on_the_same_memory_are_found);
    tcase_add_test(tests,
                   a_training_step_of_a_deep_network_is_planned_in_half_the_sum_of_its_tensors);
    tcase_add_test(tests, only_what_is_asked_for_is_computed_and_equal_nodes_once);
    tcase_add_test(tests, updates_that_read_each_others_leaves_all_see_the_values_before_the_run);
    tcase_add_test(tests, on_an_eager_tape_a_value_may_come_from_a_plan_or_be_read_in_any_order);
    tcase_add_test(tests, planned_eager_and_apart_tapes_compute_the_same_bits);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
