// SPDX-License-Identifier: MIT
/* What elementwise ops share: the choice of a kernel by dtype, and infer rules. */
#include "elementwise.h"

wg_kernel *wg__kernel_by_dtype(const wg_call *call, int k, const struct wg__by_dtype *kernels)
{
    switch (call->x[k].type->dtype) {
    case WG_F32:
        return kernels->f32;
    case WG_F64:
        return kernels->f64;
    case WG_I32:
        return kernels->i32;
    case WG_I64:
        return kernels->i64;
    case WG_U8:
    case WG_BOOL:
        return kernels->u8;
    case WG_NO_DTYPE:
        break;
    }
    return NULL;
}

const char *wg__infer_same_shape(wg_infer *i)
{
    for (int k = 1; k < i->inputs; k++) {
        char a[WG_SHAPE_TEXT], b[WG_SHAPE_TEXT];
        if (!wg_shape_equal(i->x[k]->shape, i->x[0]->shape))
            return wg_refuse(i, "shapes differ, %s and %s", wg_shape_text(i->x[0]->shape, a),
                             wg_shape_text(i->x[k]->shape, b));
    }
    return NULL;
}

static const char *infer_output(wg_infer *i, wg_dtype dtype)
{
    const char *reason = wg_infer_same_dtype(i);
    if (!reason) reason = wg__infer_same_shape(i);
    return reason ? reason : wg_infer_output(i, 0, dtype, i->x[0]->shape);
}

const char *wg__infer_alike(wg_infer *i)
{
    return infer_output(i, i->x[0]->dtype);
}

const char *wg__infer_numbers(wg_infer *i)
{
    if (i->x[0]->dtype == WG_BOOL) return wg_refuse(i, "bool is no number; see wg_cast");
    return wg__infer_alike(i);
}

const char *wg__infer_comparison(wg_infer *i)
{
    return infer_output(i, WG_BOOL);
}
