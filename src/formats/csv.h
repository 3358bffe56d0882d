// SPDX-License-Identifier: MIT
/*
 * Tables of text (CSV, RFC 4180): columns of numbers, and columns of classes.
 *
 *     wg_table table;
 *     char reason[WG_REASON];
 *     const char *const species[] = {"species", NULL};
 *     if (!wg_csv_read("iris.csv", &(wg_csv_options){.classes = species}, &table, reason))
 *         puts(reason);
 *
 * A line is a row, the first one names the columns. A field in quotes may hold separators, line
 * ends, and quotes, which are doubled there. Lines end in "\n" or "\r\n"; empty ones are left out,
 * and so is a byte order mark at the beginning. Rows have as many fields as there are columns.
 */
#ifndef WENGERT_FORMATS_CSV_H
#define WENGERT_FORMATS_CSV_H

#include "array.h"

/* How a file is read. Members left zero stand for the default. */
typedef struct wg_csv_options {
    wg_dtype            dtype;          /* of the numbers: WG_F32, or WG_F64 */
    char                separator;      /* ',' */
    bool                no_header;      /* columns are called "0", "1", ... */
    bool                missing_is_nan; /* a number that is missing is NaN, not an error */
    const char *const  *classes;        /* columns of classes, a NULL behind the last name */
    const char *const  *without;        /* columns to be left out, likewise */
    int64_t             most;           /* bytes of the file: WG_TEXT_MOST */
    const wg_allocator *allocator;      /* malloc; must outlive the table */
} wg_csv_options;

/* A column of numbers, or of classes: then their names sorted by bytes, the name of class i at i. */
typedef struct wg_column {
    const char  *name;
    int64_t      class_count;
    const char **classes;
} wg_column;

/* What was read, owned by whoever had it read; columns in the file's order. All members zero: no
   table. */
typedef struct wg_table {
    wg_array            numbers; /* f32 or f64 (rows, number_count) */
    wg_array            labels;  /* i64 (rows, label_count) */
    int64_t             number_count, label_count;
    wg_column          *number, *label;
    wg_array            text, made; /* that all names stand in */
    const wg_allocator *allocator;
} wg_table;

WG_BEGIN_DECLS

/*
 * Reads the file into *table; freed with wg_table_free. Options may be NULL. A number is written as
 * in C, with a point, whatever the locale; missing are fields that are empty, or NA, NaN, nan or
 * null. A class is any text that is not empty. False with the reason, line and column in it, and no
 * table, when the file cannot be read, a field is neither a number nor said to be a class, is
 * missing, or too large for its dtype; when a row has another count of fields, a quote stands where
 * none may, or a byte is zero; when a column's name comes twice, or one that was asked for is not
 * there; and when there is no memory.
 */
WG_API bool wg_csv_read(const char *path, const wg_csv_options *options, wg_table *table,
                        char reason[WG_REASON]);

/* Frees all of it and leaves no table. Takes what a failed read left behind, too. */
WG_API void wg_table_free(wg_table *table);

WG_END_DECLS

#endif
