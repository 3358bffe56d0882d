// SPDX-License-Identifier: MIT
/*
 * Differences: f is measured at -h, -h/2, 0, h/2 and h along a direction. What a smooth f can do
 * there is known, so kinks and rounding show in the same five numbers.
 */
#include "probe.h"

#include "../tensor/random.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
    LEVELS = 4,     /* steps 2^-10, 2^-14, 2^-18, 2^-22 */
    FEW = 64,       /* elements of a leaf that are checked one by one */
    DIRECTIONS = 16 /* in larger ones */
};

double wg__probe_random(uint64_t seed, uint64_t j, uint64_t row)
{
    const uint32_t counter[4] = {(uint32_t)j, (uint32_t)(j >> 32), (uint32_t)row,
                                 (uint32_t)(row >> 32)};
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    uint32_t       word[4];
    wg_philox(counter, key, word);
    const double size = 0.5 + (double)word[0] / 4294967296.0;
    return word[1] & 1 ? size : -size;
}

bool wg__check_worse(wg_check_verdict a, wg_check_verdict b)
{
    static const int weight[] = {[WG_CHECK_PASS] = 0,
                                 [WG_CHECK_NOT_REACHED] = 1,
                                 [WG_CHECK_KINK] = 2,
                                 [WG_CHECK_NAN] = 3,
                                 [WG_CHECK_FAIL] = 4,
                                 [WG_CHECK_NOT_CHECKABLE] = 5,
                                 [WG_CHECK_NOT_DETERMINISTIC] = 6};
    return weight[a] > weight[b];
}

bool wg__ran_out(const wg_tape *tape)
{
    static const char words[] = ": out of memory";
    const char       *error = wg_tape_error(tape);
    const size_t      length = error ? strlen(error) : 0;
    return length >= sizeof words - 1 && strcmp(error + length - (sizeof words - 1), words) == 0;
}

const char *wg__text_copy(wg_tape *tape, const char *text)
{
    char *copy = text ? wg__list_take(tape, strlen(text) + 1) : NULL;
    return copy ? strcpy(copy, text) : NULL;
}

/* ---- the function ---- */

/* One more term in a sum that loses nothing (Neumaier 1974). */
static void add_term(double term, double *sum, double *lost)
{
    const double next = *sum + term;
    *lost += fabs(*sum) >= fabs(term) ? (*sum - next) + term : (term - next) + *sum;
    *sum = next;
}

/* The function where the leaves are now; NaN when a kernel flags the values. */
static double evaluate(wg__probe *p, double *mass)
{
    double sum = 0, lost = 0, sizes = 0;
    if (!wg__plan_execute(p->forward)) {
        wg_tape_error_clear(p->tape);
        return (double)NAN;
    }
    for (int k = 0; k < p->y.count; k++) {
        const double *y = wg_values(p->y.at[k]);
        const double *seed = p->seeds.count ? wg_values(p->seeds.at[k]) : NULL;
        for (int64_t j = 0; j < p->y.at[k]->type->count; j++) {
            const double term = seed ? seed[j] * y[j] : y[j];
            add_term(term, &sum, &lost);
            sizes += fabs(term);
        }
    }
    if (mass) *mass = sizes;
    return isfinite(sum) ? sum + lost : sum;
}

/* The function at base + t v, where only elements from begin to end of x[i] move. */
typedef struct line {
    int           i;
    const double *v;
    int64_t       begin, end;
} line;

static double evaluate_at(wg__probe *p, const line *l, double t)
{
    double *x = p->x.at[l->i]->value;
    for (int64_t j = l->begin; j < l->end; j++) x[j] = p->base[l->i][j] + t * l->v[j];
    p->tape->version++;
    return evaluate(p, NULL);
}

static void go_home(wg__probe *p, const line *l)
{
    double *x = p->x.at[l->i]->value;
    for (int64_t j = l->begin; j < l->end; j++) x[j] = p->base[l->i][j];
    p->tape->version++;
}

/* ---- starting ---- */

static bool make_room(wg__probe *p)
{
    const size_t count = (size_t)p->x.count;
    p->steady = wg__list_take(p->tape, count);
    p->base = wg__list_take(p->tape, count * sizeof *p->base);
    p->gradient = wg__list_take(p->tape, count * sizeof *p->gradient);
    if (!p->steady || !p->base || !p->gradient) return false;
    for (int i = 0; i < p->x.count; i++) {
        const size_t bytes = wg__type_bytes(p->x.at[i]->type);
        p->base[i] = wg__list_take(p->tape, bytes);
        p->gradient[i] = wg__list_take(p->tape, bytes);
        if (!p->base[i] || !p->gradient[i]) return false;
        memcpy(p->base[i], p->x.at[i]->value, bytes);
    }
    return true;
}

/* Runs forward and backward twice and compares. */
static wg_check_verdict run_twice(wg__probe *p)
{
    if (!wg__plan_execute(p->both)) return WG_CHECK_NOT_CHECKABLE;
    for (int i = 0; i < p->x.count; i++)
        memcpy(p->gradient[i], wg_values(p->dx.at[i]), wg__type_bytes(p->dx.at[i]->type));
    p->value = evaluate(p, &p->mass);
    const double again = evaluate(p, NULL);
    if (memcmp(&p->value, &again, sizeof again) != 0) return WG_CHECK_NOT_DETERMINISTIC;
    if (!wg__plan_execute(p->both)) return WG_CHECK_NOT_CHECKABLE;
    for (int i = 0; i < p->x.count; i++)
        p->steady[i] =
            memcmp(p->gradient[i], wg_values(p->dx.at[i]), wg__type_bytes(p->dx.at[i]->type)) == 0;
    return isfinite(p->value) ? WG_CHECK_PASS : WG_CHECK_NAN;
}

wg_check_verdict wg__probe_start(wg__probe *p)
{
    p->forward = wg_plan_new_with((struct wg_plan_request){.outputs = p->y});
    if (!p->forward || !make_room(p)) return WG_CHECK_NOT_CHECKABLE;
    p->dx = wg_grad(p->y, p->seeds, p->x);
    if (wg_tape_error(p->tape)) return WG_CHECK_FAIL;
    p->reached = p->tape->derivations[p->tape->derivation_count - 1]->reached;
    p->both = wg_plan_new_with((struct wg_plan_request){.outputs = wg_join(p->tape, p->y, p->dx)});
    return p->both ? run_twice(p) : WG_CHECK_NOT_CHECKABLE;
}

/* ---- measuring ---- */

typedef struct measure {
    wg_check_verdict verdict;
    wg_check_numbers numbers;
    double           excess; /* error in parts of what is allowed */
} measure;

/* What five points tell about the derivative. */
typedef struct differences {
    double numeric, bound;
    double bend;  /* between the slopes to the right and to the left, at h/2 */
    bool   bends; /* it does not fade with h, as that of a smooth function does */
} differences;

/*
 * D(h) = (f(h) - f(-h)) / 2h errs by h^2 f'''/6, so (4 D(h/2) - D(h)) / 3 by O(h^4) only, and the
 * correction bounds its error with room to spare. Rounding shows in the fourth difference.
 */
static differences five_points(wg__probe *p, const line *l, double h)
{
    const double left = evaluate_at(p, l, -h), left2 = evaluate_at(p, l, -h / 2);
    const double right2 = evaluate_at(p, l, h / 2), right = evaluate_at(p, l, h), f = p->value;
    const double wide = (right - left) / (2 * h), narrow = (right2 - left2) / h;
    const double correction = (narrow - wide) / 3, noise = DBL_EPSILON * p->mass / h;
    const double fourth = left - 4 * left2 + 6 * f - 4 * right2 + right;
    const double bend = fabs(right - 2 * f + left) / h,
                 bend2 = fabs(right2 - 2 * f + left2) / (h / 2);
    return (differences){.numeric = narrow + correction,
                         .bound = fabs(correction) + fabs(fourth) / h + 16 * noise,
                         .bend = bend2,
                         .bends = bend2 > 0.75 * bend && bend2 > 256 * noise};
}

/* The recorded derivative along the line, and the size of its terms. */
static double slope(const wg__probe *p, const line *l, double *mass)
{
    double sum = 0, lost = 0;
    *mass = 0;
    for (int64_t j = l->begin; j < l->end; j++) {
        const double term = p->gradient[l->i][j] * l->v[j];
        add_term(term, &sum, &lost);
        *mass += fabs(term);
    }
    return sum + lost;
}

/* Compares the two numbers, where `mass` is the size of the recorded one's terms. */
static measure compare(const wg__probe *p, double analytic, double mass, const differences *d)
{
    const double scale = fmax(mass, fabs(d->numeric)), error = fabs(analytic - d->numeric);
    const double allowed = p->tolerance * scale + d->bound;
    const bool   told = d->bound <= 1e-3 * (scale + p->mass); /* else the differences say nothing */
    const bool   good = error <= allowed && told;
    return (measure){.verdict = good ? WG_CHECK_PASS : WG_CHECK_FAIL,
                     .numbers = {.analytic = analytic,
                                 .numeric = d->numeric,
                                 .absolute = error,
                                 .relative = scale > 0 ? error / scale : 0,
                                 .bound = d->bound},
                     .excess = error > 0 ? error / allowed : 0};
}

/* True where the function has no derivative, as far as these five points tell. */
static bool has_kink(const wg__probe *p, const differences *d, double mass)
{
    return d->bends && d->bend > p->tolerance * fmax(mass, fabs(d->numeric));
}

/*
 * Takes the longest step that is precise enough and agrees. Before anything else is said all steps
 * are tried, since a short one may keep clear of a kink nearby.
 */
static measure measure_along(wg__probe *p, const line *l)
{
    double       mass;
    const double analytic = slope(p, l, &mass);
    differences  best = {.numeric = (double)NAN, .bound = INFINITY}, last = best;
    measure      m = {.verdict = WG_CHECK_FAIL};
    for (int level = 0; level < LEVELS && m.verdict != WG_CHECK_PASS; level++) {
        const differences d = five_points(p, l, ldexp(1, -10 - 4 * level));
        if (!isfinite(d.numeric)) continue;
        last = d;
        if (has_kink(p, &d, mass)) continue;
        if (d.bound < best.bound) best = d;
        if (d.bound <= p->tolerance * (mass + 1e-3 * p->mass)) m = compare(p, analytic, mass, &d);
    }
    go_home(p, l);
    if (m.verdict == WG_CHECK_PASS) return m;
    const bool kink = has_kink(p, &last, mass);
    m = compare(p, analytic, mass, kink ? &last : &best);
    if (kink) m.verdict = WG_CHECK_KINK;
    if (isnan(m.numbers.numeric)) m.verdict = WG_CHECK_NAN;
    return m;
}

/* ---- one leaf ---- */

/* A direction in which each element moves by its own size, or by 1 if that is more. */
static void choose_direction(const wg__probe *p, int i, int number, double *v)
{
    for (int64_t j = 0; j < p->x.at[i]->type->count; j++)
        v[j] = wg__probe_random(p->seed, (uint64_t)j, (uint64_t)i << 32 | (uint32_t)number) *
               fmax(1, fabs(p->base[i][j]));
}

/* Keeps the measure when it is the worst so far. */
static void keep_worst(wg_check_leaf *row, const measure *m, int64_t element, double *excess)
{
    const bool worse = wg__check_worse(m->verdict, row->verdict) ||
                       (m->verdict == row->verdict && (row->checked == 0 || m->excess > *excess));
    row->checked++;
    if (!worse) return;
    row->verdict = m->verdict;
    row->element = element;
    row->worst = m->numbers;
    *excess = m->excess;
}

/* Derivatives along a multiple of one element, as those by the element. */
static measure measure_element(wg__probe *p, line l)
{
    measure      m = measure_along(p, &l);
    const double by = l.v[l.begin];
    m.numbers.analytic /= by;
    m.numbers.numeric /= by;
    m.numbers.absolute /= fabs(by);
    m.numbers.bound /= fabs(by);
    return m;
}

/* Halves a direction that does not pass until one element is left that does not. */
static void narrow_down(wg__probe *p, line l, wg_check_leaf *row, double *excess)
{
    while (l.end - l.begin > 1) {
        line half = l;
        half.end = l.begin + (l.end - l.begin) / 2;
        row->checked++;
        if (measure_along(p, &half).verdict != WG_CHECK_PASS)
            l = half;
        else
            l.begin = half.end;
    }
    const measure m = measure_element(p, l);
    if (m.verdict != row->verdict) return; /* no single element is to blame */
    *excess = 0;
    keep_worst(row, &m, l.begin, excess);
}

/* The first element at which the gradient or the leaf is not finite; -1: none. */
static int64_t find_nan(const wg__probe *p, int i)
{
    for (int64_t j = 0; j < p->x.at[i]->type->count; j++)
        if (!isfinite(p->gradient[i][j]) || !isfinite(p->base[i][j])) return j;
    return -1;
}

static void judge(wg__probe *p, int i, int directions, wg_check_leaf *row)
{
    const int64_t count = p->x.at[i]->type->count;
    double       *v = wg__list_take(p->tape, wg__type_bytes(p->x.at[i]->type)), excess = 0;
    if (!v) return;
    choose_direction(p, i, 0, v);
    line l = {.i = i, .v = v, .end = count};
    for (l.begin = 0; directions == 0 && l.begin < count; l.begin++) {
        l.end = l.begin + 1;
        const measure m = measure_element(p, l);
        keep_worst(row, &m, l.begin, &excess);
    }
    l.begin = 0;
    for (int k = 0; k < directions && count > 0; k++) {
        choose_direction(p, i, k, v);
        const measure m = measure_along(p, &l);
        keep_worst(row, &m, -1, &excess);
        if (m.verdict == WG_CHECK_PASS) continue;
        narrow_down(p, l, row, &excess);
        break;
    }
    wg__pool_rewind(&p->tape->lists, v);
}

void wg__probe_leaf(wg__probe *p, int i, int directions, wg_check_leaf *row)
{
    row->element = -1;
    row->verdict = WG_CHECK_PASS;
    const int64_t at = find_nan(p, i);
    if (!p->steady[i])
        row->verdict = WG_CHECK_NOT_DETERMINISTIC;
    else if (at >= 0) {
        row->verdict = WG_CHECK_NAN;
        row->element = at;
        row->worst = (wg_check_numbers){.analytic = p->gradient[i][at],
                                        .numeric = (double)NAN,
                                        .absolute = (double)NAN,
                                        .relative = (double)NAN};
    } else {
        if (directions == 0 && p->x.at[i]->type->count > FEW) directions = DIRECTIONS;
        judge(p, i, directions, row);
    }
}
