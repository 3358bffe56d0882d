// SPDX-License-Identifier: MIT
/*
 * How good a network is: classes counted as confused, errors of numbers added up, over as many
 * batches as there are.
 *
 *     wg_scores *scores = wg_scores_new(10, NULL);
 *     ... after each run of a validation's plan: wg_scores_add(scores, logits, labels) ...
 *     printf("%.2f %%\n", 100 * wg_scores_accuracy(scores));
 *     wg_scores_print(scores, NULL, stdout);
 */
#ifndef WENGERT_TRAIN_SCORES_H
#define WENGERT_TRAIN_SCORES_H

#include "../graph/tape.h"

/* Counts of classes wanted and found; freed with wg_scores_free. */
typedef struct wg_scores wg_scores;

/* Errors of numbers added up; all zero at first. */
typedef struct wg_fit {
    int64_t count;
    double  squares;         /* sum of (predicted - wanted)^2 */
    double  absolute;        /* sum of |predicted - wanted| */
    double  mean, deviation; /* of what was wanted: its mean, and the sum of squares around it */
} wg_fit;

WG_BEGIN_DECLS

/* Nothing counted yet. NULL without memory from `allocator` (NULL: the default), or classes < 1. */
WG_API wg_scores *wg_scores_new(int64_t classes, const wg_allocator *allocator);
WG_API void       wg_scores_free(wg_scores *scores);
/* Back to nothing counted. */
WG_API void wg_scores_clear(wg_scores *scores);

/*
 * Counts the samples of a batch by the present values of scores or probabilities (n, classes), f32
 * or f64, and labels (n,), i64. Labels may also be shares of classes, (n, classes), f32 or f64, as
 * mixed samples have them: each is of the class of its largest share. Of equal scores or shares the
 * first class counts as the larger; NaN as the smallest. False, and nothing counted, for other types
 * or shapes, a label out of range, or values that cannot be had (see the tape's error).
 */
WG_API bool wg_scores_add(wg_scores *scores, wg_tensor *logits, wg_tensor *labels);

/*
 * Samples counted; samples of class `wanted` that were taken for class `found`. 0 of NULL, and of a
 * class that there is not.
 */
WG_API int64_t wg_scores_count(const wg_scores *scores);
WG_API int64_t wg_scores_confused(const wg_scores *scores, int64_t wanted, int64_t found);

/*
 * Shares of all samples whose class had the largest score, or one of the k largest. NaN of none, or
 * of NULL.
 */
WG_API double wg_scores_accuracy(const wg_scores *scores);
WG_API double wg_scores_top(const wg_scores *scores, int64_t k);

/*
 * Of one class, `of`: right ones among those found to be of it, among those that are of it, and the
 * harmonic mean of both; 0 where there are none to count. -1: the mean over all classes. NaN of
 * NULL, and of a class that there is not.
 */
WG_API double wg_scores_precision(const wg_scores *scores, int64_t of);
WG_API double wg_scores_recall(const wg_scores *scores, int64_t of);
WG_API double wg_scores_f1(const wg_scores *scores, int64_t of);

/*
 * Prints a table, a row for each class wanted and a column for each class found, with recall and
 * precision at its rims. `names` of the classes may be NULL. False when the file cannot be written.
 */
WG_API bool wg_scores_print(const wg_scores *scores, const char *const *names, FILE *file);

/* Adds a batch of numbers: two floating tensors of as many elements. False as wg_scores_add. */
WG_API bool wg_fit_add(wg_fit *fit, wg_tensor *predicted, wg_tensor *wanted);

/* Mean of squared and of absolute errors; 1 - squares / those around the mean. NaN of none, or NULL. */
WG_API double wg_fit_mse(const wg_fit *fit);
WG_API double wg_fit_mae(const wg_fit *fit);
WG_API double wg_fit_r2(const wg_fit *fit);

/* exp(mean of a cross-entropy in nats). */
WG_API double wg_perplexity(double cross_entropy);

WG_END_DECLS

#endif
