// SPDX-License-Identifier: MIT
/*
 * What a plan does and what it costs, for reading: as a table, as JSON, as a picture; and how long
 * each step takes, as a table and as a trace for chrome://tracing and ui.perfetto.dev.
 *
 *     wg_plan_print(plan, stdout);
 *     wg_plan_profile(plan, stdout, .runs = 20);
 */
#ifndef WENGERT_GRAPH_REPORT_H
#define WENGERT_GRAPH_REPORT_H

#include "plan.h"

/* What to measure, and where to write it. Members left zero stand for "none" and the default. */
struct wg_profile {
    wg_plan *plan;
    FILE    *file;  /* the table */
    FILE    *trace; /* the last run in the Trace Event Format, JSON */
    int      runs;  /* of which each step's median is taken: 10 */
};

WG_BEGIN_DECLS

/*
 * Prints the steps as a table: op, with a fused step's members below it, kernel, the layout of
 * images ("nhwc": channels last; elementwise steps then show their shape so), threads, output type,
 * the bytes that it reads and writes, its floating-point operations (about), where its output lies
 * and where it was recorded; below a step for which oneDNN was asked, why it is by ours. Then the
 * facts of wg_plan_measure. False when the file cannot be written.
 */
WG_API bool wg_plan_print(const wg_plan *plan, FILE *file);

/*
 * The same as JSON: {"steps": [{"step", "op", "members", "kernel", "layout", "threads", "dtype",
 * "shape", "bytes", "flops", "place", "offset", "why", "where"}, ...], "facts": {...}}.
 */
WG_API bool wg_plan_write_json(const wg_plan *plan, FILE *file);

/* The same as a picture in DOT: steps and what they pass on; fused steps are boxes of members. */
WG_API bool wg_plan_write_dot(const wg_plan *plan, FILE *file);

/*
 * Runs the plan several times, updates included, with a look at the clock after each step: per step
 * and per op the median time; the least that it could take, by its floating-point operations at the
 * processor's peak or its bytes at the speed of memory, both measured too (less is possible where
 * bytes are still in a cache); operations and bytes a second, and the share of the peak; and the
 * sum against the time of whole runs without looks. False on an error of a run, which is on the
 * tape, or of a file.
 */
WG_API bool wg_plan_profile_with(struct wg_profile profile);
#ifndef __cplusplus
#define wg_plan_profile(plan_, ...)                                                                \
    WG__CALL_BOOL(wg_plan_profile_with((struct wg_profile){.plan = (plan_), .file = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
