// SPDX-License-Identifier: MIT
/*
 * What a node costs: chains of 1,000 to 1,000,000 ops on one number are recorded, derived, planned,
 * run, and recorded again. Work per node must not grow with the chain.
 */
#include "measure.h"

#include <wengert/wengert.h>

enum { PHASES = 5, TURNS = 3 };

static const char *const phase[PHASES] = {"record", "derive", "plan", "run", "again"};

static wg_tensor *chain(wg_tape *tape, int nodes)
{
    wg_tensor *y = wg_param(tape, "w", WG_F32, WG_SCALAR);
    for (int i = 0; i < nodes; i++) y = wg_sin(y);
    return y;
}

/* Nanoseconds per recorded node for each phase, on a fresh tape. */
static bool measure(int nodes, double ns[PHASES])
{
    double   at[PHASES + 1];
    wg_tape *tape = wg_tape_new();
    at[0] = seconds();
    wg_tensor *y = chain(tape, nodes);
    at[1] = seconds();
    const wg_gradients *g = wg_backward(y);
    at[2] = seconds();
    wg_plan *plan = g ? wg_plan_new(y, .outputs = g->values) : NULL;
    at[3] = seconds();
    wg_plan_run(plan);
    at[4] = seconds();
    wg_tape_clear(tape);
    y = chain(tape, nodes);
    g = wg_backward(y);
    const bool same = g && wg_plan_new(y, .outputs = g->values) == plan;
    at[5] = seconds();
    for (int i = 0; i < PHASES; i++)
        ns[i] = (at[i + 1] - at[i]) * 1e9 / (double)(i ? wg_tape_count(tape) : nodes);
    const bool good = same && !wg_tape_error(tape);
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    wg_tape_free(tape);
    return good;
}

int main(int count, char **arguments)
{
    take_help(count, arguments, "   what a node costs, in chains of 1,000 to 1,000,000");
    bool good = true;
    printf("ns per node%*s", 2, "");
    for (int i = 0; i < PHASES; i++) printf("%10s", phase[i]);
    printf("\n");
    for (int nodes = 1000; nodes <= 1000000 && good; nodes *= 10) {
        double ns[PHASES][TURNS];
        for (int turn = 0; turn < TURNS && good; turn++) {
            double once[PHASES];
            good = measure(nodes, once);
            for (int i = 0; i < PHASES; i++) ns[i][turn] = once[i];
        }
        printf("%12d", nodes);
        for (int i = 0; i < PHASES; i++) printf(" %9.1f", median(ns[i], TURNS));
        printf("\n");
    }
    return good ? 0 : 1;
}
