// SPDX-License-Identifier: MIT
/*
 * Kernels of images with channels last against those of packed ones, on every instruction set of
 * this machine: the same values of pooling, statistics to some roundings.
 */
#include "../../src/kernels/isa.h"
#include "../support/expect.h"
#include "random_pool.h"

#include <string.h>

enum { TRIALS = 340 }; /* with three kernels each */

/* Windows over more channels than one. */
static struct wg__pool2d any_pool(uint64_t *seed, int64_t dilation)
{
    struct wg__pool2d v = pool_random(seed, dilation);
    v.c = lcg_below(seed, 40);
    return v;
}

/* (n, c, windows) as (n, windows, c). */
static int64_t *places_last(const int64_t *place, const struct wg__pool2d *v)
{
    const int64_t windows = v->p * v->q;
    int64_t      *to = exactly(v->n * v->c * windows, sizeof *to);
    for (int64_t i = 0; i < v->n * v->c * windows; i++) {
        const int64_t n = i / (v->c * windows), c = i / windows % v->c, at = i % windows;
        to[(n * windows + at) * v->c + c] = place[i];
    }
    return to;
}

#define TWICE "test_last_body.h"
#include "twice.h"

START_TEST(channels_may_lie_last)
{
    const struct wg__kernels *kernels;
    for (int i = 0; (kernels = wg__kernels_at(i)) != NULL; i++) {
        try_all_f32(kernels, TRIALS);
        try_all_f64(kernels, TRIALS);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("last");
    TCase *tests = tcase_create("last");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, channels_may_lie_last);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
