// SPDX-License-Identifier: MIT
/*
 * The few ops that the graph itself cannot do without: sums of adjoints, numbers, assignment, and
 * detaching.
 */
#include "basic.h"

#include "../kernels/copy.h"
#include "choose.h"
#include "internal.h"

#include <string.h>

/* ---- add: y = a + b, da = db = dy ---- */

static const char *add_infer(wg_infer *i)
{
    const char *reason = wg_infer_same_dtype(i);
    if (!reason && !wg_shape_equal(i->x[0]->shape, i->x[1]->shape))
        reason = wg_refuse(i, "shapes differ");
    if (!reason && i->x[0]->dtype == WG_BOOL)
        reason = wg_refuse(i, "dtype bool has no sum; see wg_cast");
    return reason ? reason : wg_infer_output(i, 0, i->x[0]->dtype, i->x[0]->shape);
}

WG__PREPARE_ALL(add)

static void add_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, d->dy[0]);
    wg_adjoint_add(d, 1, d->dy[0]);
}

const wg_op wg_op_add = {.name = "add",
                         .inputs = 2,
                         .outputs = 1,
                         .traits = WG_ELEMENTWISE | WG_CHEAP,
                         .infer = add_infer,
                         .prepare = add_prepare,
                         .derive = add_derive,
                         .formula = "y = a + b",
                         .rule = "da = dy, db = dy"};

/*
 * ---- fill: every element the same number. The plan keeps one element and looks at it from
 * everywhere. ----
 */

struct fill {
    double   value;
    wg_shape shape;
};

static const char *fill_infer(wg_infer *i)
{
    const struct fill *attrs = i->attrs;
    return wg_infer_output(i, 0, i->dtype, attrs->shape);
}

static int fill_kernel(const wg_call *call)
{
    const struct fill *attrs = call->attrs;
    wg__fill(&call->y[0], attrs->value);
    return 0;
}

static wg_kernel *fill_prepare(wg_call *call)
{
    (void)call;
    return fill_kernel;
}

const wg_op wg_op_fill = {.name = "fill",
                          .inputs = 0,
                          .outputs = 1,
                          .attrs_size = sizeof(struct fill),
                          .traits = WG_NO_DERIVATIVE,
                          .infer = fill_infer,
                          .prepare = fill_prepare,
                          .settings = "value %g",
                          .formula = "y = value",
                          .rule = "none"};

wg_tensor *wg_full(wg_tape *tape, wg_dtype dtype, wg_shape shape, double value)
{
    const struct fill attrs = {.value = value, .shape = shape};
    return wg_apply_source(tape, &wg_op_fill, &attrs, dtype);
}

wg_tensor *wg_full_like(wg_tensor *x, double value)
{
    return x ? wg_full(x->tape, x->type->dtype, x->type->shape, value) : NULL;
}

/* ---- constant: settings that are a shape and the values behind it ---- */

static const char *constant_infer(wg_infer *i)
{
    const wg_shape *shape = i->attrs;
    return wg_infer_output(i, 0, i->dtype, *shape);
}

static int constant_kernel(const wg_call *call)
{
    const wg_shape *shape = call->attrs;
    if (call->y[0].type->count) memcpy(call->y[0].data, shape + 1, wg__type_bytes(call->y[0].type));
    return 0;
}

static wg_kernel *constant_prepare(wg_call *call)
{
    (void)call;
    return constant_kernel;
}

const wg_op wg_op_constant = {.name = "constant",
                              .inputs = 0,
                              .outputs = 1,
                              .traits = WG_NO_DERIVATIVE,
                              .infer = constant_infer,
                              .prepare = constant_prepare,
                              .formula = "y = values",
                              .rule = "none"};

wg_tensor *wg_constant(wg_tape *tape, wg_dtype dtype, wg_shape shape, const void *values,
                       int64_t count)
{
    if (!tape) return NULL;
    wg_type type;
    char    text[WG_SHAPE_TEXT];
    if (!wg_type_make(dtype, shape, &type) || type.count != count || (count && !values))
        return wg__fail(tape, wg_caller(), "constant %s %s: %lld values are given%s",
                        wg_dtype_name(dtype), wg_shape_text(shape, text), (long long)count,
                        values ? "" : " at NULL");
    const size_t bytes = wg__type_bytes(&type),
                 attrs_bytes = (sizeof shape + bytes + 7) & ~(size_t)7;
    char *attrs = wg__list_take(tape, attrs_bytes);
    if (!attrs) return NULL;
    memset(attrs + attrs_bytes - 8, 0, 8);
    memcpy(attrs, &shape, sizeof shape);
    if (bytes) memcpy(attrs + sizeof shape, values, bytes);
    wg_tensor *y = wg__record(tape, &wg_op_constant, attrs, attrs_bytes, dtype, NULL, 0);
    wg__pool_rewind(&tape->lists, attrs);
    return y;
}

/* ---- assign and detach: the first input as it is ---- */

static bool same_view(const void *attrs, const wg_view *x, wg_view *y)
{
    (void)attrs, (void)x, (void)y;
    return true;
}

static const char *assign_infer(wg_infer *i)
{
    if (!wg_type_equal(i->x[0], i->x[1])) return wg_refuse(i, "value and leaf differ in type");
    i->y[0] = *i->x[0];
    return NULL;
}

static void assign_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, d->dy[0]);
}

const wg_op wg_op_assign = {.name = "assign",
                            .inputs = 2,
                            .outputs = 1,
                            .infer = assign_infer,
                            .view = same_view,
                            .derive = assign_derive,
                            .formula = "y = value, leaf becomes y at the end of a run",
                            .rule = "dvalue = dy"};

wg_tensor *wg_assign(wg_tensor *leaf, wg_tensor *value)
{
    if (!leaf && !value) return NULL;
    if (leaf && leaf->role != WG_PARAM && leaf->role != WG_STATE)
        return wg_reject(&wg_op_assign, (wg_tensor *[]){value, leaf}, 2,
                         "the second is neither a param nor a state");
    return wg_apply(&wg_op_assign, NULL, WG_NO_DTYPE, (wg_tensor *[]){value, leaf}, 2);
}

wg_tensors wg_assigns(wg_tape *tape)
{
    if (!tape) return (wg_tensors){0};
    int count = 0;
    for (uint32_t i = 0; i < tape->count; i++)
        count += wg__slot(tape, i)->node->op == &wg_op_assign;
    wg_tensor **at = wg__list_take(tape, (size_t)count * sizeof *at);
    if (!at) return (wg_tensors){0};
    count = 0;
    for (uint32_t i = 0; i < tape->count; i++)
        if (wg__slot(tape, i)->node->op == &wg_op_assign) at[count++] = wg__slot(tape, i);
    return (wg_tensors){.count = count, .at = at};
}

static const char *detach_infer(wg_infer *i)
{
    i->y[0] = *i->x[0];
    return NULL;
}

const wg_op wg_op_detach = {.name = "detach",
                            .inputs = 1,
                            .outputs = 1,
                            .traits = WG_NO_DERIVATIVE,
                            .infer = detach_infer,
                            .view = same_view,
                            .formula = "y = x",
                            .rule = "none"};

wg_tensor *wg_detach(wg_tensor *x)
{
    return wg_apply(&wg_op_detach, NULL, WG_NO_DTYPE, &x, 1);
}
