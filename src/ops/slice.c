// SPDX-License-Identifier: MIT
/*
 * Slices are views that move the start and change one stride. Their adjoint writes dy into zeros,
 * through the same view.
 */
#include "slice.h"

#include "../graph/tape.h"
#include "../kernels/copy.h"
#include "axes.h"
#include "layout.h"

/* `size` is that of the whole axis, for slice_backward, whose input does not tell. */
struct slice_attrs {
    int64_t axis, start, stop, step, size;
};

/* Which elements of an axis a slice takes. */
struct range {
    int64_t start, count;
};

static int64_t clamp(int64_t place, int64_t low, int64_t high)
{
    return place < low ? low : place > high ? high : place;
}

/* Forwards, places lie between 0 and size; backwards between -1 and size - 1. */
static struct range range_of(const struct slice_attrs *attrs, int64_t size)
{
    const int64_t back = attrs->step < 0;
    const int64_t start = attrs->start < 0 ? attrs->start + size : attrs->start;
    const int64_t stop = attrs->stop < 0 ? attrs->stop + size : attrs->stop;
    const int64_t first = clamp(start, -back, size - back);
    int64_t       end = clamp(stop, -back, size - back);
    if (back && attrs->stop == WG_TO_END) end = -1;
    const int64_t length = back ? first - end : end - first;
    if (length <= 0) return (struct range){.start = 0};
    const int64_t more = (length - 1) / attrs->step; /* its sign is the step's */
    return (struct range){.start = first, .count = 1 + (back ? -more : more)};
}

/* Makes `view` of the whole look at the slice only. */
static void narrow(const struct slice_attrs *attrs, int axis, int64_t size, wg_view *view)
{
    const struct range range = range_of(attrs, size);
    wg_view_advance(view, range.start * view->stride[axis]);
    if (range.count > 1) view->stride[axis] *= attrs->step;
}

static const char *slice_infer(wg_infer *i)
{
    const struct slice_attrs *attrs = i->attrs;
    wg_shape                  y = i->x[0]->shape;
    const char               *reason = wg__infer_axis(i, attrs->axis, y.rank);
    if (reason) return reason;
    int64_t *size = &y.dim[wg__axis(attrs->axis, y.rank)];
    *size = range_of(attrs, *size).count;
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

static bool slice_view(const void *attrs, const wg_view *x, wg_view *y)
{
    const wg_shape *shape = &x->type->shape;
    const int       axis = wg__axis(((const struct slice_attrs *)attrs)->axis, shape->rank);
    narrow(attrs, axis, shape->dim[axis], y);
    return true;
}

/* dx = dy at the slice, 0 elsewhere */
static void slice_derive(wg_adjoint *d)
{
    struct slice_attrs attrs = *(const struct slice_attrs *)d->attrs;
    const wg_shape     x = wg_shape_of_tensor(d->x[0]);
    attrs.size = x.dim[wg__axis(attrs.axis, x.rank)];
    wg_adjoint_add(d, 0, wg_apply(&wg_op_slice_backward, &attrs, WG_NO_DTYPE, &d->dy[0], 1));
}

const wg_op wg_op_slice = {
    .name = "slice",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(struct slice_attrs),
    .infer = slice_infer,
    .view = slice_view,
    .derive = slice_derive,
    .formula = "y = x[start:stop:step] along an axis",
    .rule = "dx = dy at the slice, 0 elsewhere",
};

wg_tensor *wg_slice_with(struct wg_slice slice)
{
    const struct slice_attrs attrs = {.axis = slice.axis,
                                      .start = slice.start,
                                      .stop = slice.stop,
                                      .step = slice.step ? slice.step : 1};
    return wg_apply(&wg_op_slice, &attrs, WG_NO_DTYPE, &slice.x, 1);
}

/* ---- slice_backward ---- */

/* One input, or several that lie behind each other in the slice. */
static const char *slice_backward_infer(wg_infer *i)
{
    const struct slice_attrs *attrs = i->attrs;
    wg_shape                  y = i->x[0]->shape;
    const char               *reason = wg_infer_same_dtype(i);
    if (!reason) reason = wg__infer_axis(i, attrs->axis, y.rank);
    if (reason) return reason;
    const int     axis = wg__axis(attrs->axis, y.rank);
    const int64_t count = range_of(attrs, attrs->size).count;
    int64_t       sum = 0;
    if (i->inputs > 1 && attrs->step != 1)
        return wg_refuse(i, "%d inputs for a slice of step %lld", i->inputs,
                         (long long)attrs->step);
    for (int k = 0; k < i->inputs; k++) {
        const wg_shape *x = &i->x[k]->shape;
        y.dim[axis] = x->dim[axis];
        if (!wg_shape_equal(*x, y)) return wg_refuse(i, "input %d has another shape", k);
        sum = x->dim[axis] > INT64_MAX - sum ? INT64_MAX : sum + x->dim[axis];
    }
    if (sum != count)
        return wg_refuse(i, "axis %lld has size %lld, the slice has %lld", (long long)attrs->axis,
                         (long long)sum, (long long)count);
    y.dim[axis] = attrs->size;
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

static int slice_backward_kernel(const wg_call *call)
{
    const struct slice_attrs *attrs = call->attrs;
    wg_view                   part = call->y[0];
    const int                 axis = wg__axis(attrs->axis, part.type->shape.rank);
    if (range_of(attrs, attrs->size).count < attrs->size) wg__fill(&part, 0);
    narrow(attrs, axis, attrs->size, &part);
    for (int k = 0; k < call->inputs; k++) {
        part.type = call->x[k].type;
        wg__copy(&call->x[k], &part);
        wg_view_advance(&part, part.type->shape.dim[axis] * part.stride[axis]);
    }
    return 0;
}

static wg_kernel *slice_backward_prepare(wg_call *call)
{
    (void)call;
    return slice_backward_kernel;
}

/* The part of dy that each input went to. */
static void slice_backward_derive(wg_adjoint *d)
{
    const struct slice_attrs *attrs = d->attrs;
    if (d->inputs == 1) {
        wg_adjoint_add(d, 0,
                       wg_slice(d->dy[0], attrs->axis, attrs->start, attrs->stop, attrs->step));
        return;
    }
    int64_t start = range_of(attrs, attrs->size).start;
    for (int k = 0; k < d->inputs; k++) {
        const wg_shape x = wg_shape_of_tensor(d->x[k]);
        const int64_t  stop = start + x.dim[wg__axis(attrs->axis, x.rank)];
        if (d->needs[k]) wg_adjoint_add(d, k, wg_slice(d->dy[0], attrs->axis, start, stop));
        start = stop;
    }
}

/* The slice that begins with a and goes on with b, each of step 1. */
static wg_tensor *slice_of_both(const wg_term *a, const wg_term *b, struct slice_attrs attrs)
{
    const wg_allocator *allocator = wg_tape_settings(wg_tape_of(a->x[0]))->allocator;
    const int           count = a->inputs + b->inputs;
    wg_tensor         **x = wg__alloc(allocator, (size_t)count * sizeof *x);
    if (!x) return wg_reject(&wg_op_slice_backward, a->x, a->inputs, "out of memory");
    for (int k = 0; k < count; k++) x[k] = k < a->inputs ? a->x[k] : b->x[k - a->inputs];
    wg_tensor *sum = wg_apply(&wg_op_slice_backward, &attrs, WG_NO_DTYPE, x, count);
    wg__free(allocator, x);
    return sum;
}

/* The adjoints of slices that touch are the adjoint of one longer slice. */
static wg_tensor *slice_backward_sum(const wg_term *a, const wg_term *b)
{
    const struct slice_attrs *left = a->attrs, *right = b->attrs;
    const int64_t             rank = wg_shape_of_tensor(a->x[0]).rank;
    if (wg__axis(left->axis, rank) != wg__axis(right->axis, rank)) return NULL;
    if (left->step != 1 || right->step != 1) return NULL;
    const struct range first = range_of(left, left->size), second = range_of(right, right->size);
    struct slice_attrs both = *left;
    if (first.start + first.count == second.start) {
        both.start = first.start, both.stop = second.start + second.count;
        return slice_of_both(a, b, both);
    }
    if (second.start + second.count == first.start) {
        both.start = second.start, both.stop = first.start + first.count;
        return slice_of_both(b, a, both);
    }
    return NULL;
}

const wg_op wg_op_slice_backward = {
    .name = "slice_backward",
    .inputs = WG_VARIADIC,
    .outputs = 1,
    .attrs_size = sizeof(struct slice_attrs),
    .traits = WG_STRIDED,
    .infer = slice_backward_infer,
    .prepare = slice_backward_prepare,
    .derive = slice_backward_derive,
    .sum = slice_backward_sum,
    .formula = "y = x at a slice, 0 elsewhere",
    .rule = "dx = dy[start:stop:step] along the axis",
};

/* ---- select ---- */

struct select_attrs {
    int64_t axis, index;
};

static const char *select_infer(wg_infer *i)
{
    const struct select_attrs *attrs = i->attrs;
    const wg_shape            *x = &i->x[0]->shape;
    const char                *reason = wg__infer_axis(i, attrs->axis, x->rank);
    if (reason) return reason;
    const int     axis = wg__axis(attrs->axis, x->rank);
    const int64_t size = x->dim[axis];
    if (attrs->index < -size || attrs->index >= size)
        return wg_refuse(i, "index %lld is out of range for size %lld", (long long)attrs->index,
                         (long long)size);
    wg_shape y = {.rank = 0};
    for (int64_t k = 0; k < x->rank; k++)
        if (k != axis) y.dim[y.rank++] = x->dim[k];
    return wg_infer_output(i, 0, i->x[0]->dtype, y);
}

static bool select_view(const void *attrs, const wg_view *x, wg_view *y)
{
    const struct select_attrs *at = attrs;
    const wg_shape            *shape = &x->type->shape;
    const int                  axis = wg__axis(at->axis, shape->rank);
    const int64_t              index = at->index < 0 ? at->index + shape->dim[axis] : at->index;
    wg_view_advance(y, index * x->stride[axis]);
    for (int64_t k = axis; k < y->type->shape.rank; k++) y->stride[k] = x->stride[k + 1];
    return true;
}

/* dx = dy at the index, 0 elsewhere */
static void select_derive(wg_adjoint *d)
{
    const struct select_attrs *attrs = d->attrs;
    const wg_shape             x = wg_shape_of_tensor(d->x[0]);
    const int                  axis = wg__axis(attrs->axis, x.rank);
    const int64_t              size = x.dim[axis];
    const int64_t              index = attrs->index < 0 ? attrs->index + size : attrs->index;
    const struct slice_attrs   slice = {
          .axis = axis, .start = index, .stop = index + 1, .step = 1, .size = size};
    wg_tensor *dy = wg_unsqueeze(d->dy[0], axis);
    wg_adjoint_add(d, 0, wg_apply(&wg_op_slice_backward, &slice, WG_NO_DTYPE, &dy, 1));
}

const wg_op wg_op_select = {
    .name = "select",
    .inputs = 1,
    .outputs = 1,
    .attrs_size = sizeof(struct select_attrs),
    .infer = select_infer,
    .view = select_view,
    .derive = select_derive,
    .formula = "y = x[index] along an axis",
    .rule = "dx = dy at the index, 0 elsewhere",
};

wg_tensor *(wg_select)(wg_tensor *x, int64_t axis, int64_t index)
{
    const struct select_attrs attrs = {.axis = axis, .index = index};
    return wg_apply(&wg_op_select, &attrs, WG_NO_DTYPE, &x, 1);
}

/* ---- split ---- */

static const wg_op split = {.name = "split"}; /* as the errors are to call it */

/* Slices of x in a list that is copied to the tape. */
static wg_tensors split_into(wg_tensor *x, int64_t axis, int64_t size, int count)
{
    const wg_allocator *allocator = wg_tape_settings(wg_tape_of(x))->allocator;
    wg_tensor         **piece = wg__alloc(allocator, (size_t)count * sizeof *piece);
    wg_tensors          pieces = {.count = 0};
    if (!piece) {
        wg_reject(&split, &x, 1, "out of memory");
        return pieces;
    }
    int made = 0;
    for (; made < count; made++) {
        const int64_t start = made * size;
        piece[made] = wg_slice(x, axis, start, made < count - 1 ? start + size : WG_TO_END);
        if (!piece[made]) break;
    }
    if (made == count)
        pieces = wg_join(wg_tape_of(x), (wg_tensors){.count = count, .at = piece}, pieces);
    wg__free(allocator, piece);
    return pieces;
}

wg_tensors(wg_split)(wg_tensor *x, int64_t axis, int64_t size)
{
    const wg_tensors none = {.count = 0};
    const wg_shape   shape = wg_shape_of_tensor(x);
    const int        place = wg__axis(axis, shape.rank);
    if (!x) return none;
    if (place < 0)
        wg_reject(&split, &x, 1, "axis %lld is out of range for rank %lld", (long long)axis,
                  (long long)shape.rank);
    else if (size < 1)
        wg_reject(&split, &x, 1, "pieces of size %lld", (long long)size);
    else if (shape.dim[place] / size >= INT32_MAX)
        wg_reject(&split, &x, 1, "more than %d pieces", INT32_MAX);
    else
        return split_into(x, place, size,
                          shape.dim[place] ? (int)((shape.dim[place] - 1) / size + 1) : 1);
    return none;
}
