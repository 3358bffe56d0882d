// SPDX-License-Identifier: MIT
/*
 * A node alone: its inputs become leaves with the values that they have in the record, its outputs
 * are weighted at random, and the rule for each input is compared with differences of its kernel.
 */
#include "suspect.h"

#include "lift.h"
#include "probe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct alone {
    const wg__search *search;
    const wg__node   *node;
    const bool       *needs;  /* per input: does it depend on the leaves, by floating numbers? */
    bool              values; /* the record could be computed */
    wg_tape          *tape;
    wg_tensor       **x;
    wg_tensors        y, dy; /* the floating outputs and their weights */
    wg_check_op       found;
} alone;

/* ---- taking a node out of its record ---- */

static wg_tensor *leaf_named(wg_tape *tape, const char *name, int number, const wg_type *type)
{
    char text[40];
    snprintf(text, sizeof text, "%s%d", name, number);
    return wg_input(tape, text, type->dtype, type->shape);
}

/* A leaf of this type with random numbers. */
static wg_tensor *random_leaf(alone *a, const char *name, int number, const wg_type *type)
{
    wg_tensor *leaf = leaf_named(a->tape, name, number, type);
    if (!leaf) return NULL;
    double *values = leaf->value;
    for (int64_t j = 0; j < type->count; j++)
        values[j] = wg__probe_random(a->search->seed + 1, (uint64_t)j, (uint64_t)number);
    leaf->written = true;
    return leaf;
}

static bool take_inputs(alone *a)
{
    a->x = wg__list_take(a->tape, (size_t)a->node->inputs * sizeof(wg_tensor *));
    if (!a->x) return false;
    for (int i = 0; i < a->node->inputs; i++) {
        wg_tensor *from = a->node->x[i];
        a->x[i] = leaf_named(a->tape, "x", i, from->type);
        const void *values = a->values ? wg_values(from) : NULL;
        if (!a->x[i] || (a->values && !values)) return false;
        if (values) memcpy(a->x[i]->value, values, wg__type_bytes(from->type));
        a->x[i]->written = true;
    }
    return true;
}

static bool take_outputs(alone *a, wg_tensor *first)
{
    wg_tensor **y = wg__list_take(a->tape, 2 * sizeof *y * (size_t)a->node->outputs);
    if (!y) return false;
    wg_tensor **dy = y + a->node->outputs;
    int         count = 0;
    for (int k = 0; k < a->node->outputs; k++) {
        y[count] = wg__node_output(a->tape, first->node, k);
        if (y[count]->type->dtype != WG_F64) continue;
        dy[count] = random_leaf(a, "dy", k, y[count]->type);
        if (!dy[count++]) return false;
    }
    a->y = (wg_tensors){.count = count, .at = y};
    a->dy = (wg_tensors){.count = count, .at = dy};
    return true;
}

static bool isolate(alone *a)
{
    const wg_tape *from = a->search->tape;
    a->tape = wg_tape_new_with(
        &(wg_tape_options){.allocator = &from->allocator, .seed = from->seed, .apart = true});
    if (!a->tape) return false;
    a->tape->runs = from->runs;
    wg_tensor *first =
        take_inputs(a) ? wg__record_again(a->tape, a->node, a->x, WG_NO_DTYPE, WG_NO_DTYPE) : NULL;
    return first && take_outputs(a, first);
}

/* ---- judging it ---- */

/* Keeps a bad verdict, with the words of a refusal. Without memory there is no verdict: false. */
static bool found(alone *a, wg_check_verdict verdict, int input, const wg_check_numbers *numbers)
{
    const char *error = wg_tape_error(a->tape);
    if (wg__ran_out(a->tape)) return false;
    const wg_tensor *y = wg__node_output(a->search->tape, a->node, 0);
    a->found = (wg_check_op){.op = a->node->op,
                             .where = a->node->where,
                             .name = y->name,
                             .verdict = verdict,
                             .order = 1,
                             .input = input,
                             .reason = wg__text_copy(a->search->tape, error)};
    if (numbers) a->found.numbers = *numbers;
    return true;
}

static wg__probe probe_of(const alone *a, wg_tensors y, wg_tensors seeds, wg_tensor **x)
{
    return (wg__probe){.tape = a->tape,
                       .y = y,
                       .seeds = seeds,
                       .x = {.count = *x != NULL, .at = x},
                       .tolerance = a->search->tolerance,
                       .seed = a->search->seed};
}

/* True when the probe, by its one leaf, finds something bad. */
static bool judge(alone *a, wg__probe *p, int input)
{
    const wg_check_verdict start = wg__probe_start(p);
    if (start != WG_CHECK_PASS) return found(a, start, input, NULL);
    if (p->x.count == 0) return false;
    wg_check_leaf row = {0};
    wg__probe_leaf(p, 0, 0, &row);
    return row.verdict != WG_CHECK_PASS && found(a, row.verdict, input, &row.worst);
}

/* What can be said of a record that cannot be computed: which op has no kernel. */
static bool judge_kernel(alone *a)
{
    return !wg_plan_new_with((struct wg_plan_request){.outputs = a->y}) &&
           found(a, WG_CHECK_NOT_CHECKABLE, -1, NULL);
}

static bool are_finite(const alone *a)
{
    for (int i = 0; i < a->node->inputs; i++) {
        const double *x = a->x[i]->value;
        if (a->x[i]->type->dtype != WG_F64) continue;
        for (int64_t j = 0; j < a->x[i]->type->count; j++)
            if (!isfinite(x[j])) return false;
    }
    return true;
}

/* The rule for each input, alone. */
static bool judge_rule(alone *a)
{
    wg_tensor *none = NULL;
    wg__probe  p = probe_of(a, a->y, a->dy, &none);
    if (judge(a, &p, -1)) return true;
    for (int i = 0; i < a->node->inputs; i++) {
        if (!a->needs[i]) continue;
        p = probe_of(a, a->y, a->dy, &a->x[i]);
        if (judge(a, &p, i)) return true;
    }
    return false;
}

/* The rule's own derivative: by the inputs, and by the adjoints that it was given. */
static bool judge_rule_again(alone *a)
{
    const int   inputs = a->node->inputs;
    wg_tensor **x = wg__list_take(a->tape, 2 * sizeof *x * (size_t)inputs), **seeds = x + inputs;
    int         count = 0;
    if (!x) return false;
    for (int i = 0; i < inputs; i++) {
        if (!a->needs[i]) continue;
        x[count] = a->x[i];
        seeds[count] = random_leaf(a, "ddx", i, a->x[i]->type);
        if (!seeds[count++]) return false;
    }
    const wg_tensors dx = wg_grad(a->y, a->dy, (wg_tensors){count, x});
    for (int i = 0; i < inputs + a->dy.count; i++) {
        wg_tensor *by = i < inputs ? a->x[i] : a->dy.at[i - inputs];
        if (i < inputs && !a->needs[i]) continue;
        wg__probe p = probe_of(a, dx, (wg_tensors){count, seeds}, &by);
        if (!judge(a, &p, i < inputs ? i : -1)) continue;
        a->found.order = 2;
        return true;
    }
    return false;
}

static bool judge_node(alone *a, int order)
{
    if (!isolate(a)) {
        const bool refused = a->tape && wg_tape_error(a->tape);
        return refused && found(a, WG_CHECK_NOT_CHECKABLE, -1, NULL);
    }
    if (a->y.count == 0) return false;
    if (!a->values) return judge_kernel(a);
    if (!are_finite(a)) return false;
    if (order == 1) return judge_rule(a);
    bool any = false;
    for (int i = 0; i < a->node->inputs; i++) any = any || a->needs[i];
    return any && judge_rule_again(a);
}

/* ---- the search ---- */

/*
 * For each input of the node whether its rule is to be checked: where the input depends on the
 * leaves, and the op is, or in the last pass is not, one with a derivative. Marks what depends on
 * them. NULL without memory.
 */
static const bool *find_needs(wg__walk *walk, const wg__node *node, bool blocked)
{
    const bool closed = node->op->traits & WG_NO_DERIVATIVE;
    bool      *needs = wg__pool_take(&walk->pool, (size_t)node->inputs), any = false;
    for (int i = 0; i < node->inputs && needs; i++) {
        const bool depends = wg__walk_find(walk, node->x[i])->needs;
        needs[i] = depends && closed == blocked;
        any = any || depends;
    }
    for (int k = 0; k < node->outputs && any && !closed; k++) {
        const wg_tensor *y = wg__node_output(walk->tape, node, k);
        wg__mark        *mark = wg__walk_find(walk, y);
        if (mark) mark->needs = y->type->dtype == WG_F64;
    }
    return needs;
}

/* Computes all that the walk met; false when that is not possible. */
static bool compute_all(wg_tape *tape, const wg__walk *walk)
{
    int count = 0;
    for (const wg__mark *mark = walk->marks; mark; mark = mark->next) count++;
    wg_tensor **at = wg__list_take(tape, (size_t)count * sizeof *at);
    if (!at) return false;
    count = 0;
    for (const wg__mark *mark = walk->marks; mark; mark = mark->next) at[count++] = mark->tensor;
    const bool good = wg_eval((wg_tensors){.count = count, .at = at});
    if (!wg__ran_out(tape)) wg_tape_error_clear(tape);
    return good;
}

static bool is_done(const wg__search *s, const wg_check_op *first)
{
    return first->op && first->verdict == s->verdict;
}

static void search_nodes(const wg__search *s, wg__walk *walk, int order, bool blocked,
                         wg_check_op *first)
{
    if (is_done(s, first)) return;
    const bool values = compute_all(s->tape, walk);
    for (int n = walk->count - 1; n >= 0 && !is_done(s, first); n--) {
        const wg__node *node = walk->node[n];
        const bool     *needs = find_needs(walk, node, blocked);
        alone           a = {.search = s, .node = node, .needs = needs, .values = values};
        const bool      bad = a.needs && judge_node(&a, order);
        if (a.needs && (!a.tape || wg__ran_out(a.tape))) wg__out_of_memory(s->tape);
        wg_tape_free(a.tape);
        if (bad && (!first->op || a.found.verdict == s->verdict)) *first = a.found;
    }
}

static bool mark_all(const wg__search *s, wg__walk *walk)
{
    for (int i = 0; i < s->leaves.count; i++) {
        wg__mark *mark = wg__walk_mark(walk, s->leaves.at[i]);
        if (!mark) return false;
        mark->needs = true;
    }
    for (int i = 0; i < s->wanted.count; i++)
        if (!wg__walk_mark(walk, s->wanted.at[i])) return false;
    return wg__walk_run(walk, 0);
}

wg_check_op wg__suspect(const wg__search *search)
{
    wg_check_op first = {.input = -1};
    wg__walk    walk;
    wg__walk_init(&walk, search->tape);
    if (mark_all(search, &walk)) {
        search_nodes(search, &walk, 1, false, &first);
        if (search->order == 2) search_nodes(search, &walk, 2, false, &first);
        if (search->verdict == WG_CHECK_FAIL) search_nodes(search, &walk, 1, true, &first);
    } else
        wg__out_of_memory(search->tape);
    wg__walk_done(&walk);
    return first;
}
