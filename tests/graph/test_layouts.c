// SPDX-License-Identifier: MIT
/* Which images a plan keeps with channels last, on toy ops that tell what that spares. */
#include "../support/expect.h"
#include "../support/failing.h"
#include "toy.h"

#include <stdio.h>
#include <stdlib.h>
#include <wengert/graph/report.h>

enum { N = 2, C = 3, H = 4, W = 5, COUNT = N * C * H * W };

/* ---- y = 2 x + 1000 n + 100 c + 10 h + w, of images in either layout ---- */

static uint64_t image_last(const wg_call *call, double *saves)
{
    *saves = *(const double *)call->attrs;
    return 1 << 0 | 1 << 1;
}

static bool is_last(const wg_view *view)
{
    const int64_t *dim = view->type->shape.dim;
    return view->stride[1] == 1 && view->stride[3] == dim[1];
}

static int image_f64(const wg_call *call)
{
    const wg_view *x = &call->x[0], *y = &call->y[0];
    const int64_t *dim = x->type->shape.dim;
    EXPECT(call->channels_last ? is_last(x) && is_last(y) : !is_last(x) && !is_last(y));
    for (int64_t n = 0; n < dim[0]; n++)
        for (int64_t c = 0; c < dim[1]; c++)
            for (int64_t h = 0; h < dim[2]; h++)
                for (int64_t w = 0; w < dim[3]; w++) {
                    const double *from = (const double *)x->data + n * x->stride[0] +
                                         c * x->stride[1] + h * x->stride[2] + w * x->stride[3];
                    ((double *)y->data)[n * y->stride[0] + c * y->stride[1] + h * y->stride[2] +
                                        w * y->stride[3]] =
                        2 * *from + (double)(1000 * n + 100 * c + 10 * h + w);
                }
    return 0;
}

static wg_kernel *image_prepare(wg_call *call)
{
    return wg_kernel_of(call, NULL, image_f64);
}

static const wg_op op_image = {.name = "toy_image",
                               .inputs = 1,
                               .outputs = 1,
                               .attrs_size = sizeof(double),
                               .prepare = image_prepare,
                               .channels_last = image_last,
                               .formula = "y = 2 x + place",
                               .rule = "forgotten"};

static wg_tensor *image(wg_tensor *x, double saves)
{
    return wg_apply(&op_image, &saves, WG_NO_DTYPE, &x, 1);
}

/* ---- the sum of x by any strides: it takes images as they lie ---- */

static const char *total_infer(wg_infer *i)
{
    return wg_infer_output(i, 0, i->x[0]->dtype, WG_SCALAR);
}

static int total_f64(const wg_call *call)
{
    const wg_view *x = &call->x[0];
    const int64_t *dim = x->type->shape.dim;
    double         sum = 0;
    for (int64_t i = 0; i < x->type->count; i++) {
        const int64_t w = i % dim[3], h = i / dim[3] % dim[2], c = i / (dim[3] * dim[2]) % dim[1];
        const int64_t n = i / (dim[3] * dim[2] * dim[1]);
        sum +=
            ((const double *)x
                 ->data)[n * x->stride[0] + c * x->stride[1] + h * x->stride[2] + w * x->stride[3]];
    }
    *(double *)call->y->data = sum;
    return 0;
}

static wg_kernel *total_prepare(wg_call *call)
{
    return wg_kernel_of(call, NULL, total_f64);
}

static const wg_op op_total = {.name = "toy_total",
                               .inputs = 1,
                               .outputs = 1,
                               .traits = WG_STRIDED,
                               .infer = total_infer,
                               .prepare = total_prepare,
                               .formula = "y = sum x",
                               .rule = "forgotten"};

static wg_tensor *total(wg_tensor *x)
{
    return wg_apply(&op_total, NULL, WG_NO_DTYPE, &x, 1);
}

/* ---- networks: how many images are turned in the plan of each ---- */

/* More than all turns of a network here, and less than one. */
static const double much = 1e6, little = 100;

static wg_tensor *leaf(wg_tape *tape, const char *name, wg_shape shape)
{
    wg_tensor *x = wg_param(tape, name, WG_F64, shape);
    double     values[COUNT];
    for (int i = 0; i < COUNT; i++) values[i] = i % 7 - 2.5;
    wg_write(x, values, wg_count_of(x));
    return x;
}

static wg_tensor *input(wg_tape *tape)
{
    return leaf(tape, "x", WG_SHAPE(N, C, H, W));
}

static wg_tensor *alone(wg_tape *tape)
{
    return image(input(tape), much);
}
static wg_tensor *not_worth_it(wg_tape *tape)
{
    return image(input(tape), little);
}
static wg_tensor *two_with_products_between(wg_tape *tape)
{
    wg_tensor *x = image(input(tape), much);
    x = toy_mul(toy_mul(x, x), wg_full_like(x, 0.5));
    return image(x, much);
}
static wg_tensor *two_that_pay_only_together(wg_tape *tape)
{
    wg_tensor *x = input(tape);
    return image(toy_mul(image(x, 5.0 * COUNT), x), 5.0 * COUNT);
}
static wg_tensor *one_channel(wg_tape *tape)
{
    wg_tensor *x = leaf(tape, "one", WG_SHAPE(N, 1, H, W));
    return image(toy_mul(x, x), little);
}
static wg_tensor *read_packed_too(wg_tape *tape)
{
    wg_tensor *x = image(input(tape), much);
    return toy_mul(toy_sum(toy_mul(image(x, much), x)), toy_sum(x));
}
static wg_tensor *read_as_it_lies(wg_tape *tape)
{
    return total(image(input(tape), much));
}
static const struct {
    const char *name;
    wg_tensor *(*record)(wg_tape *tape);
    int turned;
} networks[] = {{"alone", alone, 2},
                {"not worth it", not_worth_it, 0},
                {"two with products between", two_with_products_between, 2},
                {"two that pay only together", two_that_pay_only_together, 2},
                {"one channel", one_channel, 0},
                {"read packed too", read_packed_too, 3},
                {"read as it lies", read_as_it_lies, 1}};

enum { NETWORKS = sizeof networks / sizeof networks[0] };

/* Values of a network planned with these options, and the plan's facts. */
static wg_plan_facts compute(int i, wg_tape_options options, double values[COUNT])
{
    wg_tape      *tape = wg_tape_new_with(&options);
    wg_tensor    *y = networks[i].record(tape);
    wg_plan      *plan = wg_plan_new(y);
    wg_plan_facts facts = wg_plan_measure(plan);
    EXPECT_MSG(wg_plan_run(plan) && wg_plan_run(plan), "%s", wg_tape_error(tape));
    EXPECT(options.apart || wg_plan_verify(plan));
    for (int64_t e = 0; e < wg_count_of(y); e++) values[e] = wg_element(y, e);
    wg_tape_free(tape);
    return facts;
}

START_TEST(images_are_turned_where_that_pays_and_keep_their_values)
{
    double              with[COUNT] = {0}, without[COUNT] = {0}, apart[COUNT] = {0};
    const char         *name = networks[_i].name;
    const wg_plan_facts facts = compute(_i, (wg_tape_options){.threads = 1}, with);
    EXPECT_MSG(facts.turned == networks[_i].turned, "%s: %lld are turned, wanted are %d", name,
               (long long)facts.turned, networks[_i].turned);
    EXPECT(compute(_i, (wg_tape_options){.without = WG_PASS_LAYOUT}, without).turned == 0);
    EXPECT(compute(_i, (wg_tape_options){.apart = true}, apart).turned == 0);
    for (int e = 0; e < COUNT; e++)
        EXPECT_MSG(with[e] == without[e] && with[e] == apart[e], "%s: element %d is %g, %g, %g",
                   name, e, with[e], without[e], apart[e]);
}
END_TEST

START_TEST(the_table_tells_the_layout_and_counts_the_turns)
{
    char     text[8000] = "";
    wg_tape *tape = wg_tape_new();
    wg_plan *plan = wg_plan_new(alone(tape));
    FILE    *file = tmpfile();
    EXPECT(file && wg_plan_print(plan, file) && wg_plan_write_json(plan, file) &&
           wg_plan_write_dot(plan, file));
    rewind(file);
    EXPECT(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    EXPECT_MSG(strstr(text, " toy_image                     nhwc    1  f64   (2,3,4,5) "), "%s",
               text);
    EXPECT(strstr(text, "0 folded, 2 turned,"));
    EXPECT(strstr(text, "\"layout\": \"nhwc\"") && strstr(text, "\"turned\": 2"));
    EXPECT(strstr(text, "toy_image \\nf64 (2,3,4,5) nhwc\"];"));
    wg_tape_free(tape);
}
END_TEST

static bool plan_all(const wg_allocator *allocator, void *context)
{
    (void)context;
    wg_tape *tape = wg_tape_new_with(&(wg_tape_options){.allocator = allocator, .threads = 1});
    bool     good = tape;
    for (int i = 0; i < NETWORKS && good; i++) {
        wg_tape_clear(tape);
        wg_tensor *y = networks[i].record(tape);
        good = y && wg_plan_run(wg_plan_new(y));
    }
    wg_tape_free(tape);
    return good;
}

START_TEST(memory_that_runs_out_is_an_error)
{
    EXPECT(failing_sweep(plan_all, NULL) > 100);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph: layouts");
    TCase *tests = tcase_create("layouts");
    tcase_set_timeout(tests, 100);
    tcase_add_loop_test(tests, images_are_turned_where_that_pays_and_keep_their_values, 0,
                        NETWORKS);
    tcase_add_test(tests, the_table_tells_the_layout_and_counts_the_turns);
    tcase_add_test(tests, memory_that_runs_out_is_an_error);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
