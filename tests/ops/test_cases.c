// SPDX-License-Identifier: MIT
/*
 * Every case of every family: values and gradients against PyTorch's in f64 and f32, first and
 * second derivatives against finite differences in f64, and the same bits however a case is
 * computed. Each case is a test of its own; _i is its number.
 */
#include "differences.h"
#include "isa_wanted.h"

#include <stdio.h>

/*
 * How far from PyTorch's values y and dx may be, relative to 1 + |value|: sums of a few hundred
 * terms, in another order.
 */
static double tolerance(wg_dtype dtype)
{
    return dtype == WG_F64 ? 1e-13 : 3e-6;
}

static int is_close(double got, double wanted, double bound)
{
    if (isnan(wanted)) return isnan(got);
    if (isinf(wanted)) return got == wanted;
    return fabs(got - wanted) <= bound * (1 + fabs(wanted));
}

/* Type and values of a tensor against a golden array. */
static void expect_golden(const struct trial *trial, wg_tensor *tensor,
                          const struct golden_array *wanted, const char *what)
{
    const wg_dtype dtype = wanted->dtype == WG_F64 ? trial->dtype : wanted->dtype;
    wg_shape       shape = {.rank = wanted->rank};
    memcpy(shape.dim, wanted->dim, (size_t)wanted->rank * sizeof *shape.dim);
    char got_text[WG_SHAPE_TEXT], wanted_text[WG_SHAPE_TEXT];
    EXPECT_MSG(wg_dtype_of(tensor) == dtype && wg_shape_equal(wg_shape_of_tensor(tensor), shape),
               "%s: %s is %s %s, wanted %s %s", trial->label, what,
               wg_dtype_name(wg_dtype_of(tensor)),
               wg_shape_text(wg_shape_of_tensor(tensor), got_text), wg_dtype_name(dtype),
               wg_shape_text(shape, wanted_text));
    double    got[TRIAL_NUMBERS];
    const int count = trial_read(trial, tensor, got);
    for (int i = 0; i < count; i++)
        EXPECT_MSG(is_close(got[i], wanted->values[i], tolerance(dtype)),
                   "%s: %s[%d] is %.17g, wanted %.17g", trial->label, what, i, got[i],
                   wanted->values[i]);
}

static void expect_golden_case(int i, wg_dtype dtype)
{
    struct trial trial = trial_find(i);
    if (dtype == WG_F32 && trial.use->flags & CASE_F64_ONLY) return;
    trial_begin(&trial, dtype, NULL);
    expect_golden(&trial, trial.y, &trial.golden->y, "y");
    for (int k = 0; k < trial.dx.count; k++)
        expect_golden(&trial, trial.dx.at[k], &trial.golden->dx[trial.input[k]],
                      (const char[]){'d', 'x', (char)('0' + trial.input[k]), 0});
    trial_end(&trial);
}

START_TEST(values_and_gradients_in_f64_are_those_of_pytorch)
{
    expect_golden_case(_i, WG_F64);
}
END_TEST

START_TEST(values_and_gradients_in_f32_are_those_of_pytorch)
{
    expect_golden_case(_i, WG_F32);
}
END_TEST

static int has_differences(const struct trial *trial)
{
    return !(trial->use->flags & (CASE_FORWARD_ONLY | CASE_KINK));
}

START_TEST(first_derivatives_are_what_differences_say)
{
    static struct weighted_sum sum;
    struct trial               trial = trial_find(_i);
    if (!has_differences(&trial)) return;
    trial_begin(&trial, WG_F64, NULL);
    sum.outputs = WG_TENSORS(trial.y);
    trial_read(&trial, trial.dy, sum.weights[0]);
    expect_derivatives(&trial, &sum, trial.leaves, trial.dx, "dx");
    trial_end(&trial);
}
END_TEST

/* A constant of g's type with awkward values, which also become its weights. */
static wg_tensor *direction(wg_tensor *g, int k, double weights[TRIAL_NUMBERS])
{
    const int64_t count = wg_count_of(g);
    for (int64_t i = 0; i < count; i++) weights[i] = cos(2.1 * (double)i + 0.4 + k) + 0.07;
    return wg_constant(wg_tape_of(g), WG_F64, wg_shape_of_tensor(g), weights, count);
}

START_TEST(second_derivatives_are_what_differences_say)
{
    static struct weighted_sum sum;
    wg_tensor                 *v[CASE_INPUTS];
    struct trial               trial = trial_find(_i);
    if (!has_differences(&trial)) return;
    trial_begin(&trial, WG_F64, NULL);
    sum.outputs = trial.dx;
    for (int k = 0; k < trial.dx.count; k++) v[k] = direction(trial.dx.at[k], k, sum.weights[k]);
    const wg_tensors leaves = {trial.leaves.count + 1, trial.leaf};
    const wg_tensors second = wg_grad(trial.dx, ((wg_tensors){trial.dx.count, v}), leaves);
    trial_expect_no_error(&trial);
    expect_derivatives(&trial, &sum, leaves, second, "d (v dx)");
    trial_end(&trial);
}
END_TEST

/* All numbers of y and the gradients. */
struct result {
    int    count;
    double numbers[(CASE_INPUTS + 1) * TRIAL_NUMBERS];
};

static void read_result(const struct trial *trial, wg_tensors dx, struct result *result)
{
    result->count = trial_read(trial, trial->y, result->numbers);
    for (int k = 0; k < dx.count; k++)
        result->count += trial_read(trial, dx.at[k], result->numbers + result->count);
}

static int same_bits(const struct result *a, const struct result *b)
{
    if (a->count != b->count) return 0;
    for (int i = 0; i < a->count; i++) {
        const int both_nan = isnan(a->numbers[i]) && isnan(b->numbers[i]);
        if (!both_nan && memcmp(&a->numbers[i], &b->numbers[i], sizeof(double)) != 0) return 0;
    }
    return 1;
}

static void expect_same_on_another_tape(const struct trial *found, wg_dtype dtype,
                                        wg_tape_options options, const struct result *wanted,
                                        const char *what)
{
    static struct result got;
    struct trial         trial = *found;
    trial_begin(&trial, dtype, &options);
    read_result(&trial, trial.dx, &got);
    EXPECT_MSG(same_bits(&got, wanted), "%s: other bits %s", trial.label, what);
    trial_end(&trial);
}

/*
 * In one run for all; derived again and read one by one, after all inputs were written again;
 * eagerly; in memory apart.
 */
static void expect_same_bits(const struct trial *found, wg_dtype dtype)
{
    static struct result once, again;
    struct trial         trial = *found;
    trial_begin(&trial, dtype, NULL);
    wg_eval(wg_join(trial.tape, WG_TENSORS(trial.y), trial.dx));
    read_result(&trial, trial.dx, &once);
    for (int k = 0; k < trial.leaves.count; k++)
        trial_write(&trial, trial.leaf[k], &trial.golden->x[trial.input[k]]);
    read_result(&trial, trial.leaves.count ? trial_gradients(&trial) : trial.dx, &again);
    EXPECT_MSG(same_bits(&once, &again), "%s: other bits the second time", trial.label);
    trial_end(&trial);
    expect_same_on_another_tape(found, dtype, (wg_tape_options){.eager = true}, &once,
                                "when eager");
    expect_same_on_another_tape(found, dtype, (wg_tape_options){.apart = true}, &once,
                                "in memory apart");
}

START_TEST(bits_are_the_same_again_and_eager_and_in_memory_apart)
{
    const struct trial found = trial_find(_i);
    expect_same_bits(&found, WG_F64);
    if (!(found.use->flags & CASE_F64_ONLY)) expect_same_bits(&found, WG_F32);
}
END_TEST

START_TEST(every_golden_case_is_used_and_no_name_stands_twice)
{
    for (const struct family *family = families; family->name; family++)
        for (const struct golden *golden = family->goldens; golden->op; golden++) {
            int uses = 0;
            for (const struct op_case *use = family->cases; use->op; use++)
                uses += !strcmp(use->op, golden->op) && !strcmp(use->name, golden->name);
            EXPECT_MSG(uses == 1, "%s: %s, %s: %d rows in cases_%s.c", family->name, golden->op,
                       golden->name, uses, family->name);
        }
}
END_TEST

/*
 * Prints "unary: 24 ops, 230 cases (190 in f32, 200 with gradient, 170 against differences), 21
 * errors".
 */
static void print_family(const struct family *family)
{
    int ops = 0, cases = 0, single = 0, gradients = 0, differences = 0, errors = 0;
    for (const struct op_case *use = family->cases; use->op; use++) {
        int seen = 0;
        for (const struct op_case *other = family->cases; other != use; other++)
            seen |= !strcmp(use->op, other->op);
        ops += !seen;
        cases++;
        single += !(use->flags & CASE_F64_ONLY);
        gradients += !(use->flags & CASE_FORWARD_ONLY);
        differences += !(use->flags & (CASE_FORWARD_ONLY | CASE_KINK));
    }
    for (const struct error_case *error = family->errors; error->op; error++) errors++;
    printf(
        "%s: %d ops, %d cases (%d in f32, %d with gradient, %d against differences), %d errors\n",
        family->name, ops, cases, single, gradients, differences, errors);
}

int main(void)
{
    if (!isa_is_there()) return LEFT_OUT;
    Suite    *suite = suite_create("ops: cases");
    TCase    *cases = tcase_create("cases");
    const int count = trial_count();
    tcase_add_test(cases, every_golden_case_is_used_and_no_name_stands_twice);
    tcase_add_loop_test(cases, values_and_gradients_in_f64_are_those_of_pytorch, 0, count);
    tcase_add_loop_test(cases, values_and_gradients_in_f32_are_those_of_pytorch, 0, count);
    tcase_add_loop_test(cases, first_derivatives_are_what_differences_say, 0, count);
    tcase_add_loop_test(cases, second_derivatives_are_what_differences_say, 0, count);
    tcase_add_loop_test(cases, bits_are_the_same_again_and_eager_and_in_memory_apart, 0, count);
    suite_add_tcase(suite, cases);
    for (const struct family *family = families; family->name; family++) print_family(family);
    return expect_run(suite);
}
