// SPDX-License-Identifier: MIT
/* Normalising layers, and dropout. Group norm is layer norm of each group's elements. */
#include "norm.h"

#include "../ops/batch_norm.h"
#include "../ops/binary.h"
#include "../ops/layout.h"
#include "../ops/norm.h"
#include "../ops/random.h"
#include "../ops/reduce.h"
#include "../ops/unary.h"
#include "layer.h"

#include <float.h>
#include <string.h>

/* Weight and bias as asked for, NULL where they are not; false without those that are. */
static bool affine(wg_tape *tape, const struct wg_nn_norm *s, wg_shape shape, wg_tensor *wb[2])
{
    const wg_dtype dtype = wg_dtype_of(s->x);
    wb[0] = wb[1] = NULL;
    if (s->plain) return true;
    wb[0] = wg_nn_param(tape, "weight", dtype, shape, wg__init_by_value(s->weight, 1));
    if (!wb[0] || s->no_bias) return wb[0];
    wb[1] = wg_nn_param(tape, "bias", dtype, shape, wg__init_by_value(s->bias, 0));
    return wb[1];
}

/* ---- batch norm ---- */

/*
 * Of a shared layer in training the running statistics are asked for, so that a wrong one is found,
 * but only the first use moves them: a plan takes one update of a state.
 */
static wg_tensor *normalise_batch(const struct wg_nn_norm *s, wg_tensor *const wb[2],
                                  wg_tensor *mean, wg_tensor *var)
{
    wg_tape   *tape = wg_tape_of(s->x);
    const bool trains = wg_tape_trains(tape), moves = !(trains && wg_shares_params(tape));
    return wg_batch_norm(s->x, wb[0], wb[1], moves ? mean : NULL, moves ? var : NULL,
                         .momentum = s->momentum, .eps = s->eps, .evaluate = !trains);
}

wg_tensor *wg_nn_batch_norm_with(struct wg_nn_norm s)
{
    if (!wg__layer_rank(s.x, "batch_norm", 2, WG_MAX_RANK)) return NULL;
    wg_tape *tape = wg_nn_open(s.x, s.name);
    if (!tape) return NULL;
    const wg_shape channels = WG_SHAPE(wg_shape_of_tensor(s.x).dim[1]);
    wg_tensor     *wb[2], *y = NULL;
    if (affine(tape, &s, channels, wb)) {
        wg_tensor *mean = wg_state(tape, "running_mean", wg_dtype_of(s.x), channels, 0);
        wg_tensor *var = wg_state(tape, "running_var", wg_dtype_of(s.x), channels, 1);
        if (mean && var) y = normalise_batch(&s, wb, mean, var);
    }
    return wg_nn_close(tape, y);
}

/* ---- over the last axes ---- */

/* Shape of the last `dims` axes of x, 1 when left out; false with the error on the tape. */
static bool last_axes(struct wg_nn_norm *s, const char *layer, wg_shape *last)
{
    if (s->dims == 0) s->dims = 1;
    if (!wg__layer_rank(s->x, layer, 1, WG_MAX_RANK) ||
        !wg__layer_positive(s->x, layer, "dims", s->dims) ||
        !wg__layer_rank(s->x, layer, s->dims, WG_MAX_RANK))
        return false;
    const wg_shape shape = wg_shape_of_tensor(s->x);
    *last = (wg_shape){.rank = s->dims};
    memcpy(last->dim, shape.dim + shape.rank - s->dims, (size_t)s->dims * sizeof *last->dim);
    return true;
}

wg_tensor *wg_nn_layer_norm_with(struct wg_nn_norm s)
{
    wg_shape   last;
    wg_tensor *wb[2], *y = NULL;
    if (!last_axes(&s, "layer_norm", &last)) return NULL;
    wg_tape *tape = wg_nn_open(s.x, s.name);
    if (!tape) return NULL;
    if (affine(tape, &s, last, wb))
        y = wg_layer_norm(s.x, wb[0], wb[1], .dims = s.dims, .eps = s.eps);
    return wg_nn_close(tape, y);
}

wg_tensor *wg_nn_rms_norm_with(struct wg_nn_norm s)
{
    wg_shape   last;
    wg_tensor *wb[2], *y = NULL;
    if (!last_axes(&s, "rms_norm", &last)) return NULL;
    s.no_bias = true;
    if (s.eps == 0) s.eps = wg_dtype_of(s.x) == WG_F32 ? (double)FLT_EPSILON : DBL_EPSILON;
    wg_tape *tape = wg_nn_open(s.x, s.name);
    if (!tape) return NULL;
    if (affine(tape, &s, last, wb)) {
        wg_axes axes = {.count = s.dims};
        for (int64_t k = 0; k < s.dims; k++) axes.axis[k] = -1 - k;
        wg_tensor *square = wg_mean(wg_square(s.x), axes, .keep = true);
        y = wg_mul(s.x, wg_rsqrt(wg_add(square, s.eps)));
        if (wb[0]) y = wg_mul(y, wb[0]);
    }
    return wg_nn_close(tape, y);
}

/* ---- over groups of channels ---- */

/* The same for each group: (n, c, ...) as (n, groups, c / groups, ...), by the axes behind. */
static wg_tensor *normalise_groups(const struct wg_nn_norm *s)
{
    const wg_shape shape = wg_shape_of_tensor(s->x);
    wg_shape       apart = {.rank = shape.rank + 1};
    apart.dim[0] = shape.dim[0];
    apart.dim[1] = s->groups;
    apart.dim[2] = shape.dim[1] / s->groups;
    for (int64_t k = 2; k < shape.rank; k++) apart.dim[k + 1] = shape.dim[k];
    wg_tensor *y = wg_layer_norm(wg_reshape(s->x, apart), .dims = shape.rank - 1, .eps = s->eps);
    return wg_reshape(y, shape);
}

static wg_tensor *group_norm(struct wg_nn_norm s, const char *layer)
{
    const wg_shape shape = wg_shape_of_tensor(s.x);
    if (!wg__layer_positive(s.x, layer, "groups", s.groups)) return NULL;
    if (shape.rank == WG_MAX_RANK || shape.dim[1] % s.groups != 0) {
        wg_tape_error_set(wg_tape_of(s.x), "%s: %lld groups do not divide %lld channels", layer,
                          (long long)s.groups, (long long)shape.dim[1]);
        return NULL;
    }
    wg_tape *tape = wg_nn_open(s.x, s.name);
    if (!tape) return NULL;
    wg_shape   channels = {.rank = shape.rank - 1, .dim = {shape.dim[1]}};
    wg_tensor *wb[2], *y = NULL;
    for (int64_t k = 1; k < channels.rank; k++) channels.dim[k] = 1;
    if (affine(tape, &s, WG_SHAPE(shape.dim[1]), wb)) y = normalise_groups(&s);
    if (y && wb[0]) y = wg_mul(y, wg_reshape(wb[0], channels));
    if (y && wb[1]) y = wg_add(y, wg_reshape(wb[1], channels));
    return wg_nn_close(tape, y);
}

wg_tensor *wg_nn_group_norm_with(struct wg_nn_norm s)
{
    return wg__layer_rank(s.x, "group_norm", 2, WG_MAX_RANK) ? group_norm(s, "group_norm") : NULL;
}

wg_tensor *wg_nn_instance_norm_with(struct wg_nn_norm s)
{
    if (!wg__layer_rank(s.x, "instance_norm", 3, WG_MAX_RANK)) return NULL;
    s.groups = wg_shape_of_tensor(s.x).dim[1];
    return group_norm(s, "instance_norm");
}

wg_tensor *wg_nn_dropout(wg_tensor *x, double p)
{
    if (!x || !wg__layer_probability(x, "dropout", p)) return NULL;
    return wg_tape_trains(wg_tape_of(x)) ? wg_dropout(x, p) : x;
}
