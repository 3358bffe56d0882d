// SPDX-License-Identifier: MIT
/*
 * Cases of normalisation: with and without scale and shift, statistics and their updates, views,
 * and rows of equal numbers.
 */
#include "cases.h"

#include <wengert/ops/layout.h>
#include <wengert/ops/batch_norm.h>
#include <wengert/ops/norm.h>
#include <wengert/ops/slice.h>

#define RECORD(name, expression)                                                                   \
    static wg_tensor *name(wg_tensor *const *x)                                                    \
    {                                                                                              \
        return expression;                                                                         \
    }
RECORD(layer, wg_layer_norm(x[0], x[1], x[2]))
RECORD(layer_bare, wg_layer_norm(x[0]))
RECORD(layer_scaled, wg_layer_norm(x[0], x[1]))
RECORD(layer_two_axes, wg_layer_norm(x[0], .dims = 2))
RECORD(layer_eps, wg_layer_norm(x[0], x[1], x[2], .eps = 0.5))
RECORD(layer_mean, wg_output(wg_layer_norm(x[0], x[1]), 1))
RECORD(layer_rstd, wg_output(wg_layer_norm(x[0], x[1]), 2))
RECORD(layer_transposed, wg_layer_norm(wg_transpose(x[0]), x[1], x[2]))
RECORD(layer_sliced, wg_layer_norm(wg_slice(x[0], 1, -1, WG_TO_END, .step = -2), x[1], x[2]))
RECORD(layer_expanded, wg_layer_norm(wg_expand(x[0], WG_SHAPE(3, 4)), x[1], x[2]))
RECORD(batch, wg_batch_norm(x[0], x[1], x[2]))
RECORD(batch_bare, wg_batch_norm(x[0]))
RECORD(batch_scaled, wg_batch_norm(x[0], x[1]))
RECORD(batch_eps, wg_batch_norm(x[0], x[1], x[2], .eps = 0.5))
RECORD(batch_states, wg_batch_norm(x[0], x[1], x[2], x[3], x[4]))
RECORD(batch_evaluated, wg_batch_norm(x[0], x[1], x[2], x[3], x[4], .evaluate = true))
RECORD(batch_transposed, wg_batch_norm(wg_transpose(x[0]), x[1], x[2]))
RECORD(batch_sliced, wg_batch_norm(wg_slice(x[0], 0, -1, WG_TO_END, .step = -2), x[1], x[2]))
RECORD(batch_expanded, wg_batch_norm(wg_expand(x[0], WG_SHAPE(3, 2, 5)), x[1], x[2]))
#undef RECORD

/* Update k of the statistics: of mean 0, of variance 1. */
static wg_tensor *update(wg_tensor *const *x, int k, double momentum)
{
    wg_batch_norm(x[0], x[1], x[2], x[3], x[4], .momentum = momentum);
    const wg_tensors updates = wg_assigns(wg_tape_of(x[0]));
    return updates.count == 2 ? updates.at[k] : NULL;
}

static wg_tensor *running_mean(wg_tensor *const *x)
{
    return update(x, 0, 0);
}

static wg_tensor *running_variance(wg_tensor *const *x)
{
    return update(x, 1, 0.25);
}

/* Differences see the batch's share in the statistics, which the gradient leaves out on purpose. */
const struct op_case cases_norm[] = {
    {"layer_norm", "size 1", layer, 0},
    {"layer_norm", "odd primes", layer, 0},
    {"layer_norm", "bare", layer_bare, 0},
    {"layer_norm", "scaled", layer_scaled, 0},
    {"layer_norm", "two axes", layer_two_axes, 0},
    {"layer_norm", "two axes by the rank of w", layer, 0},
    {"layer_norm", "all axes", layer, 0},
    {"layer_norm", "vector", layer, 0},
    {"layer_norm", "eps", layer_eps, 0},
    {"layer_norm", "no rows", layer, 0},
    {"layer_norm", "equal numbers", layer_eps, 0},
    {"layer_norm", "far from zero", layer, 0},
    {"layer_norm", "mean", layer_mean, 0},
    {"layer_norm", "one over deviation", layer_rstd, 0},
    {"layer_norm", "transposed", layer_transposed, 0},
    {"layer_norm", "sliced backwards", layer_sliced, 0},
    {"layer_norm", "expanded", layer_expanded, 0},
    {"layer_norm", "infinity and NaN", layer, CASE_KINK},
    {"batch_norm", "two axes", batch, 0},
    {"batch_norm", "three axes", batch, 0},
    {"batch_norm", "images", batch, 0},
    {"batch_norm", "bare", batch_bare, 0},
    {"batch_norm", "scaled", batch_scaled, 0},
    {"batch_norm", "eps", batch_eps, 0},
    {"batch_norm", "with running statistics", batch_states, 0},
    {"batch_norm", "running mean", running_mean, CASE_KINK},
    {"batch_norm", "running variance", running_variance, CASE_KINK},
    {"batch_norm", "evaluation", batch_evaluated, 0},
    {"batch_norm", "evaluation of size 1", batch_evaluated, 0},
    {"batch_norm", "evaluation of nothing", batch_evaluated, 0},
    {"batch_norm", "evaluation of two axes", batch_evaluated, 0},
    {"batch_norm", "evaluation of images", batch_evaluated, 0},
    {"batch_norm", "evaluation of an image", batch_evaluated, 0},
    {"batch_norm", "evaluation of a channel", batch_evaluated, 0},
    {"batch_norm", "evaluation of five axes", batch_evaluated, 0},
    {"batch_norm", "transposed", batch_transposed, 0},
    {"batch_norm", "sliced backwards", batch_sliced, 0},
    {"batch_norm", "expanded", batch_expanded, 0},
    {0},
};

/* ---- misuse ---- */

static wg_tensor *f32(wg_tape *tape, const char *name, wg_shape shape)
{
    return wg_param(tape, name, WG_F32, shape);
}

static wg_tensor *state(wg_tape *tape, const char *name, wg_shape shape)
{
    return wg_state(tape, name, WG_F32, shape, 1);
}

#define MISUSE(name, expression)                                                                   \
    static wg_tensor *name(wg_tape *tape)                                                          \
    {                                                                                              \
        return expression;                                                                         \
    }
#define X f32(tape, "x", WG_SHAPE(2, 3))
#define B f32(tape, "b", WG_SHAPE(3))
#define M state(tape, "m", WG_SHAPE(3))
#define V state(tape, "v", WG_SHAPE(3))
MISUSE(layer_w, wg_layer_norm(X, f32(tape, "w", WG_SHAPE(2))))
MISUSE(layer_b, wg_layer_norm(X, f32(tape, "w", WG_SHAPE(3)), f32(tape, "b", WG_SHAPE(2))))
MISUSE(layer_lone_b, wg_layer_norm(X, NULL, B))
MISUSE(layer_dims, wg_layer_norm(X, .dims = 3))
MISUSE(layer_negative_dims, wg_layer_norm(X, .dims = -1))
MISUSE(layer_number, wg_layer_norm(f32(tape, "x", WG_SCALAR)))
MISUSE(layer_negative_eps, wg_layer_norm(X, .eps = -1))
MISUSE(layer_dtypes, wg_layer_norm(X, wg_param(tape, "w", WG_F64, WG_SHAPE(3))))

static wg_tensor *layer_four(wg_tape *tape)
{
    const struct {
        int64_t dims;
        double  eps;
    } attrs = {1, 1e-5};
    wg_tensor *b = B;
    return wg_apply(&wg_op_layer_norm, &attrs, WG_NO_DTYPE, ((wg_tensor *[]){X, b, b, b}), 4);
}

MISUSE(batch_rank, wg_batch_norm(f32(tape, "x", WG_SHAPE(3))))
MISUSE(batch_w, wg_batch_norm(X, f32(tape, "w", WG_SHAPE(2))))
MISUSE(batch_b, wg_batch_norm(X, NULL, f32(tape, "b", WG_SHAPE(3, 1))))
MISUSE(batch_lone_mean, wg_batch_norm(X, NULL, NULL, M))
MISUSE(batch_no_states, wg_batch_norm(X, NULL, NULL, .evaluate = true))
MISUSE(batch_state_size, wg_batch_norm(X, NULL, NULL, M, state(tape, "v", WG_SHAPE(2))))
MISUSE(batch_state_dtype,
       wg_batch_norm(X, NULL, NULL, M, wg_state(tape, "v", WG_F64, WG_SHAPE(3), 1)))
MISUSE(batch_momentum, wg_batch_norm(X, .momentum = 1.5))
MISUSE(batch_negative_momentum, wg_batch_norm(X, .momentum = -0.5))
MISUSE(batch_eps_negative, wg_batch_norm(X, .eps = -1))
MISUSE(batch_few, wg_batch_norm(f32(tape, "x", WG_SHAPE(1, 3, 1))))
MISUSE(batch_dtypes, wg_batch_norm(X, wg_param(tape, "w", WG_F64, WG_SHAPE(3))))
MISUSE(batch_integers, wg_batch_norm(wg_input(tape, "x", WG_I32, WG_SHAPE(2, 3))))
MISUSE(batch_null, wg_batch_norm(NULL, B))
#undef MISUSE
#undef X
#undef B
#undef M
#undef V

const struct error_case errors_norm[] = {
    {"layer_norm", "shape of w", layer_w, "w must have shape (3,)"},
    {"layer_norm", "shape of b", layer_b, "b must have shape (3,)"},
    {"layer_norm", "b alone", layer_lone_b, "an input is NULL"},
    {"layer_norm", "too many axes", layer_dims, "3 last axes of rank 2"},
    {"layer_norm", "negative number of axes", layer_negative_dims, "-1 last axes of rank 2"},
    {"layer_norm", "a number", layer_number, "1 last axes of rank 0"},
    {"layer_norm", "negative eps", layer_negative_eps, "eps -1 must not be negative"},
    {"layer_norm", "dtypes", layer_dtypes, "dtypes differ, f32 and f64; see wg_cast"},
    {"layer_norm", "four inputs", layer_four, "4 inputs, wanted are 1 to 3"},
    {"batch_norm", "rank", batch_rank, "the rank is below 2, wanted is (N, C, ...)"},
    {"batch_norm", "shape of w", batch_w, "w must have shape (3,)"},
    {"batch_norm", "shape of b", batch_b, "b must have shape (3,)"},
    {"batch_norm", "mean alone", batch_lone_mean, "mean and var go together"},
    {"batch_norm", "evaluation without statistics", batch_no_states,
     "evaluation needs mean and var"},
    {"batch_norm", "size of a state", batch_state_size,
     "mean and var must have an element for each channel"},
    {"batch_norm", "dtype of a state", batch_state_dtype,
     "mean and var must have the dtype of x"},
    {"batch_norm", "momentum beyond 1", batch_momentum, "momentum must be in (0, 1]"},
    {"batch_norm", "negative momentum", batch_negative_momentum, "momentum must be in (0, 1]"},
    {"batch_norm", "negative eps", batch_eps_negative, "eps -1 must not be negative"},
    {"batch_norm", "one value for each channel", batch_few,
     "training needs two values or more for each channel"},
    {"batch_norm", "dtypes", batch_dtypes, "dtypes differ, f32 and f64; see wg_cast"},
    {"batch_norm", "integers", batch_integers, "x must be f32 or f64"},
    {"batch_norm", "NULL", batch_null, "an input is NULL"},
    {0},
};
