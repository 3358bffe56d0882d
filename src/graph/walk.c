// SPDX-License-Identifier: MIT
/*
 * Walking back from some tensors to what they depend on. Recording order is a topological order, so
 * nothing is sorted and nothing recurses: the record is scanned downwards from the latest marked
 * tensor until no marked node is left.
 */
#include "internal.h"

void wg__walk_init(wg__walk *walk, wg_tape *tape)
{
    *walk = (wg__walk){.tape = tape, .pool = {.allocator = &tape->allocator}};
}

wg__mark *wg__walk_mark(wg__walk *walk, wg_tensor *tensor)
{
    wg__mark *mark = wg__walk_find(walk, tensor);
    if (mark) return mark;
    mark = wg__pool_take(&walk->pool, sizeof *mark);
    if (!mark) return NULL;
    *mark = (wg__mark){
        .tensor = tensor, .outer = tensor->work, .next = walk->marks, .walk = walk, .value = -1};
    walk->marks = mark;
    tensor->work = mark;
    return mark;
}

/* Marks the node as met; true the first time. */
static bool meet(wg__node *node, uint64_t walk)
{
    if (node->met == walk) return false;
    node->met = walk;
    return true;
}

/* Takes a node into the list and marks its inputs; *pending counts nodes met but not taken yet. */
static bool take(wg__walk *walk, wg__node *node, uint64_t number, int64_t *pending)
{
    if (!wg__grow(&walk->tape->allocator, &walk->node, &walk->capacity, (size_t)walk->count + 1,
                  sizeof *walk->node))
        return false;
    walk->node[walk->count++] = node;
    walk->tape->visits++;
    for (int i = 0; i < node->inputs; i++) {
        wg__mark *mark = wg__walk_mark(walk, node->x[i]);
        if (!mark) return false;
        if (walk->to_values && node->x[i]->node && wg__has_value(node->x[i])) mark->stop = true;
        if (!mark->stop && node->x[i]->node && meet(node->x[i]->node, number)) ++*pending;
    }
    return true;
}

bool wg__walk_run(wg__walk *walk, uint32_t floor)
{
    const uint64_t number = ++walk->tape->walks;
    int64_t        pending = 0;
    uint32_t       end = 0;
    for (wg__mark *mark = walk->marks; mark; mark = mark->next) {
        const wg_tensor *tensor = mark->tensor;
        if (mark->stop || !tensor->node) continue;
        if (meet(tensor->node, number)) pending++;
        if (tensor->index >= end) end = tensor->index + 1;
    }
    for (uint32_t i = end; i-- > floor && pending > 0;) {
        wg__node *node = wg__slot(walk->tape, i)->node;
        i = node->first;
        if (node->met != number) continue;
        pending--;
        if (!take(walk, node, number, &pending)) return false;
    }
    return true;
}

void wg__walk_done(wg__walk *walk)
{
    for (wg__mark *mark = walk->marks; mark; mark = mark->next) mark->tensor->work = mark->outer;
    wg__free(&walk->tape->allocator, walk->node);
    wg__pool_done(&walk->pool);
}
