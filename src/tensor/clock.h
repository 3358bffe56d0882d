// SPDX-License-Identifier: MIT
/* The clock, private to the library. */
#ifndef WENGERT_TENSOR_CLOCK_H
#define WENGERT_TENSOR_CLOCK_H

/* Seconds since some moment, of a clock that nobody sets. */
double wg__seconds(void);

#endif
