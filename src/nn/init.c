// SPDX-License-Identifier: MIT
/*
 * First values of params. Each way comes down to a few that are made element by element; only
 * orthogonal rows need all of them at once.
 */
#include "init.h"

#include "draw.h"

#include <float.h>
#include <math.h>

/* A multiply-add rounded once would give other bits where the machine has one. gcc leaves them
   apart in C11. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

/* A param that gets values, by settings in which nothing is left out. */
typedef struct job {
    wg_tensor       *param;
    wg_init_settings set;
    wg__source       source;
    wg_shape         shape;
    int64_t          count;
    int64_t          empty;  /* a row that is to be 0; -1: none */
    bool             turned; /* values are the transposed matrix's */
    double          *values;
} job;

/* ---- what is asked for ---- */

double wg_gain_leaky_relu(double slope)
{
    return sqrt(2 / (1 + slope * slope));
}

/* Puts in what was left out. */
static void complete(wg_init_settings *set)
{
    const bool kaiming = set->way == WG_INIT_KAIMING_UNIFORM || set->way == WG_INIT_KAIMING_NORMAL;
    if (set->gain == 0) set->gain = kaiming ? WG_GAIN_RELU : 1;
    if (set->sd == 0) set->sd = 1;
    if (set->groups == 0) set->groups = 1;
    if (set->lo != 0 || set->hi != 0) return;
    if (set->way == WG_INIT_UNIFORM) set->hi = 1;
    if (set->way != WG_INIT_TRUNCATED_NORMAL) return;
    set->lo = -2;
    set->hi = 2;
}

/* Ways that depend on fans, as the uniform or normal ones that they are. */
static void resolve_fans(job *j)
{
    wg_init_settings *set = &j->set;
    const double      in = (double)j->count / (double)j->shape.dim[0];
    const double      out = (double)j->count / (double)j->shape.dim[1];
    const bool   xavier = set->way == WG_INIT_XAVIER_UNIFORM || set->way == WG_INIT_XAVIER_NORMAL;
    const double fan = xavier ? (in + out) / 2 : set->fan_out ? out : in;
    set->mean = 0;
    set->sd = set->gain / sqrt(fan);
    set->hi = set->gain * sqrt(3 / fan);
    set->lo = -set->hi;
    set->way = set->way == WG_INIT_XAVIER_UNIFORM || set->way == WG_INIT_KAIMING_UNIFORM
                   ? WG_INIT_UNIFORM
                   : WG_INIT_NORMAL;
}

/* ---- what is refused ---- */

/* The ranks that a way takes. */
static bool rank_fits(wg_init_way way, int64_t rank)
{
    if (way == WG_INIT_IDENTITY) return rank == 2;
    if (way == WG_INIT_DIRAC) return rank >= 3 && rank <= 5;
    return way < WG_INIT_XAVIER_UNIFORM || rank >= 2;
}

/* The share of a normal distribution between the bounds. */
static double share_within(const wg_init_settings *set)
{
    const double root = sqrt(0.5) / set->sd;
    return (erf((set->hi - set->mean) * root) - erf((set->lo - set->mean) * root)) / 2;
}

/* Why the settings will not do, or NULL. */
static const char *settings_misfit(const job *j)
{
    const wg_init_settings *set = &j->set;
    const double            numbers[] = {set->value, set->mean, set->sd, set->gain};
    if (set->way == WG_INIT_DEFAULT || set->way > WG_INIT_DIRAC) return "there is no such way";
    if (!rank_fits(set->way, j->shape.rank)) return "the rank is not one that this way takes";
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!isfinite(numbers[i])) return "a setting is not finite";
    if (set->sd < 0) return "the deviation is negative";
    if (set->way == WG_INIT_TRUNCATED_NORMAL && !(share_within(set) >= 0.01))
        return "the bounds hold less than a hundredth of the distribution";
    if (set->way == WG_INIT_DIRAC && (set->groups < 0 || j->shape.dim[0] % set->groups != 0))
        return "the groups do not divide the filters";
    return NULL;
}

/* Fills in the job; false, with the error on the tape, when the param or the settings will not do. */
static bool begin(job *j)
{
    wg_tape    *tape = wg_tape_of(j->param);
    const char *name = wg_name_of(j->param) ? wg_name_of(j->param) : "";
    if (wg_role_of(j->param) != WG_PARAM) {
        wg_tape_error_set(tape, "init: \"%s\" is not a param", name);
        return false;
    }
    const wg_dtype dtype = wg_dtype_of(j->param);
    const double   lo = j->set.lo, hi = j->set.hi, most = dtype == WG_F32 ? FLT_MAX : DBL_MAX;
    if (!(-most <= lo && lo <= hi && hi <= most && isfinite(hi - lo))) {
        wg_tape_error_set(tape, "init: %g to %g is no range of %s", lo, hi, wg_dtype_name(dtype));
        return false;
    }
    j->shape = wg_shape_of_tensor(j->param);
    j->count = wg_count_of(j->param);
    const char *reason = settings_misfit(j);
    if (reason) {
        wg_tape_error_set(tape, "init: \"%s\": %s", name, reason);
        return false;
    }
    const bool by_fan =
        j->set.way >= WG_INIT_XAVIER_UNIFORM && j->set.way <= WG_INIT_KAIMING_NORMAL;
    if (by_fan && j->count > 0) resolve_fans(j);
    return true;
}

/* ---- values ---- */

/* 1 where row and column, or filter and channel in the middle of the kernel, are the same. */
static double is_diagonal(const job *j, int64_t i)
{
    const int64_t *dim = j->shape.dim;
    const int64_t  filters = dim[0] / j->set.groups;
    int64_t        middle = 0, field = 1;
    for (int64_t k = 2; k < j->shape.rank; k++) {
        middle = middle * dim[k] + dim[k] / 2;
        field *= dim[k];
    }
    const int64_t filter = i / field / dim[1] % filters, channel = i / field % dim[1];
    return filter == channel && i % field == middle ? 1 : 0;
}

static double value_of(const job *j, int64_t i)
{
    const wg_init_settings *set = &j->set;
    switch (set->way) {
    case WG_INIT_UNIFORM:
        return set->lo + (set->hi - set->lo) * wg__unit(&j->source, i);
    case WG_INIT_NORMAL:
        return set->mean + set->sd * wg__gauss(&j->source, i, -DBL_MAX, DBL_MAX);
    case WG_INIT_TRUNCATED_NORMAL: {
        const double lo = (set->lo - set->mean) / set->sd, hi = (set->hi - set->mean) / set->sd;
        const double value = set->mean + set->sd * wg__gauss(&j->source, i, lo, hi);
        return fmin(fmax(value, set->lo), set->hi); /* what rounding may put beyond */
    }
    case WG_INIT_IDENTITY:
    case WG_INIT_DIRAC:
        return is_diagonal(j, i);
    case WG_INIT_ORTHOGONAL:
        return wg__gauss(&j->source, i, -DBL_MAX, DBL_MAX);
    default:
        return set->value;
    }
}

/* a -= (a b) b */
static void take_off(double *a, const double *b, int64_t n)
{
    double product = 0;
    for (int64_t i = 0; i < n; i++) product += a[i] * b[i];
    for (int64_t i = 0; i < n; i++) a[i] -= product * b[i];
}

/*
 * Makes the rows orthogonal and of length 1, or the columns where these are fewer: by Gram and
 * Schmidt, each twice, after which nothing is left to take off (Giraud and others, "Rounding error
 * analysis of the classical Gram-Schmidt orthogonalization process", 2005).
 */
static void make_orthogonal(job *j)
{
    const int64_t rows = j->shape.dim[0], columns = j->count / rows;
    const int64_t few = rows < columns ? rows : columns, n = rows < columns ? columns : rows;
    j->turned = columns < rows;
    for (int64_t k = 0; k < few; k++) {
        double *line = j->values + k * n, square = 0;
        for (int64_t pass = 0; pass < 2; pass++)
            for (int64_t m = 0; m < k; m++) take_off(line, j->values + m * n, n);
        for (int64_t i = 0; i < n; i++) square += line[i] * line[i];
        for (int64_t i = 0; i < n; i++) line[i] /= sqrt(square);
    }
    for (int64_t i = 0; i < j->count; i++) j->values[i] *= j->set.gain;
}

/* Element i of the param. */
static double element_of(const job *j, int64_t i)
{
    if (!j->turned && j->empty < 0) return j->values[i];
    const int64_t rows = j->shape.dim[0], columns = j->count / rows;
    if (i / columns == j->empty) return 0;
    if (!j->turned) return j->values[i];
    return j->values[i % columns * rows + i / columns];
}

/* Makes the values and writes them. */
static bool finish(job *j)
{
    wg_tape            *tape = wg_tape_of(j->param);
    const wg_allocator *allocator = wg_tape_settings(tape)->allocator;
    const wg_type      *type = wg_type_of(j->param);
    void               *rounded = wg__alloc(allocator, wg__type_bytes(type));
    wg_type             wide;
    if (wg_type_make(WG_F64, j->shape, &wide))
        j->values = wg__alloc(allocator, wg__type_bytes(&wide));
    bool written = rounded && j->values;
    if (!written) wg_tape_error_set(tape, "out of memory");
    for (int64_t i = 0; i < j->count && written; i++) j->values[i] = value_of(j, i);
    if (written && j->count > 0 && j->set.way == WG_INIT_ORTHOGONAL) make_orthogonal(j);
    for (int64_t i = 0; i < j->count && written; i++) {
        if (type->dtype == WG_F64)
            ((double *)rounded)[i] = element_of(j, i);
        else
            ((float *)rounded)[i] = (float)element_of(j, i);
    }
    written = written && wg_write_values(j->param, type->dtype, rounded, j->count);
    wg__free(allocator, j->values);
    wg__free(allocator, rounded);
    return written;
}

/* The param's number among the tape's; -1 without memory for the list, which is on the tape. */
static int place_of(const wg_tensor *param)
{
    const wg_tensors params = wg_params(wg_tape_of(param));
    for (int i = 0; i < params.count; i++)
        if (params.at[i] == param) return i;
    return -1;
}

/* ---- the calls ---- */

/* Of all calls for one param, which is asked for in j with its settings and the seed. */
static bool write_param(job j)
{
    if (!j.param || !begin(&j)) return false;
    j.source.place = place_of(j.param);
    return j.source.place >= 0 && finish(&j);
}

bool wg__init_table(wg_tensor *param, wg_init_settings settings, int64_t empty)
{
    complete(&settings);
    return write_param((job){.param = param,
                             .set = settings,
                             .source = {.seed = wg_tape_seed_of(wg_tape_of(param))},
                             .empty = empty});
}

bool wg_init_with(wg_tensor *param, wg_init_settings settings)
{
    return wg__init_table(param, settings, -1);
}

bool wg_init_param_uniform(wg_tensor *param, double lo, double hi, uint64_t seed)
{
    return write_param((job){.param = param,
                             .set = {.way = WG_INIT_UNIFORM, .lo = lo, .hi = hi},
                             .source = {.seed = seed},
                             .empty = -1});
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
        const double bound = 1 / sqrt((double)fan);
        job          j = {.param = params.at[i],
                          .set = {.way = WG_INIT_UNIFORM, .lo = -bound, .hi = bound},
                          .source = {.seed = seed, .place = i},
                          .empty = -1};
        if (!begin(&j) || !finish(&j)) return false;
    }
    return !wg_tape_error(tape);
}
