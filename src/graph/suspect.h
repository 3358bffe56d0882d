// SPDX-License-Identifier: MIT
/* Which op is it? Each node of a record alone, on a tape of its own, at the record's values. */
#ifndef WENGERT_GRAPH_SUSPECT_H
#define WENGERT_GRAPH_SUSPECT_H

#include "check.h"
#include "internal.h"

/* What is searched for, on a tape in f64 with options.apart. */
typedef struct wg__search {
    wg_tape         *tape;
    wg_tensors       wanted; /* of which nodes */
    wg_tensors       leaves; /* by which inputs that depend on these are rules checked */
    int              order;  /* 2: second derivatives of each node as well */
    wg_check_verdict verdict;
    double           tolerance;
    uint64_t         seed;
} wg__search;

/*
 * The first node, in the order of the record, with that verdict; else the first with any other bad
 * one; else op NULL. When a failure is looked for and no rule is wrong, the first op through which,
 * on purpose, nothing flows back although the differences see it. Texts are of the search's tape.
 * Without memory there is an error on the search's tape.
 */
wg_check_op wg__suspect(const wg__search *search);

#endif
