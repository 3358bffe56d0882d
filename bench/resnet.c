// SPDX-License-Identifier: MIT
/*
 * ResNet-20 for CIFAR (He and others, arXiv:1512.03385), batch norm with running statistics. The
 * first convolution of a stage halves the image, and so does a 1 x 1 convolution beside it.
 */
#include "networks.h"

#include <stdio.h>

/* A convolution without bias of a square kernel, padded so that stride 1 keeps the size. */
static wg_tensor *conv(wg_tensor *x, const char *name, int64_t filters, int64_t kernel,
                       int64_t stride)
{
    wg_tape      *tape = wg_tape_of(x);
    const int64_t channels = wg_shape_of_tensor(x).dim[1], pad = kernel / 2;
    wg_scope_push(tape, name);
    wg_tensor *w = wg_param(tape, "weight", WG_F32, WG_SHAPE(filters, channels, kernel, kernel));
    wg_scope_pop(tape);
    return wg_conv2d(x, w, .stride = {stride, stride}, .pad = {pad, pad});
}

static wg_tensor *norm(wg_tensor *x, const char *name)
{
    wg_tape       *tape = wg_tape_of(x);
    const wg_shape channels = WG_SHAPE(wg_shape_of_tensor(x).dim[1]);
    wg_scope_push(tape, name);
    wg_tensor *w = wg_param(tape, "weight", WG_F32, channels);
    wg_tensor *b = wg_param(tape, "bias", WG_F32, channels);
    wg_tensor *mean = wg_state(tape, "mean", WG_F32, channels, 0);
    wg_tensor *var = wg_state(tape, "var", WG_F32, channels, 1);
    wg_scope_pop(tape);
    return wg_batch_norm(x, w, b, mean, var);
}

static wg_tensor *block(wg_tensor *x, const char *name, int64_t filters, int64_t stride)
{
    wg_tape   *tape = wg_tape_of(x);
    wg_tensor *skip = x;
    wg_scope_push(tape, name);
    wg_tensor *y = wg_relu(norm(conv(x, "c1", filters, 3, stride), "b1"));
    y = norm(conv(y, "c2", filters, 3, 1), "b2");
    if (stride != 1) skip = norm(conv(x, "d.0", filters, 1, stride), "d.1");
    wg_scope_pop(tape);
    return wg_relu(wg_add(y, skip));
}

wg_tensor *resnet20(wg_tape *tape, int64_t batch)
{
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(batch, 3, 32, 32));
    wg_tensor *y = wg_input(tape, "y", WG_I64, WG_SHAPE(batch));
    x = wg_relu(norm(conv(x, "n.0", 16, 3, 1), "n.1"));
    for (int i = 0; i < 9; i++) {
        char name[16];
        snprintf(name, sizeof name, "n.%d", i + 3);
        x = block(x, name, 16 << i / 3, i == 3 || i == 6 ? 2 : 1);
    }
    return wg_cross_entropy(dense(wg_mean(x, WG_AXES(2, 3)), "f", 10), y);
}
