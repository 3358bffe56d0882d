// SPDX-License-Identifier: MIT
/* What stands in for onednn.c where the library is built without oneDNN. */
#include "onednn.h"

const char *wg__onednn_version(void)
{
    return NULL;
}

bool wg__onednn_conv2d(struct wg__onednn *made, const struct wg__conv2d *conv,
                       enum wg__conv2d_pass pass, bool bias)
{
    (void)made, (void)conv, (void)pass, (void)bias;
    return false;
}

bool wg__onednn_matmul(struct wg__onednn *made, const struct wg__gemm *gemm,
                       const struct wg__loops *left, const struct wg__loops *right, bool bias)
{
    (void)made, (void)gemm, (void)left, (void)right, (void)bias;
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
