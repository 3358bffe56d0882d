// SPDX-License-Identifier: MIT
/* Optimisers against PyTorch in float64, step by step, and what they refuse. */
#include <wengert/graph/plan.h>
#include <wengert/nn/adam.h>
#include <wengert/nn/adaptive.h>
#include <wengert/nn/optimiser.h>
#include <wengert/ops/ops.h>

#include "../support/expect.h"

#include "../golden/optimisers.h"

enum { COUNT = sizeof optimisers / sizeof *optimisers, ELEMENTS = 5 };

/* sum of p^4 / 4 - 1.3 p^2 + 0.7 p */
static wg_tensor *loss_of(wg_tensor *p)
{
    wg_tensor *square = wg_square(p);
    wg_tensor *well = wg_sub(wg_mul(wg_square(square), 0.25), wg_mul(square, 1.3));
    return wg_sum(wg_add(well, wg_mul(p, 0.7)));
}

static wg_tensors updates_of(const char *name, const wg_gradients *g, wg_tensor *rate)
{
    if (!strcmp(name, "sgd")) return wg_sgd(g, .rate = rate);
    if (!strcmp(name, "momentum")) return wg_sgd(g, .rate = rate, .momentum = 0.9);
    if (!strcmp(name, "adam")) return wg_adam(g, .rate = rate);
    if (!strcmp(name, "adam with decay")) return wg_adam(g, .rate = rate, .decay = 0.3);
    if (!strcmp(name, "adamw")) return wg_adamw(g, .rate = rate, .decay = 0.3);
    if (!strcmp(name, "sgd with decay")) return wg_sgd(g, .rate = rate, .decay = 0.3);
    if (!strcmp(name, "nesterov"))
        return wg_sgd(g, .rate = rate, .momentum = 0.8, .nesterov = true, .decay = 0.1);
    if (!strcmp(name, "rmsprop")) return wg_rmsprop(g, .rate = rate);
    if (!strcmp(name, "rmsprop with all"))
        return wg_rmsprop(g, .rate = rate, .keep = 0.8, .eps = 0.1, .momentum = 0.7,
                          .centred = true, .decay = 0.1);
    if (!strcmp(name, "adagrad")) return wg_adagrad(g, .rate = rate);
    if (!strcmp(name, "adagrad with decays"))
        return wg_adagrad(g, .rate = rate, .rate_decay = 0.2, .decay = 0.1, .eps = 1e-4);
    if (!strcmp(name, "adadelta")) return wg_adadelta(g, .rate = rate);
    if (!strcmp(name, "adadelta with decay"))
        return wg_adadelta(g, .rate = rate, .keep = 0.7, .eps = 1e-2, .decay = 0.1);
    if (!strcmp(name, "lion")) return wg_lion(g, .rate = rate);
    if (!strcmp(name, "lion with decay"))
        return wg_lion(g, .rate = rate, .beta1 = 0.8, .beta2 = 0.6, .decay = 0.3);
    return wg_adam(g, .rate = rate, .beta1 = 0.6, .beta2 = 0.75, .eps = 1e-3);
}

/* Runs optimiser _i on a param of this dtype, and compares where it gets. */
static void expect_path(int i, wg_dtype dtype, double tolerance)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *p = wg_param(tape, "p", dtype, WG_SHAPE(ELEMENTS)), *loss = loss_of(p);
    float      start[ELEMENTS];
    for (int k = 0; k < ELEMENTS; k++) start[k] = (float)optimiser_start[k];
    if (dtype == WG_F64)
        wg_write(p, optimiser_start, ELEMENTS);
    else
        wg_write(p, start, ELEMENTS);
    wg_tensor *rate = wg_scalar(tape, "rate", 0.05);
    wg_plan   *step =
        wg_plan_new(loss, .updates = updates_of(optimisers[i].name, wg_backward(loss), rate));
    for (int at = 0, run = 0; at < 3; at++) {
        for (; run < optimiser_steps[at]; run++) EXPECT(wg_plan_run(step));
        for (int k = 0; k < ELEMENTS; k++)
            EXPECT_CLOSE(wg_element(p, k), optimisers[i].reached[at][k], tolerance);
    }
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}

START_TEST(an_optimiser_goes_where_pytorchs_goes)
{
    expect_path(_i, WG_F64, 1e-12);
    expect_path(_i, WG_F32, 1e-5);
}
END_TEST

/* The update of p after one step is a function of p like any other. */
START_TEST(a_step_of_adam_can_be_derived)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *p = wg_param(tape, "p", WG_F64, WG_SHAPE(ELEMENTS)),
              *rate = wg_scalar(tape, "r", 0.05);
    wg_write(p, optimiser_start, ELEMENTS);
    const wg_tensors updates = wg_adamw(wg_backward(loss_of(p)), .rate = rate, .decay = 0.3);
    EXPECT(updates.count == 4);
    wg_tensor *moved = wg_sum(updates.at[3]), *slope = wg_derivative(moved, p);
    wg_tensor *by_rate = wg_derivative(moved, rate);
    /* p' = (1 - 0.3 r) p - r g / (|g| + eps) at first, which depends on p by its first term. */
    double sum = 0;
    for (int k = 0; k < ELEMENTS; k++) {
        const double x = optimiser_start[k], g = x * x * x - 2.6 * x + 0.7;
        EXPECT_CLOSE(wg_element(slope, k), 1 - 0.3 * 0.05, 1e-6);
        sum -= 0.3 * x + g / (fabs(g) + 1e-8);
    }
    EXPECT_CLOSE(wg_item(by_rate), sum, 1e-9);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(states_are_named_after_their_param)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *p = wg_param(tape, "layer/p", WG_F64, WG_SHAPE(ELEMENTS));
    wg_adam(wg_backward(loss_of(p)), .rate = wg_scalar(tape, "r", 0.05));
    const char *const wanted[] = {"layer/p", "r", "adam_step", "layer/p/adam_mean",
                                  "layer/p/adam_square"};
    const wg_tensors  leaves = wg_leaves(tape);
    EXPECT(leaves.count == 5);
    for (int i = 0; i < leaves.count; i++) EXPECT_TEXT(wg_name_of(leaves.at[i]), wanted[i]);
    wg_tape_free(tape);
}
END_TEST

/* Records Adam with these settings; the error must say so, and no update may come. */
static void expect_refused(struct wg_adam adam, const char *reason)
{
    wg_tape   *tape = wg_tape_new();
    wg_tensor *p = wg_param(tape, "p", WG_F64, WG_SHAPE(ELEMENTS));
    adam.gradients = wg_backward(loss_of(p));
    if (!adam.rate) adam.rate = wg_scalar(tape, "r", 0.05);
    EXPECT(wg_adam_with(adam).count == 0);
    EXPECT_MSG(wg_tape_error(tape) && strstr(wg_tape_error(tape), reason), "\"%s\" without \"%s\"",
               wg_tape_error(tape), reason);
    wg_tape_free(tape);
}

START_TEST(settings_out_of_range_are_refused)
{
    expect_refused((struct wg_adam){.beta1 = 1}, "adam: beta1 1 is out of range, 0 <= beta < 1");
    expect_refused((struct wg_adam){.beta2 = -0.5}, "adam: beta2 -0.5 is out of range");
    expect_refused((struct wg_adam){.beta2 = NAN}, "adam: beta2 nan is out of range");
    expect_refused((struct wg_adam){.eps = -1}, "adam: eps -1 and decay 0 must not be negative");
    expect_refused((struct wg_adam){.decay = -1}, "and decay -1 must not be negative");
    expect_refused((struct wg_adam){.decay = INFINITY}, "and decay inf must not");
}
END_TEST

static void expect_none(wg_tape *tape, wg_tensors updates, const char *part)
{
    const char *error = wg_tape_error(tape);
    EXPECT(updates.count == 0);
    EXPECT_MSG(error && strstr(error, part), "%s", error ? error : "no error");
    wg_tape_error_clear(tape);
}

START_TEST(the_other_optimisers_refuse_what_makes_no_sense)
{
    wg_tape            *tape = wg_tape_new();
    wg_tensor          *p = wg_param(tape, "p", WG_F64, WG_SHAPE(ELEMENTS));
    const wg_gradients *g = wg_backward(loss_of(p));
    wg_tensor          *rate = wg_scalar(tape, "rate", 0.05);
    expect_none(tape, wg_rmsprop(g, .rate = rate, .keep = 1), "rmsprop: keep 1 is out of range");
    expect_none(tape, wg_rmsprop(g, .rate = rate, .momentum = NAN), "rmsprop: momentum nan");
    expect_none(tape, wg_adagrad(g, .rate = rate, .eps = -1), "adagrad: eps -1 is out of range");
    expect_none(tape, wg_adadelta(g, .rate = rate, .decay = -2), "adadelta: decay -2 is out");
    expect_none(tape, wg_lion(g, .rate = rate, .beta2 = 1.5), "lion: beta2 1.5 is out of range");
    expect_none(tape, wg_lion(g, .rate = NULL), "lion: no rate is given");
    expect_none(tape, wg_sgd(g, .rate = rate, .decay = -1), "sgd: decay -1 must not be negative");
    expect_none(tape, wg_sgd(g, .rate = rate, .nesterov = true), "nesterov wants momentum");
    EXPECT(wg_rmsprop(NULL).count == 0 && wg_adagrad(NULL).count == 0);
    EXPECT(wg_adadelta(NULL).count == 0 && wg_lion(NULL).count == 0);
    EXPECT_TEXT(wg_tape_error(tape), NULL);
    wg_tape_free(tape);
}
END_TEST

START_TEST(a_bad_rate_is_refused)
{
    wg_tape            *tape = wg_tape_new();
    wg_tensor          *p = wg_param(tape, "p", WG_F64, WG_SHAPE(ELEMENTS));
    const wg_gradients *g = wg_backward(loss_of(p));
    EXPECT(wg_adamw(g).count == 0);
    EXPECT(strstr(wg_tape_error(tape), "adamw: no rate is given; see wg_scalar"));
    wg_tape_error_clear(tape);
    EXPECT(wg_adamw(g, .rate = p).count == 0);
    EXPECT(strstr(wg_tape_error(tape), "adamw: the rate has 5 elements, wanted is one"));
    wg_tape_error_clear(tape);
    EXPECT(wg_adam(g, .rate = wg_input(tape, "i", WG_I32, WG_SCALAR)).count == 0);
    EXPECT(strstr(wg_tape_error(tape), "adam: the rate has dtype i32, wanted is f32 or f64"));
    wg_tape_error_clear(tape);
    wg_tensor *rate = wg_scalar(tape, "rate", 0.05);
    expect_none(tape, wg_sgd(g, .rate = rate, .momentum_now = p), "sgd: the momentum has 5 elem");
    expect_none(tape, wg_rmsprop(g, .rate = rate, .momentum_now = p), "rmsprop: the momentum has");
    expect_none(tape, wg_adamw(g, .rate = rate, .beta1_now = p), "adamw: the beta1 has 5 elements");
    EXPECT(wg_adam(NULL, .rate = p).count == 0);
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nn: optimisers");
    TCase *cases = tcase_create("optimisers");
    tcase_add_loop_test(cases, an_optimiser_goes_where_pytorchs_goes, 0, COUNT);
    tcase_add_test(cases, a_step_of_adam_can_be_derived);
    tcase_add_test(cases, states_are_named_after_their_param);
    tcase_add_test(cases, settings_out_of_range_are_refused);
    tcase_add_test(cases, the_other_optimisers_refuse_what_makes_no_sense);
    tcase_add_test(cases, a_bad_rate_is_refused);
    suite_add_tcase(suite, cases);
    return expect_run(suite);
}
