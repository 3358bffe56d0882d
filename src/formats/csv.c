// SPDX-License-Identifier: MIT
/* Tables of text: fields become numbers and classes, column by column. */
#define _POSIX_C_SOURCE 200809L
#include "csv.h"

#include "csv_cells.h"
#include "file.h"
#include "text.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file that is being read. */
typedef struct reader {
    const wg_csv_options *options;
    wg_table             *table;
    wg__cells             cells;
    const char          **names; /* of all columns */
    int64_t               first; /* row of values */
} reader;

static bool no_memory(const reader *r)
{
    return wg__refuse(r->cells.reason, r->cells.path, "there is no memory for its columns");
}

static const char *field_of(const reader *r, int64_t row, int64_t column)
{
    return r->cells.field[(r->first + row) * r->cells.columns + column];
}

static bool refuse_field(const reader *r, int64_t row, int64_t column, const char *why)
{
    return wg__refuse(r->cells.reason, r->cells.path,
                      "line %lld, column %lld (\"%.40s\"): \"%.40s\" %s",
                      (long long)r->cells.lines[r->first + row], (long long)column + 1,
                      r->names[column], field_of(r, row, column), why);
}

/* ---- columns ---- */

static bool is_among(const char *name, const char *const *names)
{
    while (names && *names && strcmp(*names, name) != 0) names++;
    return names && *names;
}

/* That each name that the caller gave is one of the file's. */
static bool check_asked(const reader *r, const char *const *asked)
{
    for (; asked && *asked; asked++) {
        int64_t i = 0;
        while (i < r->cells.columns && strcmp(r->names[i], *asked) != 0) i++;
        if (i == r->cells.columns)
            return wg__refuse(r->cells.reason, r->cells.path, "has no column \"%.80s\"", *asked);
    }
    return true;
}

/* Names the columns "0", "1", ..., each with so much room. */
static bool make_names(reader *r, size_t room)
{
    wg_array *made = &r->table->made;
    wg_type   type;
    if (!wg_type_make(WG_U8, (wg_shape){2, {r->cells.columns, (int64_t)room}}, &type) ||
        !wg__array_new(made, &type, r->cells.allocator))
        return false;
    for (int64_t i = 0; i < r->cells.columns; i++) {
        char *name = (char *)made->data + (size_t)i * room;
        snprintf(name, room, "%lld", (long long)i);
        r->names[i] = name;
    }
    return true;
}

/* From the header, where there is one. */
static bool name_columns(reader *r)
{
    enum { longest = 24 };
    const size_t columns = (size_t)r->cells.columns;
    r->names = wg__alloc(r->cells.allocator, columns * sizeof *r->names);
    if (!r->names || (r->options->no_header && !make_names(r, longest))) return no_memory(r);
    for (size_t i = 0; i < columns; i++) {
        if (!r->options->no_header) r->names[i] = r->cells.field[i];
        for (size_t k = 0; k < i; k++)
            if (strcmp(r->names[k], r->names[i]) == 0)
                return wg__refuse(r->cells.reason, r->cells.path,
                                  "the column \"%.80s\" comes twice", r->names[i]);
    }
    return check_asked(r, r->options->classes) && check_asked(r, r->options->without);
}

/* ---- numbers ---- */

static bool is_missing(const char *field)
{
    static const char *const texts[] = {"", "NA", "NaN", "nan", "null", NULL};
    return is_among(field, texts);
}

static const char *skip_digits(const char *at)
{
    return at + strspn(at, "0123456789");
}

/* As in C, without the hexadecimal ones, infinities and NaN that strtod would take, too. */
static bool is_number(const char *at)
{
    at += *at == '+' || *at == '-';
    const char *end = skip_digits(at);
    size_t      digits = (size_t)(end - at);
    if (*end == '.') {
        at = end + 1;
        end = skip_digits(at);
        digits += (size_t)(end - at);
    }
    if (digits > 0 && (*end == 'e' || *end == 'E')) {
        at = end + 1 + (end[1] == '+' || end[1] == '-');
        end = skip_digits(at);
        if (end == at) return false;
    }
    return digits > 0 && *end == '\0';
}

/* Takes spaces off both ends, in the field itself. */
static const char *trim(const char *field)
{
    char  *at = (char *)(uintptr_t)field + strspn(field, " \t");
    size_t length = strlen(at);
    while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t')) at[--length] = '\0';
    return at;
}

static bool read_number(const reader *r, int64_t row, int64_t column, int64_t place)
{
    const char *field = trim(field_of(r, row, column));
    wg_array   *numbers = &r->table->numbers;
    double      value = (double)NAN;
    if (is_missing(field)) {
        if (!r->options->missing_is_nan) return refuse_field(r, row, column, "is a missing number");
    } else {
        if (!is_number(field)) return refuse_field(r, row, column, "is not a number");
        value = strtod(field, NULL);
        if (fabs(value) > (numbers->type.dtype == WG_F32 ? (double)FLT_MAX : DBL_MAX))
            return refuse_field(r, row, column, "is too large");
    }
    if (numbers->type.dtype == WG_F32)
        ((float *)numbers->data)[place] = (float)value;
    else
        ((double *)numbers->data)[place] = value;
    return true;
}

/* ---- classes ---- */

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Gathers the column's texts, sorted, each once. */
static bool find_classes(const reader *r, int64_t rows, int64_t column, wg_column *to)
{
    to->classes = wg__alloc(r->cells.allocator, (size_t)rows * sizeof *to->classes);
    if (!to->classes) return no_memory(r);
    for (int64_t row = 0; row < rows; row++) {
        to->classes[row] = field_of(r, row, column);
        if (!*to->classes[row]) return refuse_field(r, row, column, "is a missing class");
    }
    if (rows > 1) qsort(to->classes, (size_t)rows, sizeof *to->classes, compare_texts);
    for (int64_t i = 0; i < rows; i++)
        if (i == 0 || strcmp(to->classes[i], to->classes[to->class_count - 1]) != 0)
            to->classes[to->class_count++] = to->classes[i];
    return true;
}

static bool read_classes(const reader *r, int64_t rows, int64_t column, int64_t place)
{
    wg_column *to = &r->table->label[place];
    int64_t   *label = r->table->labels.data;
    if (!find_classes(r, rows, column, to)) return false;
    for (int64_t row = 0; row < rows; row++) {
        const char  *field = field_of(r, row, column);
        const char **found = bsearch(&field, to->classes, (size_t)to->class_count,
                                     sizeof *to->classes, compare_texts);
        label[row * r->table->label_count + place] = found - to->classes;
    }
    return true;
}

/* ---- the table ---- */

/* Counts the columns of both kinds, and makes room for them. */
static bool make_room(const reader *r, int64_t rows)
{
    wg_table      *t = r->table;
    const wg_dtype dtype = r->options->dtype == WG_F64 ? WG_F64 : WG_F32;
    wg_type        numbers, labels;
    for (int64_t i = 0; i < r->cells.columns; i++) {
        if (is_among(r->names[i], r->options->without)) continue;
        if (is_among(r->names[i], r->options->classes))
            t->label_count++;
        else
            t->number_count++;
    }
    t->number = wg__alloc_zero(t->allocator, (size_t)t->number_count * sizeof *t->number);
    t->label = wg__alloc_zero(t->allocator, (size_t)t->label_count * sizeof *t->label);
    return (t->number && t->label &&
            wg_type_make(dtype, (wg_shape){2, {rows, t->number_count}}, &numbers) &&
            wg_type_make(WG_I64, (wg_shape){2, {rows, t->label_count}}, &labels) &&
            wg__array_new(&t->numbers, &numbers, t->allocator) &&
            wg__array_new(&t->labels, &labels, t->allocator)) ||
           no_memory(r);
}

static bool read_columns(const reader *r, int64_t rows)
{
    int64_t   number = 0, label = 0;
    wg_table *t = r->table;
    for (int64_t column = 0; column < r->cells.columns; column++) {
        const char *name = r->names[column];
        if (is_among(name, r->options->without)) continue;
        if (is_among(name, r->options->classes)) {
            t->label[label].name = name;
            if (!read_classes(r, rows, column, label++)) return false;
            continue;
        }
        t->number[number].name = name;
        for (int64_t row = 0; row < rows; row++)
            if (!read_number(r, row, column, row * t->number_count + number)) return false;
        number++;
    }
    return true;
}

/* Cuts the text up and makes sense of it; the locale says "." is the point. */
static bool read_text(reader *r)
{
    const char separator = r->options->separator ? r->options->separator : ',';
    wg_array  *text = &r->table->text;
    r->cells.at = text->data;
    r->cells.end = r->cells.at + text->type.count; /* a zero stands there: buffers are padded */
    r->cells.separator = separator;
    if (strchr("\"\r\n", separator))
        return wg__refuse(r->cells.reason, r->cells.path, "cannot be read with this separator");
    if (!wg__cells_read(&r->cells)) return false;
    if (r->cells.rows == 0) return wg__refuse(r->cells.reason, r->cells.path, "is empty");
    r->first = !r->options->no_header;
    const int64_t rows = r->cells.rows - r->first;
    return name_columns(r) && make_room(r, rows) && read_columns(r, rows);
}

bool wg_csv_read(const char *path, const wg_csv_options *options, wg_table *table,
                 char reason[WG_REASON])
{
    static const wg_csv_options defaults = {.dtype = WG_F32};
    if (!options) options = &defaults;
    const wg_allocator *allocator =
        options->allocator ? options->allocator : wg_allocator_default();
    *table = (wg_table){.allocator = allocator};
    if (!wg_text_read(path, options->most, allocator, &table->text, reason)) return false;
    reader r = {.options = options,
                .table = table,
                .cells = {.path = path, .reason = reason, .allocator = allocator}};

    const locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0), old = uselocale(plain);
    const bool     good = read_text(&r);
    uselocale(old);
    if (plain) freelocale(plain);
    wg__free(allocator, r.names);
    wg__cells_free(&r.cells);
    if (!good) wg_table_free(table);
    return good;
}

void wg_table_free(wg_table *table)
{
    const wg_allocator *allocator = table->allocator;
    for (int64_t i = 0; table->label && i < table->label_count; i++)
        wg__free(allocator, (void *)(uintptr_t)table->label[i].classes);
    if (table->number) wg__free(allocator, table->number);
    if (table->label) wg__free(allocator, table->label);
    wg_array_free(&table->numbers);
    wg_array_free(&table->labels);
    wg_array_free(&table->text);
    wg_array_free(&table->made);
    *table = (wg_table){0};
}
