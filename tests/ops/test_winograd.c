// SPDX-License-Identifier: MIT
/*
 * Winograd's way for convolutions, which a tape must ask for: its error against f64, as a share of
 * the sum of the absolute products, at usual shapes; that of direct ones beside it.
 */
#include "../kernels/lcg.h"
#include "../support/expect.h"

#include <wengert/graph/derive.h>
#include <wengert/graph/plan.h>
#include <wengert/graph/report.h>
#include <wengert/ops/ops.h>

#include <stdio.h>

enum { OUTPUTS = 3 };
static const char *const output_names[OUTPUTS] = {"forward", "data", "weights"};

static const struct {
    int64_t n, c, side, k;
} shapes[] = {{4, 32, 14, 64}, {4, 32, 16, 32}, {4, 64, 8, 64}, {2, 64, 56, 64}, {2, 256, 14, 256}};

/* Numbers between -1 and 1, or their sizes; the same ones in f32 and f64. */
static wg_tensor *numbers(wg_tape *tape, const char *name, wg_dtype dtype, wg_shape shape,
                          bool sizes)
{
    wg_tensor    *leaf = wg_param(tape, name, WG_F32, shape);
    const int64_t count = wg_count_of(leaf);
    float        *values = exactly(count, sizeof *values);
    uint32_t      state = (uint32_t)name[0];
    for (int64_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        const float value = (float)(state >> 8) / 8388608 - 1;
        values[i] = sizes ? fabsf(value) : value;
    }
    EXPECT(wg_write(leaf, values, count));
    free(values);
    return wg_cast(leaf, dtype);
}

/* y, dx and dw of shape i; the values are the caller's to free. */
static void compute(int i, wg_dtype dtype, enum wg_onednn onednn, bool sizes, double *to[OUTPUTS],
                    int64_t count[OUTPUTS])
{
    const int64_t    n = shapes[i].n, c = shapes[i].c, k = shapes[i].k, side = shapes[i].side;
    wg_tape         *tape = wg_tape_new_with(&(wg_tape_options){.onednn = onednn});
    wg_tensor       *x = numbers(tape, "x", dtype, WG_SHAPE(n, c, side, side), sizes);
    wg_tensor       *w = numbers(tape, "w", dtype, WG_SHAPE(k, c, 3, 3), sizes);
    wg_tensor       *y = wg_conv2d(x, w, .pad = {1, 1});
    wg_tensor       *dy = numbers(tape, "d", dtype, WG_SHAPE(n, k, side, side), sizes);
    const wg_tensors dx = wg_grad(WG_TENSORS(y), WG_TENSORS(dy), WG_TENSORS(x, w));
    wg_tensor *const result[OUTPUTS] = {y, dx.at[0], dx.at[1]};
    EXPECT(wg_eval((wg_tensors){OUTPUTS, result}));
    for (int o = 0; o < OUTPUTS; o++) {
        count[o] = wg_count_of(result[o]);
        to[o] = exactly(count[o], sizeof(double));
        for (int64_t e = 0; e < count[o]; e++) to[o][e] = wg_element(result[o], e);
    }
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}

/* The largest error of each output, as a share of the sum of absolute products. */
static void errors_of(int i, enum wg_onednn onednn, double worst[OUTPUTS])
{
    double *wanted[OUTPUTS], *sizes[OUTPUTS], *got[OUTPUTS];
    int64_t count[OUTPUTS];
    compute(i, WG_F64, WG_ONEDNN_NONE, false, wanted, count);
    compute(i, WG_F64, WG_ONEDNN_NONE, true, sizes, count);
    compute(i, WG_F32, onednn, false, got, count);
    for (int o = 0; o < OUTPUTS; o++) {
        worst[o] = 0;
        for (int64_t e = 0; e < count[o]; e++)
            worst[o] = fmax(worst[o], fabs(got[o][e] - wanted[o][e]) / sizes[o][e]);
        free(wanted[o]), free(sizes[o]), free(got[o]);
    }
}

START_TEST(its_error_is_what_the_option_says)
{
    double direct[OUTPUTS], winograd[OUTPUTS];
    errors_of(_i, WG_ONEDNN_DIRECT, direct);
    errors_of(_i, WG_ONEDNN_WINOGRAD, winograd);
    for (int o = 0; o < OUTPUTS; o++) {
        printf("%lld@%lld to %lld, %s: direct %.1e, Winograd %.1e\n", (long long)shapes[_i].c,
               (long long)shapes[_i].side, (long long)shapes[_i].k, output_names[o], direct[o],
               winograd[o]);
        EXPECT_MSG(direct[o] < 5e-7, "%s: %g", output_names[o], direct[o]);
        EXPECT_MSG(winograd[o] < 1e-6, "%s: %g", output_names[o], winograd[o]);
    }
}
END_TEST

/* True when a step of a large convolution of this tape is by Winograd's algorithm. */
static bool takes_winograd(enum wg_onednn onednn)
{
    char     line[400];
    bool     found = false;
    wg_tape *tape = wg_tape_new_with(&(wg_tape_options){.onednn = onednn});
    wg_plan *plan =
        wg_plan_new(wg_conv2d(numbers(tape, "x", WG_F32, WG_SHAPE(2, 64, 16, 16), false),
                              numbers(tape, "w", WG_F32, WG_SHAPE(64, 64, 3, 3), false)));
    FILE *file = tmpfile();
    EXPECT(file && wg_plan_print(plan, file));
    rewind(file);
    while (fgets(line, sizeof line, file)) found = found || strstr(line, "wino_");
    fclose(file);
    wg_tape_free(tape);
    return found;
}

START_TEST(only_a_tape_that_asks_takes_it)
{
    EXPECT(!takes_winograd(WG_ONEDNN_NONE) && !takes_winograd(WG_ONEDNN_DIRECT));
    printf("there is one for this processor: %d\n", takes_winograd(WG_ONEDNN_WINOGRAD));
}
END_TEST

int main(void)
{
    enum { SKIPPED = 77 }; /* as Meson knows it */
    if (!wg_onednn_version()) return SKIPPED;
    Suite *suite = suite_create("ops: winograd");
    TCase *tests = tcase_create("winograd");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, its_error_is_what_the_option_says, 0,
                        sizeof shapes / sizeof shapes[0]);
    tcase_add_test(tests, only_a_tape_that_asks_takes_it);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
