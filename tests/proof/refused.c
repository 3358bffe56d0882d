// SPDX-License-Identifier: MIT
#include "refused.h"

#include <stdio.h>

static void expect_words(wg_tape *tape, const char *wanted)
{
    EXPECT_TEXT(wg_tape_error(tape), wanted);
    wg_tape_error_clear(tape);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
}

void expect_error(wg_tape *tape, const char *file, int line, const char *text)
{
    char wanted[1024];
    snprintf(wanted, sizeof wanted, "%s:%d: %s", file, line, text);
    expect_words(tape, wanted);
}

void expect_error_of(const wg_tensor *tensor, const char *text)
{
    char wanted[1024];
    snprintf(wanted, sizeof wanted, "%s: %s", wg_where_of(tensor), text);
    expect_words(wg_tape_of(tensor), wanted);
}
