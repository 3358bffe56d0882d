// SPDX-License-Identifier: MIT
/*
 * The sweep: the record walked backwards, each op's rule asked for the adjoints of its inputs. It
 * knows no op.
 */
#include "derive.h"

#include "basic.h"
#include "internal.h"

#include <string.h>

/* ---- the rule's side ---- */

void wg_adjoint_add(wg_adjoint *d, int i, wg_tensor *dx)
{
    if (!d->needs[i]) return;
    wg_tensor *x = d->x[i];
    if (dx && dx->type != x->type) {
        char got[WG_SHAPE_TEXT], wanted[WG_SHAPE_TEXT];
        dx = wg__fail(x->tape, wg_where(),
                      "%s: the rule's dx for input %d is %s %s, wanted is %s %s", d->op->name, i,
                      wg_dtype_name(dx->type->dtype), wg_shape_text(dx->type->shape, got),
                      wg_dtype_name(x->type->dtype), wg_shape_text(x->type->shape, wanted));
    }
    if (dx && d->dx[i])
        dx = wg_apply(&wg_op_add, NULL, WG_NO_DTYPE, (wg_tensor *[]){d->dx[i], dx}, 2);
    if (!dx) d->failed = true;
    d->dx[i] = dx;
}

wg_tensor *wg_adjoint_dy(wg_adjoint *d, int k)
{
    return d->dy[k] ? d->dy[k] : wg_full_like(d->y[k], 0);
}

/* ---- one node ---- */

typedef struct sweep {
    wg_tape   *tape;
    wg__walk   walk;
    wg_tensors outputs, seeds, wanted;
    bool       cut; /* wanted tensors count as independent: nothing flows through one to another */
} sweep;

static bool sweep_run(sweep *s, wg_tensor **results, bool *reached);

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
    sweep      inner = {.tape = tape,
                        .outputs = {1, &y},
                        .seeds = {1, &seed},
                        .wanted = {count, wanted},
                        .cut = true};
    bool       reached[64];
    if (!sweep_run(&inner, dx, reached)) d->failed = true;
    for (int j = 0; j < count && !d->failed; j++)
        if (reached[j]) wg_adjoint_add(d, input[j], dx[j]);
}

static bool derive_node(sweep *s, wg__node *node, wg_adjoint *d)
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
static bool pass_node(sweep *s, wg__node *node)
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
        mark->adjoint = mark->adjoint ? wg_apply(&wg_op_add, NULL, WG_NO_DTYPE,
                                                 (wg_tensor *[]){mark->adjoint, dx[i]}, 2)
                                      : dx[i];
        good = mark->adjoint;
    }
    wg_leave(NULL);
    s->tape->scope = scope;
    s->tape->from = outer;
    return good;
}

/* ---- the sweep ---- */

/* Marks outputs and wanted tensors, and walks. */
static bool mark_all(sweep *s)
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
static void find_needs(sweep *s)
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
static bool seed_outputs(sweep *s)
{
    for (int k = 0; k < s->outputs.count; k++) {
        wg__mark  *mark = wg__walk_find(&s->walk, s->outputs.at[k]);
        wg_tensor *seed = s->seeds.count ? s->seeds.at[k] : wg_full_like(s->outputs.at[k], 1);
        if (seed && mark->adjoint)
            seed = wg_apply(&wg_op_add, NULL, WG_NO_DTYPE, (wg_tensor *[]){mark->adjoint, seed}, 2);
        if (!seed) return false;
        mark->adjoint = seed;
    }
    return true;
}

static bool sweep_run(sweep *s, wg_tensor **results, bool *reached)
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

/* ---- derivations that are found again ---- */

static bool same_list(wg_tensors a, wg_tensors b)
{
    return a.count == b.count &&
           (a.count == 0 || memcmp(a.at, b.at, (size_t)a.count * sizeof *a.at) == 0);
}

/*
 * The derivation that stands, as ghosts, at the end of the record, when it answers the same
 * question.
 */
static wg__derivation *find_derivation(wg_tape *tape, const sweep *s)
{
    if (tape->deriving || tape->derivation_next >= tape->derivation_count) return NULL;
    wg__derivation *known = tape->derivations[tape->derivation_next];
    if (known->begin != tape->count || known->end > tape->top ||
        !same_list(known->outputs, s->outputs) || !same_list(known->seeds, s->seeds) ||
        !same_list(known->wanted, s->wanted))
        return NULL;
    tape->derivation_next++;
    tape->count = known->end;
    return known;
}

/* A copy of a list that lives as long as the nodes around it. */
static bool keep_list(wg_tape *tape, wg_tensors list, wg_tensors *kept)
{
    wg_tensor **at = wg__pool_take(&tape->nodes, (size_t)list.count * sizeof *at);
    if (!at) return false;
    if (list.count && list.at) memcpy(at, list.at, (size_t)list.count * sizeof *at);
    *kept = (wg_tensors){.count = list.count, .at = at};
    return true;
}

static bool keep_derivation(wg_tape *tape, wg__derivation *new)
{
    if (tape->deriving) return true;
    if (!wg__grow(&tape->allocator, &tape->derivations, &tape->derivations_capacity,
                  (size_t)tape->derivation_count + 1, sizeof *tape->derivations))
        return false;
    tape->derivations[tape->derivation_count++] = new;
    tape->derivation_next = tape->derivation_count;
    return true;
}

/* Derives anew; what is found out is kept beside the nodes. NULL on an error. */
static wg__derivation *derive_new(wg_tape *tape, sweep *s)
{
    wg__truncate(tape, tape->count);
    const uint32_t begin = tape->count;
    const size_t   wanted = (size_t)s->wanted.count;
    wg_tensor    **results = wg__list_take(tape, wanted * sizeof *results);
    bool          *reached = wg__list_take(tape, wanted);
    if (!results || !reached) return NULL;
    tape->deriving++;
    const bool good = sweep_run(s, results, reached);
    tape->deriving--;
    if (!good) return NULL;
    wg__derivation *new = wg__pool_take(&tape->nodes, sizeof *new);
    bool *kept = wg__pool_take(&tape->nodes, wanted);
    if (!new || !kept) return wg__out_of_memory(tape);
    memcpy(kept, reached, wanted);
    *new = (wg__derivation){.begin = begin, .end = tape->count, .reached = kept};
    if (!keep_list(tape, s->outputs, &new->outputs) || !keep_list(tape, s->seeds, &new->seeds) ||
        !keep_list(tape, s->wanted, &new->wanted) ||
        !keep_list(tape, (wg_tensors){s->wanted.count, results}, &new->results) ||
        !keep_derivation(tape, new))
        return wg__out_of_memory(tape);
    return new;
}

/* ---- what is asked ---- */

static const char *describe(const wg_tensor *tensor, char text[WG_SHAPE_TEXT + 100])
{
    char shape[WG_SHAPE_TEXT];
    snprintf(text, WG_SHAPE_TEXT + 100, "\"%.80s\" %s %s", tensor->name ? tensor->name : "",
             wg_dtype_name(tensor->type->dtype), wg_shape_text(tensor->type->shape, shape));
    return text;
}

/* False, with the error on the tape, when the question makes no sense. */
static bool check_request(wg_tape *tape, const char *call, const sweep *s)
{
    char text[WG_SHAPE_TEXT + 100], other[WG_SHAPE_TEXT + 100];
    if (s->seeds.count && s->seeds.count != s->outputs.count)
        return wg__fail(tape, wg_where(), "%s: %d seeds for %d outputs", call, s->seeds.count,
                        s->outputs.count);
    for (int k = 0; k < s->outputs.count; k++) {
        const wg_tensor *y = s->outputs.at[k], *seed = s->seeds.count ? s->seeds.at[k] : NULL;
        if (!wg_dtype_is_float(y->type->dtype))
            return wg__fail(tape, wg_where(), "%s: output %s is not floating", call,
                            describe(y, text));
        if (!seed && y->type->count != 1)
            return wg__fail(tape, wg_where(),
                            "%s: output %s has %lld elements; wg_grad takes a seed for it", call,
                            describe(y, text), (long long)y->type->count);
        if (seed && seed->type != y->type)
            return wg__fail(tape, wg_where(), "%s: seed %s for output %s", call,
                            describe(seed, text), describe(y, other));
    }
    for (int i = 0; i < s->wanted.count; i++)
        if (!wg_dtype_is_float(s->wanted.at[i]->type->dtype))
            return wg__fail(tape, wg_where(), "%s: a gradient by %s, which is not floating", call,
                            describe(s->wanted.at[i], text));
    return true;
}

static const wg__derivation *derivation(const char *call, wg_tensors outputs, wg_tensors seeds,
                                        wg_tensors wanted)
{
    wg_tape *tape = NULL;
    if (!wg__list_usable(outputs, &tape) || !tape || !wg__list_usable(seeds, &tape) ||
        !wg__list_usable(wanted, &tape))
        return NULL;
    sweep s = {.tape = tape, .outputs = outputs, .seeds = seeds, .wanted = wanted};
    if (!check_request(tape, call, &s)) return NULL;
    const wg__derivation *found = find_derivation(tape, &s);
    return found ? found : derive_new(tape, &s);
}

/* The tape of the first tensor there is. */
static wg_tape *tape_of_lists(wg_tensors a, wg_tensors b)
{
    for (int i = 0; i < a.count; i++)
        if (a.at[i]) return a.at[i]->tape;
    for (int i = 0; i < b.count; i++)
        if (b.at[i]) return b.at[i]->tape;
    return NULL;
}

wg_tensors wg_grad(wg_tensors outputs, wg_tensors seeds, wg_tensors wanted)
{
    const wg__derivation *found = derivation("wg_grad", outputs, seeds, wanted);
    if (found) return found->results;
    wg_tape *tape = tape_of_lists(outputs, wanted);
    return tape ? wg__list_new(tape, wanted.count, NULL) : (wg_tensors){0};
}

wg_tensor *wg_derivative(wg_tensor *y, wg_tensor *x)
{
    if (!y && !x) return NULL;
    const wg__derivation *found =
        derivation("wg_derivative", (wg_tensors){1, &y}, (wg_tensors){0}, (wg_tensors){1, &x});
    return found ? found->results.at[0] : NULL;
}

const wg_gradients *wg_backward(wg_tensor *loss)
{
    if (!loss) return NULL;
    wg_tape      *tape = loss->tape;
    wg_tensors    params = wg_params(tape);
    wg_tensor   **at = wg__list_take(tape, (size_t)params.count * sizeof *at);
    wg_gradients *gradients = wg__list_take(tape, sizeof *gradients);
    if (!at || !gradients) return NULL;
    int count = 0;
    for (int i = 0; i < params.count; i++)
        if (!params.at[i]->frozen) at[count++] = params.at[i];
    const wg_tensors      trained = {.count = count, .at = at};
    const wg__derivation *found =
        derivation("wg_backward", (wg_tensors){1, &loss}, (wg_tensors){0}, trained);
    if (!found) return NULL;
    *gradients = (wg_gradients){
        .params = trained, .values = found->results, .reached = found->reached, .loss = loss};
    return gradients;
}

wg_tensor *wg_gradient_of(const wg_gradients *gradients, const wg_tensor *param)
{
    for (int i = 0; gradients && param && i < gradients->params.count; i++)
        if (gradients->params.at[i] == param) return gradients->values.at[i];
    return NULL;
}

wg_tensors wg_jvp(wg_tensors outputs, wg_tensors inputs, wg_tensors tangents)
{
    wg_tape *tape = tape_of_lists(outputs, inputs);
    if (!tape || outputs.count == 0) return (wg_tensors){0};
    wg_tensor **seeds = wg__list_take(tape, (size_t)outputs.count * sizeof *seeds);
    if (!seeds) return (wg_tensors){0};
    for (int k = 0; k < outputs.count; k++) seeds[k] = wg_full_like(outputs.at[k], 0);
    const wg_tensors any = {.count = outputs.count, .at = seeds};
    return wg_grad(wg_grad(outputs, any, inputs), tangents, any);
}

wg_tensors wg_hvp(wg_tensor *loss, wg_tensors wanted, wg_tensors directions)
{
    if (!loss) return (wg_tensors){0};
    return wg_grad(wg_grad((wg_tensors){1, &loss}, (wg_tensors){0}, wanted), directions, wanted);
}
