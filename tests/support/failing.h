// SPDX-License-Identifier: MIT
/* An allocator that refuses a chosen request and counts what is not freed: for tests of what
   happens without memory. */
#ifndef WENGERT_TESTS_FAILING_H
#define WENGERT_TESTS_FAILING_H

#include <stdbool.h>
#include <wengert/tensor/memory.h>

/* Give &f.allocator to the library. A request is what asks for memory, or for more or less. */
typedef struct failing {
    wg_allocator allocator;
    long         fail_at;      /* number of the request that is refused, from 1; 0: none */
    bool         from_then_on; /* refuse all later ones as well */
    long         requests;     /* made so far */
    long         refused;      /* of them */
    long         live;         /* blocks handed out and not freed */
} failing;

/* Sets up *f, which must stay where it is as long as its allocator is used. */
void failing_init(failing *f, long fail_at, bool from_then_on);

/* Does something with memory from `allocator`, gives all of it back, and says whether it worked. */
typedef bool failing_program(const wg_allocator *allocator, void *context);

/*
 * Runs the program with request k refused, for k = 1, 2, ... until it makes fewer than k requests;
 * once with k alone, once with all from k on. Expects that it fails whenever a request was refused,
 * works otherwise, and leaves no block behind. Returns how often a request was refused in all.
 */
long failing_sweep(failing_program *program, void *context);

#endif
