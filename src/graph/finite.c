// SPDX-License-Identifier: MIT
/*
 * The check's search (suspect.c) judges rules by differences in f64; here a value counts as it is, in
 * its own dtype: exp(100) is infinite in f32 alone.
 */
#include "finite.h"

#include "internal.h"

#include <math.h>
#include <string.h>

static bool is_finite(wg_tensor *tensor)
{
    const wg_type *type = tensor->type;
    if (!wg_dtype_is_float(type->dtype)) return true;
    const void *values = wg_values(tensor);
    bool        finite = true;
    for (int64_t i = 0; values && finite && i < type->count; i++)
        finite = isfinite(wg__as_double(type->dtype, values, i));
    return finite;
}

/* Marks what is not finite and was wanted, or used for such, from the latest node to the first. */
static wg_tensor *trace(const wg__walk *walk, wg_tensors wanted, int *number)
{
    wg_tensor *first = NULL, *leaf = NULL;
    for (int i = wanted.count - 1; i >= 0; i--) {
        wg__mark *mark = wg__walk_find(walk, wanted.at[i]);
        mark->needs = !is_finite(mark->tensor);
        if (mark->needs && !mark->tensor->node) leaf = mark->tensor;
        if (mark->needs) *number = i;
    }
    for (int n = 0; n < walk->count; n++) {
        const wg__node *node = walk->node[n];
        wg_tensor      *bad = NULL;
        for (int k = 0; k < node->outputs && !bad; k++) {
            const wg__mark *mark = wg__walk_find(walk, wg__node_output(walk->tape, node, k));
            if (mark && mark->needs) bad = mark->tensor;
        }
        if (bad) first = bad;
        for (int i = 0; bad && i < node->inputs; i++) {
            wg__mark *mark = wg__walk_find(walk, node->x[i]);
            mark->needs = mark->needs || !is_finite(mark->tensor);
            if (mark->needs && !mark->tensor->node) leaf = mark->tensor;
        }
    }
    return leaf ? leaf : first;
}

/* Computes all that the walk met and is floating, by a plan that is freed when it was read. */
static wg_tensor *compute_and_trace(const wg__walk *walk, wg_tensors wanted, int *number)
{
    int count = 0;
    for (const wg__mark *mark = walk->marks; mark; mark = mark->next) count++;
    wg_tensor **at = wg__list_take(walk->tape, (size_t)count * sizeof *at);
    if (!at) return NULL;
    count = 0;
    for (const wg__mark *mark = walk->marks; mark; mark = mark->next)
        if (mark->tensor->node && wg_dtype_is_float(mark->tensor->type->dtype))
            at[count++] = mark->tensor;
    if (count == 0) return trace(walk, wanted, number); /* leaves alone */
    wg_plan *plan =
        wg_plan_new_with((struct wg_plan_request){.outputs = {.count = count, .at = at}});
    wg_tensor *first = plan && wg__plan_execute(plan) ? trace(walk, wanted, number) : NULL;
    wg_plan_free(plan);
    return first;
}

wg_tensor *wg_first_not_finite(wg_tensors wanted, int *number)
{
    wg_tape   *tape = NULL;
    wg_tensor *first = NULL;
    wg__walk   walk;
    int        unwanted;
    char       before[sizeof tape->error];
    if (!number) number = &unwanted;
    *number = -1;
    if (!wg__list_usable(wanted, &tape) || wanted.count == 0) return NULL;
    memcpy(before, tape->error, sizeof before);
    wg_tape_error_clear(tape);
    wg__walk_init(&walk, tape);
    bool good = true;
    for (int i = 0; i < wanted.count && good; i++) good = wg__walk_mark(&walk, wanted.at[i]);
    if (good && wg__walk_run(&walk, 0))
        first = compute_and_trace(&walk, wanted, number);
    else
        wg__out_of_memory(tape);
    wg__walk_done(&walk);
    if (before[0]) memcpy(tape->error, before, sizeof before);
    return first;
}
