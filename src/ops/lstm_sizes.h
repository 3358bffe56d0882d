// SPDX-License-Identifier: MIT
/* What LSTM's kernels know of a call before they look at numbers. Not public. */
#ifndef WENGERT_OPS_LSTM_SIZES_H
#define WENGERT_OPS_LSTM_SIZES_H

#include "../graph/op.h"

struct sizes {
    int64_t steps, batch, n;
};

/* Of the gates, (steps, batch, 4 n). */
static inline struct sizes sizes_of(const wg_type *gates)
{
    const int64_t *dim = gates->shape.dim;
    return (struct sizes){dim[0], dim[1], dim[2] / 4};
}

/* The backward kernel has room for so many rows of n elements that are not packed. */
enum { ROWS_GATHERED = 12 };

#endif
