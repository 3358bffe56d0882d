// SPDX-License-Identifier: MIT
/*
 * The same bits for any number of threads: each op whose work is cut, with its gradients, on shapes
 * large enough to be cut and of sizes that no cut divides evenly.
 */
#include "../kernels/lcg.h"
#include "../support/expect.h"

#include <wengert/graph/derive.h>
#include <wengert/graph/plan.h>
#include <wengert/ops/ops.h>

enum { LEAVES = 3, OUTPUTS = 1 + LEAVES };

/* A network of up to three leaves; `record` returns what is differentiated. */
struct work {
    const char *name;
    wg_shape    leaf[LEAVES]; /* unused ones have rank 0 */
    wg_tensor *(*record)(wg_tensor *const *leaf);
};

static wg_tensor *record_matmul(wg_tensor *const *x)
{
    return wg_matmul(x[0], x[1]);
}

static wg_tensor *record_linear(wg_tensor *const *x)
{
    return wg_linear(x[0], x[1], x[2]);
}

static wg_tensor *record_conv2d(wg_tensor *const *x)
{
    return wg_conv2d(x[0], x[1], x[2], .pad = {1, 1});
}

static wg_tensor *record_strides(wg_tensor *const *x)
{
    return wg_conv2d(x[0], x[1], x[2], .stride = {2, 3}, .pad = {2, 1}, .dilation = {1, 2});
}

static wg_tensor *record_groups(wg_tensor *const *x)
{
    return wg_conv2d(x[0], x[1], .groups = 3);
}

static wg_tensor *record_max_pool(wg_tensor *const *x)
{
    return wg_max_pool2d(x[0], .kernel = {2, 2});
}

static wg_tensor *record_overlapping_pools(wg_tensor *const *x)
{
    wg_tensor *largest = wg_max_pool2d(x[0], .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1});
    return wg_add(largest, wg_avg_pool2d(x[0], .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}));
}

static wg_tensor *record_softmax(wg_tensor *const *x)
{
    return wg_softmax(x[0], -1);
}

static wg_tensor *record_log_softmax(wg_tensor *const *x)
{
    return wg_log_softmax(x[0], 0);
}

static wg_tensor *record_logsumexp(wg_tensor *const *x)
{
    return wg_logsumexp(x[0], WG_AXES(1));
}

static wg_tensor *record_layer_norm(wg_tensor *const *x)
{
    return wg_layer_norm(x[0], x[1], x[2]);
}

static wg_tensor *record_batch_norm(wg_tensor *const *x)
{
    return wg_batch_norm(x[0], x[1], x[2]);
}

static wg_tensor *record_sums(wg_tensor *const *x)
{
    wg_tensor *outer = wg_sum(x[0], WG_AXES(0, 2)), *inner = wg_mean(x[0], WG_AXES(1));
    return wg_add(wg_sum(wg_square(outer)), wg_sum(wg_square(inner)));
}

static wg_tensor *record_column_sums(wg_tensor *const *x)
{
    return wg_mean(x[0], WG_AXES(0));
}

static wg_tensor *record_extremes(wg_tensor *const *x)
{
    return wg_sub(wg_amax(x[0], WG_AXES(1)), wg_amin(x[0], WG_AXES(1)));
}

static wg_tensor *record_attention(wg_tensor *const *x)
{
    return wg_attention(x[0], x[1], x[2], .causal = true);
}

static wg_tensor *record_lstm(wg_tensor *const *x)
{
    return wg_lstm(x[0], x[1], x[2], NULL, NULL);
}

/* A constant of so many classes or row numbers below `most`. */
static wg_tensor *indices(wg_tensor *leaf, int64_t count, int64_t most)
{
    int64_t  index[1100];
    uint64_t seed = 8;
    for (int64_t i = 0; i < count; i++) index[i] = lcg_below(&seed, most);
    return wg_constant(wg_tape_of(leaf), WG_I64, WG_SHAPE(count), index, count);
}

static wg_tensor *record_cross_entropy(wg_tensor *const *x)
{
    return wg_cross_entropy(x[0], indices(x[0], 1001, 77), .reduction = WG_NONE);
}

static wg_tensor *record_embedding(wg_tensor *const *x)
{
    return wg_embedding(x[0], indices(x[0], 1001, 53));
}

#define SHAPE(...)                                                                                 \
    {                                                                                              \
        .rank = sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), .dim = { __VA_ARGS__ }         \
    }
static const struct work works[] = {
    {"matmul, tall", {SHAPE(301, 70), SHAPE(70, 90)}, record_matmul},
    {"matmul, wide", {SHAPE(35, 300), SHAPE(300, 333)}, record_matmul},
    {"matmul, a few", {SHAPE(3, 100, 65), SHAPE(3, 65, 99)}, record_matmul},
    {"matmul, many", {SHAPE(37, 30, 41), SHAPE(37, 41, 29)}, record_matmul},
    {"matmul, one for all", {SHAPE(5, 60, 70), SHAPE(1, 70, 90)}, record_matmul},
    {"linear", {SHAPE(129, 300), SHAPE(257, 300), SHAPE(257)}, record_linear},
    {"conv2d", {SHAPE(19, 9, 14, 13), SHAPE(33, 9, 3, 3), SHAPE(33)}, record_conv2d},
    {"conv2d, one image", {SHAPE(1, 35, 14, 15), SHAPE(61, 35, 3, 3), SHAPE(61)}, record_conv2d},
    {"conv2d, one channel", {SHAPE(30, 1, 28, 28), SHAPE(50, 1, 3, 3), SHAPE(50)}, record_conv2d},
    {"conv2d, strides", {SHAPE(5, 8, 31, 33), SHAPE(30, 8, 3, 3), SHAPE(30)}, record_strides},
    {"conv2d, groups", {SHAPE(5, 27, 20, 21), SHAPE(54, 9, 3, 3)}, record_groups},
    {"conv2d, depthwise", {SHAPE(70, 3, 30, 30), SHAPE(3, 1, 3, 3)}, record_groups},
    {"max_pool2d, 2 x 2", {SHAPE(13, 17, 28, 29)}, record_max_pool},
    {"pools that overlap", {SHAPE(13, 17, 27, 28)}, record_overlapping_pools},
    {"softmax", {SHAPE(301, 257)}, record_softmax},
    {"log_softmax", {SHAPE(257, 301)}, record_log_softmax},
    {"logsumexp", {SHAPE(301, 257)}, record_logsumexp},
    {"layer_norm", {SHAPE(13, 50, 257), SHAPE(257), SHAPE(257)}, record_layer_norm},
    {"batch_norm", {SHAPE(13, 23, 17, 19), SHAPE(23), SHAPE(23)}, record_batch_norm},
    {"attention", {SHAPE(3, 7, 65, 24), SHAPE(3, 7, 65, 24), SHAPE(3, 7, 65, 17)}, record_attention},
    {"lstm", {SHAPE(29, 11, 19), SHAPE(148, 19), SHAPE(148, 37)}, record_lstm},
    {"sums", {SHAPE(71, 67, 69)}, record_sums},
    {"column sums", {SHAPE(701, 517)}, record_column_sums},
    {"extremes", {SHAPE(301, 67, 19)}, record_extremes},
    {"cross_entropy", {SHAPE(1001, 77)}, record_cross_entropy},
    {"embedding", {SHAPE(53, 133)}, record_embedding},
};
#undef SHAPE
enum { WORKS = sizeof works / sizeof works[0] };

/* Values and gradients of a work, one behind the other. */
struct results {
    size_t bytes[OUTPUTS];
    void  *values[OUTPUTS];
};

static wg_tensor *make_leaf(wg_tape *tape, const char *name, wg_dtype dtype, wg_shape shape)
{
    wg_tensor    *leaf = wg_param(tape, name, dtype, shape);
    const int64_t count = wg_count_of(leaf);
    const bool    is_f32 = dtype == WG_F32;
    void         *values = exactly(count, sizeof(double));
    uint64_t      seed = (uint64_t)name[0];
    for (int64_t i = 0; i < count; i++)
        if (is_f32)
            ((float *)values)[i] = (float)lcg_real(&seed);
        else
            ((double *)values)[i] = lcg_real(&seed);
    EXPECT(wg_write_values(leaf, dtype, values, count));
    free(values);
    return leaf;
}

static struct results results_with(const struct work *work, wg_dtype dtype, int threads)
{
    static const char *const names[LEAVES] = {"a", "b", "c"};
    const wg_tape_options    options = {.threads = threads};
    wg_tape                 *tape = wg_tape_new_with(&options);
    wg_tensor               *leaf[LEAVES] = {0}, *y[OUTPUTS];
    struct results           results = {0};
    int                      outputs = 1;
    for (int i = 0; i < LEAVES && work->leaf[i].rank > 0; i++, outputs++)
        leaf[i] = make_leaf(tape, names[i], dtype, work->leaf[i]);
    y[0] = work->record(leaf);
    const wg_gradients *gradients = wg_backward(wg_sum(wg_mul(y[0], y[0])));
    for (int i = 1; i < outputs; i++) y[i] = wg_gradient_of(gradients, leaf[i - 1]);
    wg_plan *plan = wg_plan_new(y[0], .outputs = {.count = outputs, .at = y});
    EXPECT_MSG(wg_plan_run(plan), "%s: %s", work->name, wg_tape_error(tape));
    for (int i = 0; i < outputs; i++) {
        const int64_t count = wg_count_of(y[i]);
        results.bytes[i] = (size_t)count * wg_dtype_size(dtype);
        results.values[i] = exactly(count, wg_dtype_size(dtype));
        EXPECT(wg_read_values(y[i], dtype, results.values[i], count));
    }
    EXPECT_MSG(wg_tape_error(tape) == NULL, "%s: %s", work->name, wg_tape_error(tape));
    wg_tape_free(tape);
    return results;
}

static void results_free(struct results *results)
{
    for (int i = 0; i < OUTPUTS; i++) free(results->values[i]);
}

START_TEST(any_number_of_threads_gives_the_same_bits)
{
    static const int      threads[] = {2, 3, 4, 8};
    const struct work    *work = &works[_i];
    static const wg_dtype dtypes[] = {WG_F32, WG_F64};
    for (int d = 0; d < 2; d++) {
        struct results one = results_with(work, dtypes[d], 1);
        for (int t = 0; t < 4; t++) {
            struct results many = results_with(work, dtypes[d], threads[t]);
            for (int i = 0; i < OUTPUTS; i++)
                EXPECT_MSG(one.bytes[i] == many.bytes[i] &&
                               (one.bytes[i] == 0 ||
                                memcmp(one.values[i], many.values[i], one.bytes[i]) == 0),
                           "%s: output %d of %s differs with %d threads", work->name, i,
                           wg_dtype_name(dtypes[d]), threads[t]);
            results_free(&many);
        }
        results_free(&one);
    }
}
END_TEST

/* The error of a part is the error of the whole. */
START_TEST(bad_indices_are_told_by_any_number_of_threads)
{
    static const int threads[] = {1, 2, 8};
    for (int t = 0; t < 3; t++) {
        const wg_tape_options options = {.threads = threads[t]};
        wg_tape              *tape = wg_tape_new_with(&options);
        wg_tensor            *x = make_leaf(tape, "a", WG_F32, WG_SHAPE(1001, 77)), *target;
        int64_t               classes[1001] = {[700] = 77, [900] = -1};
        target = wg_constant(tape, WG_I64, WG_SHAPE(1001), classes, 1001);
        EXPECT(isnan(wg_item(wg_cross_entropy(x, target))));
        EXPECT_MSG(strstr(wg_tape_error(tape), "class 77 is not one of 77"), "%s",
                   wg_tape_error(tape));
        wg_tape_free(tape);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ops: threads");
    TCase *tests = tcase_create("threads");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, any_number_of_threads_gives_the_same_bits, 0, WORKS);
    tcase_add_test(tests, bad_indices_are_told_by_any_number_of_threads);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
