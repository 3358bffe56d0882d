// SPDX-License-Identifier: MIT
/*
 * Random numbers without state: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy
 * as 1, 2, 3", SC 2011) turns a counter and a key into four 32-bit words. The same counter gives the same words on
 * every machine and for any number of threads.
 */
#ifndef WENGERT_TENSOR_RANDOM_H
#define WENGERT_TENSOR_RANDOM_H

#include "export.h"

#include <stdint.h>

WG_BEGIN_DECLS

/* Ten rounds of Philox 4x32 of the 128-bit counter under the 64-bit key. */
WG_API void wg_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

WG_END_DECLS

#endif
