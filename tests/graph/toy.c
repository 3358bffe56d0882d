// SPDX-License-Identifier: MIT
#include "toy.h"

#include <string.h>

/* ---- mul ---- */

static int mul_f64(const wg_call *call)
{
    const double *a = call->x[0].data, *b = call->x[1].data;
    double       *y = call->y[0].data;
    for (int64_t i = 0; i < call->n; i++) y[i] = a[i * call->step[0]] * b[i * call->step[1]];
    return 0;
}

int64_t toy_products_added;

static int mul_plus_f64(const wg_call *call)
{
    const double *a = call->x[0].data, *b = call->x[1].data, *c = call->x[2].data;
    double       *y = call->y[0].data;
    for (int64_t i = 0; i < call->n; i++) {
        volatile double product = a[i * call->step[0]] * b[i * call->step[1]]; /* rounded */
        y[i] = product + c[i * call->step[2]];
    }
    toy_products_added += call->n;
    return 0;
}

static double mul_one(double a, double b, double c, const void *attrs)
{
    (void)c, (void)attrs;
    return a * b;
}

static wg_kernel *mul_prepare(wg_call *call)
{
    call->one.f64 = mul_one;
    call->plus = mul_plus_f64;
    return wg_kernel_of(call, NULL, mul_f64);
}

static void mul_derive(wg_adjoint *d)
{
    if (d->needs[0]) wg_adjoint_add(d, 0, toy_mul(d->dy[0], d->x[1]));
    if (d->needs[1]) wg_adjoint_add(d, 1, toy_mul(d->dy[0], d->x[0]));
}

static const wg_op op_mul = {.name = "toy_mul",
                             .inputs = 2,
                             .outputs = 1,
                             .traits = WG_ELEMENTWISE | WG_CHEAP,
                             .prepare = mul_prepare,
                             .derive = mul_derive,
                             .neutral = {1, 1},
                             .formula = "y = a b",
                             .rule = "da = dy b, db = dy a"};

wg_tensor *(toy_mul)(wg_tensor *a, wg_tensor *b)
{
    return (wg_apply)(&op_mul, NULL, WG_NO_DTYPE, (wg_tensor *[]){a, b}, 2);
}

/* ---- spread: one number seen from everywhere; its derivative is sum, and the other way round ---- */

static const wg_op op_sum;

static const char *spread_infer(wg_infer *i)
{
    const wg_shape *shape = i->attrs;
    return wg_infer_output(i, 0, i->x[0]->dtype, *shape);
}

static bool spread_view(const void *attrs, const wg_view *x, wg_view *y)
{
    (void)attrs, (void)x;
    memset(y->stride, 0, sizeof y->stride);
    return true;
}

static void spread_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, (wg_apply)(&op_sum, NULL, WG_NO_DTYPE, &d->dy[0], 1));
}

static const wg_op op_spread = {.name = "toy_spread",
                                .inputs = 1,
                                .outputs = 1,
                                .attrs_size = sizeof(wg_shape),
                                .infer = spread_infer,
                                .view = spread_view,
                                .derive = spread_derive,
                                .formula = "y = x everywhere",
                                .rule = "dx = sum dy"};

wg_tensor *(toy_spread)(wg_tensor *x, wg_shape shape)
{
    return (wg_apply)(&op_spread, &shape, WG_NO_DTYPE, &x, 1);
}

static const char *sum_infer(wg_infer *i)
{
    return wg_infer_output(i, 0, i->x[0]->dtype, WG_SCALAR);
}

static int sum_f64(const wg_call *call)
{
    const double *x = call->x[0].data;
    double        sum = 0;
    for (int64_t i = 0; i < call->x[0].type->count; i++) sum += x[i];
    *(double *)call->y[0].data = sum;
    return 0;
}

static wg_kernel *sum_prepare(wg_call *call)
{
    return wg_kernel_of(call, NULL, sum_f64);
}

static void sum_derive(wg_adjoint *d)
{
    const wg_shape shape = wg_shape_of_tensor(d->x[0]);
    wg_adjoint_add(d, 0, (wg_apply)(&op_spread, &shape, WG_NO_DTYPE, &d->dy[0], 1));
}

static const wg_op op_sum = {.name = "toy_sum",
                             .inputs = 1,
                             .outputs = 1,
                             .infer = sum_infer,
                             .prepare = sum_prepare,
                             .derive = sum_derive,
                             .formula = "y = sum x",
                             .rule = "dx = dy everywhere"};

wg_tensor *(toy_sum)(wg_tensor *x)
{
    return (wg_apply)(&op_sum, NULL, WG_NO_DTYPE, &x, 1);
}

/* ---- total: rows added up in stretches, and these one after the other ---- */

enum { STRETCH = 1000 };

static const char *total_infer(wg_infer *i)
{
    wg_shape shape = i->x[0]->shape;
    shape.rank--;
    return wg_infer_output(i, 0, i->x[0]->dtype, shape);
}

static double sum_of(const double *x, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i];
    return sum;
}

static int total_part(const wg_call *call)
{
    const double *x = call->x[0].data;
    double       *y = call->y[0].data;
    const int64_t length = call->stretches.length;
    for (int64_t i = 0; i < call->n; i += length)
        *y++ = sum_of(x + i, call->n - i < length ? call->n - i : length);
    return 0;
}

static int total_whole(const wg_call *call)
{
    const int64_t rows = call->y[0].type->count, numbers = call->x[0].type->count / rows;
    const double *x = call->x[0].data;
    for (int64_t i = 0; i < rows; i++)
        ((double *)call->y[0].data)[i] = sum_of(x + i * numbers, numbers);
    return 0;
}

static int total_f64(const wg_call *call)
{
    const int64_t rows = call->y[0].type->count, row = call->stretches.row;
    for (int64_t i = 0; i < rows; i++) {
        const double *x = (const double *)call->x[0].data + i * row;
        double        sum = 0;
        for (int64_t k = 0; k < row; k += STRETCH)
            sum += sum_of(x + k, row - k < STRETCH ? row - k : STRETCH);
        ((double *)call->y[0].data)[i] = sum;
    }
    return 0;
}

static wg_kernel *total_prepare(wg_call *call)
{
    const wg_shape *shape = &call->x[0].type->shape;
    wg_stretches by = {.row = shape->dim[shape->rank - 1], .part = total_part};
    by.length = by.row < STRETCH ? by.row : STRETCH;
    by.whole = by.row > STRETCH ? total_whole : NULL;
    wg_by_stretches(call, &by);
    return wg_kernel_of(call, NULL, total_f64);
}

static const wg_op op_total = {.name = "toy_total",
                               .inputs = 1,
                               .outputs = 1,
                               .traits = WG_NO_DERIVATIVE,
                               .infer = total_infer,
                               .prepare = total_prepare,
                               .formula = "y = sum of x along the last axis",
                               .rule = "none"};

wg_tensor *(toy_total)(wg_tensor *x)
{
    return (wg_apply)(&op_total, NULL, WG_NO_DTYPE, &x, 1);
}

/* ---- check ---- */

static int check_f64(const wg_call *call)
{
    const double *x = call->x[0].data;
    for (int64_t i = 0; i < call->x[0].type->count; i++)
        if (x[i] < 0)
            return wg_flag(call, "element %lld of %lld is negative", i, call->x[0].type->count);
    memcpy(call->y[0].data, x, (size_t)call->x[0].type->count * sizeof *x);
    return 0;
}

static wg_kernel *check_prepare(wg_call *call)
{
    return wg_kernel_of(call, NULL, check_f64);
}

static const wg_op op_check = {.name = "toy_check",
                               .inputs = 1,
                               .outputs = 1,
                               .traits = WG_FLAGS,
                               .prepare = check_prepare,
                               .formula = "y = x, x >= 0",
                               .rule = "forgotten"};

wg_tensor *(toy_check)(wg_tensor *x)
{
    return (wg_apply)(&op_check, NULL, WG_NO_DTYPE, &x, 1);
}
