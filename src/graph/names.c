// SPDX-License-Identifier: MIT
/* Names and types, each kept once per tape, so that equal ones are equal pointers. */
#include "internal.h"

#include <string.h>

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static const uint64_t hash_start = 0xcbf29ce484222325u, hash_prime = 0x100000001b3u;

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * hash_prime;
    return hash;
}

bool wg__is_joined(const char *text, const char *prefix, const char *name)
{
    const size_t length = strlen(prefix);
    if (length == 0) return strcmp(text, name) == 0;
    return strncmp(text, prefix, length) == 0 && text[length] == '/' &&
           strcmp(text + length + 1, name) == 0;
}

/* Room for one more name: twice the buckets when they are as many as the names. */
static bool grow_names(wg_tape *tape)
{
    if (tape->name_count < tape->name_buckets) return true;
    const size_t buckets = tape->name_buckets ? tape->name_buckets * 2 : 64;
    wg__name   **table = wg__alloc_zero(&tape->allocator, buckets * sizeof *table);
    if (!table) return false;
    for (size_t i = 0; i < tape->name_buckets; i++) {
        while (tape->names[i]) {
            wg__name *name = tape->names[i];
            tape->names[i] = name->next;
            name->next = table[name->hash % buckets];
            table[name->hash % buckets] = name;
        }
    }
    wg__free(&tape->allocator, tape->names);
    tape->names = table;
    tape->name_buckets = buckets;
    return true;
}

wg__name *wg__intern_name(wg_tape *tape, const char *prefix, const char *name)
{
    uint64_t hash = hash_start;
    if (*prefix) hash = hash_text(hash_text(hash, prefix), "/");
    hash = hash_text(hash, name);
    if (!grow_names(tape)) return NULL;
    wg__name **bucket = &tape->names[hash % tape->name_buckets];
    for (wg__name *entry = *bucket; entry; entry = entry->next)
        if (entry->hash == hash && wg__is_joined(entry->text, prefix, name)) return entry;

    const size_t front = *prefix ? strlen(prefix) + 1 : 0, rest = strlen(name) + 1;
    wg__name    *entry = wg__pool_take(&tape->permanent, sizeof *entry + front + rest);
    if (!entry) return NULL;
    *entry = (wg__name){.next = *bucket, .hash = hash};
    if (front) {
        memcpy(entry->text, prefix, front - 1);
        entry->text[front - 1] = '/';
    }
    memcpy(entry->text + front, name, rest);
    *bucket = entry;
    tape->name_count++;
    return entry;
}

static uint64_t hash_type(const wg_type *type)
{
    uint64_t hash = hash_start ^ (uint64_t)type->dtype;
    for (int64_t i = 0; i < type->shape.rank; i++)
        hash = (hash ^ (uint64_t)type->shape.dim[i]) * hash_prime;
    return hash ^ (hash >> 29);
}

/* Open addressing, at most half full: the place of `type` or the free one for it. */
static size_t type_place(const wg_type *const *table, size_t buckets, const wg_type *type)
{
    size_t place = hash_type(type) % buckets;
    while (table[place] && !wg_type_equal(table[place], type)) place = (place + 1) % buckets;
    return place;
}

static bool grow_types(wg_tape *tape)
{
    if (tape->type_count * 2 < tape->type_buckets) return true;
    const size_t    buckets = tape->type_buckets ? tape->type_buckets * 2 : 64;
    const wg_type **table = wg__alloc_zero(&tape->allocator, buckets * sizeof *table);
    if (!table) return false;
    for (size_t i = 0; i < tape->type_buckets; i++)
        if (tape->types[i]) table[type_place(table, buckets, tape->types[i])] = tape->types[i];
    wg__free(&tape->allocator, tape->types);
    tape->types = table;
    tape->type_buckets = buckets;
    return true;
}

const wg_type *wg__intern_type(wg_tape *tape, const wg_type *type)
{
    if (!grow_types(tape)) return NULL;
    const size_t place = type_place(tape->types, tape->type_buckets, type);
    if (!tape->types[place]) {
        wg_type *kept = wg__pool_take(&tape->permanent, sizeof *kept);
        if (!kept) return NULL;
        *kept = *type;
        tape->types[place] = kept;
        tape->type_count++;
    }
    return tape->types[place];
}
