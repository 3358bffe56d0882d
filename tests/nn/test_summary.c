// SPDX-License-Identifier: MIT
/* The table of a network: its rows and sums, what it leaves alone, and files and memory that fail. */
#include <wengert/wengert.h>

#include "../support/expect.h"
#include "../support/failing.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST = 4000 };

/* What wg_summary prints of a tensor. */
static void summary_of(wg_tensor *output, char text[MOST])
{
    FILE *file = tmpfile();
    EXPECT_MSG(file && wg_summary(output, file), "%s", wg_tape_error(wg_tape_of(output)));
    rewind(file);
    text[fread(text, 1, MOST - 1, file)] = '\0';
    fclose(file);
}

static wg_tensor *record(wg_tape *tape)
{
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(2, 1, 6, 6));
    wg_tensor *y = wg_relu(wg_nn_conv2d(x, "conv1", .filters = 3, .kernel = {3, 3}));
    y = wg_flatten(wg_nn_batch_norm(y, "bn1"), 1);
    return wg_name(wg_nn_linear(y, "head/fc", .outputs = 5), "logits");
}

/* The table has this row: name, op, shape, params, operations, bytes, whatever lies between. */
static void expect_row(const char *text, const char *const words[6])
{
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        char row[300], *word = row;
        snprintf(row, sizeof row, "%.*s", (int)strcspn(line, "\n"), line);
        int found = 0;
        for (; found < 6 && (word = strstr(word, words[found])); found++)
            word += strlen(words[found]);
        if (found == 6) {
            expect_count++;
            return;
        }
    }
    ck_abort_msg("no row %s, %s, %s in\n%s", words[0], words[1], words[2], text);
}

#define EXPECT_ROW(...) expect_row(text, (const char *const[6]){__VA_ARGS__})

START_TEST(a_row_tells_what_a_layer_makes_and_costs)
{
    char     text[MOST];
    wg_tape *tape = wg_tape_new();
    summary_of(record(tape), text);
    EXPECT_ROW("layer", "op", "output shape", "params", "FLOPs", "bytes");
    EXPECT_ROW("conv1", "conv2d", "(2,3,4,4)", " 30 ", "1.73 k", "384");
    EXPECT_ROW("   ", "relu", "(2,3,4,4)", " 0 ", "", "384");
    EXPECT_ROW("bn1", "batch_norm", "(2,3,4,4)", " 6 ", "", "408");
    EXPECT_ROW("   ", "flatten", "(2,48)", " 0 ", "0", "0");
    EXPECT_ROW("head/fc", "linear", "(2,5)", " 245 ", "960", "40");
    EXPECT(strstr(text, "params: 281, of which 0 are frozen, 1.12 k bytes\n"));
    EXPECT(wg_param_elements(tape) == 281);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(shared_params_count_once_and_frozen_ones_apart)
{
    char       text[MOST];
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_input(tape, "x", WG_F64, WG_SHAPE(4, 7));
    wg_tensor *a = wg_nn_linear(x, "fc", .outputs = 3);
    wg_share_params(tape, true);
    wg_tensor *b = wg_nn_linear(wg_square(x), "fc", .outputs = 3);
    wg_share_params(tape, false);
    wg_params_freeze(tape, "fc/weight", true);
    summary_of(wg_add(a, b), text);
    EXPECT_ROW("fc", "linear", "(4,3)", " 24 ", "168", "96");
    EXPECT_ROW("fc", "linear", "(4,3)", " 0 ", "168", "96");
    EXPECT(strstr(text, "params: 24, of which 21 are frozen, 192 "));
    wg_tape_free(tape);
}
END_TEST

START_TEST(several_steps_of_a_scope_are_one_row)
{
    char       text[MOST];
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(2, 3, 4));
    wg_scope_push(tape, "all");
    wg_tensor *y = wg_tanh(wg_nn_gru(wg_mul(x, 2), "gru", .hidden = 5));
    wg_scope_pop(tape);
    summary_of(wg_sum(y), text);
    EXPECT_ROW("all", "mul", "(2,3,4)", " 0 ", "", "96");
    EXPECT_ROW("all/gru", "linear +", "(2,3,5)", " 165 ", "", "");
    EXPECT_ROW("all", "tanh", "(2,3,5)", " 0 ", "", "120");
    EXPECT_ROW("   ", "sum", "()", " 0 ", "", "4");
    wg_tape_free(tape);
}
END_TEST

START_TEST(the_record_and_its_plans_stay_as_they_are)
{
    char          text[MOST], again[MOST];
    wg_tape      *tape = wg_tape_new();
    wg_tensor    *y = record(tape);
    const int64_t count = wg_tape_count(tape);
    summary_of(y, text);
    summary_of(y, again);
    EXPECT_TEXT(again, text);
    EXPECT(wg_tape_count(tape) == count && wg_tape_plans(tape) == 0);
    EXPECT(wg_write_all(wg_leaves(tape).at[0], 0.5) && !isnan(wg_element(y, 0)));
    summary_of(wg_leaves(tape).at[0], text); /* a leaf has no rows */
    EXPECT(strstr(text, "params: 0, of which 0 are frozen, 0   bytes\n"));
    wg_tape_free(tape);
}
END_TEST

START_TEST(what_cannot_be_printed_is_refused)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *y = record(tape);
    EXPECT(!wg_summary(NULL, stdout) && !wg_summary(y, NULL));
    FILE *full = fopen("/dev/full", "w");
    if (full) {
        setvbuf(full, NULL, _IONBF, 0);
        EXPECT(!wg_summary(y, full));
        fclose(full);
    }
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_clear(tape);
    FILE *file = tmpfile();
    EXPECT(!wg_summary(y, file) && strstr(wg_tape_error(tape), "from before wg_tape_clear"));
    fclose(file);
    wg_tape_free(tape);
}
END_TEST

static bool summarise(const wg_allocator *allocator, void *file)
{
    wg_tape *tape = wg_tape_new_with(&(wg_tape_options){.allocator = allocator});
    if (!tape) return false;
    wg_tensor *y = record(tape);
    const bool good = y && wg_summary(y, file);
    EXPECT(good == !wg_tape_error(tape));
    wg_tape_free(tape);
    return good;
}

START_TEST(without_memory_it_says_so)
{
    FILE *file = tmpfile();
    EXPECT(failing_sweep(summarise, file) > 20);
    fclose(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nn: summary");
    TCase *tests = tcase_create("summary");
    tcase_add_test(tests, a_row_tells_what_a_layer_makes_and_costs);
    tcase_add_test(tests, shared_params_count_once_and_frozen_ones_apart);
    tcase_add_test(tests, several_steps_of_a_scope_are_one_row);
    tcase_add_test(tests, the_record_and_its_plans_stay_as_they_are);
    tcase_add_test(tests, what_cannot_be_printed_is_refused);
    tcase_add_test(tests, without_memory_it_says_so);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
