// SPDX-License-Identifier: MIT
/*
 * Recurrent layers. A kind is what one step does; layers, directions, params and states are the same
 * for all. LSTM's op does all steps at once, the others are recorded step by step.
 */
#include "recurrent.h"

#include "../ops/binary.h"
#include "../ops/join.h"
#include "../ops/layout.h"
#include "../ops/lstm.h"
#include "../ops/matmul.h"
#include "../ops/slice.h"
#include "../ops/unary.h"
#include "layer.h"
#include "norm.h"

#include <stdio.h>

/* One direction of one layer: a, (steps, batch, g n), is w_ih x + b_ih of all steps in its order. */
typedef struct pass {
    wg_tensor *a, *w_hh, *b_hh, *h, *c;
    int64_t    steps, n;
    bool       relu;
} pass;

typedef struct kind {
    const char *name;
    int64_t     gates;
    /* h at all steps, (steps, batch, n), by p->h and p->c, which become the last ones. */
    wg_tensor *(*run)(pass *p);
} kind;

/* ---- the kinds ---- */

/* Records a step after the other and piles up their h; NULL with the error on the tape. */
static wg_tensor *step_by_step(pass *p, wg_tensor *(*step)(const pass *p, wg_tensor *a))
{
    wg_tape            *tape = wg_tape_of(p->a);
    const wg_allocator *allocator = wg_tape_settings(tape)->allocator;
    wg_tensor         **all =
        p->steps <= INT32_MAX ? wg__alloc(allocator, (size_t)p->steps * sizeof *all) : NULL;
    if (!all) {
        wg_tape_error_set(tape, "out of memory");
        return NULL;
    }
    for (int64_t t = 0; t < p->steps; t++) all[t] = p->h = step(p, wg_select(p->a, 0, t));
    wg_tensor *y = p->h ? wg_stack((wg_tensors){(int)p->steps, all}, 0) : NULL;
    wg__free(allocator, all);
    return y;
}

static wg_tensor *rnn_step(const pass *p, wg_tensor *a)
{
    wg_tensor *sum = wg_add(a, wg_linear(p->h, p->w_hh, p->b_hh));
    return p->relu ? wg_relu(sum) : wg_tanh(sum);
}

static wg_tensor *run_rnn(pass *p)
{
    return step_by_step(p, rnn_step);
}

/* Part k of three along the last axis. */
static wg_tensor *third(const pass *p, wg_tensor *a, int64_t k)
{
    return wg_slice(a, 1, k * p->n, (k + 1) * p->n);
}

static wg_tensor *gru_step(const pass *p, wg_tensor *a)
{
    wg_tensor *c = wg_linear(p->h, p->w_hh, p->b_hh);
    wg_tensor *r = wg_sigmoid(wg_add(third(p, a, 0), third(p, c, 0)));
    wg_tensor *z = wg_sigmoid(wg_add(third(p, a, 1), third(p, c, 1)));
    wg_tensor *m = wg_tanh(wg_add(third(p, a, 2), wg_mul(r, third(p, c, 2))));
    return wg_add(m, wg_mul(z, wg_sub(p->h, m)));
}

static wg_tensor *run_gru(pass *p)
{
    return step_by_step(p, gru_step);
}

static wg_tensor *run_lstm(pass *p)
{
    wg_tensor *a = p->b_hh ? wg_add(p->a, p->b_hh) : p->a;
    wg_tensor *h =
        wg_apply(&wg_op_lstm, NULL, WG_NO_DTYPE, (wg_tensor *[]){a, p->w_hh, p->h, p->c}, 4);
    p->h = wg_select(h, 0, -1);
    p->c = wg_select(wg_output(h, 1), 0, -1);
    return wg_slice(h, 0, 1, WG_TO_END);
}

static const kind rnn = {.name = "rnn", .gates = 1, .run = run_rnn};
static const kind lstm = {.name = "lstm", .gates = 4, .run = run_lstm};
static const kind gru = {.name = "gru", .gates = 3, .run = run_gru};

/* ---- layers and directions ---- */

/* What all passes of a layer share: settings, and the last states found so far. */
typedef struct run {
    const struct wg_nn_recurrent *s;
    const kind                   *kind;
    wg_tape                      *tape;
    int64_t                       directions;
    wg_tensor                   **last_h, **last_c;
} run;

/* "weight_ih_l1_reverse" of this shape. */
static wg_tensor *param(const run *r, const char *what, int64_t number, wg_shape shape,
                        wg_init_settings init)
{
    char      name[64];
    const int reverse = (int)(number % r->directions);
    snprintf(name, sizeof name, "%s_l%lld%s", what, (long long)(number / r->directions),
             reverse ? "_reverse" : "");
    return wg_nn_param(r->tape, name, wg_dtype_of(r->s->x), shape,
                       wg__init_by_fan(init, (double)r->s->hidden));
}

/* State `number` of the first ones, or zeros. */
static wg_tensor *first_state(const run *r, wg_tensor *states, int64_t number)
{
    const int64_t batch = wg_shape_of_tensor(r->s->x).dim[0];
    if (states) return wg_select(states, 0, number);
    return wg_full(r->tape, wg_dtype_of(r->s->x), WG_SHAPE(batch, r->s->hidden), 0);
}

/* Pass `number` over x (steps, batch, inputs): h at all steps, in x's order. */
static wg_tensor *record_pass(run *r, wg_tensor *x, int64_t number)
{
    const struct wg_nn_recurrent *s = r->s;
    const wg_shape                shape = wg_shape_of_tensor(x);
    const int64_t                 n = s->hidden, rows = r->kind->gates * n;
    const bool                    reverse = number % r->directions == 1;
    pass                          p = {.steps = shape.dim[0], .n = n, .relu = s->relu};
    wg_tensor *w = param(r, "weight_ih", number, WG_SHAPE(rows, shape.dim[2]), s->weight),
              *b = NULL;
    p.w_hh = w ? param(r, "weight_hh", number, WG_SHAPE(rows, n), s->weight) : NULL;
    if (p.w_hh && !s->no_bias) {
        b = param(r, "bias_ih", number, WG_SHAPE(rows), s->bias);
        p.b_hh = b ? param(r, "bias_hh", number, WG_SHAPE(rows), s->bias) : NULL;
    }
    if (!p.w_hh || (!p.b_hh && !s->no_bias)) return NULL;
    p.a = wg_linear(reverse ? wg_slice(x, 0, -1, WG_TO_END, .step = -1) : x, w, b);
    p.h = first_state(r, s->first_h, number);
    if (r->kind == &lstm) p.c = first_state(r, s->first_c, number);
    if (!p.a || !p.h || (r->kind == &lstm && !p.c)) return NULL;
    wg_tensor *y = r->kind->run(&p);
    r->last_h[number] = p.h;
    r->last_c[number] = p.c;
    return reverse ? wg_slice(y, 0, -1, WG_TO_END, .step = -1) : y;
}

/* All layers over x (steps, batch, inputs). */
static wg_tensor *record_layers(run *r, wg_tensor *x)
{
    for (int64_t layer = 0; layer < r->s->layers && x; layer++) {
        const int64_t number = layer * r->directions;
        if (layer > 0 && r->s->dropout != 0) x = wg_nn_dropout(x, r->s->dropout);
        wg_tensor *y = record_pass(r, x, number);
        if (r->directions == 2 && y) {
            wg_tensor *back = record_pass(r, x, number + 1);
            y = back ? wg_cat(WG_TENSORS(y, back), 2) : NULL;
        }
        x = y;
    }
    return x;
}

/* Puts (layers directions, batch, n) where it was asked for. */
static void give_last(const run *r, wg_tensor **to, wg_tensor *const *last)
{
    if (to) *to = wg_stack((wg_tensors){(int)(r->s->layers * r->directions), last}, 0);
}

/* ---- the calls ---- */

static bool state_fits(const run *r, wg_tensor *state, const char *what)
{
    const struct wg_nn_recurrent *s = r->s;
    const wg_shape                wanted =
        WG_SHAPE(s->layers * r->directions, wg_shape_of_tensor(s->x).dim[0], s->hidden);
    char text[WG_SHAPE_TEXT];
    if (!state || wg_shape_equal(wg_shape_of_tensor(state), wanted)) return true;
    wg_tape_error_set(wg_tape_of(s->x), "%s: %s must have shape %s", r->kind->name, what,
                      wg_shape_text(wanted, text));
    return false;
}

static bool fits(const run *r)
{
    enum { MANY = 1 << 20 };
    const struct wg_nn_recurrent *s = r->s;
    const char                   *name = r->kind->name;
    if (!wg__layer_rank(s->x, name, 3, 3)) return false;
    const wg_shape shape = wg_shape_of_tensor(s->x);
    if (!wg__layer_positive(s->x, name, "steps", shape.dim[1]) ||
        !wg__layer_positive(s->x, name, "inputs", shape.dim[2]) ||
        !wg__layer_positive(s->x, name, "hidden", s->hidden) ||
        !wg__layer_positive(s->x, name, "layers", s->layers))
        return false;
    const char *wrong =
        s->layers > MANY || s->hidden > INT64_MAX / 4 ? "sizes are too large" : NULL;
    if (s->relu && r->kind != &rnn) wrong = "relu is of rnn";
    if (!(s->dropout >= 0 && s->dropout <= 1)) wrong = "dropout must be 0 to 1";
    if ((s->first_c || s->last_c) && r->kind != &lstm) wrong = "there is no state c";
    if (wrong) wg_tape_error_set(wg_tape_of(s->x), "%s: %s", name, wrong);
    return !wrong && state_fits(r, s->first_h, "first_h") && state_fits(r, s->first_c, "first_c");
}

static wg_tensor *record(struct wg_nn_recurrent s, const kind *which)
{
    if (s.layers == 0) s.layers = 1;
    if (s.last_h) *s.last_h = NULL;
    if (s.last_c) *s.last_c = NULL;
    run r = {.s = &s, .kind = which, .directions = s.both_ways ? 2 : 1};
    if (!fits(&r)) return NULL;
    const wg_allocator *allocator = wg_tape_settings(wg_tape_of(s.x))->allocator;
    const int64_t       passes = s.layers * r.directions;
    r.last_h = wg__alloc_zero(allocator, 2 * (size_t)passes * sizeof *r.last_h);
    if (!r.last_h) {
        wg_tape_error_set(wg_tape_of(s.x), "out of memory");
        return NULL;
    }
    r.last_c = r.last_h + passes;
    wg_tensor *y = NULL;
    r.tape = wg_nn_open(s.x, s.name);
    if (r.tape) {
        y = record_layers(&r, wg_swapaxes(s.x, 0, 1));
        if (y) give_last(&r, s.last_h, r.last_h);
        if (y) give_last(&r, s.last_c, r.last_c);
        y = wg_nn_close(r.tape, wg_swapaxes(y, 0, 1));
    }
    wg__free(allocator, r.last_h);
    return y;
}

wg_tensor *wg_nn_rnn_with(struct wg_nn_recurrent layer)
{
    return record(layer, &rnn);
}

wg_tensor *wg_nn_lstm_with(struct wg_nn_recurrent layer)
{
    return record(layer, &lstm);
}

wg_tensor *wg_nn_gru_with(struct wg_nn_recurrent layer)
{
    return record(layer, &gru);
}
