// SPDX-License-Identifier: MIT
/* Tables of text: numbers and classes come as the file says, and what is wrong is named by line and
   column. */
#define _XOPEN_SOURCE 700
#include "../support/expect.h"
#include "../support/failing.h"
#include "scratch.h"

#include <locale.h>
#include <stdio.h>
#include <wengert/formats/csv.h>
#include <wengert/formats/text.h>

static const char *const kinds[] = {"kind", NULL}, *const id[] = {"id", NULL};

static const char flowers[] = "id,length,\"wide, \"\"w\"\"\",kind\r\n"
                              "1,5.1,-3.5e-1,setosa\r\n"
                              "\r\n"
                              "x, 4 ,.5,\"versi\ncolor\"\n"
                              "\"\",\"+7.\",1E2,setosa";

static void read_table(const char *text, const wg_csv_options *options, wg_table *table)
{
    char path[SCRATCH_PATH], reason[WG_REASON] = "";
    scratch_write("a.csv", text, strlen(text), path);
    EXPECT_MSG(wg_csv_read(path, options, table, reason), "%s", reason);
}

START_TEST(numbers_and_classes_come_as_the_file_says)
{
    wg_table table;
    read_table(flowers, &(wg_csv_options){.classes = kinds, .without = id}, &table);
    EXPECT(table.number_count == 2 && table.label_count == 1);
    EXPECT_TEXT(table.number[0].name, "length");
    EXPECT_TEXT(table.number[1].name, "wide, \"w\"");
    EXPECT_TEXT(table.label[0].name, "kind");
    EXPECT(table.label[0].class_count == 2 && table.number[0].class_count == 0);
    EXPECT_TEXT(table.label[0].classes[0], "setosa");
    EXPECT_TEXT(table.label[0].classes[1], "versi\ncolor");
    EXPECT(table.numbers.type.dtype == WG_F32 && table.labels.type.dtype == WG_I64);
    EXPECT(wg_shape_equal(table.numbers.type.shape, WG_SHAPE(3, 2)));
    EXPECT(wg_shape_equal(table.labels.type.shape, WG_SHAPE(3, 1)));
    const float   wanted[] = {5.1F, -0.35F, 4, 0.5F, 7, 100};
    const int64_t labels[] = {0, 1, 0};
    EXPECT(memcmp(table.numbers.data, wanted, sizeof wanted) == 0);
    EXPECT(memcmp(table.labels.data, labels, sizeof labels) == 0);
    wg_table_free(&table);
    EXPECT(!table.number && !table.label && !table.text.data && table.number_count == 0);
}
END_TEST

START_TEST(a_table_can_be_in_f64_with_another_separator_and_without_a_header)
{
    const char *const last[] = {"2", NULL};
    wg_table          table;
    read_table(
        "0.1;-2;b\n1e308;3;a\n",
        &(wg_csv_options){.dtype = WG_F64, .separator = ';', .no_header = true, .classes = last},
        &table);
    const double wanted[] = {0.1, -2, 1e308, 3};
    EXPECT(table.numbers.type.dtype == WG_F64);
    EXPECT(memcmp(table.numbers.data, wanted, sizeof wanted) == 0);
    EXPECT_TEXT(table.number[1].name, "1");
    EXPECT_TEXT(table.label[0].name, "2");
    EXPECT(((int64_t *)table.labels.data)[0] == 1 && ((int64_t *)table.labels.data)[1] == 0);
    wg_table_free(&table);
}
END_TEST

START_TEST(missing_numbers_are_nan_where_asked_for)
{
    wg_table table;
    read_table("a,b,c\n,NA,NaN\nnan,null, \n1,2,3", &(wg_csv_options){.missing_is_nan = true},
               &table);
    const float *got = table.numbers.data;
    for (int i = 0; i < 6; i++) EXPECT(isnan(got[i]));
    EXPECT(got[6] == 1 && got[7] == 2 && got[8] == 3);
    wg_table_free(&table);
}
END_TEST

START_TEST(tables_without_rows_without_numbers_and_with_marks_are_read)
{
    const char *const all[] = {"a", "b", NULL};
    wg_table          table;
    read_table("a,b\n", NULL, &table);
    EXPECT(wg_shape_equal(table.numbers.type.shape, WG_SHAPE(0, 2)));
    wg_table_free(&table);
    read_table("\xEF\xBB\xBF"
               "a,b\nx,y",
               &(wg_csv_options){.classes = all}, &table);
    EXPECT(wg_shape_equal(table.numbers.type.shape, WG_SHAPE(1, 0)) && table.label_count == 2);
    wg_table_free(&table);
    read_table("a\n1\n\n2\n", NULL, &table);
    EXPECT(wg_shape_equal(table.numbers.type.shape, WG_SHAPE(2, 1)));
    wg_table_free(&table);
}
END_TEST

/* Where no such locale is installed there is nothing to see. */
START_TEST(the_point_is_a_point_in_any_locale)
{
    const char *const locales[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "C.UTF-8"};
    wg_table          table;
    for (int i = 0; i < 4; i++) {
        if (!setlocale(LC_ALL, locales[i])) continue;
        read_table("a\n1.5", NULL, &table);
        EXPECT(*(float *)table.numbers.data == 1.5F);
        wg_table_free(&table);
    }
    setlocale(LC_ALL, "C");
}
END_TEST

static void expect_refused(const char *text, size_t count, const wg_csv_options *options,
                           const char *why)
{
    wg_table table;
    char     path[SCRATCH_PATH], reason[WG_REASON] = "";
    scratch_write("a.csv", text, count, path);
    EXPECT_MSG(!wg_csv_read(path, options, &table, reason), "accepted, but: %s", why);
    EXPECT_SAYS(reason, why);
    EXPECT(!table.text.data && !table.number && !table.label && !table.numbers.data);
}

START_TEST(what_is_wrong_is_named_by_line_and_column)
{
    static const struct {
        const char *text, *why;
    } files[] = {
        {"", "a.csv: is empty"},
        {"\n\r\n\n", "a.csv: is empty"},
        {"a,b\n1,2\n1,x\n", "line 3, column 2 (\"b\"): \"x\" is not a number"},
        {"a,b\n1,\"2\n\"\n1,x\n", "line 2, column 2 (\"b\"): \"2\n\" is not a number"},
        {"a,b\n\n1,2\n\n\n1,x\n", "line 6, column 2 (\"b\"): \"x\" is not a number"},
        {"a\n0x10", "\"0x10\" is not a number"},
        {"a\ninf", "\"inf\" is not a number"},
        {"a\n1,5", "line 2 has 2 fields, wanted are 1"},
        {"a\n.", "\".\" is not a number"},
        {"a\n-", "\"-\" is not a number"},
        {"a\n1e", "\"1e\" is not a number"},
        {"a\n1e+", "\"1e+\" is not a number"},
        {"a\n1 2", "\"1 2\" is not a number"},
        {"a\n1.2.3", "\"1.2.3\" is not a number"},
        {"a\n1e39", "\"1e39\" is too large"},
        {"a\n-1e999", "\"-1e999\" is too large"},
        {"a,b\n1,\n", "line 2, column 2 (\"b\"): \"\" is a missing number"},
        {"a,b\nNA,1\n", "line 2, column 1 (\"a\"): \"NA\" is a missing number"},
        {"a,b\n1\n", "line 2 has 1 fields, wanted are 2"},
        {"a,b\n1,2,3\n", "line 2 has 3 fields, wanted are 2"},
        {"a,b,a\n", "the column \"a\" comes twice"},
        {"a,b\n1,\"2\n3", "line 3, column 2: a closing quote is missing"},
        {"a,b\n1,2\"\n", "line 2, column 2: a quote stands in a field without quotes"},
        {"a,b\n1,\"2\"3\n", "line 2, column 2: something stands behind a closing quote"},
        {"a,b\n1,\"2\" \n", "line 2, column 2: something stands behind a closing quote"},
        {"a,b\n1\r2,3", "line 2, column 1: a carriage return stands alone"},
        {"a,b\n1,2\r", "line 2, column 2: a carriage return stands alone"},
        {"a,b\n1,\"2\"\r", "line 2, column 2: something stands behind a closing quote"},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++)
        expect_refused(files[k].text, strlen(files[k].text), NULL, files[k].why);
    expect_refused("a\n1\0002", 5, NULL, "line 2, column 1: a byte is zero");
    expect_refused("a\n\"\0\"", 5, NULL, "line 2, column 1: a byte is zero");
}
END_TEST

START_TEST(settings_that_do_not_fit_the_file_are_errors)
{
    expect_refused("a,b\n1,2", 7, &(wg_csv_options){.classes = kinds}, "has no column \"kind\"");
    expect_refused("a,b\n1,2", 7, &(wg_csv_options){.without = id}, "has no column \"id\"");
    expect_refused("a,b\n1,2", 7, &(wg_csv_options){.separator = '"'}, "with this separator");
    expect_refused("a,b\n1,2", 7, &(wg_csv_options){.separator = '\n'}, "with this separator");
    expect_refused("a,b\n1,2", 7, &(wg_csv_options){.most = 6}, "has 7 bytes, at most 6 are read");
    expect_refused("kind,b\n,2", 9, &(wg_csv_options){.classes = kinds},
                   "line 2, column 1 (\"kind\"): \"\" is a missing class");
    wg_table table;
    char     path[SCRATCH_PATH], reason[WG_REASON];
    EXPECT(!wg_csv_read(scratch_path("missing", path), NULL, &table, reason));
    EXPECT_SAYS(reason, "missing: cannot be opened: No such file");
    EXPECT(!wg_csv_read(NULL, NULL, &table, NULL));
}
END_TEST

static int load_any(const char *path, const unsigned char *bytes, size_t count)
{
    wg_table table;
    char     reason[WG_REASON] = "";
    (void)bytes, (void)count;
    const bool good = wg_csv_read(path, &(wg_csv_options){.classes = kinds, .missing_is_nan = true},
                                  &table, reason);
    EXPECT(good ? table.numbers.data != NULL : reason[0] && !table.text.data);
    if (good)
        EXPECT(table.numbers.type.count == table.number_count * table.labels.type.shape.dim[0]);
    wg_table_free(&table);
    return good;
}

START_TEST(damaged_files_do_no_harm)
{
    const size_t count = strlen(flowers);
    EXPECT(scratch_truncate((const unsigned char *)flowers, count, load_any) < (int)count);
    EXPECT(scratch_damage((const unsigned char *)flowers, count, count, load_any) <
           (int)count * 12);
}
END_TEST

static bool read_with(const wg_allocator *allocator, void *path)
{
    wg_table   table;
    char       reason[WG_REASON] = "";
    const bool good = wg_csv_read(
        path, &(wg_csv_options){.classes = kinds, .without = id, .allocator = allocator}, &table,
        reason);
    if (!good) EXPECT_SAYS(reason, "no memory");
    wg_table_free(&table);
    return good;
}

static bool read_nameless_with(const wg_allocator *allocator, void *path)
{
    wg_table   table;
    const bool good = wg_csv_read(
        path, &(wg_csv_options){.no_header = true, .allocator = allocator}, &table, NULL);
    wg_table_free(&table);
    return good;
}

START_TEST(reading_without_memory_fails_cleanly)
{
    char path[SCRATCH_PATH];
    scratch_write("a.csv", flowers, strlen(flowers), path);
    EXPECT(failing_sweep(read_with, path) >= 2 * 9);
    scratch_write("b.csv", "1,2", 3, path);
    EXPECT(failing_sweep(read_nameless_with, path) >= 2 * 8);
}
END_TEST

/* ---- text ---- */

START_TEST(a_text_is_the_bytes_of_its_file)
{
    char     path[SCRATCH_PATH], reason[WG_REASON] = "";
    wg_array text;
    scratch_write("a.txt", "a\0\xFF\n", 4, path);
    EXPECT_MSG(wg_text_read(path, 4, NULL, &text, reason), "%s", reason);
    EXPECT(text.type.dtype == WG_U8 && wg_shape_equal(text.type.shape, WG_SHAPE(4)));
    EXPECT(memcmp(text.data, "a\0\xFF\n", 4) == 0);
    wg_array_free(&text);
    EXPECT(!wg_text_read(path, 3, NULL, &text, reason) && !text.data);
    EXPECT_SAYS(reason, "a.txt: has 4 bytes, at most 3 are read");
    scratch_write("empty", "", 0, path);
    EXPECT(wg_text_read(path, 0, NULL, &text, reason) && text.type.count == 0);
    wg_array_free(&text);
    EXPECT(!wg_text_read("/dev/null", 0, NULL, &text, reason));
    EXPECT_SAYS(reason, "is not a regular file");
    EXPECT(!wg_text_read(NULL, 0, NULL, &text, NULL));
}
END_TEST

static bool read_text_with(const wg_allocator *allocator, void *path)
{
    wg_array   text;
    char       reason[WG_REASON] = "";
    const bool good = wg_text_read(path, 0, allocator, &text, reason);
    if (!good) EXPECT_SAYS(reason, "no memory");
    wg_array_free(&text);
    return good;
}

START_TEST(reading_a_text_without_memory_fails_cleanly)
{
    char path[SCRATCH_PATH];
    scratch_write("a.txt", "abc", 3, path);
    EXPECT(failing_sweep(read_text_with, path) == 2 * 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("csv");
    TCase *tests = tcase_create("csv");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    tcase_add_test(tests, numbers_and_classes_come_as_the_file_says);
    tcase_add_test(tests, a_table_can_be_in_f64_with_another_separator_and_without_a_header);
    tcase_add_test(tests, missing_numbers_are_nan_where_asked_for);
    tcase_add_test(tests, tables_without_rows_without_numbers_and_with_marks_are_read);
    tcase_add_test(tests, the_point_is_a_point_in_any_locale);
    tcase_add_test(tests, what_is_wrong_is_named_by_line_and_column);
    tcase_add_test(tests, settings_that_do_not_fit_the_file_are_errors);
    tcase_add_test(tests, damaged_files_do_no_harm);
    tcase_add_test(tests, reading_without_memory_fails_cleanly);
    tcase_add_test(tests, a_text_is_the_bytes_of_its_file);
    tcase_add_test(tests, reading_a_text_without_memory_fails_cleanly);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
