// SPDX-License-Identifier: MIT
/* A folder for the files that a test writes, and damage done to files. */
#ifndef WENGERT_TESTS_SCRATCH_H
#define WENGERT_TESTS_SCRATCH_H

#include <stddef.h>

/* Room for a path in the folder, and for a file that is read whole. */
enum { SCRATCH_PATH = 512, SCRATCH_FILE = 4096 };

/* Makes the folder, afresh for each test, and removes it with all that is in it. */
void scratch_begin(void);
void scratch_end(void);

/* Writes the path of `name` in the folder ("": the folder) to `path`, which is returned. */
const char *scratch_path(const char *name, char path[SCRATCH_PATH]);

/* Makes the file `name` of these bytes; its path lies in `path`, which is returned. */
const char *scratch_write(const char *name, const void *bytes, size_t count,
                          char path[SCRATCH_PATH]);

/* Reads the whole file, whose length is returned. */
size_t scratch_read(const char *path, unsigned char bytes[SCRATCH_FILE]);

/* Number of files and folders in the folder. */
int scratch_count(void);

/*
 * Calls `load` with the path of each file that `bytes` becomes when it is cut off after 0, 1, ...
 * bytes, or when one of its first `front` bytes becomes 0, 255, one more, one less, or has one bit
 * turned. load expects what it must and returns whether it accepted the file. Returns how many it
 * accepted.
 */
typedef int scratch_load(const char *path, const unsigned char *bytes, size_t count);
int         scratch_truncate(const unsigned char *bytes, size_t count, scratch_load *load);
int scratch_damage(const unsigned char *bytes, size_t count, size_t front, scratch_load *load);

/* Expects that `text` holds `part`. */
#define EXPECT_SAYS(text, part) expect_says(__FILE__, __LINE__, text, part)
void expect_says(const char *file, int line, const char *text, const char *part);

#endif
