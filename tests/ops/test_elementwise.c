// SPDX-License-Identifier: MIT
/*
 * Elementwise kernels, all that the catalogue has: an element has the same bits wherever it stands,
 * packed, strided or splatted, and written over an input. _i is the op's number. And sines of huge
 * arguments, for which the kernels take another road.
 */
#include "../support/expect.h"
#include "isa_wanted.h"

#include <wengert/graph/derive.h>
#include <wengert/graph/plan.h>
#include <wengert/graph/tape.h>
#include <wengert/ops/catalogue.h>
#include <wengert/ops/ops.h>

enum { N = 37, INPUTS = 3, STEP = 3, ROOM = N * STEP + 1 };

/* How an input lies, and by that the step from one element to the next. */
enum { PACKED, STRIDED, SPLATTED, WAYS };
static const int64_t steps[WAYS] = {1, STEP, 0};

/* An op's kernel, to be called outside of any plan. */
struct stand {
    const wg_op *op;
    wg_kernel   *kernel;
    wg_type      type[INPUTS], y;
    double       attrs[2];
    double       number[INPUTS][N]; /* what the inputs are to be */
};

static void write_number(const wg_view *view, int64_t i, double x)
{
    if (view->type->dtype == WG_F32) ((float *)view->data)[i] = (float)x;
    if (view->type->dtype == WG_F64) ((double *)view->data)[i] = x;
    if (view->type->dtype == WG_BOOL) ((bool *)view->data)[i] = x > 0;
}

static double read_number(const wg_view *view, int64_t i)
{
    if (view->type->dtype == WG_F32) return (double)((const float *)view->data)[i];
    if (view->type->dtype == WG_F64) return ((const double *)view->data)[i];
    return ((const bool *)view->data)[i];
}

/* The infer and prepare of a plan; false where the op is none for this dtype. */
static bool set_up(struct stand *s, const wg_op *op, wg_dtype dtype)
{
    const wg_type *types[INPUTS];
    wg_view        x[INPUTS], y = {.type = &s->y};
    for (int k = 0; k < INPUTS; k++) {
        const bool condition = k == 0 && strcmp(op->name, "where") == 0;
        types[k] = &s->type[k];
        s->type[k] =
            (wg_type){.dtype = condition ? WG_BOOL : dtype, .shape = WG_SHAPE(N), .count = N};
        x[k] = (wg_view){.type = &s->type[k], .stride = {1}};
    }
    s->op = op;
    wg_infer infer = {
        .attrs = s->attrs, .dtype = dtype, .inputs = op->inputs, .outputs = 1, .x = types};
    if ((op->infer ? op->infer : wg_infer_like)(&infer)) return false;
    s->y = infer.y[0];
    wg_call call = {
        .op = op, .attrs = s->attrs, .inputs = op->inputs, .outputs = 1, .x = x, .y = &y};
    s->kernel = op->prepare(&call);
    return s->kernel != NULL;
}

/*
 * Elements first to first + n - 1 of y, of inputs that lie so, off the bounds of vectors; written
 * over input `over`, or not for -1.
 */
static void run(const struct stand *s, int64_t first, int64_t n, const int way[INPUTS], int over,
                double *result)
{
    double  memory[INPUTS][ROOM], own[N];
    wg_view x[INPUTS], y = {.data = own, .type = &s->y};
    int64_t step[INPUTS];
    for (int k = 0; k < s->op->inputs; k++) {
        x[k] = (wg_view){.data = memory[k], .type = &s->type[k]};
        wg_view_advance(&x[k], 1);
        step[k] = steps[way[k]];
        for (int64_t i = n - 1; i >= 0; i--)
            write_number(&x[k], i * step[k], s->number[k][first + i]);
    }
    if (over >= 0) y.data = x[over].data;
    const wg_call call = {.op = s->op,
                          .attrs = s->attrs,
                          .inputs = s->op->inputs,
                          .outputs = 1,
                          .x = x,
                          .y = &y,
                          .n = n,
                          .step = step};
    EXPECT(s->kernel(&call) == 0);
    for (int64_t i = 0; i < n; i++) result[i] = read_number(&y, i);
}

/* What the inputs would be had they been packed: a splatted one is its first number everywhere. */
static struct stand packed(const struct stand *s, const int way[INPUTS])
{
    struct stand like = *s;
    for (int k = 0; k < INPUTS; k++)
        for (int i = 0; i < N && way[k] == SPLATTED; i++) like.number[k][i] = s->number[k][0];
    return like;
}

static void expect_same_bits(const struct stand *s, const int way[INPUTS], int over)
{
    static const int   plain[INPUTS] = {PACKED, PACKED, PACKED};
    const struct stand like = packed(s, way);
    double             line[N], one;
    run(s, 0, N, way, over, line);
    for (int i = 0; i < N; i++) {
        run(&like, i, 1, plain, -1, &one);
        EXPECT_MSG(memcmp(&one, &line[i], sizeof one) == 0 || (isnan(one) && isnan(line[i])),
                   "%s[%d] in %s is %.17g, alone %.17g (inputs lie %d %d %d)", s->op->name, i,
                   wg_dtype_name(s->y.dtype), line[i], one, way[0], way[1], way[2]);
    }
}

static void expect_same_bits_in(const wg_op *op, wg_dtype dtype)
{
    struct stand s = {.attrs = {0.3, 0.7}};
    if (!set_up(&s, op, dtype)) return;
    for (int k = 0; k < INPUTS; k++)
        for (int i = 0; i < N; i++)
            s.number[k][i] = i % 11 == 7 ? 1e30 * (k - 1) : 5 * sin(1.7 * i + k) + 0.03 * k;
    int count = 1;
    for (int k = 0; k < op->inputs; k++) count *= WAYS;
    for (int n = 0; n < count; n++) {
        const int way[INPUTS] = {n % WAYS, n / WAYS % WAYS, n / WAYS / WAYS};
        expect_same_bits(&s, way, -1);
        for (int k = 0; k < op->inputs; k++)
            if (way[k] == PACKED && s.type[k].dtype == s.y.dtype) expect_same_bits(&s, way, k);
    }
}

START_TEST(an_element_has_the_same_bits_wherever_it_stands)
{
    const wg_op *op = wg_catalogue_at(_i);
    if (!(op->traits & WG_ELEMENTWISE) || op->inputs < 1) return;
    EXPECT(op->inputs <= INPUTS);
    expect_same_bits_in(op, WG_F32);
    expect_same_bits_in(op, WG_F64);
}
END_TEST

START_TEST(sines_of_huge_arguments_are_right_among_others)
{
    static const double values[] = {1e22, 0.5, -1e10, 2e6, 3, -0.0};
    enum { COUNT = sizeof values / sizeof values[0] };
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_param(tape, "x", WG_F64, WG_SHAPE(COUNT));
    double     y[COUNT], dy[COUNT];
    wg_write(x, values, COUNT);
    wg_tensor *sines = wg_sin(x);
    wg_read(sines, y, COUNT);
    wg_read(wg_gradient_of(wg_backward(wg_sum(sines)), x), dy, COUNT);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    for (int i = 0; i < COUNT; i++) {
        EXPECT_CLOSE(y[i], sin(values[i]), 3 * 0x1p-53);
        EXPECT_CLOSE(dy[i], cos(values[i]), 3 * 0x1p-53);
    }
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    if (!isa_is_there()) return LEFT_OUT;
    Suite *suite = suite_create("ops: elementwise");
    TCase *tests = tcase_create("elementwise");
    int    count = 0;
    while (wg_catalogue_at(count)) count++;
    tcase_add_loop_test(tests, an_element_has_the_same_bits_wherever_it_stands, 0, count);
    tcase_add_test(tests, sines_of_huge_arguments_are_right_among_others);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
