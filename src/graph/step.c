// SPDX-License-Identifier: MIT
/* What plans are made of: values, the storages at which they look, and steps. */
#include "plan_internal.h"

#include "../kernels/copy.h"

#include <string.h>

/* Less than this is done sooner than a thread is woken: some microseconds' work. */
#define OPERATIONS_PER_THREAD 30000

/* ---- values and storages ---- */

int wg__storage_new(wg_plan *plan, wg__place_kind kind, size_t bytes, void *memory)
{
    if (!wg__grow(&plan->tape->allocator, &plan->storage, &plan->storage_capacity,
                  (size_t)plan->storages + 1, sizeof *plan->storage))
        return -1;
    plan->storage[plan->storages] =
        (wg__storage){.kind = kind, .bytes = bytes, .memory = memory, .heir = -1};
    return plan->storages++;
}

int wg__value_new(wg_plan *plan, const wg_type *type, int storage)
{
    if (storage < 0 || !wg__grow(&plan->tape->allocator, &plan->value, &plan->value_capacity,
                                 (size_t)plan->values + 1, sizeof *plan->value))
        return -1;
    wg__value *value = &plan->value[plan->values];
    *value = (wg__value){.view = {.type = type}, .storage = storage, .packed = -1};
    wg_shape_strides(type->shape, value->view.stride);
    return plan->values++;
}

int wg__value_source(wg_plan *plan, wg_tensor *tensor)
{
    return wg__value_new(
        plan, tensor->type,
        wg__storage_new(plan, WG__IN_LEAF, wg__type_bytes(tensor->type), tensor->value));
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

void *wg__plan_take(wg_plan *plan, size_t bytes)
{
    void *memory = wg__pool_take(&plan->pool, bytes);
    if (memory) memset(memory, 0, bytes);
    return memory;
}

wg__step *wg__step_new(wg_plan *plan, const wg_op *op, int inputs, int outputs)
{
    if (!wg__grow(&plan->tape->allocator, &plan->step, &plan->step_capacity,
                  (size_t)plan->steps + 1, sizeof *plan->step))
        return NULL;
    const size_t ends = (size_t)(inputs + outputs);
    wg__step    *step = &plan->step[plan->steps];
    *step = (wg__step){.call = {.op = op,
                                .inputs = inputs,
                                .outputs = outputs,
                                .onednn = plan->tape->onednn,
                                .plan = plan,
                                .seed = &plan->tape->seed,
                                .run = &plan->tape->runs,
                                .x = wg__plan_take(plan, ends * sizeof(wg_view)),
                                .step = wg__plan_take(plan, ends * sizeof(int64_t))},
                       .where = "?",
                       .names = wg__plan_take(plan, (size_t)inputs * sizeof(char *)),
                       .storage = wg__plan_take(plan, (ends + 1) * sizeof(int)),
                       .offset = wg__plan_take(plan, ends * sizeof(size_t))};
    if (!step->call.x || !step->call.step || !step->names || !step->storage || !step->offset)
        return NULL;
    step->call.y = step->call.x + inputs;
    step->storage[ends] = -1;
    return step;
}

void wg__step_set(wg_plan *plan, wg__step *step, int end, int value)
{
    const wg__value *v = &plan->value[value];
    step->call.x[end] = v->view;
    step->offset[end] = (uintptr_t)v->view.data;
    step->storage[end] = v->storage;
    step->call.x[end].data = NULL;
}

bool wg__step_rows(wg_plan *plan, wg__step *step, int ends)
{
    step->stride = wg__plan_take(plan, ((size_t)ends + 1) * sizeof *step->stride);
    if (step->stride) step->dim = step->stride[ends];
    return step->stride;
}

/*
 * Elementwise steps see their inputs as one row, or as loops over rows, which are kept then. False
 * without memory.
 */
static bool set_loops(wg_plan *plan, wg__step *step)
{
    const int      ends = step->call.inputs + 1;
    const wg_view *views[65] = {0};
    int64_t        dim[WG_MAX_RANK], stride[65][WG_MAX_RANK];
    for (int i = 0; i < ends; i++) views[i] = &step->call.x[i];
    step->loops = wg__collapse(ends, views, dim, stride);
    step->call.n = dim[step->loops - 1];
    for (int i = 0; i < ends; i++) step->call.step[i] = stride[i][step->loops - 1];
    if (step->loops == 1) return true;
    step->inner = step->kernel;
    step->kernel = wg__run_loops;
    if (!wg__step_rows(plan, step, ends)) return wg__out_of_memory(plan->tape);
    memcpy(step->dim, dim, sizeof dim);
    memcpy(step->stride, stride, (size_t)ends * sizeof *stride);
    return true;
}

int wg__parts(const wg_plan *plan, int64_t units, double operations)
{
    wg_tape     *tape = plan->tape;
    const double worth = operations / OPERATIONS_PER_THREAD;
    int64_t      parts = tape->threads < units ? tape->threads : units;
    if ((double)parts > worth) parts = (int64_t)worth;
    if (parts <= 1) return 1;
    if (!tape->team) tape->team = wg__team_new(&tape->allocator, tape->threads);
    return tape->team ? (int)parts : 1;
}

bool wg__step_scratch(wg_plan *plan, wg__step *step)
{
    const int ends = step->call.inputs + step->call.outputs;
    step->storage[ends] = -1;
    if (step->call.scratch_bytes == 0) return true;
    const size_t each = (step->call.scratch_bytes + WG__ALIGNMENT - 1) / WG__ALIGNMENT;
    step->call.scratch_bytes = each * WG__ALIGNMENT; /* so that threads share no cache line */
    const size_t bytes = step->call.scratch_bytes * (size_t)step->parts;
    step->storage[ends] = wg__storage_new(plan, WG__IN_ARENA, bytes, NULL);
    return step->storage[ends] >= 0;
}

bool wg__step_add(wg_plan *plan, const wg__step *step)
{
    if (!wg__grow(&plan->tape->allocator, &plan->step, &plan->step_capacity,
                  (size_t)plan->steps + 1, sizeof *plan->step))
        return false;
    plan->step[plan->steps++] = *step;
    return true;
}

static bool prepare(wg_plan *plan, wg__step *step)
{
    const wg_op *op = step->call.op;
    step->kernel = op->prepare ? op->prepare(&step->call) : NULL;
    if (!step->kernel) {
        if (plan->out_of_memory) return wg__out_of_memory(plan->tape);
        const wg_type *type = step->call.inputs ? step->call.x[0].type : step->call.y[0].type;
        return wg__fail(plan->tape, step->where, "%s: the op has no kernel for %s", op->name,
                        wg_dtype_name(type->dtype));
    }
    if ((op->traits & WG_ELEMENTWISE) && !set_loops(plan, step)) return false;
    step->parts = wg__parts(plan, step->call.units, step->call.operations);
    return wg__step_scratch(plan, step);
}

bool wg__plan_prepare(wg_plan *plan)
{
    for (int s = 0; s < plan->steps; s++)
        if (!prepare(plan, &plan->step[s])) return false;
    return true;
}

void wg__step_close(wg__step *step, int most_inputs, int inputs, int outputs)
{
    const size_t moved = (size_t)outputs;
    memmove(step->call.x + inputs, step->call.x + most_inputs, moved * sizeof *step->call.x);
    memmove(step->storage + inputs, step->storage + most_inputs, moved * sizeof *step->storage);
    memmove(step->offset + inputs, step->offset + most_inputs, moved * sizeof *step->offset);
    step->call.inputs = inputs;
    step->call.outputs = outputs;
    step->call.y = step->call.x + inputs;
}

bool wg__step_copy(wg_plan *plan, int x, int y)
{
    wg__step *step = wg__step_new(plan, &op_copy, 1, 1);
    if (!step) return false;
    wg__step_set(plan, step, 0, x);
    wg__step_set(plan, step, 1, y);
    plan->steps += step->call.y->type->count > 0;
    return true;
}

int wg__value_copy(wg_plan *plan, int value, wg__place_kind kind)
{
    const wg_type *type = plan->value[value].view.type;
    const int      copy =
        wg__value_new(plan, type, wg__storage_new(plan, kind, wg__type_bytes(type), NULL));
    return copy >= 0 && wg__step_copy(plan, value, copy) ? copy : -1;
}

int wg__value_packed(wg_plan *plan, int value)
{
    if (value < 0 || wg_view_is_contiguous(&plan->value[value].view)) return value;
    if (plan->value[value].packed >= 0) return plan->value[value].packed;
    const int copy = wg__value_copy(plan, value, plan->place);
    if (copy >= 0) plan->value[value].packed = copy;
    return copy;
}
