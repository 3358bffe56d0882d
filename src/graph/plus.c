// SPDX-License-Identifier: MIT
/*
 * Additions within a fused step: where one takes what another member has just made, and nobody else
 * does, that member's kernel adds the other term itself (wg_call.plus). The sum of two adjoints is
 * such an addition.
 */
#include "basic.h"
#include "plan_internal.h"

#include <string.h>

/* Inputs of the chain's members that read a storage. */
static int reads(const wg_plan *plan, int first, const int *next, int storage)
{
    int count = 0;
    for (int s = first; s >= 0; s = next[s])
        for (int i = 0; i < plan->step[s].call.inputs; i++)
            count += plan->step[s].storage[i] == storage;
    return count;
}

/* The member whose output is input i of member s, if it can add the other input to it; -1. */
static int maker(const wg_plan *plan, int first, const int *next, const bool *outside, int s,
                 int i)
{
    const int storage = plan->step[s].storage[i];
    if (outside[storage] || reads(plan, first, next, storage) != 1) return -1;
    for (int m = first; m >= 0 && m != s; m = next[m]) {
        const wg_call *call = &plan->step[m].call;
        if (plan->step[m].storage[call->inputs] == storage) return call->plus ? m : -1;
    }
    return -1;
}

/* Makes of the addition s the step m, with input i of the addition as the last one. */
static bool add_to(wg_plan *plan, int s, int m, int i)
{
    const wg__step sum = plan->step[s];
    const int      inputs = plan->step[m].call.inputs, ends = inputs + 2;
    wg__step      *step = wg__step_new(plan, plan->step[m].call.op, inputs + 1, 1);
    if (!step) return false;
    const wg__step *from = &plan->step[m];
    for (int e = 0; e < ends; e++) {
        const wg__step *of = e < inputs ? from : &sum;
        const int       end = e < inputs ? e : e == inputs ? i : sum.call.inputs;
        step->call.x[e] = of->call.x[end];
        step->storage[e] = of->storage[end];
        step->offset[e] = of->offset[end];
        if (e <= inputs) step->names[e] = of->names[end];
    }
    step->call.attrs = from->call.attrs;
    step->call.kept = from->call.kept;
    step->where = from->where;
    step->kernel = from->call.plus;
    plan->step[s] = *step;
    return true;
}

bool wg__fuse_sums(wg_plan *plan, int *first, int *next, const bool *outside)
{
    for (int s = *first; s >= 0; s = next[s]) {
        if (plan->step[s].call.op != &wg_op_add) continue;
        const int a = maker(plan, *first, next, outside, s, 0),
                  b = maker(plan, *first, next, outside, s, 1), m = a > b ? a : b;
        if (m < 0) continue;
        const int made = plan->step[m].storage[plan->step[m].call.inputs];
        if (!add_to(plan, s, m, m == a)) return false;
        plan->storage[made].bytes = 0;
        int *link = first;
        while (*link != m) link = &next[*link];
        *link = next[m];
    }
    return true;
}
