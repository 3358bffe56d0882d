// SPDX-License-Identifier: MIT
/*
 * An op with a kernel and a composition of simpler ops gives the same values by both. Checked at
 * every node in the records of all cases, gradients included, so that backward ops are met as well.
 */
#include "trial.h"

#include <stdio.h>

static int compared; /* nodes */

static int has_both(const wg_op *op)
{
    return op && op->prepare && op->compose && !(op->traits & WG_RANDOM);
}

static int is_close(double got, double wanted)
{
    return isfinite(wanted) ? fabs(got - wanted) <= 1e-12 * (1 + fabs(wanted))
                            : got == wanted || (isnan(got) && isnan(wanted));
}

static void expect_composition(const struct trial *trial, wg_tensor *y)
{
    const wg_op *op = wg_op_of(y);
    double       got[TRIAL_NUMBERS], wanted[TRIAL_NUMBERS];
    wg_tensor   *same = op->compose(wg_inputs_of(y).at, wg_attrs_of(y));
    trial_expect_no_error(trial);
    EXPECT_MSG(same && wg_type_equal(wg_type_of(same), wg_type_of(y)),
               "%s: %s has another type composed", trial->label, op->name);
    const int count = trial_read(trial, y, got);
    trial_read(trial, same, wanted);
    for (int i = 0; i < count; i++)
        EXPECT_MSG(is_close(got[i], wanted[i]), "%s: %s[%d] is %.17g, composed %.17g", trial->label,
                   op->name, i, got[i], wanted[i]);
    compared++;
}

START_TEST(a_kernel_gives_what_the_composition_gives)
{
    struct trial trial = trial_find(_i);
    trial_begin(&trial, WG_F64, NULL);
    const int64_t count = wg_tape_count(trial.tape);
    for (int64_t i = 0; i < count; i++) {
        wg_tensor *y = wg_tape_at(trial.tape, i);
        if (has_both(wg_op_of(y)) && wg_output_number(y) == 0) expect_composition(&trial, y);
    }
    trial_end(&trial);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ops: compositions");
    TCase *cases = tcase_create("compositions");
    tcase_add_loop_test(cases, a_kernel_gives_what_the_composition_gives, 0, trial_count());
    suite_add_tcase(suite, cases);
    const int status = expect_run(suite);
    printf("%d nodes compared\n", compared);
    return status;
}
