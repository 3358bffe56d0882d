// SPDX-License-Identifier: MIT
/*
 * Memory: the one door through which the library asks for it.
 *
 * Every byte of a tape comes from the allocator that the tape was made with, so that a
 * program can count it, cap it, or (in tests) make the n-th request fail.
 */
#ifndef WENGERT_TENSOR_MEMORY_H
#define WENGERT_TENSOR_MEMORY_H

#include "export.h"

#include <stddef.h>

/*
 * One function does all: `resize(context, NULL, n)` allocates n bytes, `resize(context, p, n)` grows
 * or shrinks p and keeps its contents, `resize(context, p, 0)` frees p and returns NULL. It returns NULL
 * when there is no memory, and p stays as it was then. Memory is aligned as malloc aligns it.
 */
typedef struct wg_allocator {
    void *(*resize)(void *context, void *memory, size_t bytes);
    void *context;
} wg_allocator;

WG_BEGIN_DECLS

/* The allocator used where none is named: malloc, realloc and free. */
WG_API const wg_allocator *wg_allocator_default(void);

WG_END_DECLS

/* ---- private to the library ---- */

/* Tensor data starts on such a boundary, and as many bytes behind its end may be read. */
#define WG__ALIGNMENT 64

/* `bytes` fresh bytes, or NULL. Asking for 0 gives a valid pointer. */
void *wg__alloc(const wg_allocator *allocator, size_t bytes);

/* Like wg__alloc, all bytes zero. */
void *wg__alloc_zero(const wg_allocator *allocator, size_t bytes);

/*
 * Makes room for `needed` items of `item` bytes in the array *array whose capacity is *capacity; grows by
 * half again, so that n appends cost O(n). Returns 0, and changes nothing, when there is no memory.
 */
int wg__grow(const wg_allocator *allocator, void *array, size_t *capacity, size_t needed, size_t item);

/* Frees what the two above returned; NULL is fine. */
void wg__free(const wg_allocator *allocator, void *memory);

/* A buffer for tensor data: aligned to WG__ALIGNMENT, padded, zeroed. Freed with wg__buffer_free. */
void *wg__buffer_new(const wg_allocator *allocator, size_t bytes);
void  wg__buffer_free(const wg_allocator *allocator, void *buffer);

#endif
