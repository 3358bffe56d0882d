// SPDX-License-Identifier: MIT
/* .npy files: what NumPy wrote is read, what we write comes back, and nothing else gets through. */
#define _XOPEN_SOURCE 700
#include "../support/expect.h"
#include "../support/failing.h"
#include "numpy_rule.h"
#include "scratch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <wengert/formats/npy.h>

#define DATA "tests/formats/data/"

START_TEST(files_of_numpy_load_right)
{
    const struct {
        const char *path;
        wg_dtype    dtype;
        wg_shape    shape;
    } files[] = {
        {DATA "f4_little.npy", WG_F32, WG_SHAPE(2, 3)},
        {DATA "f4_big.npy", WG_F32, WG_SHAPE(2, 3)},
        {DATA "f4_little_fortran.npy", WG_F32, WG_SHAPE(2, 3, 4)},
        {DATA "f8_little.npy", WG_F64, WG_SHAPE(5)},
        {DATA "f8_big_fortran.npy", WG_F64, WG_SHAPE(3, 2)},
        {DATA "i4_little.npy", WG_I32, WG_SHAPE(4)},
        {DATA "i4_big.npy", WG_I32, WG_SHAPE(2, 2)},
        {DATA "i8_little_fortran.npy", WG_I64, WG_SHAPE(2, 3)},
        {DATA "i8_big.npy", WG_I64, WG_SHAPE(3)},
        {DATA "u1.npy", WG_U8, WG_SHAPE(2, 5)},
        {DATA "b1_fortran.npy", WG_BOOL, WG_SHAPE(3, 4)},
        {DATA "rank0.npy", WG_F64, WG_SCALAR},
        {DATA "rank8.npy", WG_I32, WG_SHAPE(1, 2, 1, 2, 1, 2, 1, 2)},
        {DATA "rank8_fortran.npy", WG_F32, WG_SHAPE(2, 1, 2, 1, 3, 1, 1, 2)},
        {DATA "empty.npy", WG_F32, WG_SHAPE(0, 3)},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        wg_array array;
        char     reason[WG_REASON] = "";
        EXPECT_MSG(wg_npy_read(files[k].path, NULL, &array, reason), "%s", reason);
        EXPECT(array.type.dtype == files[k].dtype);
        EXPECT(wg_shape_equal(array.type.shape, files[k].shape));
        for (int64_t i = 0; i < array.type.count; i++)
            EXPECT_CLOSE(element(&array, i), numpy_value(files[k].dtype, i), 0);
        wg_array_free(&array);
    }
}
END_TEST

START_TEST(numbers_of_two_bytes_are_read_into_f32)
{
    const float wanted[] = {-0x1.198p1F, -0x1.198p0F, 0, 0x1.198p0F, 0x1.198p1F, 0x1.a68p1F};
    const char *paths[] = {DATA "f2_little.npy", DATA "f2_big_fortran.npy"};
    for (int k = 0; k < 2; k++) {
        wg_array array;
        char     reason[WG_REASON] = "";
        EXPECT_MSG(wg_npy_read(paths[k], NULL, &array, reason), "%s", reason);
        EXPECT(array.type.dtype == WG_F32 && array.type.count == 6);
        EXPECT(memcmp(array.data, wanted, sizeof wanted) == 0);
        wg_array_free(&array);
    }
}
END_TEST

/* ---- writing ---- */

/* Writes bytes 0, 1, 0, 0, 1, ... as values of the type, which are legal for each dtype. */
static void expect_round_trip(wg_dtype dtype, wg_shape shape)
{
    char          path[SCRATCH_PATH], reason[WG_REASON] = "";
    unsigned char bytes[2048] = {0}, file[SCRATCH_FILE];
    for (size_t i = 1; i < sizeof bytes; i += 3) bytes[i] = 1;
    wg_array array = {.data = bytes}, back;
    EXPECT(wg_type_make(dtype, shape, &array.type));
    const size_t  size = (size_t)array.type.count * wg_dtype_size(dtype);
    const wg_view view = wg_array_view(&array);
    scratch_path("round.npy", path);
    EXPECT_MSG(wg_npy_write(path, &view, reason), "%s", reason);
    EXPECT((scratch_read(path, file) - size) % 64 == 0);
    EXPECT_MSG(wg_npy_read(path, NULL, &back, reason), "%s", reason);
    EXPECT(wg_type_equal(&array.type, &back.type) && memcmp(back.data, bytes, size) == 0);
    wg_array_free(&back);
}

START_TEST(each_dtype_and_rank_comes_back_as_it_was_written)
{
    const wg_shape shapes[] = {WG_SCALAR,         WG_SHAPE(7),    WG_SHAPE(0),
                               WG_SHAPE(4, 0, 3), WG_SHAPE(2, 3), WG_SHAPE(2, 1, 2, 3, 1, 2, 2, 5)};
    for (wg_dtype dtype = WG_F32; dtype <= WG_BOOL; dtype++)
        for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
            expect_round_trip(dtype, shapes[k]);
    EXPECT(scratch_count() == 1);
}
END_TEST

START_TEST(a_header_is_written_as_numpy_writes_it)
{
    char          path[SCRATCH_PATH];
    unsigned char file[SCRATCH_FILE];
    wg_array      array = {.data = (float[6]){0}};
    EXPECT(wg_type_make(WG_F32, WG_SHAPE(2, 3), &array.type));
    const wg_view view = wg_array_view(&array);
    EXPECT(wg_npy_write(scratch_path("a.npy", path), &view, NULL));
    EXPECT(scratch_read(path, file) == 128 + 24);
    const char text[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    EXPECT(memcmp(file, "\x93NUMPY\1\0\x76\0", 10) == 0);
    EXPECT(memcmp(file + 10, text, strlen(text)) == 0);
    EXPECT(file[127] == '\n' && file[126] == ' ');
}
END_TEST

/* 70 x 90 numbers, transposed, or with one axis reversed: more than is packed at once. */
START_TEST(views_of_any_strides_are_written_in_row_major_order)
{
    static int32_t values[70 * 90];
    for (int i = 0; i < 70 * 90; i++) values[i] = i;
    wg_type type;
    EXPECT(wg_type_make(WG_I32, WG_SHAPE(90, 70), &type));
    const wg_view transposed = {.data = values, .type = &type, .stride = {1, 90}};
    const wg_view reversed = {.data = values + 69, .type = &type, .stride = {70, -1}};
    const wg_view expanded = {.data = values + 5, .type = &type, .stride = {0, 0}};
    const wg_view views[] = {transposed, reversed, expanded};
    for (int k = 0; k < 3; k++) {
        char     path[SCRATCH_PATH];
        wg_array back;
        EXPECT(wg_npy_write(scratch_path("view.npy", path), &views[k], NULL));
        EXPECT(wg_npy_read(path, NULL, &back, NULL));
        int wrong = 0;
        for (int i = 0; i < 90; i++) {
            for (int j = 0; j < 70; j++) {
                const int wanted[] = {i + 90 * j, 70 * i + 69 - j, 5};
                wrong += element(&back, 70 * i + j) != wanted[k];
            }
        }
        EXPECT(wrong == 0);
        wg_array_free(&back);
    }
}
END_TEST

static wg_view three_numbers(wg_array *array)
{
    static double numbers[3] = {1, 2, 3};
    *array = (wg_array){.data = numbers};
    EXPECT(wg_type_make(WG_F64, WG_SHAPE(3), &array->type));
    return wg_array_view(array);
}

START_TEST(a_path_that_cannot_be_written_is_refused)
{
    char          folder[SCRATCH_PATH], reason[WG_REASON], path[2 * SCRATCH_PATH], far[5000];
    wg_array      array;
    const wg_view view = three_numbers(&array);
    memset(far, 'x', sizeof far - 1);
    far[sizeof far - 1] = '\0';
    scratch_path("", folder);
    EXPECT(!wg_npy_write(folder, &view, reason));
    EXPECT_SAYS(reason, "not a regular file");
    snprintf(path, sizeof path, "%smissing/a.npy", folder);
    EXPECT(!wg_npy_write(path, &view, reason));
    EXPECT_SAYS(reason, "missing/a.npy: cannot be written: No such file or directory");
    snprintf(path, sizeof path, "%s/a.npy", scratch_write("file", "", 0, folder));
    EXPECT(!wg_npy_write(path, &view, reason));
    EXPECT_SAYS(reason, "cannot be written: Not a directory");
    EXPECT(!wg_npy_write("/dev/null", &view, reason));
    EXPECT_TEXT(reason, "/dev/null: is not a regular file");
    EXPECT(!wg_npy_write(far, &view, reason));
    EXPECT_SAYS(reason, "xxx: cannot be written: File name too long");
    EXPECT(!wg_npy_write(NULL, &view, reason) && !wg_npy_write(NULL, NULL, NULL));
    EXPECT(!wg_npy_write("a.npy", &(wg_view){.type = &array.type}, reason));
    EXPECT_TEXT(reason, "a.npy: no values were given");
    EXPECT(scratch_count() == 1);
}
END_TEST

START_TEST(a_write_that_fails_half_way_leaves_the_old_file)
{
    char          path[SCRATCH_PATH], reason[WG_REASON];
    unsigned char file[SCRATCH_FILE];
    wg_array      array;
    const wg_view view = three_numbers(&array);
    struct rlimit old, little;
    EXPECT(getrlimit(RLIMIT_FSIZE, &old) == 0);
    little = old;
    little.rlim_cur = 140; /* the header and half of the values */
    signal(SIGXFSZ, SIG_IGN);
    scratch_write("a.npy", "old", 3, path);
    EXPECT(setrlimit(RLIMIT_FSIZE, &little) == 0);
    const bool written = wg_npy_write(path, &view, reason);
    EXPECT(setrlimit(RLIMIT_FSIZE, &old) == 0);
    EXPECT(!written);
    EXPECT_SAYS(reason, "a.npy: cannot be written: File too large");
    EXPECT(scratch_read(path, file) == 3 && memcmp(file, "old", 3) == 0);
    EXPECT(scratch_count() == 1);
    EXPECT(wg_npy_write(path, &view, NULL) && scratch_read(path, file) == 128 + 24);
}
END_TEST

/* ---- hostile files ---- */

static void expect_refused(const char *path, const char *why)
{
    wg_array array;
    char     reason[WG_REASON] = "";
    EXPECT_MSG(!wg_npy_read(path, NULL, &array, reason), "accepted, but: %s", why);
    EXPECT_SAYS(reason, why);
    EXPECT(!array.data && array.type.count == 0);
    wg_array_free(&array);
}

START_TEST(what_is_no_file_is_refused)
{
    char path[SCRATCH_PATH];
    expect_refused(scratch_path("missing", path), "missing: cannot be opened: No such file");
    expect_refused(scratch_path("", path), "not a regular file");
    expect_refused("/dev/null", "not a regular file");
    expect_refused(NULL, "no path");
    expect_refused("", "cannot be opened");
    expect_refused(scratch_write("empty", "", 0, path), "ends early");
}
END_TEST

/* Accepted only with the very bytes of the file, in the order that its dtype says. */
static int load_damaged(const char *path, const unsigned char *bytes, size_t count)
{
    enum { order = 21 }; /* where the '<' stands in "{'descr': '<f4', ..." behind 10 bytes */
    wg_array array;
    char     reason[WG_REASON] = "";
    if (!wg_npy_read(path, NULL, &array, reason)) {
        EXPECT(reason[0] && !array.data);
        return 0;
    }
    const size_t width = wg_dtype_size(array.type.dtype);
    const size_t size = (size_t)array.type.count * width;
    EXPECT(size <= count);
    const unsigned char *got = array.data, *wanted = bytes + count - size;
    for (size_t i = 0; i < size; i++)
        EXPECT(got[i] ==
               wanted[bytes[order] == '>' ? i / width * width + width - 1 - i % width : i]);
    wg_array_free(&array);
    return 1;
}

START_TEST(damaged_files_are_refused_or_read_right)
{
    unsigned char file[SCRATCH_FILE];
    const size_t  count = scratch_read(DATA "f4_little.npy", file);
    EXPECT(scratch_truncate(file, count, load_damaged) == 0);
    EXPECT(scratch_damage(file, 10, 10, load_damaged) == 0);
    /* < to > or =, f to i with a bit turned, line end to space, any value; 24 bytes of values */
    const int accepted = scratch_damage(file, count, count, load_damaged);
    EXPECT(accepted > 24 * 8 && accepted < 24 * 12 + 50);
}
END_TEST

/* A version 1.0 file with this dict and so many zeros behind it. */
static const char *write_file(const char *dict, size_t zeros, char path[SCRATCH_PATH])
{
    unsigned char file[SCRATCH_FILE] = "\x93NUMPY\1";
    const size_t  length = strlen(dict);
    file[8] = (unsigned char)length;
    memcpy(file + 10, dict, length);
    return scratch_write("crafted.npy", file, 10 + length + zeros, path);
}

#define DICT(descr, shape) "{'descr': " descr ", 'fortran_order': False, 'shape': " shape "}"

START_TEST(headers_that_python_would_read_are_read)
{
    const struct {
        const char *dict;
        size_t      bytes;
    } files[] = {
        {DICT("'=f4'", "(2, 3)"), 24},
        {DICT("'|i8'", "(2,)"), 16},
        {DICT("\">i4\"", "( 2 , 3 , )"), 24},
        {"{'shape':(1,),'fortran_order':True,'descr':'|b1',}  \n", 1},
        {DICT("'<f8'", "()"), 8},
        {DICT("'<f8'", "(3, 0, 900000)"), 0},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        char     path[SCRATCH_PATH], reason[WG_REASON] = "";
        wg_array array;
        write_file(files[k].dict, files[k].bytes, path);
        EXPECT_MSG(wg_npy_read(path, NULL, &array, reason), "%s", reason);
        EXPECT((size_t)array.type.count * wg_dtype_size(array.type.dtype) == files[k].bytes);
        wg_array_free(&array);
    }
}
END_TEST

START_TEST(headers_that_lie_or_are_not_understood_are_refused)
{
    const struct {
        const char *dict;
        size_t      zeros;
        const char *why;
    } files[] = {
        {DICT("'<f4'", "(2, 3)"), 25, "has 25 bytes of values, its header says 24"},
        {DICT("'<f4'", "(2, 3)"), 23, "has 23 bytes of values, its header says 24"},
        {DICT("'<f4'", "(2, 9000000000)"), 24, "header says 72000000000"},
        {DICT("'<f4'", "(4294967296, 4294967296, 4294967296)"), 0, "sizes in the npy header"},
        {DICT("'<f4'", "(0, 4294967296, 4294967296, 4294967296)"), 0, "sizes in the npy header"},
        {DICT("'<f4'", "(9223372036854775807,)"), 24, "sizes in the npy header"},
        {DICT("'<f4'", "(9223372036854775808,)"), 24, "a size that fits into 63 bits was expected"},
        {DICT("'<f4'", "(99999999999999999999999,)"), 24, "fits into 63 bits"},
        {DICT("'<f4'", "(1, 1, 1, 1, 1, 1, 1, 1, 1)"), 4, "a shape of at most 8 axes"},
        {DICT("'<f4'", "(1)"), 4, "byte 53: a comma in a shape of one axis was expected"},
        {DICT("'<f4'", "(-1,)"), 4, "a size was expected"},
        {DICT("'<f4'", "(01,)"), 4, "a size was expected"},
        {DICT("'<f4'", "(1 1)"), 4, "a comma or the end of a shape"},
        {DICT("'<f4'", "(,)"), 4, "a size was expected"},
        {DICT("'<f4'", "1"), 4, "a shape in brackets"},
        {DICT("'<c8'", "(1,)"), 8, "the dtype '<c8' is not one of"},
        {DICT("'<f2'", "(2,)"), 8, "has 8 bytes of values, its header says 4"},
        {DICT("'|O'", "(2,)"), 16, "the dtype '|O' is not one of"},
        {DICT("'f4'", "(1,)"), 4, "the dtype 'f4' is not one of"},
        {DICT("''", "(1,)"), 4, "the dtype '' is not one of"},
        {DICT("[('a', '<f4')]", "(1,)"), 4, "a text in quotes was expected"},
        {DICT("'<\\x664'", "(1,)"), 4, "a short text without escapes"},
        {"{'descr': '<f4', 'shape': (1,)}", 4, "all of descr, fortran_order and shape"},
        {"{'shape': (1,), 'shape': (1,)}", 4, "each key once"},
        {"{'colour': 1}", 4, "descr, fortran_order or shape was expected"},
        {"{'descr' '<f4'}", 4, "a colon"},
        {"{'descr': '<f4' 'shape': (1,)}", 4, "a comma or the end of the dict"},
        {"{'fortran_order': 1}", 4, "True or False"},
        {"{'descr': '<f4", 0, "a closing quote"},
        {DICT("'<f4'", "(1,)") "x", 4, "nothing behind the dict"},
        {"", 0, "a dict was expected"},
        {"{", 0, "a text in quotes"},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        char path[SCRATCH_PATH];
        expect_refused(write_file(files[k].dict, files[k].zeros, path), files[k].why);
    }
}
END_TEST

START_TEST(starts_of_other_files_are_refused)
{
    const struct {
        char        start[12];
        const char *why;
    } files[] = {
        {"\x93NUMPX\1\0\4\0{}", "is not a .npy file"},
        {"PK\3\4\0\0\0\0\0\0\0", "is not a .npy file"},
        {"\x93NUMPY\4\0\0\0\0", "has npy version 4.0"},
        {"\x93NUMPY\0\0\0\0\0", "has npy version 0.0"},
        {"\x93NUMPY\1\1\0\0\0", "has npy version 1.1"},
        {"\x93NUMPY\1\0\x11\x27", "has an npy header of 10001 bytes"},
        {"\x93NUMPY\2\0\xFF\xFF\xFF\xFF", "has an npy header of 4294967295 bytes"},
        {"\x93NUMPY\1\0\x10\x27", "ends early: 10000 bytes are wanted"},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        char path[SCRATCH_PATH];
        expect_refused(scratch_write("start.npy", files[k].start, 12, path), files[k].why);
    }
}
END_TEST

START_TEST(a_bool_that_is_neither_true_nor_false_is_refused)
{
    char          path[SCRATCH_PATH];
    unsigned char file[SCRATCH_FILE];
    const size_t  count = scratch_read(DATA "b1_fortran.npy", file);
    file[count - 2] = 2;
    expect_refused(scratch_write("b.npy", file, count, path), "element 10 is 2, a bool is 0 or 1");
}
END_TEST

/* ---- without memory ---- */

static bool read_with(const wg_allocator *allocator, void *path)
{
    wg_array   array;
    char       reason[WG_REASON] = "";
    const bool good = wg_npy_read(path, allocator, &array, reason);
    if (!good) EXPECT_SAYS(reason, "no memory");
    wg_array_free(&array);
    return good;
}

START_TEST(reading_without_memory_fails_cleanly)
{
    EXPECT(failing_sweep(read_with, DATA "f4_little.npy") == 2 * 1);
    EXPECT(failing_sweep(read_with, DATA "f4_little_fortran.npy") == 2 * 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("npy");
    TCase *tests = tcase_create("npy");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    tcase_add_test(tests, files_of_numpy_load_right);
    tcase_add_test(tests, numbers_of_two_bytes_are_read_into_f32);
    tcase_add_test(tests, each_dtype_and_rank_comes_back_as_it_was_written);
    tcase_add_test(tests, a_header_is_written_as_numpy_writes_it);
    tcase_add_test(tests, views_of_any_strides_are_written_in_row_major_order);
    tcase_add_test(tests, a_path_that_cannot_be_written_is_refused);
    tcase_add_test(tests, a_write_that_fails_half_way_leaves_the_old_file);
    tcase_add_test(tests, what_is_no_file_is_refused);
    tcase_add_test(tests, damaged_files_are_refused_or_read_right);
    tcase_add_test(tests, headers_that_python_would_read_are_read);
    tcase_add_test(tests, headers_that_lie_or_are_not_understood_are_refused);
    tcase_add_test(tests, starts_of_other_files_are_refused);
    tcase_add_test(tests, a_bool_that_is_neither_true_nor_false_is_refused);
    tcase_add_test(tests, reading_without_memory_fails_cleanly);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
