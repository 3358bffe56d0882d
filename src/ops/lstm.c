// SPDX-License-Identifier: MIT
/*
 * LSTM over all steps as one op: a step's sums are one product, and backwards the weights' gradient
 * is one product over all steps.
 */
#include "lstm.h"

#include "../graph/choose.h"
#include "../graph/tape.h"
#include "binary.h"
#include "costs.h"
#include "join.h"
#include "layout.h"
#include "lstm_sizes.h"
#include "matmul.h"
#include "slice.h"
#include "unary.h"

/* ---- kernels ---- */

WG__WHOLE_KERNELS(lstm_f32)
WG__WHOLE_KERNELS(lstm_f64)
WG__WHOLE_KERNELS(lstm_backward_f32)
WG__WHOLE_KERNELS(lstm_backward_f64)

/* A cell counts as so many moves. */
#define CELL 64.0

/* Rows of a batch by threads, with room for a packed w, products by it and `more` elements. */
static void ask(wg_call *call, const struct sizes *s, int64_t outputs, int64_t depth, int64_t more)
{
    const size_t element = wg_dtype_size(call->y->type->dtype);
    const double states = (double)s->steps * (double)s->batch * (double)s->n;
    wg_scratch(call, wg__gemm_packed(outputs, depth, element) + (size_t)more * element +
                         wg__gemm_scratch(s->batch, outputs, depth, element));
    wg_parallel(call, s->batch, states * (CELL + 4 * (double)s->n / WG__MULTIPLY_ADDS));
}

static wg_kernel *lstm_prepare(wg_call *call)
{
    const struct sizes s = sizes_of(call->y[2].type);
    ask(call, &s, 4 * s.n, s.n, 0);
    call->flops = 8.0 * (double)s.steps * (double)s.batch * (double)s.n * (double)s.n;
    return wg_kernel_of(call, lstm_f32_kernels[wg__isa()], lstm_f64_kernels[wg__isa()]);
}

static wg_kernel *lstm_backward_prepare(wg_call *call)
{
    const struct sizes s = sizes_of(call->x[1].type);
    ask(call, &s, s.n, 4 * s.n, ROWS_GATHERED * s.n);
    call->flops = 8.0 * (double)s.steps * (double)s.batch * (double)s.n * (double)s.n;
    return wg_kernel_of(call, lstm_backward_f32_kernels[wg__isa()],
                        lstm_backward_f64_kernels[wg__isa()]);
}

/* ---- types ---- */

/* The type of all states, (steps + 1, batch, n), for these gates and w. */
static const char *infer_states(wg_infer *i, const wg_type *gates, const wg_type *w,
                                wg_type *states)
{
    const int64_t *dim = gates->shape.dim;
    const char    *reason = wg_infer_floats(i);
    if (reason) return reason;
    if (gates->shape.rank != 3 || w->shape.rank != 2)
        return wg_refuse(i, "ranks %lld and %lld, wanted are (steps, batch, 4 n) and (4 n, n)",
                         (long long)gates->shape.rank, (long long)w->shape.rank);
    if (w->shape.dim[0] % 4 != 0 || w->shape.dim[1] != w->shape.dim[0] / 4)
        return wg_refuse(i, "w_hh is (%lld,%lld), wanted is (4 n, n)", (long long)w->shape.dim[0],
                         (long long)w->shape.dim[1]);
    if (dim[2] != w->shape.dim[0])
        return wg_refuse(i, "w_ih has %lld rows and w_hh %lld", (long long)dim[2],
                         (long long)w->shape.dim[0]);
    if (dim[0] == INT64_MAX ||
        !wg_type_make(gates->dtype, WG_SHAPE(dim[0] + 1, dim[1], dim[2] / 4), states))
        return wg_refuse(i, "too many elements");
    return NULL;
}

static const char *lstm_infer(wg_infer *i)
{
    wg_type     states;
    const char *reason = infer_states(i, i->x[0], i->x[1], &states);
    for (int k = 2; k < 4 && !reason; k++) {
        const wg_shape *first = &i->x[k]->shape;
        if (first->rank != 2 || first->dim[0] != states.shape.dim[1] ||
            first->dim[1] != states.shape.dim[2])
            reason = wg_refuse(i, "%s must have shape (%lld,%lld)", k == 2 ? "h" : "c",
                               (long long)states.shape.dim[1], (long long)states.shape.dim[2]);
    }
    if (!reason) reason = wg_infer_output(i, 0, states.dtype, states.shape);
    if (!reason) reason = wg_infer_output(i, 1, states.dtype, states.shape);
    return reason ? reason : wg_infer_output(i, 2, states.dtype, i->x[0]->shape);
}

/* Inputs: all c, gates, w, and the adjoints of all h, all c and gates. */
static const char *lstm_backward_infer(wg_infer *i)
{
    wg_type     states;
    const char *reason = infer_states(i, i->x[1], i->x[2], &states);
    if (reason) return reason;
    const int of_states[] = {0, 3, 4};
    for (int k = 0; k < 3; k++)
        if (!wg_type_equal(i->x[of_states[k]], &states))
            return wg_refuse(i, "input %d is not of the states' type", of_states[k]);
    if (!wg_type_equal(i->x[5], i->x[1])) return wg_refuse(i, "input 5 is not of the gates' type");
    const int64_t line = states.shape.dim[1] * states.shape.dim[2];
    return wg_infer_output(i, 0, states.dtype, WG_SHAPE(i->x[1]->count + 2 * line));
}

/* ---- rules ---- */

/* Part of lstm_backward's line, from `*from` on, as a tensor of this shape; moves on behind it. */
static wg_tensor *part(wg_tensor *line, int64_t *from, wg_shape shape)
{
    int64_t count = 1;
    for (int64_t k = 0; k < shape.rank; k++) count *= shape.dim[k];
    wg_tensor *piece = wg_slice(line, 0, *from, *from + count);
    *from += count;
    return wg_reshape(piece, shape);
}

/* dw = sum over the steps of da^T h */
static wg_tensor *weight_gradient(wg_tensor *da, wg_tensor *h)
{
    const wg_shape gates = wg_shape_of_tensor(da);
    const int64_t  rows = gates.dim[0] * gates.dim[1], columns = gates.dim[2];
    wg_tensor     *before = wg_slice(h, 0, 0, gates.dim[0]);
    return wg_matmul(wg_transpose(wg_reshape(da, WG_SHAPE(rows, columns))),
                     wg_reshape(before, WG_SHAPE(rows, columns / 4)));
}

static void lstm_derive(wg_adjoint *d)
{
    wg_tensor *x[] = {
        d->y[1], d->y[2], d->x[1], wg_adjoint_dy(d, 0), wg_adjoint_dy(d, 1), wg_adjoint_dy(d, 2)};
    wg_tensor *line = wg_apply(&wg_op_lstm_backward, NULL, WG_NO_DTYPE, x, 6);
    int64_t    from = 0;
    wg_tensor *da = part(line, &from, wg_shape_of_tensor(d->x[0]));
    wg_tensor *dh = part(line, &from, wg_shape_of_tensor(d->x[2]));
    wg_tensor *dc = part(line, &from, wg_shape_of_tensor(d->x[3]));
    wg_adjoint_add(d, 0, da);
    if (d->needs[1]) wg_adjoint_add(d, 1, weight_gradient(da, d->y[0]));
    wg_adjoint_add(d, 2, dh);
    wg_adjoint_add(d, 3, dc);
}

/* ---- compositions ---- */

/* Gate k, (batch, n), of a step's sums or gates. */
static wg_tensor *gate(wg_tensor *gates, int64_t k)
{
    const int64_t n = wg_shape_of_tensor(gates).dim[1] / 4;
    return wg_slice(gates, 1, k * n, (k + 1) * n);
}

/* Room for a tensor a step and some more. */
static wg_tensor **room_for(wg_tensor *gates, int64_t more)
{
    wg_tape            *tape = wg_tape_of(gates);
    const int64_t       steps = wg_shape_of_tensor(gates).dim[0];
    const wg_allocator *allocator = wg_tape_settings(tape)->allocator;
    wg_tensor         **room =
        steps < INT32_MAX ? wg__alloc(allocator, (size_t)(steps + more) * sizeof *room) : NULL;
    if (!room) wg_tape_error_set(tape, "out of memory");
    return room;
}

static wg_tensor *lstm_compose(wg_tensor *const *x, const void *attrs)
{
    const int64_t steps = wg_shape_of_tensor(x[0]).dim[0];
    wg_tensor   **h = room_for(x[0], 1), *c = x[3];
    (void)attrs;
    if (!h) return NULL;
    h[0] = x[2];
    for (int64_t t = 0; t < steps; t++) {
        wg_tensor *a = wg_add(wg_select(x[0], 0, t), wg_linear(h[t], x[1], NULL));
        wg_tensor *taken = wg_mul(wg_sigmoid(gate(a, 0)), wg_tanh(gate(a, 2)));
        c = wg_add(wg_mul(wg_sigmoid(gate(a, 1)), c), taken);
        h[t + 1] = wg_mul(wg_sigmoid(gate(a, 3)), wg_tanh(c));
    }
    wg_tensor *all = wg_stack((wg_tensors){(int)(steps + 1), h}, 0);
    wg__free(wg_tape_settings(wg_tape_of(x[0]))->allocator, h);
    return all;
}

/* One step of lstm_backward: da, and dh and dc of the state before it. x as there. */
static wg_tensor *step_back(wg_tensor *const *x, int64_t t, wg_tensor **dh, wg_tensor **dc)
{
    wg_tensor *gates = wg_select(x[1], 0, t), *more = wg_select(x[5], 0, t);
    wg_tensor *i = gate(gates, 0), *f = gate(gates, 1), *g = gate(gates, 2), *o = gate(gates, 3);
    wg_tensor *tanh_c = wg_tanh(wg_select(x[0], 0, t + 1));
    wg_tensor *up = wg_add(*dh, wg_select(x[3], 0, t + 1));
    wg_tensor *from_h = wg_mul(wg_mul(up, o), wg_sub(1, wg_square(tanh_c)));
    wg_tensor *slope = wg_add(wg_add(*dc, wg_select(x[4], 0, t + 1)), from_h);
    wg_tensor *di = wg_add(wg_mul(slope, g), gate(more, 0));
    wg_tensor *df = wg_add(wg_mul(slope, wg_select(x[0], 0, t)), gate(more, 1));
    wg_tensor *dg = wg_add(wg_mul(slope, i), gate(more, 2));
    wg_tensor *d_o = wg_add(wg_mul(up, tanh_c), gate(more, 3));
    di = wg_mul(wg_mul(di, i), wg_sub(1, i));
    df = wg_mul(wg_mul(df, f), wg_sub(1, f));
    dg = wg_mul(dg, wg_sub(1, wg_square(g)));
    d_o = wg_mul(wg_mul(d_o, o), wg_sub(1, o));
    wg_tensor *da = wg_cat(WG_TENSORS(di, df, dg, d_o), 1);
    *dh = wg_matmul(da, x[2]);
    *dc = wg_mul(slope, f);
    return da;
}

static wg_tensor *lstm_backward_compose(wg_tensor *const *x, const void *attrs)
{
    const int64_t steps = wg_shape_of_tensor(x[1]).dim[0];
    wg_tensor   **line = room_for(x[1], 2);
    (void)attrs;
    if (!line) return NULL;
    wg_tensor *dh = wg_full_like(wg_select(x[3], 0, 0), 0), *dc = dh;
    for (int64_t t = steps - 1; t >= 0; t--) line[t] = wg_flatten(step_back(x, t, &dh, &dc), 0);
    line[steps] = wg_flatten(wg_add(dh, wg_select(x[3], 0, 0)), 0);
    line[steps + 1] = wg_flatten(wg_add(dc, wg_select(x[4], 0, 0)), 0);
    wg_tensor *all = wg_cat((wg_tensors){(int)(steps + 2), line}, 0);
    wg__free(wg_tape_settings(wg_tape_of(x[1]))->allocator, line);
    return all;
}

const wg_op wg_op_lstm = {
    .name = "lstm",
    .inputs = 4,
    .outputs = 3,
    .infer = lstm_infer,
    .prepare = lstm_prepare,
    .derive = lstm_derive,
    .compose = lstm_compose,
    .formula = "h' = o tanh c', c' = f c + i g; i, f, o = sigmoid, g = tanh of a + h w^T",
    .rule = "da: from the last step to the first; dw = sum da^T h, dh = da w",
};

const wg_op wg_op_lstm_backward = {
    .name = "lstm_backward",
    .inputs = 6,
    .outputs = 1,
    .traits = WG_STRIDED,
    .infer = lstm_backward_infer,
    .prepare = lstm_backward_prepare,
    .compose = lstm_backward_compose,
    .formula = "do = dh' tanh c', dc' += dh' o (1 - tanh^2 c'), di = dc' g, df = dc' c, "
               "dg = dc' i, dc = dc' f; da = (di, df, dg, do) times the gates' slopes, dh = da w",
    .rule = "that of its composition",
};

/* ---- the call ---- */

/* What is added to the sums of all gates; NULL without biases. */
static wg_tensor *bias_of(const struct wg_lstm *lstm)
{
    if (lstm->b_ih && lstm->b_hh) return wg_add(lstm->b_ih, lstm->b_hh);
    return lstm->b_ih ? lstm->b_ih : lstm->b_hh;
}

wg_tensor *wg_lstm_with(struct wg_lstm lstm)
{
    wg_tensor *all[] = {lstm.x, lstm.w_ih, lstm.w_hh, lstm.x};
    if (!lstm.x || !lstm.w_ih || !lstm.w_hh)
        return wg_apply(&wg_op_lstm, NULL, WG_NO_DTYPE, all, 4); /* which says so */
    const wg_shape x = wg_shape_of_tensor(lstm.x), w = wg_shape_of_tensor(lstm.w_hh);
    const wg_shape w_ih = wg_shape_of_tensor(lstm.w_ih);
    if (x.rank != 3 || w.rank != 2 || w_ih.rank != 2)
        return wg_reject(&wg_op_lstm, all, 3, "wanted are (batch, steps, inputs) and two matrices");
    if (x.dim[2] != w_ih.dim[1])
        return wg_reject(&wg_op_lstm, all, 3, "x has %lld inputs and w_ih %lld columns",
                         (long long)x.dim[2], (long long)w_ih.dim[1]);
    const wg_dtype dtype = wg_dtype_of(lstm.x);
    wg_tensor     *zero = wg_full(wg_tape_of(lstm.x), dtype, WG_SHAPE(x.dim[0], w.dim[1]), 0);
    wg_tensor     *a = wg_linear(wg_swapaxes(lstm.x, 0, 1), lstm.w_ih, bias_of(&lstm));
    wg_tensor     *inputs[] = {a, lstm.w_hh, lstm.h ? lstm.h : zero, lstm.c ? lstm.c : zero};
    wg_tensor     *h = wg_apply(&wg_op_lstm, NULL, WG_NO_DTYPE, inputs, 4);
    if (lstm.last) return wg_select(h, 0, -1);
    return wg_swapaxes(wg_slice(h, 0, 1, WG_TO_END), 0, 1);
}
