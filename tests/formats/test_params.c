// SPDX-License-Identifier: MIT
/* Params in a folder: they come back, under safe names, all or none of them. */
#include "../support/expect.h"
#include "../support/failing.h"
#include "scratch.h"

#include <stdio.h>
#include <wengert/formats/npy.h>
#include <wengert/formats/params.h>

/* What a small network learns: W f32 (2, 3), b.c f64 (2), and a running mean f32 (3). */
static wg_tape *record_with(const wg_allocator *allocator)
{
    wg_tape *tape = wg_tape_new_with(&(wg_tape_options){.allocator = allocator});
    if (!tape) return NULL;
    wg_scope_push(tape, "conv1");
    wg_param(tape, "W", WG_F32, WG_SHAPE(2, 3));
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
    const float  w[] = {1.5f, -2, 3.25f, 4, -5, 6}, mean[] = {7, 8, 9};
    const double b[] = {0.1, -0.2};
    EXPECT(wg_write(leaf_of(tape, "conv1/W"), w, 6) && wg_write(leaf_of(tape, "b.c"), b, 2));
    EXPECT(wg_write(leaf_of(tape, "mean"), mean, 3));
}

/* Saves a filled tape in a folder of this name, whose path lies in `folder`. */
static void save_in(const char *name, char folder[SCRATCH_PATH])
{
    wg_tape *tape = record();
    fill(tape);
    EXPECT_MSG(wg_params_save(tape, scratch_path(name, folder)), "%s", wg_tape_error(tape));
    wg_tape_free(tape);
}

/* The leaves as they were recorded: W and b.c zero, the mean 0.5. */
static void expect_untouched(wg_tape *tape)
{
    wg_tape_error_clear(tape);
    for (int i = 0; i < 6; i++) EXPECT(wg_element(leaf_of(tape, "conv1/W"), i) == 0);
    for (int i = 0; i < 2; i++) EXPECT(wg_element(leaf_of(tape, "b.c"), i) == 0);
    for (int i = 0; i < 3; i++) EXPECT(wg_element(leaf_of(tape, "mean"), i) == 0.5);
}

START_TEST(params_and_states_come_back)
{
    char     folder[SCRATCH_PATH];
    wg_tape *tape = record();
    save_in("net", folder);
    EXPECT_MSG(wg_params_load(tape, folder), "%s", wg_tape_error(tape));
    EXPECT(wg_element(leaf_of(tape, "conv1/W"), 2) == 3.25);
    EXPECT(wg_element(leaf_of(tape, "conv1/W"), 5) == 6);
    EXPECT(wg_element(leaf_of(tape, "b.c"), 1) == -0.2);
    EXPECT(wg_element(leaf_of(tape, "mean"), 0) == 7);
    EXPECT(!wg_tape_error(tape));
    wg_tape_free(tape);
    save_in("net", folder); /* once more, over the old files */
}
END_TEST

START_TEST(each_leaf_has_a_file_of_its_own_that_does_not_leave_the_folder)
{
    const char *names[][2] = {{"a/b", "a.b.npy"},       {"a.b", "a%2Eb.npy"},
                              {"a%2Eb", "a%252Eb.npy"}, {"../up", "%2E%2E.up.npy"},
                              {"W_1-x", "W_1-x.npy"},   {"\xCE\x94 w", "%CE%94%20w.npy"}};
    char        folder[SCRATCH_PATH], path[2 * SCRATCH_PATH];
    wg_tape    *tape = wg_tape_new();
    scratch_path("names", folder);
    for (int i = 0; i < 6; i++)
        EXPECT(wg_write_all(wg_param(tape, names[i][0], WG_F64, WG_SCALAR), i));
    EXPECT_MSG(wg_params_save(tape, folder), "%s", wg_tape_error(tape));
    EXPECT(scratch_count() == 1);
    for (int i = 0; i < 6; i++) {
        wg_array array;
        snprintf(path, sizeof path, "%s/%s", folder, names[i][1]);
        EXPECT_MSG(wg_npy_read(path, NULL, &array, NULL), "%s is missing", path);
        EXPECT(array.type.count == 1 && *(double *)array.data == i);
        wg_array_free(&array);
    }
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_missing_file_is_an_error_and_changes_nothing)
{
    char     folder[SCRATCH_PATH], path[SCRATCH_PATH];
    wg_tape *tape = record();
    save_in("net", folder);
    EXPECT(remove(scratch_path("net/mean.npy", path)) == 0); /* the last one that is read */
    EXPECT(!wg_params_load(tape, folder));
    EXPECT_SAYS(wg_tape_error(tape), "test_params.c:");
    EXPECT_SAYS(wg_tape_error(tape), "\"mean\" is not loaded: ");
    EXPECT_SAYS(wg_tape_error(tape), "net/mean.npy: cannot be opened: No such file");
    expect_untouched(tape);
    wg_tape_free(tape);
}
END_TEST

/* Puts an array of another type in the place of the mean's file, and expects the load to say so. */
static void expect_refused_type(wg_dtype dtype, wg_shape shape, const char *why)
{
    char     folder[SCRATCH_PATH], path[SCRATCH_PATH];
    wg_tape *tape = record();
    wg_array array = {.data = (double[4]){0}};
    EXPECT(wg_type_make(dtype, shape, &array.type));
    const wg_view view = wg_array_view(&array);
    save_in("net", folder);
    EXPECT(wg_npy_write(scratch_path("net/mean.npy", path), &view, NULL));
    EXPECT(!wg_params_load(tape, folder));
    EXPECT_SAYS(wg_tape_error(tape), why);
    expect_untouched(tape);
    wg_tape_free(tape);
}

START_TEST(a_file_of_another_type_is_an_error_and_changes_nothing)
{
    expect_refused_type(WG_F64, WG_SHAPE(3),
                        "\"mean\" is not loaded: its file holds f64 (3,), wanted is f32 (3,)");
    expect_refused_type(WG_F32, WG_SHAPE(3, 1), "its file holds f32 (3,1), wanted is f32 (3,)");
    expect_refused_type(WG_F32, WG_SHAPE(4), "its file holds f32 (4,), wanted is f32 (3,)");
}
END_TEST

START_TEST(a_damaged_file_is_an_error_and_changes_nothing)
{
    char          folder[SCRATCH_PATH], path[SCRATCH_PATH];
    unsigned char file[SCRATCH_FILE];
    wg_tape      *tape = record();
    save_in("net", folder);
    const size_t count = scratch_read(scratch_path("net/mean.npy", path), file);
    scratch_write("net/mean.npy", file, count - 1, path);
    EXPECT(!wg_params_load(tape, folder));
    EXPECT_SAYS(wg_tape_error(tape), "has 11 bytes of values, its header says 12");
    expect_untouched(tape);
    wg_tape_free(tape);
}
END_TEST

START_TEST(folders_that_cannot_be_are_errors)
{
    char     file[SCRATCH_PATH], folder[SCRATCH_PATH];
    wg_tape *tape = record();
    fill(tape);
    EXPECT(!wg_params_save(tape, scratch_path("missing/net", folder)));
    EXPECT_SAYS(wg_tape_error(tape), "missing/net: cannot be made: No such file or directory");
    EXPECT(!wg_params_save(tape, scratch_path("net", folder))); /* an error stands on the tape */
    EXPECT(scratch_count() == 0);
    wg_tape_error_clear(tape);
    EXPECT(!wg_params_save(tape, scratch_write("file", "", 0, file)));
    EXPECT_SAYS(wg_tape_error(tape), "is not saved: ");
    EXPECT_SAYS(wg_tape_error(tape), "cannot be written: Not a directory");
    wg_tape_error_clear(tape);
    EXPECT(!wg_params_save(tape, NULL));
    EXPECT_SAYS(wg_tape_error(tape), "no folder was given");
    wg_tape_error_clear(tape);
    EXPECT(!wg_params_load(tape, NULL));
    EXPECT_SAYS(wg_tape_error(tape), "no folder was given");
    EXPECT(!wg_params_save(NULL, folder) && !wg_params_load(NULL, folder));
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_path_that_is_too_long_is_an_error)
{
    char far[4200];
    for (size_t length = 4060; length < 4110; length++) {
        wg_tape *tape = record();
        memset(far, 'x', length);
        far[length] = '\0';
        EXPECT(!wg_params_load(tape, far));
        EXPECT_SAYS(wg_tape_error(tape), "\"conv1/W\"");
        EXPECT_SAYS(wg_tape_error(tape), length < 4080 ? "File name too long" : " too long");
        expect_untouched(tape);
        wg_tape_free(tape);
    }
}
END_TEST

START_TEST(a_tape_that_learns_nothing_has_no_files)
{
    char     folder[SCRATCH_PATH];
    wg_tape *tape = wg_tape_new();
    EXPECT(wg_params_save(tape, scratch_path("none", folder)));
    EXPECT(wg_params_load(tape, folder) && !wg_tape_error(tape));
    wg_tape_free(tape);
}
END_TEST

/* ---- without memory ---- */

static bool save_with(const wg_allocator *allocator, void *folder)
{
    wg_tape   *tape = record_with(allocator);
    const bool good = tape && wg_params_save(tape, folder) && !wg_tape_error(tape);
    EXPECT(good || !tape || wg_tape_error(tape));
    wg_tape_free(tape);
    return good;
}

static bool load_with(const wg_allocator *allocator, void *folder)
{
    wg_tape   *tape = record_with(allocator);
    const bool good = tape && wg_params_load(tape, folder) && !wg_tape_error(tape);
    EXPECT(good || !tape || wg_tape_error(tape));
    wg_tape_free(tape);
    return good;
}

START_TEST(saving_and_loading_without_memory_fail_cleanly)
{
    char folder[SCRATCH_PATH];
    save_in("net", folder);
    EXPECT(failing_sweep(save_with, folder) > 0);
    EXPECT(failing_sweep(load_with, folder) >= 2 * 4); /* the list and three arrays, at least */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("params");
    TCase *tests = tcase_create("params");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    tcase_add_test(tests, params_and_states_come_back);
    tcase_add_test(tests, each_leaf_has_a_file_of_its_own_that_does_not_leave_the_folder);
    tcase_add_test(tests, a_missing_file_is_an_error_and_changes_nothing);
    tcase_add_test(tests, a_file_of_another_type_is_an_error_and_changes_nothing);
    tcase_add_test(tests, a_damaged_file_is_an_error_and_changes_nothing);
    tcase_add_test(tests, folders_that_cannot_be_are_errors);
    tcase_add_test(tests, a_path_that_is_too_long_is_an_error);
    tcase_add_test(tests, a_tape_that_learns_nothing_has_no_files);
    tcase_add_test(tests, saving_and_loading_without_memory_fail_cleanly);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
