// SPDX-License-Identifier: MIT
/* Plans as the program sees them: asked for, found again, measured, printed and freed. */
#include "plan.h"

#include "plan_internal.h"

#include <string.h>

/* ---- freeing ---- */

static void forget_outputs(wg_plan *plan)
{
    wg_tensor **at = (wg_tensor **)(uintptr_t)plan->outputs.at;
    for (int i = 0; i < plan->outputs.count; i++) {
        wg_tensor *tensor = at[i];
        if (tensor && tensor->node && plan->output_storage &&
            tensor->value == plan->storage[plan->output_storage[i]].memory)
            tensor->value = NULL;
        at[i] = NULL;
    }
}

static void release(wg_call *call)
{
    if (call->op->release) call->op->release(call);
}

/* Frees all that a plan made or half made holds, but not the struct itself. */
static void empty(wg_plan *plan)
{
    const wg_allocator *allocator = &plan->tape->allocator;
    for (int s = 0; s < plan->steps; s++) {
        wg__step *step = &plan->step[s];
        for (int i = 0; i < (step->chunks ? step->chunks->stages : 0); i++)
            release(&step->chunks->stage[i].call);
        if (!step->chunks && step->kernel) release(&step->call);
    }
    for (int i = 0; i < plan->storages; i++)
        if (plan->storage[i].kind != WG__IN_LEAF)
            wg__buffer_free(allocator, plan->storage[i].memory);
    wg__free(allocator, plan->value);
    wg__free(allocator, plan->storage);
    wg__free(allocator, plan->step);
    wg__free(allocator, plan->signature);
    wg__pool_done(&plan->pool);
}

/* Frees a plan that no program has seen. */
static void discard(wg_plan *plan)
{
    empty(plan);
    wg__free(&plan->tape->allocator, plan);
}

static void take_off_list(wg_plan *plan)
{
    wg_plan **link = &plan->tape->plans;
    while (*link && *link != plan) link = &(*link)->next;
    if (*link) *link = plan->next;
    forget_outputs(plan);
}

/* The struct stays with the tape, so that a run of a freed plan is an error and no accident. */
void wg_plan_free(wg_plan *plan)
{
    if (!plan || plan->freed) return;
    wg_tape *tape = plan->tape;
    take_off_list(plan);
    empty(plan);
    *plan = (wg_plan){.tape = tape, .next = tape->freed_plans, .freed = true};
    tape->freed_plans = plan;
}

bool wg__plan_usable(const wg_plan *plan)
{
    if (!plan) return false;
    return !plan->freed || wg__fail(plan->tape, wg_caller(), "plan: it was freed");
}

void wg__plans_free(wg_tape *tape)
{
    while (tape->plans) wg_plan_free(tape->plans);
    for (wg_plan *plan = tape->freed_plans, *next; plan; plan = next) {
        next = plan->next;
        wg__free(&tape->allocator, plan);
    }
}

void wg__plans_unbind(wg_tape *tape, uint32_t from)
{
    for (wg_plan *plan = tape->plans; plan; plan = plan->next) {
        wg_tensor **at = (wg_tensor **)(uintptr_t)plan->outputs.at,
                  **updates = (wg_tensor **)(uintptr_t)plan->updates.at;
        bool gone = false;
        for (int i = 0; i < plan->outputs.count; i++)
            gone = gone || !at[i] || (at[i]->node && at[i]->index >= from);
        for (int i = 0; i < plan->updates.count; i++)
            gone = gone || !updates[i] || updates[i]->index >= from;
        if (!gone) continue;
        forget_outputs(plan);
        for (int i = 0; i < plan->updates.count; i++) updates[i] = NULL;
    }
}

/* ---- what is asked ---- */

static bool collect(wg_plan *plan, struct wg_plan_request request)
{
    const int   outputs = request.outputs.count + (request.output != NULL);
    wg_tensor **at = wg__pool_take(&plan->pool, (size_t)outputs * sizeof *at);
    wg_tensor **updates =
        wg__pool_take(&plan->pool, (size_t)request.updates.count * sizeof *updates);
    if (!at || !updates) return wg__out_of_memory(plan->tape);
    int count = 0;
    if (request.output) at[count++] = request.output;
    for (int i = 0; i < request.outputs.count; i++) at[count++] = request.outputs.at[i];
    for (int i = 0; i < request.updates.count; i++) updates[i] = request.updates.at[i];
    plan->outputs = (wg_tensors){.count = count, .at = at};
    plan->updates = (wg_tensors){.count = request.updates.count, .at = updates};
    for (int i = 0; i < plan->updates.count; i++)
        if (!updates[i]->node || updates[i]->node->op != &wg_op_assign)
            return wg__fail(plan->tape, wg_caller(), "plan: update %d is not of wg_assign", i);
    return true;
}

static bool push(wg_plan *plan, const void *bytes, size_t count)
{
    const size_t words = (count + 7) / 8;
    if (!wg__grow(&plan->tape->allocator, &plan->signature, &plan->signature_capacity,
                  plan->signature_words + words, sizeof *plan->signature))
        return false;
    if (words == 0) return true;
    plan->signature[plan->signature_words + words - 1] = 0;
    memcpy(plan->signature + plan->signature_words, bytes, count);
    plan->signature_words += words;
    return true;
}

/* A tensor in a signature: a leaf by its address, others by their order in the walk. */
static uint64_t tensor_word(const wg_plan *plan, const wg__walk *walk, const wg_tensor *tensor)
{
    if (!tensor->node) return (uintptr_t)tensor;
    const wg__node *node = tensor->node;
    (void)plan;
    return ((uint64_t)(uint32_t)wg__walk_find(walk, tensor)->value << 7) |
           (tensor->index - node->first);
}

/*
 * All that decides what the plan will be, in words: two requests of equal words may share a plan.
 */
static bool sign(wg_plan *plan, wg__walk *walk)
{
    bool good = true;
    for (int n = walk->count - 1; n >= 0 && good; n--) {
        const wg__node *node = walk->node[n];
        const uint64_t  head[] = {
             (uintptr_t)node->op, (uint64_t)node->dtype << 32 | (uint32_t)node->inputs,
             node->attrs_bytes, node->op->traits & WG_RANDOM ? node->random : 0};
        good = push(plan, head, sizeof head) && push(plan, node->attrs, node->attrs_bytes);
        for (int i = 0; i < node->inputs && good; i++) {
            const uint64_t word = tensor_word(plan, walk, node->x[i]);
            good = push(plan, &word, sizeof word);
        }
        for (int k = 0; k < node->outputs; k++) {
            wg__mark *mark = wg__walk_find(walk, wg__node_output(plan->tape, node, k));
            if (mark) mark->value = walk->count - 1 - n;
        }
    }
    for (int i = 0; i < plan->outputs.count + plan->updates.count && good; i++) {
        const bool       output = i < plan->outputs.count;
        const wg_tensor *tensor =
            output ? plan->outputs.at[i] : plan->updates.at[i - plan->outputs.count];
        const uint64_t words[] = {output, tensor_word(plan, walk, tensor)};
        good = push(plan, words, sizeof words);
    }
    plan->hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < plan->signature_words; i++)
        plan->hash = (plan->hash ^ plan->signature[i]) * 0x100000001b3u;
    return good || wg__out_of_memory(plan->tape);
}

/* ---- finding a plan again ---- */

static bool asks_for(const wg_plan *plan, struct wg_plan_request request)
{
    const int more = request.output != NULL;
    if (plan->outputs.count != request.outputs.count + more ||
        plan->updates.count != request.updates.count)
        return false;
    if (more && plan->outputs.at[0] != request.output) return false;
    for (int i = 0; i < request.outputs.count; i++)
        if (plan->outputs.at[i + more] != request.outputs.at[i]) return false;
    for (int i = 0; i < request.updates.count; i++)
        if (plan->updates.at[i] != request.updates.at[i]) return false;
    return true;
}

/*
 * A plan may be taken over for other tensors when those it was made for are gone, or nobody holds
 * it.
 */
static bool is_free(const wg_plan *plan)
{
    bool bound = false;
    for (int i = 0; i < plan->outputs.count; i++)
        bound = bound || (plan->outputs.at[i] && plan->outputs.at[i]->node);
    for (int i = 0; i < plan->updates.count; i++) bound = bound || plan->updates.at[i];
    return !bound || !plan->held;
}

static wg_plan *find_equal(const wg_plan *new)
{
    for (wg_plan *plan = new->tape->plans; plan; plan = plan->next)
        if (plan->hash == new->hash && plan->held == new->held &&is_free(plan) &&
            plan->outputs.count == new->outputs.count &&
            plan->updates.count == new->updates.count &&
            plan->signature_words ==
                new->signature_words &&memcmp(plan->signature, new->signature,
                                              new->signature_words * sizeof *new->signature) == 0)
            return plan;
    return NULL;
}

static void take_over(wg_plan *plan, const wg_plan *new)
{
    forget_outputs(plan);
    wg_tensor **at = (wg_tensor **)(uintptr_t)plan->outputs.at,
              **updates = (wg_tensor **)(uintptr_t)plan->updates.at;
    for (int i = 0; i < plan->outputs.count; i++) at[i] = new->outputs.at[i];
    for (int i = 0; i < plan->updates.count; i++) updates[i] = new->updates.at[i];
}

/* ---- making ---- */

static wg_plan *plan_new(wg_tape *tape)
{
    wg_plan *plan = wg__alloc_zero(&tape->allocator, sizeof *plan);
    if (!plan) return wg__out_of_memory(tape);
    plan->tape = tape;
    plan->pool.allocator = &tape->allocator;
    return plan;
}

static bool walk_request(wg_plan *plan, wg__walk *walk)
{
    for (int i = 0; i < plan->outputs.count + plan->updates.count; i++) {
        const bool output = i < plan->outputs.count;
        if (!wg__walk_mark(walk, output ? plan->outputs.at[i]
                                        : plan->updates.at[i - plan->outputs.count]))
            return wg__out_of_memory(plan->tape);
    }
    return wg__walk_run(walk, 0) || wg__out_of_memory(plan->tape);
}

static bool finish(wg_plan *plan, wg__walk *walk)
{
    if (!wg__plan_build(plan, walk) || !wg__plan_place(plan) || !wg__plan_allocate(plan))
        return false;
    wg__plan_bind(plan);
    return wg__plan_steps(plan, 0, plan->constants);
}

/*
 * The plan for a request, made or found; with `use_values` it is made for this moment and not kept.
 */
static wg_plan *plan_for(wg_tape *tape, struct wg_plan_request request, bool held, bool use_values)
{
    for (wg_plan *known = tape->plans; known && !use_values; known = known->next)
        if (known->held == held && asks_for(known, request)) return known;
    wg_plan *plan = plan_new(tape), *found = NULL;
    if (!plan) return NULL;
    plan->held = held;
    wg__walk walk;
    wg__walk_init(&walk, tape);
    walk.to_values = use_values;
    bool good = collect(plan, request) && walk_request(plan, &walk);
    if (good && !use_values) good = sign(plan, &walk);
    if (good && !use_values) found = find_equal(plan);
    if (found) take_over(found, plan);
    good = good && (found || finish(plan, &walk));
    wg__walk_done(&walk);
    if (found || !good) {
        discard(plan);
        return found;
    }
    tape->plans_made++;
    plan->next = tape->plans;
    tape->plans = plan;
    return plan;
}

wg_plan *wg_plan_new_with(struct wg_plan_request request)
{
    wg_tape         *tape = NULL;
    const wg_tensors output = {.count = request.output != NULL, .at = &request.output};
    if (!wg__list_usable(output, &tape) || !wg__list_usable(request.outputs, &tape) ||
        !wg__list_usable(request.updates, &tape) || !tape)
        return NULL;
    return plan_for(tape, request, true, false);
}

wg_plan_facts wg_plan_measure(const wg_plan *plan)
{
    return plan ? plan->facts : (wg_plan_facts){0};
}

/* ---- values, computed when asked for ---- */

/* Takes the outputs' memory from a plan that is about to be freed. */
static void keep_values(wg_plan *plan)
{
    for (int i = 0; i < plan->outputs.count; i++) {
        wg_tensor   *tensor = plan->outputs.at[i];
        wg__storage *storage = &plan->storage[plan->output_storage[i]];
        if (!tensor || !tensor->node || tensor->value != storage->memory || !storage->memory)
            continue;
        /* Equal outputs share a storage: the first takes it, others are computed again. */
        bool taken = false;
        for (int j = 0; j < i; j++)
            taken = taken || plan->output_storage[j] == plan->output_storage[i];
        if (taken) {
            tensor->value = NULL;
            continue;
        }
        tensor->owns_value = true;
    }
    for (int i = 0; i < plan->outputs.count; i++)
        if (plan->outputs.at[i] && plan->outputs.at[i]->owns_value &&
            plan->outputs.at[i]->value == plan->storage[plan->output_storage[i]].memory)
            plan->storage[plan->output_storage[i]].memory = NULL;
}

static void drop_own_value(wg_tensor *tensor)
{
    if (tensor->owns_value) wg__buffer_free(&tensor->tape->allocator, tensor->value);
    tensor->owns_value = false;
    tensor->value = NULL;
}

bool wg__compute(wg_tape *tape, wg_tensors wanted)
{
    const bool eager = tape->options.eager;
    for (int i = 0; i < wanted.count && eager; i++)
        if (wanted.at[i]->node) drop_own_value(wanted.at[i]);
    wg_plan *plan = plan_for(tape, (struct wg_plan_request){.outputs = wanted}, false, eager);
    if (!plan) return false;
    const bool good = wg__plan_execute(plan);
    if (eager) {
        if (good) keep_values(plan);
        wg_tensor **at = (wg_tensor **)(uintptr_t)plan->outputs.at;
        for (int i = 0; i < plan->outputs.count; i++)
            if (at[i] && at[i]->owns_value) at[i] = NULL; /* no longer the plan's to forget */
        tape->plans_made--;
        take_off_list(plan);
        discard(plan);
    }
    return good;
}
