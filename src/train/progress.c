// SPDX-License-Identifier: MIT
#define _DEFAULT_SOURCE /* isatty, ioctl's TIOCGWINSZ */
#include "progress.h"

#include "../tensor/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LINE = 1000, LEAST_BAR = 10, MOST_BAR = 40 };

/* ---- what the terminal can show ---- */

static bool speaks_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) return strstr(value, "UTF-8") || strstr(value, "utf8");
    }
    return false;
}

static void find_out(struct wg_progress *progress)
{
    struct winsize size = {0};
    const int      handle = fileno(progress->file);
    if (progress->line == WG_LINE_FIND_OUT)
        progress->line = !isatty(handle) ? WG_LINE_PLAIN
                         : speaks_utf8() ? WG_LINE_UTF8
                                         : WG_LINE_ASCII;
    if (progress->width == 0 && ioctl(handle, TIOCGWINSZ, &size) == 0)
        progress->width = size.ws_col;
    if (progress->width <= 0) progress->width = 80;
    if (progress->width > LINE / 4) progress->width = LINE / 4;
}

/* ---- the line ---- */

/* "1:02:03", "2:03". */
static void print_time(char *to, size_t room, double time)
{
    const long all = (long)(time + 0.5), h = all / 3600, m = all / 60 % 60, s = all % 60;
    if (h > 0)
        snprintf(to, room, "%ld:%02ld:%02ld", h, m, s);
    else
        snprintf(to, room, "%ld:%02ld", m, s);
}

/* 12,341 or 0.52. */
static void print_rate(char *to, size_t room, double rate)
{
    if (rate >= 1e6)
        snprintf(to, room, "%ld,%03ld,%03ld/s", (long)rate / 1000000, (long)rate / 1000 % 1000,
                 (long)rate % 1000);
    else if (rate >= 1000)
        snprintf(to, room, "%ld,%03ld/s", (long)rate / 1000, (long)rate % 1000);
    else
        snprintf(to, room, "%.3g/s", rate);
}

/* Bytes of the first so many characters of a text in UTF-8, each of which takes a column. */
static int bytes_of(const char *text, int columns)
{
    int i = 0;
    for (; text[i]; i++)
        if ((text[i] & 0xc0) != 0x80 && columns-- <= 0) break;
    return i;
}

/* Columns of a text. */
static int columns_of(const char *text)
{
    int columns = 0;
    for (; *text; text++) columns += (*text & 0xc0) != 0x80;
    return columns;
}

/* A bar of so many columns; UTF-8 has eighths of a column. */
static void draw_bar(char *to, const struct wg_progress *progress, int columns, double share)
{
    static const char *const eighth[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
    const int                parts = (int)(share * columns * 8), full = parts / 8;
    *to = '\0';
    if (progress->line == WG_LINE_UTF8) {
        for (int i = 0; i < full; i++) to = strcpy(to, eighth[8]) + strlen(eighth[8]);
        if (full < columns) to = strcpy(to, eighth[parts % 8]) + strlen(eighth[parts % 8]);
        const int spaces = columns - full - (parts % 8 > 0);
        for (int i = 0; i < spaces; i++) *to++ = ' ';
    } else {
        for (int i = 0; i < columns; i++) *to++ = i < full ? '=' : i == full ? '>' : ' ';
    }
    *to = '\0';
}

/* Where the whole does not fit into the width, it has no bar, and then its end is cut off. */
static void draw(const struct wg_progress *progress, double share, const char *rest)
{
    const char *title = progress->title ? progress->title : "";
    const bool  utf8 = progress->line == WG_LINE_UTF8;
    const int   width = progress->width - 1; /* the last column would begin a new line */
    const int   left = width - columns_of(title) - columns_of(rest) - 10;
    char        bar[4 * MOST_BAR], line[2 * LINE];
    if (left < LEAST_BAR) {
        snprintf(line, sizeof line, "%s %.0f %% %s", title, 100 * share, rest);
    } else {
        draw_bar(bar, progress, left > MOST_BAR ? MOST_BAR : left, share);
        snprintf(line, sizeof line, "%s %s%s%s %3.0f %% %s", title, utf8 ? "▕" : "[", bar,
                 utf8 ? "▏" : "]", 100 * share, rest);
    }
    fprintf(progress->file, "\r%.*s\033[K", bytes_of(line, width), line);
    fflush(progress->file);
}

/* What is done of the whole, 0 to 1. */
static double share_of(const struct wg_progress *progress, int64_t done)
{
    const double share = progress->steps > 0 ? (double)done / (double)progress->steps : 0;
    return fmin(fmax(share, 0), 1);
}

void wg_progress_show(struct wg_progress *progress, int64_t done, int64_t samples, const char *text)
{
    if (!progress->file) return;
    const double now = wg__seconds();
    if (!progress->started) {
        find_out(progress);
        progress->begun = progress->shown = now;
        progress->started = true;
        return;
    }
    const bool plain = progress->line == WG_LINE_PLAIN;
    if (now - progress->shown < (plain ? 10 : 0.1)) return;
    progress->shown = now;
    const double took = now - progress->begun;
    const double share = share_of(progress, done);
    char         rate[40], left[40], rest[LINE];
    print_rate(rate, sizeof rate, (double)samples / took);
    print_time(left, sizeof left, share > 0 ? took * (1 - share) / share : 0);
    snprintf(rest, sizeof rest, "%s %s left %s", rate, left, text ? text : "");
    if (plain)
        fprintf(progress->file, "%s %3.0f %% %s\n", progress->title ? progress->title : "",
                100 * share, rest);
    else
        draw(progress, share, rest);
}

void wg_progress_end(struct wg_progress *progress, const char *text)
{
    if (!progress->file) return;
    if (!progress->started) find_out(progress);
    char took[40];
    print_time(took, sizeof took, progress->started ? wg__seconds() - progress->begun : 0);
    fprintf(progress->file, "%s%s %s %s%s\n", progress->line == WG_LINE_PLAIN ? "" : "\r",
            progress->title ? progress->title : "", took, text ? text : "",
            progress->line == WG_LINE_PLAIN ? "" : "\033[K");
    fflush(progress->file);
    progress->started = false;
}
