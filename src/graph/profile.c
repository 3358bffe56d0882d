// SPDX-License-Identifier: MIT
/* How long each step of a plan takes. */
#include "report.h"

#include "../kernels/peak.h"
#include "../tensor/clock.h"
#include "plan_internal.h"

#include <stdlib.h>

/* What is measured: seconds of each step in each run, and of whole runs. */
typedef struct measures {
    wg_plan *plan;
    int      steps, runs;
    double  *step;        /* [step * runs + run]; later, sorted */
    double  *whole;       /* of a run without looks at the clock */
    double  *begin;       /* of each step in the last run */
    double   peak, triad; /* operations and bytes a second of all threads */
} measures;

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *x, int count)
{
    qsort(x, (size_t)count, sizeof *x, by_size);
    return 0.5 * (x[(count - 1) / 2] + x[count / 2]);
}

/* The best of several short measurements: operations a second of one thread. */
static double measure_peak(void)
{
    double best = 0;
    for (int i = 0; i < 30; i++) {
        const double start = wg__seconds(), operations = wg__do_multiply_adds();
        const double rate = operations / (wg__seconds() - start);
        if (rate > best) best = rate;
    }
    return best;
}

/* Arrays beyond the caches, and the pieces of them that threads take. */
enum { TRIAD = 1 << 23, TRIAD_PARTS = 64 };

static int triad_part(const void *context, int part)
{
    const long each = TRIAD / TRIAD_PARTS, first = part * each;
    float     *array = *(float *const *)context;
    wg__do_triad(array + first, array + TRIAD + first, array + 2 * TRIAD + first, each);
    return 0;
}

/* The best of a few: bytes a second of the triad on all threads; 0 without memory. */
static double measure_triad(const wg_tape *tape)
{
    const size_t bytes = 3 * sizeof(float) * (size_t)TRIAD;
    float       *array = wg__alloc_zero(&tape->allocator, bytes);
    double       best = 0;
    for (int i = 0; i < 4 && array; i++) {
        const double start = wg__seconds();
        if (tape->team)
            wg__team_run(tape->team, TRIAD_PARTS, triad_part, &array);
        else
            for (int part = 0; part < TRIAD_PARTS; part++) triad_part(&array, part);
        const double rate = (double)bytes / (wg__seconds() - start);
        if (rate > best) best = rate;
    }
    wg__free(&tape->allocator, array);
    return best;
}

/* ---- measuring ---- */

static bool run_with_looks(measures *m, int run)
{
    wg_plan *plan = m->plan;
    if (!wg__plan_begin(plan)) return false;
    double last = wg__seconds();
    for (int s = 0; s < m->steps; s++) {
        const int step = plan->constants + s;
        if (!wg__plan_steps(plan, step, step + 1)) return false;
        const double now = wg__seconds();
        m->begin[s] = last;
        m->step[s * m->runs + run] = now - last;
        last = now;
    }
    wg__plan_end(plan);
    return true;
}

static bool run_all(measures *m)
{
    if (!wg_plan_run(m->plan)) return false; /* memory is touched for the first time */
    for (int run = 0; run < m->runs; run++) {
        const double start = wg__seconds();
        if (!wg_plan_run(m->plan)) return false;
        m->whole[run] = wg__seconds() - start;
        m->plan->tape->runs++;
        m->plan->tape->version++;
        if (!run_with_looks(m, run)) return false;
    }
    return true;
}

/* ---- the table ---- */

static void print_rates(const measures *m, double time, double flops, double bytes, FILE *file)
{
    const double compute = flops / m->peak, memory = bytes / m->triad;
    fprintf(file, " %10.2f %10.2f %8.1f %8.1f %6.1f %%\n", time * 1e6,
            1e6 * (compute > memory ? compute : memory), flops / time * 1e-9, bytes / time * 1e-9,
            100 * compute / time);
}

/* What all steps of an op cost. */
typedef struct op_cost {
    const wg_op *op;
    int          steps;
    double       time, flops, bytes;
} op_cost;

static int by_time(const void *a, const void *b)
{
    return by_size(&((const op_cost *)b)->time, &((const op_cost *)a)->time);
}

/* Steps of one op together, the costliest op first; `costs` has room for one of each step. */
static void print_ops(const measures *m, const double *time, op_cost *costs, FILE *file)
{
    size_t count = 0;
    for (int s = 0; s < m->steps; s++) {
        const wg__step *step = &m->plan->step[m->plan->constants + s];
        size_t          at = 0;
        while (at < count && costs[at].op != step->call.op) at++;
        if (at == count) costs[count++] = (op_cost){.op = step->call.op};
        costs[at].steps++;
        costs[at].time += time[s];
        costs[at].flops += wg__step_flops(step);
        costs[at].bytes += wg__step_bytes(step);
    }
    qsort(costs, count, sizeof *costs, by_time);
    for (const op_cost *c = costs; c < costs + count; c++) {
        fprintf(file, "%5d  %-31s", c->steps, c->op->name);
        print_rates(m, c->time, c->flops, c->bytes, file);
    }
}

static bool print_table(measures *m, FILE *file)
{
    const wg_allocator *allocator = &m->plan->tape->allocator;
    double             *time = wg__alloc(allocator, (size_t)m->steps * sizeof *time);
    op_cost            *costs = wg__alloc(allocator, (size_t)m->steps * sizeof *costs);
    double              sum = 0;
    if (time && costs) {
        fprintf(file, "%5s  %-22s %-8s %10s %10s %8s %8s %8s\n", "step", "op", "kernel", "us",
                "least us", "GFLOP/s", "GB/s", "of peak");
        for (int s = 0; s < m->steps; s++) {
            const wg__step *step = &m->plan->step[m->plan->constants + s];
            sum += time[s] = median(m->step + s * m->runs, m->runs);
            fprintf(file, "%5d  %-22s %-8s", s, step->call.op->name,
                    step->call.way ? step->call.way : "");
            print_rates(m, time[s], wg__step_flops(step), wg__step_bytes(step), file);
        }
        fprintf(file, "%5s  %s\n", "steps", "by op");
        print_ops(m, time, costs, file);
        const double whole = median(m->whole, m->runs);
        fprintf(file,
                "%.2f us in steps, %.2f us a whole run (median of %d); peak %.1f GFLOP/s in f32, "
                "triad %.1f GB/s\n",
                sum * 1e6, whole * 1e6, m->runs, m->peak * 1e-9, m->triad * 1e-9);
    }
    const bool good = time && costs;
    wg__free(allocator, time);
    wg__free(allocator, costs);
    return good ? !ferror(file) : wg__out_of_memory(m->plan->tape) != NULL;
}

/* ---- the trace ---- */

/* The Trace Event Format of Chrome: one complete event for each step, in microseconds. */
static bool write_trace(const measures *m, const double *last, FILE *file)
{
    const wg_plan *plan = m->plan;
    fputs("{\"traceEvents\": [", file);
    for (int s = 0; s < m->steps; s++) {
        const wg__step *step = &plan->step[plan->constants + s];
        fprintf(file,
                "%s\n  {\"name\": \"%s\", \"ph\": \"X\", \"pid\": 1, \"tid\": 1, \"ts\": %.3f, "
                "\"dur\": %.3f, \"args\": {\"step\": %d, ",
                s ? "," : "", step->call.op->name, (m->begin[s] - m->begin[0]) * 1e6, last[s] * 1e6,
                s);
        wg__json_step(plan, step, file);
        fputs("}}", file);
    }
    fputs("\n], \"displayTimeUnit\": \"ns\"}\n", file);
    return !ferror(file);
}

bool wg_plan_profile_with(struct wg_profile profile)
{
    wg_plan *plan = profile.plan;
    if (!wg__plan_usable(plan) || (!profile.file && !profile.trace)) return false;
    measures m = {.plan = plan, .runs = profile.runs > 0 ? profile.runs : 10};
    m.steps = plan->steps - plan->constants;
    const wg_allocator *allocator = &plan->tape->allocator;
    const size_t        steps = (size_t)m.steps, runs = (size_t)m.runs;
    double             *all = wg__alloc(allocator, (steps * (runs + 2) + runs) * sizeof *all);
    if (!all) return wg__out_of_memory(plan->tape);
    m.step = all;
    m.begin = all + steps * runs;
    double *last = m.begin + steps;
    m.whole = last + steps;
    m.peak = measure_peak() * plan->tape->threads;
    m.triad = measure_triad(plan->tape);
    bool good = m.triad > 0 ? run_all(&m) : wg__out_of_memory(plan->tape) != NULL;
    for (int s = 0; s < m.steps && good; s++) last[s] = m.step[s * m.runs + m.runs - 1];
    if (good && profile.trace) good = write_trace(&m, last, profile.trace);
    if (good && profile.file) good = print_table(&m, profile.file);
    wg__free(allocator, all);
    return good;
}
