// SPDX-License-Identifier: MIT
/* The lecture's network, its derivatives and its updates written out in C: what a plan is measured against. */
#ifndef WENGERT_BENCH_LECTURE_BY_HAND_H
#define WENGERT_BENCH_LECTURE_BY_HAND_H

/* The 15 params. */
struct lecture_params {
    float w1[9], b1, w2[4], b2;
};

/* One step of gradient descent on one 6 x 6 image with label 0 or 1; returns the loss before it. */
float lecture_step(struct lecture_params *params, const float *image, float label, float rate);

#endif
