// SPDX-License-Identifier: MIT
/*
 * oneDNN that gives up: functions of ours in the place of its own refuse, or name a reference
 * kernel. Then steps are by our kernels, the plan's table says why, and nothing is lost. And a run
 * makes nothing.
 */
#include "../kernels/lcg.h"
#include "../support/expect.h"

#include <wengert/graph/internal.h>
#include <wengert/graph/report.h>
#include <wengert/kernels/onednn_shim.h>
#include <wengert/ops/ops.h>

#include <stdio.h>

enum { SIDE = 24, FILTERS = 16 };

static wg_tape *tape_by_onednn(void)
{
    wg_tape *tape = wg_tape_new_with(&(wg_tape_options){.onednn = WG_ONEDNN_DIRECT});
    EXPECT(tape && tape->onednn);
    return tape;
}

static wg_tensor *ramp(wg_tape *tape, const char *name, wg_shape shape)
{
    wg_tensor    *leaf = wg_param(tape, name, WG_F32, shape);
    const int64_t count = wg_count_of(leaf);
    float        *values = exactly(count, sizeof *values);
    for (int64_t i = 0; i < count; i++) values[i] = (float)(i % 13) / 7 - 0.9F;
    EXPECT(wg_write(leaf, values, count));
    free(values);
    return leaf;
}

/* Two convolutions, between which channels lie last, and a product, each large enough for oneDNN. */
static wg_tensor *network(wg_tape *tape)
{
    wg_tensor *x = ramp(tape, "x", WG_SHAPE(4, 8, SIDE, SIDE));
    wg_tensor *w = ramp(tape, "w", WG_SHAPE(FILTERS, 8, 3, 3));
    wg_tensor *v = ramp(tape, "v", WG_SHAPE(FILTERS, FILTERS, 3, 3));
    wg_tensor *y = wg_tanh(wg_mul(wg_conv2d(x, w, .pad = {1, 1}), 0.1));
    y = wg_conv2d(y, v, .pad = {1, 1});
    return wg_linear(wg_flatten(y, 1), ramp(tape, "u", WG_SHAPE(40, FILTERS * SIDE * SIDE)), NULL);
}

/* The plan's table; the text is the caller's to free. */
static char *table_of(const wg_plan *plan)
{
    FILE *file = tmpfile();
    char *text = calloc(1, 20000);
    EXPECT(file && text && wg_plan_print(plan, file));
    rewind(file);
    EXPECT(fread(text, 1, 19999, file) > 0);
    fclose(file);
    return text;
}

static int count_in(const wg_plan *plan, const char *part)
{
    char *text = table_of(plan);
    int   count = 0;
    for (const char *at = text; (at = strstr(at, part)); at++) count++;
    free(text);
    return count;
}

/* The network of this tape runs without oneDNN, as the table says, and gives our values. */
static void expect_ours(wg_tape *tape, const char *why)
{
    wg_tape   *plain = wg_tape_new();
    wg_tensor *wanted = network(plain), *y = network(tape);
    wg_plan   *plan = wg_plan_new(y);
    EXPECT_MSG(wg_plan_run(plan), "%s", wg_tape_error(tape));
    EXPECT_MSG(count_in(plan, why) == 3 && wg_plan_measure(plan).turned == 2,
               "\"%s\" stands there %d times", why, count_in(plan, why));
    EXPECT(count_in(plan, " onednn ") == 0);
    for (int64_t i = 0; i < wg_count_of(y); i++) EXPECT(wg_element(y, i) == wg_element(wanted, i));
    wg_tape_free(plain);
    wg_tape_free(tape);
}

/* ---- functions in the place of oneDNN's ---- */

static dnnl_status_t refuse_primitive(dnnl_primitive_t *primitive, const_dnnl_primitive_desc_t desc)
{
    (void)primitive, (void)desc;
    return dnnl_out_of_memory;
}

static dnnl_status_t refuse_memory(dnnl_memory_t *memory, wg__dnnl_layout desc,
                                   dnnl_engine_t engine, void *handle)
{
    (void)memory, (void)desc, (void)engine, (void)handle;
    return dnnl_out_of_memory;
}

static dnnl_status_t say_reference(const_dnnl_primitive_desc_t desc, dnnl_query_t what, int index,
                                   void *result)
{
    static const char name[] = "ref:any", *const text = name;
    (void)desc, (void)what, (void)index;
    memcpy(result, &text, sizeof text);
    return dnnl_success;
}

static dnnl_status_t fail_to_execute(const_dnnl_primitive_t primitive, dnnl_stream_t stream,
                                     int count, const dnnl_exec_arg_t *arguments)
{
    (void)primitive, (void)stream, (void)count, (void)arguments;
    return dnnl_out_of_memory;
}

START_TEST(a_primitive_that_cannot_be_made_is_ours_and_the_table_says_so)
{
    wg_tape *tape = tape_by_onednn();
    tape->onednn->primitive_create = refuse_primitive;
    expect_ours(tape, "by ours: oneDNN could not make it");
}
END_TEST

START_TEST(operands_that_cannot_be_made_leave_nothing_behind)
{
    wg_tape *tape = tape_by_onednn();
    tape->onednn->memory_create = refuse_memory;
    expect_ours(tape, "by ours: oneDNN could not make it");
}
END_TEST

START_TEST(a_reference_kernel_is_refused)
{
    wg_tape *tape = tape_by_onednn();
    tape->onednn->primitive_desc_query = say_reference;
    expect_ours(tape, "by ours: oneDNN has a reference kernel alone");
}
END_TEST

START_TEST(a_library_that_is_not_there_is_told)
{
    wg_tape *tape = tape_by_onednn();
    wg__onednn_close(&tape->allocator, tape->onednn);
    tape->onednn = NULL;
    wg_plan *plan = wg_plan_new(network(tape));
    EXPECT(wg_plan_run(plan));
    EXPECT(count_in(plan, "oneDNN is asked for and not there") == 1);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_failure_in_a_run_is_an_error_and_the_next_run_is_right)
{
    wg_tape   *tape = tape_by_onednn();
    wg_tensor *y = network(tape);
    wg_plan   *plan = wg_plan_new(y);
    EXPECT(wg_plan_run(plan) && count_in(plan, " onednn ") == 3);
    const double                                wanted = wg_element(y, 5);
    __typeof__(tape->onednn->primitive_execute) execute = tape->onednn->primitive_execute;
    tape->onednn->primitive_execute = fail_to_execute;
    EXPECT(!wg_plan_run(plan));
    EXPECT(strstr(wg_tape_error(tape), "oneDNN gave up"));
    tape->onednn->primitive_execute = execute;
    wg_tape_error_clear(tape);
    EXPECT(wg_plan_run(plan) && wg_element(y, 5) == wanted);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_run_makes_no_primitive_and_no_operand)
{
    wg_tape   *tape = tape_by_onednn();
    wg_tensor *y = network(tape);
    wg_plan   *plan = wg_plan_new(y);
    EXPECT(count_in(plan, " onednn ") == 3);
    tape->onednn->primitive_create = refuse_primitive;
    tape->onednn->memory_create = refuse_memory;
    EXPECT_MSG(wg_plan_run(plan), "%s", wg_tape_error(tape));
    EXPECT(wg_element(y, 0) != 0);
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    enum { SKIPPED = 77 }; /* as Meson knows it */
    if (!wg_onednn_version()) return SKIPPED;
    Suite *suite = suite_create("ops: onednn faults");
    TCase *faults = tcase_create("faults");
    tcase_add_test(faults, a_primitive_that_cannot_be_made_is_ours_and_the_table_says_so);
    tcase_add_test(faults, operands_that_cannot_be_made_leave_nothing_behind);
    tcase_add_test(faults, a_reference_kernel_is_refused);
    tcase_add_test(faults, a_library_that_is_not_there_is_told);
    tcase_add_test(faults, a_failure_in_a_run_is_an_error_and_the_next_run_is_right);
    tcase_add_test(faults, a_run_makes_no_primitive_and_no_operand);
    suite_add_tcase(suite, faults);
    return expect_run(suite);
}
