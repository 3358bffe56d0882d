// SPDX-License-Identifier: MIT
/* A transformer's layer, and what goes around a residual branch. */
#include "block.h"

#include "../ops/binary.h"
#include "../ops/unary.h"
#include "conv.h"
#include "layer.h"
#include "linear.h"
#include "norm.h"

/* ---- transformer ---- */

static wg_tensor *drop(const struct wg_nn_transformer *s, wg_tensor *x)
{
    return s->dropout != 0 ? wg_nn_dropout(x, s->dropout) : x;
}

static wg_tensor *normalise(const struct wg_nn_transformer *s, wg_tensor *x, const char *name)
{
    return wg_nn_layer_norm(x, name, .eps = s->eps, .no_bias = s->no_bias);
}

static wg_tensor *attend(const struct wg_nn_transformer *s, wg_tensor *x)
{
    return drop(s, wg_nn_attention(x, "self_attn", .heads = s->heads, .causal = s->causal,
                                   .no_bias = s->no_bias, .key_mask = s->key_mask, .mask = s->mask,
                                   .dropout = s->dropout));
}

static wg_tensor *feed_forward(const struct wg_nn_transformer *s, wg_tensor *x)
{
    const wg_shape shape = wg_shape_of_tensor(x);
    wg_tensor     *y = wg_nn_linear(x, "linear1", .outputs = s->hidden, .no_bias = s->no_bias);
    y = drop(s, s->gelu ? wg_gelu(y) : wg_relu(y));
    return drop(s, wg_nn_linear(y, "linear2", .outputs = shape.dim[2], .no_bias = s->no_bias));
}

wg_tensor *wg_nn_transformer_with(struct wg_nn_transformer s)
{
    if (!wg__layer_rank(s.x, "transformer", 3, 3)) return NULL;
    if (s.hidden == 0) s.hidden = 4 * wg_shape_of_tensor(s.x).dim[2];
    wg_tape   *tape = wg_nn_open(s.x, s.name);
    wg_tensor *x = s.x;
    if (!tape) return NULL;
    if (s.norm_first) {
        x = wg_add(x, attend(&s, normalise(&s, x, "norm1")));
        x = wg_add(x, feed_forward(&s, normalise(&s, x, "norm2")));
    } else {
        x = normalise(&s, wg_add(x, attend(&s, x)), "norm1");
        x = normalise(&s, wg_add(x, feed_forward(&s, x)), "norm2");
    }
    return wg_nn_close(tape, x);
}

/* ---- residual ---- */

/* What keeps `size` elements, seen at every stride-th, down to `wanted`. */
static int64_t stride_to(int64_t size, int64_t wanted)
{
    return wanted > 0 ? (size + wanted - 1) / wanted : 1;
}

wg_tensor *wg_nn_residual(wg_tensor *x, wg_tensor *y, const char *name)
{
    const wg_shape from = wg_shape_of_tensor(x), to = wg_shape_of_tensor(y);
    if (!x || !y) return NULL;
    if (wg_shape_equal(from, to)) return wg_add(x, y);
    if (!wg__layer_rank(x, "residual", 4, 4) || !wg__layer_rank(y, "residual", 4, 4)) return NULL;
    wg_tape *tape = wg_nn_open(x, name);
    if (!tape) return NULL;
    wg_tensor *z = wg_nn_conv2d(
        x, "0", .filters = to.dim[1], .kernel = {1, 1}, .no_bias = true,
        .stride = {stride_to(from.dim[2], to.dim[2]), stride_to(from.dim[3], to.dim[3])});
    z = wg_nn_batch_norm(z, "1");
    if (z && !wg_shape_equal(wg_shape_of_tensor(z), to)) {
        wg_tape_error_set(tape, "residual: no stride makes x as small as y");
        z = NULL;
    }
    return wg_nn_close(tape, z ? wg_add(z, y) : NULL);
}
