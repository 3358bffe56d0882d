// SPDX-License-Identifier: MIT
/* A folder for the files that a test writes, and damage done to files. */
#define _XOPEN_SOURCE 700
#include "scratch.h"

#include "../support/expect.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[SCRATCH_PATH / 2];

void scratch_begin(void)
{
    const char *parent = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/wengert-XXXXXX", parent ? parent : "/tmp");
    EXPECT(mkdtemp(folder) != NULL);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

void scratch_end(void)
{
    EXPECT(nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

const char *scratch_path(const char *name, char path[SCRATCH_PATH])
{
    snprintf(path, SCRATCH_PATH, "%s/%s", folder, name);
    return path;
}

const char *scratch_write(const char *name, const void *bytes, size_t count,
                          char path[SCRATCH_PATH])
{
    /* A new file: one that is cut short and written again, some file systems bring to the disk at once. */
    remove(scratch_path(name, path));
    FILE *file = fopen(path, "wb");
    EXPECT(file != NULL);
    const size_t written = fwrite(bytes, 1, count, file);
    EXPECT(fclose(file) == 0 && written == count);
    return path;
}

size_t scratch_read(const char *path, unsigned char bytes[SCRATCH_FILE])
{
    FILE *file = fopen(path, "rb");
    EXPECT_MSG(file != NULL, "%s: cannot be opened", path);
    const size_t count = fread(bytes, 1, SCRATCH_FILE, file);
    EXPECT(count < SCRATCH_FILE && fclose(file) == 0);
    return count;
}

int scratch_count(void)
{
    DIR *opened = opendir(folder);
    EXPECT(opened != NULL);
    int count = -2; /* the folder itself and its parent */
    while (readdir(opened)) count++;
    closedir(opened);
    return count;
}

static int load_bytes(const unsigned char *bytes, size_t count, scratch_load *load)
{
    char path[SCRATCH_PATH];
    return load(scratch_write("damaged", bytes, count, path), bytes, count);
}

int scratch_truncate(const unsigned char *bytes, size_t count, scratch_load *load)
{
    int accepted = 0;
    for (size_t left = 0; left < count; left++) accepted += load_bytes(bytes, left, load);
    return accepted;
}

int scratch_damage(const unsigned char *bytes, size_t count, size_t front, scratch_load *load)
{
    unsigned char damaged[SCRATCH_FILE];
    memcpy(damaged, bytes, count);
    int accepted = 0;
    for (size_t i = 0; i < front; i++) {
        const int byte = bytes[i], others[] = {0, 255, byte + 1, byte - 1};
        for (int k = 0; k < 4 + 8; k++) {
            damaged[i] = (unsigned char)(k < 4 ? others[k] : byte ^ 1 << (k - 4));
            if (damaged[i] != byte) accepted += load_bytes(damaged, count, load);
        }
        damaged[i] = bytes[i];
    }
    return accepted;
}

void expect_says(const char *file, int line, const char *text, const char *part)
{
    EXPECT_MSG(text && strstr(text, part), "%s:%d: \"%s\" does not say \"%s\"", file, line,
               text ? text : "(null)", part);
}
