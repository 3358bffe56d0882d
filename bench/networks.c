// SPDX-License-Identifier: MIT
/* Small networks: those of both notes, Fashion-MNIST's, and a multi-layer perceptron. */
#include "networks.h"

wg_tensor *dense(wg_tensor *x, const char *name, int64_t outputs)
{
    wg_tape       *tape = wg_tape_of(x);
    const wg_shape shape = wg_shape_of_tensor(x);
    wg_scope_push(tape, name);
    wg_tensor *w = wg_param(tape, "weight", WG_F32, WG_SHAPE(outputs, shape.dim[shape.rank - 1]));
    wg_tensor *b = wg_param(tape, "bias", WG_F32, WG_SHAPE(outputs));
    wg_scope_pop(tape);
    return wg_linear(x, w, b);
}

/* 3 x 3, with padding 1 where `pad` is. */
static wg_tensor *conv3(wg_tensor *x, const char *name, int64_t filters, int64_t pad)
{
    wg_tape      *tape = wg_tape_of(x);
    const int64_t channels = wg_shape_of_tensor(x).dim[1];
    wg_scope_push(tape, name);
    wg_tensor *w = wg_param(tape, "weight", WG_F32, WG_SHAPE(filters, channels, 3, 3));
    wg_tensor *b = wg_param(tape, "bias", WG_F32, WG_SHAPE(filters));
    wg_scope_pop(tape);
    return wg_conv2d(x, w, b, .pad = {pad, pad});
}

static wg_tensor *classes(wg_tape *tape, int64_t batch)
{
    return wg_input(tape, "y", WG_I64, WG_SHAPE(batch));
}

wg_tensor *lecture(wg_tape *tape, int64_t batch)
{
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(batch, 1, 6, 6));
    wg_tensor *y = wg_input(tape, "y", WG_F32, WG_SHAPE(batch, 1));
    wg_tensor *p = wg_max_pool2d(wg_relu(conv3(x, "c", 1, 0)), .kernel = {2, 2});
    return wg_binary_cross_entropy(wg_sigmoid(dense(wg_flatten(p, 1), "f", 1)), y);
}

wg_tensor *softmax_cnn(wg_tape *tape, int64_t batch)
{
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(batch, 1, 28, 28));
    wg_tensor *f = wg_flatten(wg_relu(conv3(x, "c", 8, 0)), 1);
    return wg_cross_entropy(dense(f, "f", 10), classes(tape, batch));
}

wg_tensor *fashion_cnn_forward(wg_tape *tape, int64_t batch)
{
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(batch, 1, 28, 28));
    x = wg_max_pool2d(wg_relu(conv3(x, "c1", 32, 1)), .kernel = {2, 2});
    x = wg_max_pool2d(wg_relu(conv3(x, "c2", 64, 1)), .kernel = {2, 2});
    return dense(wg_relu(dense(wg_flatten(x, 1), "f1", 128)), "f2", 10);
}

wg_tensor *fashion_cnn(wg_tape *tape, int64_t batch)
{
    return wg_cross_entropy(fashion_cnn_forward(tape, batch), classes(tape, batch));
}

wg_tensor *mlp(wg_tape *tape, int64_t batch)
{
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(batch, 784));
    x = wg_relu(dense(wg_relu(dense(x, "0", 512)), "2", 256));
    return wg_cross_entropy(dense(x, "4", 10), classes(tape, batch));
}
