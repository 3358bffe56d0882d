// SPDX-License-Identifier: MIT
#include "toy_check.h"

#include <math.h>
#include <string.h>

wg_tensor *(toy_apply)(const wg_op *op, wg_tensor *a, wg_tensor *b)
{
    return (wg_apply)(op, NULL, WG_NO_DTYPE, (wg_tensor *[]){a, b}, op->inputs);
}

/* Inside rules the caller's line is that of the node. */
#define RECORD(op, a, b) (toy_apply)(&(op), a, b)
#define TIMES(a, b)      (toy_mul)(a, b)

/* y[i] = the formula, in which a and b are the elements of the inputs. */
#define KERNEL(name, formula)                                                                      \
    static int name##_f64(const wg_call *call)                                                     \
    {                                                                                              \
        const wg_view *last = &call->x[call->inputs - 1];                                          \
        double        *y = call->y[0].data;                                                        \
        for (int64_t i = 0; i < call->n; i++) {                                                    \
            const double a = ((const double *)call->x[0].data)[i * call->step[0]];                 \
            const double b = ((const double *)last->data)[i * call->step[call->inputs - 1]];       \
            (void)a, (void)b;                                                                      \
            y[i] = (formula);                                                                      \
        }                                                                                          \
        return 0;                                                                                  \
    }                                                                                              \
    static wg_kernel *name##_prepare(wg_call *call)                                                \
    {                                                                                              \
        return wg_kernel_of(call, NULL, name##_f64);                                               \
    }

#define ELEMENTWISE(op_name, count, more, rule_function)                                           \
    {                                                                                              \
        .name = #op_name, .inputs = count, .outputs = 1, .traits = WG_ELEMENTWISE | (more),        \
        .prepare = op_name##_prepare, .derive = rule_function, .formula = "y = ...",               \
        .rule = "dx = ..."                                                                         \
    }

/* ---- helpers of rules ---- */

KERNEL(toy_step, a > 0)
static const wg_op toy_step = ELEMENTWISE(toy_step, 1, WG_NO_DERIVATIVE, NULL);
KERNEL(toy_more, a > b)
static const wg_op toy_more = ELEMENTWISE(toy_more, 2, WG_NO_DERIVATIVE, NULL);
KERNEL(toy_half, a / 2)
static const wg_op toy_half = ELEMENTWISE(toy_half, 1, 0, NULL);
KERNEL(toy_minus, -a)
static const wg_op toy_minus = ELEMENTWISE(toy_minus, 1, 0, NULL);
KERNEL(toy_inverse, 1 / a)
static const wg_op toy_inverse = ELEMENTWISE(toy_inverse, 1, 0, NULL);

/* 3 x: its rule is right, 3 dy. */
KERNEL(toy_triple, 3 * a)
static const wg_op toy_triple;
static void        triple_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, RECORD(toy_triple, d->dy[0], NULL));
}
static const wg_op toy_triple = ELEMENTWISE(toy_triple, 1, 0, triple_derive);

/* ---- squares ---- */

KERNEL(toy_square_sign, a *a)
static void square_sign_derive(wg_adjoint *d)
{
    wg_tensor *half = TIMES(d->dy[0], RECORD(toy_minus, d->x[0], NULL));
    wg_adjoint_add(d, 0, half);
    wg_adjoint_add(d, 0, half);
}
const wg_op toy_square_sign = ELEMENTWISE(toy_square_sign, 1, 0, square_sign_derive);

KERNEL(toy_square_factor, a *a)
static void square_factor_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, TIMES(d->dy[0], d->x[0]));
}
const wg_op toy_square_factor = ELEMENTWISE(toy_square_factor, 1, 0, square_factor_derive);

/* ---- cubes: dx = 3 x^2 dy ---- */

KERNEL(toy_cube, a *a *a)
static void cube_derive(wg_adjoint *d)
{
    wg_tensor *x = d->x[0];
    wg_adjoint_add(d, 0, RECORD(toy_triple, TIMES(TIMES(x, x), d->dy[0]), NULL));
}
const wg_op toy_cube = ELEMENTWISE(toy_cube, 1, 0, cube_derive);

KERNEL(toy_cube_detached, a *a *a)
static void cube_detached_derive(wg_adjoint *d)
{
    wg_tensor *x = wg_detach(d->x[0]);
    wg_adjoint_add(d, 0, RECORD(toy_triple, TIMES(TIMES(x, x), d->dy[0]), NULL));
}
const wg_op toy_cube_detached = ELEMENTWISE(toy_cube_detached, 1, 0, cube_detached_derive);

/* 3 x^2, with the rule 3 x dy instead of 6 x dy */
KERNEL(toy_slope, 3 * a * a)
static void slope_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, RECORD(toy_triple, TIMES(d->dy[0], d->x[0]), NULL));
}
static const wg_op toy_slope = ELEMENTWISE(toy_slope, 1, 0, slope_derive);

KERNEL(toy_cube_helped, a *a *a)
static void cube_helped_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, TIMES(RECORD(toy_slope, d->x[0], NULL), d->dy[0]));
}
const wg_op toy_cube_helped = ELEMENTWISE(toy_cube_helped, 1, 0, cube_helped_derive);

/* ---- kinks and holes ---- */

KERNEL(toy_relu, a > 0 ? a : 0)
static void relu_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, TIMES(d->dy[0], RECORD(toy_step, d->x[0], NULL)));
}
const wg_op toy_relu = ELEMENTWISE(toy_relu, 1, 0, relu_derive);

/* A tie gives no adjoint to either. */
KERNEL(toy_larger, a > b ? a : b)
static void larger_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, TIMES(d->dy[0], RECORD(toy_more, d->x[0], d->x[1])));
    wg_adjoint_add(d, 1, TIMES(d->dy[0], RECORD(toy_more, d->x[1], d->x[0])));
}
const wg_op toy_larger = ELEMENTWISE(toy_larger, 2, 0, larger_derive);

KERNEL(toy_root, sqrt(a))
static void root_derive(wg_adjoint *d)
{
    wg_tensor *slope = RECORD(toy_half, RECORD(toy_inverse, d->y[0], NULL), NULL);
    wg_adjoint_add(d, 0, TIMES(d->dy[0], slope));
}
const wg_op toy_root = ELEMENTWISE(toy_root, 1, 0, root_derive);

static void same_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, d->dy[0]);
}

KERNEL(toy_hole, a == 2 ? NAN : a)
const wg_op toy_hole = ELEMENTWISE(toy_hole, 1, 0, same_derive);

/* ---- matrices: y = a b, or a b^T ---- */

static const wg_op toy_matmul_right, toy_matmul_left;

/* y = op(a) op(b) of square matrices, where (row, column) of each is at row * r + column * c. */
static int multiply(const wg_call *call, bool left, bool right)
{
    const double *a = call->x[0].data, *b = call->x[1].data;
    double       *y = call->y[0].data;
    const int64_t n = call->y[0].type->shape.dim[0];
    for (int64_t i = 0; i < n * n; i++) y[i] = 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            for (int64_t k = 0; k < n; k++)
                y[i * n + j] +=
                    (left ? a[k * n + i] : a[i * n + k]) * (right ? b[j * n + k] : b[k * n + j]);
    return 0;
}

#define MATMUL(op_name, left, right, linkage, rule_function)                                       \
    static int op_name##_f64(const wg_call *call)                                                  \
    {                                                                                              \
        return multiply(call, left, right);                                                        \
    }                                                                                              \
    static wg_kernel *op_name##_prepare(wg_call *call)                                             \
    {                                                                                              \
        return wg_kernel_of(call, NULL, op_name##_f64);                                            \
    }                                                                                              \
    linkage const wg_op op_name = {.name = #op_name,                                               \
                                   .inputs = 2,                                                    \
                                   .outputs = 1,                                                   \
                                   .prepare = op_name##_prepare,                                   \
                                   .derive = rule_function};

/* da = dy b^T, db = a^T dy */
static void matmul_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, RECORD(toy_matmul_right, d->dy[0], d->x[1]));
    wg_adjoint_add(d, 1, RECORD(toy_matmul_left, d->x[0], d->dy[0]));
}

static void matmul_swapped_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, RECORD(toy_matmul_right, d->dy[0], d->x[1]));
    wg_adjoint_add(d, 1, RECORD(toy_matmul, d->x[0], d->dy[0]));
}

MATMUL(toy_matmul, false, false, , matmul_derive)
MATMUL(toy_matmul_swapped, false, false, , matmul_swapped_derive)
MATMUL(toy_matmul_right, false, true, static, NULL)
MATMUL(toy_matmul_left, true, false, static, NULL)

/* ---- a row added to each row, whose adjoint is not summed ---- */

static int add_row_f64(const wg_call *call)
{
    const double *a = call->x[0].data, *row = call->x[1].data;
    double       *y = call->y[0].data;
    const int64_t n = call->x[1].type->count;
    for (int64_t i = 0; i < call->y[0].type->count; i++) y[i] = a[i] + row[i % n];
    return 0;
}

static wg_kernel *add_row_prepare(wg_call *call)
{
    return wg_kernel_of(call, NULL, add_row_f64);
}

static const char *first_infer(wg_infer *i)
{
    return wg_infer_output(i, 0, i->x[0]->dtype, i->x[0]->shape);
}

static void add_row_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, d->dy[0]);
    wg_adjoint_add(d, 1, d->dy[0]);
}

const wg_op toy_add_row = {.name = "toy_add_row",
                           .inputs = 2,
                           .outputs = 1,
                           .infer = first_infer,
                           .prepare = add_row_prepare,
                           .derive = add_row_derive};

/* ---- what does not fill its output, and what does not know f64 ---- */

static int forgetful_f64(const wg_call *call)
{
    const int64_t count = call->y[0].type->count;
    memcpy(call->y[0].data, call->x[0].data, (size_t)(count - 1) * sizeof(double));
    return 0;
}

static wg_kernel *forgetful_prepare(wg_call *call)
{
    return wg_kernel_of(call, NULL, forgetful_f64);
}

const wg_op toy_forgetful = {.name = "toy_forgetful",
                             .inputs = 1,
                             .outputs = 1,
                             .prepare = forgetful_prepare,
                             .derive = same_derive};

static int single_f32(const wg_call *call)
{
    memcpy(call->y[0].data, call->x[0].data, (size_t)call->y[0].type->count * sizeof(float));
    return 0;
}

static wg_kernel *single_prepare(wg_call *call)
{
    return wg_kernel_of(call, single_f32, NULL);
}

const wg_op toy_single = {.name = "toy_single",
                          .inputs = 1,
                          .outputs = 1,
                          .prepare = single_prepare,
                          .derive = same_derive};

static const char *narrow_infer(wg_infer *i)
{
    if (i->x[0]->dtype != WG_F32) return wg_refuse(i, "wanted is f32");
    return first_infer(i);
}

const wg_op toy_narrow = {.name = "toy_narrow",
                          .inputs = 1,
                          .outputs = 1,
                          .infer = narrow_infer,
                          .prepare = single_prepare,
                          .derive = same_derive};

/* ---- random numbers ---- */

static int draw_f64(const wg_call *call)
{
    double *y = call->y[0].data;
    for (int64_t i = 0; i < call->y[0].type->count; i++) {
        uint32_t words[4];
        wg_draw(call, (uint64_t)i, words);
        y[i] = (double)words[0] / 4294967296.0;
    }
    return 0;
}

static wg_kernel *draw_prepare(wg_call *call)
{
    return wg_kernel_of(call, NULL, draw_f64);
}

/* Its input tells how many: no adjoint belongs to it. */
const wg_op toy_noise = {.name = "toy_noise",
                         .inputs = 1,
                         .outputs = 1,
                         .traits = WG_RANDOM | WG_NO_DERIVATIVE,
                         .prepare = draw_prepare};
