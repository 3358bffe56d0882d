// SPDX-License-Identifier: MIT
#include "scores.h"

#include "../tensor/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct wg_scores {
    wg_allocator allocator;
    int64_t      classes, samples;
    int64_t     *confused; /* [wanted * classes + found] */
    int64_t     *rank;     /* samples whose class was at place r */
};

wg_scores *wg_scores_new(int64_t classes, const wg_allocator *allocator)
{
    const wg_allocator *from = allocator ? allocator : wg_allocator_default();
    int64_t             cells = 0, bytes = 0;
    if (classes < 1 || !wg__multiply(classes, classes + 1, &cells) ||
        !wg__multiply(cells, sizeof(int64_t), &bytes))
        return NULL;
    wg_scores *scores = wg__alloc_zero(from, sizeof *scores);
    int64_t   *counts = scores ? wg__alloc_zero(from, (size_t)bytes) : NULL;
    if (!counts) return wg__free(from, scores), NULL;
    *scores = (wg_scores){.allocator = *from, .classes = classes, .confused = counts};
    scores->rank = counts + classes * classes;
    return scores;
}

void wg_scores_free(wg_scores *scores)
{
    if (!scores) return;
    const wg_allocator allocator = scores->allocator;
    wg__free(&allocator, scores->confused);
    wg__free(&allocator, scores);
}

void wg_scores_clear(wg_scores *scores)
{
    if (!scores) return;
    const int64_t cells = scores->classes * (scores->classes + 1);
    memset(scores->confused, 0, (size_t)cells * sizeof *scores->confused);
    scores->samples = 0;
}

/* ---- counting ---- */

static bool has(const wg_scores *scores, int64_t class)
{
    return scores && class >= 0 && class < scores->classes;
}

/* Of two scores of classes a and b: is that of b larger? */
static bool is_behind(double a, int64_t i, double b, int64_t j)
{
    if (isnan(a) || isnan(b)) return isnan(a) && (!isnan(b) || j < i);
    return b > a || (b == a && j < i);
}

/* The class of the largest of the scores that begin there. */
static int64_t largest_of(const wg_scores *scores, const void *x, wg_dtype dtype, int64_t first)
{
    int64_t found = 0;
    for (int64_t c = 1; c < scores->classes; c++)
        if (is_behind(wg__as_double(dtype, x, first + found), found,
                      wg__as_double(dtype, x, first + c), c))
            found = c;
    return found;
}

/* How many classes come before `class`. */
static int64_t place_of(const wg_scores *scores, const void *x, wg_dtype dtype, int64_t first,
                        int64_t class)
{
    const double own = wg__as_double(dtype, x, first + class);
    int64_t      before = 0;
    for (int64_t c = 0; c < scores->classes; c++)
        before += is_behind(own, class, wg__as_double(dtype, x, first + c), c);
    return before;
}

static bool fits(const wg_scores *scores, wg_tensor *logits, wg_tensor *labels)
{
    if (!scores || !logits || !labels) return false;
    const wg_type *x = wg_type_of(logits), *y = wg_type_of(labels);
    if (!wg_dtype_is_float(x->dtype) || x->shape.rank != 2 || x->shape.dim[1] != scores->classes)
        return false;
    if (wg_dtype_is_float(y->dtype)) return wg_shape_equal(x->shape, y->shape);
    return y->dtype == WG_I64 && y->shape.rank == 1 && x->shape.dim[0] == y->count;
}

/* Label i: as it is, or the class of the largest probability. */
static int64_t label_at(const wg_scores *scores, const void *y, wg_dtype dtype, int64_t i)
{
    return dtype == WG_I64 ? ((const int64_t *)y)[i]
                           : largest_of(scores, y, dtype, i * scores->classes);
}

bool wg_scores_add(wg_scores *scores, wg_tensor *logits, wg_tensor *labels)
{
    if (!fits(scores, logits, labels)) return false;
    const void    *x = wg_values(logits), *y = x ? wg_values(labels) : NULL;
    const wg_dtype dtype = wg_dtype_of(logits), label = wg_dtype_of(labels);
    const int64_t  count = wg_shape_of_tensor(logits).dim[0];
    if (!y) return false;
    for (int64_t i = 0; i < count; i++)
        if (!has(scores, label_at(scores, y, label, i))) return false;
    for (int64_t i = 0; i < count; i++) {
        const int64_t first = i * scores->classes, wanted = label_at(scores, y, label, i);
        scores->rank[place_of(scores, x, dtype, first, wanted)]++;
        scores->confused[wanted * scores->classes + largest_of(scores, x, dtype, first)]++;
    }
    scores->samples += count;
    return true;
}

/* ---- what it comes to ---- */

int64_t wg_scores_count(const wg_scores *scores)
{
    return scores ? scores->samples : 0;
}

int64_t wg_scores_confused(const wg_scores *scores, int64_t wanted, int64_t found)
{
    if (!has(scores, wanted) || !has(scores, found)) return 0;
    return scores->confused[wanted * scores->classes + found];
}

double wg_scores_accuracy(const wg_scores *scores)
{
    return wg_scores_top(scores, 1);
}

double wg_scores_top(const wg_scores *scores, int64_t k)
{
    if (!scores) return NAN;
    int64_t among = 0;
    for (int64_t r = 0; r < k && r < scores->classes; r++) among += scores->rank[r];
    return (double)among / (double)scores->samples;
}

/* Samples of a class, as wanted or as found. */
static int64_t all_of(const wg_scores *scores, int64_t class, bool wanted)
{
    int64_t sum = 0;
    for (int64_t c = 0; c < scores->classes; c++)
        sum += wanted ? wg_scores_confused(scores, class, c) : wg_scores_confused(scores, c, class);
    return sum;
}

static double share_of(const wg_scores *scores, int64_t class, bool wanted)
{
    if (!has(scores, class)) return NAN;
    const int64_t all = all_of(scores, class, wanted);
    return all ? (double)wg_scores_confused(scores, class, class) / (double)all : 0;
}

/* The mean over all classes of what `of` gives for one. */
static double mean_of(const wg_scores *scores, double (*of)(const wg_scores *, int64_t))
{
    if (!scores) return NAN;
    double sum = 0;
    for (int64_t c = 0; c < scores->classes; c++) sum += of(scores, c);
    return sum / (double)scores->classes;
}

double wg_scores_precision(const wg_scores *scores, int64_t class)
{
    return class == -1 ? mean_of(scores, wg_scores_precision) : share_of(scores, class, false);
}

double wg_scores_recall(const wg_scores *scores, int64_t class)
{
    return class == -1 ? mean_of(scores, wg_scores_recall) : share_of(scores, class, true);
}

double wg_scores_f1(const wg_scores *scores, int64_t class)
{
    if (class == -1) return mean_of(scores, wg_scores_f1);
    const double p = share_of(scores, class, false), r = share_of(scores, class, true);
    return p + r == 0 ? 0 : 2 * p * r / (p + r);
}

/* ---- the table ---- */

enum { NAME = 14 }; /* columns of a class's name */

static void print_class(const char *const *names, int64_t class, FILE *file)
{
    if (names)
        fprintf(file, "%*.*s", NAME, NAME, names[class]);
    else
        fprintf(file, "%*lld", NAME, (long long)class);
}

bool wg_scores_print(const wg_scores *scores, const char *const *names, FILE *file)
{
    if (!scores || !file) return false;
    fprintf(file, "%*s", NAME, "is \\ taken for");
    for (int64_t c = 0; c < scores->classes; c++) fprintf(file, " %6lld", (long long)c);
    fprintf(file, "  %8s\n", "recall");
    for (int64_t wanted = 0; wanted < scores->classes; wanted++) {
        print_class(names, wanted, file);
        for (int64_t c = 0; c < scores->classes; c++)
            fprintf(file, " %6lld", (long long)wg_scores_confused(scores, wanted, c));
        fprintf(file, "  %6.2f %%\n", 100 * wg_scores_recall(scores, wanted));
    }
    fprintf(file, "%*s", NAME, "precision %");
    for (int64_t c = 0; c < scores->classes; c++)
        fprintf(file, " %6.2f", 100 * wg_scores_precision(scores, c));
    fprintf(file, "  %6.2f %% of %lld right\n", 100 * wg_scores_accuracy(scores),
            (long long)scores->samples);
    return !ferror(file);
}

/* ---- numbers ---- */

bool wg_fit_add(wg_fit *fit, wg_tensor *predicted, wg_tensor *wanted)
{
    if (!fit || !predicted || !wanted || wg_count_of(predicted) != wg_count_of(wanted) ||
        !wg_dtype_is_float(wg_dtype_of(predicted)) || !wg_dtype_is_float(wg_dtype_of(wanted)))
        return false;
    const void *p = wg_values(predicted), *w = p ? wg_values(wanted) : NULL;
    if (!w) return false;
    for (int64_t i = 0; i < wg_count_of(wanted); i++) {
        const double y = wg__as_double(wg_dtype_of(wanted), w, i);
        const double error = wg__as_double(wg_dtype_of(predicted), p, i) - y, away = y - fit->mean;
        fit->squares += error * error;
        fit->absolute += fabs(error);
        fit->mean += away / (double)++fit->count; /* Welford, Technometrics 4 (1962) */
        fit->deviation += away * (y - fit->mean);
    }
    return true;
}

double wg_fit_mse(const wg_fit *fit)
{
    return fit ? fit->squares / (double)fit->count : NAN;
}

double wg_fit_mae(const wg_fit *fit)
{
    return fit ? fit->absolute / (double)fit->count : NAN;
}

double wg_fit_r2(const wg_fit *fit)
{
    return fit && fit->count ? 1 - fit->squares / fit->deviation : NAN;
}

double wg_perplexity(double cross_entropy)
{
    return exp(cross_entropy);
}
