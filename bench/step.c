// SPDX-License-Identifier: MIT
/*
 * One workload of ours, stepped at bench/run's word; see worker.h for the words.
 *
 *     step first           prints the gradient of the lecture's network: a cold start is timed by it
 *     step profile gpt     prints how long each step of a workload's plan takes
 *     step plan gpt        prints the plan, and what it cost to record and to make
 */
#include "measure.h"
#include "random_network.h"
#include "worker.h"
#include "workloads.h"

#include <stdio.h>
#include <string.h>

static const struct workload *workload;
static wg_tape               *tape;
static wg_tensor             *output;
static const wg_gradients    *gradients;
static wg_plan               *plan;
static enum wg_onednn         onednn; /* none unless asked for by name */

/* Records the workload and finds or makes its plan. */
static void record(void)
{
    wg_tensors updates = {.count = 0}, wanted = {.count = 0};
    output = workload->record(tape, workload->batch);
    gradients = workload->forward ? NULL : wg_backward(output);
    if (gradients && !workload->update) wanted = gradients->values;
    if (gradients && workload->update) {
        workload->update(gradients);
        updates = wg_assigns(tape); /* running statistics too */
    }
    /* Where nothing is trained the gradient is what is asked for, as of the peers. */
    plan = wg_plan_new(wanted.count ? NULL : output, .outputs = wanted, .updates = updates);
}

static const char *path_of(const char *folder, const char *name)
{
    static char path[2000];
    snprintf(path, sizeof path, "%s/%s.npy", folder, name);
    for (char *slash = strchr(path + strlen(folder) + 1, '/'); slash; slash = strchr(slash, '/'))
        *slash = '.';
    return path;
}

/* Writes an input or param from its file; states keep what they have. */
static const char *fill(wg_tensor *leaf, const char *folder)
{
    static char reason[WG_REASON];
    wg_array    array;
    if (wg_role_of(leaf) == WG_STATE || !strcmp(wg_name_of(leaf), "rate")) return NULL;
    if (!wg_npy_read(path_of(folder, wg_name_of(leaf)), NULL, &array, reason)) return reason;
    wg_write_values(leaf, array.type.dtype, array.data, array.type.count);
    wg_array_free(&array);
    return wg_tape_error(tape);
}

static const char *load(const char *name, const char *folder)
{
    workload = workload_find(name);
    if (!workload) return "no such workload";
    const char *reason = workload->record == random_network ? random_network_read(folder) : NULL;
    if (reason) return reason;
    wg_tape_free(tape);
    tape = wg_tape_new_with(&(wg_tape_options){.onednn = onednn});
    record();
    const wg_tensors leaves = wg_leaves(tape);
    for (int i = 0; i < leaves.count; i++) {
        const char *error = fill(leaves.at[i], folder);
        if (error) return error;
    }
    return wg_tape_error(tape);
}

static const char *save(wg_tensor *tensor, const char *path)
{
    static char reason[WG_REASON];
    wg_view     view = {.type = wg_type_of(tensor)};
    wg_shape_strides(view.type->shape, view.stride);
    memcpy(&view.data, &(const void *){wg_values(tensor)}, sizeof view.data);
    if (!view.data) return wg_tape_error(tape);
    return wg_npy_write(path, &view, reason) ? NULL : reason;
}

static const char *check(const char *folder)
{
    const char *error = save(output, path_of(folder, "output"));
    for (int i = 0; gradients && !error && i < gradients->params.count; i++)
        error = save(gradients->values.at[i], path_of(folder, wg_name_of(gradients->params.at[i])));
    return error;
}

static const char *go(long steps)
{
    for (long i = 0; i < steps; i++) {
        if (workload->anew) {
            wg_tape_clear(tape);
            record();
        }
        if (!wg_plan_run(plan)) return wg_tape_error(tape);
    }
    return NULL;
}

static int first(void)
{
    workload = workload_find("lecture");
    tape = wg_tape_new();
    output = lecture(tape, 1);
    gradients = wg_backward(output);
    wg_init_uniform(tape, 1);
    const wg_tensors leaves = wg_leaves(tape);
    for (int i = 0; i < leaves.count; i++)
        if (wg_role_of(leaves.at[i]) == WG_INPUT) wg_write_all(leaves.at[i], 1);
    for (int i = 0; gradients && i < gradients->values.count; i++)
        wg_print(gradients->values.at[i], stdout, NULL);
    return wg_tape_error(tape) != NULL;
}

/* Seconds to record the workload again and find its plan, the middle of some turns. */
static double again(void)
{
    double took[21];
    for (int i = 0; i < 21; i++) {
        const double start = seconds();
        wg_tape_clear(tape);
        record();
        took[i] = seconds() - start;
    }
    return median(took, 21);
}

/* Prints the plan of a workload, or its profile, with values at random. */
static int show(const char *what, const char *name)
{
    workload = workload_find(name);
    if (!workload) return fprintf(stderr, "no workload is called %s\n", name), 1;
    const double start = seconds();
    tape = wg_tape_new_with(&(wg_tape_options){.onednn = onednn});
    record();
    const double made = seconds() - start;
    wg_init_uniform(tape, 1);
    const wg_tensors leaves = wg_leaves(tape);
    for (int i = 0; i < leaves.count; i++)
        if (wg_role_of(leaves.at[i]) == WG_INPUT) wg_write_all(leaves.at[i], 1);
    if (strcmp(what, "plan") == 0) {
        wg_plan_print(plan, stdout);
        printf("recorded and planned in %.2f ms; recorded again, plan found, in %.3f ms\n",
               made * 1e3, again() * 1e3);
    } else
        wg_plan_profile(plan, stdout, .runs = 20);
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    return wg_tape_error(tape) != NULL;
}

/* Takes "onednn" or "winograd" from the end of the command line. */
static int take_provider(int count, char **arguments)
{
    const char *last = arguments[count - 1];
    if (strcmp(last, "onednn") == 0) onednn = WG_ONEDNN_DIRECT;
    if (strcmp(last, "winograd") == 0) onednn = WG_ONEDNN_WINOGRAD;
    return count - (onednn != WG_ONEDNN_NONE);
}

int main(int arguments_given, char **arguments)
{
    take_help(arguments_given, arguments,
              "[first | profile WORKLOAD | plan WORKLOAD]   driven by bench/run when left out");
    const int           count = take_provider(arguments_given, arguments);
    const struct worker worker = {.load = load, .check = check, .go = go};
    const bool          cold = count > 1 && !strcmp(arguments[1], "first");
    const int           status = count > 2 ? show(arguments[1], arguments[2])
                                 : cold    ? first()
                                           : worker_serve(&worker);
    wg_tape_free(tape);
    return status;
}
