// SPDX-License-Identifier: MIT
/*
 * Kernels of random numbers: included by random.c for f32 and f64, with T, NAME(name) and
 * MATH(name), and UNITS, how many unit numbers a block of four words gives. No guard.
 */

/* Unit numbers 0 <= u < 1, as many as a block gives. */
static void NAME(draw)(const wg_call *call, uint64_t block, T unit[UNITS])
{
    uint32_t words[4];
    wg_draw(call, block, words);
    for (int k = 0; k < UNITS; k++) unit[k] = NAME(unit)(words, k);
}

/* y = lo + (hi - lo) u; rounding may reach hi, and the number below it is taken then */
static int NAME(uniform)(const wg_call *call)
{
    const struct source *source = call->attrs;
    const int64_t        count = call->y->type->count;
    const T              lo = (T)source->a, hi = (T)source->b, width = hi - lo;
    T                   *y = call->y->data, unit[UNITS];
    for (int64_t i = 0; i < count; i++) {
        if (i % UNITS == 0) NAME(draw)(call, (uint64_t)(i / UNITS), unit);
        const T value = lo + width * unit[i % UNITS];
        y[i] = value < hi ? value : MATH(nextafter)(hi, lo);
    }
    return 0;
}

/* y = mean + sd sqrt(-2 log(1 - u)) (cos, sin)(2 pi v), two numbers from two, in double */
static int NAME(normal)(const wg_call *call)
{
    const struct source *source = call->attrs;
    const int64_t        count = call->y->type->count;
    T                   *y = call->y->data, unit[UNITS];
    for (int64_t i = 0; i < count; i += 2) {
        if (i % UNITS == 0) NAME(draw)(call, (uint64_t)(i / UNITS), unit);
        const T     *pair = unit + i % UNITS;
        const double radius = sqrt(-2 * log(1 - (double)pair[0]));
        const double angle = 6.283185307179586 * (double)pair[1];
        y[i] = (T)(source->a + source->b * (radius * cos(angle)));
        if (i + 1 < count) y[i + 1] = (T)(source->a + source->b * (radius * sin(angle)));
    }
    return 0;
}

static int NAME(bernoulli)(const wg_call *call)
{
    const struct source *source = call->attrs;
    const int64_t        count = call->y->type->count;
    T                   *y = call->y->data;
    bool                 hit[4];
    for (int64_t i = 0; i < count; i++) {
        if (i % 4 == 0) draw_chances(call, (uint64_t)(i / 4), source->a, hit);
        y[i] = hit[i % 4];
    }
    return 0;
}

/* mask = 0 with probability p, else 1 / (1 - p); y = x mask */
static int NAME(dropout)(const wg_call *call)
{
    const double  p = *(const double *)call->attrs;
    const T       kept = (T)(1 / (1 - p)), *x = call->x[0].data;
    const int64_t count = call->y[0].type->count;
    T            *y = call->y[0].data, *mask = call->y[1].data;
    bool          hit[4];
    for (int64_t i = 0; i < count; i++) {
        if (i % 4 == 0) draw_chances(call, (uint64_t)(i / 4), p, hit);
        mask[i] = hit[i % 4] ? 0 : kept;
        y[i] = x[i] * mask[i];
    }
    return 0;
}
