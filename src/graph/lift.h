// SPDX-License-Identifier: MIT
/*
 * Copying a record to another tape, on the way in another dtype: a network of f32 becomes the same
 * network of f64.
 */
#ifndef WENGERT_GRAPH_LIFT_H
#define WENGERT_GRAPH_LIFT_H

#include "tape.h"

WG_BEGIN_DECLS

/*
 * Records on `to` again what the wanted tensors depend on, each node by its own op with its own
 * settings, with dtype `into` wherever it was `from`; WG_NO_DTYPE for `from` changes nothing.
 * Leaves become leaves of the same name and role with their values converted, constants likewise.
 * Names, scopes and the user's lines go along, and so do the seed, the number of the run and the
 * numbers of random nodes, so that they draw the same. Returns the copies of the wanted tensors, a
 * list of `to`, as long as `wanted`; on an error, which is on `to` (an op may refuse `into`, a leaf
 * of that name may be there), a list of count 0.
 */
WG_API wg_tensors wg_lift(wg_tape *to, wg_tensors wanted, wg_dtype from, wg_dtype into);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_lift(...) WG__CALL_LIST(wg_lift(__VA_ARGS__))
#endif

#endif
