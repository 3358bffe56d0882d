// SPDX-License-Identifier: MIT
#include "workloads.h"

#include "random_network.h"

#include <string.h>

static wg_tensors sgd(const wg_gradients *g)
{
    return wg_sgd(g, .rate = wg_scalar(wg_tape_of(g->loss), "rate", 0.01));
}

static wg_tensors momentum(const wg_gradients *g)
{
    return wg_sgd(g, .rate = wg_scalar(wg_tape_of(g->loss), "rate", 0.01), .momentum = 0.9);
}

static wg_tensors adam(const wg_gradients *g)
{
    return wg_adam(g, .rate = wg_scalar(wg_tape_of(g->loss), "rate", 1e-3));
}

static wg_tensors adamw(const wg_gradients *g)
{
    return wg_adamw(g, .rate = wg_scalar(wg_tape_of(g->loss), "rate", 1e-4), .decay = 0.01);
}

static const struct workload workloads[] = {
    {.name = "lecture", .record = lecture, .batch = 1, .update = sgd},
    {.name = "lecture-anew", .record = lecture, .batch = 1, .update = sgd, .anew = true},
    {.name = "softmax-cnn-b1", .record = softmax_cnn, .batch = 1, .update = sgd},
    {.name = "softmax-cnn-b32", .record = softmax_cnn, .batch = 32, .update = sgd},
    {.name = "fashion-cnn", .record = fashion_cnn, .batch = 64, .update = sgd},
    {.name = "mlp", .record = mlp, .batch = 128, .update = sgd},
    {.name = "resnet20", .record = resnet20, .batch = 32, .update = momentum},
    {.name = "gpt", .record = gpt, .batch = 8, .update = adamw},
    {.name = "elementwise", .record = elementwise, .batch = 1000000},
    {.name = "scalar-anew", .record = scalar_tape, .batch = 1000, .anew = true},
    {.name = "scalar", .record = scalar_tape, .batch = 1000},
    {.name = "lstm", .record = lstm, .batch = 32, .update = adam},
    {.name = "random", .record = random_network, .update = sgd},
    {.name = "inference-b1", .record = fashion_cnn_forward, .batch = 1, .forward = true},
    {.name = "inference-b256", .record = fashion_cnn_forward, .batch = 256, .forward = true},
};

const struct workload *workload_find(const char *name)
{
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
        if (!strcmp(workloads[i].name, name)) return &workloads[i];
    return NULL;
}
