// SPDX-License-Identifier: MIT
/* A pool hands out small pieces of memory in a row and takes them back from the end, or all at once. */
#ifndef WENGERT_TENSOR_POOL_H
#define WENGERT_TENSOR_POOL_H

#include "memory.h"

typedef struct wg__pool_chunk wg__pool_chunk;

typedef struct wg__pool {
    const wg_allocator *allocator;
    wg__pool_chunk     *chunk; /* in use; older ones hang behind it */
    wg__pool_chunk     *spare; /* emptied by a rewind, kept for later */
} wg__pool;

/* An empty pool, for pool.allocator = ...; frees all that it handed out. */
void wg__pool_done(wg__pool *pool);

/* `bytes` bytes, not cleared, aligned to 16; NULL when there is no memory. */
void *wg__pool_take(wg__pool *pool, size_t bytes);

/* Gives back `memory`, which the pool handed out, and all that it handed out since; NULL gives back everything. */
void wg__pool_rewind(wg__pool *pool, const void *memory);

#endif
