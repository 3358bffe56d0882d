// SPDX-License-Identifier: MIT
/* What the loop does around an optimiser: batches gathered, bad ones left out, weights averaged. */
#include "../formats/scratch.h"
#include "../support/expect.h"
#include "../support/failing.h"

#include <stdio.h>
#include <wengert/wengert.h>

enum { SAMPLES = 16 };

/* Samples of two numbers, and what is wanted of them. */
typedef struct setting {
    wg_array   x, y;
    float      place[SAMPLES * 2], wanted[SAMPLES];
    wg_tape   *tape;
    wg_loader *loader, *unseen;
} setting;

/* tanh layers with a batch norm between, in f64 so that sums may differ in their order. */
static wg_model network(wg_tape *tape, int64_t batch, bool training, void *context)
{
    wg_model m = {.x = wg_input(tape, "x", WG_F32, WG_SHAPE(batch, 2)),
                  .y = wg_input(tape, "y", WG_F32, WG_SHAPE(batch))};
    wg_tape_train(tape, training);
    wg_tensor *h = wg_tanh(wg_nn_linear(wg_cast(m.x, WG_F64), "first", .outputs = 5));
    if (context) h = wg_nn_batch_norm(h, "norm");
    m.output = wg_reshape(wg_nn_linear(h, "last", .outputs = 1), WG_SHAPE(batch));
    m.loss = wg_mse_loss(m.output, wg_cast(m.y, WG_F64));
    return m;
}

static wg_tensors adam(const wg_gradients *gradients, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_adam(gradients, .rate = rate);
}

static void set_up(setting *s, int64_t batch)
{
    char reason[WG_REASON] = "";
    for (int i = 0; i < SAMPLES; i++) {
        s->place[2 * i] = (float)cos(0.7 * i);
        s->place[2 * i + 1] = (float)sin(0.7 * i);
        s->wanted[i] = (float)sin(1.9 * i);
    }
    s->x = (wg_array){.data = s->place};
    s->y = (wg_array){.data = s->wanted};
    EXPECT(wg_type_make(WG_F32, WG_SHAPE(SAMPLES, 2), &s->x.type));
    EXPECT(wg_type_make(WG_F32, WG_SHAPE(SAMPLES), &s->y.type));
    struct wg_loader_settings settings = {
        .x = &s->x, .y = &s->y, .batch = batch, .shuffle = true, .seed = 3};
    s->tape = wg_tape_new();
    s->loader = wg_loader_new(&settings, reason);
    settings.shuffle = false;
    s->unseen = wg_loader_new(&settings, reason);
    EXPECT_TEXT(reason, "");
}

static void tear_down(setting *s)
{
    wg_loader_free(s->loader);
    wg_loader_free(s->unseen);
    wg_tape_free(s->tape);
}

static struct wg_training training_of(setting *s, int64_t epochs, int64_t steps)
{
    return (struct wg_training){.tape = s->tape,
                                .network = network,
                                .loader = s->loader,
                                .optimiser = adam,
                                .epochs = epochs,
                                .schedule = wg_schedule_cosine(0.1, epochs * steps, 0)};
}

static void expect_params(wg_tape *a, wg_tape *b, double tolerance)
{
    const wg_tensors p = wg_params(a), q = wg_params(b);
    EXPECT(p.count == 4 && q.count == 4);
    for (int i = 0; i < p.count; i++)
        for (int64_t k = 0; k < wg_count_of(p.at[i]); k++)
            EXPECT_CLOSE(wg_element(p.at[i], k), wg_element(q.at[i], k), tolerance);
}

START_TEST(gathered_batches_train_as_large_ones_do)
{
    wg_end  end;
    setting large, small;
    set_up(&large, 8);
    set_up(&small, 2);
    struct wg_training training = training_of(&large, 6, 2);
    EXPECT(wg_train(&training, &end) && end == WG_END_DONE);
    training = training_of(&small, 6, 2);
    training.accumulate = 4;
    EXPECT(wg_train(&training, &end) && end == WG_END_DONE);
    EXPECT_TEXT(wg_tape_error(small.tape), NULL);
    expect_params(large.tape, small.tape, 1e-12);
    EXPECT(wg_tape_plans(small.tape) == 2);
    tear_down(&large);
    tear_down(&small);
}
END_TEST

static bool until_batch_7(const wg_model *model, int64_t step, void *context)
{
    (void)model, (void)context;
    return step < 7;
}

START_TEST(it_goes_on_among_gathered_batches_with_the_same_bits)
{
    wg_end  end;
    setting whole, parts;
    char    path[SCRATCH_PATH];
    set_up(&whole, 2);
    struct wg_training training = training_of(&whole, 3, 2);
    training.accumulate = 5; /* which does not divide the eight of an epoch */
    training.average = 0.9;
    training.guard = WG_GUARD_SKIP;
    EXPECT(wg_train(&training, &end) && end == WG_END_DONE);
    training.checkpoint = scratch_path("net.safetensors", path);
    for (int part = 0; part < 2; part++) {
        set_up(&parts, 2);
        training.tape = parts.tape;
        training.loader = parts.loader;
        training.after_step = part ? NULL : until_batch_7;
        EXPECT(wg_train(&training, &end) && end == (part ? WG_END_DONE : WG_END_ASKED));
        EXPECT_TEXT(wg_tape_error(parts.tape), NULL);
        if (part) expect_params(whole.tape, parts.tape, 0);
        tear_down(&parts);
    }
    tear_down(&whole);
    remove(path);
}
END_TEST

/* What the functions below are told. */
typedef struct told {
    int     count;
    int64_t step, skipped;
    char    text[600];
} told;

static void note_skipped(const wg_not_finite *found, int64_t step, void *context)
{
    told *t = context;
    t->count++;
    t->step = step;
    snprintf(t->text, sizeof t->text, "%s", found->text);
}

static bool note_epoch(const wg_epoch *epoch, void *context)
{
    ((told *)context)->skipped = epoch->skipped;
    EXPECT(isfinite(epoch->loss));
    return true;
}

START_TEST(a_bad_batch_is_left_out_and_told)
{
    for (int gathers = 0; gathers < 2; gathers++) {
        wg_end  end;
        told    seen = {.count = 0};
        setting s;
        set_up(&s, 4);
        s.place[5] = NAN;
        struct wg_training training = training_of(&s, 3, 4);
        training.guard = WG_GUARD_SKIP;
        training.accumulate = gathers ? 2 : 0;
        training.skipped = note_skipped;
        training.after_epoch = note_epoch;
        training.context = &seen; /* and the network has a batch norm */
        EXPECT(wg_train(&training, &end) && end == WG_END_DONE);
        EXPECT_TEXT(wg_tape_error(s.tape), NULL);
        EXPECT(seen.count == 3 && seen.skipped == 3 && seen.step >= 8 && seen.step < 12);
        EXPECT_MSG(strstr(seen.text, "the gradient of \"first/weight\" is not finite; the first "
                                     "such value comes from input \"x\""),
                   "%s", seen.text);
        const wg_tensors leaves = wg_leaves(s.tape);
        for (int i = 0; i < leaves.count; i++)
            for (int64_t k = 0; k < wg_count_of(leaves.at[i]); k++)
                EXPECT(wg_role_of(leaves.at[i]) == WG_INPUT ||
                       isfinite(wg_element(leaves.at[i], k)));
        tear_down(&s);
    }
}
END_TEST

static void expect_error(wg_tape *tape, const char *text)
{
    const char *error = wg_tape_error(tape);
    EXPECT_MSG(error && strstr(error, "test_steps.c:") && strstr(error, text), "%s",
               error ? error : "no error");
    wg_tape_error_clear(tape);
}

START_TEST(a_guard_that_stops_says_why)
{
    setting s;
    set_up(&s, 4);
    s.place[5] = INFINITY;
    struct wg_training training = training_of(&s, 3, 4);
    training.guard = WG_GUARD_STOP;
    EXPECT(!wg_train(&training, NULL));
    EXPECT(strstr(wg_tape_error(s.tape), "train: in step "));
    expect_error(s.tape, " the gradient of \"first/weight\" is not finite; the first such value "
                         "comes from input \"x\"");
    tear_down(&s);
}
END_TEST

START_TEST(unseen_samples_and_the_best_weights_are_those_of_the_average)
{
    wg_end      end;
    double      loss;
    setting     s;
    char        path[SCRATCH_PATH];
    wg_history *history = wg_history_new(wg_train_columns, WG_TRAIN_COLUMNS, NULL);
    set_up(&s, 4);
    struct wg_training training = training_of(&s, 3, 4);
    training.validation = s.unseen;
    training.average = 0.8;
    training.history = history;
    training.best = scratch_path("best.safetensors", path);
    EXPECT(wg_train(&training, &end) && end == WG_END_DONE);
    EXPECT(wg_evaluate(s.tape, network, s.unseen, NULL, &loss, NULL));
    EXPECT(loss != wg_history_row(history, 2)[4]);
    EXPECT(wg_average_swap(s.tape));
    EXPECT(wg_evaluate(s.tape, network, s.unseen, NULL, &loss, NULL));
    EXPECT(loss == wg_history_row(history, 2)[4]);
    EXPECT(wg_weights_load(s.tape, path, .params_only = true));
    EXPECT(wg_evaluate(s.tape, network, s.unseen, NULL, &loss, NULL));
    double least = INFINITY;
    for (int e = 0; e < 3; e++) least = fmin(least, wg_history_row(history, e)[4]);
    EXPECT(loss == least);
    EXPECT_TEXT(wg_tape_error(s.tape), NULL);
    wg_history_free(history);
    tear_down(&s);
    remove(path);
}
END_TEST

START_TEST(settings_out_of_range_are_refused)
{
    setting s;
    set_up(&s, 4);
    struct wg_training training = training_of(&s, 1, 4);
    training.accumulate = -1;
    EXPECT(!wg_train(&training, NULL));
    expect_error(s.tape, "accumulate: -1 batches, wanted is one or more");
    training.accumulate = 1;
    training.average = 1.5;
    EXPECT(!wg_train(&training, NULL));
    expect_error(s.tape, "average: decay 1.5 is out of range, 0 <= decay < 1");
    tear_down(&s);
}
END_TEST

static wg_tensors cycled_adam(const wg_gradients *gradients, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_adam(gradients, .rate = rate,
                   .beta1_now = wg_scalar(wg_tape_of(rate), "momentum", 0));
}

static bool train_a_little(const wg_allocator *allocator, void *context)
{
    setting *s = context;
    s->tape = wg_tape_new_with(&(wg_tape_options){.allocator = allocator});
    if (!s->tape) return false;
    struct wg_training training = training_of(s, 1, 2);
    training.validation = s->unseen;
    training.guard = WG_GUARD_SKIP;
    training.accumulate = 2;
    training.average = 0.9;
    training.optimiser = cycled_adam;
    training.momentum = wg_schedule_one_cycle_momentum(0.85, 0.95, 2);
    wg_loader_seek(s->loader, 0, 0);
    const bool good = wg_train(&training, NULL);
    EXPECT(good == !wg_tape_error(s->tape));
    wg_tape_free(s->tape);
    return good;
}

START_TEST(without_memory_it_fails_and_leaves_nothing_behind)
{
    setting s;
    set_up(&s, 8);
    wg_tape_free(s.tape);
    EXPECT(failing_sweep(train_a_little, &s) > 100);
    s.tape = NULL;
    tear_down(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("train: steps");
    TCase *tests = tcase_create("steps");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    tcase_add_test(tests, gathered_batches_train_as_large_ones_do);
    tcase_add_test(tests, it_goes_on_among_gathered_batches_with_the_same_bits);
    tcase_add_test(tests, a_bad_batch_is_left_out_and_told);
    tcase_add_test(tests, a_guard_that_stops_says_why);
    tcase_add_test(tests, unseen_samples_and_the_best_weights_are_those_of_the_average);
    tcase_add_test(tests, settings_out_of_range_are_refused);
    tcase_add_test(tests, without_memory_it_fails_and_leaves_nothing_behind);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
