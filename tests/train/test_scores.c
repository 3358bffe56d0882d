// SPDX-License-Identifier: MIT
/* Counts of right and wrong, against PyTorch's and what is counted by hand. */
#include "../support/expect.h"
#include "../support/failing.h"

#include <stdio.h>
#include <wengert/wengert.h>

#include "../golden/scores.h"

enum { CLASSES = 3, BATCH = 5 };

typedef struct batch {
    wg_tape   *tape;
    wg_tensor *logits, *labels;
} batch;

static batch batch_of(const float *logits, const int64_t *labels)
{
    batch b = {.tape = wg_tape_new()};
    b.logits = wg_constant(b.tape, WG_F32, WG_SHAPE(BATCH, CLASSES), logits, BATCH * CLASSES);
    b.labels = wg_input(b.tape, "labels", WG_I64, WG_SHAPE(BATCH));
    wg_write(b.labels, labels, BATCH);
    return b;
}

static const float   logits[BATCH * CLASSES] = {1, 3,      2, /**/ 5, 4,      4, /**/ 0, 1,
                                                2, /**/ 2, 1, 1,      /**/ 7, 9, 8};
static const int64_t labels[BATCH] = {1, 0, 0, 2, 1};

START_TEST(classes_are_counted_as_confused)
{
    const batch b = batch_of(logits, labels);
    wg_scores  *scores = wg_scores_new(CLASSES, NULL);
    EXPECT(isnan(wg_scores_accuracy(scores)));
    EXPECT(wg_scores_add(scores, wg_mul(b.logits, 2), b.labels) && wg_scores_count(scores) == 5);
    static const int64_t wanted[9] = {1, 0, 1, 0, 2, 0, 1, 0, 0};
    for (int i = 0; i < 9; i++) EXPECT(wg_scores_confused(scores, i / 3, i % 3) == wanted[i]);
    EXPECT_CLOSE(wg_scores_accuracy(scores), 0.6, 1e-15);
    EXPECT_CLOSE(wg_scores_top(scores, 2), 0.6, 1e-15); /* the two others were last */
    EXPECT_CLOSE(wg_scores_top(scores, 3), 1, 0);
    EXPECT_CLOSE(wg_scores_precision(scores, 0), 0.5, 1e-15);
    EXPECT_CLOSE(wg_scores_recall(scores, 0), 0.5, 1e-15);
    EXPECT_CLOSE(wg_scores_precision(scores, 1), 1, 0);
    EXPECT_CLOSE(wg_scores_f1(scores, 2), 0, 0);
    EXPECT_CLOSE(wg_scores_f1(scores, -1), 0.5, 1e-15);
    EXPECT_CLOSE(wg_scores_recall(scores, -1), 0.5, 1e-15);
    wg_scores_clear(scores);
    EXPECT(wg_scores_count(scores) == 0 && wg_scores_confused(scores, 1, 1) == 0);
    wg_scores_free(scores);
    wg_tape_free(b.tape);
}
END_TEST

START_TEST(of_equal_scores_the_first_is_larger_and_nan_is_smallest)
{
    const float ties[BATCH * CLASSES] = {1, 1, 1, 1, 1, 1, NAN, 0, NAN, NAN, 0, NAN, NAN, NAN, NAN};
    const int64_t classes[BATCH] = {0, 2, 1, 0, 0};
    const batch   b = batch_of(ties, classes);
    wg_scores    *scores = wg_scores_new(CLASSES, NULL);
    EXPECT(wg_scores_add(scores, b.logits, b.labels));
    EXPECT_CLOSE(wg_scores_top(scores, 1), 0.6, 1e-15);
    EXPECT_CLOSE(wg_scores_top(scores, 2), 0.8, 1e-15);
    EXPECT(wg_scores_confused(scores, 2, 0) == 1 && wg_scores_confused(scores, 0, 1) == 1);
    wg_scores_free(scores);
    wg_tape_free(b.tape);
}
END_TEST

START_TEST(a_batch_that_does_not_fit_is_not_counted)
{
    const batch b = batch_of(logits, labels);
    wg_scores  *scores = wg_scores_new(CLASSES, NULL), *four = wg_scores_new(4, NULL);
    EXPECT(!wg_scores_add(scores, b.labels, b.labels) &&
           !wg_scores_add(scores, b.logits, wg_transpose(b.logits)) &&
           !wg_scores_add(scores, b.logits, wg_select(b.logits, 1, 0)));
    EXPECT(!wg_scores_add(four, b.logits, b.labels) && !wg_scores_add(NULL, b.logits, b.labels));
    wg_write(b.labels, ((int64_t[]){0, 1, 2, 3, 0}), BATCH);
    EXPECT(!wg_scores_add(scores, b.logits, b.labels) && wg_scores_count(scores) == 0);
    EXPECT(!wg_scores_new(0, NULL) && !wg_scores_new((int64_t)1 << 40, NULL));
    wg_scores_free(scores);
    wg_scores_free(four);
    wg_scores_free(NULL);
    wg_tape_free(b.tape);
}
END_TEST

START_TEST(a_class_that_there_is_not_and_null_have_no_scores)
{
    static const int64_t none[] = {-2, CLASSES, INT64_MIN, INT64_MAX};
    const batch          b = batch_of(logits, labels);
    wg_scores           *scores = wg_scores_new(CLASSES, NULL);
    EXPECT(wg_scores_add(scores, b.logits, b.labels));
    for (int i = 0; i < 4; i++) {
        EXPECT(isnan(wg_scores_precision(scores, none[i])) &&
               isnan(wg_scores_recall(scores, none[i])) && isnan(wg_scores_f1(scores, none[i])));
        EXPECT(wg_scores_confused(scores, none[i], 1) == 0 &&
               wg_scores_confused(scores, 1, none[i]) == 0);
    }
    for (int64_t of = -1; of < 2; of++)
        EXPECT(isnan(wg_scores_precision(NULL, of)) && isnan(wg_scores_recall(NULL, of)) &&
               isnan(wg_scores_f1(NULL, of)));
    EXPECT(wg_scores_count(NULL) == 0 && wg_scores_confused(NULL, 0, 0) == 0);
    EXPECT(isnan(wg_scores_accuracy(NULL)) && isnan(wg_scores_top(NULL, 2)));
    EXPECT(isnan(wg_fit_mse(NULL)) && isnan(wg_fit_mae(NULL)) && isnan(wg_fit_r2(NULL)));
    wg_scores_clear(NULL);
    wg_scores_free(scores);
    wg_tape_free(b.tape);
}
END_TEST

START_TEST(the_table_has_a_row_for_each_class)
{
    static const char *const names[] = {"shirt", "a name beyond all columns", "bag"};
    const batch              b = batch_of(logits, labels);
    wg_scores               *scores = wg_scores_new(CLASSES, NULL);
    char                     text[1000] = "";
    FILE                    *file = tmpfile();
    EXPECT(wg_scores_add(scores, b.logits, b.labels) && wg_scores_print(scores, names, file));
    rewind(file);
    EXPECT(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    EXPECT_TEXT(text, "is \\ taken for      0      1      2    recall\n"
                      "         shirt      1      0      1   50.00 %\n"
                      "a name beyond       0      2      0  100.00 %\n"
                      "           bag      1      0      0    0.00 %\n"
                      "   precision %  50.00 100.00   0.00   60.00 % of 5 right\n");
    EXPECT(!wg_scores_print(NULL, names, stdout));
    wg_scores_free(scores);
    wg_tape_free(b.tape);
}
END_TEST

START_TEST(errors_of_numbers_add_up_over_batches)
{
    wg_tape     *tape = wg_tape_new();
    const double y[] = {1, 2, 4, 9};
    const float  p[] = {1.5F, 2, 3, 8};
    wg_tensor   *wanted = wg_constant(tape, WG_F64, WG_SHAPE(4), y, 4);
    wg_tensor   *predicted = wg_constant(tape, WG_F32, WG_SHAPE(4), p, 4);
    wg_fit       fit = {0};
    EXPECT(isnan(wg_fit_mse(&fit)) && isnan(wg_fit_r2(&fit)));
    for (int i = 0; i < 4; i += 2)
        EXPECT(wg_fit_add(&fit, wg_slice(predicted, 0, i, i + 2), wg_slice(wanted, 0, i, i + 2)));
    EXPECT_CLOSE(wg_fit_mse(&fit), 2.25 / 4, 1e-15);
    EXPECT_CLOSE(wg_fit_mae(&fit), 2.5 / 4, 1e-15);
    EXPECT_CLOSE(wg_fit_r2(&fit), 1 - 2.25 / 38, 1e-15);
    EXPECT(!wg_fit_add(&fit, predicted, wg_slice(wanted, 0, 0, 2)) && fit.count == 4);
    EXPECT_CLOSE(wg_perplexity(log(7)), 7, 1e-14);
    wg_tape_free(tape);
}
END_TEST

/* ---- PyTorch's ---- */

enum { MANY = sizeof score_labels / sizeof *score_labels, KINDS = 6, FIRST = 17 };

START_TEST(scores_of_two_batches_are_pytorchs)
{
    wg_tape   *tape = wg_tape_new();
    wg_scores *scores = wg_scores_new(KINDS, NULL);
    wg_tensor *z = wg_constant(tape, WG_F64, WG_SHAPE(MANY, KINDS), score_logits, MANY * KINDS);
    wg_tensor *y = wg_constant(tape, WG_I64, WG_SHAPE(MANY), score_labels, MANY);
    EXPECT(wg_scores_add(scores, wg_slice(z, 0, 0, FIRST), wg_slice(y, 0, 0, FIRST)));
    EXPECT(wg_scores_add(scores, wg_slice(z, 0, FIRST, MANY), wg_slice(y, 0, FIRST, MANY)));
    for (int i = 0; i < KINDS * KINDS; i++)
        EXPECT(wg_scores_confused(scores, i / KINDS, i % KINDS) == golden_confused[i]);
    for (int k = 0; k < KINDS; k++)
        EXPECT_CLOSE(wg_scores_top(scores, k + 1), golden_top[k], 1e-15);
    EXPECT_CLOSE(wg_scores_accuracy(scores), golden_top[0], 1e-15);
    for (int of = -1; of < KINDS; of++) {
        EXPECT_CLOSE(wg_scores_precision(scores, of), golden_precision[of + 1], 1e-15);
        EXPECT_CLOSE(wg_scores_recall(scores, of), golden_recall[of + 1], 1e-15);
        EXPECT_CLOSE(wg_scores_f1(scores, of), golden_f1[of + 1], 1e-15);
    }
    EXPECT_CLOSE(wg_perplexity(wg_item(wg_cross_entropy(z, y))), golden_perplexity[0], 1e-14);
    wg_scores_free(scores);
    wg_tape_free(tape);
}
END_TEST

START_TEST(errors_of_numbers_are_pytorchs)
{
    wg_tape   *tape = wg_tape_new();
    wg_fit     fit = {0};
    wg_tensor *p = wg_constant(tape, WG_F64, WG_SHAPE(MANY), score_predicted, MANY);
    wg_tensor *w = wg_constant(tape, WG_F64, WG_SHAPE(MANY), score_wanted, MANY);
    EXPECT(wg_fit_add(&fit, wg_slice(p, 0, 0, FIRST), wg_slice(w, 0, 0, FIRST)));
    EXPECT(wg_fit_add(&fit, wg_slice(p, 0, FIRST, MANY), wg_slice(w, 0, FIRST, MANY)));
    EXPECT_CLOSE(wg_fit_mse(&fit), golden_fit[0], 1e-14);
    EXPECT_CLOSE(wg_fit_mae(&fit), golden_fit[1], 1e-14);
    EXPECT_CLOSE(wg_fit_r2(&fit), golden_fit[2], 1e-13);
    wg_tape_free(tape);
}
END_TEST

/* ---- shares of classes ---- */

START_TEST(a_label_may_be_the_largest_of_shares)
{
    static const double shares[BATCH * CLASSES] = {
        0, 0.9, 0.1, /**/ 0.6, 0, 0.4, /**/ 1, 0, 0, /**/ 0.3, 0.3, 0.4, /**/ 0.25, 0.5, 0.25};
    const batch b = batch_of(logits, labels);
    wg_scores  *plain = wg_scores_new(CLASSES, NULL), *mixed = wg_scores_new(CLASSES, NULL);
    wg_tensor  *y = wg_constant(b.tape, WG_F64, WG_SHAPE(BATCH, CLASSES), shares, BATCH * CLASSES);
    EXPECT(wg_scores_add(plain, b.logits, b.labels) && wg_scores_add(mixed, b.logits, y));
    EXPECT(wg_scores_count(mixed) == BATCH);
    for (int i = 0; i < CLASSES * CLASSES; i++)
        EXPECT(wg_scores_confused(mixed, i / CLASSES, i % CLASSES) ==
               wg_scores_confused(plain, i / CLASSES, i % CLASSES));
    EXPECT_CLOSE(wg_scores_top(mixed, 2), wg_scores_top(plain, 2), 0);
    wg_scores_free(plain);
    wg_scores_free(mixed);
    wg_tape_free(b.tape);
}
END_TEST

/* y is mixed in training, and classes without. */
static wg_model network(wg_tape *tape, int64_t count, bool training, void *context)
{
    (void)context;
    wg_model m = {.x = wg_input(tape, "x", WG_F32, WG_SHAPE(count, CLASSES))};
    m.y = training ? wg_input(tape, "y", WG_F32, WG_SHAPE(count, CLASSES))
                   : wg_input(tape, "y", WG_I64, WG_SHAPE(count));
    m.output = wg_nn_linear(m.x, "m", .outputs = CLASSES);
    m.loss = wg_cross_entropy(m.output, m.y);
    return m;
}

static bool keep_epoch(const wg_epoch *epoch, void *context)
{
    *(wg_epoch *)context = *epoch;
    return true;
}

START_TEST(samples_that_are_mixed_in_training_have_an_accuracy_without)
{
    enum { SAMPLES = 12 };
    float place[SAMPLES * CLASSES] = {0};
    int64_t class[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) place[i * CLASSES + i % CLASSES] = 1, class[i] = i % CLASSES;
    wg_array x = {.data = place}, y = {.data = class};
    EXPECT(wg_type_make(WG_F32, WG_SHAPE(SAMPLES, CLASSES), &x.type) &&
           wg_type_make(WG_I64, WG_SHAPE(SAMPLES), &y.type));
    struct wg_loader_settings set = {.x = &x, .y = &y, .batch = 6, .shuffle = true};
    wg_loader                *unseen = wg_loader_new(&set, NULL);
    set.classes = CLASSES;
    set.augment.mixup = 0.4;
    wg_loader *mixed = wg_loader_new(&set, NULL);
    wg_tape   *tape = wg_tape_new();
    wg_epoch   last;
    EXPECT_MSG(wg_train(&(struct wg_training){.tape = tape,
                                              .network = network,
                                              .loader = mixed,
                                              .validation = unseen,
                                              .classes = CLASSES,
                                              .rate = 1,
                                              .epochs = 20,
                                              .after_epoch = keep_epoch,
                                              .context = &last},
                        NULL),
               "%s", wg_tape_error(tape));
    EXPECT(last.unseen_accuracy == 1 && last.accuracy > 0.5 && last.accuracy <= 1);
    wg_loader_free(mixed);
    wg_loader_free(unseen);
    wg_tape_free(tape);
}
END_TEST

static bool count_once(const wg_allocator *allocator, void *context)
{
    (void)context;
    wg_scores *scores = wg_scores_new(CLASSES, allocator);
    wg_scores_free(scores);
    return scores != NULL;
}

START_TEST(without_memory_there_are_no_scores)
{
    EXPECT(failing_sweep(count_once, NULL) == 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scores");
    TCase *tests = tcase_create("scores");
    tcase_add_test(tests, classes_are_counted_as_confused);
    tcase_add_test(tests, of_equal_scores_the_first_is_larger_and_nan_is_smallest);
    tcase_add_test(tests, a_batch_that_does_not_fit_is_not_counted);
    tcase_add_test(tests, a_class_that_there_is_not_and_null_have_no_scores);
    tcase_add_test(tests, the_table_has_a_row_for_each_class);
    tcase_add_test(tests, errors_of_numbers_add_up_over_batches);
    tcase_add_test(tests, scores_of_two_batches_are_pytorchs);
    tcase_add_test(tests, errors_of_numbers_are_pytorchs);
    tcase_add_test(tests, a_label_may_be_the_largest_of_shares);
    tcase_add_test(tests, samples_that_are_mixed_in_training_have_an_accuracy_without);
    tcase_add_test(tests, without_memory_there_are_no_scores);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
