// SPDX-License-Identifier: MIT
#include "checkpoint.h"

#include "../formats/bytes.h"
#include "../formats/safetensors.h"
#include "../formats/weights.h"
#include "history_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Keys of the file's texts. */
#define POSITION "wengert.position"
#define HISTORY  "wengert.history"

/* ---- saving ---- */

/* All cells, row by row, as hexadecimal floats, which keep every bit. */
static void print_history(const wg_history *history, wg__bytes *to)
{
    const int columns = history ? wg__history_columns(history) : 0;
    wg__bytes_print(to, "%d", columns);
    for (int64_t r = 0; r < wg_history_rows(history); r++)
        for (int c = 0; c < columns; c++) wg__bytes_print(to, " %a", wg_history_row(history, r)[c]);
    wg__bytes_add(to, "", 1);
}

bool wg_checkpoint_save(wg_tape *tape, const char *path, const wg_position *position)
{
    if (!tape || !position) return false;
    char text[200];
    snprintf(text, sizeof text, "%" PRId64 " %" PRId64 " %" PRId64 " %a %" PRId64, position->epoch,
             position->batch, position->step, position->least, position->worse);
    wg__bytes history = {.allocator = wg_tape_settings(tape)->allocator};
    print_history(position->history, &history);
    bool good = !history.refused;
    if (!good) wg_tape_error_set(tape, "checkpoint: there is no memory");
    const wg_metadata metadata[] = {{POSITION, text}, {HISTORY, (const char *)history.at}};
    good = good && wg_weights_save_with((struct wg_weights){
                       .tape = tape, .path = path, .metadata = metadata, .metadata_count = 2});
    wg__bytes_free(&history);
    return good;
}

/* ---- loading ---- */

static bool read_position(const char *text, wg_position *position)
{
    char *end;
    if (sscanf(text, "%" SCNd64 " %" SCNd64 " %" SCNd64, &position->epoch, &position->batch,
               &position->step) != 3)
        return false;
    for (int spaces = 0; spaces < 3; text++) spaces += *text == ' ';
    position->least = strtod(text, &end);
    return sscanf(end, "%" SCNd64, &position->worse) == 1 && position->epoch >= 0 &&
           position->batch >= 0 && position->step >= 0;
}

/* Appends the rows; false when there are other columns, or no memory. */
static bool read_history(const char *text, wg_history *history)
{
    char      *end;
    const long columns = strtol(text, &end, 10);
    if (!history) return true;
    if (columns != wg__history_columns(history)) return columns == 0;
    double *row = wg__alloc(wg__history_allocator(history), (size_t)columns * sizeof *row);
    bool    good = row;
    while (good && *end) {
        for (long c = 0; c < columns; c++) row[c] = strtod(end, &end);
        good = wg_history_add(history, row);
    }
    wg__free(wg__history_allocator(history), row);
    return good;
}

bool wg_checkpoint_load(wg_tape *tape, const char *path, wg_position *position)
{
    if (!tape || !path || !position || wg_tape_error(tape)) return false;
    char            reason[WG_REASON];
    wg_named_arrays set;
    wg_position     found = *position;
    if (!wg_safetensors_read(path, wg_tape_settings(tape)->allocator, &set, reason))
        return wg_tape_error_set(tape, "checkpoint: %s", reason), false;
    const char *text = wg_metadata_find(&set, POSITION), *rows = wg_metadata_find(&set, HISTORY);
    bool        good = text && rows && read_position(text, &found);
    if (!good) wg_tape_error_set(tape, "checkpoint: %s says not where a training stands", path);
    good = good && wg_weights_load_with((struct wg_weights){.tape = tape, .path = path});
    if (good && !read_history(rows, found.history)) {
        wg_tape_error_set(tape, "checkpoint: the history of %s has other columns", path);
        good = false;
    }
    wg_named_free(&set);
    if (good) *position = found;
    return good;
}
