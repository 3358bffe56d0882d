// SPDX-License-Identifier: MIT
/* What stands in for onednn.c and onednn_shim.c where the library is built without oneDNN. */
#include "onednn.h"

const char *wg__onednn_version(void)
{
    return NULL;
}

bool wg__onednn_open(const wg_allocator *allocator, bool winograd,
                     struct wg__onednn_library **found)
{
    (void)allocator, (void)winograd;
    *found = NULL;
    return true;
}

void wg__onednn_close(const wg_allocator *allocator, struct wg__onednn_library *library)
{
    (void)allocator, (void)library;
}

bool wg__onednn_conv2d(struct wg__onednn *made, const struct wg__onednn_library *library,
                       const struct wg__conv2d *conv, enum wg__conv2d_pass pass, bool bias,
                       bool channels_last)
{
    (void)made, (void)library, (void)conv, (void)pass, (void)bias, (void)channels_last;
    return false;
}

bool wg__onednn_matmul(struct wg__onednn *made, const struct wg__onednn_library *library,
                       const struct wg__gemm *gemm, const struct wg__loops *left,
                       const struct wg__loops *right, bool bias)
{
    (void)made, (void)library, (void)gemm, (void)left, (void)right, (void)bias;
    return false;
}

bool wg__onednn_run(const struct wg__onednn *made, void *const *data, void *scratch)
{
    (void)made, (void)data, (void)scratch;
    return false;
}

void wg__onednn_done(struct wg__onednn *made)
{
    (void)made;
}
