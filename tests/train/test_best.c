// SPDX-License-Identifier: MIT
/* Which epoch is the best: by loss, accuracy or a number of the program's, and what follows of it. */
#include "../formats/scratch.h"
#include "../support/expect.h"

#include <stdio.h>
#include <wengert/wengert.h>

enum { SAMPLES = 4, EPOCHS = 6 };

static const double losses[EPOCHS] = {3, 2, 1.95, 2.5, 1.8, 1.85};
static const int    rights[EPOCHS] = {1, 2, 2, 1, 3, 3}; /* of the samples */

/* Four samples of class 0, and what the functions below are told. */
typedef struct setting {
    double place[SAMPLES], weight; /* weight: the param after the best epoch */
    int64_t class[SAMPLES];
    wg_array   x, y;
    wg_tape   *tape;
    wg_loader *seen, *unseen;
    bool       judged_seen; /* the numbers above are those of the training's samples */
    int        epoch;       /* recorded last, from 0 */
    char       found[3 * EPOCHS];
} setting;

/* Training: its loss moves the param. Else: loss and accuracy are those of the epoch above. */
static wg_model network(wg_tape *tape, int64_t batch, bool training, void *context)
{
    setting   *s = context;
    wg_model   m = {.x = wg_input(tape, "x", WG_F64, WG_SHAPE(batch)),
                    .y = wg_input(tape, "y", WG_I64, WG_SHAPE(batch))};
    wg_tensor *w = wg_param(tape, "w", WG_F64, WG_SCALAR);
    const bool told = training == s->judged_seen;
    const int  right = told ? rights[s->epoch] : SAMPLES;
    /* of class 1 is what lies behind the first ones */
    m.output = wg_stack(WG_TENSORS(wg_mul(m.x, 0), wg_sub(m.x, right - 0.5)), 1);
    m.loss = wg_add(wg_mul(wg_mean(m.x), 0), told ? losses[s->epoch] : 0);
    if (training) m.loss = wg_add(m.loss, wg_sub(w, wg_detach(w)));
    return m;
}

/* It remembers something. */
static wg_tensors momentum(const wg_gradients *gradients, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_sgd(gradients, .rate = rate, .momentum = 0.9);
}

/* True when a program that knows the network alone can load the file. */
static bool is_of_network(const char *path)
{
    wg_tape *tape = wg_tape_new();
    wg_param(tape, "w", WG_F64, WG_SCALAR);
    const bool good = wg_weights_load(tape, path) && !wg_tape_error(tape);
    wg_tape_free(tape);
    return good;
}

static bool note_epoch(const wg_epoch *epoch, void *context)
{
    setting *s = context;
    EXPECT(epoch->validated == !s->judged_seen);
    EXPECT(!epoch->unseen_scores == s->judged_seen);
    if (epoch->best) s->weight = wg_item(wg_param_find(s->tape, "w"));
    strcat(s->found, epoch->best ? "b" : ".");
    s->epoch++;
    return true;
}

static void begin(setting *s)
{
    s->tape = wg_tape_new();
    s->epoch = 0;
    *s->found = '\0';
}

static void set_up(setting *s)
{
    char reason[WG_REASON] = "";
    *s = (setting){.x = {.data = s->place}, .y = {.data = s->class}};
    for (int i = 0; i < SAMPLES; i++) s->place[i] = i;
    EXPECT(wg_type_make(WG_F64, WG_SHAPE(SAMPLES), &s->x.type));
    EXPECT(wg_type_make(WG_I64, WG_SHAPE(SAMPLES), &s->y.type));
    struct wg_loader_settings settings = {
        .x = &s->x, .y = &s->y, .batch = SAMPLES, .dtype = WG_F64};
    s->seen = wg_loader_new(&settings, reason);
    s->unseen = wg_loader_new(&settings, reason);
    EXPECT_TEXT(reason, "");
    begin(s);
}

static void tear_down(setting *s)
{
    wg_loader_free(s->seen);
    wg_loader_free(s->unseen);
    wg_tape_free(s->tape);
}

static struct wg_training training_of(setting *s)
{
    return (struct wg_training){.tape = s->tape,
                                .network = network,
                                .loader = s->seen,
                                .validation = s->judged_seen ? NULL : s->unseen,
                                .classes = 2,
                                .epochs = EPOCHS,
                                .rate = 0.5,
                                .after_epoch = note_epoch,
                                .context = s};
}

/* Trains anew and says which epochs were the best so far. */
static void expect_best(setting *s, struct wg_training training, const char *wanted, wg_end how)
{
    wg_end end;
    wg_tape_free(s->tape);
    begin(s);
    training.tape = s->tape;
    EXPECT(wg_train(&training, &end) && end == how);
    EXPECT_TEXT(s->found, wanted);
    EXPECT_TEXT(wg_tape_error(s->tape), NULL);
}

START_TEST(the_loss_is_watched_and_must_become_better_by_so_much)
{
    setting s;
    set_up(&s);
    for (int seen = 0; seen < 2; seen++) {
        s.judged_seen = seen;
        struct wg_training training = training_of(&s);
        expect_best(&s, training, "bbb.b.", WG_END_DONE);
        training.better_by = 0.1;
        expect_best(&s, training, "bb..b.", WG_END_DONE);
        training.patience = 2;
        expect_best(&s, training, "bb..", WG_END_PATIENCE);
        training.better_by = 1;
        training.patience = 3; /* 2 is better than 3 by 1, not by more */
        expect_best(&s, training, "b.b...", WG_END_PATIENCE);
    }
    tear_down(&s);
}
END_TEST

START_TEST(the_accuracy_is_watched_when_asked_for)
{
    setting s;
    set_up(&s);
    for (int seen = 0; seen < 2; seen++) {
        s.judged_seen = seen;
        struct wg_training training = training_of(&s);
        training.watch = wg_watch_accuracy;
        training.rising = true;
        expect_best(&s, training, "bb..b.", WG_END_DONE);
        training.better_by = 0.3; /* from 1/4 to 3/4 */
        expect_best(&s, training, "b...b.", WG_END_DONE);
    }
    tear_down(&s);
}
END_TEST

static double recall(const wg_epoch *epoch, void *context)
{
    (void)context;
    return wg_scores_recall(epoch->unseen_scores, 0);
}

static double sometimes_none(const wg_epoch *epoch, void *context)
{
    (void)context;
    return epoch->epoch % 2 ? NAN : (double)epoch->epoch;
}

START_TEST(a_program_may_watch_a_number_of_its_own)
{
    setting s;
    set_up(&s);
    struct wg_training training = training_of(&s);
    training.watch = recall;
    training.rising = true;
    expect_best(&s, training, "bb..b.", WG_END_DONE);
    training.watch = sometimes_none;
    expect_best(&s, training, ".b.b.b", WG_END_DONE);
    training.rising = false;
    expect_best(&s, training, ".b....", WG_END_DONE);
    tear_down(&s);
}
END_TEST

START_TEST(the_best_weights_are_those_of_what_is_watched_wherever_it_was_stopped)
{
    for (int64_t first = 0; first < EPOCHS; first++) {
        setting s;
        char    path[SCRATCH_PATH], best[SCRATCH_PATH];
        set_up(&s);
        struct wg_training training = training_of(&s);
        training.watch = wg_watch_accuracy;
        training.rising = true;
        training.optimiser = momentum;
        training.best = scratch_path("best.safetensors", best);
        training.checkpoint = scratch_path("net.safetensors", path);
        training.epochs = first;
        EXPECT(wg_train(&training, NULL));
        training.epochs = EPOCHS;
        EXPECT(wg_train(&training, NULL));
        EXPECT_TEXT(s.found, "bb..b.");
        EXPECT(wg_item(wg_param_find(s.tape, "w")) != s.weight && s.weight != 0);
        EXPECT(is_of_network(best) && !is_of_network(path));
        EXPECT(wg_weights_load(s.tape, best) && wg_item(wg_param_find(s.tape, "w")) == s.weight);
        tear_down(&s);
        remove(path);
        remove(best);
    }
}
END_TEST

START_TEST(a_plateau_is_given_what_is_watched)
{
    static const double wanted[EPOCHS] = {1, 1, 1, 0.5, 0.25, 0.25};
    setting             s;
    set_up(&s);
    struct wg_training training = training_of(&s);
    training.watch = wg_watch_accuracy;
    training.rising = true;
    training.plateau = (struct wg_plateau){.rate = 1, .factor = 0.5};
    training.history = wg_history_new(wg_train_columns, WG_TRAIN_COLUMNS, NULL);
    expect_best(&s, training, "bb..b.", WG_END_DONE);
    for (int e = 0; e < EPOCHS; e++)
        EXPECT_CLOSE(wg_history_row(training.history, e)[1], wanted[e], 0);
    wg_history_free(training.history);
    tear_down(&s);
}
END_TEST

START_TEST(what_cannot_be_watched_is_refused)
{
    setting s;
    set_up(&s);
    struct wg_training training = training_of(&s);
    training.watch = wg_watch_accuracy;
    for (int rising = 0; rising < 2; rising++) {
        training.rising = rising;
        training.classes = rising ? 0 : 2;
        EXPECT(!wg_train(&training, NULL) && s.epoch == 0);
        EXPECT_SAYS(wg_tape_error(s.tape), "to watch the accuracy wants classes and rising");
        wg_tape_error_clear(s.tape);
    }
    training.watch = NULL;
    for (int i = 0; i < 3; i++) {
        training.better_by = (const double[]){-1e-9, NAN, INFINITY}[i];
        EXPECT(!wg_train(&training, NULL) && s.epoch == 0);
        EXPECT_SAYS(wg_tape_error(s.tape), "better_by must not be negative");
        wg_tape_error_clear(s.tape);
    }
    tear_down(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("train: best");
    TCase *tests = tcase_create("best");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    tcase_add_test(tests, the_loss_is_watched_and_must_become_better_by_so_much);
    tcase_add_test(tests, the_accuracy_is_watched_when_asked_for);
    tcase_add_test(tests, a_program_may_watch_a_number_of_its_own);
    tcase_add_test(tests, the_best_weights_are_those_of_what_is_watched_wherever_it_was_stopped);
    tcase_add_test(tests, a_plateau_is_given_what_is_watched);
    tcase_add_test(tests, what_cannot_be_watched_is_refused);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
