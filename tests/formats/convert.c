// SPDX-License-Identifier: MIT
/* Reads weights from one file and writes them to another, for check_weights.py. */
#include <stdio.h>
#include <string.h>
#include <wengert/formats/npz.h>
#include <wengert/formats/safetensors.h>

static bool is_npz(const char *path)
{
    return strstr(path, ".npz") != NULL;
}

static bool write_set(const char *path, const wg_named_arrays *set, char *reason)
{
    wg_named_view views[100];
    for (size_t i = 0; i < set->count; i++)
        views[i] = (wg_named_view){set->at[i].name, wg_array_view(&set->at[i].array)};
    const wg_named_views all = {set->count, views, set->metadata_count, set->metadata};
    return is_npz(path) ? wg_npz_write(path, &all, NULL, reason)
                        : wg_safetensors_write(path, &all, NULL, reason);
}

int main(int count, char **arguments)
{
    wg_named_arrays set = {0};
    char            reason[WG_REASON] = "usage: convert FROM TO";
    bool            good = count == 3;
    if (good) {
        good = is_npz(arguments[1]) ? wg_npz_read(arguments[1], NULL, &set, reason)
                                    : wg_safetensors_read(arguments[1], NULL, &set, reason);
    }
    good = good && set.count <= 100 && write_set(arguments[2], &set, reason);
    if (!good) fprintf(stderr, "%s\n", reason);
    wg_named_free(&set);
    return !good;
}
