// SPDX-License-Identifier: MIT
/* A history as curves: SVG, and text for a terminal. */
#include "history_internal.h"

#include <math.h>
#include <string.h>

/* The least and the largest finite value of a column; false when there is none. */
static bool range_of(const wg_history *history, int column, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (int64_t r = 0; r < wg_history_rows(history); r++) {
        const double value = wg_history_row(history, r)[column];
        if (!isfinite(value)) continue;
        *low = fmin(*low, value);
        *high = fmax(*high, value);
    }
    return *low <= *high;
}

/* Where a value lies between two others, 0 to 1; the middle when they are equal. */
static double share_of(double value, double low, double high)
{
    return high > low ? (value - low) / (high - low) : 0.5;
}

/* ---- SVG ---- */

enum { WIDE = 640, HIGH = 200, LEFT = 70, RIGHT = 20, TOP = 30, BELOW = 40 };

/* One column over the first, in a frame of its own whose top is at y. */
static void print_curve(const wg_history *history, int column, int y, wg__bytes *to)
{
    double left, right, low, high;
    if (!range_of(history, 0, &left, &right) || !range_of(history, column, &low, &high)) return;
    wg__bytes_print(to, "<text x=\"%d\" y=\"%d\" font-weight=\"bold\">", LEFT, y + TOP - 8);
    wg__bytes_xml(to, wg__history_name(history, column));
    wg__bytes_print(to, "</text>\n<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" ", LEFT,
                    y + TOP, WIDE, HIGH);
    wg__bytes_print(to, "fill=\"none\" stroke=\"#ccc\"/>\n");
    for (int end = 0; end < 2; end++) {
        wg__bytes_print(to, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.4g</text>", LEFT - 6,
                        y + TOP + (end ? HIGH : 10), end ? low : high);
        wg__bytes_print(to, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%.6g</text>\n",
                        end ? LEFT + WIDE : LEFT, y + TOP + HIGH + 16, end ? "end" : "start",
                        end ? right : left);
    }
    wg__bytes_print(to, "<path fill=\"none\" stroke=\"#2a6fb0\" stroke-width=\"1.5\" d=\"");
    bool drawn = false; /* the last point, so that a line may go on from it */
    for (int64_t r = 0; r < wg_history_rows(history); r++) {
        const double *row = wg_history_row(history, r), value = row[column];
        const bool    seen = isfinite(value) && isfinite(row[0]);
        if (seen)
            wg__bytes_print(to, "%s%.1f %.1f", drawn ? " L" : " M",
                            LEFT + WIDE * share_of(row[0], left, right),
                            y + TOP + HIGH * (1 - share_of(value, low, high)));
        drawn = seen;
    }
    wg__bytes_print(to, "\"/>\n");
}

static void print_svg(const wg_history *history, wg__bytes *to)
{
    const int curves = wg__history_columns(history) - 1, each = TOP + HIGH + BELOW;
    wg__bytes_print(to,
                    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                    "font-family=\"sans-serif\" font-size=\"12\">\n",
                    LEFT + WIDE + RIGHT, curves * each);
    wg__bytes_print(to, "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n");
    for (int c = 1; c <= curves; c++) print_curve(history, c, (c - 1) * each, to);
    wg__bytes_print(to, "</svg>\n");
}

bool wg_history_write_svg(const wg_history *history, const char *path, char reason[WG_REASON])
{
    return wg__history_write(history, print_svg, path, reason);
}

/* ---- text ---- */

enum { MOST_WIDE = 500, MOST_HIGH = 200, LABEL = 10 };

static int limited(int x, int most)
{
    return x < 2 ? 2 : x > most ? most : x;
}

bool wg_history_plot(const wg_history *history, const char *column, int width, int height,
                     FILE *file)
{
    const int c = history && column ? wg_history_column(history, column) : -1;
    double    left, right, low, high;
    if (c < 0 || !file || !range_of(history, 0, &left, &right) ||
        !range_of(history, c, &low, &high))
        return false;
    const int wide = limited(width - LABEL - 2, MOST_WIDE), tall = limited(height - 2, MOST_HIGH);
    fprintf(file, "%s\n", column);
    for (int line = 0; line < tall; line++) {
        char dots[MOST_WIDE + 1];
        memset(dots, ' ', (size_t)wide);
        dots[wide] = '\0';
        for (int64_t r = 0; r < wg_history_rows(history); r++) {
            const double *row = wg_history_row(history, r);
            if (!isfinite(row[c]) || !isfinite(row[0])) continue;
            const int at = (int)lround((wide - 1) * share_of(row[0], left, right));
            if (lround((tall - 1) * (1 - share_of(row[c], low, high))) == line) dots[at] = '*';
        }
        const double value = high - (high - low) * line / (tall - 1);
        fprintf(file, "%*.4g |%s\n", LABEL, value, dots);
    }
    fprintf(file, "%*s  %-*.6g%*.6g\n", LABEL, "", wide / 2, left, wide - wide / 2, right);
    return !ferror(file);
}
