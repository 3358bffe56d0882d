// SPDX-License-Identifier: MIT
/* Lifting: a walk back from what is wanted, whose nodes are then recorded again in their order. */
#include "lift.h"

#include "../kernels/copy.h"
#include "internal.h"

typedef struct lifting {
    wg_tape *to, *source;
    wg_dtype from, into;
    wg__walk walk; /* the copy of a tensor is its mark's adjoint */
} lifting;

static wg_dtype mapped(wg_dtype dtype, wg_dtype from, wg_dtype into)
{
    return from != WG_NO_DTYPE && dtype == from ? into : dtype;
}

static wg_view packed(const wg_type *type, const void *data)
{
    wg_view view = {.data = (void *)(uintptr_t)data, .type = type};
    wg_shape_strides(type->shape, view.stride);
    return view;
}

/* ---- one node ---- */

/* A constant's values stand in its settings, behind the shape. */
static wg_tensor *constant_again(wg_tape *to, const wg__node *node, wg_dtype dtype)
{
    const wg_shape *shape = node->attrs;
    wg_type         old, new;
    if (!wg_type_make(node->dtype, *shape, &old) || !wg_type_make(dtype, *shape, &new))
        return wg__fail(to, wg_caller(), "constant: there is none of %s", wg_dtype_name(dtype));
    void *values = wg__buffer_new(&to->allocator, wg__type_bytes(&new));
    if (!values) return wg__out_of_memory(to);
    const wg_view before = packed(&old, shape + 1), after = packed(&new, values);
    wg__cast(&before, &after);
    wg_tensor *y = wg_constant(to, dtype, *shape, values, new.count);
    wg__buffer_free(&to->allocator, values);
    return y;
}

/* Gives the copies the names of the node's outputs. False without memory. */
static bool name_outputs(wg_tape *to, const wg__node *node, const wg_tape *source, wg_tensor *first)
{
    for (int k = 0; k < node->outputs; k++) {
        const char *text = wg__node_output(source, node, k)->name;
        if (!text) continue;
        const wg__name *name = wg__intern_name(to, "", text);
        if (!name) return wg__out_of_memory(to);
        wg__node_output(to, first->node, k)->name = name->text;
    }
    return true;
}

wg_tensor *wg__record_again(wg_tape *to, const wg__node *node, wg_tensor *const *x, wg_dtype from,
                            wg_dtype into)
{
    const wg_dtype  dtype = mapped(node->dtype, from, into);
    const char     *outer = to->scope;
    const wg__name *scope = *node->scope ? wg__intern_name(to, "", node->scope) : NULL;
    if (*node->scope && !scope) return wg__out_of_memory(to);
    to->scope = scope ? scope->text : "";
    to->randoms = node->random;
    wg_enter(node->where);
    wg_tensor *y =
        node->op == &wg_op_constant
            ? constant_again(to, node, dtype)
            : wg__record(to, node->op, node->attrs, node->attrs_bytes, dtype, x, node->inputs);
    wg_leave(NULL);
    to->scope = outer;
    return y;
}

/* ---- the record ---- */

static wg_tensor *leaf_new(wg_tape *to, const wg_tensor *leaf, wg_dtype dtype)
{
    if (leaf->role == WG_PARAM) return wg_param(to, leaf->name, dtype, leaf->type->shape);
    if (leaf->of_training) return wg_training_state(to, leaf->name, dtype, leaf->type->shape, 0);
    if (leaf->role == WG_STATE) return wg_state(to, leaf->name, dtype, leaf->type->shape, 0);
    return wg_input(to, leaf->name, dtype, leaf->type->shape);
}

/* The leaves that the walk met, in the order in which they were made. */
static bool lift_leaves(lifting *l)
{
    const char *outer = l->to->scope;
    bool        good = true;
    l->to->scope = ""; /* a leaf's name has its scopes in it */
    for (int i = 0; i < l->source->leaf_count && good; i++) {
        const wg_tensor *leaf = l->source->leaves[i];
        wg__mark        *mark = wg__walk_find(&l->walk, leaf);
        if (!mark) continue;
        wg_tensor *copy = leaf_new(l->to, leaf, mapped(leaf->type->dtype, l->from, l->into));
        mark->adjoint = copy;
        good = copy;
        if (!copy) continue;
        const wg_view before = packed(leaf->type, leaf->value),
                      after = packed(copy->type, copy->value);
        wg__cast(&before, &after);
        copy->written = leaf->written;
        copy->frozen = leaf->frozen;
    }
    l->to->scope = outer;
    l->to->version++;
    return good;
}

static wg_tensor *copy_of(const lifting *l, const wg_tensor *tensor)
{
    const wg__mark *mark = tensor ? wg__walk_find(&l->walk, tensor) : NULL;
    return mark ? mark->adjoint : NULL;
}

static bool lift_node(lifting *l, const wg__node *node)
{
    const size_t bytes = (size_t)node->inputs * sizeof(wg_tensor *);
    wg_tensor  **x = wg__list_take(l->to, bytes), *outer = l->to->from;
    if (!x) return false;
    for (int i = 0; i < node->inputs; i++) x[i] = copy_of(l, node->x[i]);
    l->to->from = copy_of(l, node->from);
    wg_tensor *first = wg__record_again(l->to, node, x, l->from, l->into);
    l->to->from = outer;
    wg__pool_rewind(&l->to->lists, x);
    if (!first || !name_outputs(l->to, node, l->source, first)) return false;
    for (int k = 0; k < node->outputs; k++) {
        wg__mark *mark = wg__walk_find(&l->walk, wg__node_output(l->source, node, k));
        if (mark) mark->adjoint = wg__node_output(l->to, first->node, k);
    }
    return true;
}

/* Draws on `to` are those of the source. */
static void copy_randomness(lifting *l, uint64_t randoms_before)
{
    const uint64_t more = l->source->randoms;
    l->to->randoms = more > randoms_before ? more : randoms_before;
    l->to->seed = l->source->seed;
    l->to->runs = l->source->runs;
    l->to->version++;
}

static bool lift_all(lifting *l, wg_tensors wanted, const wg__node **refused)
{
    const uint64_t randoms = l->to->randoms;
    bool           good = true;
    for (int i = 0; i < wanted.count && good; i++) good = wg__walk_mark(&l->walk, wanted.at[i]);
    if (!good || !wg__walk_run(&l->walk, 0)) return wg__out_of_memory(l->to);
    good = lift_leaves(l);
    for (int n = l->walk.count - 1; n >= 0 && good; n--) {
        good = lift_node(l, l->walk.node[n]);
        if (!good && refused) *refused = l->walk.node[n];
    }
    copy_randomness(l, randoms);
    return good;
}

wg_tensors wg__lift(wg_tape *to, wg_tensors wanted, wg_dtype from, wg_dtype into,
                    const wg__node **refused)
{
    wg_tape *source = NULL;
    if (refused) *refused = NULL;
    if (!to) return (wg_tensors){0};
    if (!wg__list_usable(wanted, &source) || !source || source == to) {
        wg__fail(to, wg_caller(), "wg_lift: %s",
                 source == to && to ? "the tensors are on this tape already"
                                    : "the tensors are not usable");
        return (wg_tensors){0};
    }
    lifting l = {.to = to, .source = source, .from = from, .into = into};
    wg__walk_init(&l.walk, source);
    const bool  good = lift_all(&l, wanted, refused);
    wg_tensors  copies = good ? wg__list_new(to, wanted.count, NULL) : (wg_tensors){0};
    wg_tensor **at = (wg_tensor **)(uintptr_t)copies.at;
    for (int i = 0; i < copies.count; i++) at[i] = copy_of(&l, wanted.at[i]);
    wg__walk_done(&l.walk);
    return copies;
}

wg_tensors wg_lift(wg_tape *to, wg_tensors wanted, wg_dtype from, wg_dtype into)
{
    return wg__lift(to, wanted, from, into, NULL);
}
