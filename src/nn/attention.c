// SPDX-License-Identifier: MIT
/* Multi-head attention: three projections, the op for each head, one projection back. */
#include "attention.h"

#include "../ops/attention.h"
#include "../ops/binary.h"
#include "../ops/layout.h"
#include "../ops/matmul.h"
#include "../ops/slice.h"
#include "layer.h"
#include "linear.h"

/* Part `from` to before `to` of three of the rows of w, or of the elements of b; NULL for NULL. */
static wg_tensor *parts(wg_tensor *w, int64_t from, int64_t to)
{
    if (!w || (from == 0 && to == 3)) return w;
    const int64_t size = wg_shape_of_tensor(w).dim[0] / 3;
    return wg_slice(w, 0, from * size, to * size);
}

/*
 * q, k and v as (batch, heads, t, width / heads). Projections of the same sequence are one product;
 * its rows fall into heads before these are taken from it, so that all of it are views, and so are
 * their adjoints.
 */
static void project(const struct wg_nn_attention *s, wg_tensor *w, wg_tensor *b, wg_tensor *qkv[3])
{
    wg_tensor *const from[] = {s->x, s->keys, s->values};
    const int64_t    heads = s->heads;
    for (int64_t first = 0, end; first < 3; first = end) {
        for (end = first + 1; end < 3 && from[end] == from[first];) end++;
        const wg_shape x = wg_shape_of_tensor(from[first]);
        wg_tensor     *y = wg_linear(from[first], parts(w, first, end), parts(b, first, end));
        y = wg_reshape(y, WG_SHAPE(x.dim[0], x.dim[1], (end - first) * heads, x.dim[2] / heads));
        for (int64_t k = first; k < end; k++) {
            wg_tensor *part = y;
            if (end - first > 1)
                part = wg_slice(y, 2, (k - first) * heads, (k - first + 1) * heads);
            qkv[k] = wg_swapaxes(part, 1, 2);
        }
    }
}

/* Both masks in one; NULL where there is none. */
static wg_tensor *mask_of(const struct wg_nn_attention *s)
{
    if (!s->key_mask) return s->mask;
    const wg_shape shape = wg_shape_of_tensor(s->key_mask);
    wg_tensor     *keys = wg_reshape(s->key_mask, WG_SHAPE(shape.dim[0], 1, 1, shape.dim[1]));
    return s->mask ? wg_where(keys, s->mask, 0) : keys;
}

static wg_tensor *attend(const struct wg_nn_attention *s, wg_tensor *w, wg_tensor *b)
{
    wg_tensor *qkv[3];
    project(s, w, b, qkv);
    const double dropout = wg_tape_trains(wg_tape_of(s->x)) ? s->dropout : 0;
    wg_tensor   *y = wg_attention(qkv[0], qkv[1], qkv[2], .mask = mask_of(s), .causal = s->causal,
                                  .dropout = dropout);
    y = y ? wg_reshape(wg_swapaxes(y, 1, 2), wg_shape_of_tensor(s->x)) : NULL;
    return wg_nn_linear(y, "out_proj", .outputs = wg_shape_of_tensor(s->x).dim[2],
                        .no_bias = s->no_bias, .weight = s->weight,
                        .bias = wg__init_by_value(s->bias, 0));
}

static bool fits(const struct wg_nn_attention *s)
{
    if (!wg__layer_rank(s->x, "attention", 3, 3) || !wg__layer_rank(s->keys, "attention", 3, 3) ||
        !wg__layer_rank(s->values, "attention", 3, 3) ||
        !wg__layer_positive(s->x, "attention", "heads", s->heads) ||
        !wg__layer_probability(s->x, "attention", s->dropout))
        return false;
    const int64_t width = wg_shape_of_tensor(s->x).dim[2];
    if (!wg__layer_positive(s->x, "attention", "width", width)) return false;
    const char *wrong = NULL;
    if (width % s->heads != 0) wrong = "the heads do not divide the width";
    if (wg_shape_of_tensor(s->keys).dim[2] != width ||
        wg_shape_of_tensor(s->values).dim[2] != width)
        wrong = "keys and values must be as wide as x";
    if (s->key_mask && wg_shape_of_tensor(s->key_mask).rank != 2)
        wrong = "key_mask must have shape (batch, s)";
    if (wrong) wg_tape_error_set(wg_tape_of(s->x), "attention: %s", wrong);
    return !wrong;
}

wg_tensor *wg_nn_attention_with(struct wg_nn_attention s)
{
    if (!s.keys) s.keys = s.x;
    if (!s.values) s.values = s.keys;
    if (!fits(&s)) return NULL;
    wg_tape *tape = wg_nn_open(s.x, s.name);
    if (!tape) return NULL;
    const int64_t    width = wg_shape_of_tensor(s.x).dim[2];
    const wg_dtype   dtype = wg_dtype_of(s.x);
    wg_init_settings weight = s.weight;
    if (weight.way == WG_INIT_DEFAULT) weight.way = WG_INIT_XAVIER_UNIFORM;
    wg_tensor *w = wg_nn_param(tape, "in_proj_weight", dtype, WG_SHAPE(3 * width, width), weight);
    wg_tensor *b = w && !s.no_bias ? wg_nn_param(tape, "in_proj_bias", dtype, WG_SHAPE(3 * width),
                                                 wg__init_by_value(s.bias, 0))
                                   : NULL;
    const bool ready = w && (b || s.no_bias);
    return wg_nn_close(tape, ready ? attend(&s, w, b) : NULL);
}
