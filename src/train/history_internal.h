// SPDX-License-Identifier: MIT
/* What the files that write and draw a history share, private to the library. */
#ifndef WENGERT_TRAIN_HISTORY_INTERNAL_H
#define WENGERT_TRAIN_HISTORY_INTERNAL_H

#include "../formats/bytes.h"
#include "../formats/file.h"
#include "history.h"

int                 wg__history_columns(const wg_history *history);
const wg_allocator *wg__history_allocator(const wg_history *history);
const char         *wg__history_name(const wg_history *history, int column);

/* Takes the rows behind the first `rows` away again. */
void wg__history_cut(wg_history *history, int64_t rows);

/* Puts together a text and writes it to the file; false with the reason. */
bool wg__history_write(const wg_history *history,
                       void (*print)(const wg_history *history, wg__bytes *to), const char *path,
                       char *reason);

#endif
