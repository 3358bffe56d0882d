// SPDX-License-Identifier: MIT
/*
 * How fast single ops are, at the shapes of real networks: matrix products and convolutions in
 * GFLOP/s and as a share of the peak of fused multiply-adds, which is measured first; what moves
 * memory in GB/s. An op's adjoint is planned by itself. The best of several turns is shown.
 *
 *     kernels [turns [threads]]
 *     kernels turns threads onednn      products and convolutions only, in turn with oneDNN's:
 *                                       medians, and how many times as fast as ours it is
 */
#include "measure.h"

#include <wengert/wengert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__AVX512F__)
#define VECTOR 64
#elif defined(__AVX2__)
#define VECTOR 32
#else
#define VECTOR 16
#endif

static int    turns = 20, threads = 1;
static bool   compared;
static double peak; /* multiply-adds counted as two */

typedef float wide __attribute__((vector_size(VECTOR)));

/* Sixteen sums in registers, none of which waits for another. */
static double measure_peak(void)
{
    enum { SUMS = 16, ROUNDS = 100000 };
    double best = 0;
    for (int turn = 0; turn < 2 * turns; turn++) {
        wide sum[SUMS], factor = {0}, result;
        __asm__ volatile("" : "+m"(factor));
        _Pragma("GCC unroll 16") for (int i = 0; i < SUMS; i++) sum[i] = factor + (float)i;
        const double start = seconds();
        for (int round = 0; round < ROUNDS; round++)
            _Pragma("GCC unroll 16") for (int i = 0; i < SUMS; i++) sum[i] += sum[i] * factor;
        const double time = seconds() - start;
        _Pragma("GCC unroll 16") for (int i = 1; i < SUMS; i++) sum[0] += sum[i];
        result = sum[0];
        __asm__ volatile("" : : "m"(result));
        const double rate = 2.0 * SUMS * ROUNDS * (VECTOR / sizeof(float)) / time;
        if (rate > best) best = rate;
    }
    return best;
}

static double time_run(wg_plan *plan, wg_tensor *tensor)
{
    const double start = seconds();
    if (!wg_plan_run(plan)) {
        fprintf(stderr, "%s\n", wg_tape_error(wg_tape_of(tensor)));
        exit(1);
    }
    return seconds() - start;
}

/* Seconds of one run of a plan for this tensor; the tape is cleared of nothing. */
static double time_of(wg_tensor *tensor)
{
    wg_plan *plan = wg_plan_new(tensor);
    double   best = 1e9;
    for (int turn = 0; turn <= turns; turn++) {
        const double time = time_run(plan, tensor);
        if (turn > 0 && time < best) best = time;
    }
    wg_plan_free(plan);
    return best;
}

/* The median seconds of the plans of two tensors, which take turns; the first one is no turn. */
static void times_of(wg_tensor *const tensor[2], double time[2])
{
    wg_plan *plan[2] = {wg_plan_new(tensor[0]), wg_plan_new(tensor[1])};
    double  *times[2] = {malloc((size_t)turns * sizeof(double)),
                         malloc((size_t)turns * sizeof(double))};
    if (!times[0] || !times[1]) exit(1);
    for (int i = 0; i < 2; i++) time_run(plan[i], tensor[i]);
    for (int turn = 0; turn < turns; turn++)
        for (int i = 0; i < 2; i++) times[i][turn] = time_run(plan[i], tensor[i]);
    for (int i = 0; i < 2; i++) {
        time[i] = median(times[i], turns);
        wg_plan_free(plan[i]);
        free(times[i]);
    }
}

static void show_flops(const char *name, const char *what, double operations, double time)
{
    printf("%-24s %-14s %10.1f us %8.1f GFLOP/s %4.0f %%\n", name, what, time * 1e6,
           operations / time * 1e-9, 100 * operations / time / peak / threads);
}

static void show_bytes(const char *name, const char *what, double bytes, double time)
{
    printf("%-24s %-14s %10.1f us %8.1f GB/s\n", name, what, time * 1e6, bytes / time * 1e-9);
}

/* A leaf of small numbers that are no round ones. */
static wg_tensor *leaf_of(wg_tape *tape, const char *name, wg_dtype dtype, wg_shape shape)
{
    wg_tensor    *leaf = wg_param(tape, name, dtype, shape);
    const int64_t count = wg_count_of(leaf);
    double       *values = malloc((size_t)count * sizeof *values);
    float        *rounded = malloc((size_t)count * sizeof *rounded);
    if (!values || !rounded) exit(1);
    for (int64_t i = 0; i < count; i++)
        rounded[i] = (float)(values[i] = (double)(i * 7919 % 1000) / 999 - 0.49);
    if (dtype == WG_F32)
        wg_write(leaf, rounded, count);
    else
        wg_write(leaf, values, count);
    free(values), free(rounded);
    return leaf;
}

/* A network of one op: y of x and w, and what it is asked for: y, dx, dw. */
struct trial {
    wg_tensor *y, *x, *w, *asked[3];
};

/* Records the gradients, for a seed that costs nothing. */
static struct trial derived(struct trial trial)
{
    wg_tensor       *y = trial.y;
    wg_tensor       *dy = leaf_of(wg_tape_of(y), "dy", wg_dtype_of(y), wg_shape_of_tensor(y));
    const wg_tensors dx = wg_grad(WG_TENSORS(y), WG_TENSORS(dy), WG_TENSORS(trial.x, trial.w));
    trial.asked[0] = y, trial.asked[1] = dx.at[0], trial.asked[2] = dx.at[1];
    return trial;
}

static wg_tape *new_tape(bool onednn)
{
    const wg_tape_options options = {.threads = threads,
                                     .onednn = onednn ? WG_ONEDNN_DIRECT : WG_ONEDNN_NONE};
    return wg_tape_new_with(&options);
}

static void compare(const char *name, const char *what, double operations, wg_tensor *ours,
                    wg_tensor *theirs)
{
    double time[2];
    times_of((wg_tensor *[]){ours, theirs}, time);
    printf("%-24s %-8s ours %8.1f us %7.1f GFLOP/s   oneDNN %8.1f us %7.1f GFLOP/s   %5.2f\n", name,
           what, time[0] * 1e6, operations / time[0] * 1e-9, time[1] * 1e6,
           operations / time[1] * 1e-9, time[0] / time[1]);
}

/* Times what `record` makes of row i of its table. */
static void measure(const char *name, double operations, int i, wg_dtype dtype,
                    struct trial (*record)(wg_tape *tape, int i, wg_dtype dtype))
{
    static const char *const what[] = {"forward", "dx", "dw"};
    const struct trial       ours = derived(record(new_tape(false), i, dtype));
    const struct trial       theirs = compared ? derived(record(new_tape(true), i, dtype)) : ours;
    for (int k = 0; k < 3; k++, name = "")
        if (compared)
            compare(name, what[k], operations, ours.asked[k], theirs.asked[k]);
        else
            show_flops(name, what[k], operations, time_of(ours.asked[k]));
    wg_tape_free(wg_tape_of(ours.y));
    if (compared) wg_tape_free(wg_tape_of(theirs.y));
}

/* ---- products: y = x w^T ---- */

static const struct {
    const char *name;
    int64_t     batch, rows, in, out;
} products[] = {
    {"512 x 512 x 512", 1, 512, 512, 512},      {"W4 128 x 784 x 512", 1, 128, 784, 512},
    {"W4 128 x 512 x 256", 1, 128, 512, 256},   {"W4 128 x 256 x 10", 1, 128, 256, 10},
    {"W6 1024 x 256 x 768", 1, 1024, 256, 768}, {"W6 1024 x 256 x 1024", 1, 1024, 256, 1024},
    {"W9 32 x 128 x 512", 1, 32, 128, 512},     {"W6 32 of 128 x 64 x 128", 32, 128, 64, 128},
};

static struct trial record_product(wg_tape *tape, int i, wg_dtype dtype)
{
    const int64_t batch = products[i].batch, rows = products[i].rows, in = products[i].in,
                  out = products[i].out;
    struct trial trial = {.x = leaf_of(tape, "x", dtype, WG_SHAPE(batch, rows, in)),
                          .w = leaf_of(tape, "w", dtype, WG_SHAPE(batch, out, in))};
    trial.y = batch == 1 ? wg_matmul(wg_reshape(trial.x, WG_SHAPE(rows, in)),
                                     wg_transpose(wg_reshape(trial.w, WG_SHAPE(out, in))))
                         : wg_matmul(trial.x, wg_transpose(trial.w));
    return trial;
}

static void measure_product(int i, wg_dtype dtype)
{
    const double batch = (double)products[i].batch, rows = (double)products[i].rows;
    measure(products[i].name, 2 * batch * rows * (double)(products[i].in * products[i].out), i,
            dtype, record_product);
}

/* ---- convolutions ---- */

static const struct {
    const char *name;
    int64_t     images, channels, side, filters, kernel, stride, pad, groups;
} convs[] = {
    {"W3 1@28 to 32, 3 x 3", 64, 1, 28, 32, 3, 1, 1, 1},
    {"W3 32@14 to 64, 3 x 3", 64, 32, 14, 64, 3, 1, 1, 1},
    {"W2 1@28 to 8, 3 x 3", 32, 1, 28, 8, 3, 1, 0, 1},
    {"W5 3@32 to 16, 3 x 3", 32, 3, 32, 16, 3, 1, 1, 1},
    {"W5 16@32 to 16, 3 x 3", 32, 16, 32, 16, 3, 1, 1, 1},
    {"W5 16@32 to 32, 3 x 3/2", 32, 16, 32, 32, 3, 2, 1, 1},
    {"W5 16@32 to 32, 1 x 1/2", 32, 16, 32, 32, 1, 2, 0, 1},
    {"W5 32@16 to 32, 3 x 3", 32, 32, 16, 32, 3, 1, 1, 1},
    {"W5 32@16 to 64, 3 x 3/2", 32, 32, 16, 64, 3, 2, 1, 1},
    {"W5 64@8 to 64, 3 x 3", 32, 64, 8, 64, 3, 1, 1, 1},
    {"64@7 to 64, 3 x 3", 32, 64, 7, 64, 3, 1, 1, 1},
    {"128@28 to 128, 3 x 3", 4, 128, 28, 128, 3, 1, 1, 1},
    {"256@14 to 64, 1 x 1", 8, 256, 14, 64, 1, 1, 0, 1},
    {"64@28 depthwise, 3 x 3", 8, 64, 28, 64, 3, 1, 1, 64},
    {"W10 32@14 to 64, 3 x 3", 1, 32, 14, 64, 3, 1, 1, 1},
};

static struct trial record_conv(wg_tape *tape, int i, wg_dtype dtype)
{
    const int64_t n = convs[i].images, c = convs[i].channels / convs[i].groups;
    const int64_t k = convs[i].filters, r = convs[i].kernel, s = convs[i].stride;
    const int64_t side = convs[i].side, pad = convs[i].pad;
    struct trial  trial = {.x =
                               leaf_of(tape, "x", dtype, WG_SHAPE(n, convs[i].channels, side, side)),
                           .w = leaf_of(tape, "w", dtype, WG_SHAPE(k, c, r, r))};
    trial.y =
        wg_conv2d(trial.x, trial.w, .stride = {s, s}, .pad = {pad, pad}, .groups = convs[i].groups);
    return trial;
}

static void measure_conv(int i, wg_dtype dtype)
{
    const int64_t r = convs[i].kernel, c = convs[i].channels / convs[i].groups;
    const int64_t side = (convs[i].side + 2 * convs[i].pad - r) / convs[i].stride + 1;
    measure(convs[i].name,
            2.0 * (double)(convs[i].images * convs[i].filters * side * side * c * r * r), i, dtype,
            record_conv);
}

/* ---- what moves memory ---- */

/* Times y and dx of one input; bytes: one read of x and one write of y, or the same and dy. */
static void measure_moves(const char *name, wg_tensor *y, wg_tensor *x)
{
    wg_tensor   *dy = leaf_of(wg_tape_of(y), "dy", wg_dtype_of(y), wg_shape_of_tensor(y));
    wg_tensor   *dx = wg_grad(WG_TENSORS(y), WG_TENSORS(dy), WG_TENSORS(x)).at[0];
    const double in = 4.0 * (double)wg_count_of(x), out = 4.0 * (double)wg_count_of(y);
    show_bytes(name, "forward", in + out, time_of(y));
    show_bytes("", "dx", in + out + in, time_of(dx));
    wg_tape_free(wg_tape_of(y));
}

static void measure_all_moves(void)
{
    wg_tensor *x = leaf_of(new_tape(false), "x", WG_F32, WG_SHAPE(64, 32, 28, 28));
    measure_moves("W3 max_pool2d 32@28", wg_max_pool2d(x, .kernel = {2, 2}), x);
    for (int64_t c = 16, side = 32; c <= 64; c *= 2, side /= 2) {
        x = leaf_of(new_tape(false), "x", WG_F32, WG_SHAPE(32, c, side, side));
        measure_moves(c == 16 ? "W5 batch_norm 16@32" : "    and half the size", wg_batch_norm(x),
                      x);
    }
    x = leaf_of(new_tape(false), "x", WG_F32, WG_SHAPE(1024, 256));
    measure_moves("W6 layer_norm 1024 x 256", wg_layer_norm(x), x);
    x = leaf_of(new_tape(false), "x", WG_F32, WG_SHAPE(4096, 128));
    measure_moves("W6 softmax 4096 x 128", wg_softmax(x, -1), x);
    x = leaf_of(new_tape(false), "x", WG_F32, WG_SHAPE(64, 32, 28, 28));
    measure_moves("sum by channel 32@28", wg_sum(x, WG_AXES(0, 2, 3)), x);
}

int main(int argc, char **argv)
{
    take_help(argc, argv, "[TURNS [THREADS [onednn]]]   how fast single ops are");
    if (argc > 1) turns = atoi(argv[1]);
    if (argc > 2) threads = atoi(argv[2]);
    compared = argc > 3 && strcmp(argv[3], "onednn") == 0 && wg_onednn_version();
    if (argc > 3 && !compared) {
        fprintf(stderr, "kernels: no \"%s\" to compare with\n", argv[3]);
        return 1;
    }
    peak = measure_peak();
    printf("peak of one core %.1f GFLOP/s in f32; %s of %d turns, %d threads\n", peak * 1e-9,
           compared ? "median" : "best", turns, threads);
    for (int f64 = 0; f64 < (compared ? 1 : 2); f64++, peak /= 2) {
        printf("%s\n", f64 ? "f64" : "f32");
        for (size_t i = 0; i < sizeof products / sizeof products[0]; i++)
            measure_product((int)i, f64 ? WG_F64 : WG_F32);
        for (size_t i = 0; i < sizeof convs / sizeof convs[0]; i++)
            measure_conv((int)i, f64 ? WG_F64 : WG_F32);
        if (!f64 && !compared) measure_all_moves();
    }
    return 0;
}
