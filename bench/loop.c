// SPDX-License-Identifier: MIT
/*
 * What the loop adds to a training step: the plan run again on one batch, a loop by hand over a
 * loader, and wg_train, with batches made by a thread or in turn. In turns, on one thread.
 */
#include "measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <wengert/wengert.h>

enum { WAYS = 5, TURNS = 7 };
static const char *const ways[WAYS] = {"plan alone", "by hand", "by hand, in turn", "wg_train",
                                       "wg_train, in turn"};

struct subject {
    const char *name;
    wg_network *network;
    int64_t     batch, steps, size;
    wg_dtype    labels;
};

static wg_model lecture(wg_tape *tape, int64_t batch, bool training, void *context)
{
    (void)training, (void)context;
    wg_model   m = {.x = wg_input(tape, "X", WG_F32, WG_SHAPE(batch, 1, 6, 6)),
                    .y = wg_input(tape, "Y", WG_F32, WG_SHAPE(batch, 1))};
    wg_tensor *h = wg_relu(wg_nn_conv2d(m.x, "conv", .filters = 1, .kernel = {3, 3}));
    h = wg_flatten(wg_max_pool2d(h, .kernel = {2, 2}), 1);
    m.output = wg_sigmoid(wg_nn_linear(h, "dense", .outputs = 1));
    m.loss = wg_binary_cross_entropy(m.output, m.y);
    return m;
}

static wg_model fashion(wg_tape *tape, int64_t batch, bool training, void *context)
{
    (void)training, (void)context;
    wg_model   m = {.x = wg_input(tape, "X", WG_F32, WG_SHAPE(batch, 1, 28, 28)),
                    .y = wg_input(tape, "Y", WG_I64, WG_SHAPE(batch))};
    wg_tensor *h =
        wg_relu(wg_nn_conv2d(m.x, "conv1", .filters = 32, .kernel = {3, 3}, .padding = {1, 1}));
    h = wg_max_pool2d(h, .kernel = {2, 2});
    h = wg_relu(wg_nn_conv2d(h, "conv2", .filters = 64, .kernel = {3, 3}, .padding = {1, 1}));
    h = wg_flatten(wg_max_pool2d(h, .kernel = {2, 2}), 1);
    h = wg_relu(wg_nn_linear(h, "fc1", .outputs = 128));
    m.output = wg_nn_linear(h, "fc2", .outputs = 10);
    m.loss = wg_cross_entropy(m.output, m.y);
    return m;
}

static const struct subject subjects[] = {
    {"W1 lecture", lecture, 1, 20000, 6, WG_F32},
    {"W3 fashion-cnn", fashion, 64, 40, 28, WG_I64},
};

/* An epoch by hand: microseconds a step. */
static double by_hand(const struct subject *s, wg_tape *tape, wg_loader *loader)
{
    const wg_model m = s->network(tape, s->batch, true, NULL);
    wg_tensor     *rate = wg_scalar(tape, "rate", 0.01);
    wg_plan       *step = wg_plan_new(m.loss, .updates = wg_sgd(wg_backward(m.loss), .rate = rate));
    double         sum = 0, start = seconds();
    for (const wg_batch *batch; (batch = wg_loader_next(loader));) {
        if (wg_batch_write(batch, m.x, m.y)) wg_plan_run(step);
        sum += wg_item(m.loss);
    }
    if (!isfinite(sum)) printf("the loss is not finite\n");
    return 1e6 * (seconds() - start) / (double)s->steps;
}

/* The plan alone, on the batch that is there. */
static double alone(const struct subject *s, wg_tape *tape)
{
    const wg_model m = s->network(tape, s->batch, true, NULL);
    wg_tensor     *rate = wg_scalar(tape, "rate", 0.01);
    wg_plan       *step = wg_plan_new(m.loss, .updates = wg_sgd(wg_backward(m.loss), .rate = rate));
    const double   start = seconds();
    for (int64_t i = 0; i < s->steps; i++) wg_plan_run(step);
    return 1e6 * (seconds() - start) / (double)s->steps;
}

static double trained(const struct subject *s, wg_tape *tape, wg_loader *loader)
{
    const double start = seconds();
    wg_train(
        &(struct wg_training){
            .tape = tape, .network = s->network, .loader = loader, .rate = 0.01, .epochs = 1},
        NULL);
    return 1e6 * (seconds() - start) / (double)s->steps;
}

static double measure(const struct subject *s, int way, const wg_array *x, const wg_array *y)
{
    char       reason[WG_REASON];
    wg_tape   *tape = wg_tape_new_with(&(wg_tape_options){.threads = 1});
    wg_loader *loader = wg_loader_new(
        &(struct wg_loader_settings){
            .x = x, .y = y, .batch = s->batch, .shuffle = true, .in_turn = way == 2 || way == 4},
        reason);
    if (!loader) return printf("%s\n", reason), NAN;
    by_hand(s, tape, loader); /* warm, and leaves written */
    wg_tape_clear(tape);
    wg_loader_seek(loader, 0, 0); /* where wg_train begins */
    const double us = way == 0  ? alone(s, tape)
                      : way < 3 ? by_hand(s, tape, loader)
                                : trained(s, tape, loader);
    if (wg_tape_error(tape)) printf("%s\n", wg_tape_error(tape));
    wg_loader_free(loader);
    wg_tape_free(tape);
    return us;
}

static void compare(const struct subject *s)
{
    const int64_t count = s->steps * s->batch, pixels = s->size * s->size;
    wg_array      x = {.data = malloc((size_t)(count * pixels))};
    wg_array      y = {.data = calloc((size_t)count, sizeof(int64_t))};
    double        us[WAYS][TURNS];
    wg_type_make(WG_U8, WG_SHAPE(count, 1, s->size, s->size), &x.type);
    if (s->labels == WG_F32)
        wg_type_make(WG_F32, WG_SHAPE(count, 1), &y.type);
    else
        wg_type_make(WG_I64, WG_SHAPE(count), &y.type);
    if (!x.data || !y.data) exit(1);
    for (int64_t i = 0; i < count * pixels; i++) ((uint8_t *)x.data)[i] = (uint8_t)(i * 31 % 251);
    for (int turn = 0; turn < TURNS; turn++)
        for (int way = 0; way < WAYS; way++) us[way][turn] = measure(s, way, &x, &y);
    printf("%s, batch %lld\n", s->name, (long long)s->batch);
    for (int way = 0; way < WAYS; way++) {
        double more[TURNS];
        for (int turn = 0; turn < TURNS; turn++) more[turn] = us[way][turn] / us[0][turn];
        printf("  %-18s %10.3f us a step, %6.3f of the plan alone\n", ways[way],
               median(us[way], TURNS), median(more, TURNS));
    }
    free(x.data);
    free(y.data);
}

int main(int count, char **arguments)
{
    take_help(count, arguments, "   what the loop adds to a step of W1 and of W3");
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) compare(&subjects[i]);
    return 0;
}
