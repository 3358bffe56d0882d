// SPDX-License-Identifier: MIT
/* The texts of a checkpoint: a position, and the rows of a history. */
#include "fuzz.h"

#include <stdio.h>
#include <wengert/formats/safetensors.h>
#include <wengert/train/position.h>

bool fuzz_parse(const char *path, const wg_allocator *allocator, char reason[WG_REASON])
{
    wg_named_arrays set = {0};
    wg_position     found = {.history =
                                 wg_history_new((const char *const[]){"epoch", "loss"}, 2, allocator)};
    const char     *wrong = found.history ? NULL : "there is no memory";
    bool            good = !wrong && wg_safetensors_read(path, allocator, &set, reason);
    if (good) wrong = wg__position_read(&set, &found);
    if (wrong) snprintf(reason, WG_REASON, "%s", wrong);
    wg_named_free(&set);
    wg_history_free(found.history);
    return good && !wrong;
}
