// SPDX-License-Identifier: MIT
/* Files, private to the library: reading that knows how much is left, and writing that leaves
   the old file or the new one, never half of one. */
#ifndef WENGERT_FORMATS_FILE_H
#define WENGERT_FORMATS_FILE_H

#include "../tensor/export.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest path that is written to, its closing zero included. */
#define WG__PATH 4096

/* Writes "PATH: sentence" into `reason` (NULL: nowhere), a long path without its front. Always
   false. */
bool wg__refuse(char *reason, const char *path, const char *format, ...) WG_PRINTF(3, 4);

/* The same, the sentence being "cannot be DONE: " and what errno says. */
bool wg__refuse_errno(char *reason, const char *path, const char *done);

/* A regular file of `size` bytes open for reading, `left` bytes from its end. */
typedef struct wg__file {
    const char *path;
    char       *reason;
    int         handle;
    int64_t     left, size;
} wg__file;

/* wg__refuse with the file's reason and path. */
bool wg__file_refuse(const wg__file *file, const char *format, ...) WG_PRINTF(2, 3);

/* Those that answer true or false: false with the reason in the buffer given at opening. */
bool wg__file_open(wg__file *file, const char *path, char *reason);

/* Reads exactly `bytes` bytes; fewer in the file are an error. */
bool wg__file_read(wg__file *file, void *to, int64_t bytes);

/* Goes on reading at byte `at`, 0 to the size. */
bool wg__file_seek(wg__file *file, int64_t at);

/* True when the file begins with these two bytes. Moves nothing. */
bool wg__file_begins(const wg__file *file, unsigned char first, unsigned char second);

void wg__file_close(wg__file *file);

/* What is to become the file `path`, written beside it under another name first. */
typedef struct wg__draft {
    const char *path;
    char       *reason;
    int         handle;
    char        name[WG__PATH];
} wg__draft;

bool wg__draft_open(wg__draft *draft, const char *path, char *reason);
bool wg__draft_write(wg__draft *draft, const void *data, size_t bytes);

/* Ends an open draft: puts it in the place of `path` when `good`, else (or when that fails)
   removes it. True when in place. */
bool wg__draft_close(wg__draft *draft, bool good);

#endif
