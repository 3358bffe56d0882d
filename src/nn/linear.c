// SPDX-License-Identifier: MIT
/* Dense layers, and rows of a table. */
#include "linear.h"

#include "../ops/binary.h"
#include "../ops/index.h"
#include "../ops/layout.h"
#include "../ops/matmul.h"
#include "layer.h"

wg_tensor *wg_nn_linear_with(struct wg_nn_linear s)
{
    if (!wg__layer_rank(s.x, "linear", 1, WG_MAX_RANK) ||
        !wg__layer_positive(s.x, "linear", "outputs", s.outputs))
        return NULL;
    const wg_shape shape = wg_shape_of_tensor(s.x);
    const wg_dtype dtype = wg_dtype_of(s.x);
    const int64_t  inputs = shape.dim[shape.rank - 1];
    if (!wg__layer_positive(s.x, "linear", "size of the last axis", inputs)) return NULL;

    wg_tape *tape = wg_nn_open(s.x, s.name);
    if (!tape) return NULL;
    const double fan = (double)inputs;
    wg_tensor   *w = wg_nn_param(tape, "weight", dtype, WG_SHAPE(s.outputs, inputs),
                                 wg__init_by_fan(s.weight, fan));
    wg_tensor   *b = w && !s.no_bias ? wg_nn_param(tape, "bias", dtype, WG_SHAPE(s.outputs),
                                                   wg__init_by_fan(s.bias, fan))
                                     : NULL;
    const bool   ready = w && (b || s.no_bias);
    return wg_nn_close(tape, ready ? wg_linear(s.x, w, b) : NULL);
}

/* ---- embedding ---- */

/* A table whose row `padding` begins as zeros. */
static wg_tensor *table_of(wg_tape *tape, const struct wg_nn_embedding *s, wg_dtype dtype)
{
    wg_tensor *w = wg_param(tape, "weight", dtype, WG_SHAPE(s->rows, s->width));
    if (!w || !wg_is_new(w)) return w;
    wg_init_settings init = s->weight;
    if (init.way == WG_INIT_DEFAULT) init.way = WG_INIT_NORMAL;
    return wg__init_table(w, init, s->padded ? s->padding : -1) ? w : NULL;
}

/* The rows y, of which those that the index calls padding pass no gradient on. */
static wg_tensor *hold_padding(wg_tensor *y, wg_tensor *index, int64_t padding)
{
    wg_tensor *is_padding = wg_unsqueeze(wg_eq(index, (double)padding), -1);
    return wg_where(is_padding, wg_detach(y), y);
}

wg_tensor *wg_nn_embedding_with(struct wg_nn_embedding s)
{
    if (!s.index || !wg__layer_positive(s.index, "embedding", "rows", s.rows) ||
        !wg__layer_positive(s.index, "embedding", "width", s.width))
        return NULL;
    if (s.padded && (s.padding < 0 || s.padding >= s.rows)) {
        wg_tape_error_set(wg_tape_of(s.index), "embedding: padding %lld is none of %lld rows",
                          (long long)s.padding, (long long)s.rows);
        return NULL;
    }
    wg_tape *tape = wg_nn_open(s.index, s.name);
    if (!tape) return NULL;
    wg_tensor *w = table_of(tape, &s, s.dtype == WG_NO_DTYPE ? WG_F32 : s.dtype);
    wg_tensor *y = wg_embedding(w, s.index);
    return wg_nn_close(tape, s.padded ? hold_padding(y, s.index, s.padding) : y);
}
