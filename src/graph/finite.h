// SPDX-License-Identifier: MIT
/*
 * Where infinities and NaN come from: the record is computed once more, as the leaves are now and
 * with the random numbers of the last run, and walked back from what is bad to what was bad first.
 *
 *     wg_tensor *first = wg_first_not_finite(WG_TENSORS(loss), NULL);
 *     if (first) printf("%s at %s\n", wg_op_of(first)->name, wg_where_of(first));
 */
#ifndef WENGERT_GRAPH_FINITE_H
#define WENGERT_GRAPH_FINITE_H

#include "tape.h"

WG_BEGIN_DECLS

/*
 * The first tensor of the record, a leaf or an op's output, that holds a number which is not finite
 * and from which, through others that do, it came to one of the wanted tensors. A mask of
 * infinities that ends in a softmax is none, as what follows is finite. *number (NULL: not wanted)
 * becomes that of the first of `wanted` that is not finite, -1 without one. NULL when all wanted are
 * finite, for an empty list, and on an error, which is on the tape; an error that was there before
 * stays and does not hinder. Takes memory for all values at once, and gives it back.
 */
WG_API wg_tensor *wg_first_not_finite(wg_tensors wanted, int *number);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_first_not_finite(...) WG__CALL_POINTER(wg_tensor *, wg_first_not_finite(__VA_ARGS__))
#endif

#endif
