// SPDX-License-Identifier: MIT
/* Weights of a tape in one file: they come back, and what does not fit is named. */
#define _XOPEN_SOURCE 700
#include "../support/expect.h"
#include "../support/failing.h"
#include "scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <wengert/formats/npz.h>
#include <wengert/formats/safetensors.h>
#include <wengert/formats/weights.h>

/* What a small network learns: weight f32 (2, 3), b.c f64 (2), and a running mean f32 (3). */
static wg_tape *record_with(const wg_allocator *allocator)
{
    wg_tape *tape = wg_tape_new_with(&(wg_tape_options){.allocator = allocator});
    if (!tape) return NULL;
    wg_scope_push(tape, "conv1");
    wg_param(tape, "weight", WG_F32, WG_SHAPE(2, 3));
    wg_scope_pop(tape);
    wg_param(tape, "b.c", WG_F64, WG_SHAPE(2));
    wg_state(tape, "mean", WG_F32, WG_SHAPE(3), 0.5);
    wg_input(tape, "x", WG_F32, WG_SHAPE(1));
    return tape;
}

static wg_tape *record(void)
{
    wg_tape *tape = record_with(NULL);
    EXPECT(tape && !wg_tape_error(tape));
    return tape;
}

static wg_tensor *leaf_of(wg_tape *tape, const char *name)
{
    const wg_tensors leaves = wg_leaves(tape);
    for (int i = 0; i < leaves.count; i++)
        if (strcmp(wg_name_of(leaves.at[i]), name) == 0) return leaves.at[i];
    return NULL;
}

static void fill(wg_tape *tape)
{
    const float  w[] = {1.5F, -2, 3.25F, 4, -5, 6}, mean[] = {7, 8, 9};
    const double b[] = {0.1, -0.2};
    EXPECT(wg_write(leaf_of(tape, "conv1/weight"), w, 6) && wg_write(leaf_of(tape, "b.c"), b, 2));
    EXPECT(wg_write(leaf_of(tape, "mean"), mean, 3));
}

/* The leaves as they were recorded: zero, the mean 0.5. */
static void expect_untouched(wg_tape *tape)
{
    wg_tape_error_clear(tape);
    for (int i = 0; i < 6; i++) EXPECT(wg_element(leaf_of(tape, "conv1/weight"), i) == 0);
    for (int i = 0; i < 2; i++) EXPECT(wg_element(leaf_of(tape, "b.c"), i) == 0);
    for (int i = 0; i < 3; i++) EXPECT(wg_element(leaf_of(tape, "mean"), i) == 0.5);
}

static void expect_filled(wg_tape *tape, double mean)
{
    EXPECT_MSG(!wg_tape_error(tape), "%s", wg_tape_error(tape));
    EXPECT(wg_element(leaf_of(tape, "conv1/weight"), 2) == 3.25);
    EXPECT(wg_element(leaf_of(tape, "conv1/weight"), 5) == 6);
    EXPECT(wg_element(leaf_of(tape, "b.c"), 1) == -0.2);
    EXPECT(wg_element(leaf_of(tape, "mean"), 0) == mean);
}

/* The formats that this build has. */
static const char *const endings[] = {"safetensors",
#ifdef WG_HAVE_ZLIB
                                      "npz",
#endif
                                      NULL};

/* The path of a file with this ending, in which a filled tape was saved. */
static void save_as(const char *ending, char path[SCRATCH_PATH])
{
    char     name[40];
    wg_tape *tape = record();
    fill(tape);
    snprintf(name, sizeof name, "net.%s", ending);
    EXPECT_MSG(wg_weights_save(tape, scratch_path(name, path)), "%s", wg_tape_error(tape));
    wg_tape_free(tape);
}

START_TEST(params_and_states_come_back_from_both_formats)
{
    for (int k = 0; endings[k]; k++) {
        char     path[SCRATCH_PATH];
        wg_tape *tape = record();
        save_as(endings[k], path);
        EXPECT_MSG(wg_weights_load(tape, path), "%s", wg_tape_error(tape));
        expect_filled(tape, 7);
        save_as(endings[k], path); /* once more, over the old file */
        wg_tape_free(tape);
        EXPECT(scratch_count() == k + 1);
    }
}
END_TEST

START_TEST(slashes_become_dots_and_no_two_leaves_share_a_name)
{
    const char     *names[][2] = {{"a/b", "a.b"},
                                  {"a.b", "a%2Eb"},
                                  {"a%2Eb", "a%252Eb"},
                                  {"W_1-x", "W_1-x"},
                                  {"\xCE\x94 w", "%CE%94%20w"}};
    char            path[SCRATCH_PATH];
    wg_tape        *tape = wg_tape_new();
    wg_named_arrays set;
    for (int i = 0; i < 5; i++)
        EXPECT(wg_write_all(wg_param(tape, names[i][0], WG_F64, WG_SCALAR), i));
    EXPECT(wg_weights_save(tape, scratch_path("names.safetensors", path)));
    EXPECT(wg_safetensors_read(path, NULL, &set, NULL) && set.count == 5);
    for (int i = 0; i < 5; i++) {
        const wg_array *array = wg_named_find(&set, names[i][1]);
        EXPECT_MSG(array && *(double *)array->data == i, "%s", names[i][1]);
    }
    wg_named_free(&set);
    EXPECT(wg_weights_load(tape, path));
    wg_tape_free(tape);
}
END_TEST

START_TEST(states_can_be_left_out)
{
    char            path[SCRATCH_PATH];
    wg_named_arrays set;
    wg_tape        *tape = record();
    save_as("safetensors", path);
    EXPECT(wg_weights_load(tape, path, .params_only = true));
    expect_filled(tape, 0.5);
    EXPECT(wg_weights_save(tape, path, .params_only = true));
    EXPECT(wg_safetensors_read(path, NULL, &set, NULL) && set.count == 2);
    EXPECT(!wg_named_find(&set, "mean"));
    wg_named_free(&set);
    EXPECT(!wg_weights_load(tape, path));
    EXPECT_SAYS(wg_tape_error(tape), "1 missing, 0 unexpected, 0 mismatched; missing: \"mean\"");
    wg_tape_error_clear(tape);
    EXPECT(wg_weights_load(tape, path, .params_only = true));
    wg_tape_free(tape);
}
END_TEST

/* ---- what does not fit ---- */

/* A file with conv1.weight (as `shape`), the mean and another array, and without b.c. */
static void save_other(wg_shape shape, char path[SCRATCH_PATH])
{
    wg_tape *tape = wg_tape_new();
    EXPECT(wg_write_all(wg_param(tape, "conv1/weight", WG_F32, shape), 3));
    wg_state(tape, "mean", WG_F32, WG_SHAPE(3), 7);
    wg_param(tape, "fc/bias", WG_F64, WG_SHAPE(10));
    EXPECT_MSG(wg_weights_save(tape, scratch_path("other.safetensors", path)), "%s",
               wg_tape_error(tape));
    wg_tape_free(tape);
}

/* Loads with a report, whose text lies in `text` then. */
static bool load_reported(wg_tape *tape, const char *path, bool partial, char text[1024])
{
    FILE *report = tmpfile();
    EXPECT(report);
    const bool good = wg_weights_load(tape, path, .partial = partial, .report = report);
    rewind(report);
    text[fread(text, 1, 1023, report)] = '\0';
    fclose(report);
    return good;
}

START_TEST(missing_and_unexpected_names_are_an_error_unless_asked_for)
{
    char     path[SCRATCH_PATH], text[1024];
    wg_tape *tape = record();
    save_other(WG_SHAPE(2, 3), path);
    EXPECT(!load_reported(tape, path, false, text));
    EXPECT_TEXT(text, "missing: \"b%2Ec\", f64 (2,)\nunexpected: \"fc.bias\", f64 (10,)\n"
                      "0 loaded, 1 missing, 1 unexpected, 0 mismatched\n");
    EXPECT_SAYS(wg_tape_error(tape), "test_weights.c:");
    EXPECT_SAYS(wg_tape_error(tape), "other.safetensors: 1 missing, 1 unexpected, 0 mismatched; "
                                     "missing: \"b%2Ec\", f64 (2,)");
    expect_untouched(tape);
    EXPECT(load_reported(tape, path, true, text));
    EXPECT_TEXT(text, "missing: \"b%2Ec\", f64 (2,)\nunexpected: \"fc.bias\", f64 (10,)\n"
                      "2 loaded, 1 missing, 1 unexpected, 0 mismatched\n");
    EXPECT(wg_element(leaf_of(tape, "conv1/weight"), 4) == 3);
    EXPECT(wg_element(leaf_of(tape, "mean"), 1) == 7 && wg_element(leaf_of(tape, "b.c"), 0) == 0);
    wg_tape_free(tape);
}
END_TEST

/* A tape takes the place of a program in Python here: a state by this name is saved like any other. */
START_TEST(the_count_of_batches_of_pytorchs_batch_norm_is_passed_over)
{
    char     path[SCRATCH_PATH], text[1024];
    wg_tape *tape = record(), *other = record();
    wg_state(other, "conv1/num_batches_tracked", WG_I64, WG_SCALAR, 5);
    wg_state(other, "num_batches_tracked", WG_I64, WG_SCALAR, 5);
    fill(other);
    EXPECT(wg_weights_save(other, scratch_path("counted.safetensors", path)));
    EXPECT(load_reported(tape, path, false, text));
    EXPECT_TEXT(text, "3 loaded, 0 missing, 0 unexpected, 0 mismatched\n");
    expect_filled(tape, 7);
    EXPECT(wg_weights_load(other, path)); /* whoever has it gets it */
    wg_state(other, "num_batches_tracked_too", WG_I64, WG_SCALAR, 5);
    EXPECT(wg_weights_save(other, path) && !load_reported(tape, path, false, text));
    EXPECT_SAYS(text, "unexpected: \"num_batches_tracked_too\", i64 ()\n");
    wg_tape_free(tape);
    wg_tape_free(other);
}
END_TEST

START_TEST(states_of_the_training_are_left_out_unless_all_is_asked_for)
{
    char       path[SCRATCH_PATH], text[1024];
    wg_tape   *tape = record(), *network = record();
    wg_tensor *pace = wg_training_state(tape, "pace", WG_F64, WG_SCALAR, 5);
    EXPECT(wg_is_of_training(pace) && !wg_is_of_training(leaf_of(tape, "mean")));
    fill(tape);
    EXPECT(wg_weights_save(tape, scratch_path("network.safetensors", path)));
    EXPECT(load_reported(network, path, false, text));
    EXPECT_TEXT(text, "3 loaded, 0 missing, 0 unexpected, 0 mismatched\n");
    EXPECT(wg_weights_load(tape, path) && !wg_weights_load(tape, path, .all = true));
    EXPECT_SAYS(wg_tape_error(tape), "missing: \"pace\", f64 ()");
    wg_tape_error_clear(tape);
    EXPECT(wg_weights_save(tape, path, .all = true) && wg_write_all(pace, 2));
    EXPECT(wg_weights_load(tape, path) && wg_item(pace) == 2);
    EXPECT(wg_weights_load(tape, path, .all = true) && wg_item(pace) == 5);
    EXPECT(!load_reported(network, path, false, text));
    EXPECT_SAYS(text, "unexpected: \"pace\", f64 ()\n");
    wg_tape_free(tape);
    wg_tape_free(network);
}
END_TEST

START_TEST(another_type_is_an_error_even_of_a_part)
{
    char     path[SCRATCH_PATH], text[1024];
    wg_tape *tape = record();
    save_other(WG_SHAPE(3, 2), path);
    EXPECT(!load_reported(tape, path, true, text));
    EXPECT_SAYS(text,
                "mismatched: \"conv1.weight\" is f32 (3,2) in the file, wanted is f32 (2,3)\n");
    EXPECT_SAYS(text, "0 loaded, 1 missing, 1 unexpected, 1 mismatched\n");
    EXPECT_SAYS(wg_tape_error(tape), "1 mismatched; mismatched: \"conv1.weight\" is f32 (3,2)");
    expect_untouched(tape);
    wg_tape *wide = wg_tape_new();
    wg_param(wide, "conv1/weight", WG_F64, WG_SHAPE(3, 2));
    EXPECT(!wg_weights_load(wide, path, .partial = true));
    EXPECT_SAYS(wg_tape_error(wide), "is f32 (3,2) in the file, wanted is f64 (3,2)");
    wg_tape_free(wide);
    wg_tape_free(tape);
}
END_TEST

START_TEST(numbers_of_two_bytes_are_loaded_into_f32)
{
    wg_tape *tape = wg_tape_new();
    wg_param(tape, "half", WG_F32, WG_SHAPE(8));
    wg_param(tape, "brain", WG_F32, WG_SHAPE(2, 4));
    wg_param(tape, "single", WG_F32, WG_SHAPE(1));
    EXPECT(wg_weights_load(tape, "tests/formats/data/short.safetensors"));
    EXPECT(wg_element(leaf_of(tape, "half"), 3) == -65504);
    EXPECT(wg_element(leaf_of(tape, "brain"), 2) == 1.5);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_damaged_file_is_an_error_and_changes_nothing)
{
    for (int k = 0; endings[k]; k++) {
        char          path[SCRATCH_PATH];
        unsigned char file[SCRATCH_FILE];
        wg_tape      *tape = record();
        save_as(endings[k], path);
        const size_t count = scratch_read(path, file);
        FILE        *shorter = fopen(path, "wb");
        EXPECT(shorter && fwrite(file, 1, count - 1, shorter) == count - 1 && !fclose(shorter));
        EXPECT(!wg_weights_load(tape, path));
        EXPECT_SAYS(wg_tape_error(tape), "weights are not loaded: ");
        expect_untouched(tape);
        wg_tape_free(tape);
    }
}
END_TEST

START_TEST(paths_that_cannot_be_are_errors)
{
    const char *paths[] = {"net.pt", "net", "", ".npz", "net.safetensors.gz", NULL};
    wg_tape    *tape = record();
    for (int k = 0; k < 6; k++) {
        EXPECT(!wg_weights_save(tape, paths[k]));
        EXPECT_SAYS(wg_tape_error(tape), "does not end in .safetensors or .npz");
        EXPECT(
            !wg_weights_load(tape, "tests/formats/data/short.safetensors")); /* the error stays */
        wg_tape_error_clear(tape);
        EXPECT(!wg_weights_load(tape, paths[k]));
        EXPECT_SAYS(wg_tape_error(tape), "does not end in .safetensors or .npz");
        wg_tape_error_clear(tape);
    }
    EXPECT(!wg_weights_load(tape, "missing.safetensors"));
    EXPECT_SAYS(wg_tape_error(tape), "missing.safetensors: cannot be opened: No such file");
    expect_untouched(tape);
    EXPECT(!wg_weights_save(tape, "missing/net.safetensors"));
    EXPECT_SAYS(wg_tape_error(tape), "weights are not saved: missing/net.safetensors: cannot be");
    EXPECT(!wg_weights_save(NULL, "net.npz") && !wg_weights_load(NULL, "net.npz"));
    EXPECT(scratch_count() == 0);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_tape_that_learns_nothing_has_an_empty_file)
{
    char     path[SCRATCH_PATH];
    wg_tape *tape = wg_tape_new();
    EXPECT(wg_weights_save(tape, scratch_path("none.safetensors", path)));
    EXPECT(wg_weights_load(tape, path) && !wg_tape_error(tape));
    wg_tape_free(tape);
}
END_TEST

/* ---- without memory ---- */

static bool save_with(const wg_allocator *allocator, void *path)
{
    wg_tape   *tape = record_with(allocator);
    const bool good = tape && wg_weights_save(tape, path) && !wg_tape_error(tape);
    EXPECT(good || !tape || wg_tape_error(tape));
    wg_tape_free(tape);
    return good;
}

static bool load_with(const wg_allocator *allocator, void *path)
{
    wg_tape   *tape = record_with(allocator);
    const bool good = tape && wg_weights_load(tape, path) && !wg_tape_error(tape);
    EXPECT(good || !tape || wg_tape_error(tape));
    if (tape && leaf_of(tape, "mean") && !good) {
        wg_tape_error_clear(tape);
        EXPECT(wg_element(leaf_of(tape, "mean"), 0) == 0.5);
    }
    wg_tape_free(tape);
    return good;
}

START_TEST(saving_and_loading_without_memory_fail_cleanly)
{
    for (int k = 0; endings[k]; k++) {
        char path[SCRATCH_PATH];
        save_as(endings[k], path);
        EXPECT(failing_sweep(save_with, path) >= 2 * 6);
        EXPECT(failing_sweep(load_with, path) >= 2 * 16);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("weights");
    TCase *tests = tcase_create("weights");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    tcase_add_test(tests, params_and_states_come_back_from_both_formats);
    tcase_add_test(tests, slashes_become_dots_and_no_two_leaves_share_a_name);
    tcase_add_test(tests, states_can_be_left_out);
    tcase_add_test(tests, missing_and_unexpected_names_are_an_error_unless_asked_for);
    tcase_add_test(tests, the_count_of_batches_of_pytorchs_batch_norm_is_passed_over);
    tcase_add_test(tests, states_of_the_training_are_left_out_unless_all_is_asked_for);
    tcase_add_test(tests, another_type_is_an_error_even_of_a_part);
    tcase_add_test(tests, numbers_of_two_bytes_are_loaded_into_f32);
    tcase_add_test(tests, a_damaged_file_is_an_error_and_changes_nothing);
    tcase_add_test(tests, paths_that_cannot_be_are_errors);
    tcase_add_test(tests, a_tape_that_learns_nothing_has_an_empty_file);
    tcase_add_test(tests, saving_and_loading_without_memory_fail_cleanly);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
