// SPDX-License-Identifier: MIT
/*
 * Measuring on a shared machine: two things are timed in turn, several times, and compared within
 * each turn, since the machine's speed changes between turns but hardly within one.
 */
#ifndef WENGERT_BENCH_MEASURE_H
#define WENGERT_BENCH_MEASURE_H

/*
 * Asked for --help, prints "usage: PROGRAM", the arguments and a line about them, and ends the
 * program.
 */
void take_help(int count, char **arguments, const char *usage);

/* Seconds of a clock that only goes forward. */
double seconds(void);

/* The middle value; sorts `x`. NaN of none. */
double median(double *x, int count);

#endif
