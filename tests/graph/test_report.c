// SPDX-License-Identifier: MIT
/* What a plan does, as a table, JSON, DOT, with times and as a trace. */
#include "../support/expect.h"
#include "toy.h"

#include <stdio.h>
#include <stdlib.h>
#include <wengert/graph/derive.h>
#include <wengert/graph/report.h>

enum { ELEMENTS = 1000 };

/* sum((w w + w) w): three elementwise steps, which are fused, and a sum. */
static wg_plan *small_plan(wg_tape *tape)
{
    wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SHAPE(ELEMENTS));
    wg_write_all(w, 0.5);
    wg_tensor *square = toy_mul(w, w);
    return wg_plan_new(toy_sum(toy_mul(toy_mul(square, w), w)));
}

/* What `write` puts into a file; the text is the caller's to free. */
static char *written(bool (*write)(const wg_plan *, FILE *), const wg_plan *plan)
{
    FILE *file = tmpfile();
    char *text = calloc(1, 65536);
    EXPECT(file && text && write(plan, file));
    rewind(file);
    EXPECT(fread(text, 1, 65535, file) > 0);
    fclose(file);
    return text;
}

static void expect_in(const char *text, const char *part)
{
    EXPECT_MSG(strstr(text, part), "\"%s\" is not in\n%s", part, text);
}

/* Brackets and quotes match, as far as this can be told without a parser. */
static void expect_balanced(const char *text)
{
    int depth = 0, quotes = 0;
    for (; *text; text++) {
        quotes += *text == '"';
        depth += (*text == '{' || *text == '[') - (*text == '}' || *text == ']');
        EXPECT(depth >= 0);
    }
    EXPECT(depth == 0 && quotes % 2 == 0);
}

START_TEST(the_table_names_steps_members_and_places)
{
    wg_tape *tape = wg_tape_new();
    char    *text = written(wg_plan_print, small_plan(tape));
    expect_in(text, "fused");
    expect_in(text, "= toy_mul toy_mul toy_mul");
    expect_in(text, "toy_sum");
    expect_in(text, "test_report.c:");
    expect_in(text, "2 steps for 4 nodes: 0 merged with an equal one, 0 views, 3 fused");
    free(text);
    wg_tape_free(tape);
}
END_TEST

START_TEST(json_and_dot_are_well_formed)
{
    wg_tape *tape = wg_tape_new();
    wg_plan *plan = small_plan(tape);
    char    *json = written(wg_plan_write_json, plan), *dot = written(wg_plan_write_dot, plan);
    expect_balanced(json);
    expect_in(json, "\"members\": [\"toy_mul\", \"toy_mul\", \"toy_mul\"]");
    expect_in(json, "\"facts\": {\"nodes\": 4, \"steps\": 2");
    expect_balanced(dot);
    expect_in(dot, "subgraph cluster_0");
    expect_in(dot, "s0_2 -> s1_0;");
    free(json);
    free(dot);
    wg_tape_free(tape);
}
END_TEST

static bool profile(const wg_plan *plan, FILE *file)
{
    return wg_plan_profile((wg_plan *)(uintptr_t)plan, file, .runs = 3);
}

static bool trace(const wg_plan *plan, FILE *file)
{
    return wg_plan_profile((wg_plan *)(uintptr_t)plan, NULL, .trace = file, .runs = 2);
}

START_TEST(a_profile_has_each_step_each_op_and_whole_runs)
{
    wg_tape *tape = wg_tape_new();
    wg_plan *plan = small_plan(tape);
    char    *table = written(profile, plan), *events = written(trace, plan);
    expect_in(table, "    0  fused");
    expect_in(table, "    1  toy_sum");
    expect_in(table, "least us");
    expect_in(table, "us a whole run (median of 3)");
    expect_in(table, " GB/s\n");
    expect_balanced(events);
    expect_in(events, "\"traceEvents\"");
    expect_in(events, "\"ph\": \"X\"");
    free(table);
    free(events);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_profile_of_a_plan_that_cannot_run_fails_with_its_error)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_input(tape, "x", WG_F64, WG_SHAPE(3));
    wg_plan   *plan = wg_plan_new(toy_sum(x));
    EXPECT(!wg_plan_profile(plan, stdout, .runs = 1));
    expect_in(wg_tape_error(tape), "input \"x\" was never written");
    EXPECT(!wg_plan_print(NULL, stdout) && !wg_plan_write_json(NULL, stdout));
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *report = tcase_create("report");
    tcase_add_test(report, the_table_names_steps_members_and_places);
    tcase_add_test(report, json_and_dot_are_well_formed);
    tcase_add_test(report, a_profile_has_each_step_each_op_and_whole_runs);
    tcase_add_test(report, a_profile_of_a_plan_that_cannot_run_fails_with_its_error);
    suite_add_tcase(suite, report);
    return expect_run(suite);
}
