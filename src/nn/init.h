// SPDX-License-Identifier: MIT
/*
 * First values of params. They are made by the counter-based generator of tensor/random.h in double
 * and rounded to the param's dtype, so that the same seed gives the same bits on every machine, and
 * an f32 and an f64 network begin alike.
 */
#ifndef WENGERT_NN_INIT_H
#define WENGERT_NN_INIT_H

#include "../graph/tape.h"

WG_BEGIN_DECLS

/*
 * Writes every param of the tape, frozen ones included: evenly spread over +-1/sqrt(fan), as
 * PyTorch does for convolutions and dense layers. The fan of a param of rank 2 or more is the
 * number of inputs that one output sees, the product of its sizes behind the first; a bias, of rank
 * 1 or 0, takes that of the last such param before it, or 1. Seed and place among the params (see
 * wg_params) decide. False with the error on the tape: one that stood there before, or no memory;
 * NULL is false too.
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

#endif
