// SPDX-License-Identifier: MIT
/*
 * The default allocator, growing arrays, and aligned buffers for tensor data. A buffer is cut out
 * of a larger piece of memory, whose address is kept just below the buffer, because an allocator
 * promises no more than malloc's alignment.
 */
#if defined(__linux__)
#define _DEFAULT_SOURCE /* madvise */
#include <sys/mman.h>
#endif

#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *default_resize(void *context, void *memory, size_t bytes)
{
    (void)context;
    if (bytes) return realloc(memory, bytes);
    free(memory); /* realloc of 0 bytes may or may not free, depending on the C library */
    return NULL;
}

const wg_allocator *wg_allocator_default(void)
{
    static const wg_allocator allocator = {.resize = default_resize};
    return &allocator;
}

void *wg__alloc(const wg_allocator *allocator, size_t bytes)
{
    if (bytes > PTRDIFF_MAX) return NULL;
    return allocator->resize(allocator->context, NULL, bytes ? bytes : 1);
}

void *wg__alloc_zero(const wg_allocator *allocator, size_t bytes)
{
    void *memory = wg__alloc(allocator, bytes);
    return memory ? memset(memory, 0, bytes ? bytes : 1) : NULL;
}

void wg__free(const wg_allocator *allocator, void *memory)
{
    if (memory) allocator->resize(allocator->context, memory, 0);
}

/* Half again as much, but at least 8 and at least what is needed, and never beyond the limit. */
static size_t grown(size_t capacity, size_t needed, size_t limit)
{
    size_t wanted = capacity + capacity / 2; /* fits: no array is larger than PTRDIFF_MAX bytes */
    if (wanted < 8) wanted = 8;
    if (wanted < needed) wanted = needed;
    return wanted < limit ? wanted : limit;
}

int wg__grow(const wg_allocator *allocator, void *array, size_t *capacity, size_t needed,
             size_t item)
{
    if (needed <= *capacity) return 1;
    const size_t limit = PTRDIFF_MAX / item;
    if (needed > limit) return 0;
    const size_t wanted = grown(*capacity, needed, limit);

    void *memory; /* copied in and out as bytes: the array's own pointer type is unknown here */
    memcpy(&memory, array, sizeof memory);
    memory = allocator->resize(allocator->context, memory, wanted * item);
    if (!memory) return 0;
    memcpy(array, &memory, sizeof memory);
    *capacity = wanted;
    return 1;
}

/*
 * Asks for large pages, before the memory is touched: rows and channels of an image lie in pages of
 * their own, and there are more of these than the processor remembers.
 */
static void advise(char *memory, size_t bytes)
{
#if defined(MADV_HUGEPAGE)
    enum { PAGE = 1 << 21 };
    const size_t past = (uintptr_t)memory % PAGE, skipped = past ? PAGE - past : 0;
    if (bytes >= skipped + PAGE)
        (void)madvise(memory + skipped, (bytes - skipped) / PAGE * PAGE, MADV_HUGEPAGE);
#else
    (void)memory, (void)bytes;
#endif
}

void *wg__buffer_new(const wg_allocator *allocator, size_t bytes)
{
    /* before the buffer its address and the bytes skipped to align it, behind it the padding */
    const size_t extra = sizeof(void *) + WG__ALIGNMENT - 1 + WG__ALIGNMENT;
    if (bytes > SIZE_MAX - extra) return NULL;
    char *memory = wg__alloc(allocator, bytes + extra);
    if (!memory) return NULL;
    advise(memory, bytes + extra);
    memset(memory, 0, bytes + extra);

    const size_t past = (uintptr_t)(memory + sizeof(void *)) % WG__ALIGNMENT;
    char *buffer = memory + sizeof(void *) + (past ? WG__ALIGNMENT - past : 0);
    memcpy(buffer - sizeof(void *), &memory, sizeof memory);
    return buffer;
}

void wg__buffer_free(const wg_allocator *allocator, void *buffer)
{
    if (!buffer) return;
    void *memory;
    memcpy(&memory, (char *)buffer - sizeof(void *), sizeof memory);
    wg__free(allocator, memory);
}
