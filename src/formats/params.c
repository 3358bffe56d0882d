// SPDX-License-Identifier: MIT
/* Params and states as .npy files in a folder. */
#define _POSIX_C_SOURCE 200809L
#include "params.h"

#include "file.h"
#include "named.h"
#include "npy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool is_learnt(const wg_tensor *leaf)
{
    return wg_role_of(leaf) == WG_PARAM || wg_role_of(leaf) == WG_STATE;
}

/* Writes folder, slash, the name as the header says, ".npy". False when `path` has no room for
   that. */
static bool path_of(const char *folder, const char *name, char path[WG__PATH])
{
    const int front = snprintf(path, WG__PATH, "%s/", folder);
    if (front >= WG__PATH || !wg__file_name(name, path + front, (size_t)(WG__PATH - front)))
        return false;
    const size_t length = strlen(path);
    return WG__PATH - length >= sizeof ".npy" && memcpy(path + length, ".npy", sizeof ".npy");
}

/* The leaf's file in `path`; false with the error on the tape when it would be too long. */
static bool find_path(wg_tensor *leaf, const char *folder, char path[WG__PATH])
{
    if (path_of(folder, wg_name_of(leaf), path)) return true;
    wg_tape_error_set(wg_tape_of(leaf), "\"%s\": the path of its file is too long",
                      wg_name_of(leaf));
    return false;
}

/* True when the tape is without an error and there is a folder to speak of. */
static bool is_ready(wg_tape *tape, const char *folder)
{
    if (!tape) return false;
    if (!folder) wg_tape_error_set(tape, "no folder was given for the params");
    return !wg_tape_error(tape);
}

/* ---- saving ---- */

static bool save(wg_tensor *leaf, const char *folder)
{
    char    path[WG__PATH], reason[WG_REASON];
    wg_view view = {.data = (void *)(uintptr_t)wg_values(leaf), .type = wg_type_of(leaf)};
    if (!view.data || !find_path(leaf, folder, path)) return false;
    wg_shape_strides(view.type->shape, view.stride);
    if (wg_npy_write(path, &view, reason)) return true;
    wg_tape_error_set(wg_tape_of(leaf), "\"%s\" is not saved: %s", wg_name_of(leaf), reason);
    return false;
}

bool wg_params_save(wg_tape *tape, const char *folder)
{
    if (!is_ready(tape, folder)) return false;
    const wg_tensors leaves = wg_leaves(tape);
    if (wg_tape_error(tape)) return false;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        char reason[WG_REASON];
        wg__refuse_errno(reason, folder, "made");
        wg_tape_error_set(tape, "params are not saved: %s", reason);
        return false;
    }
    for (int i = 0; i < leaves.count; i++) {
        if (is_learnt(leaves.at[i]) && !save(leaves.at[i], folder)) return false;
    }
    return true;
}

/* ---- loading ---- */

static bool read(wg_tensor *leaf, const char *folder, const wg_allocator *allocator,
                 wg_array *array)
{
    char path[WG__PATH], reason[WG_REASON], held[WG_SHAPE_TEXT], wanted[WG_SHAPE_TEXT];
    if (!find_path(leaf, folder, path)) return false;
    const wg_type *type = wg_type_of(leaf);
    if (!wg_npy_read(path, allocator, array, reason)) {
        wg_tape_error_set(wg_tape_of(leaf), "\"%s\" is not loaded: %s", wg_name_of(leaf), reason);
        return false;
    }
    if (wg_type_equal(&array->type, type)) return true;
    wg_tape_error_set(
        wg_tape_of(leaf), "\"%s\" is not loaded: its file holds %s %s, wanted is %s %s",
        wg_name_of(leaf), wg_dtype_name(array->type.dtype), wg_shape_text(array->type.shape, held),
        wg_dtype_name(type->dtype), wg_shape_text(type->shape, wanted));
    return false;
}

/* Reads the files of all learnt leaves, arrays[i] for leaf i, and touches no leaf. */
static bool read_all(wg_tensors leaves, const char *folder, const wg_allocator *allocator,
                     wg_array *arrays)
{
    for (int i = 0; i < leaves.count; i++) {
        if (is_learnt(leaves.at[i]) && !read(leaves.at[i], folder, allocator, &arrays[i]))
            return false;
    }
    return true;
}

static bool write_all(wg_tensors leaves, const wg_array *arrays)
{
    bool good = true;
    for (int i = 0; i < leaves.count; i++) {
        const wg_array *array = &arrays[i];
        if (!array->data) continue;
        good = wg_write_values(leaves.at[i], array->type.dtype, array->data, array->type.count) &&
               good;
    }
    return good;
}

bool wg_params_load(wg_tape *tape, const char *folder)
{
    if (!is_ready(tape, folder)) return false;
    const wg_tensors leaves = wg_leaves(tape);
    if (wg_tape_error(tape)) return false;
    const wg_allocator *allocator = wg_tape_settings(tape)->allocator;
    wg_array           *arrays = wg__alloc_zero(allocator, (size_t)leaves.count * sizeof *arrays);
    if (!arrays) {
        wg_tape_error_set(tape, "params are not loaded: there is no memory");
        return false;
    }
    const bool good = read_all(leaves, folder, allocator, arrays) && write_all(leaves, arrays);
    for (int i = 0; i < leaves.count; i++) wg_array_free(&arrays[i]);
    wg__free(allocator, arrays);
    return good;
}
