// SPDX-License-Identifier: MIT
/* Windows: checks of their pairs, and how many there are. */
#include "window.h"

void wg__pair_default(int64_t pair[2], const int64_t otherwise[2])
{
    if (pair[0] != 0 || pair[1] != 0) return;
    pair[0] = otherwise[0];
    pair[1] = otherwise[1];
}

/*
 * A pair with a single zero is most likely `.stride = {2}`, in which C fills up the second number.
 */
static const char *infer_pair(wg_infer *i, const char *what, const int64_t pair[2], int64_t least)
{
    const char *wrong = NULL;
    if (pair[0] < least || pair[1] < least)
        wrong = least == 0 ? "must not be negative" : "must be positive";
    if (least > 0 && (pair[0] == 0) != (pair[1] == 0)) wrong = "give both";
    if (!wrong) return NULL;
    return wg_refuse(i, "%s (%lld,%lld): %s", what, (long long)pair[0], (long long)pair[1], wrong);
}

/* The windows along one axis; 0 when not even one fits, or sizes overflow. */
static int64_t windows_along(const struct wg__window *window, int axis)
{
    int64_t span, twice;
    if (!wg__multiply(window->kernel[axis] - 1, window->dilation[axis], &span)) return 0;
    if (!wg__multiply(window->pad[axis], 2, &twice)) return 0;
    if (twice > INT64_MAX - window->size[axis]) return 0;
    const int64_t room = window->size[axis] + twice - 1 - span;
    return room < 0 ? 0 : room / window->stride[axis] + 1;
}

const char *wg__infer_windows(wg_infer *i, const struct wg__window *window, int64_t count[2])
{
    const char *reason = infer_pair(i, "kernel", window->kernel, 1);
    if (!reason) reason = infer_pair(i, "stride", window->stride, 1);
    if (!reason) reason = infer_pair(i, "pad", window->pad, 0);
    if (!reason) reason = infer_pair(i, "dilation", window->dilation, 1);
    for (int axis = 0; axis < 2 && !reason; axis++) {
        count[axis] = windows_along(window, axis);
        if (count[axis] > 0) continue;
        reason = wg_refuse(
            i, "%s: kernel %lld with dilation %lld is larger than the image, %lld with pad %lld",
            axis == 0 ? "vertically" : "horizontally", (long long)window->kernel[axis],
            (long long)window->dilation[axis], (long long)window->size[axis],
            (long long)window->pad[axis]);
    }
    return reason;
}
