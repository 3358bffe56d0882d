// SPDX-License-Identifier: MIT
/* The table of a training, and the files that are made of it. */
#include "../formats/scratch.h"
#include "../support/expect.h"
#include "../support/failing.h"

#include <stdio.h>
#include <wengert/formats/array.h>
#include <wengert/train/history.h>

static const char *const columns[] = {"epoch", "a \"loss\", so called", "x < y"};

static wg_history *small(const wg_allocator *allocator)
{
    static const double rows[][3] = {
        {1, 0.5, -3}, {2, 0.25, NAN}, {3, INFINITY, 1e-300}, {4, 0.1, 2}};
    wg_history *history = wg_history_new(columns, 3, allocator);
    for (int r = 0; r < 4 && history; r++)
        if (!wg_history_add(history, rows[r])) return wg_history_free(history), NULL;
    return history;
}

START_TEST(rows_are_kept_as_they_were_added)
{
    wg_history *history = small(NULL);
    EXPECT(wg_history_rows(history) == 4 && wg_history_row(history, 3)[1] == 0.1);
    EXPECT(wg_history_column(history, "x < y") == 2 && wg_history_column(history, "y") == -1);
    EXPECT(!wg_history_row(history, 4) && !wg_history_row(history, -1));
    EXPECT(!wg_history_new(columns, 0, NULL) && wg_history_rows(NULL) == 0);
    wg_history_free(history);
    wg_history_free(NULL);
}
END_TEST

/* What `write` puts into a file. */
static const char *written(bool (*write)(const wg_history *, const char *, char *))
{
    static char text[10000];
    char        reason[WG_REASON] = "";
    char        path[SCRATCH_PATH];
    scratch_path("history", path);
    wg_history *history = small(NULL);
    EXPECT_MSG(write(history, path, reason), "%s", reason);
    FILE *file = fopen(path, "rb");
    EXPECT(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    EXPECT(!write(history, "/no/such/folder/file", reason) &&
           strstr(reason, "/no/such/folder/file"));
    EXPECT(!write(NULL, path, reason));
    wg_history_free(history);
    return text;
}

START_TEST(csv_and_json_lines_have_every_number_in_full)
{
    EXPECT_TEXT(written(wg_history_write_csv),
                "epoch,\"a \"\"loss\"\", so called\",x < y\r\n1,0.5,-3\r\n2,0.25,nan\r\n"
                "3,inf,1e-300\r\n4,0.10000000000000001,2\r\n");
    EXPECT_TEXT(
        written(wg_history_write_jsonl),
        "{\"epoch\": 1, \"a \\\"loss\\\", so called\": 0.5, \"x < y\": -3}\n"
        "{\"epoch\": 2, \"a \\\"loss\\\", so called\": 0.25}\n"
        "{\"epoch\": 3, \"x < y\": 1e-300}\n"
        "{\"epoch\": 4, \"a \\\"loss\\\", so called\": 0.10000000000000001, \"x < y\": 2}\n");
}
END_TEST

START_TEST(curves_have_a_gap_where_there_is_no_number)
{
    const char *svg = written(wg_history_write_svg);
    EXPECT(strncmp(svg, "<svg xmlns=", 11) == 0 && strstr(svg, "</svg>\n"));
    EXPECT(strstr(svg, "x &lt; y</text>") && strstr(svg, ">0.5<") && strstr(svg, ">-3<"));
    EXPECT(strstr(svg, "d=\" M70.0 30.0 L283.3 155.0 M710.0 230.0\""));
    EXPECT(strstr(svg, "d=\" M70.0 500.0 M496.7 380.0 L710.0 300.0\""));
}
END_TEST

START_TEST(a_plot_as_text_has_its_points_where_they_belong)
{
    wg_history *history = small(NULL);
    char        text[1000] = "";
    FILE       *file = tmpfile();
    EXPECT(wg_history_plot(history, "x < y", 22, 5, file));
    EXPECT(!wg_history_plot(history, "none", 22, 5, file) &&
           !wg_history_plot(NULL, "x", 9, 9, file));
    rewind(file);
    EXPECT(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    EXPECT_TEXT(text, "x < y\n"
                      "         2 |         *\n"
                      "      -0.5 |      *   \n"
                      "        -3 |*         \n"
                      "            1        4\n");
    wg_history_free(history);
}
END_TEST

static bool write_all(const wg_allocator *allocator, void *context)
{
    wg_history *history = small(allocator);
    const bool  good = history && wg_history_write_csv(history, context, NULL) &&
                      wg_history_write_jsonl(history, context, NULL) &&
                      wg_history_write_svg(history, context, NULL);
    wg_history_free(history);
    return good;
}

START_TEST(every_failing_allocation_is_told)
{
    char path[SCRATCH_PATH];
    scratch_path("history", path);
    EXPECT(failing_sweep(write_all, path) > 20);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("history");
    TCase *tests = tcase_create("history");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    tcase_add_test(tests, rows_are_kept_as_they_were_added);
    tcase_add_test(tests, csv_and_json_lines_have_every_number_in_full);
    tcase_add_test(tests, curves_have_a_gap_where_there_is_no_number);
    tcase_add_test(tests, a_plot_as_text_has_its_points_where_they_belong);
    tcase_add_test(tests, every_failing_allocation_is_told);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
