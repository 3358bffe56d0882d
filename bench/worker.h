// SPDX-License-Identifier: MIT
/*
 * The side of a measured program in its talk with bench/run, in lines over stdin and stdout. Each
 * command is answered by one line, "ok", a number, or "error: why":
 *
 *     load WORKLOAD FOLDER    makes the step, with inputs and first weights from FOLDER/NAME.npy
 *     check FOLDER            writes output.npy and NAME.npy for each gradient, changes nothing
 *     go N                    runs N steps: seconds
 *     memory                  peak resident bytes since the start of the program, above those then
 */
#ifndef WENGERT_BENCH_WORKER_H
#define WENGERT_BENCH_WORKER_H

#ifdef __cplusplus
extern "C" {
#endif

/* What the program does for each command. A text is the reason of a failure. */
struct worker {
    const char *(*load)(const char *workload, const char *folder);
    const char *(*check)(const char *folder);
    const char *(*go)(long steps);
};

/* Answers commands until stdin ends; main's exit status. */
int worker_serve(const struct worker *worker);

#ifdef __cplusplus
}
#endif

#endif
