// SPDX-License-Identifier: MIT
/*
 * The gradient check: lifts the network, lets a probe judge each leaf, and has the first wrong op
 * searched for.
 */
#include "check.h"

#include "lift.h"
#include "probe.h"
#include "suspect.h"

#include <string.h>

typedef struct checking {
    struct wg_check_request request;
    wg_tape                *tape, *own; /* the user's, and the private one */
    wg_check               *report;
    wg_check_leaf          *row;
    wg_tensors              leaves, copies; /* the user's and those on the private tape */
    wg_tensor              *loss;           /* on the private tape */
    wg_tensors              wanted; /* what the last probe derived: where the search begins */
} checking;

/* ---- the question ---- */

static bool is_leaf_to_check(wg_tape *tape, const wg_tensor *leaf)
{
    if (!leaf->node && wg_dtype_is_float(leaf->type->dtype)) return true;
    return wg__fail(tape, wg_caller(), "wg_check_gradients: \"%s\" is not a floating leaf",
                    leaf->name ? leaf->name : "");
}

/* Completes the request; false with the error on the tape. */
static bool accept(checking *c)
{
    const wg_tensor *loss = c->request.loss;
    char             shape[WG_SHAPE_TEXT];
    if (!wg_dtype_is_float(loss->type->dtype) || loss->type->count != 1)
        return wg__fail(c->tape, wg_caller(),
                        "wg_check_gradients: the loss is %s %s, wanted is one floating number",
                        wg_dtype_name(loss->type->dtype), wg_shape_text(loss->type->shape, shape));
    c->leaves = c->request.leaves;
    if (!c->leaves.count) {
        c->leaves = wg_params(c->tape);
        wg_tensor **at = (wg_tensor **)(uintptr_t)c->leaves.at;
        int         count = 0;
        for (int i = 0; i < c->leaves.count; i++)
            if (!at[i]->frozen) at[count++] = at[i];
        c->leaves.count = count;
    }
    for (int i = 0; i < c->leaves.count; i++)
        if (!is_leaf_to_check(c->tape, c->leaves.at[i])) return false;
    if (!(c->request.tolerance > 0)) c->request.tolerance = 1e-6;
    return true;
}

static bool make_report(checking *c)
{
    const int orders = c->request.second_order ? 2 : 1, count = c->leaves.count;
    c->report = wg__list_take(c->tape, sizeof *c->report);
    c->row = wg__list_take(c->tape, (size_t)(orders * count) * sizeof *c->row);
    if (!c->report || !c->row) return false;
    for (int i = 0; i < orders * count; i++)
        c->row[i] =
            (wg_check_leaf){.leaf = c->leaves.at[i % count], .order = 1 + i / count, .element = -1};
    *c->report = (wg_check){
        .count = count, .row = c->row, .tolerance = c->request.tolerance, .first = {.input = -1}};
    return true;
}

/* ---- the copy ---- */

/* An error of the private tape becomes the user's. */
static bool hand_over_error(checking *c)
{
    if (!c->tape->error[0]) memcpy(c->tape->error, c->own->error, sizeof c->tape->error);
    return false;
}

static void set_all(checking *c, int order, wg_check_verdict verdict)
{
    wg_check_leaf *row = c->row + (order - 1) * c->leaves.count;
    for (int i = 0; i < c->leaves.count; i++) row[i].verdict = verdict;
}

/* An op that refuses f64 when it is recorded is the answer. */
static bool report_refusal(checking *c, const wg__node *node)
{
    if (!node || wg__ran_out(c->own)) return hand_over_error(c);
    set_all(c, 1, WG_CHECK_NOT_CHECKABLE);
    c->report->first = (wg_check_op){.op = node->op,
                                     .where = node->where,
                                     .name = wg__node_output(c->tape, node, 0)->name,
                                     .verdict = WG_CHECK_NOT_CHECKABLE,
                                     .order = 1,
                                     .input = -1,
                                     .reason = wg__text_copy(c->tape, wg_tape_error(c->own))};
    return true;
}

/* Copies the loss and the leaves to the private tape; *refused is the op that would not go. */
static bool lift(checking *c, const wg__node **refused)
{
    const wg_tensors loss = {.count = 1, .at = &c->request.loss};
    const wg_tensors all = wg_join(c->tape, loss, c->leaves);
    const wg_tensors copies =
        all.count ? wg__lift(c->own, all, WG_F32, WG_F64, refused) : (wg_tensors){0};
    if (copies.count == 0) return false;
    c->loss = copies.at[0];
    c->copies = (wg_tensors){.count = c->leaves.count, .at = copies.at + 1};
    for (int i = 0; i < c->own->leaf_count; i++)
        if (!c->own->leaves[i]->written)
            return wg__fail(c->own, wg_caller(), "input \"%s\" was never written",
                            c->own->leaves[i]->name);
    return true;
}

/* ---- the answers ---- */

static wg__probe probe_of(const checking *c, wg_tensors y, wg_tensors seeds)
{
    return (wg__probe){.tape = c->own,
                       .y = y,
                       .seeds = seeds,
                       .x = c->copies,
                       .tolerance = c->request.tolerance,
                       .seed = c->request.seed};
}

/* Starts the probe and fills in the rows of this order, whose leaves `reached` says to judge. */
static void judge(checking *c, wg__probe *p, int order, const bool *reached)
{
    wg_check_leaf         *row = c->row + (order - 1) * c->leaves.count;
    const wg_check_verdict start = wg__probe_start(p);
    c->report->count = order * c->leaves.count;
    set_all(c, order, start);
    for (int i = 0; i < c->leaves.count && start == WG_CHECK_PASS; i++) {
        const bool flows = reached ? reached[i] : p->reached[i];
        if (flows)
            wg__probe_leaf(p, i, c->request.directions, &row[i]);
        else
            row[i].verdict = WG_CHECK_NOT_REACHED;
    }
}

/* The second order: the first one's gradients, weighted at random, take the place of the loss. */
static void judge_again(checking *c, const wg__probe *first)
{
    wg_tensor **seeds = wg__list_take(c->own, (size_t)c->copies.count * sizeof *seeds);
    if (!seeds) return;
    wg_scope_push(c->own, "gradient check");
    for (int i = 0; i < c->copies.count; i++) {
        char           text[40];
        const wg_type *type = c->copies.at[i]->type;
        snprintf(text, sizeof text, "weight %d", i);
        seeds[i] = wg_input(c->own, text, type->dtype, type->shape);
        if (!seeds[i]) return;
        double *values = seeds[i]->value;
        for (int64_t j = 0; j < type->count; j++)
            values[j] = wg__probe_random(c->request.seed + 2, (uint64_t)j, (uint64_t)i);
        seeds[i]->written = true;
    }
    wg_scope_pop(c->own);
    wg__probe p = probe_of(c, first->dx, (wg_tensors){c->copies.count, seeds});
    judge(c, &p, 2, first->reached);
    c->wanted = wg_join(c->own, first->y, first->dx); /* rules are those of the loss's nodes */
}

/* Has the op searched for that explains the worst row. */
static bool explain(checking *c)
{
    const wg_check_leaf *worst = &c->row[0];
    for (int i = 1; i < c->report->count; i++)
        if (wg__check_worse(c->row[i].verdict, worst->verdict)) worst = &c->row[i];
    if (!wg__check_worse(worst->verdict, WG_CHECK_NOT_REACHED)) return true;
    const char *reason = wg__text_copy(c->tape, wg_tape_error(c->own));
    wg_tape_error_clear(c->own);
    const wg__search search = {.tape = c->own,
                               .wanted = worst->order == 1 ? (wg_tensors){1, &c->loss} : c->wanted,
                               .leaves = c->copies,
                               .order = worst->order,
                               .verdict = worst->verdict,
                               .tolerance = c->request.tolerance,
                               .seed = c->request.seed};
    wg_check_op     *first = &c->report->first;
    *first = wg__suspect(&search);
    if (wg__ran_out(c->own)) return hand_over_error(c);
    first->name = wg__text_copy(c->tape, first->name);
    first->reason = first->op ? wg__text_copy(c->tape, first->reason) : reason;
    return true;
}

static bool check(checking *c)
{
    const wg__node *refused = NULL;
    if (!lift(c, &refused)) return report_refusal(c, refused);
    wg__probe p = probe_of(c, (wg_tensors){.count = 1, .at = &c->loss}, (wg_tensors){0});
    judge(c, &p, 1, NULL);
    if (c->request.second_order && p.both && p.reached) judge_again(c, &p);
    if (wg__ran_out(c->own)) return hand_over_error(c);
    return c->report->count == 0 || explain(c);
}

const wg_check *wg_check_gradients_with(struct wg_check_request request)
{
    wg_tape         *tape = NULL;
    const wg_tensors loss = {.count = 1, .at = &request.loss};
    if (!wg__list_usable(loss, &tape) || !wg__list_usable(request.leaves, &tape)) return NULL;
    checking c = {.request = request, .tape = tape};
    if (!accept(&c) || !make_report(&c)) return NULL;
    c.own = wg_tape_new_with(&(wg_tape_options){.allocator = &tape->allocator, .apart = true});
    if (!c.own) return wg__out_of_memory(tape);
    const bool before = tape->error[0], good = check(&c) && (before || !tape->error[0]);
    wg_tape_free(c.own);
    return good ? c.report : NULL;
}
