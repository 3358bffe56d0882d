// SPDX-License-Identifier: MIT
/*
 * What a picture shows: the nodes behind its outputs and, for .backward, a sweep that is derived
 * with every tensor in between as a wanted one, which tells each adjoint's name, and that is taken
 * off the record afterwards.
 */
#define _POSIX_C_SOURCE 200809L
#include "dot.h"

#include "dot_internal.h"

#include <errno.h>
#include <string.h>

/* ---- the sweep ---- */

static bool mark_list(wg__dot *d, wg_tensors list, bool needs)
{
    for (int i = 0; i < list.count; i++) {
        wg__mark *mark = wg__walk_mark(&d->walk, list.at[i]);
        if (!mark) return wg__out_of_memory(d->tape);
        mark->needs = mark->needs || needs;
    }
    return true;
}

static bool walk(wg__dot *d)
{
    return wg__walk_run(&d->walk, 0) || wg__out_of_memory(d->tape);
}

/* True when x depends on what the sweep is to lead to; without a list, that is each param. */
static bool leads_on(const wg__dot *d, const wg_tensor *x)
{
    wg__mark  *mark = wg__walk_find(&d->walk, x);
    const bool trained = !x->node && x->role == WG_PARAM && !x->frozen;
    if (trained && d->request->wanted.count == 0) mark->needs = true;
    return mark->needs;
}

static void find_needs(wg__dot *d)
{
    for (int n = d->walk.count - 1; n >= 0; n--) {
        const wg__node *node = d->walk.node[n];
        bool            any = false;
        for (int i = 0; i < node->inputs; i++) any = leads_on(d, node->x[i]) || any;
        if (!any || (node->op->traits & WG_NO_DERIVATIVE)) continue;
        for (int k = 0; k < node->outputs; k++) {
            const wg_tensor *y = wg__node_output(d->tape, node, k);
            wg__mark        *mark = wg__walk_find(&d->walk, y);
            if (mark && wg_dtype_is_float(y->type->dtype)) mark->needs = true;
        }
    }
}

/* Adds a tensor that needs an adjoint, once. */
static void collect(const wg__dot *d, wg_tensor **at, int *count, wg_tensor *tensor)
{
    wg__mark *mark = wg__walk_find(&d->walk, tensor);
    if (!mark || !mark->needs || mark->value == 0) return;
    mark->value = 0;
    at[(*count)++] = tensor;
}

/* Every tensor with an adjoint, latest first, leaves last; an empty list where there is none. */
static bool list_adjoined(wg__dot *d, wg_tensors *list)
{
    size_t most = 1;
    int    count = 0;
    for (wg__mark *mark = d->walk.marks; mark; mark = mark->next) most++;
    wg_tensor **at = wg__list_take(d->tape, most * sizeof *at);
    if (!at) return false;
    for (int n = 0; n < d->walk.count; n++)
        for (int k = 0; k < d->walk.node[n]->outputs; k++)
            collect(d, at, &count, wg__node_output(d->tape, d->walk.node[n], k));
    for (int n = 0; n < d->walk.count; n++)
        for (int i = 0; i < d->walk.node[n]->inputs; i++)
            collect(d, at, &count, d->walk.node[n]->x[i]);
    *list = (wg_tensors){.count = count, .at = at};
    return true;
}

/* Records the sweep. Without a way from an output to a param there is none. */
static bool derive(wg__dot *d)
{
    wg_tensors wanted = {0};
    wg__walk_init(&d->walk, d->tape);
    bool good = mark_list(d, d->outputs, false) && mark_list(d, d->request->wanted, true) &&
                walk(d);
    if (good) find_needs(d);
    good = good && list_adjoined(d, &wanted);
    wg__walk_done(&d->walk);
    if (!good || wanted.count == 0) return good;
    const wg_tensors found = wg_grad(d->outputs, (wg_tensors){0}, wanted);
    if (found.count == 0 || !found.at[0]) return false;
    d->sweep = d->tape->derivations[d->tape->derivation_next - 1];
    d->begin = d->sweep->begin;
    return true;
}

/* ---- the items ---- */

static void add_item(wg__dot *d, wg__node *node, wg_tensor *tensor)
{
    d->item[d->count++] = (wg__dot_item){.node = node,
                                         .work = node,
                                         .tensor = tensor,
                                         .pair = WG__DOT_NONE,
                                         .next = WG__DOT_NONE,
                                         .backward = node && node->first >= d->begin};
}

static void add_leaf(wg__dot *d, wg_tensor *leaf)
{
    wg__mark *mark = wg__walk_find(&d->walk, leaf);
    if (leaf->node || mark->value != WG__DOT_NONE) return;
    mark->value = d->count;
    add_item(d, NULL, leaf);
}

static void add_node(wg__dot *d, wg__node *node)
{
    for (int i = 0; i < node->inputs; i++) {
        add_leaf(d, node->x[i]);
        if (node->first < d->begin) wg__dot_item_of(d, node->x[i])->uses++;
    }
    for (int k = 0; k < node->outputs; k++) {
        wg__mark *mark = wg__walk_find(&d->walk, wg__node_output(d->tape, node, k));
        if (mark) mark->value = d->count;
    }
    add_item(d, node, wg__node_output(d->tape, node, 0));
}

/* Items in the order of recording, each leaf before its first use. */
static bool make_items(wg__dot *d)
{
    size_t most = 0;
    for (wg__mark *mark = d->walk.marks; mark; mark = mark->next) most++;
    d->item = wg__pool_take(&d->walk.pool, most * sizeof *d->item);
    if (!d->item) return wg__out_of_memory(d->tape);
    for (int n = d->walk.count - 1; n >= 0; n--) add_node(d, d->walk.node[n]);
    for (int k = 0; k < d->outputs.count; k++) {
        add_leaf(d, d->outputs.at[k]);
        wg__dot_item_of(d, d->outputs.at[k])->output = true;
    }
    return true;
}

/* Hangs each pair at its adjoint's item, latest tensor first. */
static bool make_pairs(wg__dot *d)
{
    const wg__derivation *sweep = d->sweep;
    if (!sweep) return true;
    d->pair = wg__pool_take(&d->walk.pool, (size_t)sweep->wanted.count * sizeof *d->pair);
    if (!d->pair) return wg__out_of_memory(d->tape);
    for (int i = sweep->wanted.count - 1; i >= 0; i--) {
        wg_tensor *of = sweep->wanted.at[i], *adjoint = sweep->results.at[i];
        if (!sweep->reached[i] || !wg__walk_find(&d->walk, of)) continue;
        if (wg__dot_item_of(d, of)->hidden) continue;
        wg__dot_item *item = wg__dot_item_of(d, adjoint);
        d->pair[i] = (wg__dot_pair){.of = of, .adjoint = adjoint, .next = item->pair};
        item->pair = i;
    }
    return true;
}

static bool is_view(const wg__dot_item *item)
{
    return item->node && item->node->op->view && item->node->inputs == 1;
}

/* A named view of what nobody named, nor uses otherwise, is drawn as one with it: a scalar loss. */
static void join_views(wg__dot *d)
{
    for (int i = 0; i < d->count; i++) {
        wg__dot_item *item = &d->item[i];
        if (item->backward || !is_view(item) || !item->tensor->name) continue;
        wg_tensor    *x = item->node->x[0];
        wg__dot_item *shown = wg__dot_item_of(d, x);
        if (!shown->node || is_view(shown) || shown->node->outputs != 1 || x->name ||
            shown->output || shown->uses != 1 || x->role == WG_CONSTANT)
            continue;
        item->work = shown->node;
        shown->hidden = 1;
        wg__walk_find(&d->walk, x)->value = i;
    }
}

/* A view to which nobody gave a name, nor to what it is the adjoint of; a few in a row at most. */
static void hide_views(wg__dot *d, bool backward)
{
    enum { ROW = 3 };
    for (int i = 0; i < d->count; i++) {
        wg__dot_item *item = &d->item[i];
        if (item->backward != backward || item->output || !is_view(item)) continue;
        bool plain = !item->tensor->name;
        for (int k = item->pair; k != WG__DOT_NONE; k = d->pair[k].next)
            plain = plain && !d->pair[k].of->name;
        const int row = plain ? wg__dot_item_of(d, item->node->x[0])->hidden + 1 : 0;
        item->hidden = row <= ROW ? row : 0;
    }
}

static bool arrange(wg__dot *d)
{
    wg__walk_init(&d->walk, d->tape);
    if (!mark_list(d, d->outputs, false)) return false;
    for (int i = 0; d->sweep && i < d->sweep->results.count; i++)
        if (d->sweep->reached[i] && !wg__walk_mark(&d->walk, d->sweep->results.at[i]))
            return wg__out_of_memory(d->tape);
    if (!walk(d) || !make_items(d)) return false;
    join_views(d);
    hide_views(d, false);
    if (!make_pairs(d)) return false;
    hide_views(d, true);
    return wg__dot_sort(d);
}

/* ---- the values ---- */

/* Computes together what the labels are to tell of. */
static bool compute(wg__dot *d)
{
    size_t most = 1;
    int    count = 0;
    for (wg__mark *mark = d->walk.marks; mark; mark = mark->next) most++;
    wg_tensor **at = wg__pool_take(&d->walk.pool, most * sizeof *at);
    if (!at) return wg__out_of_memory(d->tape);
    for (int i = 0; i < d->count; i++) {
        const wg__dot_item *item = &d->item[i];
        if (!item->node || !(d->request->values || item->pair != WG__DOT_NONE)) continue;
        for (int k = 0; k < item->node->outputs; k++) {
            wg_tensor *y = wg__node_output(d->tape, item->node, k);
            if (wg__walk_find(&d->walk, y)) at[count++] = y;
        }
    }
    return count == 0 || wg_eval((wg_tensors){.count = count, .at = at});
}

/* ---- the call ---- */

/* Writes to the request's file, or makes the one at its path. */
static bool write(const wg__dot *d)
{
    const struct wg_dot *request = d->request;
    FILE                *file = request->file;
    char                 why[100];
    errno = 0;
    if (!file) file = fopen(request->path, "w");
    bool good = file && wg__dot_draw(d, file);
    if (file && file != request->file) good = fclose(file) == 0 && good;
    if (good) return true;
    if (errno == 0 || strerror_r(errno, why, sizeof why) != 0) strcpy(why, "writing failed");
    return wg__fail(d->tape, wg_caller(), "wg_dot_write: %s%s%s: %s", request->file ? "" : "\"",
                    request->file ? "the file" : request->path, request->file ? "" : "\"", why);
}

bool wg_dot_write_with(struct wg_dot dot)
{
    wg_tape         *tape = NULL;
    const wg_tensors first = {.count = dot.output != NULL, .at = &dot.output};
    if (!wg__list_usable(first, &tape) || !wg__list_usable(dot.outputs, &tape) ||
        !wg__list_usable(dot.wanted, &tape) || !tape)
        return false;
    if (first.count + dot.outputs.count == 0 || (!dot.file && !dot.path))
        return wg__fail(tape, wg_caller(), "wg_dot_write: no %s is given",
                        dot.file || dot.path ? "output" : "file");
    const uint32_t count = tape->count;
    const uint64_t randoms = tape->randoms;
    wg__dot        d = {.request = &dot, .tape = tape, .begin = UINT32_MAX};
    d.outputs = wg_join(tape, first, dot.outputs);
    if (!d.outputs.at) return false;
    bool good = !dot.backward || derive(&d);
    if (good) {
        good = arrange(&d) && (!(dot.values || dot.norms) || compute(&d)) && write(&d);
        wg__walk_done(&d.walk);
    }
    if (tape->count > count) wg__truncate(tape, count);
    tape->randoms = randoms;
    wg__pool_rewind(&tape->lists, d.outputs.at);
    return good;
}
