// SPDX-License-Identifier: MIT
/* Random numbers: from the words of the tape's counter-based generator to distributions. */
#include "random.h"

#include "../graph/tape.h"
#include "binary.h"

#include <math.h>

/*
 * A multiply-add rounded once would give other bits where the machine has one. gcc leaves them
 * apart in C11.
 */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

/* What is to be drawn: so many numbers of the distribution with these two settings. */
struct source {
    wg_shape shape;
    double   a, b;
};

/* ---- kernels ---- */

/*
 * Four times true with probability p. 32 bits decide, whatever the dtype, so that a record copied
 * to another dtype drops the same elements.
 */
static void draw_chances(const wg_call *call, uint64_t block, double p, bool hit[4])
{
    uint32_t words[4];
    wg_draw(call, block, words);
    for (int k = 0; k < 4; k++) hit[k] = words[k] * 0x1p-32 < p;
}

/* Unit number k of four words, 0 <= u < 1: all bits that the dtype holds. */
static float unit_f32(const uint32_t words[4], int k)
{
    return (float)(words[k] >> 8) * 0x1p-24f;
}

static double unit_f64(const uint32_t words[4], int k)
{
    const uint64_t high = words[2 * k] >> 5, low = words[2 * k + 1] >> 6;
    return (double)((high << 26) + low) * 0x1p-53;
}

#define T          float
#define UNITS      4
#define NAME(name) name##_f32
#define MATH(name) name##f
#include "random_body.h"
#undef T
#undef UNITS
#undef NAME
#undef MATH

#define T          double
#define UNITS      2
#define NAME(name) name##_f64
#define MATH(name) name
#include "random_body.h"
#undef T
#undef UNITS
#undef NAME
#undef MATH

static int bernoulli_bool(const wg_call *call)
{
    const struct source *source = call->attrs;
    const int64_t        count = call->y->type->count;
    bool                *y = call->y->data, hit[4];
    for (int64_t i = 0; i < count; i++) {
        if (i % 4 == 0) draw_chances(call, (uint64_t)(i / 4), source->a, hit);
        y[i] = hit[i % 4];
    }
    return 0;
}

static wg_kernel *uniform_prepare(wg_call *call)
{
    return wg_kernel_of(call, uniform_f32, uniform_f64);
}

static wg_kernel *normal_prepare(wg_call *call)
{
    return wg_kernel_of(call, normal_f32, normal_f64);
}

static wg_kernel *bernoulli_prepare(wg_call *call)
{
    if (call->y->type->dtype == WG_BOOL) return bernoulli_bool;
    return wg_kernel_of(call, bernoulli_f32, bernoulli_f64);
}

static wg_kernel *dropout_prepare(wg_call *call)
{
    return wg_kernel_of(call, dropout_f32, dropout_f64);
}

/* ---- infer ---- */

static const char *infer_real(wg_infer *i)
{
    if (!wg_dtype_is_float(i->dtype))
        return wg_refuse(i, "dtype %s, wanted is f32 or f64", wg_dtype_name(i->dtype));
    return wg_infer_output(i, 0, i->dtype, ((const struct source *)i->attrs)->shape);
}

/* The largest number of the dtype to be drawn. */
static double largest(const wg_infer *i)
{
    return i->dtype == WG_F32 ? (double)3.402823466e38f : 1.7976931348623157e308;
}

static const char *uniform_infer(wg_infer *i)
{
    const struct source *source = i->attrs;
    const double         lo = source->a, hi = source->b, most = largest(i);
    if (!(lo <= hi && fabs(lo) <= most && fabs(hi) <= most && hi - lo <= most))
        return wg_refuse(i, "from %g to %g is no range", lo, hi);
    return infer_real(i);
}

static const char *normal_infer(wg_infer *i)
{
    const struct source *source = i->attrs;
    if (!isfinite(source->a) || !isfinite(source->b) || source->b < 0)
        return wg_refuse(i, "there is no mean %g with deviation %g", source->a, source->b);
    return infer_real(i);
}

/* Puts the reason why p is no probability; NULL when it is. */
static const char *infer_probability(wg_infer *i, double p)
{
    if (p >= 0 && p <= 1) return NULL;
    return wg_refuse(i, "%g is no probability, which is from 0 to 1", p);
}

static const char *bernoulli_infer(wg_infer *i)
{
    const struct source *source = i->attrs;
    const char          *reason = infer_probability(i, source->a);
    if (reason || i->dtype != WG_BOOL) return reason ? reason : infer_real(i);
    return wg_infer_output(i, 0, WG_BOOL, source->shape);
}

static const char *dropout_infer(wg_infer *i)
{
    const char *reason = infer_probability(i, *(const double *)i->attrs);
    return reason ? reason : wg_infer_like(i);
}

/* ---- records ---- */

const wg_op wg_op_uniform = {
    .name = "uniform",
    .inputs = 0,
    .outputs = 1,
    .attrs_size = sizeof(struct source),
    .traits = WG_RANDOM | WG_NO_DERIVATIVE,
    .infer = uniform_infer,
    .prepare = uniform_prepare,
    .settings = "shape %a, lo %g, hi %g",
    .formula = "y ~ U(lo, hi)",
    .rule = "none",
};

const wg_op wg_op_normal = {
    .name = "normal",
    .inputs = 0,
    .outputs = 1,
    .attrs_size = sizeof(struct source),
    .traits = WG_RANDOM | WG_NO_DERIVATIVE,
    .infer = normal_infer,
    .prepare = normal_prepare,
    .settings = "shape %a, mean %g, sd %g",
    .formula = "y ~ N(mean, sd^2)",
    .rule = "none",
};

const wg_op wg_op_bernoulli = {
    .name = "bernoulli",
    .inputs = 0,
    .outputs = 1,
    .attrs_size = sizeof(struct source),
    .traits = WG_RANDOM | WG_NO_DERIVATIVE,
    .infer = bernoulli_infer,
    .prepare = bernoulli_prepare,
    .settings = "shape %a, p %g",
    .formula = "y = [u < p], u ~ U(0, 1)",
    .rule = "none",
};

/* y = x mask      dx = dy mask; the mask is the second output, and depends on no input */
static void dropout_derive(wg_adjoint *d)
{
    if (d->dy[0]) wg_adjoint_add(d, 0, wg_mul(d->dy[0], d->y[1]));
}

const wg_op wg_op_dropout = {
    .name = "dropout",
    .inputs = 1,
    .outputs = 2,
    .attrs_size = sizeof(double),
    .traits = WG_RANDOM,
    .infer = dropout_infer,
    .prepare = dropout_prepare,
    .derive = dropout_derive,
    .settings = "p %g",
    .formula = "y = x m, m = 0 with probability p, else 1 / (1 - p)",
    .rule = "dx = dy m",
};

/* ---- the calls ---- */

/*
 * Sizes beyond the rank are zero in attrs, whatever stands in the caller's shape, so that equal
 * settings have equal bytes.
 */
static wg_tensor *record(wg_tape *tape, const wg_op *op, wg_dtype dtype, struct source source)
{
    for (int k = 0; k < WG_MAX_RANK; k++)
        if (k >= source.shape.rank) source.shape.dim[k] = 0;
    return wg_apply_source(tape, op, &source, dtype);
}

wg_tensor *wg_uniform(wg_tape *tape, wg_dtype dtype, wg_shape shape, double lo, double hi)
{
    return record(tape, &wg_op_uniform, dtype, (struct source){.shape = shape, .a = lo, .b = hi});
}

wg_tensor *wg_normal(wg_tape *tape, wg_dtype dtype, wg_shape shape, double mean, double sd)
{
    return record(tape, &wg_op_normal, dtype, (struct source){.shape = shape, .a = mean, .b = sd});
}

wg_tensor *wg_bernoulli(wg_tape *tape, wg_dtype dtype, wg_shape shape, double p)
{
    return record(tape, &wg_op_bernoulli, dtype, (struct source){.shape = shape, .a = p});
}

wg_tensor *wg_dropout(wg_tensor *x, double p)
{
    return wg_apply(&wg_op_dropout, &p, WG_NO_DTYPE, &x, 1);
}
