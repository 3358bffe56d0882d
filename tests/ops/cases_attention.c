// SPDX-License-Identifier: MIT
/* Cases of attention: heads, masks, blocks of queries, views. */
#include "cases.h"

#include <wengert/ops/attention.h>
#include <wengert/ops/layout.h>
#include <wengert/ops/slice.h>

#define RECORD(name, ...)                                                                          \
    static wg_tensor *name(wg_tensor *const *x)                                                    \
    {                                                                                              \
        return wg_attention(__VA_ARGS__);                                                          \
    }
#define BACKWARDS(x) wg_slice(x, 0, -1, WG_TO_END, .step = -2)
RECORD(plain, x[0], x[1], x[2])
RECORD(scaled, x[0], x[1], x[2], .scale = 0.75)
RECORD(causal, x[0], x[1], x[2], .causal = true)
RECORD(masked, x[0], x[1], x[2], x[3])
RECORD(causal_masked, x[0], x[1], x[2], x[3], .causal = true)
RECORD(transposed, wg_transpose(x[0]), wg_transpose(x[1]), wg_transpose(x[2]))
RECORD(sliced, BACKWARDS(x[0]), BACKWARDS(x[1]), BACKWARDS(x[2]), .causal = true)
RECORD(expanded, x[0], wg_expand(x[1], WG_SHAPE(5, 2)), wg_expand(x[2], WG_SHAPE(5, 4)))
RECORD(itself, x[0], x[0], x[0], .causal = true)
#undef RECORD
#undef BACKWARDS

const struct op_case cases_attention[] = {
    {"attention", "one head", plain, 0},
    {"attention", "size 1", plain, 0},
    {"attention", "heads", plain, 0},
    {"attention", "broadcast heads", plain, 0},
    {"attention", "no queries", plain, 0},
    {"attention", "no columns", plain, 0},
    {"attention", "many queries", plain, 0},
    {"attention", "no keys", plain, 0},
    {"attention", "scale", scaled, 0},
    {"attention", "causal, as many", causal, 0},
    {"attention", "causal, more keys", causal, 0},
    {"attention", "causal, fewer keys", causal, 0},
    {"attention", "causal, many queries", causal, 0},
    {"attention", "mask", masked, 0},
    {"attention", "mask for heads", masked, 0},
    {"attention", "mask for keys", masked, 0},
    {"attention", "causal and mask", causal_masked, 0},
    {"attention", "a query that sees nothing", masked, 0},
    {"attention", "transposed", transposed, 0},
    {"attention", "sliced backwards", sliced, 0},
    {"attention", "expanded", expanded, 0},
    {"attention", "itself", itself, 0},
    {"attention", "infinity and NaN", plain, CASE_KINK},
    {0},
};

/* ---- misuse ---- */

static wg_tensor *f32(wg_tape *tape, const char *name, wg_shape shape)
{
    return wg_param(tape, name, WG_F32, shape);
}

static wg_tensor *mask(wg_tape *tape, wg_shape shape)
{
    return wg_input(tape, "mask", WG_BOOL, shape);
}

#define MISUSE(name, ...)                                                                          \
    static wg_tensor *name(wg_tape *tape)                                                          \
    {                                                                                              \
        wg_tensor *k = f32(tape, "k", WG_SHAPE(5, 2)), *v = f32(tape, "v", WG_SHAPE(5, 4));        \
        return wg_attention(__VA_ARGS__, k, v);                                                    \
    }
MISUSE(columns, f32(tape, "q", WG_SHAPE(3, 3)))
MISUSE(vector, f32(tape, "q", WG_SHAPE(2)))
MISUSE(dtypes, wg_param(tape, "q", WG_F64, WG_SHAPE(3, 2)))
MISUSE(null, NULL)
#undef MISUSE

#define MISUSE(name, ...)                                                                          \
    static wg_tensor *name(wg_tape *tape)                                                          \
    {                                                                                              \
        wg_tensor *q = f32(tape, "q", WG_SHAPE(2, 3, 2)), *k = f32(tape, "k", WG_SHAPE(2, 5, 2));  \
        return wg_attention(q, k, __VA_ARGS__);                                                    \
    }
MISUSE(keys, f32(tape, "v", WG_SHAPE(2, 4, 4)))
MISUSE(heads, f32(tape, "v", WG_SHAPE(3, 5, 4)))
MISUSE(mask_dtype, k, f32(tape, "m", WG_SHAPE(3, 5)))
MISUSE(mask_shape, k, mask(tape, WG_SHAPE(5, 3)))
MISUSE(mask_rank, k, mask(tape, WG_SHAPE(2, 2, 3, 5)))
#undef MISUSE

const struct error_case errors_attention[] = {
    {"attention", "columns", columns, "q has 3 columns and k has 2"},
    {"attention", "a vector", vector, "q, k and v must be of one rank, 2 or more"},
    {"attention", "dtypes", dtypes, "q, k and v must be all f32 or all f64, see wg_cast"},
    {"attention", "NULL", null, "an input is NULL"},
    {"attention", "keys and values", keys, "there are 5 keys and 4 values"},
    {"attention", "heads", heads, "the axes before the last two differ and do not broadcast"},
    {"attention", "dtype of the mask", mask_dtype, "the mask has dtype f32, wanted is bool"},
    {"attention", "shape of the mask", mask_shape,
     "the mask does not broadcast to a row a query and a column a key"},
    {"attention", "rank of the mask", mask_rank,
     "the mask does not broadcast to a row a query and a column a key"},
    {0},
};
