// SPDX-License-Identifier: MIT
/*
 * A position as texts of a checkpoint's file, and back. A file is hostile until shown otherwise; no
 * tape is needed, so that a fuzzer gets at this alone. Not public.
 */
#ifndef WENGERT_TRAIN_POSITION_H
#define WENGERT_TRAIN_POSITION_H

#include "../formats/bytes.h"
#include "../formats/named.h"
#include "checkpoint.h"

/* Keys of the texts. */
#define WG__POSITION_KEY "wengert.position"
#define WG__HISTORY_KEY  "wengert.history"

/* Append all members but the history and the plateau's settings; and the rows of the history (NULL:
   none). Each text ends in a 0. */
void wg__position_print(const wg_position *position, wg__bytes *to);
void wg__history_print(const wg_history *history, wg__bytes *to);

/*
 * Reads both texts of the set into *position, whose history, if there is one, gets the rows. NULL, or
 * what is wrong; then *position and its history may be half filled.
 */
const char *wg__position_read(const wg_named_arrays *set, wg_position *position);

#endif
