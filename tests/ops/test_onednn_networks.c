// SPDX-License-Identifier: MIT
/*
 * Random networks of images by oneDNN, with channels last where the plan wants it, with packed
 * images, and by our kernels: values and gradients agree with those in f64 to some roundings.
 * Skipped where there is no oneDNN.
 */
#include "../kernels/lcg.h"
#include "../support/expect.h"

#include <wengert/graph/basic.h>
#include <wengert/graph/derive.h>
#include <wengert/graph/plan.h>
#include <wengert/ops/ops.h>

#include <stdio.h>

enum { NETWORKS = 200, LAYERS = 8, MOST = 64, CHANNELS = 16 };

/* Params of a network as they are recorded, and its values: y, then a gradient each. */
struct network {
    wg_tape   *tape;
    wg_dtype   dtype;
    uint64_t   seed;
    wg_tensor *param[MOST];
    int        params;
};

struct values {
    double *at[1 + MOST];
    int64_t count[1 + MOST];
    int     tensors;
    int64_t turned;
};

static wg_tensor *param(struct network *n, wg_shape shape, double size)
{
    char name[8];
    snprintf(name, sizeof name, "p%d", n->params);
    wg_tensor    *leaf = wg_param(n->tape, name, n->dtype, shape);
    const int64_t count = wg_count_of(leaf);
    double       *values = exactly(count, sizeof *values);
    float        *rounded = exactly(count, sizeof *rounded);
    for (int64_t i = 0; i < count; i++) {
        rounded[i] = (float)(size * lcg_real(&n->seed));
        values[i] = (double)rounded[i];
    }
    EXPECT(n->dtype == WG_F32 ? wg_write(leaf, rounded, count) : wg_write(leaf, values, count));
    free(values), free(rounded);
    return n->param[n->params++] = leaf;
}

static int64_t size_of(wg_tensor *x, int axis)
{
    return wg_shape_of_tensor(x).dim[axis];
}

static wg_tensor *convolution(struct network *n, wg_tensor *x)
{
    const int64_t kernel = lcg_below(&n->seed, 3) ? 3 : 1, c = size_of(x, 1);
    const int64_t stride = size_of(x, 2) > 6 ? lcg_between(&n->seed, 1, 2) : 1;
    wg_tensor    *w = param(n, WG_SHAPE(CHANNELS, c, kernel, kernel), 1.0 / (double)kernel);
    wg_tensor    *b = lcg_below(&n->seed, 2) ? param(n, WG_SHAPE(CHANNELS), 1) : NULL;
    return wg_conv2d(x, w, b, .stride = {stride, stride}, .pad = {kernel / 2, kernel / 2});
}

/* One layer; all are smooth, so that a rounding changes results by a rounding. */
static wg_tensor *layer(struct network *n, wg_tensor *x, wg_tensor *before)
{
    const int64_t c = size_of(x, 1);
    switch (lcg_below(&n->seed, 9)) {
    case 0:
        return wg_tanh(x);
    case 1:
        return wg_mul(wg_sigmoid(x), x);
    case 2:
        return wg_batch_norm(x, param(n, WG_SHAPE(c), 1), param(n, WG_SHAPE(c), 1));
    case 3:
        return size_of(x, 2) > 6 ? wg_avg_pool2d(x, .kernel = {2, 2}) : wg_softplus(x);
    case 4:
        return wg_shape_equal(wg_shape_of_tensor(x), wg_shape_of_tensor(before))
                   ? wg_add(x, wg_mul(before, 0.5))
                   : wg_sin(x);
    case 5:
        return wg_sub(x, wg_mean(x, WG_AXES(2, 3), .keep = true));
    case 6:
        return wg_mul(x, wg_sum(wg_slice(x, 2, 0, 2), WG_AXES(0, 2, 3), .keep = true));
    default:
        return convolution(n, x);
    }
}

/* The loss of a network: images first, then layers, then products. */
static wg_tensor *record(struct network *n)
{
    const int64_t side = lcg_between(&n->seed, 8, 24), c = lcg_below(&n->seed, 2) ? CHANNELS : 3;
    wg_tensor    *x = param(n, WG_SHAPE(8, c, side, side), 1), *before = x;
    if (lcg_below(&n->seed, 2)) x = wg_max_pool2d(x, .kernel = {2, 2}); /* of equal values in all */
    const int64_t layers = lcg_between(&n->seed, 2, LAYERS);
    for (int64_t i = 0; i < layers; i++) {
        wg_tensor *next = wg_tanh(layer(n, x, before));
        before = x, x = next;
    }
    x = wg_flatten(x, 1);
    return wg_mean(wg_square(wg_linear(x, param(n, WG_SHAPE(5, size_of(x, 1)), 0.2), NULL)));
}

static struct values compute(uint64_t seed, wg_dtype dtype, wg_tape_options options)
{
    struct values       v = {.tensors = 0};
    struct network      n = {.tape = wg_tape_new_with(&options), .dtype = dtype, .seed = seed};
    wg_tensor          *loss = record(&n), *result[1 + MOST] = {loss};
    const wg_gradients *g = wg_backward(loss);
    EXPECT_TEXT(wg_tape_error(n.tape), NULL);
    for (int i = 0; i < n.params; i++) result[1 + i] = g->values.at[i];
    v.tensors = 1 + n.params;
    wg_plan *plan = wg_plan_new(NULL, .outputs = {.count = v.tensors, .at = result});
    EXPECT_MSG(wg_plan_run(plan), "network %d: %s", (int)seed, wg_tape_error(n.tape));
    EXPECT_MSG(options.apart || wg_plan_verify(plan), "%s", wg_tape_error(n.tape));
    v.turned = wg_plan_measure(plan).turned;
    for (int t = 0; t < v.tensors; t++) {
        v.count[t] = wg_count_of(result[t]);
        v.at[t] = exactly(v.count[t], sizeof(double));
        for (int64_t i = 0; i < v.count[t]; i++) v.at[t][i] = wg_element(result[t], i);
    }
    wg_tape_free(n.tape);
    return v;
}

static void values_free(struct values *v)
{
    for (int t = 0; t < v->tensors; t++) free(v->at[t]);
}

static double largest(const struct values *v, int t)
{
    double size = 0;
    for (int64_t i = 0; i < v->count[t]; i++) size = fmax(size, fabs(v->at[t][i]));
    return size;
}

/*
 * The largest difference of each tensor, as a share of its largest element; the worst of all. A
 * gradient that is zero but for roundings (of a bias before batch norm) is measured by the others.
 */
static double difference(const struct values *a, const struct values *wanted)
{
    double worst = 0, all = 0;
    for (int t = 0; t < wanted->tensors; t++) all = fmax(all, largest(wanted, t));
    for (int t = 0; t < wanted->tensors; t++) {
        const double size = fmax(largest(wanted, t), 0.01 * all);
        for (int64_t i = 0; i < wanted->count[t]; i++)
            worst = fmax(worst, fabs(a->at[t][i] - wanted->at[t][i]) / size);
    }
    return worst;
}

START_TEST(random_networks_agree_in_every_layout)
{
    int64_t turned = 0;
    double  most = 0;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        const wg_tape_options last = {.onednn = WG_ONEDNN_DIRECT},
                              packed = {.onednn = WG_ONEDNN_DIRECT, .without = WG_PASS_LAYOUT};
        struct values wanted = compute(seed, WG_F64, (wg_tape_options){0});
        struct values tried[] = {compute(seed, WG_F32, (wg_tape_options){0}),
                                 compute(seed, WG_F32, packed), compute(seed, WG_F32, last)};
        turned += tried[2].turned;
        EXPECT(tried[0].turned == 0 && tried[1].turned == 0);
        const double ours = difference(&tried[0], &wanted); /* some networks magnify roundings */
        for (int i = 1; i < 3; i++) {
            const double apart = difference(&tried[i], &wanted);
            most = fmax(most, apart);
            EXPECT_MSG(apart < 20 * ours + 1e-4, "network %d, way %d: %g, ours %g", (int)seed, i,
                       apart, ours);
        }
        for (int i = 0; i < 3; i++) values_free(&tried[i]);
        values_free(&wanted);
    }
    printf("%d networks, %lld images turned, at most %.1e from f64\n", NETWORKS, (long long)turned,
           most);
    EXPECT(turned > NETWORKS);
}
END_TEST

int main(void)
{
    enum { SKIPPED = 77 }; /* as Meson knows it */
    if (!wg_onednn_version()) return SKIPPED;
    Suite *suite = suite_create("ops: onednn networks");
    TCase *tests = tcase_create("networks");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, random_networks_agree_in_every_layout);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
