// SPDX-License-Identifier: MIT
/* Rates of schedules against PyTorch's. */
#include "../formats/scratch.h"
#include "../support/expect.h"

#include "../golden/schedules.h"

#include <wengert/wengert.h>

enum { STEPS = 40 };

static void expect_rates(wg_schedule schedule, const double *wanted)
{
    for (int t = 0; t < STEPS; t++) EXPECT_CLOSE(wg_schedule_at(&schedule, t), wanted[t], 1e-14);
}

START_TEST(rates_are_pytorchs)
{
    static const int64_t at[] = {3, 11, 30};
    expect_rates(wg_schedule_steps(0.3, 7, 0.5), golden_steps);
    expect_rates(wg_schedule_milestones(0.3, at, 3, 0.2), golden_milestones);
    expect_rates(wg_schedule_exponential(0.3, 0.93), golden_exponential);
    expect_rates(wg_schedule_cosine(0.3, STEPS, 0.01), golden_cosine);
    expect_rates(wg_schedule_restarts(0.3, 5, 2, 0.02), golden_restarts);
    expect_rates(wg_schedule_one_cycle(0.1, STEPS), golden_one_cycle);
    expect_rates(wg_schedule_one_cycle_momentum(0.85, 0.95, STEPS), golden_one_cycle_momentum);
    wg_schedule warm = wg_schedule_cosine(0.3, STEPS - 6, 0.01);
    warm.warm_up = 6;
    warm.warm_from = 0.25;
    expect_rates(warm, golden_warm_up);
}
END_TEST

START_TEST(behind_their_end_rates_stay)
{
    const wg_schedule cosine = wg_schedule_cosine(0.3, 10, 0.01),
                      cycle = wg_schedule_one_cycle(0.1, 10);
    const wg_schedule constant = wg_schedule_constant(0.7);
    EXPECT_CLOSE(wg_schedule_at(&cosine, 10), 0.01, 0);
    EXPECT_CLOSE(wg_schedule_at(&cosine, 1000), 0.01, 0);
    EXPECT_CLOSE(wg_schedule_at(&cycle, 1000), 0.1 / 250000, 1e-16);
    EXPECT_CLOSE(wg_schedule_at(&constant, 12345), 0.7, 0);
}
END_TEST

START_TEST(steps_and_growths_below_1_stand_for_1)
{
    for (int64_t none = -1; none <= 0; none++) {
        const wg_schedule given[] = {
            wg_schedule_steps(0.3, none, 0.5), wg_schedule_cosine(0.3, none, 0.01),
            wg_schedule_restarts(0.3, none, none, 0.02), wg_schedule_restarts(0.3, 5, none, 0.02),
            wg_schedule_one_cycle(0.1, none)};
        const wg_schedule meant[] = {
            wg_schedule_steps(0.3, 1, 0.5), wg_schedule_cosine(0.3, 1, 0.01),
            wg_schedule_restarts(0.3, 1, 1, 0.02), wg_schedule_restarts(0.3, 5, 1, 0.02),
            wg_schedule_one_cycle(0.1, 1)};
        for (int i = 0; i < 5; i++)
            for (int t = 0; t < STEPS; t++) {
                const double rate = wg_schedule_at(&given[i], t);
                EXPECT_MSG(rate == wg_schedule_at(&meant[i], t) && isfinite(rate), "%d: %g", i,
                           rate);
            }
    }
}
END_TEST

START_TEST(restarts_have_a_rate_at_any_step)
{
    const wg_schedule even = wg_schedule_restarts(0.3, 3, 1, 0.02),
                      wide = wg_schedule_restarts(0.3, 2, INT64_MAX, 0.02);
    EXPECT_CLOSE(wg_schedule_at(&even, INT64_MAX / 3 * 3), 0.3, 0);
    EXPECT_CLOSE(wg_schedule_at(&wide, 1), 0.16, 1e-15);
    EXPECT_CLOSE(wg_schedule_at(&wide, 2), 0.3, 0);
    EXPECT(wg_schedule_at(&wide, INT64_MAX) < 0.0201);
}
END_TEST

static double triangle(const wg_schedule *schedule, int64_t t)
{
    const int64_t half = schedule->steps / 2, at = t % schedule->steps;
    return schedule->rate * (double)(at < half ? at : schedule->steps - at) / (double)half;
}

START_TEST(a_schedule_may_be_a_programs_own)
{
    const wg_schedule own = {.at = triangle, .rate = 2, .steps = 8, .warm_up = 4};
    EXPECT_CLOSE(wg_schedule_at(&own, 2), 0, 0);
    EXPECT_CLOSE(wg_schedule_at(&own, 6), 1, 0);
    EXPECT_CLOSE(wg_schedule_at(&own, 8), 2, 0);
}
END_TEST

START_TEST(a_plateau_lowers_the_rate_as_pytorchs_does)
{
    const int         count = sizeof plateau_values / sizeof *plateau_values;
    struct wg_plateau plateau = {
        .rate = 0.3, .factor = 0.5, .patience = 2, .cooldown = 1, .least = 0.01};
    for (int i = 0; i < count; i++)
        EXPECT_CLOSE(wg_plateau_rate(&plateau, plateau_values[i]), golden_plateau[i], 1e-15);
    struct wg_plateau absolute = {
        .rate = 0.3, .factor = 0.5, .patience = 1, .threshold = 0.4, .absolute = true};
    struct wg_plateau negative = absolute;
    negative.rising = true;
    for (int i = 0; i < count; i++) {
        EXPECT_CLOSE(wg_plateau_rate(&absolute, plateau_values[i]), golden_absolute_plateau[i],
                     1e-15);
        EXPECT_CLOSE(wg_plateau_rate(&negative, -plateau_values[i]), golden_absolute_plateau[i],
                     1e-15);
    }
    const int         small_count = sizeof golden_small_plateau / sizeof *golden_small_plateau;
    struct wg_plateau small = {.rate = 3e-8};
    for (int i = 0; i < small_count; i++)
        EXPECT_CLOSE(wg_plateau_rate(&small, i < 2 ? INFINITY : 1), golden_small_plateau[i], 1e-15);
    struct wg_plateau rising = {.rate = 1, .patience = 1, .rising = true};
    const double      values[] = {1, 2, 2, 2, 3, 3, 3}, wanted[] = {1, 1, 1, 0.1, 0.1, 0.1, 0.01};
    for (int i = 0; i < 7; i++) EXPECT_CLOSE(wg_plateau_rate(&rising, values[i]), wanted[i], 1e-15);
}
END_TEST

/* A network whose loss of unseen samples is the next of the golden's values. */
static wg_model network(wg_tape *tape, int64_t batch, bool training, void *context)
{
    int       *next = context;
    wg_model   m = {.x = wg_input(tape, "x", WG_F64, WG_SHAPE(batch))};
    wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SCALAR);
    m.loss = wg_mean(wg_square(wg_mul(m.x, w)));
    if (!training) m.loss = wg_add(wg_mul(wg_sum(m.x), 0), plateau_values[(*next)++]);
    return m;
}

START_TEST(the_loop_lowers_its_rate_as_pytorchs_does)
{
    enum { EPOCHS = sizeof plateau_values / sizeof *plateau_values };
    char         reason[WG_REASON];
    const double x[] = {0.5, 2, 1, 0.25};
    int          next = 0;
    wg_array     samples = {.data = (void *)(uintptr_t)x};
    wg_tape     *tape = wg_tape_new();
    wg_history  *history = wg_history_new(wg_train_columns, WG_TRAIN_COLUMNS, NULL);
    EXPECT(wg_type_make(WG_F64, WG_SHAPE(4), &samples.type));
    struct wg_loader_settings settings = {.x = &samples, .batch = 4, .dtype = WG_F64};
    wg_loader *seen = wg_loader_new(&settings, reason), *unseen = wg_loader_new(&settings, reason);
    struct wg_training training = {
        .tape = tape,
        .network = network,
        .loader = seen,
        .validation = unseen,
        .epochs = EPOCHS,
        .plateau = {.rate = 0.3, .factor = 0.5, .patience = 2, .cooldown = 1, .least = 0.01},
        .history = history,
        .context = &next};
    EXPECT(wg_train(&training, NULL) && wg_history_rows(history) == EPOCHS);
    EXPECT_CLOSE(wg_history_row(history, 0)[1], 0.3, 0);
    for (int e = 1; e < EPOCHS; e++)
        EXPECT_CLOSE(wg_history_row(history, e)[1], golden_plateau[e - 1], 1e-15);
    wg_history_free(history);
    wg_loader_free(seen);
    wg_loader_free(unseen);
    wg_tape_free(tape);
}
END_TEST

/* The loss of make_schedules.py, whatever the sample is. */
static wg_model well(wg_tape *tape, int64_t batch, bool training, void *context)
{
    (void)training, (void)context;
    wg_model   m = {.x = wg_input(tape, "x", WG_F64, WG_SHAPE(batch))};
    wg_tensor *p = wg_param(tape, "p", WG_F64, WG_SHAPE(5)), *square = wg_square(p);
    wg_tensor *y = wg_sub(wg_mul(wg_square(square), 0.25), wg_mul(square, 1.3));
    m.loss = wg_add(wg_sum(wg_add(y, wg_mul(p, 0.7))), wg_mul(wg_sum(m.x), 0));
    return m;
}

static wg_tensors sgd(const wg_gradients *g, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_sgd(g, .rate = rate, .momentum_now = wg_scalar(wg_tape_of(rate), "momentum", 0));
}

static wg_tensors nesterov(const wg_gradients *g, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_sgd(g, .rate = rate, .momentum_now = wg_scalar(wg_tape_of(rate), "momentum", 0),
                  .nesterov = true, .decay = 0.1);
}

static wg_tensors rmsprop(const wg_gradients *g, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_rmsprop(g, .rate = rate, .momentum_now = wg_scalar(wg_tape_of(rate), "momentum", 0));
}

static wg_tensors adam(const wg_gradients *g, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_adam(g, .rate = rate, .beta1_now = wg_scalar(wg_tape_of(rate), "momentum", 0));
}

static wg_tensors adamw(const wg_gradients *g, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_adamw(g, .rate = rate, .decay = 0.3,
                    .beta1_now = wg_scalar(wg_tape_of(rate), "momentum", 0));
}

static wg_tensors constant_momentum(const wg_gradients *g, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_sgd(g, .rate = rate, .momentum = 0.9);
}

/* As the optimiser says, on a tape whose p is at the goldens' start. */
static bool train_well(wg_tape *tape, wg_optimiser *optimiser)
{
    char                      reason[WG_REASON];
    double                    x[] = {1};
    wg_array                  samples = {.data = x};
    struct wg_loader_settings settings = {.x = &samples, .batch = 1, .dtype = WG_F64};
    EXPECT(wg_type_make(WG_F64, WG_SHAPE(1), &samples.type));
    EXPECT(wg_write(wg_param(tape, "p", WG_F64, WG_SHAPE(5)), cycled_start, 5));
    wg_loader *loader = wg_loader_new(&settings, reason);
    const bool good = wg_train(
        &(struct wg_training){.tape = tape,
                              .network = well,
                              .loader = loader,
                              .optimiser = optimiser,
                              .epochs = STEPS,
                              .schedule = wg_schedule_one_cycle(0.05, STEPS),
                              .momentum = wg_schedule_one_cycle_momentum(0.85, 0.95, STEPS)},
        NULL);
    wg_loader_free(loader);
    return good;
}

START_TEST(a_cycled_momentum_goes_where_pytorchs_goes)
{
    static const struct {
        wg_optimiser *optimiser;
        const double *reached;
    } cases[] = {{sgd, golden_cycled_sgd},
                 {nesterov, golden_cycled_nesterov},
                 {rmsprop, golden_cycled_rmsprop},
                 {adam, golden_cycled_adam},
                 {adamw, golden_cycled_adamw}};
    for (int i = 0; i < 5; i++) {
        wg_tape *tape = wg_tape_new();
        EXPECT(train_well(tape, cases[i].optimiser));
        for (int k = 0; k < 5; k++)
            EXPECT_CLOSE(wg_element(wg_param_find(tape, "p"), k), cases[i].reached[k], 1e-12);
        wg_tape_free(tape);
    }
    wg_tape *tape = wg_tape_new();
    EXPECT(!train_well(tape, constant_momentum));
    EXPECT_SAYS(wg_tape_error(tape), "the optimiser has no scalar \"momentum\" to be scheduled");
    wg_tape_free(tape);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schedule");
    TCase *tests = tcase_create("schedule");
    tcase_add_test(tests, rates_are_pytorchs);
    tcase_add_test(tests, behind_their_end_rates_stay);
    tcase_add_test(tests, steps_and_growths_below_1_stand_for_1);
    tcase_add_test(tests, restarts_have_a_rate_at_any_step);
    tcase_add_test(tests, a_schedule_may_be_a_programs_own);
    tcase_add_test(tests, a_plateau_lowers_the_rate_as_pytorchs_does);
    tcase_add_test(tests, a_cycled_momentum_goes_where_pytorchs_goes);
    tcase_add_test(tests, the_loop_lowers_its_rate_as_pytorchs_does);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
