// SPDX-License-Identifier: MIT
/*
 * Lists of scalars: random programs on single numbers, their values and gradients the same bits as
 * with a step for each number. Members of one to three inputs, by value and by address, which read
 * what the member before them gave through each of their inputs, or not at all.
 */
#include "../support/expect.h"

#include <wengert/wengert.h>

enum { PARAMS = 3, LENGTH = 40, RESULTS = PARAMS + 1, PROGRAMS = 300 };

/* A generator of its own, so that a program is its seed's on every machine. */
static unsigned next(unsigned *state, unsigned below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

static wg_tensor *apply(wg_tensor *x, wg_tensor *y, unsigned which)
{
    switch (which) {
    case 0:
        return wg_sin(x);
    case 1:
        return wg_tanh(x);
    case 2:
        return wg_add(x, y);
    case 3:
        return wg_sub(x, y);
    case 4:
        return wg_mul(x, wg_sigmoid(y));
    case 5:
        return wg_maximum(x, y);
    case 6:
        return wg_mse_loss(x, y, .reduction = WG_NONE);
    case 7:
        return wg_bce_with_logits(x, wg_sigmoid(y), .reduction = WG_NONE);
    case 8:
        return wg_where(wg_gt(x, y), x, wg_mul(y, 0.75));
    default:
        return wg_cast(wg_cast(x, wg_dtype_of(x) == WG_F32 ? WG_F64 : WG_F32), wg_dtype_of(x));
    }
}

/* Every second operand is the value made last. */
static wg_tensor *operand(wg_tensor *const *made, int count, unsigned *state)
{
    return made[next(state, 2) ? (unsigned)count - 1 : next(state, (unsigned)count)];
}

static wg_tensor *program(wg_tensor *const *param, unsigned seed)
{
    wg_tensor *made[PARAMS + LENGTH];
    int        count = PARAMS;
    unsigned   state = seed;
    for (int i = 0; i < PARAMS; i++) made[i] = param[i];
    for (; count < PARAMS + LENGTH; count++) {
        wg_tensor *x = operand(made, count, &state), *y = operand(made, count, &state);
        made[count] = wg_tanh(apply(x, y, next(&state, 10)));
    }
    return made[count - 1];
}

/* Runs a program; its value and gradients as doubles, and how many steps it took. */
static int64_t run(unsigned seed, wg_dtype dtype, unsigned without, double results[RESULTS])
{
    static const char *const names[PARAMS] = {"a", "b", "c"};
    wg_tape *tape = wg_tape_new_with(&(wg_tape_options){.without = without});
    wg_tensor *param[PARAMS];
    for (int i = 0; i < PARAMS; i++) {
        param[i] = wg_param(tape, names[i], dtype, WG_SCALAR);
        wg_write_all(param[i], 0.37 * i - 0.41 + 0.013 * (seed % 17));
    }
    wg_tensor          *y = program(param, seed);
    const wg_gradients *g = wg_backward(y);
    wg_plan            *plan = wg_plan_new(y, .outputs = g->values);
    EXPECT(wg_plan_run(plan) && wg_plan_run(plan));
    const int64_t steps = wg_plan_measure(plan).steps;
    results[PARAMS] = wg_item(y);
    for (int i = 0; i < PARAMS; i++) results[i] = wg_item(g->values.at[i]);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
    return steps;
}

START_TEST(a_list_gives_the_bits_of_single_steps)
{
    for (int wide = 0; wide < 2; wide++) {
        const wg_dtype dtype = wide ? WG_F64 : WG_F32;
        double         listed[RESULTS], single[RESULTS];
        const int64_t  few = run((unsigned)_i, dtype, 0, listed);
        const int64_t  many = run((unsigned)_i, dtype, WG_PASS_SCALARS, single);
        EXPECT_MSG(few < many, "program %d: %d steps, %d without lists", _i, (int)few, (int)many);
        for (int i = 0; i < RESULTS; i++)
            EXPECT_MSG(memcmp(&listed[i], &single[i], sizeof listed[i]) == 0,
                       "program %d: %.17g, %.17g without lists", _i, listed[i], single[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ops: scalars");
    TCase *tests = tcase_create("scalars");
    tcase_add_loop_test(tests, a_list_gives_the_bits_of_single_steps, 0, PROGRAMS);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
