// SPDX-License-Identifier: MIT
/*
 * A constant is written around x by an op; the other modes pick elements of x by index, which adds
 * up what flows back to them.
 */
#include "pad.h"

#include "../graph/tape.h"
#include "../kernels/copy.h"
#include "index.h"
#include "slice.h"

#include <string.h>

struct pad_attrs {
    int64_t before[WG_MAX_RANK], after[WG_MAX_RANK];
    double  value;
};

static const char *pad_infer(wg_infer *i)
{
    const struct pad_attrs *attrs = i->attrs;
    wg_shape                y = i->x[0]->shape;
    for (int k = 0; k < WG_MAX_RANK; k++) {
        const int64_t before = attrs->before[k], after = attrs->after[k];
        if (before < 0 || after < 0)
            return wg_refuse(i, "axis %d is padded by %lld and %lld, which must not be negative", k,
                             (long long)before, (long long)after);
        if (before == 0 && after == 0) continue;
        if (k >= y.rank)
            return wg_refuse(i, "axis %d is padded, the rank is %lld", k, (long long)y.rank);
        if (before > INT64_MAX - y.dim[k] || after > INT64_MAX - y.dim[k] - before)
            return wg_refuse(i, "axis %d becomes too long", k);
        y.dim[k] += before + after;
    }
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

static int pad_kernel(const wg_call *call)
{
    const struct pad_attrs *attrs = call->attrs;
    wg_view                 middle = call->y[0];
    wg__fill(&middle, attrs->value);
    for (int64_t k = 0; k < middle.type->shape.rank; k++)
        wg_view_advance(&middle, attrs->before[k] * middle.stride[k]);
    middle.type = call->x[0].type;
    wg__copy(&call->x[0], &middle);
    return 0;
}

static wg_kernel *pad_prepare(wg_call *call)
{
    (void)call;
    return pad_kernel;
}

/* dx = the middle of dy */
static void pad_derive(wg_adjoint *d)
{
    const struct pad_attrs *attrs = d->attrs;
    const wg_shape          x = wg_shape_of_tensor(d->x[0]);
    wg_tensor              *dx = d->dy[0];
    for (int64_t k = 0; k < x.rank; k++)
        if (attrs->before[k] > 0 || attrs->after[k] > 0)
            dx = wg_slice(dx, k, attrs->before[k], attrs->before[k] + x.dim[k]);
    wg_adjoint_add(d, 0, dx);
}

const wg_op wg_op_pad = {
    .name = "pad",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(struct pad_attrs),
    .traits = WG_STRIDED,
    .infer = pad_infer,
    .prepare = pad_prepare,
    .derive = pad_derive,
    .formula = "y = x with a value around it",
    .rule = "dx = the middle of dy",
};

/*
 * The element of an axis that stands `i` places behind its first one, or before it, in this mode.
 */
static int64_t mirrored(enum wg_pad_mode mode, int64_t size, int64_t i)
{
    if (i >= 0 && i < size) return i;
    if (mode == WG_PAD_REPLICATE) return i < 0 ? 0 : size - 1;
    return i < 0 ? -i : 2 * (size - 1) - i;
}

/* One axis padded with elements of its own, picked by index. */
static wg_tensor *pad_axis(wg_tensor *x, const struct wg_pad *pad, int k)
{
    const wg_allocator *allocator = wg_tape_settings(wg_tape_of(x))->allocator;
    const int64_t       size = wg_shape_of_tensor(x).dim[k], before = pad->before[k];
    const int64_t       count = before + size + pad->after[k];
    const int64_t       longer = before > pad->after[k] ? before : pad->after[k];
    const int64_t       least = pad->mode == WG_PAD_REPLICATE ? 1 : longer + 1;
    if (size < least)
        return wg_reject(&wg_op_pad, &x, 1, "axis %d has size %lld, and needs %lld for this mode",
                         k, (long long)size, (long long)least);
    int64_t *index = wg__alloc(allocator, (size_t)count * sizeof *index);
    if (!index) return wg_reject(&wg_op_pad, &x, 1, "out of memory");
    for (int64_t i = 0; i < count; i++) index[i] = mirrored(pad->mode, size, i - before);
    wg_tensor *picked = wg_constant(wg_tape_of(x), WG_I64, WG_SHAPE(count), index, count);
    wg__free(allocator, index);
    return picked ? wg_index_select(x, k, picked) : NULL;
}

wg_tensor *wg_pad_with(struct wg_pad pad)
{
    struct pad_attrs attrs = {.value = pad.value};
    memcpy(attrs.before, pad.before, sizeof attrs.before);
    memcpy(attrs.after, pad.after, sizeof attrs.after);
    if (!pad.x || pad.mode == WG_PAD_CONSTANT)
        return wg_apply(&wg_op_pad, &attrs, WG_NO_DTYPE, &pad.x, 1);
    if (pad.mode != WG_PAD_REFLECT && pad.mode != WG_PAD_REPLICATE)
        return wg_reject(&wg_op_pad, &pad.x, 1, "there is no mode %d", (int)pad.mode);
    const wg_type *const type = wg_type_of(pad.x);
    wg_infer             i = {.attrs = &attrs, .inputs = 1, .x = &type};
    const char          *reason = pad_infer(&i);
    if (reason) return wg_reject(&wg_op_pad, &pad.x, 1, "%s", reason);
    wg_tensor *y = pad.x;
    for (int k = 0; k < type->shape.rank && y; k++)
        if (pad.before[k] > 0 || pad.after[k] > 0) y = pad_axis(y, &pad, k);
    return y;
}
