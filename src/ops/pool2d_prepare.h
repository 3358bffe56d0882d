// SPDX-License-Identifier: MIT
/* Pooling's settings, and how its ops choose their kernels. Not public. */
#ifndef WENGERT_OPS_POOL2D_PREPARE_H
#define WENGERT_OPS_POOL2D_PREPARE_H

#include "../graph/op.h"

/*
 * `image` is the image's size where the inputs do not tell it: for the adjoints, which have its
 * shape as output.
 */
struct pool2d_attrs {
    int64_t kernel[2], stride[2], pad[2], dilation[2], exclude_pad, image[2];
};

wg_kernel *wg__max_pool2d_prepare(wg_call *call);
wg_kernel *wg__max_pool2d_backward_prepare(wg_call *call);
wg_kernel *wg__max_pool2d_gather_prepare(wg_call *call);
wg_kernel *wg__avg_pool2d_prepare(wg_call *call);
wg_kernel *wg__avg_pool2d_backward_prepare(wg_call *call);

/* Which ends may have channels last, for all of them. */
uint64_t wg__pool2d_last(const wg_call *call, double *saves);

#endif
