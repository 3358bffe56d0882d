// SPDX-License-Identifier: MIT
/* Safetensors: what Python wrote is read, what we write is what Python writes, and nothing else gets
   through. */
#include "../support/expect.h"
#include "../support/failing.h"
#include "numpy_rule.h"
#include "scratch.h"

#include <stdio.h>
#include <wengert/formats/safetensors.h>

#define DATA "tests/formats/data/"

static void read_set(const char *path, wg_named_arrays *set)
{
    char reason[WG_REASON] = "";
    EXPECT_MSG(wg_safetensors_read(path, NULL, set, reason), "%s", reason);
}

START_TEST(a_file_of_python_loads_right)
{
    wg_named_arrays set;
    read_set(DATA "plain.safetensors", &set);
    EXPECT(set.count == NUMPY_ARRAYS && set.metadata_count == 0);
    for (int k = 0; k < NUMPY_ARRAYS; k++) expect_numpy_array(&set, &numpy_arrays[k]);
    EXPECT(!wg_named_find(&set, "conv1") && !wg_metadata_find(&set, "format"));
    wg_named_free(&set);
    EXPECT(!set.at && set.count == 0);
}
END_TEST

START_TEST(numbers_of_two_bytes_are_read_into_f32)
{
    const float half[] = {0, -0.0F, 1.5F, -65504, 0x1p-24F, -0x1.ff8p-15F, INFINITY, NAN};
    const float brain[] = {0, -0.0F, 1.5F, -0x1.c4p127F, 0x1p-133F, -0x1.b4p-127F, INFINITY, NAN};
    wg_named_arrays set;
    read_set(DATA "short.safetensors", &set);
    EXPECT(set.count == 3);
    const wg_array *a = wg_named_find(&set, "half"), *b = wg_named_find(&set, "brain");
    EXPECT(a && a->type.dtype == WG_F32 && wg_shape_equal(a->type.shape, WG_SHAPE(8)));
    EXPECT(b && b->type.dtype == WG_F32 && wg_shape_equal(b->type.shape, WG_SHAPE(2, 4)));
    for (int i = 0; i < 8; i++) {
        EXPECT_CLOSE(element(a, i), (double)half[i], 0);
        EXPECT_CLOSE(element(b, i), (double)brain[i], 0);
        EXPECT(i == 7 || !signbit(element(a, i)) == !signbit(half[i]));
        EXPECT(i == 7 || !signbit(element(b, i)) == !signbit(brain[i]));
    }
    EXPECT(element(wg_named_find(&set, "single"), 0) == 0.25);
    EXPECT_TEXT(wg_metadata_find(&set, "note"), "Gr\xC3\xBCn \"x\" \\ \n\xF0\x9F\x98\x80");
    wg_named_free(&set);
}
END_TEST

/* ---- writing ---- */

START_TEST(the_bytes_are_those_that_python_writes)
{
    char          path[SCRATCH_PATH], reason[WG_REASON] = "";
    unsigned char ours[SCRATCH_FILE], theirs[SCRATCH_FILE];
    scratch_path("ours.safetensors", path);
    EXPECT_MSG(wg_safetensors_write(path, numpy_views(), NULL, reason), "%s", reason);
    const size_t count = scratch_read(path, ours);
    EXPECT(count == scratch_read(DATA "plain.safetensors", theirs));
    EXPECT(memcmp(ours, theirs, count) == 0);
    EXPECT(scratch_count() == 1);
}
END_TEST

START_TEST(texts_of_all_kinds_come_back)
{
    const char *texts[] = {"a \"b\" \\ / \b\f\n\r\t \x01\x1F", "Gr\xC3\xBC\xC3\x9F", "\xE2\x82\xAC",
                           "\xF0\x9F\x98\x80", "x"};
    wg_named_view views[5];
    wg_metadata   metadata[5];
    wg_type       type;
    float         values[5] = {1, 2, 3, 4, 5};
    char          path[SCRATCH_PATH];
    EXPECT(wg_type_make(WG_F32, WG_SCALAR, &type));
    for (int i = 0; i < 5; i++) {
        views[i] = (wg_named_view){texts[i], {.data = &values[i], .type = &type}};
        metadata[i] = (wg_metadata){texts[i], texts[4 - i]};
    }
    const wg_named_views all = {5, views, 5, metadata};
    wg_named_arrays      set;
    EXPECT(wg_safetensors_write(scratch_path("texts", path), &all, NULL, NULL));
    read_set(path, &set);
    EXPECT(set.count == 5 && set.metadata_count == 5);
    for (int i = 0; i < 5; i++) {
        const wg_array *array = wg_named_find(&set, texts[i]);
        EXPECT(array && element(array, 0) == i + 1);
        EXPECT_TEXT(wg_metadata_find(&set, texts[i]), texts[4 - i]);
    }
    wg_named_free(&set);
}
END_TEST

START_TEST(views_of_any_strides_are_written_in_row_major_order)
{
    static int32_t values[70 * 90];
    for (int i = 0; i < 70 * 90; i++) values[i] = i;
    wg_type type;
    EXPECT(wg_type_make(WG_I32, WG_SHAPE(90, 70), &type));
    const wg_named_view views[] = {
        {"turned", {.data = values, .type = &type, .stride = {1, 90}}},
        {"back", {.data = values + 69, .type = &type, .stride = {70, -1}}}};
    char            path[SCRATCH_PATH];
    wg_named_arrays set;
    EXPECT(wg_safetensors_write(scratch_path("views", path), &(wg_named_views){2, views, 0, NULL},
                                NULL, NULL));
    read_set(path, &set);
    int wrong = 0;
    for (int i = 0; i < 90; i++) {
        for (int j = 0; j < 70; j++) {
            wrong += element(wg_named_find(&set, "turned"), 70 * i + j) != i + 90 * j;
            wrong += element(wg_named_find(&set, "back"), 70 * i + j) != 70 * i + 69 - j;
        }
    }
    EXPECT(wrong == 0);
    wg_named_free(&set);
}
END_TEST

START_TEST(an_empty_set_is_a_file)
{
    char            path[SCRATCH_PATH];
    unsigned char   file[SCRATCH_FILE];
    wg_named_arrays set;
    EXPECT(wg_safetensors_write(scratch_path("none", path), &(wg_named_views){0}, NULL, NULL));
    EXPECT(scratch_read(path, file) == 16 && memcmp(file, "\10\0\0\0\0\0\0\0{}      ", 16) == 0);
    read_set(path, &set);
    EXPECT(set.count == 0);
    wg_named_free(&set);
}
END_TEST

static void expect_unwritten(const wg_named_views *views, const char *why)
{
    char path[SCRATCH_PATH], reason[WG_REASON] = "";
    scratch_path("no.safetensors", path);
    EXPECT_MSG(!wg_safetensors_write(path, views, NULL, reason), "written, but: %s", why);
    EXPECT_SAYS(reason, why);
    EXPECT(scratch_count() == 0);
}

START_TEST(what_would_be_no_sound_file_is_not_written)
{
    wg_type       type;
    float         value = 1;
    const wg_view view = {.data = &value, .type = &type};
    EXPECT(wg_type_make(WG_F32, WG_SCALAR, &type));
    const struct {
        wg_named_view at[2];
        wg_metadata   metadata[2];
        const char   *why;
    } cases[] = {
        {{{"a", view}, {"a", view}}, {{0}}, "the name \"a\" comes twice"},
        {{{"a", view}, {"", view}}, {{0}}, "array 1 has no name"},
        {{{"a", view}, {NULL, view}}, {{0}}, "array 1 has no name"},
        {{{"\xFF", view}, {"a", view}}, {{0}}, "array 0 has no name in UTF-8"},
        {{{"a", view}, {"__metadata__", view}}, {{0}}, "no array can be named"},
        {{{"a", view}, {"b", {.type = &type}}}, {{0}}, "no values were given for \"b\""},
        {{{"a", view}, {"b", view}}, {{"k", "1"}, {"k", "2"}}, "the key \"k\" comes twice"},
        {{{"a", view}, {"b", view}}, {{"k", "1"}, {"l", NULL}}, "metadata 1 are no two texts"},
        {{{"a", view}, {"b", view}}, {{"k", "\xC0\x80"}, {"l", ""}}, "metadata 0 are no two texts"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        expect_unwritten(
            &(wg_named_views){2, cases[k].at, cases[k].metadata[0].key ? 2 : 0, cases[k].metadata},
            cases[k].why);
    }
    char reason[WG_REASON];
    EXPECT(!wg_safetensors_write(NULL, &(wg_named_views){0}, NULL, reason));
    EXPECT_SAYS(reason, "is no path");
    EXPECT(!wg_safetensors_write("/dev/null", &(wg_named_views){0}, NULL, reason));
    EXPECT_SAYS(reason, "not a regular file");
}
END_TEST

/* ---- hostile files ---- */

static void expect_refused(const char *path, const char *why)
{
    wg_named_arrays set;
    char            reason[WG_REASON] = "";
    EXPECT_MSG(!wg_safetensors_read(path, NULL, &set, reason), "accepted, but: %s", why);
    EXPECT_SAYS(reason, why);
    EXPECT(!set.at && !set.metadata && set.count == 0 && set.metadata_count == 0);
}

START_TEST(what_is_no_file_is_refused)
{
    char path[SCRATCH_PATH];
    expect_refused(scratch_path("missing", path), "missing: cannot be opened: No such file");
    expect_refused("/dev/null", "not a regular file");
    expect_refused(NULL, "no path");
    expect_refused(scratch_write("empty", "", 0, path), "ends early");
}
END_TEST

/* A file with this header and so many bytes, all 1, behind it. */
static const char *write_file(const char *header, size_t ones, char path[SCRATCH_PATH])
{
    unsigned char file[SCRATCH_FILE] = {0};
    const size_t  length = strlen(header);
    EXPECT(length < 1000);
    file[0] = (unsigned char)length;
    file[1] = (unsigned char)(length >> 8);
    memcpy(file + 8, header, length);
    memset(file + 8 + length, 1, ones);
    return scratch_write("crafted", file, 8 + length + ones, path);
}

#define ARRAY(dtype, shape, from, to)                                                              \
    "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" #from "," #to "]}"

START_TEST(headers_that_are_allowed_are_read)
{
    const struct {
        const char *header;
        size_t      bytes, count;
    } files[] = {
        {"{}", 0, 0},
        {"{ \"__metadata__\" : { } }\n\t\r ", 0, 0},
        {"{\"b\":" ARRAY("U8", "[2]", 1, 3) ",\"a\":" ARRAY("U8", "[1]", 0, 1) "}", 3, 2},
        {"{\"a\":{\"data_offsets\":[0,8],\"shape\":[],\"dtype\":\"I64\"}}", 8, 1},
        {"{\"\":" ARRAY("BF16", "[1, 2]", 0, 4) "}", 4, 1},
        {"{\"\\u00e4\\ud83d\\ude00\\n\":" ARRAY("BOOL", "[2,2,1,1,1,1,1,1]", 0, 4) "}", 4, 1},
        {"{\"a\":" ARRAY("F64", "[900000,0]", 0, 0) ",\"b\":" ARRAY("F64", "[0]", 0, 0) "}", 0, 2},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        char            path[SCRATCH_PATH];
        wg_named_arrays set;
        read_set(write_file(files[k].header, files[k].bytes, path), &set);
        EXPECT(set.count == files[k].count);
        if (k == 5) EXPECT_TEXT(set.at[0].name, "\xC3\xA4\xF0\x9F\x98\x80\n");
        wg_named_free(&set);
    }
}
END_TEST

START_TEST(headers_that_lie_or_are_not_understood_are_refused)
{
    static const struct {
        const char *header;
        size_t      ones;
        const char *why;
    } files[] = {
        /* against the file */
        {"{}", 1, "has 1 bytes of values, its header says 0"},
        {"{\"a\":" ARRAY("U8", "[4]", 0, 4) "}", 3, "has 3 bytes of values, its header says 4"},
        {"{\"a\":" ARRAY("U8", "[4]", 0, 4) "}", 5, "has 5 bytes of values, its header says 4"},
        {"{\"a\":" ARRAY("U8", "[4]", 1, 5) "}", 5,
         "begins at byte 1, the bytes before it end at 0"},
        {"{\"a\":" ARRAY("U8", "[4]", 0, 4) ",\"b\":" ARRAY("U8", "[4]", 3, 7) "}", 7,
         "\"b\" begins at byte 3, the bytes before it end at 4"},
        {"{\"a\":" ARRAY("U8", "[4]", 0, 4) ",\"b\":" ARRAY("U8", "[4]", 0, 4) "}", 4,
         "begins at byte 0, the bytes before it end at 4"},
        {"{\"a\":" ARRAY("U8", "[4]", 4, 0) "}", 4, "has 4 bytes by its sizes and -4 by its place"},
        {"{\"a\":" ARRAY("F32", "[2]", 0, 4) "}", 4, "has 8 bytes by its sizes and 4 by its place"},
        {"{\"a\":" ARRAY("F16", "[2]", 0, 8) "}", 8, "has 4 bytes by its sizes and 8 by its place"},
        {"{\"a\":" ARRAY("F32", "[4294967296,4294967296]", 0, 0) "}", 0, "has too large sizes"},
        {"{\"a\":" ARRAY("F32", "[0,4294967296,4294967296]", 0, 0) "}", 0, "has too large sizes"},
        {"{\"a\":" ARRAY("U8", "[4611686018427387904]", 0, 4611686018427387904) "}", 0,
         "has 0 bytes of values, its header says 4611686018427387904"},
        {"{\"a\":" ARRAY("F32", "[9223372036854775808]", 0, 4) "}", 4, "fits into 63 bits"},
        /* entries */
        {"{\"a\":" ARRAY("F8_E4M3", "[1]", 0, 1) "}", 1, "has dtype F8_E4M3, which is not read"},
        {"{\"a\":" ARRAY("f32", "[1]", 0, 4) "}", 4, "has dtype f32, which is not read"},
        {"{\"a\":" ARRAY("", "[1]", 0, 4) "}", 4, "has dtype , which is not read"},
        {"{\"a\":" ARRAY("F32", "[1,1,1,1,1,1,1,1,1]", 0, 4) "}", 4, "at most 8 axes"},
        {"{\"a\":" ARRAY("F32", "1", 0, 4) "}", 4, "a list of sizes was expected"},
        {"{\"a\":" ARRAY("F32", "[1 1]", 0, 4) "}", 4, "a comma or the end of a list"},
        {"{\"a\":" ARRAY("F32", "[-1]", 0, 4) "}", 4, "a size was expected"},
        {"{\"a\":" ARRAY("F32", "[01]", 0, 4) "}", 4, "a size was expected"},
        {"{\"a\":" ARRAY("F32", "[1.0]", 0, 4) "}", 4, "a comma or the end of a list"},
        {"{\"a\":" ARRAY("F32", "[1e0]", 0, 4) "}", 4, "a comma or the end of a list"},
        {"{\"a\":" ARRAY("F32", "[\"1\"]", 0, 4) "}", 4, "a size was expected"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0]}}", 1, "a list of 2 sizes"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1,1]}}", 1,
         "a list of 2 sizes"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[]}}", 1, "all of dtype, shape and data_offsets"},
        {"{\"a\":{}}", 1, "all of dtype, shape and data_offsets"},
        {"{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", 1, "each key once"},
        {"{\"a\":{\"colour\":1}}", 1, "dtype, shape or data_offsets was expected"},
        {"{\"a\":{\"dtype\":1}}", 1, "a text in quotes was expected"},
        {"{\"a\":1}", 0, "an object was expected"},
        {"{\"a\":[]}", 0, "an object was expected"},
        /* keys */
        {"{\"a\":" ARRAY("U8", "[1]", 0, 1) ",\"a\":" ARRAY("U8", "[1]", 1, 2) "}", 2,
         "the name \"a\" comes twice"},
        {"{\"a\":" ARRAY("U8", "[0]", 0, 0) ",\"\\u0061\":" ARRAY("U8", "[0]", 0, 0) "}", 0,
         "the name \"a\" comes twice"},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "__metadata__ once was expected"},
        {"{\"__metadata__\":{\"k\":\"1\",\"j\":\"2\",\"k\":\"1\"}}", 0,
         "the name \"k\" comes twice"},
        {"{\"__metadata__\":{\"k\":1}}", 0, "a text in quotes was expected"},
        {"{\"__metadata__\":{\"k\":null}}", 0, "a text in quotes was expected"},
        {"{\"__metadata__\":\"k\"}", 0, "an object was expected"},
        /* JSON */
        {"", 0, "byte 0 of the header: an object was expected"},
        {" {}", 0, "byte 0 of the header: an object was expected"},
        {"[]", 0, "an object was expected"},
        {"{", 0, "a text in quotes was expected"},
        {"{}}", 0, "byte 2 of the header: nothing more was expected"},
        {"{},", 0, "nothing more was expected"},
        {"{\"a\"", 0, "a colon was expected"},
        {"{\"a", 0, "a closing quote was expected"},
        {"{\"__metadata__\":{},}", 0, "a text in quotes was expected"},
        {"{\"__metadata__\":{\"a\":\"b\" \"c\"}}", 0, "a comma or the end of an object"},
        {"{'a':1}", 0, "a text in quotes was expected"},
        {"{\"\n\":1}", 0, "a character of UTF-8 was expected"},
        {"{\"\xFF\":1}", 0, "a character of UTF-8 was expected"},
        {"{\"\x80\":1}", 0, "a character of UTF-8 was expected"},
        {"{\"\xC1\xBF\":1}", 0, "a character of UTF-8 was expected"},
        {"{\"\xC3\":1}", 0, "a character of UTF-8 was expected"},
        {"{\"\xE0\x9F\xBF\":1}", 0, "a character of UTF-8 was expected"},
        {"{\"\xED\xA0\x80\":1}", 0, "a character of UTF-8 was expected"},
        {"{\"\xF0\x8F\xBF\xBF\":1}", 0, "a character of UTF-8 was expected"},
        {"{\"\xF4\x90\x80\x80\":1}", 0, "a character of UTF-8 was expected"},
        {"{\"\xF5\x80\x80\x80\":1}", 0, "a character of UTF-8 was expected"},
        {"{\"\xE2\x82", 0, "a character of UTF-8 was expected"},
        {"{\"\\x\":1}", 0, "an escape was expected"},
        {"{\"\\", 0, "an escape was expected"},
        {"{\"\\u00\":1}", 0, "a character other than zero in four hexadecimal digits"},
        {"{\"\\u0000\":1}", 0, "a character other than zero in four hexadecimal digits"},
        {"{\"\\u00", 0, "a character other than zero in four hexadecimal digits"},
        {"{\"\\udc00\":1}", 0, "a character other than zero in four hexadecimal digits"},
        {"{\"\\ud800\":1}", 0, "the second half of a character"},
        {"{\"\\ud800\\n\":1}", 0, "the second half of a character"},
        {"{\"\\ud800\\ud800\":1}", 0, "the second half of a character"},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        char path[SCRATCH_PATH];
        expect_refused(write_file(files[k].header, files[k].ones, path), files[k].why);
    }
}
END_TEST

START_TEST(lengths_of_headers_are_held_against_the_file)
{
    const struct {
        char        start[11];
        const char *why;
    } files[] = {
        {"\3\0\0\0\0\0\0\0{}", "announces a header of 3 bytes, 2 are left"},
        {"\1\0\0\0\0\0\0\0{}", "a text in quotes was expected"},
        {"\0\0\0\0\0\0\0\0{}", "an object was expected"},
        {"\1\xE1\xF5\5\0\0\0\0{}", "announces a header of 100000001 bytes"},
        {"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF{}", "announces a header of 18446744073709551615 bytes"},
        {"\2\0\0\0\0\0\0\x80{}", "announces a header of 9223372036854775810 bytes"},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        char path[SCRATCH_PATH];
        expect_refused(scratch_write("start", files[k].start, 10, path), files[k].why);
    }
}
END_TEST

START_TEST(a_bool_that_is_neither_true_nor_false_is_refused)
{
    char          path[SCRATCH_PATH];
    unsigned char file[SCRATCH_FILE];
    const size_t  count = scratch_read(DATA "plain.safetensors", file);
    file[count - 2] = 2;
    expect_refused(scratch_write("bool", file, count, path), "element 1 of \"mask\" is no bool");
}
END_TEST

/* Accepted only with the very bytes of the file, in its order. */
static int load_damaged(const char *path, const unsigned char *bytes, size_t count)
{
    wg_named_arrays set;
    char            reason[WG_REASON] = "";
    if (!wg_safetensors_read(path, NULL, &set, reason)) {
        EXPECT(reason[0] && !set.at);
        return 0;
    }
    size_t left = 0;
    for (size_t k = 0; k < set.count; k++)
        left += (size_t)set.at[k].array.type.count * wg_dtype_size(set.at[k].array.type.dtype);
    EXPECT(left <= count);
    for (size_t k = 0; k < set.count; k++) {
        const wg_type *type = &set.at[k].array.type;
        const size_t   size = (size_t)type->count * wg_dtype_size(type->dtype);
        EXPECT(memcmp(set.at[k].array.data, bytes + count - left, size) == 0);
        left -= size;
    }
    wg_named_free(&set);
    return 1;
}

START_TEST(damaged_files_are_refused_or_read_right)
{
    unsigned char file[SCRATCH_FILE];
    const size_t  count = scratch_read(DATA "plain.safetensors", file);
    EXPECT(scratch_truncate(file, count, load_damaged) == 0);
    EXPECT(scratch_damage(file, 8, 8, load_damaged) == 0);
    /* any value of the numbers, and other names */
    const int accepted = scratch_damage(file, count, count, load_damaged);
    EXPECT_MSG(accepted > 100 * 8 && accepted < 2000, "%d", accepted);
}
END_TEST

/* Of numbers of two bytes nothing but a crash can be told. */
static int load_any(const char *path, const unsigned char *bytes, size_t count)
{
    wg_named_arrays set;
    (void)bytes, (void)count;
    const bool good = wg_safetensors_read(path, NULL, &set, NULL);
    wg_named_free(&set);
    return good;
}

START_TEST(damaged_files_of_short_numbers_and_metadata_do_no_harm)
{
    unsigned char file[SCRATCH_FILE];
    const size_t  count = scratch_read(DATA "short.safetensors", file);
    EXPECT(scratch_truncate(file, count, load_any) == 0);
    EXPECT(scratch_damage(file, count, count, load_any) > 36 * 8);
}
END_TEST

/* ---- without memory ---- */

static bool read_with(const wg_allocator *allocator, void *path)
{
    wg_named_arrays set;
    char            reason[WG_REASON] = "";
    const bool      good = wg_safetensors_read(path, allocator, &set, reason);
    if (!good) EXPECT_SAYS(reason, "no memory");
    wg_named_free(&set);
    return good;
}

static bool write_with(const wg_allocator *allocator, void *path)
{
    wg_named_views views = *numpy_views();
    char           reason[WG_REASON] = "";
    views.metadata_count = 1;
    views.metadata = &(wg_metadata){"k", "v"};
    const bool good = wg_safetensors_write(path, &views, allocator, reason);
    if (!good) EXPECT_SAYS(reason, "no memory");
    return good;
}

START_TEST(reading_and_writing_without_memory_fail_cleanly)
{
    char path[SCRATCH_PATH];
    EXPECT(failing_sweep(read_with, DATA "plain.safetensors") >= 2 * (4 + 2 * NUMPY_ARRAYS));
    EXPECT(failing_sweep(read_with, DATA "short.safetensors") >= 2 * (5 + 2 * 3 + 2));
    scratch_path("out.safetensors", path);
    EXPECT(failing_sweep(write_with, path) >= 2 * 3);
    EXPECT(scratch_count() == 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("safetensors");
    TCase *tests = tcase_create("safetensors");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    tcase_add_test(tests, a_file_of_python_loads_right);
    tcase_add_test(tests, numbers_of_two_bytes_are_read_into_f32);
    tcase_add_test(tests, the_bytes_are_those_that_python_writes);
    tcase_add_test(tests, texts_of_all_kinds_come_back);
    tcase_add_test(tests, views_of_any_strides_are_written_in_row_major_order);
    tcase_add_test(tests, an_empty_set_is_a_file);
    tcase_add_test(tests, what_would_be_no_sound_file_is_not_written);
    tcase_add_test(tests, what_is_no_file_is_refused);
    tcase_add_test(tests, headers_that_are_allowed_are_read);
    tcase_add_test(tests, headers_that_lie_or_are_not_understood_are_refused);
    tcase_add_test(tests, lengths_of_headers_are_held_against_the_file);
    tcase_add_test(tests, a_bool_that_is_neither_true_nor_false_is_refused);
    tcase_add_test(tests, damaged_files_are_refused_or_read_right);
    tcase_add_test(tests, damaged_files_of_short_numbers_and_metadata_do_no_harm);
    tcase_add_test(tests, reading_and_writing_without_memory_fail_cleanly);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
