// SPDX-License-Identifier: MIT
/*
 * Attention and its adjoint, whose kernels leave out what a causal query does not see, against
 * their compositions, which compute everything and hide it: random sizes, masks and layouts.
 */
#include "../support/expect.h"

#include <wengert/wengert.h>

enum { TRIALS = 300 };

/* A generator of its own, so that a trial is its seed's on every machine. */
static unsigned next(unsigned *state, unsigned below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

/* Mostly a few, sometimes more than a block of queries or of a product's depth. */
static int64_t size(unsigned *state, unsigned most)
{
    return 1 + next(state, next(state, 3) ? 20 : most);
}

/* A leaf of numbers from -2 to 2, (heads, rows, columns), some with these last axes turned. */
static wg_tensor *leaf(wg_tape *tape, const char *name, unsigned *state, wg_shape shape)
{
    static double values[2 * 200 * 400];
    const bool    turned = next(state, 2);
    const int64_t rows = shape.dim[1], columns = shape.dim[2],
                  count = shape.dim[0] * rows * columns;
    for (int64_t i = 0; i < count; i++) values[i] = next(state, 4001) / 1000.0 - 2;
    if (turned) shape.dim[1] = columns, shape.dim[2] = rows;
    wg_tensor *x = wg_param(tape, name, WG_F64, shape);
    EXPECT(wg_write(x, values, count));
    return turned ? wg_transpose(x) : x;
}

/* A number that attention goes into; the leaves are f64, and cast. */
static wg_tensor *record(wg_tape *tape, unsigned *state, wg_dtype dtype)
{
    const int64_t heads = 1 + next(state, 2), d = size(state, 80), e = size(state, 80);
    const int64_t t = size(state, 200), s = next(state, 2) ? t : size(state, 400);
    wg_tensor    *q = wg_cast(leaf(tape, "q", state, WG_SHAPE(heads, t, d)), dtype);
    wg_tensor    *k = wg_cast(leaf(tape, "k", state, WG_SHAPE(heads, s, d)), dtype);
    wg_tensor    *v = wg_cast(leaf(tape, "v", state, WG_SHAPE(heads, s, e)), dtype);
    wg_tensor    *w = wg_cast(leaf(tape, "w", state, WG_SHAPE(heads, t, e)), dtype), *seen = NULL;
    const bool    causal = next(state, 2);
    if (next(state, 3) == 0)
        seen = wg_gt(leaf(tape, "m", state, WG_SHAPE(heads, next(state, 2) ? t : 1, s)), -1);
    return wg_sum(wg_mul(wg_attention(q, k, v, .mask = seen, .causal = causal), w));
}

/* Every element of a node against its composition's, relative to the largest. */
static void expect_composition(wg_tensor *y, double bound, unsigned seed)
{
    wg_tensor *same = wg_op_of(y)->compose(wg_inputs_of(y).at, wg_attrs_of(y));
    double     largest = 0, error = 0;
    for (int64_t i = 0; i < wg_count_of(y); i++) {
        const double got = wg_element(y, i), wanted = wg_element(same, i);
        largest = fmax(largest, fabs(wanted));
        error = isnan(got) ? INFINITY : fmax(error, fabs(got - wanted));
    }
    EXPECT_MSG(error <= bound * largest, "trial %u: %s is off by %g of %g", seed, wg_op_of(y)->name,
               error, largest);
}

static void try_dtype(wg_dtype dtype, double bound, unsigned seed)
{
    wg_tape *tape = wg_tape_new();
    unsigned state = seed;
    int      compared = 0;
    wg_backward(record(tape, &state, dtype));
    const int64_t count = wg_tape_count(tape);
    for (int64_t i = 0; i < count; i++) {
        wg_tensor *y = wg_tape_at(tape, i);
        if (wg_op_of(y) != &wg_op_attention && wg_op_of(y) != &wg_op_attention_backward) continue;
        expect_composition(y, bound, seed);
        compared++;
    }
    EXPECT(compared == 2);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}

START_TEST(attention_of_any_sizes_is_what_its_composition_gives)
{
    try_dtype(WG_F64, 1e-13, (unsigned)_i);
    try_dtype(WG_F32, 1e-5, (unsigned)_i);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("attention");
    TCase *tests = tcase_create("attention");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, attention_of_any_sizes_is_what_its_composition_gives, 0, TRIALS);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
