// SPDX-License-Identifier: MIT
#include "expect.h"

#include <stdio.h>
#include <stdlib.h>

long expect_count;

void expect_text(const char *file, int line, const char *got, const char *wanted)
{
    const int same = got && wanted ? strcmp(got, wanted) == 0 : got == wanted;
    EXPECT_MSG(same, "%s:%d: got \"%s\", wanted \"%s\"", file, line, got ? got : "(null)",
               wanted ? wanted : "(null)");
}

void expect_close(const char *file, int line, double got, double wanted, double tolerance)
{
    const int same = isnan(wanted)   ? isnan(got)
                     : isinf(wanted) ? (got > 0) == (wanted > 0) && isinf(got)
                                     : fabs(got - wanted) <= tolerance * (1 + fabs(wanted));
    EXPECT_MSG(same, "%s:%d: got %.17g, wanted %.17g (tolerance %g)", file, line, got, wanted, tolerance);
}

int expect_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK); /* so that the counter survives */
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    printf("checks: %ld passed, %d failed\n", expect_count - failed, failed);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
