// SPDX-License-Identifier: MIT
/* Counts of right and wrong, against what is counted by hand. */
#include "../support/expect.h"
#include "../support/failing.h"

#include <stdio.h>
#include <wengert/ops/ops.h>
#include <wengert/train/scores.h>

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
           !wg_scores_add(scores, b.logits, b.logits));
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
    tcase_add_test(tests, without_memory_there_are_no_scores);
    suite_add_tcase(suite, tests);
    return expect_run(suite);
}
