// SPDX-License-Identifier: MIT
/*
 * How far a long piece of work is: one line that is drawn again and again on a terminal, and a plain
 * line now and then elsewhere.
 *
 *     struct wg_progress progress = {.file = stderr, .title = "epoch 3/8", .steps = 938};
 *     for (...) wg_progress_show(&progress, i + 1, 64 * (i + 1), "loss 0.312");
 *     wg_progress_end(&progress, "loss 0.305, accuracy 88.91 %");
 *
 *     epoch 3/8 [=========>        ] 47 % 12,341/s 0:08 left loss 0.312
 */
#ifndef WENGERT_TRAIN_PROGRESS_H
#define WENGERT_TRAIN_PROGRESS_H

#include "../tensor/export.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What the terminal can show; found out from the file and the environment where left out. */
typedef enum wg_line { WG_LINE_FIND_OUT, WG_LINE_UTF8, WG_LINE_ASCII, WG_LINE_PLAIN } wg_line;

/* Members left zero stand for the default. A NULL file shows nothing. */
struct wg_progress {
    FILE       *file;
    const char *title;
    int64_t     steps; /* of the whole */
    int         width; /* columns: those of the terminal, or 80 */
    wg_line     line;
    double      begun, shown; /* from here on private; all zero at first */
    bool        started;
};

WG_BEGIN_DECLS

/*
 * `done` of the steps are done, and so many samples; `text` (or NULL) stands at the end. Draws at
 * most ten times a second on a terminal, every ten seconds elsewhere; otherwise it only looks at the
 * clock. Where the line is wider than a terminal it has no bar, and then its end is cut off.
 */
WG_API void wg_progress_show(struct wg_progress *progress, int64_t done, int64_t samples,
                             const char *text);

/* Replaces the line by title, time and text, and ends it; the struct is ready for the next one. */
WG_API void wg_progress_end(struct wg_progress *progress, const char *text);

WG_END_DECLS

#endif
