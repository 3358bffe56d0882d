// SPDX-License-Identifier: MIT
/* Equal nodes: of the same op, settings and inputs. A plan computes them once. */
#include "plan_internal.h"

#include <string.h>

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 32);
}

static uint64_t hash_node(const wg__walk *walk, const wg__node *node)
{
    uint64_t hash = mix((uintptr_t)node->op, (uint64_t)node->dtype);
    for (int i = 0; i < node->inputs; i++)
        hash = mix(hash, (uint64_t)wg__value_of(walk, node->x[i]));
    const unsigned char *attrs = node->attrs;
    for (uint32_t i = 0; i + 8 <= node->attrs_bytes; i += 8) {
        uint64_t word;
        memcpy(&word, attrs + i, sizeof word);
        hash = mix(hash, word);
    }
    return hash;
}

static bool are_equal(const wg__walk *walk, const wg__node *a, const wg__node *b)
{
    if (a->op != b->op || a->dtype != b->dtype || a->inputs != b->inputs ||
        a->outputs != b->outputs || a->attrs_bytes != b->attrs_bytes ||
        memcmp(a->attrs, b->attrs, a->attrs_bytes) != 0)
        return false;
    for (int i = 0; i < a->inputs; i++)
        if (wg__value_of(walk, a->x[i]) != wg__value_of(walk, b->x[i])) return false;
    return true;
}

wg__node *wg__find_equal(const wg__walk *walk, wg__node **table, size_t places, wg__node *node)
{
    for (size_t at = hash_node(walk, node) % places;; at = (at + 1) % places) {
        if (!table[at]) return table[at] = node;
        if (are_equal(walk, table[at], node)) return table[at];
    }
}

bool wg__share_values(wg_plan *plan, wg__walk *walk, const wg__node *node, const wg__node *equal)
{
    for (int k = 0; k < node->outputs; k++)
        if (wg__walk_find(walk, wg__node_output(plan->tape, node, k)) &&
            !wg__walk_find(walk, wg__node_output(plan->tape, equal, k)))
            return false;
    for (int k = 0; k < node->outputs; k++) {
        const wg__mark *mark = wg__walk_find(walk, wg__node_output(plan->tape, equal, k));
        if (mark) wg__set_value(walk, wg__node_output(plan->tape, node, k), mark->value);
    }
    plan->facts.merged++;
    return true;
}
