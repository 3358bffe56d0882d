// SPDX-License-Identifier: MIT
/* What the loop and a network owe each other: the mode in which it is recorded, x, y and a loss. */
#include "../formats/scratch.h"
#include "../support/expect.h"

#include <wengert/wengert.h>

enum { SAMPLES = 12 };

/* Samples, and how a network is to be recorded. */
typedef struct setting {
    wg_array x, y;
    float    place[SAMPLES * 2];
    int64_t class[SAMPLES];
    wg_tape   *tape;
    wg_loader *loader, *unseen, *without_y;
    bool       no_x, no_loss;
    int        wrong; /* recordings in the wrong mode */
} setting;

static wg_model network(wg_tape *tape, int64_t batch, bool training, void *context)
{
    setting *s = context;
    wg_model m = {.x = wg_input(tape, "x", WG_F32, WG_SHAPE(batch, 2)),
                  .y = wg_input(tape, "y", WG_I64, WG_SHAPE(batch))};
    s->wrong += wg_tape_trains(tape) != training;
    wg_tensor *h = wg_nn_dropout(wg_tanh(wg_nn_linear(m.x, "first", .outputs = 16)), 0.5);
    m.output = wg_nn_linear(h, "last", .outputs = 2);
    if (!s->no_loss) m.loss = wg_cross_entropy(m.output, m.y);
    if (s->no_x) m.x = NULL;
    return m;
}

static void set_up(setting *s)
{
    *s = (setting){.x = {.data = s->place}, .y = {.data = s->class}, .tape = wg_tape_new()};
    for (int i = 0; i < SAMPLES; i++) {
        s->place[2 * i] = (float)cos(0.7 * i);
        s->place[2 * i + 1] = (float)sin(0.7 * i);
        s->class[i] = i % 3 == 0;
    }
    EXPECT(wg_type_make(WG_F32, WG_SHAPE(SAMPLES, 2), &s->x.type));
    EXPECT(wg_type_make(WG_I64, WG_SHAPE(SAMPLES), &s->y.type));
    struct wg_loader_settings settings = {.x = &s->x, .y = &s->y, .batch = 4};
    s->loader = wg_loader_new(&settings, NULL);
    s->unseen = wg_loader_new(&settings, NULL);
    settings.y = NULL;
    s->without_y = wg_loader_new(&settings, NULL);
}

static void tear_down(setting *s)
{
    wg_loader_free(s->loader);
    wg_loader_free(s->unseen);
    wg_loader_free(s->without_y);
    wg_tape_free(s->tape);
}

static bool train(setting *s, wg_loader *loader)
{
    return wg_train(&(struct wg_training){.tape = s->tape,
                                          .network = network,
                                          .loader = loader,
                                          .validation = s->unseen,
                                          .epochs = 2,
                                          .rate = 0.1,
                                          .context = s},
                    NULL);
}

static double evaluate(setting *s)
{
    double loss = 0;
    EXPECT(wg_evaluate(s->tape, network, s->unseen, s, &loss, NULL));
    return loss;
}

START_TEST(layers_evaluate_unseen_samples_and_the_mode_of_the_tape_stays)
{
    setting s;
    set_up(&s);
    for (int mode = 0; mode < 2; mode++) {
        wg_tape_train(s.tape, mode);
        EXPECT(train(&s, s.loader));
        EXPECT(evaluate(&s) == evaluate(&s)); /* nothing was dropped */
        EXPECT(s.wrong == 0 && wg_tape_trains(s.tape) == mode);
    }
    tear_down(&s);
}
END_TEST

static void expect_refused(setting *s, wg_loader *loader, const char *text)
{
    EXPECT(!train(s, loader));
    EXPECT_SAYS(wg_tape_error(s->tape), text);
    wg_tape_error_clear(s->tape);
}

START_TEST(what_a_network_or_a_batch_lacks_is_told)
{
    setting s;
    set_up(&s);
    expect_refused(&s, s.without_y, "batch_write: the batch has no y");
    s.no_x = true;
    expect_refused(&s, s.loader, "train: the network gives no x or no loss");
    s.no_x = false, s.no_loss = true;
    expect_refused(&s, s.loader, "train: the network gives no x or no loss");
    double loss;
    EXPECT(!wg_evaluate(s.tape, network, s.unseen, &s, &loss, NULL));
    EXPECT_SAYS(wg_tape_error(s.tape), "gives no x or no loss");
    tear_down(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("train: network");
    TCase *tests = tcase_create("network");
    tcase_add_test(tests, layers_evaluate_unseen_samples_and_the_mode_of_the_tape_stays);
    tcase_add_test(tests, what_a_network_or_a_batch_lacks_is_told);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
