// SPDX-License-Identifier: MIT
/* A small network for each family of ops, which several proofs run. */
#ifndef WENGERT_TESTS_FAMILIES_H
#define WENGERT_TESTS_FAMILIES_H

#include <wengert/wengert.h>

/* Records the family's ops on params with values; returns a loss of one element, or NULL. */
typedef wg_tensor *family_record(wg_tape *tape, wg_dtype dtype);

typedef struct family {
    const char    *name;
    family_record *record;
} family;

/* Family number i, from 0; NULL past the last. */
const family *family_at(int i);

#endif
