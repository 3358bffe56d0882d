// SPDX-License-Identifier: MIT
/* One sweep, as derive.c asks for it. */
#ifndef WENGERT_GRAPH_SWEEP_H
#define WENGERT_GRAPH_SWEEP_H

#include "internal.h"

/* The adjoints of `wanted` by `outputs`, each weighted with its seed (1 where there are none). */
typedef struct wg__sweep {
    wg_tape   *tape;
    wg__walk   walk;
    wg_tensors outputs, seeds, wanted;
    bool       cut; /* wanted tensors count as independent: nothing flows through one to another */
} wg__sweep;

/*
 * Records the adjoint of each wanted tensor in results; zeros, and reached[i] false, where no
 * output depends on it. False with the error on the tape.
 */
bool wg__sweep_run(wg__sweep *s, wg_tensor **results, bool *reached);

#endif
