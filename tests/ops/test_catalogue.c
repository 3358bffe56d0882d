// SPDX-License-Identifier: MIT
/*
 * The catalogue, op by op: every op says what it computes and how it is derived, and has its cases:
 * values, gradient, misuse. An op that is added without them fails here. _i is the op's number.
 */
#include "trial.h"

#include <wengert/ops/catalogue.h>

#include <stdio.h>

enum { CASES_WANTED = 8 };

/*
 * Ops that no call of their own records, and the call whose cases stand for theirs: as many of its
 * cases must have the op in their record, as part of y, of the gradients or of theirs. So do all
 * ops called <call>_backward or <call>_backward_<input>.
 */
static const char *const inner_ops[][2] = {
    {"index_scatter", "index_select"},
    {"max_pool2d_gather", "max_pool2d"},
    {"batch_norm_evaluate", "batch_norm"},
    {NULL, NULL},
};

static int op_count(void)
{
    int count = 0;
    while (wg_catalogue_at(count)) count++;
    return count;
}

/* The call that stands for an op: itself, unless it is an inner one. */
static const char *find_call(const wg_op *op, char call[100])
{
    snprintf(call, 100, "%s", op->name);
    char *backward = strstr(call, "_backward");
    if (backward) *backward = '\0';
    for (int i = 0; inner_ops[i][0]; i++)
        if (!strcmp(inner_ops[i][0], op->name)) return inner_ops[i][1];
    return call;
}

/* Records the gradients of the gradients. */
static void derive_again(const struct trial *trial)
{
    wg_tensor *seeds[CASE_INPUTS];
    for (int k = 0; k < trial->dx.count; k++) seeds[k] = wg_full_like(trial->dx.at[k], 0.7);
    wg_grad(trial->dx, ((wg_tensors){trial->dx.count, seeds}),
            ((wg_tensors){trial->leaves.count + 1, trial->leaf}));
}

/*
 * Is the op in the record of the case, as part of y, of its gradients or of theirs? What recording
 * checks is not counted again here.
 */
static int records(struct trial *trial, const wg_op *op)
{
    const long checks = expect_count;
    int        found = 0;
    trial_begin(trial, WG_F64, NULL);
    if (trial->dx.count > 0) derive_again(trial);
    const int64_t count = wg_tape_count(trial->tape);
    for (int64_t i = 0; i < count && !found; i++)
        found = wg_op_of(wg_tape_at(trial->tape, i)) == op;
    trial_end(trial);
    expect_count = checks;
    return found;
}

static int is_differentiable(const wg_op *op)
{
    return !(op->traits & WG_NO_DERIVATIVE);
}

START_TEST(an_op_says_what_it_is)
{
    const wg_op *op = wg_catalogue_at(_i);
    EXPECT(op->name && op->name[0]);
    EXPECT_MSG(op->formula && op->formula[0], "%s has no formula", op->name);
    EXPECT_MSG(op->rule && op->rule[0], "%s has no rule", op->name);
    EXPECT_MSG(op->prepare || op->view, "%s has neither kernel nor view", op->name);
    EXPECT_MSG(op->attrs_size % 8 == 0, "%s has settings of other than 8 bytes", op->name);
    const int rules = op->derive || op->compose;
    EXPECT_MSG(rules || !is_differentiable(op), "%s has no derivative and does not say so",
               op->name);
    EXPECT_MSG(is_differentiable(op) || !strcmp(op->rule, "none"),
               "%s has no derivative and a rule", op->name);
    for (int i = 0; i < _i; i++)
        EXPECT_MSG(strcmp(wg_catalogue_at(i)->name, op->name) != 0, "two ops are called %s",
                   op->name);
}
END_TEST

/* Values of random ops are the generator's own: what holds for them is in test_random.c. */
START_TEST(an_op_has_cases)
{
    const wg_op *op = wg_catalogue_at(_i);
    char         text[100];
    const char  *call = find_call(op, text);
    int          cases = 0, gradients = 0;
    if (op->traits & WG_RANDOM) return;
    for (int i = 0; i < trial_count(); i++) {
        struct trial trial = trial_find(i);
        if (strcmp(trial.use->op, call) != 0 || !records(&trial, op)) continue;
        cases++;
        gradients += !(trial.use->flags & CASE_FORWARD_ONLY);
    }
    EXPECT_MSG(cases >= CASES_WANTED, "%s has %d golden cases (of %s), %d are wanted", op->name,
               cases, call, CASES_WANTED);
    EXPECT_MSG(gradients > 0 || !is_differentiable(op), "%s has no case with a gradient", op->name);
}
END_TEST

START_TEST(an_op_has_a_misuse)
{
    const wg_op *op = wg_catalogue_at(_i);
    char         text[100];
    const char  *call = find_call(op, text);
    int          errors = 0;
    for (const struct family *family = families; family->name; family++)
        for (const struct error_case *use = family->errors; use->op; use++)
            errors += !strcmp(use->op, call);
    EXPECT_MSG(errors > 0, "%s has no error case (of %s)", op->name, call);
}
END_TEST

int main(void)
{
    Suite    *suite = suite_create("ops: catalogue");
    TCase    *ops = tcase_create("ops");
    const int count = op_count();
    tcase_add_loop_test(ops, an_op_says_what_it_is, 0, count);
    tcase_add_loop_test(ops, an_op_has_cases, 0, count);
    tcase_add_loop_test(ops, an_op_has_a_misuse, 0, count);
    suite_add_tcase(suite, ops);
    printf("%d ops\n", count);
    return expect_run(suite);
}
