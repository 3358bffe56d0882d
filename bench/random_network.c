// SPDX-License-Identifier: MIT
/* A network that bench/networks.py made up: layers as rows of numbers in network.npy. */
#include "random_network.h"

#include <stdio.h>

enum { MOST = 40, COLUMNS = 5 };

/* What the first number of a row says; the others are given behind it. */
enum {
    INPUT /* batch, channels, side */,
    CONV /* filters, kernel, stride, pad */,
    RELU,
    POOL /* size */,
    FLATTEN,
    DENSE /* outputs */
};

static int64_t layers[MOST][COLUMNS];
static int64_t count;

const char *random_network_read(const char *folder)
{
    static char reason[WG_REASON];
    char        path[2000];
    wg_array    array;
    snprintf(path, sizeof path, "%s/network.npy", folder);
    if (!wg_npy_read(path, NULL, &array, reason)) return reason;
    count = array.type.count / COLUMNS;
    const int64_t *numbers = array.data;
    for (int64_t i = 0; i < count && i < MOST; i++)
        for (int k = 0; k < COLUMNS; k++) layers[i][k] = numbers[i * COLUMNS + k];
    wg_array_free(&array);
    return count > MOST ? "too many layers" : NULL;
}

static wg_tensor *conv(wg_tensor *x, const int64_t *layer)
{
    wg_tape       *tape = wg_tape_of(x);
    const int64_t  channels = wg_shape_of_tensor(x).dim[1], side = layer[2];
    const wg_shape shape = WG_SHAPE(layer[1], channels, side, side);
    wg_tensor     *w = wg_param(tape, "weight", WG_F32, shape);
    wg_tensor     *b = wg_param(tape, "bias", WG_F32, WG_SHAPE(layer[1]));
    return wg_conv2d(x, w, b, .stride = {layer[3], layer[3]}, .pad = {layer[4], layer[4]});
}

static wg_tensor *layer_of(wg_tensor *x, const int64_t *layer, const char *name)
{
    if (layer[0] == RELU) return wg_relu(x);
    if (layer[0] == POOL) return wg_max_pool2d(x, .kernel = {layer[1], layer[1]});
    if (layer[0] == FLATTEN) return wg_flatten(x, 1);
    if (layer[0] == DENSE) return dense(x, name, layer[1]);
    wg_scope_push(wg_tape_of(x), name);
    x = conv(x, layer);
    wg_scope_pop(wg_tape_of(x));
    return x;
}

wg_tensor *random_network(wg_tape *tape, int64_t batch)
{
    const int64_t *first = layers[0];
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(first[1], first[2], first[3], first[3]));
    wg_tensor *y = wg_input(tape, "y", WG_I64, WG_SHAPE(first[1]));
    (void)batch;
    for (int64_t i = 1; i < count; i++) {
        char name[24];
        snprintf(name, sizeof name, "%lld", (long long)i);
        x = layer_of(x, layers[i], name);
    }
    return wg_cross_entropy(x, y);
}
