// SPDX-License-Identifier: MIT
#include "worker.h"

#include "measure.h"

#include <stdio.h>
#include <string.h>

/* Bytes that /proc/self/status gives for a key such as "VmHWM:", 0 where there is no such file. */
static double status(const char *key)
{
    FILE  *file = fopen("/proc/self/status", "r");
    char   line[200];
    double kilobytes = 0;
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, key, strlen(key))) sscanf(line + strlen(key), "%lf", &kilobytes);
    if (file) fclose(file);
    return kilobytes * 1024;
}

/* Runs steps once untimed, so that the caches are ours again, then timed. */
static const char *timed(const struct worker *worker, long steps, double *duration)
{
    const char  *error = worker->go(steps / 8 + 1);
    const double start = seconds();
    if (!error) error = worker->go(steps);
    *duration = seconds() - start;
    return error;
}

int worker_serve(const struct worker *worker)
{
    const double before = status("VmRSS:");
    char         line[2000], name[1000], folder[1000];
    long         steps;
    while (fgets(line, sizeof line, stdin)) {
        const char *error = NULL;
        double      number = -1;
        if (sscanf(line, "load %999s %999s", name, folder) == 2)
            error = worker->load(name, folder);
        else if (sscanf(line, "check %999s", folder) == 1)
            error = worker->check(folder);
        else if (sscanf(line, "go %ld", &steps) == 1)
            error = timed(worker, steps, &number);
        else if (!strncmp(line, "memory", 6))
            number = status("VmHWM:") - before;
        else
            error = "no such command";
        if (error)
            printf("error: %s\n", error);
        else if (number >= 0)
            printf("%.9f\n", number);
        else
            printf("ok\n");
        fflush(stdout);
    }
    return 0;
}
