// SPDX-License-Identifier: MIT
#include "checkpoint.h"

#include "../formats/safetensors.h"
#include "../formats/weights.h"
#include "history_internal.h"
#include "position.h"

#include <string.h>

bool wg__checkpoint_named(wg_tape *tape, const char *path)
{
    static const char ending[] = ".safetensors";
    const size_t      length = path ? strlen(path) : 0, tail = sizeof ending - 1;
    if (length > tail && strcmp(path + length - tail, ending) == 0) return true;
    wg_tape_error_set(tape, "checkpoint: \"%s\" does not end in %s", path ? path : "NULL", ending);
    return false;
}

bool wg_checkpoint_save(wg_tape *tape, const char *path, const wg_position *position)
{
    if (!tape || !position || wg_tape_error(tape) || !wg__checkpoint_named(tape, path))
        return false;
    const wg_allocator *allocator = wg_tape_settings(tape)->allocator;
    wg__bytes           text = {.allocator = allocator}, history = {.allocator = allocator};
    wg__position_print(position, &text);
    wg__history_print(position->history, &history);
    bool good = !text.refused && !history.refused;
    if (!good) wg_tape_error_set(tape, "checkpoint: there is no memory");
    const wg_metadata metadata[] = {{WG__POSITION_KEY, (const char *)text.at},
                                    {WG__HISTORY_KEY, (const char *)history.at}};
    good = good &&
           wg_weights_save_with((struct wg_weights){
               .tape = tape, .path = path, .all = true, .metadata = metadata, .metadata_count = 2});
    wg__bytes_free(&text);
    wg__bytes_free(&history);
    return good;
}

bool wg_checkpoint_load(wg_tape *tape, const char *path, wg_position *position)
{
    if (!tape || !path || !position || wg_tape_error(tape)) return false;
    char            reason[WG_REASON];
    wg_named_arrays set;
    wg_position     found = *position;
    const int64_t   rows = wg_history_rows(position->history);
    if (!wg_safetensors_read(path, wg_tape_settings(tape)->allocator, &set, reason))
        return wg_tape_error_set(tape, "checkpoint: %s", reason), false;
    const char *wrong = wg__position_read(&set, &found);
    if (wrong) wg_tape_error_set(tape, "checkpoint: %s: %s", path, wrong);
    const struct wg_weights weights = {.tape = tape, .path = path, .all = true};
    const bool              good = !wrong && wg__weights_take(&weights, &set);
    if (good)
        *position = found;
    else
        wg__history_cut(position->history, rows);
    wg_named_free(&set);
    return good;
}
