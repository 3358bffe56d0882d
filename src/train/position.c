// SPDX-License-Identifier: MIT
/* Numbers with a space between them: whole ones in decimal, others as the 16 hexadecimal digits of
   their bits, which are exact and the same in every locale. */
#include "position.h"

#include "history_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { WHOLE = 9, REAL = 4 };

/* The members in the order of the text. */
typedef struct members {
    int64_t *whole[WHOLE];
    double  *real[REAL];
} members;

static members members_of(wg_position *p)
{
    return (members){.whole = {&p->epoch, &p->batch, &p->step, &p->worse, &p->samples, &p->right,
                               &p->plateau.seen, &p->plateau.worse, &p->plateau.cooling},
                     .real = {&p->best, &p->loss, &p->plateau.rate, &p->plateau.best}};
}

/* ---- writing ---- */

static void print_real(double value, wg__bytes *to)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    wg__bytes_print(to, " %016" PRIx64, bits);
}

void wg__position_print(const wg_position *position, wg__bytes *to)
{
    wg_position   copy = *position;
    const members all = members_of(&copy);
    for (int i = 0; i < WHOLE; i++) wg__bytes_print(to, "%s%" PRId64, i ? " " : "", *all.whole[i]);
    for (int i = 0; i < REAL; i++) print_real(*all.real[i], to);
    wg__bytes_add(to, "", 1);
}

void wg__history_print(const wg_history *history, wg__bytes *to)
{
    const int columns = history ? wg__history_columns(history) : 0;
    wg__bytes_print(to, "%d", columns);
    for (int64_t r = 0; r < wg_history_rows(history); r++)
        for (int c = 0; c < columns; c++) print_real(wg_history_row(history, r)[c], to);
    wg__bytes_add(to, "", 1);
}

/* ---- reading ---- */

/* Takes a number and the space behind it, if one is there; false for anything else. */
static bool take(const char **at, int base, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(*at, &end, base);
    if (end == *at || errno || (*end && *end != ' ')) return false;
    *at = end + (*end == ' ');
    return true;
}

/* Not so large that a training could count on beyond all numbers. */
static bool take_whole(const char **at, int64_t *value)
{
    uint64_t number;
    if (!take(at, 10, &number) || number > INT64_MAX / 2) return false;
    *value = (int64_t)number;
    return true;
}

static bool take_real(const char **at, double *value)
{
    uint64_t bits;
    if (!take(at, 16, &bits)) return false;
    memcpy(value, &bits, sizeof bits);
    return true;
}

static bool read_members(const char *text, wg_position *position)
{
    const members all = members_of(position);
    bool          good = true;
    for (int i = 0; i < WHOLE && good; i++) good = take_whole(&text, all.whole[i]);
    for (int i = 0; i < REAL && good; i++) good = take_real(&text, all.real[i]);
    return good && !*text;
}

static bool take_row(const char **at, double *row, int columns)
{
    bool good = true;
    for (int c = 0; c < columns && good; c++) good = take_real(at, &row[c]);
    return good;
}

/* Appends the rows. A file of a training without a history has no columns. */
static const char *read_history(const char *text, wg_history *history)
{
    static const char *const unsound = "its history is no table of numbers";
    static const char *const refused = "there is no memory";
    const int                wanted = wg__history_columns(history);
    int64_t                  columns;
    if (!take_whole(&text, &columns)) return unsound;
    if (columns == 0 && !*text) return NULL;
    if (columns != wanted) return "its history has other columns";
    double     *row = wg__alloc(wg__history_allocator(history), (size_t)wanted * sizeof *row);
    const char *wrong = row ? NULL : refused;
    while (!wrong && *text)
        wrong = !take_row(&text, row, wanted)   ? unsound
                : !wg_history_add(history, row) ? refused
                                                : NULL;
    wg__free(wg__history_allocator(history), row);
    return wrong;
}

const char *wg__position_read(const wg_named_arrays *set, wg_position *position)
{
    const char *text = wg_metadata_find(set, WG__POSITION_KEY);
    const char *rows = wg_metadata_find(set, WG__HISTORY_KEY);
    if (!text || !rows || !read_members(text, position))
        return "it does not say where a training stands";
    return position->history ? read_history(rows, position->history) : NULL;
}
