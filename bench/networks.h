// SPDX-License-Identifier: MIT
/*
 * The workloads as a user would write them. Leaves have the names that bench/workloads.py gives
 * them, with a slash for some of the dots.
 */
#ifndef WENGERT_BENCH_NETWORKS_H
#define WENGERT_BENCH_NETWORKS_H

#include <wengert/wengert.h>

/* One workload: what is recorded, and how its params are updated. */
struct workload {
    const char *name;
    wg_tensor *(*record)(wg_tape *tape, int64_t batch); /* the loss, or the output */
    int64_t batch;
    /* NULL: gradients are what is asked for; with `forward` not even those. */
    wg_tensors (*update)(const wg_gradients *gradients);
    bool forward;
    bool anew; /* recorded anew each step */
};

/* A dense layer with params NAME/weight and NAME/bias. */
wg_tensor *dense(wg_tensor *x, const char *name, int64_t outputs);

/* networks.c */
wg_tensor *lecture(wg_tape *tape, int64_t batch);
wg_tensor *softmax_cnn(wg_tape *tape, int64_t batch);
wg_tensor *fashion_cnn(wg_tape *tape, int64_t batch);
wg_tensor *fashion_cnn_forward(wg_tape *tape, int64_t batch);
wg_tensor *mlp(wg_tape *tape, int64_t batch);

/* resnet.c, gpt.c */
wg_tensor *resnet20(wg_tape *tape, int64_t batch);
wg_tensor *gpt(wg_tape *tape, int64_t batch);

/* chains.c */
wg_tensor *elementwise(wg_tape *tape, int64_t batch);
wg_tensor *scalar_tape(wg_tape *tape, int64_t batch);
wg_tensor *lstm(wg_tape *tape, int64_t batch);

#endif
