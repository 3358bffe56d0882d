// SPDX-License-Identifier: MIT
/*
 * From the operands of a call to the inputs of a node: numbers become tensors, shapes become one.
 */
#include "operand.h"

#include "../graph/tape.h"
#include "layout.h"

#include <math.h>

enum { MOST = 3 /* operands of a call */ };

static bool has_null(wg_tensor *const *x, int count)
{
    for (int i = 0; i < count; i++)
        if (!x[i]) return true;
    return false;
}

/* Equal types of a tape are equal pointers. */
static bool are_alike(wg_tensor *const *x, int count)
{
    const wg_type *type = wg_type_of(x[0]);
    for (int i = 1; i < count; i++)
        if (wg_type_of(x[i]) != type) return false;
    return true;
}

bool wg_broadcast(const wg_op *op, wg_tensor **x, int count)
{
    if (count == 0 || has_null(x, count) || are_alike(x, count)) return true;
    wg_shape common = wg_type_of(x[0])->shape;
    bool     equal = true;
    for (int i = 1; i < count; i++) {
        const wg_shape shape = wg_type_of(x[i])->shape, before = common;
        if (wg_shape_equal(before, shape)) continue;
        equal = false;
        if (!wg_shape_broadcast(before, shape, &common)) {
            char a[WG_SHAPE_TEXT], b[WG_SHAPE_TEXT];
            return wg_reject(op, x, count, "shapes %s and %s do not broadcast",
                             wg_shape_text(before, a), wg_shape_text(shape, b)) != NULL;
        }
    }
    if (equal) return true;
    for (int i = 0; i < count; i++) x[i] = wg_expand(x[i], common);
    return !has_null(x, count);
}

/* True when `dtype` holds the number, rounded at most as reals are. */
static bool holds(wg_dtype dtype, double number)
{
    if (wg_dtype_is_float(dtype)) return true;
    if (number != trunc(number)) return false;
    switch (dtype) {
    case WG_I32:
        return number >= INT32_MIN && number <= INT32_MAX;
    case WG_I64:
        return number >= -0x1p63 && number < 0x1p63;
    case WG_U8:
        return number >= 0 && number <= UINT8_MAX;
    default:
        return number == 0 || number == 1;
    }
}

/* The constant that a number stands for beside the tensor `beside`. */
static wg_tensor *constant(const wg_op *op, double number, wg_tensor *beside)
{
    const wg_dtype dtype = wg_dtype_of(beside);
    if (!holds(dtype, number))
        return wg_reject(op, &beside, 1, "the number %g is no %s", number, wg_dtype_name(dtype));
    return wg_full(wg_tape_of(beside), dtype, WG_SCALAR, number);
}

wg_tensor *wg__apply_operands(const wg_op *op, const wg_operand *operand, int count)
{
    wg_tensor *x[MOST], *beside = NULL;
    for (int i = 0; i < count; i++) {
        x[i] = operand[i].tensor;
        if (x[i] && !wg__is_number(operand[i])) beside = x[i];
    }
    if (!beside) return NULL;
    for (int i = 0; i < count; i++) {
        if (!wg__is_number(operand[i])) continue;
        x[i] = constant(op, operand[i].number, beside);
        if (!x[i]) return NULL;
    }
    if (!wg_broadcast(op, x, count)) return NULL;
    return wg_apply(op, NULL, WG_NO_DTYPE, x, count);
}
