// SPDX-License-Identifier: MIT
/*
 * Building a plan: from the nodes of a walk to steps. Equal nodes become one, views become no step
 * at all, inputs that a kernel cannot read as they lie are packed first, and what needs no input is
 * computed once, here.
 */
#include "plan_internal.h"

#include <string.h>

/* ---- nodes ---- */

/* A node that only looks at its first input differently. */
static bool add_view(wg_plan *plan, wg__walk *walk, wg__node *node)
{
    const wg_tensor *tensor = wg__node_output(plan->tape, node, 0);
    int              x = wg__value_of(walk, node->x[0]);
    wg_view          y = plan->value[x].view;
    y.type = tensor->type;
    if (!node->op->view(node->attrs, &plan->value[x].view, &y)) {
        x = wg__value_packed(plan, x);
        if (x < 0) return false;
        y = plan->value[x].view;
        y.type = tensor->type;
        if (!node->op->view(node->attrs, &plan->value[x].view, &y))
            return wg__fail(plan->tape, node->where, "%s: no view of a packed input",
                            node->op->name);
    }
    const int value = wg__value_new(plan, tensor->type, plan->value[x].storage);
    if (value < 0) return false;
    plan->value[value].view = y;
    wg__set_value(walk, tensor, value);
    plan->facts.views++;
    return true;
}

/* New values for the outputs; a fill has one element at which all of its tensor looks. */
static bool add_outputs(wg_plan *plan, wg__walk *walk, wg__node *node, wg__step *step)
{
    for (int k = 0; k < node->outputs; k++) {
        wg_tensor   *tensor = wg__node_output(plan->tape, node, k);
        const bool   one = node->op == &wg_op_fill && tensor->type->count > 0;
        const size_t bytes =
            one ? wg_dtype_size(tensor->type->dtype) : wg__type_bytes(tensor->type);
        const int value =
            wg__value_new(plan, tensor->type, wg__storage_new(plan, plan->place, bytes, NULL));
        if (value < 0) return false;
        wg__value *v = &plan->value[value];
        plan->facts.sum_bytes += (int64_t)wg__type_bytes(tensor->type);
        if (one) {
            wg_type scalar;
            plan->storage[v->storage].filled = true;
            plan->storage[v->storage].fill = *(const double *)node->attrs;
            memset(v->view.stride, 0, sizeof v->view.stride);
            wg_type_make(tensor->type->dtype, WG_SCALAR, &scalar);
            v->view.type = wg__intern_type(plan->tape, &scalar);
            if (!v->view.type) return false;
        }
        wg__step_set(plan, step, node->inputs + k, value);
        v->view.type = tensor->type;
        if (!wg__walk_find(walk, tensor)) step->unread |= (uint64_t)1 << k;
        wg__set_value(walk, tensor, value);
    }
    return true;
}

static bool add_step(wg_plan *plan, wg__walk *walk, wg__node *node)
{
    const wg_op *op = node->op;
    const bool   any_strides = op->traits & (WG_ELEMENTWISE | WG_STRIDED);
    /* Without an element to compute there is no step, unless its inputs are to be looked at. */
    bool work = op->traits & WG_FLAGS;
    for (int k = 0; k < node->outputs; k++)
        work = work || wg__node_output(plan->tape, node, k)->type->count > 0;
    for (int i = 0; i < node->inputs && !any_strides && work; i++)
        if (wg__value_packed(plan, wg__value_of(walk, node->x[i])) < 0) return false;

    wg__step *step = wg__step_new(plan, op, node->inputs, node->outputs);
    if (!step) return false;
    step->where = node->where;
    step->call.attrs = node->attrs;
    step->call.node = node->random;
    if (node->attrs_bytes) {
        void *attrs = wg__plan_take(plan, node->attrs_bytes);
        if (!attrs) return false;
        step->call.attrs = memcpy(attrs, node->attrs, node->attrs_bytes);
    }
    for (int i = 0; i < node->inputs; i++) {
        const int value = wg__value_of(walk, node->x[i]);
        step->names[i] = node->x[i]->name;
        wg__step_set(plan, step, i, any_strides || !work ? value : wg__value_packed(plan, value));
    }
    if (!add_outputs(plan, walk, node, step)) return false;
    plan->steps += work;
    return true;
}

/* ---- constants ---- */

/* A result of more elements than this is not kept beside the arena. */
#define MOST_CONSTANT 65536

/* Whether a node depends on constants alone, and those before it are known to: it is marked so. */
static bool mark_constant(const wg_plan *plan, wg__walk *walk, const wg__node *node)
{
    const bool fold = wg__plan_with(plan, WG_PASS_FOLD);
    if ((node->op->traits & (WG_RANDOM | WG_FLAGS)) || (node->inputs > 0 && !fold)) return false;
    for (int i = 0; i < node->inputs; i++)
        if (!wg__walk_find(walk, node->x[i])->constant) return false;
    for (int k = 0; k < node->outputs && node->inputs > 0; k++)
        if (wg__node_output(plan->tape, node, k)->type->count > MOST_CONSTANT) return false;
    for (int k = 0; k < node->outputs; k++) {
        wg__mark *mark = wg__walk_find(walk, wg__node_output(plan->tape, node, k));
        if (mark) mark->constant = true;
    }
    return true;
}

/* The input that is y itself, because the other one is filled with its neutral value; -1: none. */
static int same_as_input(const wg_plan *plan, const wg__walk *walk, const wg__node *node)
{
    const wg_type *type = wg__node_output(plan->tape, node, 0)->type;
    if (node->inputs != 2 || !wg__plan_with(plan, WG_PASS_FOLD)) return -1;
    for (int i = 0; i < 2; i++) {
        const wg__storage *x = &plan->storage[plan->value[wg__value_of(walk, node->x[i])].storage];
        if (node->op->neutral[i] != 0 && x->filled && x->fill == node->op->neutral[i] &&
            node->x[1 - i]->type == type)
            return 1 - i;
    }
    return -1;
}

static bool add_node(wg_plan *plan, wg__walk *walk, wg__node *node)
{
    if (node->op->view && node->inputs) return add_view(plan, walk, node);
    const int same = same_as_input(plan, walk, node);
    if (same < 0) return add_step(plan, walk, node);
    wg__set_value(walk, wg__node_output(plan->tape, node, 0), wg__value_of(walk, node->x[same]));
    plan->facts.folded++;
    return true;
}

/*
 * Constants first, so that the steps that run but once stand in front; each in the order of the
 * record.
 */
static bool add_nodes(wg_plan *plan, wg__walk *walk, bool constants, wg__node **table,
                      size_t places)
{
    plan->place = constants ? WG__IN_PLAN : WG__IN_ARENA;
    for (int n = walk->count - 1; n >= 0; n--) {
        wg__node  *node = walk->node[n];
        const bool random = node->op->traits & WG_RANDOM;
        if (mark_constant(plan, walk, node) != constants) continue;
        wg__node *equal = random || !wg__plan_with(plan, WG_PASS_EQUAL)
                              ? node
                              : wg__find_equal(walk, table, places, node);
        if (equal != node && wg__share_values(plan, walk, node, equal)) continue;
        if (!add_node(plan, walk, node)) return false;
    }
    return true;
}

/* ---- what is asked for ---- */

/*
 * An output's storage is the plan's own, packed: the one in which it was computed, if that will do,
 * else a copy.
 */
static int output_storage(wg_plan *plan, int value)
{
    const wg__value   *v = &plan->value[value];
    const wg__storage *storage = &plan->storage[v->storage];
    const bool         whole = v->view.data == NULL && wg_view_is_contiguous(&v->view) &&
                       storage->bytes == wg__type_bytes(v->view.type);
    if (whole && storage->kind != WG__IN_LEAF) {
        plan->storage[v->storage].kind = WG__IN_PLAN;
        return v->storage;
    }
    const int copy = wg__value_copy(plan, value, WG__IN_PLAN);
    return copy < 0 ? -1 : plan->value[copy].storage;
}

static bool add_results(wg_plan *plan, wg__walk *walk)
{
    plan->output_storage =
        wg__plan_take(plan, (size_t)plan->outputs.count * sizeof *plan->output_storage);
    plan->commit = wg__plan_take(plan, (size_t)plan->updates.count * sizeof *plan->commit);
    if (!plan->output_storage || !plan->commit) return false;
    for (int i = 0; i < plan->outputs.count; i++) {
        plan->output_storage[i] = output_storage(plan, wg__value_of(walk, plan->outputs.at[i]));
        if (plan->output_storage[i] < 0) return false;
    }
    for (int i = 0; i < plan->updates.count; i++) {
        const wg__node *node = plan->updates.at[i]->node;
        wg_tensor      *leaf = node->x[1];
        int             value = wg__value_of(walk, node->x[0]);
        for (int j = 0; j < i; j++)
            if (plan->commit[j].leaf == leaf)
                return wg__fail(plan->tape, node->where,
                                "assign: \"%s\" has two updates in one plan", leaf->name);
        /* What is committed must lie whole in memory that no commit changes. */
        const wg__storage *storage = &plan->storage[plan->value[value].storage];
        if (plan->value[value].view.data || !wg_view_is_contiguous(&plan->value[value].view) ||
            storage->kind == WG__IN_LEAF || storage->bytes != wg__type_bytes(leaf->type)) {
            const int at = output_storage(plan, value);
            if (at < 0) return false;
            plan->commit[i] = (wg__commit){.leaf = leaf, .storage = at};
        } else
            plan->commit[i] = (wg__commit){.leaf = leaf, .storage = plan->value[value].storage};
        plan->commits++;
    }
    return true;
}

static bool find_inputs(wg_plan *plan, const wg__walk *walk)
{
    int count = 0;
    for (const wg__mark *mark = walk->marks; mark; mark = mark->next) count += !mark->tensor->node;
    plan->input = wg__plan_take(plan, (size_t)count * sizeof *plan->input);
    if (!plan->input) return false;
    for (const wg__mark *mark = walk->marks; mark; mark = mark->next)
        if (!mark->tensor->node && mark->value >= 0 && !mark->tensor->written)
            plan->input[plan->inputs++] = mark->tensor;
    return true;
}

/* ---- passes ---- */

/* In their order. Each takes the list of steps and gives one that computes the same. */
static const struct pass {
    unsigned pass;
    bool (*run)(wg_plan *);
} passes[] = {{WG_PASS_RECOMPUTE, wg__plan_recompute},
              {WG_PASS_FUSE, wg__plan_fuse},
              {WG_PASS_FINISH, wg__plan_finish},
              {WG_PASS_FOLLOW, wg__plan_follow},
              {WG_PASS_EARLY, wg__plan_update_early},
              {WG_PASS_SCALARS, wg__plan_list_scalars},
              {WG_PASS_UPDATE, wg__plan_update_in_place},
              {WG_PASS_INHERIT, wg__plan_inherit}};

static bool run_passes(wg_plan *plan)
{
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++)
        if (wg__plan_with(plan, passes[i].pass) && !passes[i].run(plan)) return false;
    wg__plan_lifetimes(plan);
    return true;
}

bool wg__plan_build(wg_plan *plan, wg__walk *walk)
{
    const size_t places = (size_t)walk->count * 2 + 1;
    wg__node   **table = wg__alloc_zero(&plan->tape->allocator, places * sizeof *table);
    bool         good = table;
    for (wg__mark *mark = walk->marks; mark; mark = mark->next) mark->value = -1;
    for (wg__mark *mark = walk->marks; mark && good; mark = mark->next)
        if (!mark->tensor->node || mark->stop)
            good = (mark->value = wg__value_source(plan, mark->tensor)) >= 0;
    good = good && add_nodes(plan, walk, true, table, places);
    plan->constants = plan->steps;
    good = good && add_nodes(plan, walk, false, table, places) && add_results(plan, walk) &&
           find_inputs(plan, walk);
    wg__free(&plan->tape->allocator, table);
    if (!good) return wg__out_of_memory(plan->tape);
    if (wg__plan_with(plan, WG_PASS_MASKS) && !wg__plan_masks(plan)) return false;
    if (wg__plan_with(plan, WG_PASS_LAYOUT) && !wg__plan_layouts(plan)) return false;
    if (!wg__plan_prepare(plan)) return wg__out_of_memory(plan->tape);
    if (!run_passes(plan)) return false;
    plan->facts.nodes = walk->count;
    plan->facts.steps = plan->steps - plan->constants;
    return true;
}
