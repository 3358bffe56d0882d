// SPDX-License-Identifier: MIT
/* First values of params, drawn from the counter-based generator. */
#include "init.h"

#include "../tensor/random.h"

#include <float.h>
#include <math.h>

/* A multiply-add rounded once would give other bits where the machine has one. gcc leaves them
   apart in C11. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

/* Keeps these numbers apart from those that a run draws with the same seed. */
enum { STREAM = 0x696e6974 };

/* Number i of param number `place`: 0 <= u < 1 in steps of 2^-53. */
static double unit(uint64_t seed, int place, int64_t i)
{
    const uint64_t block = (uint64_t)i / 2;
    const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)place, STREAM};
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    uint32_t       words[4];
    wg_philox(counter, key, words);
    const uint32_t *pair = words + 2 * (i % 2);
    return (double)(((uint64_t)(pair[0] >> 5) << 26) + (pair[1] >> 6)) * 0x1p-53;
}

/* Bounds of what is drawn, for one param. */
struct spread {
    wg_tensor *param;
    int        place;
    double     lo, hi;
};

static bool spread(const struct spread *s, uint64_t seed)
{
    wg_tape            *tape = wg_tape_of(s->param);
    const wg_allocator *allocator = wg_tape_settings(tape)->allocator;
    const wg_type      *type = wg_type_of(s->param);
    void               *values = wg__alloc(allocator, wg__type_bytes(type));
    if (!values) {
        wg_tape_error_set(tape, "out of memory");
        return false;
    }
    for (int64_t i = 0; i < type->count; i++) {
        const double value = s->lo + (s->hi - s->lo) * unit(seed, s->place, i);
        if (type->dtype == WG_F64)
            ((double *)values)[i] = value;
        else
            ((float *)values)[i] = (float)value;
    }
    const bool written = wg_write_values(s->param, type->dtype, values, type->count);
    wg__free(allocator, values);
    return written;
}

/* Inputs that one output of a weight sees; 0 for what is no weight. */
static int64_t fan_of(const wg_tensor *param)
{
    const wg_shape shape = wg_shape_of_tensor(param);
    if (shape.rank < 2 || shape.dim[0] == 0) return 0;
    return wg_count_of(param) / shape.dim[0];
}

bool wg_init_uniform(wg_tape *tape, uint64_t seed)
{
    if (!tape) return false;
    const wg_tensors params = wg_params(tape);
    int64_t          fan = 1;
    for (int i = 0; i < params.count; i++) {
        const int64_t own = fan_of(params.at[i]);
        if (own > 0) fan = own;
        const double        bound = 1 / sqrt((double)fan);
        const struct spread s = {.param = params.at[i], .place = i, .lo = -bound, .hi = bound};
        if (!spread(&s, seed)) return false;
    }
    return !wg_tape_error(tape);
}

bool wg_init_param_uniform(wg_tensor *param, double lo, double hi, uint64_t seed)
{
    if (!param) return false;
    wg_tape *tape = wg_tape_of(param);
    if (wg_role_of(param) != WG_PARAM) {
        wg_tape_error_set(tape, "init: \"%s\" is not a param",
                          wg_name_of(param) ? wg_name_of(param) : "");
        return false;
    }
    const wg_dtype dtype = wg_dtype_of(param);
    const double   most = dtype == WG_F32 ? (double)FLT_MAX : DBL_MAX;
    if (!(-most <= lo && lo <= hi && hi <= most && isfinite(hi - lo))) {
        wg_tape_error_set(tape, "init: %g to %g is no range of %s", lo, hi, wg_dtype_name(dtype));
        return false;
    }
    const wg_tensors params = wg_params(tape);
    for (int i = 0; i < params.count; i++)
        if (params.at[i] == param)
            return spread(&(struct spread){.param = param, .place = i, .lo = lo, .hi = hi}, seed);
    return false; /* without memory for the list: the error is on the tape */
}
