// SPDX-License-Identifier: MIT
#include "pool.h"

#include <stdint.h>

struct wg__pool_chunk {
    wg__pool_chunk *older;
    size_t          used, size; /* of data */
    _Alignas(16) unsigned char data[];
};

enum { FIRST_CHUNK = 1 << 12, LARGEST_CHUNK = 1 << 20 };

static void free_chunks(wg__pool *pool, wg__pool_chunk *chunk)
{
    while (chunk) {
        wg__pool_chunk *older = chunk->older;
        wg__free(pool->allocator, chunk);
        chunk = older;
    }
}

void wg__pool_done(wg__pool *pool)
{
    free_chunks(pool, pool->chunk);
    free_chunks(pool, pool->spare);
    pool->chunk = pool->spare = NULL;
}

/* A chunk with room for `bytes`: the latest spare one if it fits, else one twice the last. */
static wg__pool_chunk *chunk_for(wg__pool *pool, size_t bytes)
{
    wg__pool_chunk *chunk = pool->spare;
    if (chunk && chunk->size >= bytes) {
        pool->spare = chunk->older;
        return chunk;
    }
    size_t size = pool->chunk ? pool->chunk->size * 2 : FIRST_CHUNK;
    if (size > LARGEST_CHUNK) size = LARGEST_CHUNK;
    if (size < bytes) size = bytes;
    chunk = wg__alloc(pool->allocator, sizeof *chunk + size);
    if (chunk) chunk->size = size;
    return chunk;
}

void *wg__pool_take(wg__pool *pool, size_t bytes)
{
    if (bytes > SIZE_MAX / 2) return NULL;
    bytes = (bytes + 15) & ~(size_t)15;
    wg__pool_chunk *chunk = pool->chunk;
    if (!chunk || chunk->size - chunk->used < bytes) {
        chunk = chunk_for(pool, bytes);
        if (!chunk) return NULL;
        chunk->used = 0;
        chunk->older = pool->chunk;
        pool->chunk = chunk;
    }
    void *memory = chunk->data + chunk->used;
    chunk->used += bytes;
    return memory;
}

void wg__pool_rewind(wg__pool *pool, const void *memory)
{
    const uintptr_t at = (uintptr_t)memory;
    while (pool->chunk) {
        wg__pool_chunk *chunk = pool->chunk;
        const uintptr_t start = (uintptr_t)chunk->data;
        if (memory && at >= start && at < start + chunk->used) {
            chunk->used = at - start;
            return;
        }
        pool->chunk = chunk->older;
        chunk->older = pool->spare;
        pool->spare = chunk;
    }
}
