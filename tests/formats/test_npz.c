// SPDX-License-Identifier: MIT
/* .npz files: what NumPy wrote is read, what we write comes back, and nothing else gets through. */
#include "../support/expect.h"
#include "../support/failing.h"
#include "numpy_rule.h"
#include "scratch.h"

#include <stdio.h>
#include <wengert/formats/npz.h>

#define DATA "tests/formats/data/"

#ifdef WG_HAVE_ZLIB

static void read_set(const char *path, wg_named_arrays *set)
{
    char reason[WG_REASON] = "";
    EXPECT_MSG(wg_npz_read(path, NULL, set, reason), "%s", reason);
}

START_TEST(files_of_numpy_load_right)
{
    wg_named_arrays set;
    read_set(DATA "stored.npz", &set);
    EXPECT(set.count == NUMPY_ARRAYS);
    for (int k = 0; k < NUMPY_ARRAYS; k++) expect_numpy_array(&set, &numpy_arrays[k]);
    wg_named_free(&set);
    read_set(DATA "deflated.npz", &set);
    EXPECT(set.count == NUMPY_ARRAYS - 1 && !wg_named_find(&set, "steps"));
    for (int k = 0; k < NUMPY_ARRAYS; k++)
        if (numpy_arrays[k].shape.rank > 0) expect_numpy_array(&set, &numpy_arrays[k]);
    wg_named_free(&set);
}
END_TEST

/* The committed file is one that we wrote; check_weights.py has NumPy read it. */
START_TEST(what_is_written_comes_back_and_has_the_bytes_of_the_file_that_numpy_reads)
{
    char            path[SCRATCH_PATH], reason[WG_REASON] = "";
    unsigned char   ours[SCRATCH_FILE], kept[SCRATCH_FILE];
    wg_named_arrays set;
    scratch_path("ours.npz", path);
    EXPECT_MSG(wg_npz_write(path, numpy_views(), NULL, reason), "%s", reason);
    read_set(path, &set);
    EXPECT(set.count == NUMPY_ARRAYS && scratch_count() == 1);
    for (int k = 0; k < NUMPY_ARRAYS; k++) expect_numpy_array(&set, &numpy_arrays[k]);
    wg_named_free(&set);
    const size_t count = scratch_read(path, ours);
    EXPECT(count == scratch_read(DATA "ours.npz", kept) && memcmp(ours, kept, count) == 0);
}
END_TEST

START_TEST(an_empty_set_is_a_file)
{
    char            path[SCRATCH_PATH];
    wg_named_arrays set;
    EXPECT(wg_npz_write(scratch_path("none.npz", path), &(wg_named_views){0}, NULL, NULL));
    read_set(path, &set);
    EXPECT(set.count == 0);
    wg_named_free(&set);
}
END_TEST

START_TEST(what_would_be_no_sound_file_is_not_written)
{
    static char   name[70000];
    wg_type       type;
    float         value = 1;
    const wg_view view = {.data = &value, .type = &type};
    char          path[SCRATCH_PATH], reason[WG_REASON];
    memset(name, 'x', sizeof name - 1);
    EXPECT(wg_type_make(WG_F32, WG_SCALAR, &type));
    const struct {
        wg_named_view at[2];
        const char   *why;
    } cases[] = {
        {{{"a", view}, {"a", view}}, "the name \"a\" comes twice"},
        {{{"a", view}, {"", view}}, "array 1 has no name"},
        {{{"\xFF", view}, {"a", view}}, "array 0 has no name in UTF-8"},
        {{{"a", view}, {"b", {.type = &type}}}, "no values were given for \"b\""},
        {{{"a", view}, {name, view}}, "too long a name"},
    };
    scratch_path("no.npz", path);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        EXPECT(!wg_npz_write(path, &(wg_named_views){2, cases[k].at, 0, NULL}, NULL, reason));
        EXPECT_SAYS(reason, cases[k].why);
    }
    EXPECT(!wg_npz_write(NULL, &(wg_named_views){0}, NULL, reason));
    EXPECT_SAYS(reason, "is no path");
    EXPECT(scratch_count() == 0);
}
END_TEST

START_TEST(four_gibibytes_are_too_many)
{
    wg_type type;
    float   value = 1;
    char    path[SCRATCH_PATH], reason[WG_REASON];
    EXPECT(wg_type_make(WG_F32, WG_SHAPE((int64_t)1 << 30), &type));
    const wg_named_view view = {"a", {.data = &value, .type = &type, .stride = {0}}};
    EXPECT(!wg_npz_write(scratch_path("big.npz", path), &(wg_named_views){1, &view, 0, NULL}, NULL,
                         reason));
    EXPECT_SAYS(reason, "would pass 4 GiB");
    EXPECT(scratch_count() == 0);
}
END_TEST

/* ---- hostile files ---- */

static void expect_refused(const char *path, const char *why)
{
    wg_named_arrays set;
    char            reason[WG_REASON] = "";
    EXPECT_MSG(!wg_npz_read(path, NULL, &set, reason), "accepted, but: %s", why);
    EXPECT_SAYS(reason, why);
    EXPECT(!set.at && set.count == 0);
}

START_TEST(what_is_no_file_is_refused)
{
    char path[SCRATCH_PATH];
    expect_refused(scratch_path("missing", path), "missing: cannot be opened: No such file");
    expect_refused("/dev/null", "not a regular file");
    expect_refused(NULL, "no path");
    expect_refused(scratch_write("empty", "", 0, path), "is no ZIP archive");
    expect_refused(DATA "f4_little.npy", "is no ZIP archive");
}
END_TEST

/* Where pieces of our own file begin: NAME's header, its entry in the directory, the end. */
static size_t find(const unsigned char *file, size_t count, const char *magic, const char *name,
                   size_t before)
{
    for (size_t i = 0; i + before + strlen(name) <= count; i++)
        if (memcmp(file + i, magic, 4) == 0 && memcmp(file + i + before, name, strlen(name)) == 0)
            return i;
    ck_abort_msg("no %s", name);
}

/* What is changed in our file: so many bytes at an offset from such a piece. */
typedef struct damage {
    const char *piece; /* "PK" and two bytes */
    const char *name;
    size_t      at, count;
    const char *bytes, *why;
} damage;

#define LOCAL   "PK\3\4"
#define CENTRAL "PK\1\2"
#define END     "PK\5\6"

START_TEST(archives_that_lie_or_are_not_understood_are_refused)
{
    static const damage all[] = {
        {END, "", 4, 1, "\1", "whose end does not agree"},
        {END, "", 8, 1, "\7", "whose end does not agree"},
        {END, "", 10, 1, "\7", "whose end does not agree"},
        {END, "", 12, 1, "\0", "whose end does not agree"},
        {END, "", 16, 1, "\0", "whose end does not agree"},
        {END, "", 20, 1, "\1", "whose end does not agree"},
        {END, "", 8, 4, "\7\0\7\0", "has bytes behind its directory"},
        {END, "", 8, 4, "\11\0\11\0", "whose directory is broken"},
        {END, "", 8, 4, "\xFF\xFF\xFF\xFF", "is a ZIP64 archive"},
        {END, "", 16, 4, "\xFF\xFF\xFF\xFF", "is a ZIP64 archive"},
        {CENTRAL, "steps", 0, 1, "X", "whose directory is broken"},
        {CENTRAL, "none", 28, 2, "\xFF\xFF", "whose directory ends early"},
        {CENTRAL, "none", 30, 1, "\1", "whose directory ends early"},
        {CENTRAL, "none", 32, 1, "\1", "whose directory ends early"},
        {CENTRAL, "steps", 8, 1, "\1", "\"steps.npy\" is encrypted"},
        {CENTRAL, "steps", 10, 1, "\14", "\"steps.npy\" is neither stored nor deflated"},
        {CENTRAL, "steps", 20, 4, "\xFF\xFF\xFF\xFF", "is one of a ZIP64 archive"},
        {CENTRAL, "steps", 24, 4, "\xFF\xFF\xFF\xFF", "is one of a ZIP64 archive"},
        {CENTRAL, "steps", 42, 4, "\xFF\xFF\xFF\xFF", "is one of a ZIP64 archive"},
        {CENTRAL, "steps", 47, 1, "\0", "has no name, or a zero in it"},
        {CENTRAL, "steps", 46, 5, "index", "the name \"index.npy\" comes twice"},
        {CENTRAL, "steps", 20, 1, "\0", "announces 136 bytes, more than 0 can hold"},
        {CENTRAL, "steps", 20, 1, "\x90", "\"steps.npy\" lies over what follows it"},
        {CENTRAL, "none", 20, 1, "\x90", "\"none.npy\" lies over what follows it"},
        {CENTRAL, "steps", 24, 1, "\x87", "announces 135 bytes, more than 136 can hold"},
        {CENTRAL, "steps", 16, 1, "X", ": steps: has a wrong checksum"},
        {CENTRAL, "none", 42, 4, "\xF0\xFF\xFF\xEF", "lies over what follows it"},
        {CENTRAL, "steps", 51, 4, ".npx", "\"steps.npx\" is not named .npy"},
        {CENTRAL, "steps", 46, 1, "\xFF", "is not named .npy in UTF-8"},
        {CENTRAL, "steps", 10, 1, "\10", "does not agree with the directory"},
        {LOCAL, "steps", 0, 1, "X", "\"steps.npy\" does not agree with the directory"},
        {LOCAL, "steps", 8, 1, "\10", "\"steps.npy\" does not agree with the directory"},
        {LOCAL, "steps", 26, 1, "\12", "\"steps.npy\" does not agree with the directory"},
        {LOCAL, "steps", 28, 2, "\1", "\"steps.npy\" does not agree with the directory"},
        {LOCAL, "none", 28, 2, "\xFF\xFF", "\"none.npy\" does not agree with the directory"},
        {LOCAL, "steps", 40, 1, "X", ": steps: is not a .npy file"},
        {LOCAL, "steps", 39 + 130, 1, "X", ": steps: has a wrong checksum"},
    };
    unsigned char file[SCRATCH_FILE];
    const size_t  count = scratch_read(DATA "ours.npz", file);
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        char          path[SCRATCH_PATH];
        unsigned char damaged[SCRATCH_FILE];
        const size_t  before = all[k].piece[2] == 1 ? 46 : 30;
        const size_t at = find(file, count, all[k].piece, all[k].name, all[k].name[0] ? before : 0);
        memcpy(damaged, file, count);
        memcpy(damaged + at + all[k].at, all[k].bytes, all[k].count);
        expect_refused(scratch_write("lies", damaged, count, path), all[k].why);
    }
}
END_TEST

START_TEST(packed_data_hold_neither_less_nor_more_than_announced)
{
    static const damage all[] = {
        {CENTRAL, "fc", 24, 2, "\xFF\xFF", ": fc.weight: has "}, /* its npy header says less */
        {CENTRAL, "fc", 24, 4, "\xFF\xFF\xFF\x7F", "announces 2147483647 bytes, more than"},
        {CENTRAL, "fc", 16, 1, "\0", ": fc.weight: has a wrong checksum"},
    };
    unsigned char file[SCRATCH_FILE];
    const size_t  count = scratch_read(DATA "deflated.npz", file);
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        char          path[SCRATCH_PATH];
        unsigned char damaged[SCRATCH_FILE];
        const size_t  at = find(file, count, all[k].piece, all[k].name, 46);
        memcpy(damaged, file, count);
        memcpy(damaged + at + all[k].at, all[k].bytes, all[k].count);
        expect_refused(scratch_write("lies", damaged, count, path), all[k].why);
    }
}
END_TEST

/* Each array that is accepted has the values of the sound file: the checksums see to that. */
static int load_damaged(const char *path, const unsigned char *bytes, size_t count)
{
    wg_named_arrays set;
    char            reason[WG_REASON] = "";
    (void)bytes, (void)count;
    if (!wg_npz_read(path, NULL, &set, reason)) {
        EXPECT(reason[0] && !set.at);
        return 0;
    }
    int wrong = 0;
    for (size_t k = 0; k < set.count; k++) {
        const wg_array *array = &set.at[k].array;
        for (int64_t i = 0; i < array->type.count; i++)
            wrong += element(array, i) != numpy_value(array->type.dtype, i);
    }
    EXPECT(wrong == 0);
    wg_named_free(&set);
    return 1;
}

START_TEST(damaged_files_are_refused_or_read_right)
{
    unsigned char file[SCRATCH_FILE];
    size_t        count = scratch_read(DATA "ours.npz", file);
    EXPECT(scratch_truncate(file, count, load_damaged) == 0);
    const int stored = scratch_damage(file, count, count, load_damaged);
    /* versions, dates, attributes, other names; but nothing in the 1,150 bytes of entries */
    EXPECT_MSG(stored > 1000 && stored < (int)(count - 1150) * 12, "%d", stored);
    count = scratch_read(DATA "deflated.npz", file);
    EXPECT(scratch_truncate(file, count, load_damaged) == 0);
    const int deflated = scratch_damage(file, count, count, load_damaged);
    EXPECT_MSG(deflated > 1000 && deflated < (int)count * 12, "%d", deflated);
}
END_TEST

/* ---- without memory ---- */

static bool read_with(const wg_allocator *allocator, void *path)
{
    wg_named_arrays set;
    char            reason[WG_REASON] = "";
    const bool      good = wg_npz_read(path, allocator, &set, reason);
    if (!good) EXPECT_SAYS(reason, "no memory");
    wg_named_free(&set);
    return good;
}

static bool write_with(const wg_allocator *allocator, void *path)
{
    char       reason[WG_REASON] = "";
    const bool good = wg_npz_write(path, numpy_views(), allocator, reason);
    if (!good) EXPECT_SAYS(reason, "no memory");
    return good;
}

START_TEST(reading_and_writing_without_memory_fail_cleanly)
{
    char path[SCRATCH_PATH];
    EXPECT(failing_sweep(read_with, DATA "stored.npz") >= 2 * (5 + 2 * NUMPY_ARRAYS));
    EXPECT(failing_sweep(read_with, DATA "deflated.npz") >= 2 * (5 + 4 * (NUMPY_ARRAYS - 1)));
    scratch_path("out.npz", path);
    EXPECT(failing_sweep(write_with, path) >= 2 * (2 + NUMPY_ARRAYS));
    EXPECT(scratch_count() == 1);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, files_of_numpy_load_right);
    tcase_add_test(tests,
                   what_is_written_comes_back_and_has_the_bytes_of_the_file_that_numpy_reads);
    tcase_add_test(tests, an_empty_set_is_a_file);
    tcase_add_test(tests, what_would_be_no_sound_file_is_not_written);
    tcase_add_test(tests, four_gibibytes_are_too_many);
    tcase_add_test(tests, what_is_no_file_is_refused);
    tcase_add_test(tests, archives_that_lie_or_are_not_understood_are_refused);
    tcase_add_test(tests, packed_data_hold_neither_less_nor_more_than_announced);
    tcase_add_test(tests, damaged_files_are_refused_or_read_right);
    tcase_add_test(tests, reading_and_writing_without_memory_fail_cleanly);
}

#else

START_TEST(without_zlib_both_ways_are_refused)
{
    wg_named_arrays set;
    char            reason[WG_REASON];
    EXPECT(!wg_npz_read(DATA "stored.npz", NULL, &set, reason) && !set.at);
    EXPECT_SAYS(reason, "this library was built without zlib");
    EXPECT(!wg_npz_write("a.npz", &(wg_named_views){0}, NULL, reason));
    EXPECT_TEXT(reason, "a.npz: is a .npz file, and this library was built without zlib");
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, without_zlib_both_ways_are_refused);
}

#endif

int main(void)
{
    Suite *suite = suite_create("npz");
    TCase *tests = tcase_create("npz");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    add_tests(tests);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
