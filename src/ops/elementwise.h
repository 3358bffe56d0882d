// SPDX-License-Identifier: MIT
/* Infer rules that elementwise ops share. Not public. */
#ifndef WENGERT_OPS_ELEMENTWISE_H
#define WENGERT_OPS_ELEMENTWISE_H

#include "../graph/choose.h"

/*
 * Ready infer rules: inputs of one dtype and one shape, and an output like them. Any dtype; any
 * dtype but bool.
 */
const char *wg__infer_alike(wg_infer *i);
const char *wg__infer_numbers(wg_infer *i);

/* The same, any dtype, but the output is bool. */
const char *wg__infer_comparison(wg_infer *i);

/* NULL when all inputs have one shape. */
const char *wg__infer_same_shape(wg_infer *i);

#endif
