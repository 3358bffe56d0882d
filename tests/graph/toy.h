// SPDX-License-Identifier: MIT
/* Toy ops of the tests' own: the graph needs to know no real op to be tested. */
#ifndef WENGERT_TESTS_TOY_H
#define WENGERT_TESTS_TOY_H

#include <wengert/graph/basic.h>
#include <wengert/graph/derive.h>
#include <wengert/graph/plan.h>

/* y = a b, of equal types, f64 only. */
wg_tensor *toy_mul(wg_tensor *a, wg_tensor *b);
/* Elements of y = a b + c that it has made in one go so far. */
extern int64_t toy_products_added;
/* y = sum of x, rank 0, f64 only. */
wg_tensor *toy_sum(wg_tensor *x);
/* y = sum of x along its last axis, which is dropped, also by stretches of 1,000; f64 only. */
wg_tensor *toy_total(wg_tensor *x);
/* y = x everywhere, x of rank 0, f64 only. */
wg_tensor *toy_spread(wg_tensor *x, wg_shape shape);
/* y = x, copied; flags a negative element; f64 only, no derivative and not said to have none. */
wg_tensor *toy_check(wg_tensor *x);

/* They leave the place of the caller as the library's calls do. */
#define toy_mul(a, b) WG__CALL(toy_mul(a, b))
#define toy_sum(x)    WG__CALL(toy_sum(x))
#define toy_total(x)  WG__CALL(toy_total(x))
#define toy_spread(x, shape) WG__CALL(toy_spread(x, shape))
#define toy_check(x)  WG__CALL(toy_check(x))

#endif
