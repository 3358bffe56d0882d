// SPDX-License-Identifier: MIT
/* L-BFGS against PyTorch in float64, call by call; f32; what it refuses, and without memory. */
#include "../formats/scratch.h"
#include "../support/expect.h"
#include "../support/failing.h"

#include <wengert/wengert.h>

#include "../golden/lbfgs.h"

enum { RUNS = sizeof lbfgs_runs / sizeof *lbfgs_runs, CALLS = 4 };

/* A constant whose element k is sin(by k + at). */
static wg_tensor *wave(wg_tape *tape, wg_dtype dtype, wg_shape shape, double by, double at)
{
    double  values[24];
    int64_t count = 1;
    for (int64_t i = 0; i < shape.rank; i++) count *= shape.dim[i];
    for (int64_t k = 0; k < count; k++) values[k] = sin(by * (double)k + at);
    return wg_cast(wg_constant(tape, WG_F64, shape, values, count), dtype);
}

static wg_tensor *param(wg_tape *tape, const char *name, wg_dtype dtype, wg_shape shape,
                        const double *values)
{
    wg_tensor *p = wg_param(tape, name, dtype, shape);
    float      single[8];
    for (int64_t k = 0; k < wg_count_of(p); k++) single[k] = (float)values[k];
    if (dtype == WG_F64)
        wg_write(p, values, wg_count_of(p));
    else
        wg_write(p, single, wg_count_of(p));
    return p;
}

static wg_tensor *rosenbrock(wg_tape *tape, wg_dtype dtype)
{
    wg_tensor *a = param(tape, "a", dtype, WG_SCALAR, (double[]){-1.2});
    wg_tensor *b = param(tape, "b", dtype, WG_SCALAR, (double[]){1});
    wg_tensor *valley = wg_square(wg_sub(b, wg_square(a)));
    return wg_add(wg_square(wg_sub(1, a)), wg_mul(valley, 100));
}

static wg_tensor *least_squares(wg_tape *tape, wg_dtype dtype)
{
    wg_tensor *p = param(tape, "p", dtype, WG_SHAPE(3), (double[]){0.3, -0.4, 0.7});
    wg_tensor *y = wg_matmul(wave(tape, dtype, WG_SHAPE(8, 3), 1.3, 0.2), p);
    return wg_mse_loss(y, wave(tape, dtype, WG_SHAPE(8), 0.7, 0.5));
}

static wg_tensor *network(wg_tape *tape, wg_dtype dtype)
{
    double start[8];
    for (int k = 0; k < 8; k++) start[k] = sin(1.7 * k + 0.4);
    wg_tensor *w = param(tape, "w", dtype, WG_SHAPE(2, 2), start);
    wg_tensor *b = param(tape, "b", dtype, WG_SHAPE(2), start + 4);
    wg_tensor *v = param(tape, "v", dtype, WG_SHAPE(2, 1), start + 6);
    wg_tensor *x = wave(tape, dtype, WG_SHAPE(12, 2), 1.1, 0.3);
    wg_tensor *y = wg_matmul(wg_tanh(wg_add(wg_matmul(x, w), b)), v);
    wg_tensor *squares = wg_sum(wg_square(w));
    squares = wg_add(wg_add(squares, wg_sum(wg_square(b))), wg_sum(wg_square(v)));
    wg_tensor *fit = wg_mse_loss(y, wave(tape, dtype, WG_SHAPE(12, 1), 2.3, 0.1));
    return wg_add(fit, wg_mul(squares, 0.02));
}

static wg_tensor *loss_of(const char *name, wg_tape *tape, wg_dtype dtype)
{
    if (!strcmp(name, "rosenbrock")) return rosenbrock(tape, dtype);
    return strcmp(name, "network") ? least_squares(tape, dtype) : network(tape, dtype);
}

static wg_lbfgs *driver_of(const char *settings, const wg_gradients *g)
{
    if (!strcmp(settings, "searched")) return wg_lbfgs_new(g, .strong_wolfe = true);
    if (!strcmp(settings, "searched, few"))
        return wg_lbfgs_new(g, .strong_wolfe = true, .history = 2, .iterations = 5,
                            .evaluations = 7, .rate = 0.5);
    if (!strcmp(settings, "not searched")) return wg_lbfgs_new(g, .rate = 0.1, .iterations = 6);
    return wg_lbfgs_new(g, .rate = 0.05, .history = 3, .iterations = 8, .evaluations = 5,
                        .tolerance_change = 1e-6);
}

START_TEST(it_goes_where_pytorchs_goes)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *loss = loss_of(lbfgs_runs[_i].loss, tape, WG_F64);
    wg_lbfgs  *lbfgs = driver_of(lbfgs_runs[_i].settings, wg_backward(loss));
    double     before;
    for (int c = 0; c < CALLS; c++) {
        EXPECT(wg_lbfgs_step(lbfgs, &before));
        EXPECT_CLOSE(before, lbfgs_runs[_i].call[c].before, 1e-10);
        EXPECT(wg_lbfgs_iterations(lbfgs) == lbfgs_runs[_i].call[c].iterations);
        EXPECT(wg_lbfgs_evaluations(lbfgs) == lbfgs_runs[_i].call[c].evaluations);
        const double    *wanted = lbfgs_runs[_i].call[c].reached;
        const wg_tensors params = wg_params(tape);
        for (int i = 0; i < params.count; i++)
            for (int64_t k = 0; k < wg_count_of(params.at[i]); k++)
                EXPECT_CLOSE(wg_element(params.at[i], k), *wanted++, 1e-10);
    }
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_lbfgs_free(lbfgs);
    wg_tape_free(tape);
}
END_TEST

START_TEST(params_of_f32_reach_the_minimum_too)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *loss = rosenbrock(tape, WG_F32);
    wg_lbfgs  *lbfgs = wg_lbfgs_new(wg_backward(loss), .strong_wolfe = true);
    EXPECT(wg_lbfgs_step(lbfgs, NULL) && wg_lbfgs_step(lbfgs, NULL));
    for (int i = 0; i < 2; i++) EXPECT_CLOSE(wg_item(wg_params(tape).at[i]), 1, 1e-3);
    wg_lbfgs_free(lbfgs);
    wg_tape_free(tape);
}
END_TEST

/* Another batch between two calls is what the next one minimises. */
START_TEST(inputs_may_change_between_calls)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *p = wg_param(tape, "p", WG_F64, WG_SHAPE(2));
    wg_tensor *x = wg_input(tape, "x", WG_F64, WG_SHAPE(2));
    wg_lbfgs  *lbfgs = wg_lbfgs_new(wg_backward(wg_sum(wg_square(wg_sub(p, x)))));
    for (int i = 1; i < 3; i++) {
        EXPECT(wg_write_all(x, 0.7 * i) && wg_lbfgs_step(lbfgs, NULL));
        EXPECT_CLOSE(wg_element(p, 1), 0.7 * i, 1e-8);
    }
    wg_lbfgs_free(lbfgs);
    wg_tape_free(tape);
}
END_TEST

static void expect_error(wg_tape *tape, const char *text)
{
    const char *error = wg_tape_error(tape);
    EXPECT_MSG(error && strstr(error, "test_lbfgs.c:") && strstr(error, text), "%s",
               error ? error : "no error");
    wg_tape_error_clear(tape);
}

START_TEST(what_makes_no_sense_is_refused)
{
    wg_tape            *tape = wg_tape_new();
    const wg_gradients *g = wg_backward(rosenbrock(tape, WG_F64));
    EXPECT(!wg_lbfgs_new(g, .iterations = -1));
    expect_error(tape, "lbfgs: a setting is negative, or no number");
    EXPECT(!wg_lbfgs_new(g, .rate = NAN));
    expect_error(tape, "lbfgs: a setting");
    EXPECT(!wg_lbfgs_new(g, .tolerance_change = -1));
    expect_error(tape, "lbfgs: a setting");
    EXPECT(!wg_lbfgs_new(g, .history = INT64_MAX / 3));
    expect_error(tape, "leaf \"past\": there is no tensor of f64 (3074457345618258602,2,2)");
    EXPECT(!wg_lbfgs_new(NULL) && !wg_lbfgs_step(NULL, NULL));
    EXPECT(wg_lbfgs_iterations(NULL) == 0 && wg_lbfgs_evaluations(NULL) == 0);
    wg_lbfgs_free(NULL);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

/* The third place is outside the logarithm's range: params stay at the second one. */
START_TEST(params_stay_where_the_last_iteration_was_when_the_loss_is_not_finite)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *p = param(tape, "p", WG_F64, WG_SCALAR, (double[]){3});
    wg_lbfgs  *lbfgs = wg_lbfgs_new(wg_backward(wg_log(p)), .rate = 1.5);
    EXPECT(!wg_lbfgs_step(lbfgs, NULL));
    expect_error(tape, "lbfgs: the loss or its gradient is not finite");
    const double stayed = wg_item(p);
    EXPECT(stayed > 0 && stayed < 3);
    EXPECT(wg_write_all(p, -1) && !wg_lbfgs_step(lbfgs, NULL)); /* not even the first value is */
    EXPECT(wg_item(p) == -1);
    expect_error(tape, "not finite");
    wg_lbfgs_free(lbfgs);
    wg_tape_free(tape);
}
END_TEST

/* A driver at the start of run i, as another process has it. */
typedef struct process {
    wg_tape  *tape;
    wg_lbfgs *lbfgs;
} process;

static process begin(int i, wg_dtype dtype)
{
    process p = {.tape = wg_tape_new()};
    p.lbfgs =
        driver_of(lbfgs_runs[i].settings, wg_backward(loss_of(lbfgs_runs[i].loss, p.tape, dtype)));
    return p;
}

static void end(process p)
{
    EXPECT_TEXT(wg_tape_error(p.tape), NULL);
    wg_lbfgs_free(p.lbfgs);
    wg_tape_free(p.tape);
}

static void expect_same(process a, process b)
{
    const wg_tensors p = wg_leaves(a.tape), q = wg_leaves(b.tape);
    EXPECT(p.count == q.count);
    for (int i = 0; i < p.count; i++)
        EXPECT_MSG(memcmp(wg_values(p.at[i]), wg_values(q.at[i]),
                          wg_dtype_size(wg_dtype_of(p.at[i])) * (size_t)wg_count_of(p.at[i])) == 0,
                   "%s", wg_name_of(p.at[i]));
    EXPECT(wg_lbfgs_iterations(a.lbfgs) == wg_lbfgs_iterations(b.lbfgs));
    EXPECT(wg_lbfgs_evaluations(a.lbfgs) == wg_lbfgs_evaluations(b.lbfgs));
}

START_TEST(wherever_it_is_stopped_it_goes_on_with_the_same_bits)
{
    char        path[SCRATCH_PATH];
    wg_position position = {.step = 1};
    scratch_path("driver.safetensors", path);
    for (int stop = 0; stop <= CALLS; stop++) {
        const wg_dtype dtype = stop % 2 ? WG_F32 : WG_F64;
        process        whole = begin(_i, dtype), first = begin(_i, dtype);
        for (int c = 0; c < stop; c++) EXPECT(wg_lbfgs_step(first.lbfgs, NULL));
        EXPECT(wg_checkpoint_save(first.tape, path, &position));
        end(first);
        process second = begin(_i, dtype);
        EXPECT(wg_checkpoint_load(second.tape, path, &position));
        for (int c = stop; c < CALLS; c++) EXPECT(wg_lbfgs_step(second.lbfgs, NULL));
        for (int c = 0; c < CALLS; c++) EXPECT(wg_lbfgs_step(whole.lbfgs, NULL));
        expect_same(whole, second);
        end(whole);
        end(second);
    }
    remove(path);
}
END_TEST

START_TEST(a_driver_made_anew_goes_on_and_a_second_one_is_refused)
{
    process whole = begin(0, WG_F64), parts = begin(0, WG_F64);
    for (int c = 0; c < CALLS; c++) {
        EXPECT(wg_lbfgs_step(whole.lbfgs, NULL) && wg_lbfgs_step(parts.lbfgs, NULL));
        wg_lbfgs_free(parts.lbfgs);
        double a = wg_item(wg_param_find(parts.tape, "a"));
        double b = wg_item(wg_param_find(parts.tape, "b"));
        wg_tape_clear(parts.tape);
        const wg_gradients *g = wg_backward(rosenbrock(parts.tape, WG_F64));
        EXPECT(wg_write(wg_param_find(parts.tape, "a"), &a, 1));
        EXPECT(wg_write(wg_param_find(parts.tape, "b"), &b, 1));
        parts.lbfgs = driver_of(lbfgs_runs[0].settings, g);
    }
    expect_same(whole, parts);
    EXPECT(!wg_lbfgs_new(wg_backward(wg_square(wg_param_find(parts.tape, "a")))));
    expect_error(parts.tape, "leaf \"lbfgs/past\" is asked for twice in one record");
    end(whole);
    end(parts);
}
END_TEST

START_TEST(groups_have_drivers_of_their_own)
{
    wg_tape            *tape = wg_tape_new();
    const wg_gradients *all = wg_backward(rosenbrock(tape, WG_F64));
    const wg_tensors    a = wg_params_matching(tape, "a");
    wg_lbfgs           *first = wg_lbfgs_new(wg_group(all, a)),
             *second = wg_lbfgs_new(wg_group_others(all, a));
    EXPECT(wg_lbfgs_step(second, NULL) && wg_lbfgs_iterations(second) > 0);
    EXPECT(wg_lbfgs_iterations(first) == 0 && wg_item(wg_param_find(tape, "a")) == -1.2);
    EXPECT_CLOSE(wg_item(wg_param_find(tape, "b")), 1.44, 1e-6);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_lbfgs_free(first);
    wg_lbfgs_free(second);
    wg_tape_free(tape);
}
END_TEST

static wg_tensor *leaf_of(wg_tape *tape, const char *name)
{
    const wg_tensors leaves = wg_leaves(tape);
    for (int i = 0; i < leaves.count; i++)
        if (!strcmp(wg_name_of(leaves.at[i]), name)) return leaves.at[i];
    return NULL;
}

START_TEST(counts_that_no_driver_left_behind_are_refused)
{
    const int64_t bad[][4] = {{-1, 0, 1, 1},        {101, 0, 1, 1},      {1, -1, 1, 1},
                              {1, 100, 1, 1},       {1, 0, -1, 1},       {1, 0, 1, -1},
                              {1, 0, INT64_MAX, 1}, {1, 0, 1, INT64_MAX}};
    process       p = begin(0, WG_F64);
    wg_tensor    *counts = leaf_of(p.tape, "lbfgs/counts");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        EXPECT(wg_write(counts, bad[i], 4) && !wg_lbfgs_step(p.lbfgs, NULL));
        expect_error(p.tape, "lbfgs: the state \"lbfgs/counts\" is none of L-BFGS's");
        EXPECT(wg_item(wg_param_find(p.tape, "a")) == -1.2);
    }
    EXPECT(wg_write(counts, ((int64_t[]){100, 99, 1, 1}), 4)); /* numbers may be any */
    EXPECT(wg_write_all(leaf_of(p.tape, "lbfgs/past"), NAN));
    EXPECT(wg_write_all(leaf_of(p.tape, "lbfgs/lengths"), INFINITY));
    EXPECT(!wg_lbfgs_step(p.lbfgs, NULL) && wg_item(wg_param_find(p.tape, "a")) == -1.2);
    expect_error(p.tape, "lbfgs: the loss or its gradient is not finite");
    end(p);
}
END_TEST

static bool minimise(const wg_allocator *allocator, void *context)
{
    wg_tape *tape = wg_tape_new_with(&(wg_tape_options){.allocator = allocator});
    if (!tape) return false;
    wg_lbfgs   *lbfgs = wg_lbfgs_new(wg_backward(rosenbrock(tape, WG_F32)), .strong_wolfe = true);
    wg_position position = {.step = 1};
    const bool  good = wg_lbfgs_step(lbfgs, NULL) && wg_checkpoint_save(tape, context, &position) &&
                      wg_checkpoint_load(tape, context, &position);
    EXPECT(good == !wg_tape_error(tape));
    wg_lbfgs_free(lbfgs);
    wg_tape_free(tape);
    return good;
}

START_TEST(without_memory_it_fails_and_leaves_nothing_behind)
{
    char path[SCRATCH_PATH];
    EXPECT(failing_sweep(minimise, (void *)(uintptr_t)scratch_path("d.safetensors", path)) > 40);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("train: L-BFGS");
    TCase *tests = tcase_create("L-BFGS");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    tcase_add_loop_test(tests, it_goes_where_pytorchs_goes, 0, RUNS);
    tcase_add_test(tests, params_of_f32_reach_the_minimum_too);
    tcase_add_test(tests, inputs_may_change_between_calls);
    tcase_add_test(tests, what_makes_no_sense_is_refused);
    tcase_add_test(tests, params_stay_where_the_last_iteration_was_when_the_loss_is_not_finite);
    tcase_add_loop_test(tests, wherever_it_is_stopped_it_goes_on_with_the_same_bits, 0, RUNS);
    tcase_add_test(tests, a_driver_made_anew_goes_on_and_a_second_one_is_refused);
    tcase_add_test(tests, groups_have_drivers_of_their_own);
    tcase_add_test(tests, counts_that_no_driver_left_behind_are_refused);
    tcase_add_test(tests, without_memory_it_fails_and_leaves_nothing_behind);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
