// SPDX-License-Identifier: MIT
/*
 * Recording: a node is compared with the ghost that stands in its place, or checked by its op's
 * infer and kept.
 */
#include "internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- refusing ---- */

#define OUTDATED "from before wg_tape_clear and was not recorded again"

/* Writes: "F" (1,4) x "W2" (5,1) */
static void write_inputs(char *text, size_t size, wg_tensor *const *x, int count)
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < count && used < size; i++) {
        char        shape[WG_SHAPE_TEXT];
        const char *name = x[i] ? x[i]->name : NULL;
        const int   written = snprintf(text + used, size - used, "%s%s%s%s%s", i ? " x " : " ",
                                     name ? "\"" : "", name ? name : "", name ? "\" " : "",
                                     x[i] ? wg_shape_text(x[i]->type->shape, shape) : "NULL");
        used += written > 0 ? (size_t)written : size;
    }
}

static void reject(const wg_op *op, wg_tape *tape, wg_tensor *const *x, int count,
                   const char *reason)
{
    char inputs[600];
    write_inputs(inputs, sizeof inputs, x, count);
    wg__fail(tape, wg_caller(), "%s%s: %s", op->name, inputs, reason);
}

wg_tensor *wg_reject(const wg_op *op, wg_tensor *const *x, int count, const char *format, ...)
{
    char    reason[400];
    va_list values;
    va_start(values, format);
    vsnprintf(reason, sizeof reason, format, values);
    va_end(values);
    for (int i = 0; i < count; i++) {
        if (!x[i]) continue;
        reject(op, x[i]->tape, x, count, reason);
        break;
    }
    return NULL;
}

/* Leaves always are; what was recorded is while it is part of the present record. */
static bool is_live(const wg_tensor *tensor)
{
    if (!tensor->node) return tensor->role != WG_RECORDED; /* else its record was dropped */
    return tensor->index < tensor->tape->count;
}

bool wg__usable(const wg_tensor *tensor)
{
    if (!tensor) return false;
    if (is_live(tensor)) return true;
    wg__fail(tensor->tape, wg_caller(), "a tensor is " OUTDATED);
    return false;
}

bool wg__list_usable(wg_tensors list, wg_tape **tape)
{
    for (int i = 0; i < list.count; i++) {
        wg_tensor *tensor = list.at[i];
        if (!tensor) {
            for (int k = i + 1; k < list.count && !*tape; k++) *tape = wg_tape_of(list.at[k]);
            if (*tape) wg__fail(*tape, wg_caller(), "tensor %d of a list is NULL", i);
            return false;
        }
        if (!*tape) *tape = tensor->tape;
        if (tensor->tape != *tape) {
            wg__fail(*tape, wg_caller(), "tensors of two tapes in one call");
            return false;
        }
        if (!wg__usable(tensor)) return false;
    }
    return true;
}

/*
 * Finds the tape of the inputs; NULL, with an error where there is a tape to write it to, when they
 * will not do.
 */
static wg_tape *tape_of_inputs(const wg_op *op, wg_tensor *const *x, int count)
{
    wg_tape *tape = NULL;
    for (int i = 0; i < count && !tape; i++)
        if (x[i]) tape = x[i]->tape;
    for (int i = 0; i < count && tape; i++) {
        const char *reason = !x[i]                ? "an input is NULL"
                             : x[i]->tape != tape ? "the inputs are of two tapes"
                             : !is_live(x[i])     ? "an input is " OUTDATED
                                                  : NULL;
        if (!reason) continue;
        reject(op, tape, x, count, reason);
        return NULL;
    }
    return tape;
}

/* ---- infer ---- */

const char *wg_refuse(wg_infer *i, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(i->reason, sizeof i->reason, format, values);
    va_end(values);
    return i->reason;
}

const char *wg_infer_same_dtype(wg_infer *i)
{
    for (int k = 1; k < i->inputs; k++)
        if (i->x[k]->dtype != i->x[0]->dtype)
            return wg_refuse(i, "dtypes differ, %s and %s; see wg_cast",
                             wg_dtype_name(i->x[0]->dtype), wg_dtype_name(i->x[k]->dtype));
    return NULL;
}

const char *wg_infer_floats(wg_infer *i)
{
    for (int k = 0; k < i->inputs; k++)
        if (!wg_dtype_is_float(i->x[k]->dtype))
            return wg_refuse(i, "dtype %s, wanted is f32 or f64; see wg_cast",
                             wg_dtype_name(i->x[k]->dtype));
    return wg_infer_same_dtype(i);
}

const char *wg_infer_rank(wg_infer *i, int k, int64_t rank)
{
    if (i->x[k]->shape.rank == rank) return NULL;
    return wg_refuse(i, "input %d has rank %lld, wanted is %lld", k, (long long)i->x[k]->shape.rank,
                     (long long)rank);
}

const char *wg_infer_output(wg_infer *i, int k, wg_dtype dtype, wg_shape shape)
{
    if (k >= WG_MAX_OUTPUTS) return wg_refuse(i, "more than %d outputs", WG_MAX_OUTPUTS);
    if (wg_type_make(dtype, shape, &i->y[k])) return NULL;
    if (wg_dtype_size(dtype) == 0) return wg_refuse(i, "an output has no dtype");
    if (shape.rank < 0 || shape.rank > WG_MAX_RANK)
        return wg_refuse(i, "rank %lld, at most %d is possible", (long long)shape.rank,
                         WG_MAX_RANK);
    char text[WG_SHAPE_TEXT];
    return wg_refuse(i, "shape %s has a negative size or too many elements",
                     wg_shape_text(shape, text));
}

const char *wg_infer_like(wg_infer *i)
{
    if (i->inputs == 0) return wg_refuse(i, "an op without inputs needs an infer rule");
    const char *reason = wg_infer_floats(i);
    for (int k = 1; k < i->inputs && !reason; k++)
        if (!wg_shape_equal(i->x[0]->shape, i->x[k]->shape)) reason = wg_refuse(i, "shapes differ");
    if (reason) return reason;
    for (int k = 0; k < i->outputs; k++) i->y[k] = *i->x[0];
    return NULL;
}

/* ---- slots ---- */

static bool grow_slots(wg_tape *tape, uint32_t needed)
{
    while (tape->slots < needed) {
        const size_t blocks = tape->slots / WG__SLOTS;
        if (!wg__grow(&tape->allocator, &tape->blocks, &tape->blocks_capacity, blocks + 1,
                      sizeof *tape->blocks))
            return false;
        tape->blocks[blocks] = wg__alloc_zero(&tape->allocator, WG__SLOTS * sizeof(wg_tensor));
        if (!tape->blocks[blocks]) return false;
        tape->slots += WG__SLOTS;
    }
    return true;
}

/* Takes away a ghost's value and node. */
static void empty_slot(wg_tape *tape, wg_tensor *slot)
{
    if (slot->owns_value) wg__buffer_free(&tape->allocator, slot->value);
    *slot =
        (wg_tensor){.tape = tape, .type = slot->type, .index = slot->index, .role = WG_RECORDED};
}

void wg__truncate(wg_tape *tape, uint32_t count)
{
    if (count >= tape->top) return;
    wg__plans_unbind(tape, count);
    const wg__node *first = wg__slot(tape, count)->node;
    for (uint32_t i = count; i < tape->top; i++) empty_slot(tape, wg__slot(tape, i));
    while (tape->derivation_count > 0 && tape->derivations[tape->derivation_count - 1]->end > count)
        tape->derivation_count--;
    if (tape->derivation_next > tape->derivation_count)
        tape->derivation_next = tape->derivation_count;
    wg__pool_rewind(&tape->nodes, first);
    tape->top = count;
    if (tape->count > count) tape->count = count;
}

/* ---- recording ---- */

/* memcmp is called for long settings only: inputs are few. */
static bool same_inputs(const wg__node *node, wg_tensor *const *x)
{
    for (int i = 0; i < node->inputs; i++)
        if (node->x[i] != x[i]) return false;
    return true;
}

static bool is_same(const wg__node *node, const wg_op *op, const void *attrs, size_t attrs_bytes,
                    wg_dtype dtype, wg_tensor *const *x, int count)
{
    return node->op == op && node->inputs == count && node->dtype == dtype &&
           node->attrs_bytes == attrs_bytes && same_inputs(node, x) &&
           (attrs_bytes == 0 || memcmp(node->attrs, attrs, attrs_bytes) == 0);
}

/*
 * Takes the ghost at the end of the record as the next node, when it is the same. Then its inputs
 * are in order: they stand before it.
 */
static wg_tensor *adopt(wg_tape *tape, const wg_op *op, const void *attrs, size_t attrs_bytes,
                        wg_dtype dtype, wg_tensor *const *x, int count)
{
    wg_tensor *first = wg__slot(tape, tape->count);
    wg__node  *node = first->node;
    if (!is_same(node, op, attrs, attrs_bytes, dtype, x, count)) return NULL;
    node->where = wg_caller();
    node->scope = tape->scope;
    node->from = tape->from;
    for (int k = 0; k < node->outputs; k++) wg__node_output(tape, node, k)->name = NULL;
    tape->count += (uint32_t)node->outputs;
    if (op->traits & WG_RANDOM) tape->randoms++;
    return first;
}

/* Fills `infer` with the op's answer; false when it refuses. */
static bool infer_types(wg_tape *tape, const wg_op *op, wg_infer *infer, wg_tensor *const *x,
                        const wg_type **types)
{
    for (int i = 0; i < infer->inputs; i++) types[i] = x[i]->type;
    infer->x = types;
    const char *reason = NULL;
    if (op->inputs != WG_VARIADIC && op->inputs != infer->inputs)
        reason = wg_refuse(infer, "%d inputs, wanted are %d", infer->inputs, op->inputs);
    else if ((op->traits & WG_ELEMENTWISE) && infer->inputs > 64)
        reason = wg_refuse(infer, "%d inputs, an elementwise op may have 64", infer->inputs);
    else
        reason = op->infer ? op->infer(infer) : wg_infer_like(infer);
    if (!reason && (infer->outputs < 1 || infer->outputs > WG_MAX_OUTPUTS))
        reason = wg_refuse(infer, "%d outputs, from 1 to %d are possible", infer->outputs,
                           WG_MAX_OUTPUTS);
    if (reason) reject(op, tape, x, infer->inputs, reason);
    return !reason;
}

static wg__node *node_new(wg_tape *tape, const wg_op *op, const void *attrs, size_t attrs_bytes,
                          wg_tensor *const *x, int count)
{
    const size_t inputs = (size_t)count * sizeof *x;
    const size_t front = (sizeof(wg__node) + inputs + 15) & ~(size_t)15;
    wg__node    *node = wg__pool_take(&tape->nodes, front + attrs_bytes);
    if (!node) return NULL;
    *node = (wg__node){.op = op,
                       .where = wg_caller(),
                       .scope = tape->scope,
                       .from = tape->from,
                       .inputs = count,
                       .attrs = (char *)node + front,
                       .attrs_bytes = (uint32_t)attrs_bytes,
                       .first = tape->count,
                       .random = tape->randoms};
    if (count) memcpy(node->x, x, inputs);
    if (attrs_bytes) memcpy((char *)node + front, attrs, attrs_bytes);
    return node;
}

/* Puts the node's outputs into their slots; false without memory. */
static bool place_outputs(wg_tape *tape, wg__node *node, const wg_infer *infer)
{
    if (!grow_slots(tape, tape->count + (uint32_t)infer->outputs)) return false;
    for (int k = 0; k < infer->outputs; k++) {
        const bool     like = node->inputs && wg_type_equal(&infer->y[k], node->x[0]->type);
        const wg_type *type = like ? node->x[0]->type : wg__intern_type(tape, &infer->y[k]);
        if (!type) return false;
        *wg__slot(tape, tape->count + (uint32_t)k) = (wg_tensor){
            .tape = tape,
            .node = node,
            .type = type,
            .index = tape->count + (uint32_t)k,
            .role =
                node->op == &wg_op_constant || node->op == &wg_op_fill ? WG_CONSTANT : WG_RECORDED};
    }
    return true;
}

static wg_tensor *record_new(wg_tape *tape, const wg_op *op, const void *attrs, size_t attrs_bytes,
                             wg_dtype dtype, wg_tensor *const *x, int count)
{
    enum { FEW = 8 };
    const wg_type *few[FEW],
        **types = count > FEW ? wg__list_take(tape, (size_t)count * sizeof *types) : few;
    if (!types) return NULL;
    wg_infer infer; /* large: its members are set, its buffers are not cleared */
    infer.attrs = attrs;
    infer.dtype = dtype;
    infer.inputs = count;
    infer.outputs = op->outputs == WG_VARIADIC ? 0 : op->outputs;
    infer.reason[0] = '\0';
    if (!infer_types(tape, op, &infer, x, types)) return NULL;
    if (tape->count + (uint64_t)infer.outputs > UINT32_MAX - WG__SLOTS)
        return wg__fail(tape, wg_caller(), "%s: the record is full", op->name);

    wg__node *node = node_new(tape, op, attrs, attrs_bytes, x, count);
    if (!node || !place_outputs(tape, node, &infer)) {
        if (node) wg__pool_rewind(&tape->nodes, node);
        return wg__out_of_memory(tape);
    }
    node->outputs = infer.outputs;
    node->dtype = dtype;
    tape->count += (uint32_t)node->outputs;
    tape->top = tape->count;
    if (op->traits & WG_RANDOM) tape->randoms++;
    return wg__slot(tape, node->first);
}

/* Eager tapes compute as soon as all inputs of the program are there. */
static bool can_compute(const wg_tape *tape)
{
    for (int i = 0; i < tape->leaf_count; i++)
        if (!tape->leaves[i]->written && tape->leaves[i]->record == tape->record) return false;
    return true;
}

static void compute_outputs(wg_tape *tape, wg_tensor *first)
{
    wg_tensor *y[WG_MAX_OUTPUTS];
    for (int k = 0; k < first->node->outputs; k++) y[k] = wg__node_output(tape, first->node, k);
    wg__compute(tape, (wg_tensors){.count = first->node->outputs, .at = y});
}

wg_tensor *wg__record(wg_tape *tape, const wg_op *op, const void *attrs, size_t attrs_bytes,
                      wg_dtype dtype, wg_tensor *const *x, int count)
{
    if (count) tape = wg_tape_of(x[0]);
    wg_tensor *y = tape && tape->count < tape->top
                       ? adopt(tape, op, attrs, attrs_bytes, dtype, x, count)
                       : NULL;
    if (!y) {
        if (count) tape = tape_of_inputs(op, x, count);
        if (!tape) return NULL;
        wg__truncate(tape, tape->count);
        y = record_new(tape, op, attrs, attrs_bytes, dtype, x, count);
    }
    if (y && tape->options.eager && can_compute(tape)) compute_outputs(tape, y);
    return y;
}

wg_tensor *wg_apply(const wg_op *op, const void *attrs, wg_dtype dtype, wg_tensor *const *x,
                    int count)
{
    if (count <= 0) return NULL;
    return wg__record(NULL, op, attrs, op->attrs_size, dtype, x, count);
}

wg_tensor *wg_apply_source(wg_tape *tape, const wg_op *op, const void *attrs, wg_dtype dtype)
{
    return wg__record(tape, op, attrs, op->attrs_size, dtype, NULL, 0);
}

wg_tensor *wg_output(wg_tensor *first, int k)
{
    if (!first) return NULL;
    if (!first->node || k < 0 || k >= first->node->outputs)
        return wg__fail(first->tape, wg_caller(), "there is no output %d", k);
    return wg__node_output(first->tape, first->node, k);
}
