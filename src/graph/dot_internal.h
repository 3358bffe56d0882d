// SPDX-License-Identifier: MIT
/* What the files that draw share: dot.c finds what is to be drawn, dot_draw.c writes it. */
#ifndef WENGERT_GRAPH_DOT_INTERNAL_H
#define WENGERT_GRAPH_DOT_INTERNAL_H

#include "dot.h"
#include "internal.h"

enum { WG__DOT_NONE = -1 };

/* That `adjoint` is the adjoint of `of`. One tensor may be the adjoint of several. */
typedef struct wg__dot_pair {
    wg_tensor *of, *adjoint;
    int        next; /* of the same item, or WG__DOT_NONE */
} wg__dot_pair;

/* A box of the picture: a leaf, or a node with all its outputs. */
typedef struct wg__dot_item {
    wg__node  *node;     /* NULL: a leaf */
    wg__node  *work;     /* the same, or what the named view `node` shows as one box with it */
    wg_tensor *tensor;   /* the leaf, or the node's first output */
    int        pair;     /* first of those of which it holds the adjoint, or WG__DOT_NONE */
    int        next;     /* in its scope, or WG__DOT_NONE */
    int        uses;     /* how often it is an input, the sweep left out */
    int        hidden;   /* > 0: drawn as a word on an arrow; so many in a row up to here */
    bool       output;   /* asked for */
    bool       backward; /* of the sweep that was derived for the picture */
} wg__dot_item;

/* A scope, with what stands in it in the order of recording. Root: the empty one. */
typedef struct wg__dot_scope wg__dot_scope;
struct wg__dot_scope {
    const char    *text; /* with the scopes around it, `length` bytes */
    size_t         length;
    wg__dot_scope *parent, *child, *last_child, *sibling, *same_bucket;
    int            first, last; /* items */
};

typedef struct wg__dot {
    const struct wg_dot *request;
    wg_tape             *tape;
    wg_tensors           outputs;
    wg__walk             walk;  /* marks' `value` is the number of their item */
    uint32_t             begin; /* the sweep's first tensor in the record */
    wg__derivation      *sweep; /* NULL: none */
    wg__dot_item        *item;
    int                  count;
    wg__dot_pair        *pair;
    wg__dot_scope       *root, **bucket;
    size_t               buckets;
} wg__dot;

/* The item of a tensor. */
static inline wg__dot_item *wg__dot_item_of(const wg__dot *d, const wg_tensor *tensor)
{
    return &d->item[wg__walk_find(&d->walk, tensor)->value];
}

/* True for what a local rule recorded, for this picture or before. */
static inline bool wg__dot_is_derived(const wg__dot_item *item)
{
    return item->backward || (item->node && item->node->from);
}

/* A tensor's name, or that of the named view with which it is drawn as one; NULL: none. */
static inline const char *wg__dot_name_of(const wg__dot *d, const wg_tensor *tensor)
{
    return tensor->name ? tensor->name : wg__dot_item_of(d, tensor)->tensor->name;
}

/* ---- dot_scope.c ---- */

/* Puts every item that is not hidden into its scope. False without memory. */
bool wg__dot_sort(wg__dot *d);

/* ---- dot_draw.c ---- */

/* Writes the picture. False when the file refuses. */
bool wg__dot_draw(const wg__dot *d, FILE *file);

/* ---- dot_label.c ---- */

/* Writes an item's label, a "<...>" of the DOT language. */
void wg__dot_label(const wg__dot *d, const wg__dot_item *item, FILE *file);
/* True when one of its values was computed and holds a NaN. */
bool wg__dot_has_nan(const wg__dot *d, const wg__dot_item *item);
/* Writes a tensor's name without the scope in which it is drawn, or its op's and a number. */
void wg__dot_name(const wg__dot *d, const wg_tensor *tensor, FILE *file);

/* ---- dot_rule.c: in the names of the tensors at hand ---- */

void wg__dot_formula(const wg__dot *d, const wg__node *node, FILE *file);
/* Of the rule of `node` the part for its input `of`, where it has one for each; else all of it. */
void wg__dot_rule(const wg__dot *d, const wg__node *node, const wg_tensor *of, FILE *file);

/* ---- dot_text.c: into a "<...>" label ---- */

/* `length` bytes, escaped: what is not UTF-8 as U+FFFD, control characters as \n, \x1b. */
void wg__dot_text(FILE *file, const char *text, size_t length);
/* A number as %.4g, with a point in every locale; NaN, inf. */
void wg__dot_number(FILE *file, double x);
/* Bytes, in B, KiB, MiB or GiB. */
void wg__dot_bytes(FILE *file, double bytes);
/* The node's settings as its op words them, behind `before`; nothing where there are none. */
void wg__dot_settings(FILE *file, const char *before, const wg__node *node);

#endif
