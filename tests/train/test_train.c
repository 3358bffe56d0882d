// SPDX-License-Identifier: MIT
/* The loop: the same bits as by hand, how it ends, and what it tells. */
#define _XOPEN_SOURCE 700 /* nanosleep, posix_openpt */
#include "../formats/scratch.h"
#include "../support/expect.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <wengert/wengert.h>

enum { SAMPLES = 22, BATCH = 8, CLASSES = 3 };

/* Points of a plane and in which third of it they lie. */
typedef struct points {
    wg_array x, y;
    float    place[SAMPLES * 2];
    int64_t class[SAMPLES];
} points;

static void make_points(points *p)
{
    for (int i = 0; i < SAMPLES; i++) {
        const double angle = 0.7 * i;
        p->place[2 * i] = (float)cos(angle);
        p->place[2 * i + 1] = (float)sin(angle);
        p->class[i] = (int64_t)(fmod(angle, 6.2832) / 2.0944);
    }
    p->x = (wg_array){.data = p->place};
    p->y = (wg_array){.data = p->class};
    EXPECT(wg_type_make(WG_F32, WG_SHAPE(SAMPLES, 2), &p->x.type));
    EXPECT(wg_type_make(WG_I64, WG_SHAPE(SAMPLES), &p->y.type));
}

/* The context counts the recordings that it is made to do. */
static wg_model network(wg_tape *tape, int64_t batch, bool training, void *context)
{
    if (context) ++*(int *)context;
    wg_model   m = {.x = wg_input(tape, "x", WG_F32, WG_SHAPE(batch, 2)),
                    .y = wg_input(tape, "y", WG_I64, WG_SHAPE(batch))};
    wg_tensor *w = wg_param(tape, "w", WG_F32, WG_SHAPE(16, 2));
    wg_tensor *b = wg_param(tape, "b", WG_F32, WG_SHAPE(16));
    wg_tensor *v = wg_param(tape, "v", WG_F32, WG_SHAPE(CLASSES, 16));
    wg_tensor *h = wg_tanh(wg_linear(m.x, w, b));
    m.output = wg_linear(training ? wg_dropout(h, 0.1) : h, v, NULL);
    m.loss = wg_cross_entropy(m.output, m.y);
    return m;
}

/* A tape whose params have their first values, and a loader. */
typedef struct setting {
    points     points;
    wg_tape   *tape;
    wg_loader *loader, *unseen;
} setting;

static void set_up(setting *s)
{
    char reason[WG_REASON] = "";
    make_points(&s->points);
    s->tape = wg_tape_new();
    network(s->tape, 1, true, NULL);
    EXPECT(wg_init_uniform(s->tape, 5));
    struct wg_loader_settings settings = {
        .x = &s->points.x, .y = &s->points.y, .batch = BATCH, .shuffle = true, .seed = 3};
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

static struct wg_training training_of(setting *s, int64_t epochs)
{
    return (struct wg_training){.tape = s->tape,
                                .network = network,
                                .loader = s->loader,
                                .classes = CLASSES,
                                .epochs = epochs,
                                .schedule = wg_schedule_cosine(0.5, epochs * 3, 0)};
}

/* The bytes of all params as a number. */
static uint64_t bits_of(wg_tape *tape)
{
    uint64_t         bits = 1;
    const wg_tensors params = wg_params(tape);
    for (int i = 0; i < params.count; i++) {
        const unsigned char *at = wg_values(params.at[i]);
        for (int64_t k = 0; k < 4 * wg_count_of(params.at[i]); k++) bits = bits * 31 + at[k];
    }
    return bits;
}

static void by_hand(setting *s, int64_t epochs)
{
    const wg_schedule schedule = wg_schedule_cosine(0.5, epochs * 3, 0);
    for (int64_t e = 0, step = 0; e < epochs; e++)
        for (const wg_batch *batch; (batch = wg_loader_next(s->loader)); step++) {
            wg_tape_clear(s->tape);
            const wg_model m = network(s->tape, batch->count, true, NULL);
            wg_tensor     *rate = wg_scalar(s->tape, "rate", 0);
            wg_plan       *plan =
                wg_plan_new(m.loss, .updates = wg_sgd(wg_backward(m.loss), .rate = rate));
            EXPECT(wg_batch_write(batch, m.x, m.y));
            wg_tape_set_run_number(s->tape, (uint64_t)step);
            EXPECT(wg_write_all(rate, wg_schedule_at(&schedule, step)) && wg_plan_run(plan));
        }
}

START_TEST(it_gives_the_bits_of_a_loop_by_hand_with_a_plan_for_each_size)
{
    wg_end  end;
    setting one, other;
    int     recordings = 0;
    set_up(&one);
    set_up(&other);
    by_hand(&one, 5);
    struct wg_training training = training_of(&other, 5);
    training.context = &recordings;
    EXPECT(wg_train(&training, &end) && end == WG_END_DONE);
    EXPECT_TEXT(wg_tape_error(other.tape), NULL);
    EXPECT(bits_of(one.tape) == bits_of(other.tape));
    EXPECT(wg_tape_plans(other.tape) == 2 && recordings == 10); /* whole batches, the last one */
    tear_down(&one);
    tear_down(&other);
}
END_TEST

static int64_t epochs_seen, best_epoch;

static bool note_epoch(const wg_epoch *epoch, void *context)
{
    (void)context;
    epochs_seen = epoch->epoch;
    if (epoch->best) best_epoch = epoch->epoch;
    return epoch->epoch < 4;
}

START_TEST(scores_and_losses_of_seen_and_unseen_samples_are_told)
{
    wg_end      end;
    setting     s;
    wg_history *history = wg_history_new(wg_train_columns, WG_TRAIN_COLUMNS, NULL);
    set_up(&s);
    struct wg_training training = training_of(&s, 40);
    training.validation = s.unseen;
    training.history = history;
    EXPECT(wg_train(&training, &end) && end == WG_END_DONE && wg_history_rows(history) == 40);
    const double *first = wg_history_row(history, 0), *last = wg_history_row(history, 39);
    EXPECT(first[0] == 1 && last[0] == 40 && last[4] < first[4] && last[5] > 0.9 && last[3] > 0.9);
    double     loss;
    wg_scores *scores = wg_scores_new(CLASSES, NULL);
    EXPECT(wg_evaluate(s.tape, network, s.unseen, NULL, &loss, scores));
    EXPECT_CLOSE(loss, last[4], 0);
    EXPECT_CLOSE(wg_scores_accuracy(scores), last[5], 0);
    EXPECT(wg_scores_count(scores) == SAMPLES && wg_tape_plans(s.tape) == 4);
    wg_scores_free(scores);
    wg_history_free(history);
    tear_down(&s);
}
END_TEST

static bool until_step_5(const wg_model *model, int64_t step, void *context)
{
    (void)model;
    (void)context;
    return step < 5;
}

START_TEST(it_ends_when_it_is_asked_to)
{
    wg_end  end;
    setting s;
    set_up(&s);
    struct wg_training training = training_of(&s, 10);
    training.after_epoch = note_epoch;
    EXPECT(wg_train(&training, &end) && end == WG_END_ASKED && epochs_seen == 4 && best_epoch > 0);
    training.after_epoch = NULL;
    training.after_step = until_step_5;
    EXPECT(wg_train(&training, &end) && end == WG_END_ASKED);
    training.after_step = NULL;
    training.stop = wg_catch_interrupt();
    EXPECT(*training.stop == 0 && raise(SIGINT) == 0);
    EXPECT(wg_train(&training, &end) && end == WG_END_STOPPED);
    training.stop = NULL;
    training.schedule = wg_schedule_constant(0); /* so nothing becomes better */
    training.patience = 2;
    training.validation = s.unseen;
    training.after_epoch = note_epoch;
    epochs_seen = 0;
    EXPECT(wg_train(&training, &end) && end == WG_END_PATIENCE && epochs_seen == 3);
    EXPECT_TEXT(wg_tape_error(s.tape), NULL);
    tear_down(&s);
}
END_TEST

START_TEST(it_goes_on_where_it_was_stopped_with_the_same_bits)
{
    wg_end  end;
    setting whole, parts;
    char    path[SCRATCH_PATH];
    set_up(&whole);
    set_up(&parts);
    struct wg_training training = training_of(&whole, 4);
    EXPECT(wg_train(&training, &end) && end == WG_END_DONE);
    training.tape = parts.tape;
    training.loader = parts.loader;
    training.checkpoint = scratch_path("net.safetensors", path);
    training.history = wg_history_new(wg_train_columns, WG_TRAIN_COLUMNS, NULL);
    training.after_step = until_step_5;
    EXPECT(wg_train(&training, &end) && end == WG_END_ASKED);
    wg_history_free(training.history);
    training.history = wg_history_new(wg_train_columns, WG_TRAIN_COLUMNS, NULL);
    tear_down(&parts); /* 5 steps: an epoch of 3, and 2 more */
    set_up(&parts);
    training.tape = parts.tape;
    training.loader = parts.loader;
    training.after_step = NULL;
    EXPECT(wg_train(&training, &end) && end == WG_END_DONE);
    EXPECT_TEXT(wg_tape_error(parts.tape), NULL);
    EXPECT(bits_of(whole.tape) == bits_of(parts.tape));
    EXPECT(wg_history_rows(training.history) == 4 && wg_history_row(training.history, 3)[0] == 4);
    EXPECT(wg_train(&training, &end) && end == WG_END_DONE); /* nothing is left to do */
    EXPECT(bits_of(whole.tape) == bits_of(parts.tape));
    wg_history_free(training.history);
    tear_down(&whole);
    tear_down(&parts);
    remove(path);
}
END_TEST

/* The error begins with the line of the call. */
static void expect_error(wg_tape *tape, const char *text)
{
    const char *error = wg_tape_error(tape);
    EXPECT_MSG(error && strstr(error, "test_train.c:") && strstr(error, text), "%s",
               error ? error : "no error");
}

static wg_model without_bounds(wg_tape *tape, int64_t batch, bool training, void *context)
{
    wg_model m = network(tape, batch, training, context);
    m.loss = wg_log(wg_sub(m.loss, 100));
    return m;
}

START_TEST(what_goes_wrong_is_on_the_tape)
{
    setting s;
    set_up(&s);
    struct wg_training training = training_of(&s, 2);
    training.network = without_bounds;
    EXPECT(!wg_train(&training, NULL));
    expect_error(s.tape, "train: the loss of step 0 is nan");
    wg_tape_error_clear(s.tape);
    training.network = network;
    training.classes = 4;
    EXPECT(!wg_train(&training, NULL));
    expect_error(s.tape, "train: output and y are not scores (n, 4) and classes (n,)");
    wg_tape_error_clear(s.tape);
    training.history = wg_history_new((const char *const[]){"epoch"}, 1, NULL);
    EXPECT(!wg_train(&training, NULL));
    expect_error(s.tape, "train: the columns of the history are not wg_train_columns");
    wg_tape_error_clear(s.tape);
    wg_history_free(training.history);
    training.history = NULL;
    training.rate = 0;
    training.schedule = (wg_schedule){0};
    EXPECT(!wg_train(&training, NULL));
    expect_error(s.tape, "train: the rate is 0");
    wg_tape_error_clear(s.tape);
    training.loader = NULL;
    EXPECT(!wg_train(&training, NULL));
    expect_error(s.tape, "train: a network, a loader and epochs are wanted");
    wg_tape_error_clear(s.tape);
    double loss;
    EXPECT(!wg_evaluate(s.tape, network, NULL, NULL, &loss, NULL));
    expect_error(s.tape, "evaluate: a network and a loader are wanted");
    EXPECT(!wg_train(NULL, NULL));
    wg_tape_error_clear(s.tape);
    wg_loader_seek(s.unseen, 0, 3);
    EXPECT(!wg_evaluate(s.tape, network, s.unseen, NULL, &loss, NULL));
    expect_error(s.tape, "evaluate: the loader stands at the end of its epoch");
    wg_tape_error_clear(s.tape);
    EXPECT(wg_evaluate(s.tape, network, s.unseen, NULL, &loss, NULL) && isfinite(loss));
    tear_down(&s);
}
END_TEST

START_TEST(progress_in_a_file_is_a_plain_line_an_epoch)
{
    wg_end  end;
    setting s;
    char    text[1000] = "";
    FILE   *file = tmpfile();
    set_up(&s);
    struct wg_training training = training_of(&s, 2);
    training.validation = s.unseen;
    training.progress = file;
    EXPECT(wg_train(&training, &end) && end == WG_END_DONE);
    rewind(file);
    EXPECT(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    EXPECT(strncmp(text, "epoch 1/2 ", 10) == 0 && strstr(text, "\nepoch 2/2 ") &&
           strstr(text, " loss "));
    EXPECT(strstr(text, "; unseen loss ") && strstr(text, " %\n") && !strchr(text, '\r'));
    tear_down(&s);
}
END_TEST

/* Long enough for another line to be due. */
static bool wait_a_little(const wg_model *model, int64_t step, void *context)
{
    (void)model;
    (void)context;
    return nanosleep(&(struct timespec){.tv_nsec = 110000000}, NULL) == 0 && step < 3;
}

START_TEST(progress_in_the_midst_of_an_epoch_has_loss_and_accuracy)
{
    setting   s;
    char      text[4000];
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    EXPECT(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
    FILE *file = fopen(ptsname(terminal), "w");
    EXPECT(file != NULL);
    set_up(&s);
    struct wg_training training = training_of(&s, 1);
    training.after_step = wait_a_little;
    for (int scored = 0; scored < 2; scored++) {
        training.classes = scored ? CLASSES : 0;
        training.progress = file;
        wg_loader_seek(s.loader, 0, 0);
        EXPECT(wg_train(&training, NULL));
        size_t used = 0;
        for (*text = '\0'; !strstr(text, "stopped"); text[used] = '\0') {
            const ssize_t count = read(terminal, text + used, sizeof text - 1 - used);
            EXPECT(count > 0);
            used += (size_t)count;
        }
        double      loss, percent;
        const char *drawn = strstr(text, " left loss ");
        EXPECT_MSG(drawn && sscanf(drawn, " left loss %lf, %lf %%", &loss, &percent) == 1 + scored,
                   "%s", text);
    }
    fclose(file);
    close(terminal);
    tear_down(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("train");
    TCase *tests = tcase_create("train");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    tcase_add_test(tests, it_gives_the_bits_of_a_loop_by_hand_with_a_plan_for_each_size);
    tcase_add_test(tests, scores_and_losses_of_seen_and_unseen_samples_are_told);
    tcase_add_test(tests, it_ends_when_it_is_asked_to);
    tcase_add_test(tests, it_goes_on_where_it_was_stopped_with_the_same_bits);
    tcase_add_test(tests, what_goes_wrong_is_on_the_tape);
    tcase_add_test(tests, progress_in_a_file_is_a_plain_line_an_epoch);
    tcase_add_test(tests, progress_in_the_midst_of_an_epoch_has_loss_and_accuracy);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
