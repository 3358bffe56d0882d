// SPDX-License-Identifier: MIT
/*
 * The header of safetensors: its length in 8 bytes, the least significant one first, then
 *
 *     {"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}
 *
 * and spaces. Everything in it is held against everything else before a value is read.
 */
#include "safetensors_header.h"

#include "json.h"
#include "safetensors.h"

#include <stdlib.h>
#include <string.h>

/* In the order of the format's own library, in which dtypes are written: the last ones first. */
static const struct {
    char      text[5];
    wg_dtype  dtype;
    bool      is_short;
    wg__short kind;
} codes[] = {{"BOOL", WG_BOOL, false, WG__HALF}, {"U8", WG_U8, false, WG__HALF},
             {"F16", WG_F32, true, WG__HALF},    {"BF16", WG_F32, true, WG__BRAIN},
             {"I32", WG_I32, false, WG__HALF},   {"F32", WG_F32, false, WG__HALF},
             {"F64", WG_F64, false, WG__HALF},   {"I64", WG_I64, false, WG__HALF}};

enum { code_count = sizeof codes / sizeof *codes };

static const char metadata_name[] = "__metadata__";

int64_t wg__stored_size(const wg__safetensor *array)
{
    return array->is_short ? 2 : (int64_t)wg_dtype_size(array->type.dtype);
}

/* ---- the text ---- */

/* One array as it is being read; bit i of `seen` for key i. */
typedef struct entry {
    const char *dtype;
    wg_shape    shape;
    int64_t     offset[2];
    unsigned    seen;
} entry;

/* [1, 2, 3], at most `most` sizes. */
static bool parse_sizes(wg__json *j, int64_t most, int64_t *count, int64_t *size)
{
    *count = 0;
    if (!wg__json_take(j, '[')) return wg__json_expected(j, "a list of sizes");
    if (wg__json_take(j, ']')) return true;
    do {
        if (*count == most)
            return wg__json_expected(j, most == 2 ? "a list of 2 sizes" : "at most 8 axes");
        if (!wg__json_size(j, &size[(*count)++])) return false;
    } while (wg__json_take(j, ','));
    return wg__json_take(j, ']') || wg__json_expected(j, "a comma or the end of a list");
}

static bool parse_member(wg__json *j, const char *key, void *context)
{
    static const char *const keys[] = {"dtype", "shape", "data_offsets"};
    entry                   *found = context;
    int                      k = 0;
    int64_t                  count = 0;
    while (k < 3 && strcmp(key, keys[k]) != 0) k++;
    if (k == 3) return wg__json_expected(j, "dtype, shape or data_offsets");
    if (found->seen & 1U << k) return wg__json_expected(j, "each key once");
    found->seen |= 1U << k;
    if (k == 0) return wg__json_string(j, &found->dtype);
    if (k == 1) return parse_sizes(j, WG_MAX_RANK, &found->shape.rank, found->shape.dim);
    return parse_sizes(j, 2, &count, found->offset) &&
           (count == 2 || wg__json_expected(j, "a list of 2 sizes"));
}

static bool no_memory(const wg__file *file)
{
    return wg__file_refuse(file, "there is no memory for its header");
}

/* What an entry says as an array; its bytes must be those that its type has. */
static bool understand(const wg__file *file, const entry *found, wg__safetensor *array)
{
    int k = 0;
    while (k < code_count && strcmp(found->dtype, codes[k].text) != 0) k++;
    if (k == code_count) {
        return wg__file_refuse(file, "\"%s\" has dtype %s, which is not read", array->name,
                               found->dtype);
    }
    array->is_short = codes[k].is_short;
    array->kind = codes[k].kind;
    array->first = found->offset[0];
    array->end = found->offset[1];
    if (!wg_type_make(codes[k].dtype, found->shape, &array->type))
        return wg__file_refuse(file, "\"%s\" has too large sizes", array->name);
    const int64_t bytes = array->type.count * wg__stored_size(array);
    if (array->end >= array->first && array->end - array->first == bytes) return true;
    return wg__file_refuse(file, "\"%s\" has %lld bytes by its sizes and %lld by its place",
                           array->name, (long long)bytes,
                           (long long)array->end - (long long)array->first);
}

static bool parse_metadata(wg__json *j, const char *key, void *context)
{
    wg__safetensors *header = context;
    wg_metadata      pair = {.key = key};
    if (!wg__json_string(j, &pair.value)) return false;
    if (!wg__grow(header->allocator, &header->metadata, &header->metadata_room,
                  header->metadata_count + 1, sizeof pair))
        return no_memory(j->file);
    header->metadata[header->metadata_count++] = pair;
    return true;
}

static bool parse_array(wg__json *j, const char *name, void *context)
{
    wg__safetensors *header = context;
    if (strcmp(name, metadata_name) == 0) {
        if (header->has_metadata) return wg__json_expected(j, "__metadata__ once");
        header->has_metadata = true;
        return wg__json_object(j, parse_metadata, context);
    }
    entry          found = {.seen = 0};
    wg__safetensor array = {.name = name};
    if (!wg__json_object(j, parse_member, &found)) return false;
    if (found.seen != 7) return wg__json_expected(j, "all of dtype, shape and data_offsets");
    if (!understand(j->file, &found, &array)) return false;
    if (!wg__grow(header->allocator, &header->at, &header->room, header->count + 1, sizeof array))
        return no_memory(j->file);
    header->at[header->count++] = array;
    return true;
}

/* ---- what must hold of all ---- */

static int compare_places(const void *a, const void *b)
{
    const wg__safetensor *x = a, *y = b;
    if (x->first != y->first) return x->first < y->first ? -1 : 1;
    if (x->end != y->end) return x->end < y->end ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int compare_keys(const void *a, const void *b)
{
    const wg_metadata *x = a, *y = b;
    return strcmp(x->key, y->key);
}

/* Names must differ, whatever order they came in. */
static bool check_names(const wg__file *file, const wg__safetensors *header)
{
    const char **names = wg__alloc(header->allocator, header->count * sizeof *names);
    if (!names) return no_memory(file);
    for (size_t i = 0; i < header->count; i++) names[i] = header->at[i].name;
    const char *twice = wg__text_sort(names, header->count);
    wg__free(header->allocator, names);
    for (size_t i = 1; i < header->metadata_count && !twice; i++)
        if (compare_keys(&header->metadata[i - 1], &header->metadata[i]) == 0)
            twice = header->metadata[i].key;
    return !twice || wg__file_refuse(file, "the name \"%s\" comes twice", twice);
}

/* Each array begins where the one before ends, the last one ends with the file. */
static bool check_places(const wg__file *file, const wg__safetensors *header)
{
    int64_t end = 0;
    for (size_t i = 0; i < header->count; i++) {
        const wg__safetensor *array = &header->at[i];
        if (array->first != end) {
            return wg__file_refuse(file,
                                   "\"%s\" begins at byte %lld, the bytes before it end at %lld",
                                   array->name, (long long)array->first, (long long)end);
        }
        end = array->end;
    }
    return end == file->left ||
           wg__file_refuse(file, "has %lld bytes of values, its header says %lld",
                           (long long)file->left, (long long)end);
}

static bool parse(const wg__file *file, size_t length, wg__safetensors *header)
{
    wg__json j = {header->text, header->text, header->text + length, file};
    if (length == 0 || *j.at != '{') return wg__json_expected(&j, "an object");
    if (!wg__json_object(&j, parse_array, header) || !wg__json_ends(&j)) return false;
    if (header->count > 1) qsort(header->at, header->count, sizeof *header->at, compare_places);
    if (header->metadata_count > 1)
        qsort(header->metadata, header->metadata_count, sizeof *header->metadata, compare_keys);
    return check_names(file, header) && check_places(file, header);
}

bool wg__safetensors_open(wg__file *file, const wg_allocator *allocator, wg__safetensors *header)
{
    unsigned char start[8];
    *header = (wg__safetensors){.allocator = allocator};
    if (!wg__file_read(file, start, sizeof start)) return false;
    const uint64_t length = wg__number_at(start, sizeof start);
    if (length > WG_SAFETENSORS_HEADER || length > (uint64_t)file->left) {
        return wg__file_refuse(file, "announces a header of %llu bytes, %lld are left",
                               (unsigned long long)length, (long long)file->left);
    }
    header->text = wg__alloc(allocator, (size_t)length);
    if (!header->text) return no_memory(file);
    return wg__file_read(file, header->text, (int64_t)length) &&
           parse(file, (size_t)length, header);
}

void wg__safetensors_close(wg__safetensors *header)
{
    wg__free(header->allocator, header->metadata);
    wg__free(header->allocator, header->at);
    wg__free(header->allocator, header->text);
}

/* ---- writing ---- */

static int code_of(wg_dtype dtype)
{
    int k = 0;
    while (codes[k].dtype != dtype || codes[k].is_short) k++;
    return k;
}

static int compare_views(const void *a, const void *b)
{
    const wg_named_view *const *x = a, *const *y = b;
    const int order = code_of((*y)->view.type->dtype) - code_of((*x)->view.type->dtype);
    return order != 0 ? order : strcmp((*x)->name, (*y)->name);
}

void wg__safetensors_sort(const wg_named_view **views, size_t count)
{
    if (count > 1) qsort(views, count, sizeof *views, compare_views);
}

static void print_metadata(wg__bytes *to, const wg_named_views *all)
{
    wg__json_write(to, metadata_name);
    for (size_t i = 0; i < all->metadata_count; i++) {
        wg__bytes_print(to, i == 0 ? ":{" : ",");
        wg__json_write(to, all->metadata[i].key);
        wg__bytes_print(to, ":");
        wg__json_write(to, all->metadata[i].value);
    }
    wg__bytes_print(to, "}");
}

static void print_array(wg__bytes *to, const wg_named_view *view, int64_t *offset)
{
    const wg_type *type = view->view.type;
    wg__json_write(to, view->name);
    wg__bytes_print(to, ":{\"dtype\":\"%s\",\"shape\":[", codes[code_of(type->dtype)].text);
    for (int64_t axis = 0; axis < type->shape.rank; axis++)
        wg__bytes_print(to, "%s%lld", axis > 0 ? "," : "", (long long)type->shape.dim[axis]);
    const int64_t end = *offset + (int64_t)wg__type_bytes(type);
    wg__bytes_print(to, "],\"data_offsets\":[%lld,%lld]}", (long long)*offset, (long long)end);
    *offset = end;
}

void wg__safetensors_print(wg__bytes *to, const wg_named_view *const *views,
                           const wg_named_views *all)
{
    enum { front = 8, block = 8 };
    int64_t offset = 0;
    wg__bytes_number(to, 0, front);
    wg__bytes_print(to, "{");
    if (all->metadata_count > 0) print_metadata(to, all);
    for (size_t i = 0; i < all->count; i++) {
        if (i > 0 || all->metadata_count > 0) wg__bytes_print(to, ",");
        print_array(to, views[i], &offset);
    }
    wg__bytes_print(to, "}");
    while (to->count % block != 0 && !to->refused) wg__bytes_print(to, " ");
    uint64_t length = to->count - front;
    for (int i = 0; i < front && !to->refused; i++, length >>= 8)
        to->at[i] = (unsigned char)(length & 0xFF);
}
