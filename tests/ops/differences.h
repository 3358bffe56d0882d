// SPDX-License-Identifier: MIT
/*
 * Finite differences: derivatives from values alone, which owe nothing to the rules that they
 * check.
 */
#ifndef WENGERT_TESTS_DIFFERENCES_H
#define WENGERT_TESTS_DIFFERENCES_H

#include "trial.h"

/*
 * A number that depends on leaves: the sum over outputs k and their elements i of weights[k][i]
 * outputs[k][i].
 */
struct weighted_sum {
    wg_tensors outputs;
    double     weights[CASE_INPUTS][TRIAL_NUMBERS];
    wg_plan   *plan;
};

/*
 * Checks for each element of each leaf that `derivatives` (one of the leaf's type for each leaf) is
 * what differences of the sum say: central ones with a Richardson step, h = cbrt(eps) max(1, |x|),
 * within 1e-6 (1 + |derivative|); and those of PyTorch's gradcheck, h = 1e-6, within 1e-5 + 1e-3
 * |difference|. The sum's outputs and weights are given; f64 only. `what` is for messages.
 */
void expect_derivatives(const struct trial *trial, struct weighted_sum *sum, wg_tensors leaves,
                        wg_tensors derivatives, const char *what);

#endif
