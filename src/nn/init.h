// SPDX-License-Identifier: MIT
/*
 * First values of params. They are made in double by a counter-based generator and rounded to the
 * param's dtype, so that the same seed gives the same bits on every machine and instruction set, and
 * an f32 and an f64 network begin alike. Names, formulas and defaults are those of torch.nn.init.
 *
 *     wg_init(w, WG_INIT_KAIMING_NORMAL);
 *     wg_init(w, WG_INIT_XAVIER_UNIFORM, .gain = WG_GAIN_TANH);
 *     wg_nn_linear(x, "fc1", .outputs = 10, .weight = {.way = WG_INIT_ORTHOGONAL});
 *
 * The fans of a weight (outputs, inputs, ...) are, with its receptive field r, the product of the
 * sizes behind the second: fan in = inputs r, fan out = outputs r.
 */
#ifndef WENGERT_NN_INIT_H
#define WENGERT_NN_INIT_H

#include "../graph/tape.h"

/* How first values are made. */
typedef enum wg_init_way {
    WG_INIT_DEFAULT,          /* of a layer: what PyTorch's layer does. wg_init refuses it */
    WG_INIT_CONSTANT,         /* .value */
    WG_INIT_UNIFORM,          /* .lo to .hi; both left out: 0 to 1 */
    WG_INIT_NORMAL,           /* .mean and .sd, which left out is 1 */
    WG_INIT_TRUNCATED_NORMAL, /* the same, .lo to .hi; both left out: -2 to 2 */
    WG_INIT_XAVIER_UNIFORM,   /* +-gain sqrt(6 / (fan in + fan out)): Glorot, Bengio, 2010 */
    WG_INIT_XAVIER_NORMAL,    /* sd gain sqrt(2 / (fan in + fan out)) */
    WG_INIT_KAIMING_UNIFORM,  /* +-gain sqrt(3 / fan): He and others, arXiv:1502.01852 */
    WG_INIT_KAIMING_NORMAL,   /* sd gain / sqrt(fan) */
    WG_INIT_ORTHOGONAL, /* gain Q; rows, or columns if fewer: Saxe and others, arXiv:1312.6120 */
    WG_INIT_IDENTITY,   /* of rank 2: 1 on the diagonal, 0 elsewhere */
    WG_INIT_DIRAC       /* of rank 3 to 5: each group of filters passes its channels on */
} wg_init_way;

/*
 * A way and its settings. `gain` left out is 1, for Kaiming's the root of 2; Kaiming's fan is fan
 * in unless fan_out; `groups` left out is 1.
 */
typedef struct wg_init_settings {
    wg_init_way way;
    double      value, lo, hi, mean, sd, gain;
    bool        fan_out;
    int64_t     groups;
} wg_init_settings;

/* Gains: by how much an activation's input must be wider than its output is to stay as wide. */
#define WG_GAIN_TANH (5.0 / 3)
#define WG_GAIN_RELU 1.4142135623730951
#define WG_GAIN_SELU 0.75

WG_BEGIN_DECLS

/* That of leaky ReLU: sqrt(2 / (1 + slope^2)). */
WG_API double wg_gain_leaky_relu(double slope);

/*
 * wg_init(param, way, .value, .lo, .hi, .mean, .sd, .gain, .fan_out, .groups): writes the param.
 * The tape's seed (wg_tape_seed) and the param's place in wg_params decide. False with an error on
 * the tape, and nothing written, for what is no param, a rank that the way does not take, settings
 * that are not finite, lo > hi, a negative sd, bounds that hold less than a hundredth of a truncated
 * normal distribution, groups that do not divide the filters; NULL is false without one.
 */
WG_API bool wg_init_with(wg_tensor *param, wg_init_settings settings);
#ifndef __cplusplus
#define wg_init(param, ...)                                                                        \
    WG__CALL_BOOL(wg_init_with(param, (wg_init_settings){.way = __VA_ARGS__}))
#endif

/*
 * Writes every param of the tape, frozen ones included: evenly spread over +-1/sqrt(fan), as
 * PyTorch does for convolutions and dense layers. The fan of a param of rank 2 or more is fan in; a
 * bias, of rank 1 or 0, takes that of the last such param before it, or 1. Seed and place among the
 * params (see wg_params) decide. False with the error on the tape: one that stood there before, or
 * no memory; NULL is false too.
 */
WG_API bool wg_init_uniform(wg_tape *tape, uint64_t seed);

/*
 * Writes one param: evenly spread over lo <= value <= hi. Seed and place among the tape's params
 * decide. False, with an error on the tape, for what is no param, for lo > hi, for bounds that are
 * not finite in the param's dtype or too far apart for a double; NULL is false without one.
 */
WG_API bool wg_init_param_uniform(wg_tensor *param, double lo, double hi, uint64_t seed);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_init_uniform(...)       WG__CALL_BOOL(wg_init_uniform(__VA_ARGS__))
#define wg_init_param_uniform(...) WG__CALL_BOOL(wg_init_param_uniform(__VA_ARGS__))
#endif

/* ---- private to the library ---- */

/* wg_init_with, but row number `empty`, unless that is -1, becomes 0. */
bool wg__init_table(wg_tensor *param, wg_init_settings settings, int64_t empty);

#endif
