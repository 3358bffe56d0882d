// SPDX-License-Identifier: MIT
/*
 * The kernels for one element type: included by isa.h with T the type and NAME(name) its suffix.
 * Each member is explained in the header named above it. No guard: it is read twice.
 */
#include "conv2d.h"
#include "gemm.h"
#include "index.h"
#include "pool.h"
#include "reduce.h"

struct NAME(wg__kernels) {
    /* gemm.h */
    void (*gemm)(const struct wg__gemm *, const T *a, const T *b, T *c, void *scratch);
    void (*gemm_plain)(const struct wg__gemm *, const T *a, const T *b, T *c);

    /* conv2d.h */
    void (*conv2d_forward)(const struct wg__conv2d *, const T *x, const T *w, const T *bias, T *y,
                           void *scratch);
    void (*conv2d_backward_data)(const struct wg__conv2d *, const T *w, const T *dy, T *dx,
                                 void *scratch);
    void (*conv2d_backward_weight)(const struct wg__conv2d *, const T *x, const T *dy, T *dw,
                                   void *scratch);

    /* pool.h */
    void (*max_pool2d)(const struct wg__pool2d *, const T *x, T *y, int64_t *argmax);
    void (*max_pool2d_backward)(const struct wg__pool2d *, const T *dy, const int64_t *argmax,
                                T *dx);
    void (*max_pool2d_gather)(const struct wg__pool2d *, const T *x, const int64_t *argmax, T *y);
    void (*avg_pool2d)(const struct wg__pool2d *, const T *x, T *y);
    void (*avg_pool2d_backward)(const struct wg__pool2d *, const T *dy, T *dx);

    /* reduce.h */
    void (*sum)(const wg_view *x, unsigned axes, T *y);
    void (*max)(const wg_view *x, unsigned axes, T *y);
    void (*min)(const wg_view *x, unsigned axes, T *y);
    void (*argmax)(const wg_view *x, unsigned axes, int64_t *y);
    void (*argmin)(const wg_view *x, unsigned axes, int64_t *y);
    void (*logsumexp)(int64_t rows, int64_t n, const T *x, T *y);
    void (*softmax)(int64_t rows, int64_t n, const T *x, T *y);
    void (*log_softmax)(int64_t rows, int64_t n, const T *x, T *y);
    void (*softmax_backward)(int64_t rows, int64_t n, const T *y, const T *dy, T *dx);
    void (*log_softmax_backward)(int64_t rows, int64_t n, const T *y, const T *dy, T *dx);

    /* peak_body.h: what the processor gives at most */
    T (*multiply_adds)(int64_t rounds);
    int64_t (*peak_round)(void);

    /* index.h */
    void (*scatter_add)(const struct wg__rows *, const T *x, const void *index, T *y);
};
