// SPDX-License-Identifier: MIT
/* The fields of a CSV file, private to the library: the file's text cut up where it stands. */
#ifndef WENGERT_FORMATS_CSV_CELLS_H
#define WENGERT_FORMATS_CSV_CELLS_H

#include "../tensor/memory.h"

#include <stdbool.h>
#include <stdint.h>

/* Fields row by row, each ended by a zero; the first row may be a header. */
typedef struct wg__cells {
    const char         *path;
    char               *reason;
    const wg_allocator *allocator;
    char               *at, *end; /* the text that is still to be cut up, a zero behind it */
    char                separator;
    int64_t             line; /* that `at` stands in, from 1 */
    int64_t             rows, columns;
    size_t              count, room, lines_room;
    char              **field;
    int64_t            *lines; /* that each row begins in */
} wg__cells;

/* Cuts up all of the text. Begin with the first members, up to the line. False with the reason. */
bool wg__cells_read(wg__cells *cells);

/* Takes what is left by a failure, too. */
void wg__cells_free(wg__cells *cells);

#endif
