// SPDX-License-Identifier: MIT
/* Reading values: what is valid is taken, what is not is computed first. */
#include "internal.h"

#include "../kernels/copy.h"

#include <math.h>
#include <string.h>

bool wg_eval(wg_tensors wanted)
{
    wg_tape *tape = NULL;
    if (!wg__list_usable(wanted, &tape) || !tape) return false;
    return wg__compute(tape, wanted);
}

const void *wg_values(wg_tensor *tensor)
{
    if (!tensor || !wg__usable(tensor)) return NULL;
    if (!tensor->node) {
        if (tensor->written) return tensor->value;
        return wg__fail(tensor->tape, wg_caller(), "input \"%s\" was never written", tensor->name);
    }
    if (wg__has_value(tensor)) return tensor->value;
    return wg__compute(tensor->tape, (wg_tensors){.count = 1, .at = &tensor}) ? tensor->value
                                                                              : NULL;
}

bool wg_read_values(wg_tensor *tensor, wg_dtype dtype, void *values, int64_t count)
{
    if (!tensor || !wg__usable(tensor)) return false;
    if (dtype != tensor->type->dtype || count != tensor->type->count || (!values && count)) {
        wg__fail(tensor->tape, wg_caller(), "wg_read: \"%s\" has %lld %s, wanted are %lld %s%s",
                 tensor->name ? tensor->name : "", (long long)tensor->type->count,
                 wg_dtype_name(tensor->type->dtype), (long long)count, wg_dtype_name(dtype),
                 values ? "" : " at NULL");
        return false;
    }
    const void *from = wg_values(tensor);
    if (from && count) memcpy(values, from, wg__type_bytes(tensor->type));
    return from;
}

double wg_element(wg_tensor *tensor, int64_t i)
{
    if (!tensor) return (double)NAN;
    if (i < 0 || i >= tensor->type->count) {
        wg__fail(tensor->tape, wg_caller(),
                 "wg_element: there is no element %lld in \"%s\", which has %lld", (long long)i,
                 tensor->name ? tensor->name : "", (long long)tensor->type->count);
        return (double)NAN;
    }
    const void *values = wg_values(tensor);
    return values ? wg__as_double(tensor->type->dtype, values, i) : (double)NAN;
}

double wg_item(wg_tensor *tensor)
{
    if (!tensor) return (double)NAN;
    if (tensor->type->count != 1) {
        wg__fail(tensor->tape, wg_caller(), "wg_item: \"%s\" has %lld elements, not one",
                 tensor->name ? tensor->name : "", (long long)tensor->type->count);
        return (double)NAN;
    }
    return wg_element(tensor, 0);
}

bool wg_print(wg_tensor *tensor, FILE *file, const wg_print_options *options)
{
    const void *values = wg_values(tensor);
    if (!values || !file) return false;
    char    shape[WG_SHAPE_TEXT];
    wg_view view = {.type = tensor->type};
    memcpy(&view.data, &values, sizeof values);
    wg_shape_strides(view.type->shape, view.stride);
    fprintf(file, "%s%s%s %s\n", tensor->name ? tensor->name : "", tensor->name ? " " : "",
            wg_dtype_name(view.type->dtype), wg_shape_text(view.type->shape, shape));
    return wg_view_print(&view, file, options) && fputc('\n', file) != EOF;
}
