// SPDX-License-Identifier: MIT
/*
 * What an element costs: the kernels of elementwise ops on 1,024 numbers, as many as the plan gives them in a
 * tile. Prints nanoseconds an element in f32 and f64, in the best of many turns.
 *
 *     WG_ISA=avx2 elementwise
 */
#include "measure.h"

#include <math.h>
#include <stdio.h>
#include <wengert/wengert.h>

enum { COUNT = 1024, TURNS = 200, CALLS = 32, INPUTS = 2 };

static double memory[INPUTS + 1][COUNT];

static const wg_op *const ops[] = {
    &wg_op_mul,
    &wg_op_div,
    &wg_op_exp,
    &wg_op_expm1,
    &wg_op_log,
    &wg_op_log1p,
    &wg_op_tanh,
    &wg_op_sigmoid,
    &wg_op_erf,
    &wg_op_sin,
    &wg_op_cos,
    &wg_op_silu,
    &wg_op_softplus,
    &wg_op_gelu,
    &wg_op_gelu_tanh,
    &wg_op_tanh_backward,
    &wg_op_silu_backward,
    &wg_op_gelu_backward,
    &wg_op_gelu_tanh_backward,
    &wg_op_pow,
};

/* 0.002 to 4, in no order: what every op takes. */
static void fill(wg_dtype dtype)
{
    for (int k = 0; k < INPUTS; k++)
        for (int i = 0; i < COUNT; i++) {
            const double x = ((i * 1237 + k) % COUNT + 1) * 4.0 / COUNT;
            if (dtype == WG_F32)
                ((float *)memory[k])[i] = (float)x;
            else
                memory[k][i] = x;
        }
}

/* Nanoseconds an element, in the best of the turns. */
static double measure(const wg_op *op, wg_dtype dtype)
{
    const wg_type type = {.dtype = dtype, .shape = WG_SHAPE(COUNT), .count = COUNT};
    wg_view       views[INPUTS + 1];
    int64_t       step[INPUTS] = {1, 1};
    double        best = INFINITY;
    for (int k = 0; k <= INPUTS; k++)
        views[k] = (wg_view){.data = memory[k], .type = &type, .stride = {1}};
    wg_call    call = {.op = op,
                       .inputs = op->inputs,
                       .outputs = 1,
                       .x = views,
                       .y = &views[INPUTS],
                       .n = COUNT,
                       .step = step};
    wg_kernel *kernel = op->prepare(&call);
    for (int turn = 0; turn < TURNS; turn++) {
        const double start = seconds();
        for (int i = 0; i < CALLS; i++) kernel(&call);
        best = fmin(best, (seconds() - start) * 1e9 / (CALLS * COUNT));
    }
    return best;
}

int main(int count, char **arguments)
{
    take_help(count, arguments, "   what an element costs in each elementwise op");
    printf("ns an element           f32     f64\n");
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        fill(WG_F32);
        const double f32 = measure(ops[i], WG_F32);
        fill(WG_F64);
        printf("%-20s %6.3f  %6.3f\n", ops[i]->name, f32, measure(ops[i], WG_F64));
    }
    return 0;
}
