// SPDX-License-Identifier: MIT
/* The tree of scopes of a picture, and what stands in each. */
#include "dot_internal.h"

#include <string.h>

/* ---- the scopes, found by their text ---- */

static wg__dot_scope **bucket_of(const wg__dot *d, const char *text, size_t length)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
    return &d->bucket[hash % d->buckets];
}

static wg__dot_scope *find(const wg__dot *d, const char *text, size_t length)
{
    if (length == 0) return d->root;
    wg__dot_scope *scope = *bucket_of(d, text, length);
    while (scope && (scope->length != length || memcmp(scope->text, text, length) != 0))
        scope = scope->same_bucket;
    return scope;
}

static wg__dot_scope *scope_new(wg__dot *d, const char *text, size_t length)
{
    wg__dot_scope *scope = wg__pool_take(&d->walk.pool, sizeof *scope);
    if (!scope) return wg__out_of_memory(d->tape);
    wg__dot_scope **bucket = bucket_of(d, text, length);
    *scope = (wg__dot_scope){.text = text,
                             .length = length,
                             .same_bucket = *bucket,
                             .first = WG__DOT_NONE,
                             .last = WG__DOT_NONE};
    *bucket = scope;
    return scope;
}

static void adopt(wg__dot_scope *parent, wg__dot_scope *child)
{
    child->parent = parent;
    if (parent->last_child)
        parent->last_child->sibling = child;
    else
        parent->child = child;
    parent->last_child = child;
}

/* Bytes before the last '/', 0 where there is none. */
static size_t front(const char *text, size_t length)
{
    while (length > 0 && text[length - 1] != '/') length--;
    return length > 0 ? length - 1 : 0;
}

/* The scope of this text, made with the scopes around it where it is new; NULL without memory. */
static wg__dot_scope *scope_of(wg__dot *d, const char *text, size_t length)
{
    wg__dot_scope *wanted = NULL, *inner = NULL;
    for (;; length = front(text, length)) {
        wg__dot_scope *known = find(d, text, length), *scope = known;
        if (!scope) scope = scope_new(d, text, length);
        if (!scope) return NULL;
        if (inner) adopt(scope, inner);
        if (!wanted) wanted = scope;
        if (known) return wanted;
        inner = scope;
    }
}

/* ---- the items ---- */

/* An adjoint stands beside what it is the adjoint of; a leaf where its name says. */
static wg__dot_scope *place_of(wg__dot *d, const wg__dot_item *item)
{
    if (item->pair != WG__DOT_NONE) item = wg__dot_item_of(d, d->pair[item->pair].of);
    if (item->node) return scope_of(d, item->node->scope, strlen(item->node->scope));
    const char *name = item->tensor->name;
    return scope_of(d, name, front(name, strlen(name)));
}

bool wg__dot_sort(wg__dot *d)
{
    d->buckets = (size_t)d->count + 1;
    d->bucket = wg__pool_take(&d->walk.pool, d->buckets * sizeof *d->bucket);
    if (!d->bucket) return wg__out_of_memory(d->tape);
    memset(d->bucket, 0, d->buckets * sizeof *d->bucket);
    d->root = scope_new(d, "", 0);
    if (!d->root) return false;
    for (int i = 0; i < d->count; i++) {
        if (d->item[i].hidden) continue;
        wg__dot_scope *scope = place_of(d, &d->item[i]);
        if (!scope) return false;
        if (scope->last == WG__DOT_NONE)
            scope->first = i;
        else
            d->item[scope->last].next = i;
        scope->last = i;
    }
    return true;
}
