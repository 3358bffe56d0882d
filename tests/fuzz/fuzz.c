// SPDX-License-Identifier: MIT
/* What holds for every parser and every input. The input lies in a file that is kept open, so that it
   is never brought to the disk. */
#define _XOPEN_SOURCE 700
#include "fuzz.h"

#include "../support/failing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

long fuzz_accepted;

static void end_unless(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

void fuzz_look(const wg_array *array)
{
    static volatile unsigned char seen;
    const unsigned char          *byte = array->data;
    const size_t size = (size_t)array->type.count * wg_dtype_size(array->type.dtype);
    for (size_t i = 0; i < size; i++) seen = (unsigned char)(seen ^ byte[i]);
}

static char path[500];

static void remove_file(void)
{
    remove(path);
}

/* Puts these bytes into the file. */
static void write_file(const uint8_t *data, size_t count)
{
    static int handle;
    if (!path[0]) {
        const char *folder = getenv("TMPDIR");
        snprintf(path, sizeof path, "%s/wengert-fuzz-XXXXXX", folder ? folder : "/tmp");
        handle = mkstemp(path);
        end_unless(handle >= 0 && atexit(remove_file) == 0, "there is no file for the input");
    }
    end_unless(ftruncate(handle, 0) == 0, "the file cannot be emptied");
    end_unless(pwrite(handle, data, count, 0) == (ssize_t)count, "the file cannot be written");
}

/* Parses with request number `fail_at` refused (0: none), and returns how many there were. */
static long parse(long fail_at, bool *good)
{
    failing memory;
    char    reason[WG_REASON] = "";
    failing_init(&memory, fail_at, false);
    *good = fuzz_parse(path, &memory.allocator, reason);
    end_unless(*good || reason[0], "refused without a reason");
    end_unless(strlen(reason) < WG_REASON, "a reason without an end");
    end_unless(memory.live == 0, "memory was kept");
    end_unless(!*good || memory.refused == 0, "worked without memory");
    return memory.requests;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t count)
{
    bool good, without;
    write_file(data, count);
    const long requests = parse(0, &good);
    fuzz_accepted += good;
    if (requests > 0) parse(1 + (long)(count % (size_t)requests), &without);
    return 0;
}
