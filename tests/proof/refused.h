// SPDX-License-Identifier: MIT
/* What was refused, and in which words: for tests of errors. */
#ifndef WENGERT_TESTS_REFUSED_H
#define WENGERT_TESTS_REFUSED_H

#include "../support/expect.h"

#include <wengert/wengert.h>

/*
 * The tape's error is exactly "file:line: text". Forgets it.
 *
 *     EXPECT(!wg_matmul(a, a));
 *     expect_error(tape, LAST_LINE, "matmul \"a\" (2,3) x \"a\" (2,3): inner sizes differ, 3 and 2");
 */
void expect_error(wg_tape *tape, const char *file, int line, const char *text);
#define LAST_LINE __FILE__, __LINE__ - 1

/* The same, the line being the one that recorded the tensor. */
void expect_error_of(const wg_tensor *tensor, const char *text);

#endif
