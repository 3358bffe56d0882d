// SPDX-License-Identifier: MIT
/* Infer rules that elementwise ops share. */
#include "elementwise.h"

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
