// SPDX-License-Identifier: MIT
/* Steps written out by hand for one workload each, stepped like the others; see worker.h. */
#include "lecture_by_hand.h"
#include "measure.h"
#include "worker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <wengert/wengert.h>

static struct lecture_params params;
static float                 image[36], label;
static double                a; /* of the chain */
static bool                  chain;
static double                sum; /* of what the steps gave, so that they are made */

static const char *read_values(const char *folder, const char *name, void *to, size_t bytes)
{
    static char reason[WG_REASON];
    char        path[2000];
    wg_array    array;
    snprintf(path, sizeof path, "%s/%s.npy", folder, name);
    if (!wg_npy_read(path, NULL, &array, reason)) return reason;
    memcpy(to, array.data, bytes);
    wg_array_free(&array);
    return NULL;
}

static const char *load(const char *workload, const char *folder)
{
    chain = !strncmp(workload, "scalar", 6);
    if (chain) return read_values(folder, "a", &a, sizeof a);
    if (strncmp(workload, "lecture", 7) != 0) return "not written by hand";
    const char *error = read_values(folder, "c.weight", params.w1, sizeof params.w1);
    if (!error) error = read_values(folder, "c.bias", &params.b1, sizeof params.b1);
    if (!error) error = read_values(folder, "f.weight", params.w2, sizeof params.w2);
    if (!error) error = read_values(folder, "f.bias", &params.b2, sizeof params.b2);
    if (!error) error = read_values(folder, "x", image, sizeof image);
    return error ? error : read_values(folder, "y", &label, sizeof label);
}

/* b = sin(b) x + b, 1,000 times from b = x: the derivative by x. */
static double chain_step(double x, double *y)
{
    double b[1001], sine[1000], db = 1, dx = 0;
    b[0] = x;
    for (int i = 0; i < 1000; i++) {
        sine[i] = sin(b[i]);
        b[i + 1] = sine[i] * x + b[i];
    }
    for (int i = 999; i >= 0; i--) {
        dx += db * sine[i];
        db += db * x * cos(b[i]);
    }
    *y = b[1000];
    return dx + db;
}

static const char *write_number(const char *folder, const char *name, double value)
{
    static char   reason[WG_REASON];
    char          path[2000];
    const wg_type type = {.dtype = WG_F64, .count = 1};
    const wg_view view = {.data = &value, .type = &type};
    snprintf(path, sizeof path, "%s/%s.npy", folder, name);
    return wg_npy_write(path, &view, reason) ? NULL : reason;
}

static const char *check(const char *folder)
{
    double y, dy = 0;
    if (chain) {
        dy = chain_step(a, &y);
    } else {
        struct lecture_params copy = params;
        y = (double)lecture_step(&copy, image, label, 0);
    }
    const char *error = write_number(folder, "output", y);
    return error || !chain ? error : write_number(folder, "a", dy);
}

static const char *go(long steps)
{
    double y;
    for (long i = 0; i < steps; i++)
        sum += chain ? chain_step(a, &y) : (double)lecture_step(&params, image, label, 0.01f);
    return sum == 0.123 ? "an unlikely sum" : NULL;
}

int main(int count, char **arguments)
{
    take_help(count, arguments, "   driven by bench/run, see worker.h");
    const struct worker worker = {.load = load, .check = check, .go = go};
    return worker_serve(&worker);
}
