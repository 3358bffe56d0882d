// SPDX-License-Identifier: MIT
/*
 * Dense layers, and rows of a table.
 *
 *     y = wg_relu(wg_nn_linear(x, "fc1", .outputs = 128));
 */
#ifndef WENGERT_NN_LINEAR_H
#define WENGERT_NN_LINEAR_H

#include "init.h"

/* First values left out: both evenly spread over +-1 / sqrt(inputs). */
struct wg_nn_linear {
    wg_tensor       *x;
    const char      *name;
    int64_t          outputs;
    bool             no_bias;
    wg_init_settings weight, bias;
};

/*
 * The table has `rows` of `width` numbers, of f32 unless `dtype` says otherwise. With `padded`, row
 * number `padding` is 0 at first and gets no gradient. First values left out: normal, mean 0, sd 1.
 */
struct wg_nn_embedding {
    wg_tensor       *index;
    const char      *name;
    int64_t          rows, width;
    wg_dtype         dtype;
    bool             padded;
    int64_t          padding;
    wg_init_settings weight;
};

WG_BEGIN_DECLS

/*
 * wg_nn_linear(x, name, .outputs, .no_bias, .weight, .bias): y = x w^T + b for x (..., inputs), y
 * (..., outputs). Params: "weight" (outputs, inputs), "bias" (outputs,), of x's dtype. Refused: x
 * of rank 0 or without inputs, outputs that are not positive.
 */
WG_API wg_tensor *wg_nn_linear_with(struct wg_nn_linear layer);

/*
 * wg_nn_embedding(index, name, .rows, .width, ...): for an integer index of any shape the rows that
 * it names, in a new last axis. Param: "weight" (rows, width). Refused: sizes that are not
 * positive, a padding that is no row.
 */
WG_API wg_tensor *wg_nn_embedding_with(struct wg_nn_embedding layer);

#ifndef __cplusplus
/* The calls: x, the name, then settings. */
#define wg_nn_linear(...) WG__CALL(wg_nn_linear_with((struct wg_nn_linear){.x = __VA_ARGS__}))
#define wg_nn_embedding(...)                                                                       \
    WG__CALL(wg_nn_embedding_with((struct wg_nn_embedding){.index = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
