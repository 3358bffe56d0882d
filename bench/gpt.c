// SPDX-License-Identifier: MIT
/*
 * A small GPT-2 (Radford and others, "Language models are unsupervised multitask learners", 2019):
 * 4 blocks of width 256, each of 4 heads, on 128 tokens of 256 kinds.
 */
#include "networks.h"

#include <stdio.h>

enum { WIDTH = 256, HEADS = 4, CONTEXT = 128, WORDS = 256, BLOCKS = 4 };

static wg_tensor *norm(wg_tensor *x, const char *name)
{
    wg_tape *tape = wg_tape_of(x);
    wg_scope_push(tape, name);
    wg_tensor *w = wg_param(tape, "weight", WG_F32, WG_SHAPE(WIDTH));
    wg_tensor *b = wg_param(tape, "bias", WG_F32, WG_SHAPE(WIDTH));
    wg_scope_pop(tape);
    return wg_layer_norm(x, w, b);
}

/* Part k of (b, t, 3 heads, WIDTH / heads), as (b, heads, t, WIDTH / heads). */
static wg_tensor *heads(wg_tensor *qkv, int64_t k)
{
    return wg_swapaxes(wg_slice(qkv, 2, k * HEADS, (k + 1) * HEADS), 1, 2);
}

static wg_tensor *attention(wg_tensor *x)
{
    wg_tensor *qkv = dense(x, "qkv", 3 * WIDTH);
    qkv = wg_reshape(qkv, WG_SHAPE(-1, CONTEXT, 3 * HEADS, WIDTH / HEADS));
    wg_tensor *y = wg_attention(heads(qkv, 0), heads(qkv, 1), heads(qkv, 2), .causal = true);
    return dense(wg_reshape(wg_swapaxes(y, 1, 2), WG_SHAPE(-1, CONTEXT, WIDTH)), "o", WIDTH);
}

static wg_tensor *block(wg_tensor *x, const char *name)
{
    wg_tape *tape = wg_tape_of(x);
    wg_scope_push(tape, name);
    x = wg_add(x, attention(norm(x, "l1")));
    x = wg_add(x, dense(wg_gelu(dense(norm(x, "l2"), "a", 4 * WIDTH)), "b", WIDTH));
    wg_scope_pop(tape);
    return x;
}

wg_tensor *gpt(wg_tape *tape, int64_t batch)
{
    wg_tensor *words = wg_input(tape, "x", WG_I64, WG_SHAPE(batch, CONTEXT));
    wg_tensor *next = wg_input(tape, "y", WG_I64, WG_SHAPE(batch * CONTEXT));
    wg_tensor *e = wg_param(tape, "e.weight", WG_F32, WG_SHAPE(WORDS, WIDTH));
    wg_tensor *p = wg_param(tape, "p.weight", WG_F32, WG_SHAPE(CONTEXT, WIDTH));
    wg_tensor *head = wg_param(tape, "hd.weight", WG_F32, WG_SHAPE(WORDS, WIDTH));
    wg_tensor *x = wg_add(wg_embedding(e, words), p);
    for (int i = 0; i < BLOCKS; i++) {
        char name[16];
        snprintf(name, sizeof name, "bl.%d", i);
        x = block(x, name);
    }
    wg_tensor *scores = wg_linear(norm(x, "ln"), head, NULL);
    return wg_cross_entropy(wg_reshape(scores, WG_SHAPE(-1, WORDS)), next);
}
