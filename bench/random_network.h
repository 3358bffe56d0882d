// SPDX-License-Identifier: MIT
/* A network that bench/run makes up, see networks.py. */
#ifndef WENGERT_BENCH_RANDOM_NETWORK_H
#define WENGERT_BENCH_RANDOM_NETWORK_H

#include "networks.h"

/* Reads network.npy of the folder, which random_network then records; the reason when it fails. */
const char *random_network_read(const char *folder);

/* The loss. The batch is the file's. */
wg_tensor *random_network(wg_tape *tape, int64_t batch);

#endif
