// SPDX-License-Identifier: MIT
/*
 * Random graphs, planned with all passes, with none, with one left out, eagerly and with several
 * threads: the same bits each time, in values and gradients.
 */
#include "../support/expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <wengert/wengert.h>

enum { MOST = 60, PARAMS = 4, OUTPUTS = 4, GRAPHS = 500 };

/* Every eighth graph is large enough for threads. */
static int64_t rows = 24, columns = 30;
enum { LARGEST = 96 * 120 };

/* A generator of its own, so that a graph is its seed's on every machine. */
static unsigned next(unsigned *state, unsigned below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

static wg_tensor *unary(wg_tensor *x, unsigned which)
{
    switch (which % 12) {
    case 0:
        return wg_sin(x);
    case 1:
        return wg_tanh(x);
    case 2:
        return wg_sigmoid(x);
    case 3:
        return wg_relu(x);
    case 4:
        return wg_exp(wg_neg(wg_square(x)));
    case 5:
        return wg_softplus(x);
    case 6:
        return wg_abs(x);
    case 7:
        return wg_mul(x, 0.75);
    case 8:
        return wg_add(1.5, x);
    case 9:
        return wg_gelu(x);
    case 10:
        return wg_log1p(wg_square(x));
    default:
        return wg_clamp(x, -1, 0.5);
    }
}

static wg_tensor *binary(wg_tensor *x, wg_tensor *y, unsigned which)
{
    switch (which % 6) {
    case 0:
        return wg_add(x, y);
    case 1:
        return wg_sub(x, y);
    case 2:
        return wg_mul(x, y);
    case 3:
        return wg_maximum(x, y);
    case 4:
        return wg_where(wg_gt(x, y), x, wg_mul(y, 0.5));
    default:
        return wg_div(x, wg_add(wg_square(y), 1));
    }
}

/* Ops that see x otherwise than element by element, with the shape that they are given. */
static wg_tensor *reshaping(wg_tensor *x, wg_tensor *y, unsigned which)
{
    wg_tensor *half = wg_slice(x, 0, 0, WG_TO_END, .step = 2);
    switch (which % 9) {
    case 0:
        return wg_cat(WG_TENSORS(half, half), 0);
    case 1:
        return wg_slice(x, 1, -1, WG_TO_END, .step = -1);
    case 2:
        return wg_transpose(wg_reshape(x, WG_SHAPE(columns, rows)));
    case 3:
        return wg_sub(x, wg_mean(x, WG_AXES(1), .keep = true));
    case 4:
        return wg_mul(x, wg_sum(y, WG_AXES(0), .keep = true));
    case 5:
        return wg_softmax(x, 1);
    case 6:
        return wg_mul(wg_matmul(wg_matmul(x, wg_transpose(y)), y), 0.001);
    case 7:
        x = wg_relu(wg_reshape(x, WG_SHAPE(1, 1, rows, columns)));
        x = wg_max_pool2d(x, .kernel = {3, 3}, .stride = {1, 1}, .pad = {1, 1});
        return wg_reshape(x, WG_SHAPE(rows, columns));
    default:
        return wg_sub(x, wg_amax(y, WG_AXES(0, 1)));
    }
}

struct results {
    double        loss, value[OUTPUTS][LARGEST], gradient[PARAMS][LARGEST];
    wg_plan_facts facts;
};

/* The graph of a seed: params, then ops on what is there already, then a loss. */
static wg_tensor *graph(wg_tape *tape, unsigned seed, wg_dtype dtype, wg_tensor **outputs)
{
    const wg_shape shapes[PARAMS] = {WG_SHAPE(rows, columns), WG_SHAPE(rows, columns),
                                     WG_SHAPE(1, columns), WG_SHAPE(rows, 1)};
    wg_tensor     *t[MOST + PARAMS], *loss = NULL;
    unsigned       state = seed, count = 0;
    for (; count < PARAMS; count++) {
        char name[8];
        snprintf(name, sizeof name, "w%u", count);
        t[count] = wg_param(tape, name, dtype, shapes[count]);
        wg_init_param_uniform(t[count], -1, 1, seed + count);
    }
    const unsigned last = PARAMS + 5 + next(&state, MOST - 5);
    for (; count < last; count++) {
        const unsigned kind = next(&state, 10), which = next(&state, 1000);
        /* Later tensors are likelier, so that chains grow. */
        const unsigned a =
            next(&state, 3) ? count - 1 - next(&state, count < 6 ? count : 6) : next(&state, count);
        wg_tensor *x = t[a], *y = t[next(&state, count)];
        if (wg_count_of(x) != rows * columns) x = wg_add(x, t[next(&state, 2)]);
        t[count] = kind < 4 ? unary(x, which) : kind < 8 ? binary(x, y, which) : NULL;
        if (kind == 8 && wg_count_of(y) != rows * columns) y = t[0];
        if (kind >= 8) t[count] = reshaping(x, wg_count_of(y) == rows * columns ? y : t[1], which);
    }
    for (int i = 0; i < OUTPUTS; i++) {
        outputs[i] = t[i == 0 ? count - 1 : PARAMS + next(&state, count - PARAMS)];
        wg_tensor *part = wg_mean(wg_square(outputs[i]));
        loss = loss ? wg_add(loss, part) : part;
    }
    return loss;
}

static void read(wg_tensor *tensor, double *to)
{
    for (int64_t i = 0; i < wg_count_of(tensor); i++) to[i] = wg_element(tensor, i);
}

static void compute(unsigned seed, wg_dtype dtype, const wg_tape_options *options,
                    struct results *results)
{
    memset(results, 0, sizeof *results);
    wg_tape            *tape = wg_tape_new_with(options);
    wg_tensor          *outputs[OUTPUTS], *loss = graph(tape, seed, dtype, outputs);
    const wg_gradients *g = wg_backward(loss);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    const wg_tensors asked = wg_join(tape, g->values, (wg_tensors){OUTPUTS, outputs});
    wg_plan         *plan = wg_plan_new(loss, .outputs = asked);
    if (!options->eager) {
        EXPECT(wg_plan_run(plan));
        EXPECT_MSG(options->apart || wg_plan_verify(plan), "graph %u: %s", seed,
                   wg_tape_error(tape));
    }
    results->facts = wg_plan_measure(plan);
    results->loss = wg_item(loss);
    for (int i = 0; i < OUTPUTS; i++) read(outputs[i], results->value[i]);
    for (int i = 0; i < PARAMS; i++) read(g->values.at[i], results->gradient[i]);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}

static void expect_same(unsigned seed, const char *what, const struct results *a,
                        const struct results *b)
{
    EXPECT_MSG(isfinite(a->loss), "graph %u: loss %g", seed, a->loss);
    EXPECT_MSG(memcmp(&a->loss, &b->loss, sizeof a->loss) == 0,
               "graph %u, %s: loss %.17g and %.17g", seed, what, a->loss, b->loss);
    for (int i = 0; i < OUTPUTS; i++)
        EXPECT_MSG(memcmp(a->value[i], b->value[i], sizeof a->value[i]) == 0,
                   "graph %u, %s: output %d differs", seed, what, i);
    for (int i = 0; i < PARAMS; i++)
        EXPECT_MSG(memcmp(a->gradient[i], b->gradient[i], sizeof a->gradient[i]) == 0,
                   "graph %u, %s: gradient %d differs", seed, what, i);
}

static void compare(wg_dtype dtype, unsigned first)
{
    static struct results plain, other;
    int64_t               nodes = 0, steps = 0, again = 0, masks = 0;
    for (unsigned seed = first; seed < first + GRAPHS; seed++) {
        rows = seed % 8 ? 24 : 96;
        columns = seed % 8 ? 30 : 120;
        compute(seed, dtype, &(wg_tape_options){.without = WG_PASS_ALL, .threads = 1}, &plain);
        nodes += plain.facts.nodes;
        const size_t large = seed % 2 ? 2048 : 0;
        compute(seed, dtype, &(wg_tape_options){.threads = 1, .large = large}, &other);
        steps += other.facts.steps;
        again += other.facts.again;
        expect_same(seed, "all passes", &plain, &other);
        masks += other.facts.masks;
        const unsigned one = 1u << seed / 2 % 16, some = seed * 0x9e3779b1u >> 11;
        const unsigned without = WG_PASS_ALL & (seed % 2 ? one : some);
        compute(seed, dtype, &(wg_tape_options){.without = without, .threads = 3, .large = large},
                &other);
        expect_same(seed, "one pass or some left out, three threads", &plain, &other);
        if (seed % 10) continue;
        compute(seed, dtype, &(wg_tape_options){.eager = true}, &other);
        expect_same(seed, "eager", &plain, &other);
        compute(seed, dtype, &(wg_tape_options){.apart = true}, &other);
        expect_same(seed, "apart", &plain, &other);
    }
    printf("%d graphs of %s: %lld nodes, %lld steps, %lld of them again, %lld masks moved\n",
           GRAPHS, wg_dtype_name(dtype), (long long)nodes, (long long)steps, (long long)again,
           (long long)masks);
    EXPECT(again > 0 && masks > 0);
}

START_TEST(passes_keep_the_bits_of_f32_graphs)
{
    compare(WG_F32, (unsigned)_i * GRAPHS);
}
END_TEST

START_TEST(passes_keep_the_bits_of_f64_graphs)
{
    compare(WG_F64, 10000 + (unsigned)_i * GRAPHS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("passes");
    TCase *passes = tcase_create("random graphs");
    tcase_set_timeout(passes, 280);
    tcase_add_loop_test(passes, passes_keep_the_bits_of_f32_graphs, 0, 2);
    tcase_add_loop_test(passes, passes_keep_the_bits_of_f64_graphs, 0, 2);
    suite_add_tcase(suite, passes);
    return expect_run(suite);
}
