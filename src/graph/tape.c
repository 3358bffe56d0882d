// SPDX-License-Identifier: MIT
/* A tape's life: making, clearing and freeing it; its error; its scopes and its lists. */
#include "internal.h"

#include "../kernels/onednn.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

wg_tape *wg_tape_new(void)
{
    return wg_tape_new_with(NULL);
}

wg_tape *wg_tape_new_with(const wg_tape_options *options)
{
    const wg_tape_options settings = options ? *options : (wg_tape_options){0};
    const wg_allocator    allocator =
        settings.allocator ? *settings.allocator : *wg_allocator_default();
    wg_tape *tape = wg__alloc_zero(&allocator, sizeof *tape);
    if (!tape) return NULL;
    tape->allocator = allocator;
    tape->options = settings;
    tape->options.allocator = &tape->allocator;
    const int threads = settings.threads > 0 ? settings.threads : wg__team_default();
    tape->threads = threads < WG_MAX_THREADS ? threads : WG_MAX_THREADS;
    tape->seed = settings.seed;
    tape->record = tape->version = 1;
    tape->scope = "";
    tape->nodes.allocator = tape->lists.allocator = tape->permanent.allocator = &tape->allocator;
    if (!settings.onednn ||
        wg__onednn_open(&tape->allocator, settings.onednn == WG_ONEDNN_WINOGRAD, &tape->onednn))
        return tape;
    wg_tape_free(tape);
    return NULL;
}

void wg_tape_free(wg_tape *tape)
{
    if (!tape) return;
    wg__team_free(tape->team);
    wg__plans_free(tape);
    wg__onednn_close(&tape->allocator, tape->onednn);
    wg__truncate(tape, 0);
    for (int i = 0; i < tape->leaf_count; i++) wg__leaf_free(tape, tape->leaves[i]);
    for (uint32_t i = 0; i < tape->slots / WG__SLOTS; i++)
        wg__free(&tape->allocator, tape->blocks[i]);
    void *arrays[] = {tape->blocks, tape->derivations, tape->leaves,
                      tape->names,  tape->types,       tape->scope_stack};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        wg__free(&tape->allocator, arrays[i]);
    wg__buffer_free(&tape->allocator, tape->arena);
    wg__pool_done(&tape->nodes);
    wg__pool_done(&tape->lists);
    wg__pool_done(&tape->permanent);
    const wg_allocator allocator = tape->allocator;
    wg__free(&allocator, tape);
}

void wg_tape_clear(wg_tape *tape)
{
    if (!tape) return;
    tape->count = 0;
    tape->randoms = 0;
    tape->derivation_next = 0;
    tape->leaf_expected = 0;
    tape->record++;
    tape->runs++;
    tape->version++;
    tape->scope_depth = 0;
    tape->scope = "";
    tape->shares = false;
    wg__pool_rewind(&tape->lists, NULL);
}

/* ---- errors ---- */

const char *wg_tape_error(const wg_tape *tape)
{
    if (!tape) return "no tape: there was no memory for it";
    return tape->error[0] ? tape->error : NULL;
}

void wg_tape_error_clear(wg_tape *tape)
{
    if (tape) tape->error[0] = '\0';
}

static void set_error(wg_tape *tape, const char *where, const char *format, va_list values)
{
    if (tape->error[0]) return;
    const int    used = snprintf(tape->error, sizeof tape->error, "%s: ", where);
    const size_t front = used < 0                            ? 0
                         : (size_t)used < sizeof tape->error ? (size_t)used
                                                             : sizeof tape->error - 1;
    vsnprintf(tape->error + front, sizeof tape->error - front, format, values);
}

void *wg__fail(wg_tape *tape, const char *where, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    set_error(tape, where, format, values);
    va_end(values);
    return NULL;
}

void *wg__out_of_memory(wg_tape *tape)
{
    return wg__fail(tape, wg_caller(), "out of memory");
}

void wg_tape_error_set(wg_tape *tape, const char *format, ...)
{
    if (!tape) return;
    va_list values;
    va_start(values, format);
    set_error(tape, wg_caller(), format, values);
    va_end(values);
}

/* ---- what a tape can be asked ---- */

wg_tape *wg_tape_of(const wg_tensor *tensor)
{
    return tensor ? tensor->tape : NULL;
}

int64_t wg_tape_count(const wg_tape *tape)
{
    return tape ? tape->count : 0;
}

wg_tensor *wg_tape_at(const wg_tape *tape, int64_t i)
{
    return tape && i >= 0 && i < tape->count ? wg__slot(tape, (uint32_t)i) : NULL;
}

const char *wg_onednn_version(void)
{
    return wg__onednn_version();
}

const wg_tape_options *wg_tape_settings(const wg_tape *tape)
{
    return &tape->options;
}

void wg_tape_seed(wg_tape *tape, uint64_t seed)
{
    if (!tape) return;
    tape->seed = seed;
    tape->version++;
}

uint64_t wg_tape_seed_of(const wg_tape *tape)
{
    return tape ? tape->seed : 0;
}

uint64_t wg_tape_run_number(const wg_tape *tape)
{
    return tape ? tape->runs : 0;
}

void wg_tape_set_run_number(wg_tape *tape, uint64_t number)
{
    if (!tape) return;
    tape->runs = number;
    tape->version++;
}

void wg_tape_train(wg_tape *tape, bool train)
{
    if (tape) tape->evaluates = !train;
}

bool wg_tape_trains(const wg_tape *tape)
{
    return tape && !tape->evaluates;
}

void wg_share_params(wg_tape *tape, bool on)
{
    if (tape) tape->shares = on;
}

bool wg_shares_params(const wg_tape *tape)
{
    return tape && tape->shares;
}

int64_t wg_tape_visits(const wg_tape *tape)
{
    return tape ? tape->visits : 0;
}

int64_t wg_tape_plans(const wg_tape *tape)
{
    return tape ? tape->plans_made : 0;
}

/* ---- scopes ---- */

void wg_scope_push(wg_tape *tape, const char *name)
{
    if (!tape) return;
    if (!name || !*name) {
        wg__fail(tape, wg_caller(), "a scope needs a name");
        name = "?";
    }
    wg__name *scope = wg__intern_name(tape, tape->scope, name);
    if (!scope || !wg__grow(&tape->allocator, &tape->scope_stack, &tape->scope_capacity,
                            (size_t)tape->scope_depth + 1, sizeof *tape->scope_stack)) {
        wg__out_of_memory(tape);
        return;
    }
    tape->scope_stack[tape->scope_depth++] = tape->scope;
    tape->scope = scope->text;
}

void wg_scope_pop(wg_tape *tape)
{
    if (!tape) return;
    if (tape->scope_depth > 0)
        tape->scope = tape->scope_stack[--tape->scope_depth];
    else
        wg__fail(tape, wg_caller(), "wg_scope_pop without wg_scope_push");
}

/* ---- lists ---- */

void *wg__list_take(wg_tape *tape, size_t bytes)
{
    void *memory = wg__pool_take(&tape->lists, bytes);
    return memory ? memory : wg__out_of_memory(tape);
}

wg_tensors wg__list_new(wg_tape *tape, int count, wg_tensor *const *at)
{
    const size_t bytes = (size_t)count * sizeof *at;
    wg_tensor  **copy = wg__list_take(tape, bytes);
    if (!copy) return (wg_tensors){0};
    if (at)
        memcpy(copy, at, bytes);
    else
        memset(copy, 0, bytes);
    return (wg_tensors){.count = count, .at = copy};
}

wg_tensors wg_join(wg_tape *tape, wg_tensors a, wg_tensors b)
{
    if (!tape) return (wg_tensors){0};
    wg_tensor **joined = wg__list_take(tape, (size_t)(a.count + b.count) * sizeof *joined);
    if (!joined) return (wg_tensors){0};
    if (a.count) memcpy(joined, a.at, (size_t)a.count * sizeof *joined);
    if (b.count) memcpy(joined + a.count, b.at, (size_t)b.count * sizeof *joined);
    return (wg_tensors){.count = a.count + b.count, .at = joined};
}
