// SPDX-License-Identifier: MIT
/*
 * Reductions. The kernels take any axes of any view, so that no order of axes needs a copy.
 */
#include "reduce.h"

#include "../graph/tape.h"
#include "../kernels/copy.h"
#include "../kernels/isa.h"
#include "binary.h"
#include "layout.h"

struct reduce_attrs {
    wg_axes axes;
    int64_t keep;
};

/* x without the axes of the mask, or with size 1 in their place. */
static wg_shape reduced_shape(const wg_shape *x, unsigned mask, bool keep)
{
    wg_shape y = {.rank = 0};
    for (int64_t k = 0; k < x->rank; k++)
        if (!(mask >> k & 1))
            y.dim[y.rank++] = x->dim[k];
        else if (keep)
            y.dim[y.rank++] = 1;
    return y;
}

static const char *infer_reduced(wg_infer *i, wg_dtype dtype)
{
    const struct reduce_attrs *attrs = i->attrs;
    const wg_shape            *x = &i->x[0]->shape;
    const char                *reason = wg__infer_axes(i, &attrs->axes, x->rank);
    if (reason) return reason;
    const unsigned mask = wg__axes_mask(&attrs->axes, x->rank);
    return wg_infer_output(i, 0, dtype, reduced_shape(x, mask, attrs->keep));
}

static const char *infer_floats_reduced(wg_infer *i)
{
    const char *reason = wg_infer_floats(i);
    return reason ? reason : infer_reduced(i, i->x[0]->dtype);
}

static unsigned mask_of(const wg_call *call)
{
    const struct reduce_attrs *attrs = call->attrs;
    return wg__axes_mask(&attrs->axes, call->x[0].type->shape.rank);
}

static wg_tensor *record(const wg_op *op, const struct wg_reduce *reduce)
{
    const struct reduce_attrs attrs = {.axes = reduce->axes, .keep = reduce->keep};
    return wg_apply(op, &attrs, WG_NO_DTYPE, &reduce->x, 1);
}

/* A reduced tensor with its axes put back as size 1, to be broadcast against x. */
static wg_tensor *put_back(const wg_adjoint *d, wg_tensor *reduced)
{
    const struct reduce_attrs *attrs = d->attrs;
    const wg_shape             x = wg_shape_of_tensor(d->x[0]);
    const wg_shape             y = reduced_shape(&x, wg__axes_mask(&attrs->axes, x.rank), true);
    return wg_shape_equal(wg_shape_of_tensor(reduced), y) ? reduced : wg_reshape(reduced, y);
}

/* ---- kernels ---- */

static struct wg__range units_of(const wg_call *call)
{
    const wg_range share = wg_share(call);
    return (struct wg__range){.first = share.first, .end = share.end};
}

#define KERNEL(name, s)                                                                            \
    static int name##_##s(const wg_call *call)                                                     \
    {                                                                                              \
        wg__kernels()->s.name(call->kept, call->x[0].data, call->y[0].data, units_of(call));       \
        return 0;                                                                                  \
    }
#define KERNELS(T, s)                                                                              \
    KERNEL(sum, s)                                                                                 \
    KERNEL(max, s)                                                                                 \
    KERNEL(min, s)                                                                                 \
    KERNEL(argmax, s)                                                                              \
    KERNEL(argmin, s)                                                                              \
    static int mean_##s(const wg_call *call)                                                       \
    {                                                                                              \
        const struct wg__range mine = wg__reduction_elements(call->kept, units_of(call));          \
        T                     *y = call->y[0].data;                                                \
        sum_##s(call);                                                                             \
        for (int64_t i = mine.first; i < mine.end; i++)                                            \
            y[i] /= (T)(call->x[0].type->count / call->y[0].type->count);                          \
        return 0;                                                                                  \
    }
KERNELS(float, f32)
KERNELS(double, f64)
#undef KERNELS
#undef KERNEL

/*
 * The loops. Images with channels last are walked as they lie where each channel is reduced by
 * itself: the sums have another order then.
 */
static struct wg__reduction loops_of(const wg_call *call)
{
    enum { C = 1 << 1, H = 1 << 2, W = 1 << 3 };
    const unsigned mask = mask_of(call);
    if (!call->channels_last || (mask & (C | H | W)) != (H | W))
        return wg__reduction_make(&call->x[0], mask);
    const wg_view *x = &call->x[0];
    const int64_t *dim = x->type->shape.dim, *stride = x->stride;
    wg_type        type = *x->type;
    wg_view        lying = {.type = &type, .stride = {stride[0], stride[2], stride[3], stride[1]}};
    type.shape = WG_SHAPE(dim[0], dim[2], dim[3], dim[1]);
    return wg__reduction_make(&lying, (mask & 1) | 1 << 1 | 1 << 2);
}

/* Keeps the loops, and cuts them for threads; false without memory. */
static bool describe(wg_call *call)
{
    struct wg__reduction *kept = wg_keep(call, sizeof *kept);
    if (!kept) return false;
    *kept = loops_of(call);
    wg_parallel(call, wg__reduction_units(kept), (double)call->x[0].type->count);
    return true;
}

#define PREPARE(name)                                                                              \
    static wg_kernel *name##_prepare(wg_call *call)                                                \
    {                                                                                              \
        return describe(call) ? wg_kernel_of(call, name##_f32, name##_f64) : NULL;                 \
    }
PREPARE(max)
PREPARE(min)
PREPARE(argmax)
PREPARE(argmin)
#undef PREPARE

/*
 * Adds each element of x, in row-major order, to its sum, which stays where it is along a reduced
 * axis.
 */
static int sum_integers(const wg_call *call)
{
    const wg_view   *x = &call->x[0];
    const unsigned   mask = mask_of(call);
    struct wg__loops from = {.rank = (int)x->type->shape.rank}, to = from;
    struct wg__place at = {.offset = 0}, sum = at;
    int64_t          packed = 1;
    for (int k = from.rank - 1; k >= 0; k--) {
        from.dim[k] = to.dim[k] = x->type->shape.dim[k];
        from.stride[k] = x->stride[k];
        to.stride[k] = mask >> k & 1 ? 0 : packed;
        if (to.stride[k]) packed *= to.dim[k];
    }
    uint64_t *y = call->y[0].data; /* unsigned, since sums may wrap */
    wg__fill(&call->y[0], 0);
    for (int64_t i = 0; i < x->type->count; i++, wg__step(&from, &at), wg__step(&to, &sum))
        y[sum.offset] += (uint64_t)wg__index_at(x->data, x->type->dtype, at.offset);
    return 0;
}

/* ---- sum, mean: also from the sums of blocks ---- */

#define STAGES(T, s)                                                                               \
    static int sum_part_##s(const wg_call *call)                                                   \
    {                                                                                              \
        wg__kernels()->s.sum_stretches(call->n, call->stretches.length, call->x[0].data,           \
                                       call->y[0].data);                                           \
        return 0;                                                                                  \
    }                                                                                              \
    static int sum_whole_##s(const wg_call *call)                                                  \
    {                                                                                              \
        const int64_t rows = call->y[0].type->count;                                               \
        wg__kernels()->s.sum_rows(rows, call->x[0].type->count / rows, call->x[0].data,            \
                                  call->y[0].data);                                                \
        return 0;                                                                                  \
    }                                                                                              \
    static int mean_part_##s(const wg_call *call)                                                  \
    {                                                                                              \
        const int64_t row = call->stretches.row;                                                   \
        T            *y = call->y[0].data;                                                         \
        sum_part_##s(call);                                                                        \
        for (int64_t i = 0; i < call->n / row; i++) y[i] /= (T)row;                                \
        return 0;                                                                                  \
    }                                                                                              \
    static int mean_whole_##s(const wg_call *call)                                                 \
    {                                                                                              \
        T *y = call->y[0].data;                                                                    \
        sum_whole_##s(call);                                                                       \
        for (int64_t i = 0; i < call->y[0].type->count; i++) y[i] /= (T)call->stretches.row;       \
        return 0;                                                                                  \
    }
STAGES(float, f32)
STAGES(double, f64)
#undef STAGES

/* An op's kernel; and its stages where a row is one block, or several. */
struct stages {
    wg_kernel *all, *only, *part, *whole;
};

static wg_kernel *in_stages(wg_call *call, const struct stages *stages)
{
    if (!describe(call)) return NULL;
    const struct wg__reduction *r = call->kept;
    wg_stretches                by = {.row = r->inner.count, .length = r->inner.count};
    by.part = stages->only;
    if (by.row > WG__BLOCK) {
        by.length = WG__BLOCK;
        by.part = stages->part;
        by.whole = stages->whole;
    }
    if (r->inner_is_reduced && r->reduced.count == 1) wg_by_stretches(call, &by);
    return stages->all;
}

static const char *sum_infer(wg_infer *i)
{
    return infer_reduced(i, wg_dtype_is_float(i->x[0]->dtype) ? i->x[0]->dtype : WG_I64);
}

static wg_kernel *sum_prepare(wg_call *call)
{
    static const struct stages f32 = {sum_f32, sum_part_f32, sum_part_f32, sum_whole_f32},
                               f64 = {sum_f64, sum_part_f64, sum_part_f64, sum_whole_f64};
    const wg_dtype             dtype = call->x[0].type->dtype;
    if (!wg_dtype_is_float(dtype)) return sum_integers;
    return in_stages(call, dtype == WG_F32 ? &f32 : &f64);
}

/* dx = dy */
static void sum_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, wg_expand(put_back(d, d->dy[0]), wg_shape_of_tensor(d->x[0])));
}

const wg_op wg_op_sum = {
    .name = "sum",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(struct reduce_attrs),
    .traits = WG_STRIDED,
    .infer = sum_infer,
    .prepare = sum_prepare,
    .derive = sum_derive,
    .settings = "axes %a",
    .formula = "y = sum of x",
    .rule = "dx = dy",
};

static wg_kernel *mean_prepare(wg_call *call)
{
    static const struct stages f32 = {mean_f32, mean_part_f32, sum_part_f32, mean_whole_f32},
                               f64 = {mean_f64, mean_part_f64, sum_part_f64, mean_whole_f64};
    return in_stages(call, call->x[0].type->dtype == WG_F32 ? &f32 : &f64);
}

/* dx = dy / n */
static void mean_derive(wg_adjoint *d)
{
    const int64_t count = wg_count_of(d->y[0]), n = count ? wg_count_of(d->x[0]) / count : 1;
    wg_tensor    *share = wg_div(put_back(d, d->dy[0]), (double)n);
    wg_adjoint_add(d, 0, wg_expand(share, wg_shape_of_tensor(d->x[0])));
}

const wg_op wg_op_mean = {
    .name = "mean",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(struct reduce_attrs),
    .traits = WG_STRIDED,
    .infer = infer_floats_reduced,
    .prepare = mean_prepare,
    .derive = mean_derive,
    .settings = "axes %a",
    .formula = "y = (sum of x) / n",
    .rule = "dx = dy / n",
};

wg_tensor *wg_sum_with(struct wg_reduce reduce)
{
    return record(&wg_op_sum, &reduce);
}

wg_tensor *wg_mean_with(struct wg_reduce reduce)
{
    return record(&wg_op_mean, &reduce);
}

/* ---- amax, amin ---- */

static const char *extreme_infer(wg_infer *i)
{
    const char *reason = infer_floats_reduced(i);
    if (reason || i->x[0]->count > 0 || i->y[0].count == 0) return reason;
    return wg_refuse(i, "there is nothing to choose from");
}

/* dx = dy [x = y] / sum of [x = y] */
static void extreme_derive(wg_adjoint *d)
{
    const struct reduce_attrs *attrs = d->attrs;
    wg_tensor                 *equal = wg_eq(d->x[0], put_back(d, d->y[0]));
    wg_tensor                 *ties = wg_where(equal, wg_full_like(d->x[0], 1), 0);
    wg_tensor                 *count = wg_sum(ties, attrs->axes, .keep = true);
    wg_adjoint_add(d, 0, wg_mul(ties, wg_div(put_back(d, d->dy[0]), count)));
}

const wg_op wg_op_amax = {
    .name = "amax",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(struct reduce_attrs),
    .traits = WG_STRIDED,
    .infer = extreme_infer,
    .prepare = max_prepare,
    .derive = extreme_derive,
    .settings = "axes %a",
    .formula = "y = max x",
    .rule = "dx = dy [x = y] / sum of [x = y]",
};

const wg_op wg_op_amin = {
    .name = "amin",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(struct reduce_attrs),
    .traits = WG_STRIDED,
    .infer = extreme_infer,
    .prepare = min_prepare,
    .derive = extreme_derive,
    .settings = "axes %a",
    .formula = "y = min x",
    .rule = "dx = dy [x = y] / sum of [x = y]",
};

wg_tensor *wg_amax_with(struct wg_reduce reduce)
{
    return record(&wg_op_amax, &reduce);
}

wg_tensor *wg_amin_with(struct wg_reduce reduce)
{
    return record(&wg_op_amin, &reduce);
}

/* ---- argmax, argmin ---- */

static const char *place_infer(wg_infer *i)
{
    const struct reduce_attrs *attrs = i->attrs;
    const wg_shape            *x = &i->x[0]->shape;
    const char                *reason = wg_infer_floats(i);
    if (!reason) reason = infer_reduced(i, WG_I64);
    if (reason || x->dim[wg__axis(attrs->axes.axis[0], x->rank)] > 0) return reason;
    return wg_refuse(i, "axis %lld has size 0", (long long)attrs->axes.axis[0]);
}

const wg_op wg_op_argmax = {
    .name = "argmax",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(struct reduce_attrs),
    .traits = WG_STRIDED | WG_NO_DERIVATIVE,
    .infer = place_infer,
    .prepare = argmax_prepare,
    .settings = "axes %a",
    .formula = "y = place of the largest x",
    .rule = "none",
};

const wg_op wg_op_argmin = {
    .name = "argmin",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(struct reduce_attrs),
    .traits = WG_STRIDED | WG_NO_DERIVATIVE,
    .infer = place_infer,
    .prepare = argmin_prepare,
    .settings = "axes %a",
    .formula = "y = place of the smallest x",
    .rule = "none",
};

wg_tensor *wg_argmax_with(struct wg_arg_reduce reduce)
{
    return record(
        &wg_op_argmax,
        &(struct wg_reduce){.x = reduce.x, .axes = WG_AXES(reduce.axis), .keep = reduce.keep});
}

wg_tensor *wg_argmin_with(struct wg_arg_reduce reduce)
{
    return record(
        &wg_op_argmin,
        &(struct wg_reduce){.x = reduce.x, .axes = WG_AXES(reduce.axis), .keep = reduce.keep});
}
