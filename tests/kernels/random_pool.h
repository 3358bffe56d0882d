// SPDX-License-Identifier: MIT
/* Windows over images, at random. */
#ifndef WENGERT_TESTS_RANDOM_POOL_H
#define WENGERT_TESTS_RANDOM_POOL_H

#include "../../src/kernels/pool.h"
#include "lcg.h"

static inline struct wg__pool2d pool_random(uint64_t *seed, int64_t dilation)
{
    struct wg__pool2d v = {
        .n = lcg_below(seed, 3), .c = lcg_below(seed, 4), .count_pad = lcg_below(seed, 2) == 1};
    const bool pool2 = lcg_below(seed, 3) == 0; /* windows of 2 x 2 have a kernel of their own */
    int64_t *const size[2] = {&v.h, &v.w}, *const out[2] = {&v.p, &v.q};
    for (int i = 0; i < 2; i++) {
        v.kernel[i] = lcg_between(seed, 1, 4);
        v.stride[i] = lcg_between(seed, 1, 4);
        v.dilation[i] = lcg_between(seed, 1, dilation);
        v.pad[i] = lcg_between(seed, 0, v.kernel[i] / 2);
        if (pool2) v.kernel[i] = v.stride[i] = 2, v.dilation[i] = 1, v.pad[i] = 0;
        const int64_t reach = (v.kernel[i] - 1) * v.dilation[i] + 1;
        *size[i] = reach + lcg_below(seed, 8);
        *out[i] = (*size[i] + 2 * v.pad[i] - reach) / v.stride[i] + 1;
    }
    return v;
}

#endif
