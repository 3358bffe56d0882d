// SPDX-License-Identifier: MIT
/* The table of workloads, and how a step of one is made. */
#ifndef WENGERT_BENCH_WORKLOADS_H
#define WENGERT_BENCH_WORKLOADS_H

#include "networks.h"

/* The workload of this name, or NULL. */
const struct workload *workload_find(const char *name);

#endif
