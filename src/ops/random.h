// SPDX-License-Identifier: MIT
/*
 * Random numbers, drawn anew in each run, and dropout. They depend on the tape's seed, on the
 * node's place among the random nodes of the record, on the number of the run and on the element:
 * for given four the same bits come out, however many threads there are. uniform, bernoulli and
 * dropout have the same bits on every machine; normal uses the platform's log, cos and sin in
 * double, and agrees to their last bit. f32 is made of 24 random bits, f64 of 53.
 */
#ifndef WENGERT_OPS_RANDOM_H
#define WENGERT_OPS_RANDOM_H

#include "../graph/where.h"

WG_BEGIN_DECLS

/* dropout has a second output, the factors by which x was multiplied. */
extern WG_API const wg_op wg_op_uniform, wg_op_normal, wg_op_bernoulli, wg_op_dropout;

/*
 * Evenly spread over lo <= y < hi; y = lo where they are equal. f32 or f64. Refused: lo > hi,
 * bounds that are not finite or whose distance is not.
 */
WG_API wg_tensor *wg_uniform(wg_tape *tape, wg_dtype dtype, wg_shape shape, double lo, double hi);

/*
 * Normally distributed, by Box and Muller's transform ("A note on the generation of random normal
 * deviates", 1958). f32 or f64. Refused: a negative sd, or one that is not finite.
 */
WG_API wg_tensor *wg_normal(wg_tape *tape, wg_dtype dtype, wg_shape shape, double mean, double sd);

/* 1 with probability p, else 0; f32, f64 or bool. Refused: a p outside [0, 1]. */
WG_API wg_tensor *wg_bernoulli(wg_tape *tape, wg_dtype dtype, wg_shape shape, double p);

/*
 * Each element of x, f32 or f64, is 0 with probability p, else x / (1 - p); dx = dy with the same
 * elements dropped. For training only: evaluate without it. Refused: a p outside [0, 1].
 * Srivastava and others, "Dropout: a simple way to prevent neural networks from overfitting", JMLR
 * 15, 2014.
 */
WG_API wg_tensor *wg_dropout(wg_tensor *x, double p);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_uniform(...)   WG__CALL(wg_uniform(__VA_ARGS__))
#define wg_normal(...)    WG__CALL(wg_normal(__VA_ARGS__))
#define wg_bernoulli(...) WG__CALL(wg_bernoulli(__VA_ARGS__))
#define wg_dropout(...)   WG__CALL(wg_dropout(__VA_ARGS__))
#endif

#endif
