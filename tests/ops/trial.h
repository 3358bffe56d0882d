// SPDX-License-Identifier: MIT
/* A trial: one case of the tables, recorded on a tape of its own, with its gradients. */
#ifndef WENGERT_TESTS_TRIAL_H
#define WENGERT_TESTS_TRIAL_H

#include "cases.h"

#include "../support/expect.h"

enum { TRIAL_NUMBERS = 1024 /* of one tensor, at most */ };

struct trial {
    const struct family  *family;
    const struct op_case *use;
    const struct golden  *golden;
    char                  label[200]; /* "unary: relu, kink at zero (f32)", for messages */
    wg_dtype              dtype;      /* of what is f64 in the golden case */
    wg_tape              *tape;
    wg_tensor            *x[CASE_INPUTS], *y, *dy;
    wg_tensor            *leaf[CASE_INPUTS + 1]; /* inputs with a gradient; then dy */
    int                   input[CASE_INPUTS];    /* which input leaf k is */
    wg_tensors            leaves, dx;            /* leaf without dy, and the gradients by them */
};

/* Cases in all families. */
int trial_count(void);

/* Finds case number i, 0 <= i < trial_count(), and its golden values; nothing is recorded yet. */
struct trial trial_find(int i);

/*
 * Records the case: golden inputs as params (integers as constants), y and, unless the case is
 * forward only, dy and the gradients. options may be NULL. An error on the tape is a failure.
 */
void trial_begin(struct trial *trial, wg_dtype dtype, const wg_tape_options *options);
void trial_end(struct trial *trial);

/* dx once more: a derivation of its own. */
wg_tensors trial_gradients(const struct trial *trial);

/* Fails when there is an error on the tape. */
void trial_expect_no_error(const struct trial *trial);

/* The tensor's values as doubles; returns their number. */
int trial_read(const struct trial *trial, wg_tensor *tensor, double numbers[TRIAL_NUMBERS]);

/* Writes the golden array's values, converted, to a leaf. */
void trial_write(const struct trial *trial, wg_tensor *leaf, const struct golden_array *array);

#endif
