// SPDX-License-Identifier: MIT
/* Single checks, counted: what every test program uses on top of Check. */
#ifndef WENGERT_TESTS_EXPECT_H
#define WENGERT_TESTS_EXPECT_H

#include <check.h>
#include <math.h>
#include <string.h>

/* Checks made so far in this program. */
extern long expect_count;

/* Each counts one check and ends the test when it fails. */
#define EXPECT(condition) EXPECT_MSG(condition, "%s", #condition)
#define EXPECT_MSG(condition, ...)                                                                    \
    do {                                                                                              \
        expect_count++;                                                                               \
        if (!(condition)) ck_abort_msg(__VA_ARGS__);                                                  \
    } while (0)

/* Equal texts; NULL equals NULL only. */
#define EXPECT_TEXT(got, wanted) expect_text(__FILE__, __LINE__, got, wanted)
void expect_text(const char *file, int line, const char *got, const char *wanted);

/* |got - wanted| <= tolerance (1 + |wanted|); NaN equals NaN, infinities equal themselves. */
#define EXPECT_CLOSE(got, wanted, tolerance) expect_close(__FILE__, __LINE__, got, wanted, tolerance)
void expect_close(const char *file, int line, double got, double wanted, double tolerance);

/* Runs a suite without forking, prints "NAME: N passed, N failed" (single checks) and returns main's exit status. */
int expect_run(Suite *suite);

#endif
