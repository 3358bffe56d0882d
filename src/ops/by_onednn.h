// SPDX-License-Identifier: MIT
/*
 * Steps by oneDNN, private to the ops: what their prepare asks, and the kernel and the release of
 * such a step. The tape's options ask for them; wg_call.way names oneDNN's kernel for those that
 * are, and wg_call.why says of others why they are not.
 *
 *     struct wg__onednn made;
 *     if (wg__onednn_wanted(call, multiply_adds) && wg__onednn_matmul(&made, call->onednn, ...))
 *         return wg__by_onednn(call, &made, multiply_adds);
 */
#ifndef WENGERT_OPS_BY_ONEDNN_H
#define WENGERT_OPS_BY_ONEDNN_H

#include "../graph/op.h"
#include "../kernels/onednn.h"

/* Whether it is asked for, of f32, and long enough to be worth a call. */
bool wg__onednn_wanted(wg_call *call, double multiply_adds);

/*
 * The kernel that runs what was made, for the inputs of the call and its one output. NULL without
 * memory, and then *made is given back.
 */
wg_kernel *wg__by_onednn(wg_call *call, struct wg__onednn *made, double multiply_adds);

/* The release of an op of whose steps some may be by oneDNN. */
void wg__onednn_release(wg_call *call);

#endif
