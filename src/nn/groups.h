// SPDX-License-Identifier: MIT
/*
 * Groups of params by their names, in which '*' stands for any characters, none and '/' included,
 * and '?' for one.
 *
 *     wg_params_freeze(tape, "encoder*", true);
 *     wg_tensors decayed = wg_params_matching(tape, "*weight");
 */
#ifndef WENGERT_NN_GROUPS_H
#define WENGERT_NN_GROUPS_H

#include "../graph/tape.h"

WG_BEGIN_DECLS

/*
 * The params whose full name fits the pattern, in the order of wg_params. The list lives until
 * wg_tape_clear; it may be empty, and is on an error.
 */
WG_API wg_tensors wg_params_matching(wg_tape *tape, const char *pattern);

/*
 * wg_param_freeze for each of them; returns their number. None at all is an error on the tape, as a
 * pattern that fits nothing is most likely misspelt.
 */
WG_API int wg_params_freeze(wg_tape *tape, const char *pattern, bool frozen);

WG_END_DECLS

#endif
