// SPDX-License-Identifier: MIT
/* Checks of axes, with reasons that name the axis and the rank. */
#include "axes.h"

#include "../graph/tape.h"

const char *wg__infer_axis(wg_infer *i, int64_t axis, int64_t rank)
{
    if (wg__axis(axis, rank) >= 0) return NULL;
    return wg_refuse(i, "axis %lld is out of range for rank %lld", (long long)axis,
                     (long long)rank);
}

const char *wg__infer_axes(wg_infer *i, const wg_axes *axes, int64_t rank)
{
    unsigned seen = 0;
    if (axes->count < 0 || axes->count > WG_MAX_RANK)
        return wg_refuse(i, "%lld axes are named, %d are the most", (long long)axes->count,
                         WG_MAX_RANK);
    for (int64_t k = 0; k < axes->count; k++) {
        const char *reason = wg__infer_axis(i, axes->axis[k], rank);
        if (reason) return reason;
        const unsigned bit = 1u << wg__axis(axes->axis[k], rank);
        if (seen & bit) return wg_refuse(i, "axis %lld is named twice", (long long)axes->axis[k]);
        seen |= bit;
    }
    return NULL;
}

unsigned wg__axes_mask(const wg_axes *axes, int64_t rank)
{
    unsigned mask = 0;
    if (axes->count == 0) return (1u << rank) - 1;
    for (int64_t k = 0; k < axes->count; k++) mask |= 1u << wg__axis(axes->axis[k], rank);
    return mask;
}

bool wg__axes_fit(const wg_op *op, wg_tensor *x, const wg_axes *axes)
{
    if (!x) return false;
    const wg_type *const type = wg_type_of(x);
    wg_infer             i = {.inputs = 1, .x = &type};
    const char          *reason = wg_infer_floats(&i);
    if (!reason) reason = wg__infer_axes(&i, axes, type->shape.rank);
    if (reason) wg_reject(op, &x, 1, "%s", reason);
    return !reason;
}
