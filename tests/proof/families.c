// SPDX-License-Identifier: MIT
/* A small network for each family of ops, which several proofs run. */
#include "families.h"

#include <math.h>

enum { MOST = 256 };

/* A param whose element i is 0.7 + sin(1.3 i) / 2: between 0.2 and 1.2, no two alike. */
static wg_tensor *param(wg_tape *tape, const char *name, wg_dtype dtype, wg_shape shape)
{
    wg_tensor    *w = wg_param(tape, name, dtype, shape);
    const int64_t count = wg_count_of(w);
    double        values[MOST];
    float         rounded[MOST];
    for (int64_t i = 0; i < count; i++) {
        values[i] = 0.7 + sin(1.3 * (double)i) / 2;
        rounded[i] = (float)values[i];
    }
    return (dtype == WG_F32 ? wg_write(w, rounded, count) : wg_write(w, values, count)) ? w : NULL;
}

/* An i64 input whose element i is i mod `most`. */
static wg_tensor *index_input(wg_tape *tape, const char *name, wg_shape shape, int64_t most)
{
    wg_tensor    *index = wg_input(tape, name, WG_I64, shape);
    const int64_t count = wg_count_of(index);
    int64_t       values[MOST];
    for (int64_t i = 0; i < count; i++) values[i] = i % most;
    return wg_write(index, values, count) ? index : NULL;
}

/* The sum of the sums of a list. */
static wg_tensor *total(wg_tensors list)
{
    wg_tensor *sum = wg_sum(list.at[0]);
    for (int i = 1; i < list.count; i++) sum = wg_add(sum, wg_sum(list.at[i]));
    return sum;
}

static wg_tensor *unary(wg_tape *tape, wg_dtype dtype)
{
    wg_tensor *x = param(tape, "x", dtype, WG_SHAPE(3, 5));
    x = wg_tanh(wg_gelu(wg_softplus(wg_silu(wg_elu(wg_leaky_relu(wg_neg(x), 0.1), 0.9)))));
    wg_tensor *y = wg_log(wg_sqrt(wg_add(wg_exp(x), 1)));
    wg_tensor *z = wg_rsqrt(wg_add(wg_square(wg_sin(x)), 1));
    return total(WG_TENSORS(y, z, wg_sigmoid(wg_erf(x)), wg_abs(wg_clamp(x, -0.5, 0.5))));
}

static wg_tensor *binary(wg_tape *tape, wg_dtype dtype)
{
    wg_tensor *a = param(tape, "a", dtype, WG_SHAPE(3, 1, 4));
    wg_tensor *b = param(tape, "b", dtype, WG_SHAPE(2, 1));
    wg_tensor *quotient = wg_div(wg_mul(a, b), wg_add(a, 2));
    wg_tensor *chosen = wg_where(wg_gt(a, b), wg_maximum(a, b), wg_minimum(a, 0.5));
    return total(WG_TENSORS(quotient, chosen, wg_pow(a, b), wg_sub(1, wg_pow(b, 3))));
}

static wg_tensor *layout(wg_tape *tape, wg_dtype dtype)
{
    wg_tensor *x = param(tape, "x", dtype, WG_SHAPE(2, 3, 4));
    wg_tensor *turned = wg_reshape(wg_permute(x, WG_AXES(2, 0, 1)), WG_SHAPE(4, -1));
    wg_tensor *wide = wg_expand(wg_unsqueeze(turned, 1), WG_SHAPE(4, 5, 6));
    wg_tensor *back = wg_squeeze(wg_unsqueeze(wg_transpose(x), 0), WG_AXES(0));
    return total(WG_TENSORS(wg_square(wide), wg_mul(wg_swapaxes(back, 1, 2), x)));
}

static wg_tensor *pieces(wg_tape *tape, wg_dtype dtype)
{
    wg_tensor       *x = param(tape, "x", dtype, WG_SHAPE(4, 6));
    wg_tensor       *reversed = wg_slice(x, 1, -1, WG_TO_END, .step = -2);
    const wg_tensors parts = wg_split(x, 0, 2);
    if (parts.count != 2) return NULL;
    wg_tensor *joined = wg_cat(WG_TENSORS(parts.at[1], parts.at[0]), 0);
    wg_tensor *piled = wg_stack(WG_TENSORS(wg_select(x, 1, -1), wg_select(x, 1, 0)), 0);
    wg_tensor *padded = wg_pad(x, .before = {1, 2}, .after = {0, 1}, .value = 3);
    wg_tensor *mirror = wg_pad(x, .before = {0, 2}, .mode = WG_PAD_REFLECT);
    return total(WG_TENSORS(wg_square(reversed), wg_mul(joined, x), wg_exp(piled),
                            wg_square(padded), wg_square(mirror)));
}

static wg_tensor *reductions(wg_tape *tape, wg_dtype dtype)
{
    wg_tensor *x = param(tape, "x", dtype, WG_SHAPE(3, 4, 2));
    wg_tensor *best = wg_cast(wg_argmax(x, 1), dtype);
    return total(WG_TENSORS(wg_square(wg_mean(x, WG_AXES(1))), wg_amax(x, WG_AXES(0, 2)),
                            wg_amin(x, WG_AXES(-1), .keep = true), best,
                            wg_logsumexp(x, WG_AXES(1)), wg_var(x, WG_AXES(0)),
                            wg_std(x, WG_AXES(1), .biased = true)));
}

static wg_tensor *products(wg_tape *tape, wg_dtype dtype)
{
    wg_tensor *a = param(tape, "a", dtype, WG_SHAPE(2, 3, 4));
    wg_tensor *b = param(tape, "b", dtype, WG_SHAPE(4, 5)),
              *v = param(tape, "v", dtype, WG_SHAPE(4));
    wg_tensor *w = param(tape, "w", dtype, WG_SHAPE(6, 4)),
              *c = param(tape, "c", dtype, WG_SHAPE(6));
    wg_tensor *own = wg_matmul(a, wg_transpose(a));
    return total(WG_TENSORS(wg_square(wg_matmul(a, b)), own, wg_matmul(a, v), wg_matmul(v, v),
                            wg_tanh(wg_linear(a, w, c))));
}

static wg_tensor *convolution(wg_tape *tape, wg_dtype dtype)
{
    wg_tensor *x = param(tape, "x", dtype, WG_SHAPE(2, 2, 6, 7));
    wg_tensor *w = param(tape, "w", dtype, WG_SHAPE(4, 1, 3, 2)),
              *b = param(tape, "b", dtype, WG_SHAPE(4));
    wg_tensor *y =
        wg_conv2d(x, w, b, .stride = {2, 1}, .pad = {1, 0}, .dilation = {1, 2}, .groups = 2);
    wg_tensor *pooled = wg_max_pool2d(y, .kernel = {2, 2}, .stride = {1, 1}, .pad = {1, 1});
    wg_tensor *mean = wg_avg_pool2d(y, .kernel = {3, 3}, .pad = {1, 1}, .exclude_pad = true);
    return total(WG_TENSORS(wg_square(pooled), wg_tanh(mean)));
}

static wg_tensor *losses(wg_tape *tape, wg_dtype dtype)
{
    wg_tensor *z = param(tape, "z", dtype, WG_SHAPE(4, 3)), *t = wg_softmax(z, 0);
    wg_tensor *classes = index_input(tape, "classes", WG_SHAPE(4), 3);
    wg_tensor *p = wg_sigmoid(z), *q = wg_detach(wg_softmax(wg_mul(z, 2), 1));
    return total(WG_TENSORS(wg_mse_loss(z, t), wg_binary_cross_entropy(p, t),
                            wg_bce_with_logits(z, q, .reduction = WG_SUM),
                            wg_cross_entropy(z, classes), wg_cross_entropy(z, q),
                            wg_mul(wg_log_softmax(z, 1), t)));
}

static wg_tensor *indexing(wg_tape *tape, wg_dtype dtype)
{
    wg_tensor *x = param(tape, "x", dtype, WG_SHAPE(5, 3));
    wg_tensor *rows = index_input(tape, "rows", WG_SHAPE(7), 5);
    wg_tensor *table = index_input(tape, "table", WG_SHAPE(2, 3), 5);
    wg_tensor *chosen = wg_index_select(x, 0, rows);
    return total(WG_TENSORS(wg_square(chosen), wg_index_scatter(chosen, 0, rows, 6),
                            wg_tanh(wg_embedding(x, table)), wg_exp(wg_gather(x, 0, table)),
                            wg_mul(wg_one_hot(table, 5, dtype), 0.3)));
}

static wg_tensor *chance(wg_tape *tape, wg_dtype dtype)
{
    wg_tensor *x = param(tape, "x", dtype, WG_SHAPE(4, 5));
    wg_tensor *even = wg_uniform(tape, dtype, WG_SHAPE(4, 5), -1, 1);
    wg_tensor *bell = wg_normal(tape, dtype, WG_SHAPE(5), 0, 2);
    wg_tensor *coin = wg_bernoulli(tape, dtype, WG_SHAPE(4, 1), 0.3);
    return total(WG_TENSORS(wg_dropout(wg_mul(x, even), 0.4), wg_mul(wg_add(x, bell), coin)));
}

static wg_tensor *norms(wg_tape *tape, wg_dtype dtype)
{
    wg_tensor *x = param(tape, "x", dtype, WG_SHAPE(4, 3, 2));
    wg_tensor *w = param(tape, "w", dtype, WG_SHAPE(3)), *b = param(tape, "b", dtype, WG_SHAPE(3));
    wg_tensor *mean = wg_state(tape, "mean", dtype, WG_SHAPE(3), 0);
    wg_tensor *var = wg_state(tape, "var", dtype, WG_SHAPE(3), 1);
    wg_tensor *trained = wg_batch_norm(x, w, b, mean, var);
    wg_tensor *evaluated = wg_batch_norm(x, w, b, mean, var, .evaluate = true);
    return total(WG_TENSORS(wg_square(trained), wg_tanh(evaluated),
                            wg_square(wg_layer_norm(wg_transpose(x), w, b))));
}

static wg_tensor *casts(wg_tape *tape, wg_dtype dtype)
{
    wg_tensor *x = param(tape, "x", dtype, WG_SHAPE(3, 4)), *held = wg_detach(x);
    wg_tensor *other = wg_cast(wg_square(x), dtype == WG_F32 ? WG_F64 : WG_F32);
    wg_tensor *whole = wg_cast(wg_cast(wg_mul(x, 9), WG_I32), dtype);
    wg_tensor *scale = wg_cast(wg_constant(tape, WG_I32, WG_SCALAR, &(int32_t){3}, 1), dtype);
    return total(WG_TENSORS(wg_mul(wg_cast(other, dtype), held), whole, wg_full_like(x, 0.5),
                            wg_mul(x, scale)));
}

/* Layers with params of their own, which get their first values here. */
static wg_tensor *layers(wg_tape *tape, wg_dtype dtype)
{
    wg_tensor *x = param(tape, "x", dtype, WG_SHAPE(2, 2, 6, 5));
    wg_tensor *y = wg_nn_conv2d(x, "conv", .filters = 4, .kernel = {3, 3}, .padding = {1, 1});
    y = wg_relu(wg_nn_batch_norm(y, "batch"));
    wg_tensor *up =
        wg_nn_conv_transpose2d(y, "up", .filters = 2, .kernel = {2, 2}, .stride = {2, 2});
    wg_tensor *pooled = wg_nn_adaptive_avg_pool2d(wg_nn_group_norm(y, "group", .groups = 2), 4, 3);
    wg_tensor *dense = wg_nn_linear(wg_nn_dropout(pooled, 0.3), "dense", .outputs = 3);
    wg_tensor *index = index_input(tape, "index", WG_SHAPE(4), 3);
    wg_tensor *rows = wg_nn_embedding(index, "table", .rows = 3, .width = 2, .dtype = dtype,
                                      .padded = true, .padding = 1);
    return total(WG_TENSORS(wg_nn_rms_norm(dense, "rms"), wg_nn_layer_norm(dense, "layer"),
                            wg_square(up), wg_tanh(rows), wg_nn_adaptive_max_pool2d(y, 4, 3),
                            wg_nn_global_max_pool(y)));
}

/* Layers over sequences, which record step by step and hand out states. */
static wg_tensor *sequences(wg_tape *tape, wg_dtype dtype)
{
    wg_tensor *x = param(tape, "x", dtype, WG_SHAPE(2, 3, 4)), *h, *c;
    wg_tensor *y = wg_nn_lstm(x, "lstm", .hidden = 2, .layers = 2, .both_ways = true,
                              .dropout = 0.2, .last_h = &h, .last_c = &c);
    wg_tensor *z = wg_nn_gru(y, "gru", .hidden = 3);
    wg_tensor *w = wg_nn_rnn(z, "rnn", .hidden = 2, .relu = true);
    wg_tensor *t =
        wg_nn_transformer(x, "block", .heads = 2, .hidden = 3, .causal = true, .dropout = 0.1);
    return total(WG_TENSORS(h, wg_square(c), w, wg_nn_residual(t, x, NULL)));
}

static const family families[] = {
    {"unary", unary},
    {"binary", binary},
    {"layout", layout},
    {"pieces", pieces},
    {"reductions", reductions},
    {"products", products},
    {"convolution", convolution},
    {"losses", losses},
    {"indexing", indexing},
    {"chance", chance},
    {"norms", norms},
    {"casts", casts},
    {"layers", layers},
    {"sequences", sequences},
};

const family *family_at(int i)
{
    return i >= 0 && i < (int)(sizeof families / sizeof *families) ? &families[i] : NULL;
}
