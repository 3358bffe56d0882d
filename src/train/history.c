// SPDX-License-Identifier: MIT
/* The table, and its ways into files of text. */
#include "history.h"

#include "../formats/json.h"
#include "../formats/named.h"
#include "history_internal.h"

#include <math.h>
#include <string.h>

struct wg_history {
    wg_allocator allocator;
    int          columns;
    char       **name;
    double      *cell; /* [row * columns + column] */
    int64_t      rows;
    size_t       capacity; /* cells */
};

void wg_history_free(wg_history *history)
{
    if (!history) return;
    const wg_allocator allocator = history->allocator;
    for (int c = 0; c < history->columns && history->name; c++)
        wg__free(&allocator, history->name[c]);
    wg__free(&allocator, history->name);
    wg__free(&allocator, history->cell);
    wg__free(&allocator, history);
}

wg_history *wg_history_new(const char *const *columns, int count, const wg_allocator *allocator)
{
    const wg_allocator *from = allocator ? allocator : wg_allocator_default();
    wg_history         *history = count > 0 ? wg__alloc_zero(from, sizeof *history) : NULL;
    if (!history) return NULL;
    history->allocator = *from;
    history->columns = count;
    history->name = wg__alloc_zero(from, (size_t)count * sizeof *history->name);
    bool good = history->name;
    for (int c = 0; c < count && good; c++)
        good = (history->name[c] = wg__text_new(from, columns[c])) != NULL;
    if (!good) return wg_history_free(history), NULL;
    return history;
}

bool wg_history_add(wg_history *history, const double *row)
{
    const size_t columns = (size_t)history->columns, cells = (size_t)history->rows * columns;
    if (!wg__grow(&history->allocator, &history->cell, &history->capacity, cells + columns,
                  sizeof *history->cell))
        return false;
    memcpy(history->cell + cells, row, columns * sizeof *row);
    history->rows++;
    return true;
}

int64_t wg_history_rows(const wg_history *history)
{
    return history ? history->rows : 0;
}

const double *wg_history_row(const wg_history *history, int64_t i)
{
    return i >= 0 && i < wg_history_rows(history) ? history->cell + i * history->columns : NULL;
}

int wg_history_column(const wg_history *history, const char *name)
{
    for (int c = 0; history && c < history->columns; c++)
        if (strcmp(history->name[c], name) == 0) return c;
    return -1;
}

int wg__history_columns(const wg_history *history)
{
    return history->columns;
}

const wg_allocator *wg__history_allocator(const wg_history *history)
{
    return &history->allocator;
}

const char *wg__history_name(const wg_history *history, int column)
{
    return history->name[column];
}

void wg__history_cut(wg_history *history, int64_t rows)
{
    if (history && rows < history->rows) history->rows = rows;
}

/* ---- files ---- */

typedef void printer(const wg_history *history, wg__bytes *to);

bool wg__history_write(const wg_history *history, printer *print, const char *path, char *reason)
{
    if (!history || !path) return wg__refuse(reason, "NULL", "is no history or path");
    wg__bytes text = {.allocator = &history->allocator};
    print(history, &text);
    const bool good = wg__bytes_save(&text, path, reason);
    wg__bytes_free(&text);
    return good;
}

/* In quotes, each quote twice. */
static void add_csv_text(wg__bytes *to, const char *text)
{
    const bool quoted = strpbrk(text, "\",\r\n");
    wg__bytes_add(to, "\"", quoted);
    for (; *text; text++) wg__bytes_add(to, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
    wg__bytes_add(to, "\"", quoted);
}

static void print_csv(const wg_history *history, wg__bytes *to)
{
    for (int c = 0; c < history->columns; c++) {
        if (c) wg__bytes_add(to, ",", 1);
        add_csv_text(to, history->name[c]);
    }
    for (int64_t r = 0; r < history->rows; r++)
        for (int c = 0; c < history->columns; c++)
            wg__bytes_print(to, "%s%.17g", c ? "," : "\r\n", wg_history_row(history, r)[c]);
    wg__bytes_add(to, "\r\n", 2);
}

static void print_jsonl(const wg_history *history, wg__bytes *to)
{
    for (int64_t r = 0; r < history->rows; r++) {
        const char *between = "{";
        for (int c = 0; c < history->columns; c++) {
            const double value = wg_history_row(history, r)[c];
            if (!isfinite(value)) continue; /* JSON has no word for it */
            wg__bytes_print(to, "%s", between);
            wg__json_write(to, history->name[c]);
            wg__bytes_print(to, ": %.17g", value);
            between = ", ";
        }
        wg__bytes_print(to, "%s}\n", *between == '{' ? "{" : "");
    }
}

bool wg_history_write_csv(const wg_history *history, const char *path, char reason[WG_REASON])
{
    return wg__history_write(history, print_csv, path, reason);
}

bool wg_history_write_jsonl(const wg_history *history, const char *path, char reason[WG_REASON])
{
    return wg__history_write(history, print_jsonl, path, reason);
}
