// SPDX-License-Identifier: MIT
/* Networks to train, which several proofs share. */
#include "network.h"

#include <math.h>

/* The loss and its updates: w becomes w - gradient / 10. */
static network finish(wg_tape *tape, wg_tensor *x, wg_tensor *target, wg_tensor *logits)
{
    network net = {.x = x, .target = target, .logits = logits};
    net.loss = wg_name(wg_cross_entropy(logits, target), "loss");
    const wg_gradients *gradients = wg_backward(net.loss);
    for (int i = 0; gradients && i < gradients->params.count; i++) {
        wg_tensor *w = gradients->params.at[i];
        wg_assign(w, wg_sub(w, wg_mul(gradients->values.at[i], 0.1)));
    }
    net.updates = wg_assigns(tape);
    return net;
}

network network_small(wg_tape *tape, wg_dtype dtype, int64_t batch)
{
    wg_tensor *x = wg_input(tape, "x", dtype, WG_SHAPE(batch, 1, 8, 8));
    wg_tensor *target = wg_input(tape, "target", WG_I64, WG_SHAPE(batch));
    wg_scope_push(tape, "conv");
    wg_tensor *w1 = wg_param(tape, "w", dtype, WG_SHAPE(2, 1, 3, 3));
    wg_tensor *b1 = wg_param(tape, "b", dtype, WG_SHAPE(2));
    wg_scope_pop(tape);
    wg_scope_push(tape, "dense");
    wg_tensor *w2 = wg_param(tape, "w", dtype, WG_SHAPE(3, 18));
    wg_tensor *b2 = wg_param(tape, "b", dtype, WG_SHAPE(3));
    wg_scope_pop(tape);
    wg_tensor *seen = wg_max_pool2d(wg_relu(wg_conv2d(x, w1, b1)), .kernel = {2, 2});
    return finish(tape, x, target, wg_linear(wg_flatten(seen, 1), w2, b2));
}

/* Convolution that keeps the size, relu, and a pool that halves it. */
static wg_tensor *block(wg_tape *tape, const char *name, wg_tensor *x, int64_t filters)
{
    const int64_t channels = wg_shape_of_tensor(x).dim[1];
    wg_scope_push(tape, name);
    wg_tensor *w = wg_param(tape, "w", WG_F32, WG_SHAPE(filters, channels, 3, 3));
    wg_tensor *b = wg_param(tape, "b", WG_F32, WG_SHAPE(filters));
    wg_scope_pop(tape);
    return wg_max_pool2d(wg_relu(wg_conv2d(x, w, b, .pad = {1, 1})), .kernel = {2, 2});
}

static wg_tensor *dense(wg_tape *tape, const char *name, wg_tensor *x, int64_t units)
{
    const int64_t inputs = wg_shape_of_tensor(x).dim[1];
    wg_scope_push(tape, name);
    wg_tensor *w = wg_param(tape, "w", WG_F32, WG_SHAPE(units, inputs));
    wg_tensor *b = wg_param(tape, "b", WG_F32, WG_SHAPE(units));
    wg_scope_pop(tape);
    return wg_linear(x, w, b);
}

network network_deep(wg_tape *tape, int64_t batch)
{
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(batch, 1, 28, 28));
    wg_tensor *target = wg_input(tape, "target", WG_I64, WG_SHAPE(batch));
    wg_tensor *seen = block(tape, "block2", block(tape, "block1", x, 32), 64);
    wg_tensor *hidden = wg_relu(dense(tape, "dense1", wg_flatten(seen, 1), 128));
    return finish(tape, x, target, dense(tape, "dense2", hidden, 10));
}

/* Writes sin(0.37 i + step) to element i: no two images are alike. */
static bool feed_images(wg_tensor *x, int step)
{
    enum { MOST = 8 * 28 * 28 };
    static _Thread_local double values[MOST];
    static _Thread_local float  rounded[MOST];
    const int64_t               count = wg_count_of(x);
    for (int64_t i = 0; i < count; i++) {
        values[i] = sin(0.37 * (double)i + step);
        rounded[i] = (float)values[i];
    }
    return wg_dtype_of(x) == WG_F32 ? wg_write(x, rounded, count) : wg_write(x, values, count);
}

bool network_feed(const network *net, int step)
{
    int64_t       classes[64];
    const int64_t count = wg_count_of(net->target);
    for (int64_t i = 0; i < count; i++) classes[i] = (i + step) % 3;
    return feed_images(net->x, step) && wg_write(net->target, classes, count);
}
