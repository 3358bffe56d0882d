// SPDX-License-Identifier: MIT
/* The fields of a CSV file. What is taken out of quotes only becomes shorter, so it is written over
   itself. */
#include "csv_cells.h"

#include "file.h"

#include <string.h>

static bool refuse(const wg__cells *c, int64_t column, const char *why)
{
    return wg__refuse(c->reason, c->path, "line %lld, column %lld: %s", (long long)c->line,
                      (long long)column, why);
}

/* Whether a line ends here; its end is taken then. */
static bool take_line_end(wg__cells *c)
{
    if (c->at[0] == '\r' && c->at[1] == '\n') c->at++;
    if (*c->at != '\n') return false;
    c->at++;
    return true;
}

/* Takes a field up to its closing quote; the opening one was taken. */
static bool take_quoted(wg__cells *c, int64_t column)
{
    char *to = c->at;
    for (;; c->at++) {
        if (c->at == c->end) return refuse(c, column, "a closing quote is missing");
        if (*c->at == '\0') return refuse(c, column, "a byte is zero");
        if (*c->at == '\n') c->line++;
        if (*c->at == '"' && *++c->at != '"') break;
        *to++ = *c->at;
    }
    *to = '\0';
    return true;
}

static bool take_plain(wg__cells *c, int64_t column)
{
    while (c->at < c->end && *c->at != c->separator && *c->at != '\n') {
        if (*c->at == '"') return refuse(c, column, "a quote stands in a field without quotes");
        if (*c->at == '\0') return refuse(c, column, "a byte is zero");
        if (*c->at == '\r') break;
        c->at++;
    }
    return true;
}

/* Takes a field and what ends it: *last tells whether that was the end of its line. */
static bool take_field(wg__cells *c, int64_t column, bool *last)
{
    const bool quoted = *c->at == '"';
    char      *field = c->at += quoted;
    if (!(quoted ? take_quoted(c, column) : take_plain(c, column))) return false;
    if (!wg__grow(c->allocator, &c->field, &c->room, c->count + 1, sizeof *c->field))
        return wg__refuse(c->reason, c->path, "there is no memory for its fields");
    c->field[c->count++] = field;
    char *const end = c->at;
    if (c->at < c->end && *c->at == c->separator) {
        c->at++;
        *last = false;
    } else if (c->at == c->end || take_line_end(c)) {
        *last = true;
    } else {
        return refuse(c, column,
                      quoted ? "something stands behind a closing quote"
                             : "a carriage return stands alone");
    }
    if (!quoted) *end = '\0';
    return true;
}

static bool take_row(wg__cells *c)
{
    const int64_t line = c->line;
    int64_t       column = 0;
    for (bool last = false; !last;)
        if (!take_field(c, ++column, &last)) return false;
    if (c->rows == 0) c->columns = column;
    if (column != c->columns) {
        return wg__refuse(c->reason, c->path, "line %lld has %lld fields, wanted are %lld",
                          (long long)line, (long long)column, (long long)c->columns);
    }
    if (!wg__grow(c->allocator, &c->lines, &c->lines_room, (size_t)c->rows + 1, sizeof *c->lines))
        return wg__refuse(c->reason, c->path, "there is no memory for its rows");
    c->lines[c->rows++] = line;
    c->line++;
    return true;
}

bool wg__cells_read(wg__cells *c)
{
    c->line = 1;
    if (strncmp(c->at, "\xEF\xBB\xBF", 3) == 0) c->at += 3;
    while (c->at < c->end) {
        if (take_line_end(c))
            c->line++;
        else if (!take_row(c))
            return false;
    }
    return true;
}

void wg__cells_free(wg__cells *c)
{
    wg__free(c->allocator, c->field);
    wg__free(c->allocator, c->lines);
}
