// SPDX-License-Identifier: MIT
#include "line_search.h"

#include <math.h>
#include <string.h>

/* The two conditions' constants: enough descent, and a slope that is flat enough. */
static const double descent = 1e-4, flatness = 0.9;

static double smaller(double a, double b)
{
    return b < a ? b : a;
}

static double larger(double a, double b)
{
    return b > a ? b : a;
}

/*
 * Where the cubic through both values and slopes is least, held between lo and hi; their middle where
 * it has no minimum.
 */
static double cubic_minimum(const wg__place *a, const wg__place *b, double lo, double hi)
{
    const wg__place *left = a->t <= b->t ? a : b, *right = a->t <= b->t ? b : a;
    const double     d1 = a->slope + b->slope - 3 * (a->f - b->f) / (a->t - b->t);
    const double     square = d1 * d1 - a->slope * b->slope;
    if (!(square >= 0)) return (lo + hi) / 2;
    const double d2 = sqrt(square);
    const double share = (right->slope + d2 - d1) / (right->slope - left->slope + 2 * d2);
    return smaller(larger(right->t - (right->t - left->t) * share, lo), hi);
}

/* A search at work: the bracket and a spare place, or the place found. */
typedef struct search {
    const wg__line  *line;
    const wg__place *start;
    wg__place       *end[2], *spare;
    int64_t          steps, *measured;
    bool             failed, done; /* done: end[0] satisfies the conditions */
} search;

static void measure(search *s, wg__place *place, double t)
{
    place->t = t;
    ++*s->measured;
    s->failed = !s->line->measure(s->line->context, place);
}

/* Not enough descent at this place. */
static bool is_too_high(const search *s, const wg__place *place)
{
    return place->f > s->start->f + descent * place->t * s->start->slope;
}

static bool is_flat(const search *s, const wg__place *place)
{
    return fabs(place->slope) <= -flatness * s->start->slope;
}

static void copy_start(const search *s, wg__place *to)
{
    double *g = to->g;
    *to = *s->start;
    to->g = memcpy(g, s->start->g, s->line->count * sizeof *g);
}

static void swap(wg__place **a, wg__place **b)
{
    wg__place *c = *a;
    *a = *b;
    *b = c;
}

/* Goes on until a minimum lies between end[0], the place before, and end[1]. */
static void find_bracket(search *s, double t)
{
    wg__place **before = &s->end[0], **at = &s->end[1];
    copy_start(s, *before);
    measure(s, *at, t);
    for (; s->steps < s->line->most && !s->failed; s->steps++) {
        if (is_too_high(s, *at) || (s->steps > 1 && (*at)->f >= (*before)->f)) return;
        if (is_flat(s, *at)) {
            s->done = true;
            swap(before, at);
            return;
        }
        if ((*at)->slope >= 0) return;
        const double from = (*before)->t, to = (*at)->t;
        t = cubic_minimum(*before, *at, to + 0.01 * (to - from), to * 10);
        swap(before, at);
        measure(s, *at, t);
    }
    copy_start(s, *before);
}

/* The next length in the bracket; *slow: the last one was near an end, so this one is moved away. */
static double next_length(const search *s, bool *slow)
{
    const wg__place *a = s->end[0], *b = s->end[1];
    const double     least = smaller(a->t, b->t), most = larger(a->t, b->t);
    const double     eps = 0.1 * (most - least), t = cubic_minimum(a, b, least, most);
    const bool       near = smaller(most - t, t - least) < eps;
    const bool       moves = near && (*slow || t >= most || t <= least);
    *slow = near && !moves;
    if (!moves) return t;
    return fabs(t - most) < fabs(t - least) ? most - eps : least + eps;
}

/* Narrows the bracket down; returns its lower end. */
static const wg__place *zoom(search *s)
{
    bool slow = false;
    int  low = s->done || s->end[0]->f <= s->end[1]->f ? 0 : 1;
    while (!s->done && s->steps < s->line->most && !s->failed &&
           !(fabs(s->end[1]->t - s->end[0]->t) * s->line->size < s->line->tolerance)) {
        const double t = next_length(s, &slow);
        measure(s, s->spare, t);
        s->steps++;
        if (is_too_high(s, s->spare) || s->spare->f >= s->end[low]->f) {
            swap(&s->end[!low], &s->spare);
            low = s->end[0]->f <= s->end[1]->f ? 0 : 1;
            continue;
        }
        s->done = is_flat(s, s->spare);
        if (!s->done && s->spare->slope * (s->end[!low]->t - s->end[low]->t) >= 0)
            swap(&s->end[!low], &s->end[low]);
        swap(&s->end[low], &s->spare);
    }
    return s->end[low];
}

const wg__place *wg__strong_wolfe(const wg__line *line, const wg__place *start, double t,
                                  wg__place room[3], int64_t *measured)
{
    search s = {.line = line,
                .start = start,
                .end = {&room[0], &room[1]},
                .spare = &room[2],
                .measured = measured};
    find_bracket(&s, t);
    const wg__place *found = s.failed ? NULL : zoom(&s);
    return s.failed ? NULL : found;
}
