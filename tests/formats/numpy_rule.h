// SPDX-License-Identifier: MIT
/* The values of the files that make_npy.py and make_weights.py wrote. */
#ifndef WENGERT_TESTS_NUMPY_RULE_H
#define WENGERT_TESTS_NUMPY_RULE_H

#include <wengert/formats/named.h>

/* Any element as a double, which holds each value here exactly. */
double element(const wg_array *array, int64_t i);

/* The rule: element i of an array of this dtype. */
double numpy_value(wg_dtype dtype, int64_t i);

/* The arrays of make_weights.py, as it wrote them. */
typedef struct numpy_array {
    const char *name;
    wg_dtype    dtype;
    wg_shape    shape;
} numpy_array;
enum { NUMPY_ARRAYS = 8 };
extern const numpy_array numpy_arrays[NUMPY_ARRAYS];

/* Expects that the array of the set is the one of make_weights.py with that name. */
void expect_numpy_array(const wg_named_arrays *set, const numpy_array *wanted);

/* The arrays of make_weights.py as views of values that live as long as the program. */
const wg_named_views *numpy_views(void);

#endif
