// SPDX-License-Identifier: MIT
/* What work costs, in moves of an element: by it plans decide how many threads to use. Not public. */
#ifndef WENGERT_OPS_COSTS_H
#define WENGERT_OPS_COSTS_H

/* How many multiply-adds of a product are done in the time of one move. */
#define WG__MULTIPLY_ADDS 8.0

/* An exponential counts as so many moves. */
#define WG__EXP 8.0

#endif
