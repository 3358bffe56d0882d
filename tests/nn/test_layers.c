// SPDX-License-Identifier: MIT
/* Every layer against PyTorch: values, all gradients, first values; differences; and memory. */
#include "layer_cases.h"

#include "../support/expect.h"

static int case_count(void)
{
    int count = 0;
    while (layer_case_at(count)) count++;
    return count;
}

static void expect_values(const char *name, const char *what, wg_tensor *tensor,
                          const struct golden_array *wanted)
{
    int64_t count = 1;
    EXPECT_MSG(wg_shape_of_tensor(tensor).rank == wanted->rank, "%s: rank of %s", name, what);
    for (int64_t k = 0; k < wanted->rank; k++) {
        EXPECT_MSG(wg_shape_of_tensor(tensor).dim[k] == wanted->dim[k], "%s: %s", name, what);
        count *= wanted->dim[k];
    }
    for (int64_t i = 0; i < count; i++) {
        const double got = wg_element(tensor, i);
        EXPECT_MSG(fabs(got - wanted->values[i]) <= 1e-10 * (1 + fabs(wanted->values[i])),
                   "%s: %s[%lld] is %.17g, wanted %.17g", name, what, (long long)i, got,
                   wanted->values[i]);
    }
}

START_TEST(a_layer_has_pytorchs_values_and_gradients)
{
    struct layer_trial t = layer_trial_new(_i, NULL);
    EXPECT_MSG(t.golden, "%s has no golden", t.use->name);
    const wg_tensors leaves = {t.leaves, t.leaf};
    const wg_tensors found = wg_grad(WG_TENSORS(t.y), WG_TENSORS(t.dy), leaves);
    EXPECT_MSG(!wg_tape_error(t.tape), "%s: %s", t.use->name, wg_tape_error(t.tape));
    EXPECT(found.count == t.leaves);
    int inputs = 0;
    for (int k = 0; k < LAYER_INPUTS; k++) inputs += t.golden->x[k].dtype == WG_F64;
    EXPECT_MSG(wg_params(t.tape).count == t.leaves, "%s: %d params, not %d", t.use->name,
               wg_params(t.tape).count - inputs, t.leaves - inputs);
    expect_values(t.use->name, "y", t.y, &t.golden->y);
    for (int k = 0; k < t.leaves; k++)
        expect_values(t.use->name, wg_name_of(t.leaf[k]), found.at[k], t.gradient[k]);
    EXPECT_TEXT(wg_tape_error(t.tape), NULL);
    wg_tape_free(t.tape);
}
END_TEST

START_TEST(differences_agree_with_each_gradient)
{
    struct layer_trial t = layer_trial_new(_i, NULL);
    if (!t.use->kink) {
        const wg_check *check =
            wg_check_gradients(layer_trial_loss(&t), .leaves = {t.leaves, t.leaf});
        EXPECT_MSG(wg_check_passed(check), "%s", t.use->name);
    }
    wg_tape_free(t.tape);
}
END_TEST

START_TEST(a_layer_recorded_anew_has_the_same_params_and_plan)
{
    struct layer_trial t = layer_trial_new(_i, NULL);
    const int          params = wg_params(t.tape).count;
    double             first = wg_item(layer_trial_loss(&t));
    const int64_t      plans = wg_tape_plans(t.tape);
    wg_tape_clear(t.tape);
    const struct golden_array *dy = &t.golden->dy;
    wg_shape                   shape = {.rank = dy->rank};
    for (int64_t k = 0; k < dy->rank; k++) shape.dim[k] = dy->dim[k];
    for (int k = 0; k < LAYER_INPUTS && t.x[k]; k++) {
        const wg_type *type = wg_type_of(t.x[k]);
        const char    *name = wg_name_of(t.x[k]);
        t.x[k] = wg_role_of(t.x[k]) == WG_PARAM ? wg_param(t.tape, name, WG_F64, type->shape)
                                                : wg_input(t.tape, name, type->dtype, type->shape);
    }
    t.y = t.use->record(t.x);
    t.dy = wg_constant(t.tape, WG_F64, shape, dy->values, wg_count_of(t.y));
    EXPECT_MSG(wg_item(layer_trial_loss(&t)) == first, "%s", t.use->name);
    EXPECT(wg_params(t.tape).count == params && wg_tape_plans(t.tape) == plans);
    EXPECT_TEXT(wg_tape_error(t.tape), NULL);
    wg_tape_free(t.tape);
}
END_TEST

int main(void)
{
    Suite    *suite = suite_create("nn: layers");
    TCase    *cases = tcase_create("layers");
    const int count = case_count();
    tcase_set_timeout(cases, 0);
    tcase_add_loop_test(cases, a_layer_has_pytorchs_values_and_gradients, 0, count);
    tcase_add_loop_test(cases, differences_agree_with_each_gradient, 0, count);
    tcase_add_loop_test(cases, a_layer_recorded_anew_has_the_same_params_and_plan, 0, count);
    suite_add_tcase(suite, cases);
    return expect_run(suite);
}
