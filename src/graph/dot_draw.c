// SPDX-License-Identifier: MIT
/* A picture as DOT: boxes in their scopes, then arrows. */
#include "dot_internal.h"

#include <string.h>

/* ---- what a box looks like ---- */

typedef enum kind {
    INPUT,
    PARAM,
    STATE,
    CONSTANT,
    TENSOR,
    OUTPUT,
    ADJOINT,
    GRADIENT, /* the adjoint of a leaf */
    HELPER    /* of a rule: nobody's adjoint by itself */
} kind;

/* A shape and a line for each, so that the picture can be read without its colours. */
static const char *const look[] = {
    [INPUT] = "shape=parallelogram, style=filled, fillcolor=\"#dbe9f6\"",
    [PARAM] = "shape=cylinder, margin=\"0.1,0.12\", style=filled, fillcolor=\"#d5efcf\"",
    [STATE] = "shape=folder, style=filled, fillcolor=\"#e8e8e8\"",
    [CONSTANT] = "shape=ellipse, style=dotted",
    [TENSOR] = "shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\"",
    [OUTPUT] = "shape=doubleoctagon, style=filled, fillcolor=\"#fff3b0\"",
    [ADJOINT] = "shape=octagon, style=\"filled,dashed\", fillcolor=\"#fdeee0\", "
                "color=\"#a04000\"",
    [GRADIENT] = "shape=cylinder, margin=\"0.1,0.12\", style=\"filled,dashed,bold\", "
                 "fillcolor=\"#f9c9a0\", color=\"#a04000\"",
    [HELPER] = "shape=plain, fontcolor=\"#707070\"",
};

static kind kind_of_leaf(const wg_tensor *leaf)
{
    return leaf->role == WG_PARAM ? PARAM : leaf->role == WG_STATE ? STATE : INPUT;
}

static kind kind_of(const wg__dot *d, const wg__dot_item *item)
{
    for (int k = item->pair; k != WG__DOT_NONE; k = d->pair[k].next)
        if (!d->pair[k].of->node) return GRADIENT;
    if (item->pair != WG__DOT_NONE) return ADJOINT;
    if (item->output) return OUTPUT;
    if (!item->node) return kind_of_leaf(item->tensor);
    if (item->backward) return HELPER;
    if (item->node->from) return ADJOINT;
    return item->tensor->role == WG_CONSTANT ? CONSTANT : TENSOR;
}

/* ---- boxes ---- */

static int number_of(const wg__dot *d, const wg__dot_item *item)
{
    return (int)(item - d->item);
}

/* The box, and for an adjoint the row that it shares with its tensor. */
static void draw_item(const wg__dot *d, const wg__dot_item *item, FILE *file)
{
    fprintf(file, "n%d [label=", number_of(d, item));
    wg__dot_label(d, item, file);
    fprintf(file, ", %s", look[kind_of(d, item)]);
    if (wg__dot_has_nan(d, item)) fputs(", color=red, fontcolor=red, penwidth=3", file);
    fputs("];\n", file);
    if (item->pair == WG__DOT_NONE) return;
    const wg__dot_item *of = wg__dot_item_of(d, d->pair[item->pair].of);
    fprintf(file, "{ rank=same; n%d -> n%d [style=invis]; }\n", number_of(d, of),
            number_of(d, item));
}

static void open_scope(const wg__dot_scope *scope, int number, FILE *file)
{
    const size_t front = scope->parent && scope->parent->length ? scope->parent->length + 1 : 0;
    fprintf(file, "subgraph cluster_%d {\nlabelloc=t; label=<<b>", number);
    wg__dot_text(file, scope->text + front, scope->length - front);
    fputs(scope->length == front ? "/</b>>;\n" : "</b>>;\n", file);
}

/* Scopes in each other, in the order in which they were first used. */
static void draw_scopes(const wg__dot *d, FILE *file)
{
    const wg__dot_scope *scope = d->root;
    for (int number = 0; scope; number++) {
        if (scope != d->root) open_scope(scope, number, file);
        for (int i = scope->first; i != WG__DOT_NONE; i = d->item[i].next)
            draw_item(d, &d->item[i], file);
        if (scope->child) {
            scope = scope->child;
            continue;
        }
        while (scope && !scope->sibling) {
            if (scope != d->root) fputs("}\n", file);
            scope = scope->parent;
        }
        if (!scope) return;
        fputs("}\n", file);
        scope = scope->sibling;
    }
}

/* ---- arrows ---- */

/* "y[1]" where it is not a node's first output, and the hidden views on the way. */
static void write_way(const wg__dot *d, const wg_tensor *x, FILE *file)
{
    const wg__dot_item *item = wg__dot_item_of(d, x);
    const char         *before = ", label=<", *after = "";
    for (; item->hidden; x = item->node->x[0], item = wg__dot_item_of(d, x)) {
        fputs(before, file);
        wg__dot_text(file, item->node->op->name, strlen(item->node->op->name));
        before = ", ", after = ">";
    }
    if (x->node && x->index != x->node->first) {
        fprintf(file, "%sy[%d]", before, (int)(x->index - x->node->first));
        after = ">";
    }
    fputs(after, file);
}

/* From where x is drawn to the item that uses it. An adjoint's arrow points up: from its end. */
static void draw_arrow(const wg__dot *d, const wg__dot_item *item, wg_tensor *x, FILE *file)
{
    const wg__dot_item *source = wg__dot_item_of(d, x);
    while (source->hidden) source = wg__dot_item_of(d, source->node->x[0]);
    const int from = number_of(d, source), to = number_of(d, item);
    if (!wg__dot_is_derived(item)) {
        const bool flow = source->node && source->tensor->role != WG_CONSTANT;
        fprintf(file, "n%d -> n%d [weight=%d", from, to, flow ? 8 : 2);
    } else if (!wg__dot_is_derived(source)) {
        fprintf(file, "n%d -> n%d [style=dotted, color=\"#909090\", arrowsize=0.6%s", from, to,
                item->backward ? ", constraint=false" : "");
    } else if (item->backward && source->backward) {
        fprintf(file, "n%d -> n%d [dir=back, style=dashed, color=\"#a04000\", penwidth=1.6, "
                      "weight=4",
                to, from);
    } else {
        fprintf(file, "n%d -> n%d [style=dashed, color=\"#a04000\", penwidth=1.6", from, to);
    }
    write_way(d, x, file);
    fputs("];\n", file);
}

bool wg__dot_draw(const wg__dot *d, FILE *file)
{
    fprintf(file,
            "digraph wengert {\n"
            "graph [fontname=\"Helvetica\", fontsize=12, labelloc=b, nodesep=0.3, ranksep=0.35, "
            "color=\"#808080\",\nlabel=<solid: values forward%s>];\n"
            "node [fontname=\"Helvetica\", fontsize=14];\n"
            "edge [fontname=\"Helvetica\", fontsize=10, fontcolor=\"#707070\"];\n",
            d->sweep ? ", dashed: adjoints backward, dotted: what a rule reads" : "");
    draw_scopes(d, file);
    for (int i = 0; i < d->count; i++) {
        const wg__dot_item *item = &d->item[i];
        if (item->hidden) continue;
        for (int k = 0; item->work && k < item->work->inputs; k++)
            draw_arrow(d, item, item->work->x[k], file);
    }
    fputs("}\n", file);
    return fflush(file) == 0 && !ferror(file);
}
