// SPDX-License-Identifier: MIT
/*
 * Leaves: what a program writes and training changes. They outlive wg_tape_clear and are known by
 * their name.
 */
#include "internal.h"

#include "../kernels/copy.h"

#include <string.h>

/* ---- making ---- */

static wg_tensor *leaf_new(wg_tape *tape, wg__name *name, wg_role role, const wg_type *type)
{
    type = wg__intern_type(tape, type);
    wg_tensor *leaf = type ? wg__pool_take(&tape->permanent, sizeof *leaf) : NULL;
    void      *value = leaf ? wg__buffer_new(&tape->allocator, wg__type_bytes(type)) : NULL;
    if (!value || !wg__grow(&tape->allocator, &tape->leaves, &tape->leaves_capacity,
                            (size_t)tape->leaf_count + 1, sizeof(wg_tensor *))) {
        wg__buffer_free(&tape->allocator, value);
        return wg__out_of_memory(tape);
    }
    *leaf = (wg_tensor){.tape = tape,
                        .type = type,
                        .name = name->text,
                        .value = value,
                        .role = (uint8_t)role,
                        .index = (uint32_t)tape->leaf_count,
                        .next_leaf = name->leaves,
                        .written = role != WG_INPUT};
    leaf->shares_name = name->leaves;
    if (name->leaves) name->leaves->shares_name = true;
    name->leaves = leaf;
    tape->leaves[tape->leaf_count++] = leaf;
    return leaf;
}

/* The leaf of this name that the call means, or NULL; *clash: there is one that it may not be. */
static wg_tensor *find_leaf(const wg__name *name, wg_role role, const wg_type *type,
                            wg_tensor **clash)
{
    for (wg_tensor *leaf = name->leaves; leaf; leaf = leaf->next_leaf) {
        const bool same_type = wg_type_equal(leaf->type, type);
        if (leaf->role == role && same_type) return leaf;
        if (leaf->role != role || role != WG_INPUT || leaf->record == leaf->tape->record)
            *clash = leaf;
    }
    return NULL;
}

/*
 * The leaf that was made behind the one asked for last, when it is the one asked for now: a record
 * made anew asks in the same order, and has no need to look names up.
 */
static wg_tensor *expected_leaf(const wg_tape *tape, const char *text, wg_role role, wg_dtype dtype,
                                const wg_shape *shape)
{
    if (tape->leaf_expected >= tape->leaf_count) return NULL;
    wg_tensor     *leaf = tape->leaves[tape->leaf_expected];
    const wg_type *type = leaf->type;
    if (leaf->role != role || leaf->record == tape->record || leaf->shares_name ||
        type->dtype != dtype || type->shape.rank != shape->rank)
        return NULL;
    for (int64_t axis = 0; axis < shape->rank; axis++)
        if (type->shape.dim[axis] != shape->dim[axis]) return NULL;
    return wg__is_joined(leaf->name, tape->scope, text) ? leaf : NULL;
}

/* The leaf of this record now. */
static wg_tensor *ask_for(wg_tensor *leaf)
{
    leaf->record = leaf->tape->record;
    leaf->tape->leaf_expected = (int)leaf->index + 1;
    return leaf;
}

static wg_tensor *leaf(wg_tape *tape, const char *text, wg_role role, wg_dtype dtype,
                       wg_shape shape)
{
    if (!tape) return NULL;
    if (!text || !*text) return wg__fail(tape, wg_caller(), "a leaf needs a name");
    const bool shared = tape->shares && role != WG_INPUT;
    wg_tensor *expected = shared ? NULL : expected_leaf(tape, text, role, dtype, &shape);
    if (expected) return ask_for(expected);
    wg_type type;
    char    sizes[WG_SHAPE_TEXT], others[WG_SHAPE_TEXT];
    if (!wg_type_make(dtype, shape, &type))
        return wg__fail(tape, wg_caller(), "leaf \"%s\": there is no tensor of %s %s", text,
                        wg_dtype_name(dtype), wg_shape_text(shape, sizes));
    if (role == WG_PARAM && !wg_dtype_is_float(dtype))
        return wg__fail(tape, wg_caller(), "param \"%s\": dtype %s, wanted is f32 or f64", text,
                        wg_dtype_name(dtype));
    wg__name *name = wg__intern_name(tape, tape->scope, text);
    if (!name) return wg__out_of_memory(tape);

    wg_tensor *clash = NULL, *found = find_leaf(name, role, &type, &clash);
    if (clash)
        return wg__fail(tape, wg_caller(), "leaf \"%s\" %s %s is there already, as %s %s",
                        name->text, wg_dtype_name(dtype), wg_shape_text(shape, sizes),
                        wg_dtype_name(clash->type->dtype),
                        wg_shape_text(clash->type->shape, others));
    const bool asked = found && found->record == tape->record;
    if (asked != shared)
        return wg__fail(tape, wg_caller(), "leaf \"%s\" %s", name->text,
                        asked ? "is asked for twice in one record"
                              : "cannot be shared: it is not in this record");
    if (asked) return found;
    if (!found) found = leaf_new(tape, name, role, &type);
    return found ? ask_for(found) : NULL;
}

void wg__leaf_free(wg_tape *tape, wg_tensor *leaf)
{
    wg__buffer_free(&tape->allocator, leaf->value);
}

static void fill(wg_tensor *leaf, double value)
{
    wg_view view = {.data = leaf->value, .type = leaf->type};
    wg_shape_strides(leaf->type->shape, view.stride);
    wg__fill(&view, value);
}

wg_tensor *wg_input(wg_tape *tape, const char *name, wg_dtype dtype, wg_shape shape)
{
    return leaf(tape, name, WG_INPUT, dtype, shape);
}

wg_tensor *wg_param(wg_tape *tape, const char *name, wg_dtype dtype, wg_shape shape)
{
    return leaf(tape, name, WG_PARAM, dtype, shape);
}

wg_tensor *wg_state(wg_tape *tape, const char *name, wg_dtype dtype, wg_shape shape, double value)
{
    const int  before = tape ? tape->leaf_count : 0;
    wg_tensor *state = leaf(tape, name, WG_STATE, dtype, shape);
    if (state && tape->leaf_count > before) fill(state, value);
    return state;
}

wg_tensor *wg_training_state(wg_tape *tape, const char *name, wg_dtype dtype, wg_shape shape,
                             double value)
{
    wg_tensor *state = wg_state(tape, name, dtype, shape, value);
    if (state) state->of_training = true;
    return state;
}

bool wg_is_of_training(const wg_tensor *leaf)
{
    return leaf && !leaf->node && leaf->of_training;
}

wg_tensor *wg_scalar(wg_tape *tape, const char *name, double value)
{
    const int  before = tape ? tape->leaf_count : 0;
    wg_tensor *scalar = leaf(tape, name, WG_INPUT, WG_F64, WG_SCALAR);
    if (scalar && tape->leaf_count > before) {
        fill(scalar, value);
        scalar->written = scalar->filled = true;
    }
    return scalar;
}

bool wg_is_new(const wg_tensor *leaf)
{
    return leaf && !leaf->node && !leaf->filled;
}

/* ---- params ---- */

static wg_tensors leaves_of(wg_tape *tape, bool params_only)
{
    if (!tape) return (wg_tensors){0};
    wg_tensor **at = wg__list_take(tape, (size_t)tape->leaf_count * sizeof *at);
    if (!at) return (wg_tensors){0};
    int count = 0;
    for (int i = 0; i < tape->leaf_count; i++)
        if (!params_only || tape->leaves[i]->role == WG_PARAM) at[count++] = tape->leaves[i];
    return (wg_tensors){.count = count, .at = at};
}

wg_tensors wg_params(wg_tape *tape)
{
    return leaves_of(tape, true);
}

wg_tensors wg_leaves(wg_tape *tape)
{
    return leaves_of(tape, false);
}

wg_tensor *wg_param_find(wg_tape *tape, const char *name)
{
    for (int i = 0; tape && name && i < tape->leaf_count; i++)
        if (tape->leaves[i]->role == WG_PARAM && strcmp(tape->leaves[i]->name, name) == 0)
            return tape->leaves[i];
    return NULL;
}

int64_t wg_param_elements(wg_tape *tape)
{
    int64_t count = 0;
    for (int i = 0; tape && i < tape->leaf_count; i++) {
        const wg_tensor *param = tape->leaves[i];
        if (param->role == WG_PARAM && !param->frozen) count += param->type->count;
    }
    return count;
}

void wg_param_freeze(wg_tensor *param, bool frozen)
{
    if (!param) return;
    if (param->role == WG_PARAM)
        param->frozen = frozen;
    else
        wg__fail(param->tape, wg_caller(), "wg_param_freeze: \"%s\" is not a param",
                 param->name ? param->name : "");
}

bool wg_param_is_frozen(const wg_tensor *param)
{
    return param && param->frozen;
}

/* ---- writing ---- */

bool wg_write_values(wg_tensor *leaf, wg_dtype dtype, const void *values, int64_t count)
{
    if (!leaf) return false;
    const char *name = leaf->name ? leaf->name : "";
    if (leaf->node || leaf->role == WG_RECORDED)
        wg__fail(leaf->tape, wg_caller(), "wg_write: \"%s\" is not a leaf", name);
    else if (dtype != leaf->type->dtype || count != leaf->type->count || (!values && count))
        wg__fail(leaf->tape, wg_caller(), "wg_write: \"%s\" takes %lld %s, given are %lld %s%s",
                 name, (long long)leaf->type->count, wg_dtype_name(leaf->type->dtype),
                 (long long)count, wg_dtype_name(dtype), values ? "" : " at NULL");
    else {
        if (count) memcpy(leaf->value, values, wg__type_bytes(leaf->type));
        leaf->written = leaf->filled = true;
        leaf->tape->version++;
        return true;
    }
    return false;
}

bool wg_write_all(wg_tensor *leaf, double value)
{
    if (!leaf) return false;
    if (leaf->node || leaf->role == WG_RECORDED) {
        wg__fail(leaf->tape, wg_caller(), "wg_write_all: \"%s\" is not a leaf",
                 leaf->name ? leaf->name : "");
        return false;
    }
    fill(leaf, value);
    leaf->written = leaf->filled = true;
    leaf->tape->version++;
    return true;
}
