// SPDX-License-Identifier: MIT
/* Cases of the ops in src/graph/basic.c; those of add are with the binary ops. */
#include "cases.h"

#include <wengert/graph/basic.h>
#include <wengert/ops/layout.h>

#include <math.h>

/* ---- fill ---- */

static wg_tensor *fill(wg_tensor *const *x)
{
    return wg_full_like(x[0], -1.75);
}

static wg_tensor *fill_infinity(wg_tensor *const *x)
{
    return wg_full_like(x[0], INFINITY);
}

static wg_tensor *fill_nan(wg_tensor *const *x)
{
    return wg_full_like(x[0], NAN);
}

static wg_tensor *fill_integers(wg_tensor *const *x)
{
    return wg_full_like(x[0], -3);
}

static wg_tensor *fill_bool(wg_tensor *const *x)
{
    return wg_full_like(x[0], true);
}

/* ---- constant ---- */

/* Of x's type: -1.25, -0.25, 0.75, ... */
static wg_tensor *constant_steps(wg_tensor *const *x)
{
    const int64_t count = wg_count_of(x[0]);
    const bool    wide = wg_dtype_of(x[0]) == WG_F64;
    double        f64[35];
    float         f32[35];
    for (int i = 0; i < count; i++) f32[i] = (float)(f64[i] = i - 1.25);
    return wg_constant(wg_tape_of(x[0]), wg_dtype_of(x[0]), wg_shape_of_tensor(x[0]),
                       wide ? (const void *)f64 : f32, count);
}

static wg_tensor *constant_given(wg_tensor *const *x)
{
    return x[0];
}

static wg_tensor *constant_odd(wg_tensor *const *x)
{
    const double f64[] = {1.3f, INFINITY, -INFINITY, NAN, -0.0};
    const float  f32[] = {1.3f, INFINITY, -INFINITY, NAN, -0.0f};
    const bool   wide = wg_dtype_of(x[0]) == WG_F64;
    return wg_constant(wg_tape_of(x[0]), wg_dtype_of(x[0]), WG_SHAPE(5),
                       wide ? (const void *)f64 : f32, 5);
}

/* ---- assign: to x[0], or to a state ---- */

static wg_tensor *assign(wg_tensor *const *x)
{
    return wg_assign(x[0], x[1]);
}

static wg_tensor *assign_transposed(wg_tensor *const *x)
{
    return wg_assign(x[0], wg_transpose(x[1]));
}

static wg_tensor *assign_expanded(wg_tensor *const *x)
{
    wg_tensor *leaf = wg_state(wg_tape_of(x[0]), "s", wg_dtype_of(x[0]), WG_SHAPE(3, 2), 1.5);
    return wg_assign(leaf, wg_expand(x[1], WG_SHAPE(3, 2)));
}

/* ---- detach ---- */

static wg_tensor *detach(wg_tensor *const *x)
{
    return wg_detach(x[0]);
}

static wg_tensor *detach_transposed(wg_tensor *const *x)
{
    return wg_detach(wg_transpose(x[0]));
}

static wg_tensor *detach_expanded(wg_tensor *const *x)
{
    return wg_detach(wg_expand(x[0], WG_SHAPE(3, 2)));
}

static wg_tensor *detach_one_path(wg_tensor *const *x)
{
    return wg_apply(&wg_op_add, NULL, WG_NO_DTYPE, ((wg_tensor *[]){x[0], wg_detach(x[0])}), 2);
}

/* Differences see through detach, so its one case with a gradient goes without them. */
const struct op_case cases_basic[] = {
    {"fill", "0-d", fill, CASE_FORWARD_ONLY},
    {"fill", "zero-size", fill, CASE_FORWARD_ONLY},
    {"fill", "size 1", fill, CASE_FORWARD_ONLY},
    {"fill", "odd primes", fill, CASE_FORWARD_ONLY},
    {"fill", "rank 5", fill, CASE_FORWARD_ONLY},
    {"fill", "infinity", fill_infinity, CASE_FORWARD_ONLY},
    {"fill", "NaN", fill_nan, CASE_FORWARD_ONLY},
    {"fill", "integers", fill_integers, CASE_FORWARD_ONLY},
    {"fill", "bool", fill_bool, CASE_FORWARD_ONLY},
    {"constant", "0-d", constant_steps, CASE_FORWARD_ONLY},
    {"constant", "zero-size", constant_steps, CASE_FORWARD_ONLY},
    {"constant", "size 1", constant_steps, CASE_FORWARD_ONLY},
    {"constant", "odd primes", constant_steps, CASE_FORWARD_ONLY},
    {"constant", "rank 5", constant_steps, CASE_FORWARD_ONLY},
    {"constant", "integers", constant_given, CASE_FORWARD_ONLY},
    {"constant", "bool", constant_given, CASE_FORWARD_ONLY},
    {"constant", "NaN and infinities", constant_odd, CASE_FORWARD_ONLY},
    {"assign", "0-d", assign, 0},
    {"assign", "zero-size", assign, 0},
    {"assign", "size 1", assign, 0},
    {"assign", "odd primes", assign, 0},
    {"assign", "rank 5", assign, 0},
    {"assign", "transposed", assign_transposed, 0},
    {"assign", "expanded", assign_expanded, 0},
    {"assign", "NaN and infinities", assign, CASE_KINK},
    {"detach", "0-d", detach, CASE_FORWARD_ONLY},
    {"detach", "zero-size", detach, CASE_FORWARD_ONLY},
    {"detach", "size 1", detach, CASE_FORWARD_ONLY},
    {"detach", "odd primes", detach, CASE_FORWARD_ONLY},
    {"detach", "rank 5", detach, CASE_FORWARD_ONLY},
    {"detach", "transposed", detach_transposed, CASE_FORWARD_ONLY},
    {"detach", "expanded", detach_expanded, CASE_FORWARD_ONLY},
    {"detach", "NaN and infinities", detach, CASE_FORWARD_ONLY},
    {"detach", "integers", detach, CASE_FORWARD_ONLY},
    {"detach", "one of two paths", detach_one_path, CASE_KINK},
    {0},
};

/* ---- misuse ---- */

static wg_tensor *fill_negative_size(wg_tape *tape)
{
    return wg_full(tape, WG_F32, WG_SHAPE(2, -3), 1.5);
}

static wg_tensor *fill_no_dtype(wg_tape *tape)
{
    return wg_full(tape, WG_NO_DTYPE, WG_SHAPE(2), 1.5);
}

static wg_tensor *constant_wrong_count(wg_tape *tape)
{
    return wg_constant(tape, WG_F32, WG_SHAPE(2, 2), (const float[]){1.5f, 2.5f, 3.5f}, 3);
}

static wg_tensor *constant_null(wg_tape *tape)
{
    return wg_constant(tape, WG_F32, WG_SHAPE(2), NULL, 2);
}

static wg_tensor *assign_other_shape(wg_tape *tape)
{
    return wg_assign(wg_param(tape, "p", WG_F32, WG_SHAPE(2)),
                     wg_full(tape, WG_F32, WG_SHAPE(3), 1.5));
}

static wg_tensor *assign_no_leaf(wg_tape *tape)
{
    return wg_assign(wg_full(tape, WG_F32, WG_SHAPE(3), 1.5),
                     wg_full(tape, WG_F32, WG_SHAPE(3), 1.5));
}

static wg_tensor *detach_two(wg_tape *tape)
{
    wg_tensor *x = wg_full(tape, WG_F32, WG_SHAPE(2), 1.5);
    return wg_apply(&wg_op_detach, NULL, WG_NO_DTYPE, ((wg_tensor *[]){x, x}), 2);
}

const struct error_case errors_basic[] = {
    {"fill", "negative size", fill_negative_size, "(2,-3)"},
    {"fill", "no dtype", fill_no_dtype, "an output has no dtype"},
    {"constant", "wrong count", constant_wrong_count, "3 values are given"},
    {"constant", "no values", constant_null, "2 values are given at NULL"},
    {"assign", "another shape", assign_other_shape, "value and leaf differ in type"},
    {"assign", "not a leaf", assign_no_leaf, "the second is neither a param nor a state"},
    {"detach", "of two tensors", detach_two, "2 inputs, wanted are 1"},
    {0},
};
