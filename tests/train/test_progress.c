// SPDX-License-Identifier: MIT
/* The line of progress on terminals of all widths. */
#include "../support/expect.h"

#include <stdio.h>
#include <wengert/train/progress.h>

enum { ROOM = 2000 };

/* What is drawn in the midst of a piece of work. */
static void draw(char text[ROOM], struct wg_progress progress, int64_t done, const char *words)
{
    FILE *file = tmpfile();
    progress.file = file;
    wg_progress_show(&progress, 0, 0, NULL);
    progress.begun -= 10; /* as if it had begun and been shown long ago */
    progress.shown -= 10;
    wg_progress_show(&progress, done, 5, words);
    rewind(file);
    text[fread(text, 1, ROOM - 1, file)] = '\0';
    fclose(file);
}

/* Columns between "\r" and the end of a drawing, which must be whole characters of UTF-8. */
static int columns_of(const char *text)
{
    int         columns = 0, more = 0;
    const char *end = strstr(text, "\033[K");
    EXPECT(*text == '\r' && end && !end[3]);
    for (const char *at = text + 1; at < end; at++) {
        const unsigned char byte = (unsigned char)*at;
        const bool          continues = (byte & 0xc0) == 0x80;
        EXPECT_MSG(continues == (more > 0), "a character is cut off: %s", text);
        more = continues ? more - 1 : byte < 0x80 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
        columns += !continues;
    }
    EXPECT_MSG(more == 0, "a character is cut off: %s", text);
    return columns;
}

START_TEST(no_drawing_is_wider_than_its_terminal)
{
    static const wg_line lines[] = {WG_LINE_UTF8, WG_LINE_ASCII};
    char                 text[ROOM];
    for (int i = 0; i < 2; i++)
        for (int width = 1; width <= 120; width++) {
            draw(text,
                 (struct wg_progress){
                     .title = "Übung 3/8", .steps = 100, .width = width, .line = lines[i]},
                 40, "loss 0.1234 ± 0.01, 88.2 % of 𝒳 right");
            const int columns = columns_of(text);
            EXPECT_MSG(columns < width, "%d columns of %d: %s", columns, width, text);
            EXPECT_MSG(columns == width - 1 || columns >= 60, "%d columns of %d: %s", columns,
                       width, text);
        }
}
END_TEST

START_TEST(the_bar_gives_way_before_the_text_does)
{
    char               text[ROOM];
    struct wg_progress progress = {.title = "work", .steps = 100, .line = WG_LINE_ASCII};
    progress.width = 80;
    draw(text, progress, 40, "loss 0.5");
    EXPECT_MSG(strstr(text, "\rwork [==") && strstr(text, "]  40 % 0.5/s "), "%s", text);
    progress.width = 45;
    draw(text, progress, 40, "loss 0.5");
    EXPECT_MSG(strstr(text, "\rwork 40 % 0.5/s ") && strstr(text, "loss 0.5\033"), "%s", text);
    progress.width = 12;
    draw(text, progress, 40, "loss 0.5");
    EXPECT_TEXT(text, "\rwork 40 % 0\033[K");
}
END_TEST

START_TEST(more_than_the_whole_is_the_whole)
{
    char text[ROOM];
    for (int i = 0; i < 2; i++) {
        const struct wg_progress progress = {
            .title = "", .steps = 4, .width = 100, .line = i ? WG_LINE_ASCII : WG_LINE_UTF8};
        draw(text, progress, 4000, NULL);
        EXPECT_MSG(strstr(text, " 100 % "), "%s", text);
        draw(text, progress, -4000, NULL);
        EXPECT_MSG(strstr(text, " 0 % "), "%s", text);
        EXPECT(columns_of(text) < 100);
    }
}
END_TEST

START_TEST(progress_on_a_terminal_is_drawn_within_its_columns)
{
    static const wg_line lines[] = {WG_LINE_UTF8, WG_LINE_ASCII};
    for (int i = 0; i < 2; i++) {
        char               text[4000] = "";
        FILE              *file = tmpfile();
        struct wg_progress progress = {
            .file = file, .title = "work", .steps = 1000, .width = 60, .line = lines[i]};
        wg_progress_show(&progress, 1, 10, "loss 1");
        progress.begun -= 10; /* as if it had begun and been shown long ago */
        progress.shown -= 10;
        wg_progress_show(&progress, 500, 5000, "loss 0.5");
        progress.shown += 3600; /* as if it had been shown just now, however slow this is */
        wg_progress_show(&progress, 501, 5010, "too soon to be drawn");
        wg_progress_end(&progress, "done");
        rewind(file);
        EXPECT(fread(text, 1, sizeof text - 1, file) > 0);
        fclose(file);
        EXPECT_MSG(strstr(text, " 50 % ") &&
                       strstr(text, "/s 0:1") && /* ten seconds or a bit more */
                       strstr(text, " left loss 0.5") && !strstr(text, "too soon"),
                   "%s", text);
        EXPECT(strstr(text, i ? "=>" : "█") && strstr(text, "\rwork 0:1") && strstr(text, " done"));
        int columns = 0; /* of the first drawing: bytes that begin a character */
        for (const char *at = strchr(text, 'w'); *at != '\033'; at++)
            columns += (*at & 0xc0) != 0x80;
        EXPECT_MSG(columns <= 60 && columns > 50, "%d columns", columns);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("progress");
    TCase *tests = tcase_create("progress");
    tcase_add_test(tests, no_drawing_is_wider_than_its_terminal);
    tcase_add_test(tests, the_bar_gives_way_before_the_text_does);
    tcase_add_test(tests, more_than_the_whole_is_the_whole);
    tcase_add_test(tests, progress_on_a_terminal_is_drawn_within_its_columns);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
