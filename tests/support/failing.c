// SPDX-License-Identifier: MIT
/* An allocator that refuses a chosen request, in front of realloc and free. */
#include "failing.h"

#include "expect.h"

#include <stdlib.h>

static bool refuses(failing *f)
{
    f->requests++;
    const bool now =
        f->fail_at > 0 && (f->from_then_on ? f->requests >= f->fail_at : f->requests == f->fail_at);
    f->refused += now;
    return now;
}

static void *failing_resize(void *context, void *memory, size_t bytes)
{
    failing *f = context;
    if (bytes == 0) {
        if (memory) f->live--;
        free(memory);
        return NULL;
    }
    if (refuses(f)) return NULL;
    void *resized = realloc(memory, bytes);
    if (resized && !memory) f->live++;
    return resized;
}

void failing_init(failing *f, long fail_at, bool from_then_on)
{
    *f = (failing){.allocator = {.resize = failing_resize, .context = f},
                   .fail_at = fail_at,
                   .from_then_on = from_then_on};
}

/* One run; false when it made fewer than k requests. */
static bool run_failing_at(long k, bool from_then_on, failing_program *program, void *context)
{
    failing f;
    failing_init(&f, k, from_then_on);
    const bool worked = program(&f.allocator, context);
    EXPECT_MSG(worked == (f.refused == 0), "request %ld of %ld refused: the program %s", k,
               f.requests, worked ? "says that it worked" : "failed without need");
    EXPECT_MSG(f.live == 0, "request %ld of %ld refused: %ld blocks are not freed", k, f.requests,
               f.live);
    return f.refused > 0;
}

long failing_sweep(failing_program *program, void *context)
{
    long refusals = 0;
    for (int from_then_on = 0; from_then_on < 2; from_then_on++) {
        long k = 1;
        while (run_failing_at(k, from_then_on, program, context)) k++;
        refusals += k - 1;
    }
    return refusals;
}
