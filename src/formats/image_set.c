// SPDX-License-Identifier: MIT
/* A tree of folders as a set of images: paths are listed and sorted first, then the pictures are
   read, the first of which says what the others must be. */
#define _POSIX_C_SOURCE 200809L
#include "file.h"
#include "named.h"
#include "png.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Names or paths, each a piece of memory of its own. */
typedef struct list {
    char **at;
    size_t count, room;
} list;

typedef struct walk {
    const wg_allocator *allocator;
    char               *reason;
    list                paths; /* of all images, class by class */
    wg_image_set       *set;
} walk;

static bool no_memory(const walk *w, const char *path)
{
    return wg__refuse(w->reason, path, "there is no memory for its images");
}

static bool list_add(const walk *w, list *to, const char *text)
{
    char *copy = wg__text_new(w->allocator, text);
    if (copy && wg__grow(w->allocator, &to->at, &to->room, to->count + 1, sizeof *to->at)) {
        to->at[to->count++] = copy;
        return true;
    }
    wg__free(w->allocator, copy);
    return false;
}

static void list_free(const walk *w, list *l)
{
    for (size_t i = 0; i < l->count; i++) wg__free(w->allocator, l->at[i]);
    wg__free(w->allocator, l->at);
    *l = (list){0};
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* ---- listing ---- */

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool is_picture(const char *path)
{
    const size_t length = strlen(path), ending = strlen(".png");
    return length > ending && strcmp(path + length - ending, ".png") == 0;
}

static bool join(const walk *w, const char *folder, const char *name, char path[WG__PATH])
{
    return snprintf(path, WG__PATH, "%s/%s", folder, name) < WG__PATH ||
           wg__refuse(w->reason, folder, "has too long a path in it");
}

/* Appends the names in a folder for whose paths `wanted` holds, sorted. */
static bool list_folder(const walk *w, const char *folder, bool (*wanted)(const char *path),
                        list *to)
{
    char         path[WG__PATH];
    const size_t before = to->count;
    DIR         *opened = opendir(folder);
    bool         good = opened || wg__refuse_errno(w->reason, folder, "opened");
    while (good) {
        errno = 0;
        const struct dirent *entry = readdir(opened);
        if (!entry) {
            good = errno == 0 || wg__refuse_errno(w->reason, folder, "read");
            break;
        }
        good = entry->d_name[0] == '.' ||
               (join(w, folder, entry->d_name, path) &&
                (!wanted(path) || list_add(w, to, entry->d_name) || no_memory(w, folder)));
    }
    if (opened) closedir(opened);
    if (to->count > before + 1)
        qsort(to->at + before, to->count - before, sizeof *to->at, compare_texts);
    return good;
}

/* Appends the paths of a class's images. */
static bool list_class(walk *w, const char *folder)
{
    char path[WG__PATH];
    list names = {0};
    bool good = list_folder(w, folder, is_picture, &names);
    if (good && names.count == 0) good = wg__refuse(w->reason, folder, "has no image *.png");
    for (size_t i = 0; i < names.count && good; i++) {
        good = join(w, folder, names.at[i], path) &&
               (list_add(w, &w->paths, path) || no_memory(w, folder));
    }
    list_free(w, &names);
    return good;
}

/* ---- reading ---- */

/* Makes room for so many pictures like the first. */
static bool make_room(const walk *w, const wg_array *first)
{
    wg_image_set *set = w->set;
    wg_shape      shape = {.rank = 4, .dim = {(int64_t)w->paths.count}};
    wg_type       pixels, labels;
    memcpy(shape.dim + 1, first->type.shape.dim, 3 * sizeof *shape.dim);
    return wg_type_make(WG_U8, shape, &pixels) &&
           wg_type_make(WG_I64, (wg_shape){1, {shape.dim[0]}}, &labels) &&
           wg__array_new(&set->pixels, &pixels, w->allocator) &&
           wg__array_new(&set->labels, &labels, w->allocator);
}

/* Reads picture i and puts it behind those before it. */
static bool read_image(const walk *w, size_t i, wg_image_order order)
{
    wg_array      one;
    wg_image_set *set = w->set;
    const char   *path = w->paths.at[i];
    if (!wg_png_read(path, order, w->allocator, &one, w->reason)) return false;
    bool good = i > 0 || make_room(w, &one) || no_memory(w, path);
    if (good &&
        memcmp(set->pixels.type.shape.dim + 1, one.type.shape.dim, 3 * sizeof(int64_t)) != 0) {
        char text[WG_SHAPE_TEXT];
        good = wg__refuse(w->reason, path, "is %s, other than the images before it",
                          wg_shape_text(one.type.shape, text));
    }
    const size_t bytes = wg__type_bytes(&one.type);
    if (good) memcpy((unsigned char *)set->pixels.data + i * bytes, one.data, bytes);
    wg_array_free(&one);
    return good;
}

/* Lists the images of all classes and counts them, reads them, and labels them. */
static bool read_classes(walk *w, const char *folder, const list *names, wg_image_order order,
                         size_t *ends)
{
    char path[WG__PATH];
    for (size_t k = 0; k < names->count; k++) {
        if (!join(w, folder, names->at[k], path) || !list_class(w, path)) return false;
        ends[k] = w->paths.count;
    }
    for (size_t i = 0; i < w->paths.count; i++)
        if (!read_image(w, i, order)) return false;
    int64_t *label = w->set->labels.data;
    for (size_t i = 0, k = 0; i < w->paths.count; i++) {
        k += i == ends[k];
        label[i] = (int64_t)k;
    }
    return true;
}

static bool read_tree(walk *w, const char *folder, list *names, wg_image_order order)
{
    if (!list_folder(w, folder, is_folder, names)) return false;
    if (names->count == 0) return wg__refuse(w->reason, folder, "has no folder of a class");
    size_t *ends = wg__alloc(w->allocator, names->count * sizeof *ends);
    if (!ends) return no_memory(w, folder);
    const bool good = read_classes(w, folder, names, order, ends);
    wg__free(w->allocator, ends);
    return good;
}

bool wg_images_folder(const char *folder, wg_image_order order, const wg_allocator *allocator,
                      wg_image_set *set, char reason[WG_REASON])
{
    if (!allocator) allocator = wg_allocator_default();
    *set = (wg_image_set){.allocator = allocator};
    if (!folder) return wg__refuse(reason, "NULL", "is no folder");
    walk       w = {.allocator = allocator, .reason = reason, .set = set};
    list       names = {0};
    const bool good = read_tree(&w, folder, &names, order);
    list_free(&w, &w.paths);
    set->classes = names.at;
    set->class_count = (int64_t)names.count;
    if (!good) wg_image_set_free(set);
    return good;
}

void wg_image_set_free(wg_image_set *set)
{
    wg_array_free(&set->pixels);
    wg_array_free(&set->labels);
    for (int64_t i = 0; i < set->class_count; i++) wg__free(set->allocator, set->classes[i]);
    if (set->classes) wg__free(set->allocator, set->classes);
    *set = (wg_image_set){0};
}
