// SPDX-License-Identifier: MIT
/* Trainings that are stopped and begun again, as by another process: nothing differs from one that
   was not. */
#include "../formats/scratch.h"
#include "../support/expect.h"

#include <stdio.h>
#include <wengert/wengert.h>

enum { SAMPLES = 22, BATCH = 8, BATCHES = 3, CLASSES = 3, EPOCHS = 5 };

/* Points of a plane, in which third of it they lie, and all that a process has. */
typedef struct setting {
    wg_array x, y;
    float    place[SAMPLES * 2];
    int64_t class[SAMPLES];
    wg_tape    *tape;
    wg_loader  *loader, *unseen;
    wg_history *history;
    int64_t     stop_at, steps, epochs, skipped; /* steps and epochs of this process */
} setting;

static wg_model network(wg_tape *tape, int64_t batch, bool training, void *context)
{
    (void)context;
    wg_model m = {.x = wg_input(tape, "x", WG_F32, WG_SHAPE(batch, 2)),
                  .y = wg_input(tape, "y", WG_I64, WG_SHAPE(batch))};
    wg_tape_train(tape, training);
    wg_tensor *h = wg_tanh(wg_nn_linear(m.x, "first", .outputs = 16));
    m.output = wg_nn_linear(wg_nn_dropout(h, 0.1), "last", .outputs = CLASSES);
    m.loss = wg_cross_entropy(m.output, m.y);
    return m;
}

static bool until_stop(const wg_model *model, int64_t step, void *context)
{
    setting *s = context;
    (void)model;
    s->steps++;
    return step != s->stop_at;
}

static bool note_epoch(const wg_epoch *epoch, void *context)
{
    setting *s = context;
    s->epochs++;
    s->skipped = epoch->skipped;
    return true;
}

static void set_up(setting *s)
{
    char reason[WG_REASON] = "";
    *s = (setting){.x = {.data = s->place}, .y = {.data = s->class}};
    for (int i = 0; i < SAMPLES; i++) {
        const double angle = 0.7 * i;
        s->place[2 * i] = (float)cos(angle);
        s->place[2 * i + 1] = (float)sin(angle);
        s->class[i] = (int64_t)(fmod(angle, 6.2832) / 2.0944);
    }
    EXPECT(wg_type_make(WG_F32, WG_SHAPE(SAMPLES, 2), &s->x.type));
    EXPECT(wg_type_make(WG_I64, WG_SHAPE(SAMPLES), &s->y.type));
    struct wg_loader_settings settings = {
        .x = &s->x, .y = &s->y, .batch = BATCH, .shuffle = true, .seed = 3};
    s->loader = wg_loader_new(&settings, reason);
    settings.seed = 4;
    s->unseen = wg_loader_new(&settings, reason);
    EXPECT_TEXT(reason, "");
    s->tape = wg_tape_new();
    s->history = wg_history_new(wg_train_columns, WG_TRAIN_COLUMNS, NULL);
}

static void tear_down(setting *s)
{
    wg_history_free(s->history);
    wg_loader_free(s->loader);
    wg_loader_free(s->unseen);
    wg_tape_free(s->tape);
}

static struct wg_training training_of(setting *s)
{
    return (struct wg_training){.tape = s->tape,
                                .network = network,
                                .loader = s->loader,
                                .validation = s->unseen,
                                .classes = CLASSES,
                                .epochs = EPOCHS,
                                .rate = 0.3,
                                .history = s->history,
                                .after_epoch = note_epoch,
                                .after_step = until_stop,
                                .context = s};
}

/* Params, and all of the history but the seconds. */
static void expect_same(const setting *a, const setting *b)
{
    const wg_tensors p = wg_params(a->tape), q = wg_params(b->tape);
    EXPECT(p.count == 4 && q.count == 4);
    for (int i = 0; i < p.count; i++)
        EXPECT(memcmp(wg_values(p.at[i]), wg_values(q.at[i]),
                      (size_t)wg_count_of(p.at[i]) * sizeof(float)) == 0);
    EXPECT(wg_history_rows(a->history) == EPOCHS && wg_history_rows(b->history) == EPOCHS);
    for (int r = 0; r < EPOCHS; r++)
        EXPECT(memcmp(wg_history_row(a->history, r), wg_history_row(b->history, r),
                      (WG_TRAIN_COLUMNS - 1) * sizeof(double)) == 0);
}

/* Stops after step `at`, and goes on with all anew. */
static void train_in_two(setting *parts, struct wg_training training, int64_t at)
{
    wg_end end;
    for (int part = 0; part < 2; part++) {
        set_up(parts);
        parts->stop_at = part ? 0 : at;
        training.tape = parts->tape;
        training.loader = parts->loader;
        training.validation = training.validation ? parts->unseen : NULL;
        training.history = parts->history;
        training.context = parts;
        EXPECT(wg_train(&training, &end) && end == (part ? WG_END_DONE : WG_END_ASKED));
        EXPECT_TEXT(wg_tape_error(parts->tape), NULL);
        EXPECT(parts->steps == (part ? EPOCHS * BATCHES - at : at));
        if (!part) tear_down(parts);
    }
}

START_TEST(wherever_it_is_stopped_weights_and_history_are_the_same)
{
    setting whole, parts;
    char    path[SCRATCH_PATH];
    set_up(&whole);
    struct wg_training training = training_of(&whole);
    EXPECT(wg_train(&training, NULL));
    training.checkpoint = scratch_path("net.safetensors", path);
    for (int64_t at = 1; at <= EPOCHS * BATCHES; at++) { /* the last one of an epoch among them */
        remove(path);
        train_in_two(&parts, training, at);
        expect_same(&whole, &parts);
        tear_down(&parts);
    }
    tear_down(&whole);
}
END_TEST

START_TEST(wherever_it_is_stopped_a_plateau_lowers_the_rate_as_if_it_were_not)
{
    setting whole, parts;
    char    path[SCRATCH_PATH];
    set_up(&whole);
    struct wg_training training = training_of(&whole);
    /* only halving the loss is better; cooling is what keeps the third epoch from another reduction */
    training.plateau =
        (struct wg_plateau){.rate = 0.4, .factor = 0.5, .threshold = 0.5, .cooldown = 1};
    EXPECT(wg_train(&training, NULL));
    const double rates[EPOCHS] = {0.4, 0.4, 0.2, 0.2, 0.1};
    for (int e = 0; e < EPOCHS; e++) EXPECT(wg_history_row(whole.history, e)[1] == rates[e]);
    training.checkpoint = scratch_path("net.safetensors", path);
    for (int64_t at = 1; at <= EPOCHS * BATCHES; at++) {
        remove(path);
        train_in_two(&parts, training, at);
        expect_same(&whole, &parts);
        tear_down(&parts);
    }
    tear_down(&whole);
}
END_TEST

START_TEST(a_plateau_begins_where_the_file_is_of_a_training_without_one)
{
    setting s;
    char    path[SCRATCH_PATH];
    set_up(&s);
    struct wg_training training = training_of(&s);
    training.checkpoint = scratch_path("net.safetensors", path);
    training.epochs = 1;
    EXPECT(wg_train(&training, NULL));
    training.plateau = (struct wg_plateau){.rate = 0.05};
    training.epochs = 2;
    EXPECT(wg_train(&training, NULL) && wg_history_row(s.history, 2)[1] == 0.05);
    training.schedule = wg_schedule_constant(0.1);
    EXPECT(!wg_train(&training, NULL));
    EXPECT_SAYS(wg_tape_error(s.tape), "a schedule and a plateau are two rates");
    tear_down(&s);
}
END_TEST

START_TEST(batches_left_out_before_it_was_stopped_are_counted)
{
    setting whole, parts;
    char    path[SCRATCH_PATH];
    set_up(&whole);
    struct wg_training training = training_of(&whole);
    training.guard = WG_GUARD_SKIP;
    training.checkpoint = scratch_path("net.safetensors", path);
    training.schedule = wg_schedule_constant(INFINITY); /* one step, and no loss is finite */
    training.validation = NULL;
    train_in_two(&parts, training, EPOCHS * BATCHES);
    EXPECT(parts.skipped == EPOCHS * BATCHES - 1);
    tear_down(&parts);
    tear_down(&whole);
}
END_TEST

START_TEST(a_checkpoint_of_longer_epochs_is_refused)
{
    setting s;
    char    path[SCRATCH_PATH];
    set_up(&s);
    struct wg_training training = training_of(&s);
    training.checkpoint = scratch_path("net.safetensors", path);
    EXPECT(wg_train(&training, NULL));
    EXPECT(wg_checkpoint_save(s.tape, path, &(wg_position){.batch = BATCHES + 1}));
    EXPECT(!wg_train(&training, NULL));
    EXPECT_SAYS(wg_tape_error(s.tape),
                "net.safetensors is behind batch 4 of an epoch, which has 3");
    tear_down(&s);
}
END_TEST

START_TEST(patience_that_came_to_its_end_stays_there)
{
    wg_end  end;
    setting s;
    char    path[SCRATCH_PATH];
    set_up(&s);
    struct wg_training training = training_of(&s);
    training.checkpoint = scratch_path("net.safetensors", path);
    training.rate = 1e-300; /* so nothing becomes better */
    training.patience = 2;
    training.epochs = 50;
    for (int i = 0; i < 3; i++) {
        EXPECT(wg_train(&training, &end) && end == WG_END_PATIENCE);
        EXPECT(s.epochs == 3);
    }
    tear_down(&s);
}
END_TEST

START_TEST(the_line_of_progress_ends_when_it_is_stopped_and_says_how_to_go_on)
{
    wg_end  end;
    setting s;
    char    path[SCRATCH_PATH], text[2000] = "";
    FILE   *file = tmpfile();
    set_up(&s);
    s.stop_at = 2;
    struct wg_training training = training_of(&s);
    training.progress = file;
    EXPECT(wg_train(&training, &end) && end == WG_END_ASKED);
    training.checkpoint = scratch_path("net.safetensors", path);
    EXPECT(wg_train(&training, &end) && end == WG_END_ASKED);
    training.checkpoint = scratch_path("gone/net.safetensors", path);
    EXPECT(!wg_train(&training, &end) && end == WG_END_FAILED);
    rewind(file);
    EXPECT(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    const char *second = strchr(text, '\n');
    EXPECT(strncmp(text, "epoch 1/5 ", 10) == 0 && second && second[-1] == 'd');
    EXPECT(strncmp(second, "\nepoch 1/5 ", 11) == 0);
    EXPECT_SAYS(second, " stopped; begun again, it goes on from ");
    EXPECT_SAYS(second, "net.safetensors\nepoch 1/5 ");
    EXPECT_SAYS(second, " failed\n");
    tear_down(&s);
}
END_TEST

START_TEST(a_checkpoint_that_could_not_be_written_is_refused_before_the_first_step)
{
    setting s;
    set_up(&s);
    struct wg_training training = training_of(&s);
    training.checkpoint = "net.npz";
    EXPECT(!wg_train(&training, NULL) && s.steps == 0);
    EXPECT_SAYS(wg_tape_error(s.tape), "checkpoint: \"net.npz\" does not end in .safetensors");
    tear_down(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("train: resume");
    TCase *tests = tcase_create("resume");
    tcase_add_checked_fixture(tests, scratch_begin, scratch_end);
    tcase_add_test(tests, wherever_it_is_stopped_weights_and_history_are_the_same);
    tcase_add_test(tests, wherever_it_is_stopped_a_plateau_lowers_the_rate_as_if_it_were_not);
    tcase_add_test(tests, a_plateau_begins_where_the_file_is_of_a_training_without_one);
    tcase_add_test(tests, batches_left_out_before_it_was_stopped_are_counted);
    tcase_add_test(tests, a_checkpoint_of_longer_epochs_is_refused);
    tcase_add_test(tests, patience_that_came_to_its_end_stays_there);
    tcase_add_test(tests, the_line_of_progress_ends_when_it_is_stopped_and_says_how_to_go_on);
    tcase_add_test(tests, a_checkpoint_that_could_not_be_written_is_refused_before_the_first_step);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
