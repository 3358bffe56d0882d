// SPDX-License-Identifier: MIT
/*
 * Building a plan: from the nodes of a walk to steps. Equal nodes become one, views become no step
 * at all, inputs that a kernel cannot read as they lie are packed first, and what needs no input is
 * computed once, here.
 */
#include "plan_internal.h"

#include "../kernels/copy.h"

#include <string.h>

/* ---- values and storages ---- */

static int storage_new(wg_plan *plan, wg__place_kind kind, size_t bytes, void *memory)
{
    if (!wg__grow(&plan->tape->allocator, &plan->storage, &plan->storage_capacity,
                  (size_t)plan->storages + 1, sizeof *plan->storage))
        return -1;
    plan->storage[plan->storages] = (wg__storage){.kind = kind,
                                                  .bytes = bytes,
                                                  .first = plan->steps,
                                                  .last = plan->steps,
                                                  .memory = memory,
                                                  .heir = -1};
    return plan->storages++;
}

static int value_new(wg_plan *plan, const wg_type *type, int storage)
{
    if (storage < 0 || !wg__grow(&plan->tape->allocator, &plan->value, &plan->value_capacity,
                                 (size_t)plan->values + 1, sizeof *plan->value))
        return -1;
    wg__value *value = &plan->value[plan->values];
    *value = (wg__value){.view = {.type = type}, .storage = storage, .packed = -1};
    wg_shape_strides(type->shape, value->view.stride);
    return plan->values++;
}

/*
 * The value of a tensor that is there before the plan runs: a leaf, or one that holds a valid
 * value.
 */
static int source_value(wg_plan *plan, wg_tensor *tensor)
{
    return value_new(plan, tensor->type,
                     storage_new(plan, WG__IN_LEAF, wg__type_bytes(tensor->type), tensor->value));
}

/* ---- steps ---- */

static int copy_kernel(const wg_call *call)
{
    wg__copy(&call->x[0], &call->y[0]);
    return 0;
}

static wg_kernel *copy_prepare(wg_call *call)
{
    (void)call;
    return copy_kernel;
}

/* What packs the elements of a view; only plans record it. */
static const wg_op op_copy = {.name = "copy",
                              .inputs = 1,
                              .outputs = 1,
                              .traits = WG_STRIDED,
                              .prepare = copy_prepare,
                              .formula = "y = x",
                              .rule = "none"};

static void *take(wg_plan *plan, size_t bytes)
{
    void *memory = wg__pool_take(&plan->pool, bytes);
    if (memory) memset(memory, 0, bytes);
    return memory;
}

/* An empty step with room for its views; NULL without memory. */
static wg__step *step_new(wg_plan *plan, const wg_op *op, int inputs, int outputs)
{
    if (!wg__grow(&plan->tape->allocator, &plan->step, &plan->step_capacity,
                  (size_t)plan->steps + 1, sizeof *plan->step))
        return NULL;
    const size_t ends = (size_t)(inputs + outputs);
    wg__step    *step = &plan->step[plan->steps];
    *step = (wg__step){.call = {.op = op,
                                .inputs = inputs,
                                .outputs = outputs,
                                .plan = plan,
                                .seed = &plan->tape->seed,
                                .run = &plan->tape->runs,
                                .x = take(plan, ends * sizeof(wg_view)),
                                .step = take(plan, ends * sizeof(int64_t))},
                       .where = "?",
                       .names = take(plan, (size_t)inputs * sizeof(char *)),
                       .storage = take(plan, (ends + 1) * sizeof(int)),
                       .offset = take(plan, ends * sizeof(size_t))};
    if (op->traits & WG_ELEMENTWISE) step->stride = take(plan, ends * sizeof *step->stride);
    if (!step->call.x || !step->call.step || !step->names || !step->storage || !step->offset ||
        ((op->traits & WG_ELEMENTWISE) && !step->stride))
        return NULL;
    step->call.y = step->call.x + inputs;
    step->storage[ends] = -1;
    return step;
}

/* Puts a value at place `end` of the step: its inputs, then its outputs. */
static void set_end(wg_plan *plan, wg__step *step, int end, int value)
{
    const wg__value *v = &plan->value[value];
    step->call.x[end] = v->view;
    step->offset[end] = (uintptr_t)v->view.data;
    step->storage[end] = v->storage;
    step->call.x[end].data = NULL;
    plan->storage[v->storage].last = plan->steps;
}

/* Elementwise steps see their inputs as one row, or as loops over rows. */
static void set_loops(wg__step *step)
{
    const int      inputs = step->call.inputs;
    const wg_view *views[65] = {0};
    for (int i = 0; i <= inputs; i++) views[i] = &step->call.x[i];
    step->loops = wg__collapse(inputs + 1, views, step->dim, step->stride);
    step->call.n = step->dim[step->loops - 1];
    for (int i = 0; i <= inputs; i++) step->call.step[i] = step->stride[i][step->loops - 1];
    if (step->loops == 1) return;
    step->inner = step->kernel;
    step->kernel = wg__run_loops;
}

/* Lets the op choose its kernel and counts the step in. */
static bool finish_step(wg_plan *plan, wg__step *step)
{
    const wg_op *op = step->call.op;
    const int    ends = step->call.inputs + step->call.outputs;
    plan->steps++; /* from here on its release is called */
    step->kernel = op->prepare ? op->prepare(&step->call) : NULL;
    if (!step->kernel) {
        plan->steps--;
        if (plan->out_of_memory) return wg__out_of_memory(plan->tape);
        const wg_type *type = step->call.inputs ? step->call.x[0].type : step->call.y[0].type;
        return wg__fail(plan->tape, step->where, "%s: the op has no kernel for %s", op->name,
                        wg_dtype_name(type->dtype));
    }
    if (op->traits & WG_ELEMENTWISE) set_loops(step);
    if (step->call.scratch_bytes > 0) {
        plan->steps--; /* scratch lives in this very step */
        step->storage[ends] = storage_new(plan, WG__IN_ARENA, step->call.scratch_bytes, NULL);
        plan->steps++;
        if (step->storage[ends] < 0) return false;
    }
    return true;
}

/*
 * A value with the elements of `value`, packed: a copy unless it is packed already. -1 without
 * memory.
 */
static int packed_value(wg_plan *plan, int value)
{
    if (value < 0 || wg_view_is_contiguous(&plan->value[value].view)) return value;
    if (plan->value[value].packed >= 0) return plan->value[value].packed;
    const wg_type *type = plan->value[value].view.type;
    const int      copy =
        value_new(plan, type, storage_new(plan, WG__IN_ARENA, wg__type_bytes(type), NULL));
    wg__step *step = copy < 0 ? NULL : step_new(plan, &op_copy, 1, 1);
    if (!step) return -1;
    set_end(plan, step, 0, value);
    set_end(plan, step, 1, copy);
    plan->value[value].packed = copy;
    return finish_step(plan, step) ? copy : -1;
}

/* ---- nodes ---- */

static int value_of(const wg__walk *walk, const wg_tensor *tensor)
{
    return wg__walk_find(walk, tensor)->value;
}

static void set_value(const wg__walk *walk, const wg_tensor *tensor, int value)
{
    wg__mark *mark = wg__walk_find(walk, tensor);
    if (mark) mark->value = value;
}

/* A node that only looks at its first input differently. */
static bool add_view(wg_plan *plan, wg__walk *walk, wg__node *node)
{
    const wg_tensor *tensor = wg__node_output(plan->tape, node, 0);
    int              x = value_of(walk, node->x[0]);
    wg_view          y = plan->value[x].view;
    y.type = tensor->type;
    if (!node->op->view(node->attrs, &plan->value[x].view, &y)) {
        x = packed_value(plan, x);
        if (x < 0) return false;
        y = plan->value[x].view;
        y.type = tensor->type;
        if (!node->op->view(node->attrs, &plan->value[x].view, &y))
            return wg__fail(plan->tape, node->where, "%s: no view of a packed input",
                            node->op->name);
    }
    const int value = value_new(plan, tensor->type, plan->value[x].storage);
    if (value < 0) return false;
    plan->value[value].view = y;
    set_value(walk, tensor, value);
    plan->facts.views++;
    return true;
}

/* New values for the outputs; a fill has one element at which all of its tensor looks. */
static bool add_outputs(wg_plan *plan, wg__walk *walk, wg__node *node, wg__step *step,
                        wg__place_kind kind)
{
    for (int k = 0; k < node->outputs; k++) {
        wg_tensor   *tensor = wg__node_output(plan->tape, node, k);
        const bool   one = node->op == &wg_op_fill && tensor->type->count > 0;
        const size_t bytes =
            one ? wg_dtype_size(tensor->type->dtype) : wg__type_bytes(tensor->type);
        const int value = value_new(plan, tensor->type, storage_new(plan, kind, bytes, NULL));
        if (value < 0) return false;
        wg__value *v = &plan->value[value];
        plan->facts.sum_bytes += (int64_t)wg__type_bytes(tensor->type);
        if (one) {
            wg_type scalar;
            memset(v->view.stride, 0, sizeof v->view.stride);
            wg_type_make(tensor->type->dtype, WG_SCALAR, &scalar);
            v->view.type = wg__intern_type(plan->tape, &scalar);
            if (!v->view.type) return false;
        }
        set_end(plan, step, node->inputs + k, value);
        v->view.type = tensor->type;
        set_value(walk, tensor, value);
    }
    return true;
}

static bool add_step(wg_plan *plan, wg__walk *walk, wg__node *node)
{
    const wg_op *op = node->op;
    const bool   any_strides = op->traits & (WG_ELEMENTWISE | WG_STRIDED);
    int64_t      elements = 0;
    for (int k = 0; k < node->outputs; k++)
        elements += wg__node_output(plan->tape, node, k)->type->count;
    for (int i = 0; i < node->inputs && !any_strides && elements; i++)
        if (packed_value(plan, value_of(walk, node->x[i])) < 0) return false;

    wg__step *step = step_new(plan, op, node->inputs, node->outputs);
    if (!step) return false;
    step->where = node->where;
    step->call.attrs = node->attrs;
    step->call.node = node->random;
    if (node->attrs_bytes) {
        void *attrs = take(plan, node->attrs_bytes);
        if (!attrs) return false;
        step->call.attrs = memcpy(attrs, node->attrs, node->attrs_bytes);
    }
    for (int i = 0; i < node->inputs; i++) {
        const int value = value_of(walk, node->x[i]);
        step->names[i] = node->x[i]->name;
        set_end(plan, step, i, any_strides || !elements ? value : packed_value(plan, value));
    }
    const bool constant = node->inputs == 0 && !(op->traits & WG_RANDOM);
    if (!add_outputs(plan, walk, node, step, constant ? WG__IN_PLAN : WG__IN_ARENA)) return false;
    return elements == 0 || finish_step(plan, step); /* nothing to compute: no step */
}

/* ---- equal nodes ---- */

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 32);
}

static uint64_t hash_node(const wg__walk *walk, const wg__node *node)
{
    uint64_t hash = mix((uintptr_t)node->op, (uint64_t)node->dtype);
    for (int i = 0; i < node->inputs; i++) hash = mix(hash, (uint64_t)value_of(walk, node->x[i]));
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
        if (value_of(walk, a->x[i]) != value_of(walk, b->x[i])) return false;
    return true;
}

/* Finds the node of the table that is equal to this one, or puts this one in. */
static wg__node *find_equal(const wg__walk *walk, wg__node **table, size_t places, wg__node *node)
{
    for (size_t at = hash_node(walk, node) % places;; at = (at + 1) % places) {
        if (!table[at]) return table[at] = node;
        if (are_equal(walk, table[at], node)) return table[at];
    }
}

/*
 * Gives the outputs of `node` the values of its equal; those of the equal that nobody asked for
 * have none, so then it is computed after all.
 */
static bool share_values(wg_plan *plan, wg__walk *walk, const wg__node *node, const wg__node *equal)
{
    for (int k = 0; k < node->outputs; k++)
        if (wg__walk_find(walk, wg__node_output(plan->tape, node, k)) &&
            !wg__walk_find(walk, wg__node_output(plan->tape, equal, k)))
            return false;
    for (int k = 0; k < node->outputs; k++) {
        const wg__mark *mark = wg__walk_find(walk, wg__node_output(plan->tape, equal, k));
        if (mark) set_value(walk, wg__node_output(plan->tape, node, k), mark->value);
    }
    plan->facts.merged++;
    return true;
}

/*
 * Constants first, so that the steps that run but once stand in front; each in the order of the
 * record.
 */
static bool add_nodes(wg_plan *plan, wg__walk *walk, bool constants, wg__node **table,
                      size_t places)
{
    for (int n = walk->count - 1; n >= 0; n--) {
        wg__node  *node = walk->node[n];
        const bool random = node->op->traits & WG_RANDOM, constant = node->inputs == 0 && !random;
        if (constant != constants) continue;
        wg__node *equal = random ? node : find_equal(walk, table, places, node);
        if (equal != node && share_values(plan, walk, node, equal)) continue;
        if (!(node->op->view && node->inputs ? add_view(plan, walk, node)
                                             : add_step(plan, walk, node)))
            return false;
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
    const wg_type *type = v->view.type;
    const int      copy =
        value_new(plan, type, storage_new(plan, WG__IN_PLAN, wg__type_bytes(type), NULL));
    wg__step *step = copy < 0 ? NULL : step_new(plan, &op_copy, 1, 1);
    if (!step) return -1;
    set_end(plan, step, 0, value);
    set_end(plan, step, 1, copy);
    if (type->count && !finish_step(plan, step)) return -1;
    return plan->value[copy].storage;
}

static bool add_results(wg_plan *plan, wg__walk *walk)
{
    plan->output_storage = take(plan, (size_t)plan->outputs.count * sizeof *plan->output_storage);
    plan->commit = take(plan, (size_t)plan->updates.count * sizeof *plan->commit);
    if (!plan->output_storage || !plan->commit) return false;
    for (int i = 0; i < plan->outputs.count; i++) {
        plan->output_storage[i] = output_storage(plan, value_of(walk, plan->outputs.at[i]));
        if (plan->output_storage[i] < 0) return false;
    }
    for (int i = 0; i < plan->updates.count; i++) {
        const wg__node *node = plan->updates.at[i]->node;
        wg_tensor      *leaf = node->x[1];
        int             value = value_of(walk, node->x[0]);
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
    for (int i = 0; i < plan->commits; i++)
        plan->storage[plan->commit[i].storage].last = plan->steps;
    return true;
}

static bool find_inputs(wg_plan *plan, const wg__walk *walk)
{
    int count = 0;
    for (const wg__mark *mark = walk->marks; mark; mark = mark->next) count += !mark->tensor->node;
    plan->input = take(plan, (size_t)count * sizeof *plan->input);
    if (!plan->input) return false;
    for (const wg__mark *mark = walk->marks; mark; mark = mark->next)
        if (!mark->tensor->node && mark->value >= 0 && !mark->tensor->written)
            plan->input[plan->inputs++] = mark->tensor;
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
            good = (mark->value = source_value(plan, mark->tensor)) >= 0;
    good = good && add_nodes(plan, walk, true, table, places);
    plan->constants = plan->steps;
    good = good && add_nodes(plan, walk, false, table, places) && add_results(plan, walk) &&
           find_inputs(plan, walk);
    wg__free(&plan->tape->allocator, table);
    if (!good) return wg__out_of_memory(plan->tape);
    if (!plan->tape->options.apart) wg__plan_reuse(plan);
    plan->facts.nodes = walk->count;
    plan->facts.steps = plan->steps - plan->constants;
    return true;
}
