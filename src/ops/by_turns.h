// SPDX-License-Identifier: MIT
/*
 * Images with channels last for a kernel that knows packed ones alone: turned in scratch before and
 * after it. For a step whose plan counted on another kernel. Not public.
 */
#ifndef WENGERT_OPS_BY_TURNS_H
#define WENGERT_OPS_BY_TURNS_H

#include "../graph/op.h"

/* What it costs to turn an element, in moves; what a kernel spares that need not do it. */
#define WG__TURN 3.0

/*
 * At the end of prepare, when the kernel has asked for all that it needs: the kernel itself, or one
 * that turns the ends of call->channels_last, of four at most, around it. NULL for NULL, and without memory.
 */
wg_kernel *wg__by_turns(wg_call *call, wg_kernel *kernel);

#endif
