// SPDX-License-Identifier: MIT
/* Transposed convolution, by the adjoint of convolution in its image. */
#include "conv_transpose2d.h"

#include "../graph/tape.h"
#include "binary.h"
#include "conv2d.h"
#include "layout.h"
#include "window.h"

/* The reason why inputs and settings will not do; NULL when the op can tell about the rest. */
static const char *misfit(const struct wg_conv_transpose2d *conv)
{
    const wg_shape x = wg_shape_of_tensor(conv->x), w = wg_shape_of_tensor(conv->w);
    if (x.rank != 4 || w.rank != 4) return "x and w must have rank 4";
    if (x.dim[1] != w.dim[0]) return "x has other channels than w";
    for (int axis = 0; axis < 2; axis++)
        if (conv->output_pad[axis] < 0 || conv->output_pad[axis] >= conv->stride[axis])
            return "output_pad must be less than the stride";
    return NULL;
}

/* Size of y along an axis: false when it overflows. */
static bool size_along(const struct wg_conv_transpose2d *conv, int axis, int64_t *size)
{
    const int64_t steps = wg_shape_of_tensor(conv->x).dim[axis + 2] - 1;
    const int64_t taps = wg_shape_of_tensor(conv->w).dim[axis + 2] - 1, most = INT64_MAX / 8;
    int64_t       spread, span;
    if (!wg__multiply(steps < 0 ? 0 : steps, conv->stride[axis], &spread)) return false;
    if (!wg__multiply(taps < 0 ? 0 : taps, conv->dilation[axis], &span)) return false;
    if (spread > most || span > most || conv->pad[axis] > most) return false;
    *size = spread - 2 * conv->pad[axis] + span + conv->output_pad[axis] + 1;
    return true;
}

wg_tensor *wg_conv_transpose2d_with(struct wg_conv_transpose2d conv)
{
    static const int64_t ones[2] = {1, 1};
    const wg_op         *op = &wg_op_conv2d_backward_data;
    wg_tensor           *all[] = {conv.x, conv.w, conv.b};
    const int            count = conv.b ? 3 : 2;
    if (!conv.x || !conv.w) return wg_reject(op, all, count, "an input is NULL");
    wg__pair_default(conv.stride, ones);
    wg__pair_default(conv.dilation, ones);
    const char *reason = misfit(&conv);
    if (reason) return wg_reject(op, all, count, "%s", reason);
    struct wg__conv2d_attrs attrs = {.stride = {conv.stride[0], conv.stride[1]},
                                     .pad = {conv.pad[0], conv.pad[1]},
                                     .dilation = {conv.dilation[0], conv.dilation[1]},
                                     .groups = conv.groups ? conv.groups : 1};
    for (int axis = 0; axis < 2; axis++)
        if (!size_along(&conv, axis, &attrs.size[axis]))
            return wg_reject(op, all, count, "y has too many elements");
    wg_tensor *y = wg_apply(op, &attrs, WG_NO_DTYPE, (wg_tensor *[]){conv.w, conv.x}, 2);
    if (!y || !conv.b) return y;
    const wg_shape b = wg_shape_of_tensor(conv.b);
    if (b.rank != 1 || b.dim[0] != wg_shape_of_tensor(y).dim[1])
        return wg_reject(op, all, count, "b must have an element for each filter");
    return wg_add(y, wg_reshape(conv.b, WG_SHAPE(b.dim[0], 1, 1)));
}
