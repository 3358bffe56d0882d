// SPDX-License-Identifier: MIT
/*
 * A team of threads that does the parts of one piece of work at a time. Whoever is free takes the
 * next part, the caller included, so that nobody waits for a thread that the system has put aside:
 * on a machine with other work, the caller then does it all.
 */
#ifndef WENGERT_GRAPH_TEAM_H
#define WENGERT_GRAPH_TEAM_H

#include "../tensor/memory.h"

typedef struct wg__team wg__team;

/* Threads that this process may use: OMP_NUM_THREADS, or the processors that it may run on. */
int wg__team_default(void);

/* A team of `threads`, the caller counted, that share nothing with other teams; NULL when there are
 * none to be had. */
wg__team *wg__team_new(const wg_allocator *allocator, int threads);

/* Ends the threads. NULL is fine. */
void wg__team_free(wg__team *team);

/*
 * Calls work(context, part) for each part from 0 to parts - 1, at most 65,535, and returns when all
 * are done: the bitwise or of what they return. Nothing is allocated.
 */
int wg__team_run(wg__team *team, int parts, int (*work)(const void *context, int part),
                 const void *context);

#endif
