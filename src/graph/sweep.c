// SPDX-License-Identifier: MIT
/*
 * The sweep: the record walked backwards, each op's rule asked for the adjoints of its inputs. It
 * knows no op.
 */
#include "sweep.h"

#include "basic.h"

/* a + b, in the shorter way of the op that made both, where it has one. */
static wg_tensor *add_up(wg_tensor *a, wg_tensor *b)
{
    const wg__node *left = a->node, *right = b->node;
    if (left && right && left->op == right->op && left->op->sum) {
        const wg_term first = {.attrs = left->attrs, .x = left->x, .inputs = left->inputs};
        const wg_term second = {.attrs = right->attrs, .x = right->x, .inputs = right->inputs};
        wg_tensor    *sum = left->op->sum(&first, &second);
        if (sum) return sum;
    }
    return wg_apply(&wg_op_add, NULL, WG_NO_DTYPE, (wg_tensor *[]){a, b}, 2);
}

/* ---- the rule's side ---- */

void wg_adjoint_add(wg_adjoint *d, int i, wg_tensor *dx)
{
    if (!d->needs[i]) return;
    wg_tensor *x = d->x[i];
    if (!dx)
        wg__fail(x->tape, wg_caller(), "%s: the rule's dx for input %d is NULL", d->op->name, i);
    if (dx && dx->type != x->type) {
        char got[WG_SHAPE_TEXT], wanted[WG_SHAPE_TEXT];
        dx = wg__fail(x->tape, wg_caller(),
                      "%s: the rule's dx for input %d is %s %s, wanted is %s %s", d->op->name, i,
                      wg_dtype_name(dx->type->dtype), wg_shape_text(dx->type->shape, got),
                      wg_dtype_name(x->type->dtype), wg_shape_text(x->type->shape, wanted));
    }
    if (dx && d->dx[i]) dx = add_up(d->dx[i], dx);
    if (!dx) d->failed = true;
    d->dx[i] = dx;
}

wg_tensor *wg_adjoint_dy(wg_adjoint *d, int k)
{
    return d->dy[k] ? d->dy[k] : wg_full_like(d->y[k], 0);
}

/* ---- one node ---- */

/*
 * The rule of an op that has none, but is composed of others that have: the derivative of that
 * composition.
 */
static void derive_by_compose(wg_adjoint *d, wg_tape *tape)
{
    wg_tensor *y = d->op->compose(d->x, d->attrs);
    if (!y) {
        d->failed = true;
        return;
    }
    wg_tensor *wanted[64], *dx[64];
    int        input[64], count = 0;
    for (int i = 0; i < d->inputs && count < 64; i++) {
        bool again =
            !d->needs[i]; /* a tensor used twice gets all its adjoint through its first use */
        for (int j = 0; j < count; j++) again = again || wanted[j] == d->x[i];
        if (again) continue;
        input[count] = i;
        wanted[count++] = d->x[i];
    }
    wg_tensor *seed = d->dy[0];
    wg__sweep  inner = {.tape = tape,
                        .outputs = {1, &y},
                        .seeds = {1, &seed},
                        .wanted = {count, wanted},
                        .cut = true};
    bool       reached[64];
    if (!wg__sweep_run(&inner, dx, reached)) d->failed = true;
    for (int j = 0; j < count && !d->failed; j++)
        if (reached[j]) wg_adjoint_add(d, input[j], dx[j]);
}

static bool derive_node(wg__sweep *s, wg__node *node, wg_adjoint *d)
{
    const wg_op *op = node->op;
    if (!op->derive && !op->compose) {
        char shape[WG_SHAPE_TEXT];
        wg__fail(s->tape, node->where, "%s %s: the op has no derivative, and an adjoint reached it",
                 op->name, wg_shape_text(d->y[0]->type->shape, shape));
        return false;
    }
    if (op->derive)
        op->derive(d);
    else
        derive_by_compose(d, s->tape);
    return !d->failed;
}

/*
 * Asks the node's rule, in the node's scope and from its line, and hands the answers to the marks
 * of its inputs.
 */
static bool pass_node(wg__sweep *s, wg__node *node)
{
    const int   inputs = node->inputs, outputs = node->outputs;
    wg_tensor **room = wg__pool_take(&s->walk.pool, (size_t)(inputs + 2 * outputs) * sizeof *room);
    bool       *needs = wg__pool_take(&s->walk.pool, (size_t)inputs);
    if (!room || !needs) return wg__out_of_memory(s->tape);
    wg_tensor **dx = room, **y = dx + inputs, **dy = y + outputs, *from = NULL;
    bool        any = false;
    for (int k = 0; k < outputs; k++) {
        y[k] = wg__node_output(s->tape, node, k);
        const wg__mark *mark = wg__walk_find(&s->walk, y[k]);
        dy[k] = mark && !mark->stop ? mark->adjoint : NULL;
        if (!from && dy[k]) from = y[k];
    }
    for (int i = 0; i < inputs; i++) {
        dx[i] = NULL;
        needs[i] = wg__walk_find(&s->walk, node->x[i])->needs;
        any = any || needs[i];
    }
    if (!from || !any || (node->op->traits & WG_NO_DERIVATIVE)) return true;

    wg_adjoint  d = {.op = node->op,
                     .attrs = node->attrs,
                     .inputs = inputs,
                     .outputs = outputs,
                     .x = node->x,
                     .y = y,
                     .dy = dy,
                     .needs = needs,
                     .dx = dx};
    const char *scope = s->tape->scope;
    wg_tensor  *outer = s->tape->from;
    s->tape->scope = node->scope;
    s->tape->from = outer ? outer : from;
    wg_enter(node->where);
    bool good = derive_node(s, node, &d);
    for (int i = 0; i < inputs && good; i++) {
        if (!dx[i]) continue;
        wg__mark *mark = wg__walk_find(&s->walk, node->x[i]);
        mark->adjoint = mark->adjoint ? add_up(mark->adjoint, dx[i]) : dx[i];
        good = mark->adjoint;
    }
    wg_leave(NULL);
    s->tape->scope = scope;
    s->tape->from = outer;
    return good;
}

/* ---- the sweep ---- */

/* Marks outputs and wanted tensors, and walks. */
static bool mark_all(wg__sweep *s)
{
    uint32_t floor = UINT32_MAX;
    for (int i = 0; i < s->wanted.count; i++) {
        wg__mark *mark = wg__walk_mark(&s->walk, s->wanted.at[i]);
        if (!mark) return false;
        mark->needs = true;
        mark->stop = s->cut || !s->wanted.at[i]->node;
        const uint32_t first = s->wanted.at[i]->node ? s->wanted.at[i]->index : 0;
        if (first < floor) floor = first;
    }
    for (int k = 0; k < s->outputs.count; k++)
        if (!wg__walk_mark(&s->walk, s->outputs.at[k])) return false;
    return wg__walk_run(&s->walk, floor);
}

/*
 * From the leaves on: a tensor needs an adjoint when it depends on a wanted one by floating
 * numbers.
 */
static void find_needs(wg__sweep *s)
{
    for (int n = s->walk.count - 1; n >= 0; n--) {
        const wg__node *node = s->walk.node[n];
        bool            any = false;
        for (int i = 0; i < node->inputs; i++)
            any = any || wg__walk_find(&s->walk, node->x[i])->needs;
        if (!any || (node->op->traits & WG_NO_DERIVATIVE)) continue;
        for (int k = 0; k < node->outputs; k++) {
            const wg_tensor *y = wg__node_output(s->tape, node, k);
            wg__mark        *mark = wg__walk_find(&s->walk, y);
            if (mark && wg_dtype_is_float(y->type->dtype)) mark->needs = true;
        }
    }
}

/* Gives each output its seed: 1 where none is given. */
static bool seed_outputs(wg__sweep *s)
{
    for (int k = 0; k < s->outputs.count; k++) {
        wg__mark  *mark = wg__walk_find(&s->walk, s->outputs.at[k]);
        wg_tensor *seed = s->seeds.count ? s->seeds.at[k] : wg_full_like(s->outputs.at[k], 1);
        if (seed && mark->adjoint) seed = add_up(mark->adjoint, seed);
        if (!seed) return false;
        mark->adjoint = seed;
    }
    return true;
}

bool wg__sweep_run(wg__sweep *s, wg_tensor **results, bool *reached)
{
    wg__walk_init(&s->walk, s->tape);
    bool good = mark_all(s);
    if (!good) wg__out_of_memory(s->tape);
    if (good) find_needs(s);
    good = good && seed_outputs(s);
    for (int n = 0; n < s->walk.count && good; n++) good = pass_node(s, s->walk.node[n]);
    for (int i = 0; i < s->wanted.count && good; i++) {
        results[i] = wg__walk_find(&s->walk, s->wanted.at[i])->adjoint;
        reached[i] = results[i];
        if (!results[i]) results[i] = wg_full_like(s->wanted.at[i], 0);
        good = results[i];
    }
    wg__walk_done(&s->walk);
    return good;
}
