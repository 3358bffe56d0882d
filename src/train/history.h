// SPDX-License-Identifier: MIT
/*
 * What was measured in the course of a training: a table with a row for each epoch (or each step),
 * to be written as CSV or JSON lines and drawn as curves.
 *
 *     static const char *const columns[] = {"epoch", "loss", "validation loss"};
 *     wg_history *history = wg_history_new(columns, 3, NULL);
 *     wg_history_add(history, (double[]){1, 0.52, 0.48});
 *     wg_history_write_svg(history, "loss.svg", reason);
 *
 * The first column is the x of the curves.
 */
#ifndef WENGERT_TRAIN_HISTORY_H
#define WENGERT_TRAIN_HISTORY_H

#include "../formats/array.h"

#include <stdio.h>

/* Rows of numbers; freed with wg_history_free. */
typedef struct wg_history wg_history;

WG_BEGIN_DECLS

/* No rows yet. Names are copied. NULL without columns, or memory from `allocator` (NULL: the
   default). */
WG_API wg_history *wg_history_new(const char *const *columns, int count,
                                  const wg_allocator *allocator);
WG_API void        wg_history_free(wg_history *history);

/* Appends a row, a number for each column; NaN where there is none. False without memory. */
WG_API bool wg_history_add(wg_history *history, const double *row);

/* Rows; row i as it was added; the column of this name, or -1. */
WG_API int64_t       wg_history_rows(const wg_history *history);
WG_API const double *wg_history_row(const wg_history *history, int64_t i);
WG_API int           wg_history_column(const wg_history *history, const char *name);

/*
 * Write the whole table to a file, which is replaced as a whole: CSV with a head line (RFC 4180);
 * an object in JSON a line, without NaN and infinities; curves of all columns but the first as SVG.
 * False with the reason.
 */
WG_API bool wg_history_write_csv(const wg_history *history, const char *path,
                                 char reason[WG_REASON]);
WG_API bool wg_history_write_jsonl(const wg_history *history, const char *path,
                                   char reason[WG_REASON]);
WG_API bool wg_history_write_svg(const wg_history *history, const char *path,
                                 char reason[WG_REASON]);

/*
 * Draws one column over the first as text of so many columns and lines, for a terminal. False for
 * no such column, or when the file cannot be written.
 */
WG_API bool wg_history_plot(const wg_history *history, const char *column, int width, int height,
                            FILE *file);

WG_END_DECLS

#endif
