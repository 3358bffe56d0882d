// SPDX-License-Identifier: MIT
/*
 * Fuzzing of the readers of src/formats: one program for each, which defines fuzz_parse. With
 * driver.c it takes sample files apart and together again for a number of inputs that are always the
 * same; scripts/fuzz.sh builds it with libFuzzer instead, which looks for new ways through the code.
 */
#ifndef WENGERT_TESTS_FUZZ_H
#define WENGERT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <wengert/formats/array.h>

/* Reads the file with memory from `allocator`, looks at all of what it gave, and gives it back. */
bool fuzz_parse(const char *path, const wg_allocator *allocator, char reason[WG_REASON]);

/* Looks at each byte of the array's values. */
void fuzz_look(const wg_array *array);

/* Has the input parsed, then once more with one request for memory refused. Ends the program when a
   parser fails without a reason, keeps memory, or works without it. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t count);

/* How many inputs were accepted so far. */
extern long fuzz_accepted;

#endif
