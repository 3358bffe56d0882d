// SPDX-License-Identifier: MIT
/* Cases of lstm: sizes, what may be left out, each of the op's outputs, views. */
#include "cases.h"

#include <wengert/ops/layout.h>
#include <wengert/ops/lstm.h>
#include <wengert/ops/matmul.h>
#include <wengert/ops/slice.h>

#define RECORD(name, ...)                                                                          \
    static wg_tensor *name(wg_tensor *const *x)                                                    \
    {                                                                                              \
        return wg_lstm(__VA_ARGS__);                                                               \
    }
RECORD(full, x[0], x[1], x[2], x[3], x[4])
RECORD(bare, x[0], x[1], x[2])
RECORD(one_bias, x[0], x[1], x[2], x[3])
RECORD(with_states, x[0], x[1], x[2], x[3], x[4], x[5], x[6])
RECORD(last, x[0], x[1], x[2], x[3], x[4], .last = true)
RECORD(transposed, wg_swapaxes(x[0], 0, 1), wg_transpose(x[1]), wg_transpose(x[2]))
RECORD(sliced, wg_slice(x[0], 1, -1, WG_TO_END, .step = -2), x[1], x[2])
RECORD(expanded, wg_expand(x[0], WG_SHAPE(2, 3, 2)), x[1], wg_expand(x[2], WG_SHAPE(8, 2)))
#undef RECORD

/* Output k of the op itself: x, w_ih, w_hh, h, c. */
static wg_tensor *output(wg_tensor *const *x, int k)
{
    wg_tensor *const inputs[] = {wg_linear(wg_swapaxes(x[0], 0, 1), x[1], NULL), x[2], x[3], x[4]};
    return wg_output(wg_apply(&wg_op_lstm, NULL, WG_NO_DTYPE, inputs, 4), k);
}

static wg_tensor *all_states(wg_tensor *const *x)
{
    return output(x, 1);
}

static wg_tensor *gates(wg_tensor *const *x)
{
    return output(x, 2);
}

const struct op_case cases_lstm[] = {
    {"lstm", "odd primes", full, 0},
    {"lstm", "size 1", full, 0},
    {"lstm", "one step", full, 0},
    {"lstm", "many steps", full, 0},
    {"lstm", "no rows", bare, 0},
    {"lstm", "without biases", bare, 0},
    {"lstm", "one bias", one_bias, 0},
    {"lstm", "first states", with_states, 0},
    {"lstm", "last", last, 0},
    {"lstm", "all states", all_states, 0},
    {"lstm", "gates", gates, 0},
    {"lstm", "transposed", transposed, 0},
    {"lstm", "sliced backwards", sliced, 0},
    {"lstm", "expanded", expanded, 0},
    {0},
};

/* ---- misuse ---- */

static wg_tensor *f32(wg_tape *tape, const char *name, wg_shape shape)
{
    return wg_param(tape, name, WG_F32, shape);
}

#define MISUSE(name, ...)                                                                          \
    static wg_tensor *name(wg_tape *tape)                                                          \
    {                                                                                              \
        wg_tensor *x = f32(tape, "x", WG_SHAPE(2, 3, 5));                                          \
        return wg_lstm(__VA_ARGS__);                                                               \
    }
#define W_IH f32(tape, "w_ih", WG_SHAPE(8, 5))
#define W_HH f32(tape, "w_hh", WG_SHAPE(8, 2))
MISUSE(rank, wg_select(x, 0, 0), W_IH, W_HH)
MISUSE(inputs, x, f32(tape, "w_ih", WG_SHAPE(8, 4)), W_HH)
MISUSE(hidden, x, W_IH, f32(tape, "w_hh", WG_SHAPE(8, 3)))
MISUSE(rows, x, f32(tape, "w_ih", WG_SHAPE(12, 5)), W_HH)
MISUSE(first_h, x, W_IH, W_HH, .h = f32(tape, "h", WG_SHAPE(3, 2)))
MISUSE(first_c, x, W_IH, W_HH, .c = f32(tape, "c", WG_SHAPE(2, 2, 1)))
MISUSE(dtypes, x, W_IH, wg_param(tape, "w_hh", WG_F64, WG_SHAPE(8, 2)))
MISUSE(null, x, NULL, W_HH)
#undef MISUSE
#undef W_IH
#undef W_HH

const struct error_case errors_lstm[] = {
    {"lstm", "rank", rank, "wanted are (batch, steps, inputs) and two matrices"},
    {"lstm", "inputs", inputs, "x has 5 inputs and w_ih 4 columns"},
    {"lstm", "hidden", hidden, "w_hh is (8,3), wanted is (4 n, n)"},
    {"lstm", "rows", rows, "w_ih has 12 rows and w_hh 8"},
    {"lstm", "first h", first_h, "h must have shape (2,2)"},
    {"lstm", "first c", first_c, "c must have shape (2,2)"},
    {"lstm", "dtypes", dtypes, "dtypes differ, f32 and f64; see wg_cast"},
    {"lstm", "NULL", null, "an input is NULL"},
    {0},
};
