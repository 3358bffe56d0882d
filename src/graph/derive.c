// SPDX-License-Identifier: MIT
/*
 * What can be asked: gradients, vector-Jacobian and other products; and finding again what was
 * derived before.
 */
#include "derive.h"

#include "sweep.h"

#include <string.h>

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
static wg__derivation *find_derivation(wg_tape *tape, const wg__sweep *s)
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
static wg__derivation *derive_new(wg_tape *tape, wg__sweep *s)
{
    wg__truncate(tape, tape->count);
    const uint32_t begin = tape->count;
    const size_t   wanted = (size_t)s->wanted.count;
    wg_tensor    **results = wg__list_take(tape, wanted * sizeof *results);
    bool          *reached = wg__list_take(tape, wanted);
    if (!results || !reached) return NULL;
    tape->deriving++;
    const bool good = wg__sweep_run(s, results, reached);
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
static bool check_request(wg_tape *tape, const char *call, const wg__sweep *s)
{
    char text[WG_SHAPE_TEXT + 100], other[WG_SHAPE_TEXT + 100];
    if (s->seeds.count && s->seeds.count != s->outputs.count)
        return wg__fail(tape, wg_caller(), "%s: %d seeds for %d outputs", call, s->seeds.count,
                        s->outputs.count);
    for (int k = 0; k < s->outputs.count; k++) {
        const wg_tensor *y = s->outputs.at[k], *seed = s->seeds.count ? s->seeds.at[k] : NULL;
        if (!wg_dtype_is_float(y->type->dtype))
            return wg__fail(tape, wg_caller(), "%s: output %s is not floating", call,
                            describe(y, text));
        if (!seed && y->type->count != 1)
            return wg__fail(tape, wg_caller(),
                            "%s: output %s has %lld elements; wg_grad takes a seed for it", call,
                            describe(y, text), (long long)y->type->count);
        if (seed && seed->type != y->type)
            return wg__fail(tape, wg_caller(), "%s: seed %s for output %s", call,
                            describe(seed, text), describe(y, other));
    }
    for (int i = 0; i < s->wanted.count; i++)
        if (!wg_dtype_is_float(s->wanted.at[i]->type->dtype))
            return wg__fail(tape, wg_caller(), "%s: a gradient by %s, which is not floating", call,
                            describe(s->wanted.at[i], text));
    return true;
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

static const wg__derivation *derivation(const char *call, wg_tensors outputs, wg_tensors seeds,
                                        wg_tensors wanted)
{
    wg_tape *tape = tape_of_lists(outputs, wanted);
    if (!tape || !wg__list_usable(outputs, &tape) || !wg__list_usable(seeds, &tape) ||
        !wg__list_usable(wanted, &tape))
        return NULL;
    wg__sweep s = {.tape = tape, .outputs = outputs, .seeds = seeds, .wanted = wanted};
    if (!check_request(tape, call, &s)) return NULL;
    const wg__derivation *found = find_derivation(tape, &s);
    return found ? found : derive_new(tape, &s);
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
