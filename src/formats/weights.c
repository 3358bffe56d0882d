// SPDX-License-Identifier: MIT
/* Weights: the leaves of a tape and the arrays of a file, matched by name. Which format is which is
   said here alone. */
#include "weights.h"

#include "npz.h"
#include "safetensors.h"

#include <stdarg.h>
#include <string.h>

/* ---- formats ---- */

typedef bool reader(const char *path, const wg_allocator *allocator, wg_named_arrays *set,
                    char *reason);
typedef bool writer(const char *path, const wg_named_views *views, const wg_allocator *allocator,
                    char *reason);

typedef struct kind {
    const char *ending;
    reader     *read;
    writer     *write;
} kind;

static const kind kinds[] = {{".safetensors", wg_safetensors_read, wg_safetensors_write},
                             {".npz", wg_npz_read, wg_npz_write}};

/* By the path's ending; NULL with the error on the tape, also when one was there before. */
static const kind *kind_of(wg_tape *tape, const char *path)
{
    if (!tape || wg_tape_error(tape)) return NULL;
    const size_t length = path ? strlen(path) : 0;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const size_t ending = strlen(kinds[k].ending);
        if (length > ending && strcmp(path + length - ending, kinds[k].ending) == 0)
            return &kinds[k];
    }
    wg_tape_error_set(tape, "weights: \"%s\" does not end in .safetensors or .npz",
                      path ? path : "NULL");
    return NULL;
}

/* ---- the tape's side ---- */

/* Params and states with the names that they have in files. */
typedef struct learnt {
    wg_tape            *tape;
    const wg_allocator *allocator;
    size_t              count;
    wg_tensor         **leaf;
    wg_named_view      *view; /* of the leaf's values */
} learnt;

static bool is_wanted(const wg_tensor *leaf, const struct wg_weights *weights)
{
    if (wg_role_of(leaf) != WG_STATE) return wg_role_of(leaf) == WG_PARAM;
    return weights->all || !(weights->params_only || wg_is_of_training(leaf));
}

static void learnt_free(learnt *all)
{
    for (size_t i = 0; all->view && i < all->count; i++)
        wg__free(all->allocator, (void *)(uintptr_t)all->view[i].name);
    wg__free(all->allocator, all->leaf);
    wg__free(all->allocator, all->view);
}

static bool add_leaf(learnt *all, wg_tensor *leaf)
{
    const void  *values = wg_values(leaf);
    const size_t room = 3 * strlen(wg_name_of(leaf)) + 1;
    char        *name = wg__alloc(all->allocator, room);
    if (name) wg__file_name(wg_name_of(leaf), name, room);
    wg_view view = {.data = (void *)(uintptr_t)values, .type = wg_type_of(leaf)};
    wg_shape_strides(view.type->shape, view.stride);
    all->view[all->count] = (wg_named_view){.name = name, .view = view};
    all->leaf[all->count++] = leaf;
    if (!name) wg_tape_error_set(all->tape, "weights: there is no memory");
    return name && values;
}

static bool learnt_of(const struct wg_weights *weights, learnt *all)
{
    wg_tape *const   tape = weights->tape;
    const wg_tensors leaves = wg_leaves(tape);
    *all = (learnt){.tape = tape, .allocator = wg_tape_settings(tape)->allocator};
    if (wg_tape_error(tape)) return false;
    all->leaf = wg__alloc(all->allocator, (size_t)leaves.count * sizeof *all->leaf);
    all->view = wg__alloc(all->allocator, (size_t)leaves.count * sizeof *all->view);
    bool good = all->leaf && all->view;
    if (!good) wg_tape_error_set(tape, "weights: there is no memory");
    for (int i = 0; i < leaves.count && good; i++)
        if (is_wanted(leaves.at[i], weights)) good = add_leaf(all, leaves.at[i]);
    return good;
}

bool wg_weights_save_with(struct wg_weights weights)
{
    learnt      all = {0};
    char        reason[WG_REASON];
    const kind *found = kind_of(weights.tape, weights.path);
    if (!found) return false;
    bool good = learnt_of(&weights, &all);
    if (good) {
        const wg_named_views views = {.count = all.count,
                                      .at = all.view,
                                      .metadata = weights.metadata,
                                      .metadata_count = weights.metadata_count};
        good = found->write(weights.path, &views, all.allocator, reason);
        if (!good) wg_tape_error_set(weights.tape, "weights are not saved: %s", reason);
    }
    learnt_free(&all);
    return good;
}

/* ---- matching ---- */

/* What became of the arrays, and the first sentence about one that is an error. */
typedef struct tally {
    FILE *report;
    int   loaded, missing, unexpected, mismatched;
    char  first[WG_REASON];
} tally;

static void tell(tally *t, bool is_error, const char *format, ...) WG_PRINTF(3, 4);

static void tell(tally *t, bool is_error, const char *format, ...)
{
    char    line[WG_REASON];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (t->report) fprintf(t->report, "%s\n", line);
    if (is_error && !t->first[0]) memcpy(t->first, line, sizeof line);
}

static const char *type_text(const wg_type *type, char text[WG_SHAPE_TEXT + 8])
{
    char shape[WG_SHAPE_TEXT];
    snprintf(text, WG_SHAPE_TEXT + 8, "%s %s", wg_dtype_name(type->dtype),
             wg_shape_text(type->shape, shape));
    return text;
}

/* Counts one leaf of the tape. */
static void match(const struct wg_weights *weights, const wg_named_arrays *set,
                  const wg_named_view *view, tally *t)
{
    char            wanted[WG_SHAPE_TEXT + 8], held[WG_SHAPE_TEXT + 8];
    const wg_array *array = wg_named_find(set, view->name);
    type_text(view->view.type, wanted);
    if (!array) {
        t->missing++;
        tell(t, !weights->partial, "missing: \"%s\", %s", view->name, wanted);
    } else if (!wg_type_equal(&array->type, view->view.type)) {
        t->mismatched++;
        tell(t, true, "mismatched: \"%s\" is %s in the file, wanted is %s", view->name,
             type_text(&array->type, held), wanted);
    } else {
        t->loaded++;
    }
}

/* PyTorch's batch norms keep how many batches they saw, which only a momentum of None would use. */
static bool is_batch_count(const char *name)
{
    const char *dot = strrchr(name, '.');
    return strcmp(dot ? dot + 1 : name, "num_batches_tracked") == 0;
}

/* Each array of the file, found among all that the tape has learnt. */
static void find_unexpected(const struct wg_weights *weights, const wg_named_arrays *set,
                            const learnt *all, tally *t)
{
    for (size_t k = 0; k < set->count; k++) {
        char   held[WG_SHAPE_TEXT + 8];
        size_t i = 0;
        while (i < all->count && strcmp(all->view[i].name, set->at[k].name) != 0) i++;
        if (i < all->count || is_batch_count(set->at[k].name)) continue;
        t->unexpected++;
        tell(t, !weights->partial, "unexpected: \"%s\", %s", set->at[k].name,
             type_text(&set->at[k].array.type, held));
    }
}

/* Holds all against all; false with the error on the tape. */
static bool match_all(const struct wg_weights *weights, const wg_named_arrays *set,
                      const learnt *all)
{
    tally t = {.report = weights->report};
    for (size_t i = 0; i < all->count; i++)
        if (is_wanted(all->leaf[i], weights)) match(weights, set, &all->view[i], &t);
    find_unexpected(weights, set, all, &t);
    if (t.report) {
        fprintf(t.report, "%d loaded, %d missing, %d unexpected, %d mismatched\n",
                t.first[0] ? 0 : t.loaded, t.missing, t.unexpected, t.mismatched);
    }
    if (!t.first[0]) return true;
    wg_tape_error_set(weights->tape,
                      "weights are not loaded: %s: %d missing, %d unexpected, %d mismatched; %s",
                      weights->path, t.missing, t.unexpected, t.mismatched, t.first);
    return false;
}

static bool write_all(const struct wg_weights *weights, const wg_named_arrays *set,
                      const learnt *all)
{
    bool good = true;
    for (size_t i = 0; i < all->count; i++) {
        const wg_array *array = wg_named_find(set, all->view[i].name);
        if (!array || !is_wanted(all->leaf[i], weights)) continue;
        good = wg_write_values(all->leaf[i], array->type.dtype, array->data, array->type.count) &&
               good;
    }
    return good;
}

bool wg__weights_take(const struct wg_weights *weights, const wg_named_arrays *set)
{
    /* What is not wanted is looked at, too, so that it is not unexpected. */
    const struct wg_weights whole = {.tape = weights->tape, .all = true};
    learnt                  all = {0};
    const bool              good =
        learnt_of(&whole, &all) && match_all(weights, set, &all) && write_all(weights, set, &all);
    learnt_free(&all);
    return good;
}

bool wg_weights_load_with(struct wg_weights weights)
{
    wg_named_arrays set = {0};
    char            reason[WG_REASON];
    const kind     *found = kind_of(weights.tape, weights.path);
    if (!found) return false;
    bool good = found->read(weights.path, wg_tape_settings(weights.tape)->allocator, &set, reason);
    if (!good) wg_tape_error_set(weights.tape, "weights are not loaded: %s", reason);
    good = good && wg__weights_take(&weights, &set);
    wg_named_free(&set);
    return good;
}
