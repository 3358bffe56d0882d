// SPDX-License-Identifier: MIT
/* A stretch of numbers: places along an axis, or the pieces of work that one call is to do. */
#ifndef WENGERT_KERNELS_RANGE_H
#define WENGERT_KERNELS_RANGE_H

#include <stdint.h>

/* From first to before end. */
struct wg__range {
    int64_t first, end;
};

#endif
