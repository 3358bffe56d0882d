// SPDX-License-Identifier: MIT
/*
 * Products and convolutions by oneDNN against ours: random shapes and settings, forward and
 * backward, and a network that learns the same both ways. Skipped where the library is without it.
 */
#include "../kernels/lcg.h"
#include "../support/expect.h"
#include "../support/failing.h"

#include <wengert/graph/basic.h>
#include <wengert/graph/derive.h>
#include <wengert/graph/plan.h>
#include <wengert/graph/report.h>
#include <wengert/ops/ops.h>

#include <stdio.h>

enum { LEAVES = 3, OUTPUTS = 1 + LEAVES, TRIALS = 40 };

/* What is tried: a product of rank 2 or 3, a linear, or a convolution. */
struct trial {
    enum { MATMUL, LINEAR, CONV2D } what;
    wg_shape leaf[LEAVES]; /* a bias that is not there has rank 0 */
    bool     turned[2];    /* the matrices are read by columns */
    int64_t  stride[2], pad[2], dilation[2], groups;
};

/* A shape read by columns lies in the leaf as one by rows. */
static wg_shape matrices(bool turned, int64_t batch, int64_t rows, int64_t columns)
{
    const int64_t height = turned ? columns : rows, width = turned ? rows : columns;
    return batch ? WG_SHAPE(batch, height, width) : WG_SHAPE(height, width);
}

static struct trial any_matmul(uint64_t *seed)
{
    const int64_t m = lcg_between(seed, 60, 200), n = lcg_between(seed, 60, 200);
    const int64_t k = lcg_between(seed, 150, 300), batch = lcg_below(seed, 4);
    struct trial  trial = {.what = MATMUL, .turned = {lcg_below(seed, 2), lcg_below(seed, 2)}};
    trial.leaf[0] = matrices(trial.turned[0], batch, m, k);
    trial.leaf[1] = matrices(trial.turned[1], batch && lcg_below(seed, 2) ? 1 : batch, k, n);
    return trial;
}

static struct trial any_linear(uint64_t *seed)
{
    const int64_t rows = lcg_between(seed, 3, 90), in = lcg_between(seed, 200, 400);
    const int64_t out = lcg_between(seed, 900, 1200);
    struct trial  trial = {.what = LINEAR,
                           .leaf = {WG_SHAPE(2, rows, in), WG_SHAPE(out, in), WG_SHAPE(out)}};
    if (lcg_below(seed, 2)) trial.leaf[2] = WG_SCALAR;
    return trial;
}

static struct trial any_conv2d(uint64_t *seed)
{
    const int64_t groups = lcg_below(seed, 2) ? 1 : lcg_between(seed, 2, 4);
    const int64_t channels = lcg_between(seed, 1, 20), filters = groups * lcg_between(seed, 8, 20);
    struct trial  trial = {.what = CONV2D, .groups = groups};
    for (int i = 0; i < 2; i++) {
        trial.stride[i] = lcg_between(seed, 1, 3);
        trial.pad[i] = lcg_between(seed, 0, 2);
        trial.dilation[i] = lcg_between(seed, 1, 2);
    }
    trial.leaf[0] = WG_SHAPE(lcg_between(seed, 4, 7), groups * channels, lcg_between(seed, 20, 35),
                             lcg_between(seed, 20, 35));
    trial.leaf[1] = WG_SHAPE(filters, channels, lcg_between(seed, 1, 4), lcg_between(seed, 1, 4));
    if (lcg_below(seed, 2)) trial.leaf[2] = WG_SHAPE(filters);
    return trial;
}

static wg_tensor *turn(wg_tensor *x, bool turned)
{
    return turned ? wg_transpose(x) : x;
}

static wg_tensor *record(const struct trial *t, wg_tensor *const *leaf)
{
    if (t->what == MATMUL)
        return wg_matmul(turn(leaf[0], t->turned[0]), turn(leaf[1], t->turned[1]));
    if (t->what == LINEAR) return wg_linear(leaf[0], leaf[1], leaf[2]);
    return wg_conv2d(leaf[0], leaf[1], leaf[2], .stride = {t->stride[0], t->stride[1]},
                     .pad = {t->pad[0], t->pad[1]}, .dilation = {t->dilation[0], t->dilation[1]},
                     .groups = t->groups);
}

/* A leaf of numbers between -1 and 1, or of their sizes. */
static wg_tensor *make_leaf(wg_tape *tape, const char *name, wg_shape shape, bool sizes)
{
    wg_tensor    *leaf = wg_param(tape, name, WG_F32, shape);
    const int64_t count = wg_count_of(leaf);
    float        *values = exactly(count, sizeof *values);
    uint64_t      seed = (uint64_t)name[0];
    for (int64_t i = 0; i < count; i++) {
        const float value = (float)lcg_real(&seed);
        values[i] = sizes ? fabsf(value) : value;
    }
    EXPECT(wg_write(leaf, values, count));
    free(values);
    return leaf;
}

/* Values and gradients of a trial; `steps`: how many steps of it were by oneDNN. */
struct results {
    int64_t count[OUTPUTS];
    float  *values[OUTPUTS];
    int     steps;
};

static int steps_by_onednn(const wg_plan *plan)
{
    char  line[400];
    int   steps = 0;
    FILE *file = tmpfile();
    EXPECT(file && wg_plan_print(plan, file));
    rewind(file);
    while (fgets(line, sizeof line, file)) steps += strstr(line, " onednn ") != NULL;
    fclose(file);
    return steps;
}

static struct results results_of(const struct trial *trial, wg_tape_options options, bool sizes)
{
    static const char *const names[LEAVES] = {"a", "b", "c"};
    wg_tape                 *tape = wg_tape_new_with(&options);
    wg_tensor               *leaf[LEAVES] = {0}, *y[OUTPUTS];
    struct results           results = {0};
    int                      leaves = 0;
    for (; leaves < LEAVES && trial->leaf[leaves].rank > 0; leaves++)
        leaf[leaves] = make_leaf(tape, names[leaves], trial->leaf[leaves], sizes);
    y[0] = record(trial, leaf);
    EXPECT_MSG(y[0] != NULL, "%s", wg_tape_error(tape));
    wg_tensor       *dy = make_leaf(tape, "dy", wg_shape_of_tensor(y[0]), sizes);
    const wg_tensors dx =
        wg_grad(WG_TENSORS(y[0]), WG_TENSORS(dy), ((wg_tensors){.count = leaves, .at = leaf}));
    for (int i = 0; i < leaves; i++) y[1 + i] = dx.at[i];
    wg_plan *plan = wg_plan_new(NULL, .outputs = {.count = 1 + leaves, .at = y});
    for (int run = 0; run < 2; run++) EXPECT_MSG(wg_plan_run(plan), "%s", wg_tape_error(tape));
    for (int i = 0; i <= leaves; i++) {
        results.count[i] = wg_count_of(y[i]);
        results.values[i] = exactly(results.count[i], sizeof(float));
        EXPECT(wg_read(y[i], results.values[i], results.count[i]));
    }
    results.steps = steps_by_onednn(plan);
    wg_tape_free(tape);
    return results;
}

static void results_free(struct results *results)
{
    for (int i = 0; i < OUTPUTS; i++) free(results->values[i]);
}

/*
 * Sums in another order differ by some roundings of the sum of the absolute products; with fewer
 * digits than f32 has, or by Winograd's algorithm, by more.
 */
static bool is_close(const struct results *ours, const struct results *theirs,
                     const struct results *sizes, int output, int64_t i)
{
    return fabs((double)ours->values[output][i] - (double)theirs->values[output][i]) <=
           1e-5 * (double)sizes->values[output][i];
}

static void expect_close_results(const struct results *ours, const struct results *theirs,
                                 const struct results *sizes, const char *name, int trial)
{
    for (int k = 0; k < OUTPUTS; k++) {
        int64_t i = 0;
        while (i < ours->count[k] && is_close(ours, theirs, sizes, k, i)) i++;
        EXPECT_MSG(i == ours->count[k], "%s %d: element %lld of output %d is %.9g, by oneDNN %.9g",
                   name, trial, (long long)i, k, (double)ours->values[k][i],
                   (double)theirs->values[k][i]);
    }
}

/* Every other trial is with memory apart, where what is not written is NaN. */
static int try_all(const char *name, struct trial (*any)(uint64_t *seed))
{
    int steps = 0;
    for (int i = 0; i < TRIALS; i++) {
        uint64_t           seed = (uint64_t)i;
        const struct trial trial = any(&seed);
        struct results     ours = results_of(&trial, (wg_tape_options){0}, false);
        struct results     sizes = results_of(&trial, (wg_tape_options){0}, true);
        struct results     theirs = results_of(
                &trial, (wg_tape_options){.onednn = WG_ONEDNN_DIRECT, .apart = i % 2}, false);
        expect_close_results(&ours, &theirs, &sizes, name, i);
        EXPECT(ours.steps == 0);
        steps += theirs.steps;
        results_free(&ours), results_free(&theirs), results_free(&sizes);
    }
    return steps;
}

START_TEST(products_of_matrices_are_close_to_ours)
{
    EXPECT(try_all("matmul", any_matmul) > 2 * TRIALS);
}
END_TEST

START_TEST(linear_and_its_gradients_are_close_to_ours)
{
    EXPECT(try_all("linear", any_linear) > 2 * TRIALS);
}
END_TEST

START_TEST(convolutions_and_their_adjoints_are_close_to_ours)
{
    EXPECT(try_all("conv2d", any_conv2d) > TRIALS);
}
END_TEST

/* ---- a network ---- */

enum { BATCH = 16, SIDE = 20, CLASSES = 4, STEPS = 12 };

/* A convolutional network that learns by plain descent. Returns its loss. */
static wg_tensor *record_network(wg_tape *tape)
{
    int64_t    target[BATCH];
    wg_tensor *x = make_leaf(tape, "x", WG_SHAPE(BATCH, 1, SIDE, SIDE), false);
    wg_tensor *w1 = make_leaf(tape, "f", WG_SHAPE(16, 1, 3, 3), false);
    wg_tensor *w2 = make_leaf(tape, "g", WG_SHAPE(16, 16, 3, 3), false);
    wg_tensor *w3 = make_leaf(tape, "h", WG_SHAPE(320, 16 * 10 * 10), false);
    wg_tensor *w4 = make_leaf(tape, "i", WG_SHAPE(CLASSES, 320), false);
    for (int i = 0; i < BATCH; i++) target[i] = i % CLASSES;
    wg_param_freeze(x, true);
    x = wg_relu(wg_conv2d(x, wg_mul(w1, 0.5), .pad = {1, 1}));
    x = wg_relu(wg_conv2d(x, wg_mul(w2, 0.2), .pad = {1, 1}));
    x = wg_flatten(wg_max_pool2d(x, .kernel = {2, 2}), 1);
    x = wg_linear(wg_relu(wg_linear(x, wg_mul(w3, 0.05), NULL)), wg_mul(w4, 0.3), NULL);
    wg_tensor *loss =
        wg_cross_entropy(x, wg_constant(tape, WG_I64, WG_SHAPE(BATCH), target, BATCH));
    const wg_gradients *gradients = wg_backward(loss);
    for (int i = 0; gradients && i < gradients->params.count; i++) {
        wg_tensor *w = gradients->params.at[i];
        wg_assign(w, wg_sub(w, wg_mul(gradients->values.at[i], 1)));
    }
    return loss;
}

static int train(bool onednn, double loss[STEPS])
{
    const wg_tape_options options = {.onednn = onednn ? WG_ONEDNN_DIRECT : WG_ONEDNN_NONE};
    wg_tape              *tape = wg_tape_new_with(&options);
    wg_tensor            *value = record_network(tape);
    wg_plan              *step = wg_plan_new(value, .updates = wg_assigns(tape));
    EXPECT_MSG(step != NULL, "%s", wg_tape_error(tape));
    const int steps = steps_by_onednn(step);
    for (int i = 0; i < STEPS; i++) {
        EXPECT_MSG(wg_plan_run(step), "%s", wg_tape_error(tape));
        loss[i] = wg_item(value);
    }
    wg_tape_free(tape);
    return steps;
}

START_TEST(a_network_learns_the_same_both_ways)
{
    double ours[STEPS], theirs[STEPS];
    EXPECT(train(false, ours) == 0);
    EXPECT(train(true, theirs) >= 3);
    EXPECT(ours[STEPS - 1] < 0.9 * ours[0]);
    for (int i = 0; i < STEPS; i++) EXPECT_CLOSE(theirs[i], ours[i], 1e-4);
}
END_TEST

/* ---- what is asked ---- */

START_TEST(small_work_and_doubles_stay_with_us)
{
    wg_tape   *tape = wg_tape_new_with(&(wg_tape_options){.onednn = WG_ONEDNN_DIRECT});
    wg_tensor *small = wg_param(tape, "small", WG_F32, WG_SHAPE(16, 16));
    wg_tensor *large = wg_param(tape, "large", WG_F64, WG_SHAPE(200, 200));
    EXPECT(steps_by_onednn(wg_plan_new(wg_matmul(small, small))) == 0);
    EXPECT(steps_by_onednn(wg_plan_new(wg_matmul(large, large))) == 0);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

/* An expanded row is read as many equal ones. */
START_TEST(matrices_of_one_row_repeated_stay_with_us)
{
    wg_tape   *tape = wg_tape_new_with(&(wg_tape_options){.onednn = WG_ONEDNN_DIRECT});
    wg_tensor *row = make_leaf(tape, "r", WG_SHAPE(1, 300), false);
    wg_tensor *w = make_leaf(tape, "w", WG_SHAPE(300, 100), false);
    wg_tensor *y = wg_matmul(wg_expand(row, WG_SHAPE(90, 300)), w), *one = wg_matmul(row, w);
    EXPECT(steps_by_onednn(wg_plan_new(y)) == 0);
    EXPECT(wg_item(wg_amax(wg_abs(wg_sub(y, one)), WG_AXES(0, 1))) < 1e-4);
    wg_tape_free(tape);
}
END_TEST

static bool plan_with(const wg_allocator *allocator, void *context)
{
    (void)context;
    const wg_tape_options options = {.allocator = allocator, .onednn = WG_ONEDNN_DIRECT};
    wg_tape              *tape = wg_tape_new_with(&options);
    if (!tape) return false;
    wg_tensor *x = wg_param(tape, "x", WG_F32, WG_SHAPE(4, 8, 20, 20));
    wg_tensor *w = wg_param(tape, "w", WG_F32, WG_SHAPE(16, 8, 3, 3));
    wg_tensor *u = wg_param(tape, "u", WG_F32, WG_SHAPE(30, 16 * 18 * 18));
    const bool good = wg_plan_run(wg_plan_new(wg_linear(wg_flatten(wg_conv2d(x, w), 1), u, NULL)));
    wg_tape_free(tape);
    return good;
}

START_TEST(memory_that_runs_out_is_an_error)
{
    EXPECT(failing_sweep(plan_with, NULL) > 0);
}
END_TEST

int main(void)
{
    enum { SKIPPED = 77 }; /* as Meson knows it */
    if (!wg_onednn_version()) return SKIPPED;
    Suite *suite = suite_create("ops: onednn");
    TCase *tests = tcase_create("onednn");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, products_of_matrices_are_close_to_ours);
    tcase_add_test(tests, linear_and_its_gradients_are_close_to_ours);
    tcase_add_test(tests, convolutions_and_their_adjoints_are_close_to_ours);
    tcase_add_test(tests, a_network_learns_the_same_both_ways);
    tcase_add_test(tests, small_work_and_doubles_stay_with_us);
    tcase_add_test(tests, matrices_of_one_row_repeated_stay_with_us);
    tcase_add_test(tests, memory_that_runs_out_is_an_error);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
