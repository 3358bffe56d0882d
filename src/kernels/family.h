// SPDX-License-Identifier: MIT
/*
 * The kernels for one element type: included by isa.h with T the type and NAME(name) its suffix.
 * Each member is explained in the header named above it. No guard: it is read twice.
 */
#include "conv2d.h"
#include "gemm.h"
#include "index.h"
#include "norm.h"
#include "pool.h"
#include "reduce.h"

/* For images with channels last: how they are turned (turn_body.h), norm.h and pool.h. */
struct NAME(wg__kernels_last) {
    void (*turn)(int64_t rows, int64_t columns, const T *from, int64_t from_row, T *to,
                 int64_t to_row);
    void (*max_pool2d)(const struct wg__pool2d *, const T *x, T *y, int64_t *argmax);
    void (*max_pool2d_backward)(const struct wg__pool2d *, const T *dy, const int64_t *argmax,
                                T *dx);
    void (*max_pool2d_gather)(const struct wg__pool2d *, const T *x, const int64_t *argmax, T *y);
    void (*avg_pool2d)(const struct wg__pool2d *, const T *x, T *y);
    void (*avg_pool2d_backward)(const struct wg__pool2d *, const T *dy, T *dx);
    void (*batch_norm)(const struct wg__batch *, const T *x, const T *w, const T *b, T *y, T *mean,
                       T *var, struct wg__range groups);
    void (*batch_norm_sums)(const struct wg__batch *, const T *x, const T *mean, const T *var,
                            const T *dy, T *db, T *dw, struct wg__range groups);
    void (*batch_norm_backward)(const struct wg__batch *, const T *x, const T *w, const T *mean,
                                const T *var, const T *dy, const T *db, const T *dw, T *dx,
                                struct wg__range groups);
};

/* For attention: of gemm.h and reduce.h. */
struct NAME(wg__kernels_attention) {
    void (*gemm_stairs)(const struct wg__gemm *, const struct wg__stairs *, const T *a,
                        const T *packed, const T *d, T *c);
    void (*softmax)(int64_t n, T *x);
    void (*softmax_backward)(int64_t n, T scale, const T *y, T *dy);
};

struct NAME(wg__kernels) {
    /* gemm.h */
    void (*gemm)(const struct wg__gemm *, const T *a, const T *b, const T *d, T *c, void *scratch);
    void (*gemm_plain)(const struct wg__gemm *, const T *a, const T *b, const T *d, T *c);
    void (*gemm_pack)(const struct wg__gemm *, const T *b, T *packed);
    void (*gemm_packed)(const struct wg__gemm *, const T *a, const T *packed, const T *d, T *c,
                        void *scratch);
    void (*gemv)(int64_t m, int64_t k, const T *a, const T *x, const T *bias, T *y);

    /* conv2d.h */
    void (*conv2d_forward)(const struct wg__conv2d *, const T *x, const T *w, const T *bias, T *y,
                           void *scratch, struct wg__range units);
    void (*conv2d_backward_data)(const struct wg__conv2d *, const T *w, const T *dy, T *dx,
                                 void *scratch, struct wg__range units);
    void (*conv2d_backward_weight)(const struct wg__conv2d *, const T *x, const T *dy, T *dw,
                                   void *scratch, struct wg__range units);

    /* pool.h */
    void (*max_pool2d)(const struct wg__pool2d *, const T *x, T *y, int64_t *argmax);
    void (*max_pool2d_backward)(const struct wg__pool2d *, const T *dy, const int64_t *argmax,
                                T *dx);
    void (*max_pool2d_gather)(const struct wg__pool2d *, const T *x, const int64_t *argmax, T *y);
    void (*avg_pool2d)(const struct wg__pool2d *, const T *x, T *y);
    void (*avg_pool2d_backward)(const struct wg__pool2d *, const T *dy, T *dx);

    /* reduce.h */
    void (*sum)(const struct wg__reduction *, const T *x, T *y, struct wg__range units);
    void (*sum_stretches)(int64_t n, int64_t length, const T *x, T *y);
    void (*sum_rows)(int64_t rows, int64_t blocks, const T *x, T *y);
    void (*max)(const struct wg__reduction *, const T *x, T *y, struct wg__range units);
    void (*min)(const struct wg__reduction *, const T *x, T *y, struct wg__range units);
    void (*argmax)(const struct wg__reduction *, const T *x, int64_t *y, struct wg__range units);
    void (*argmin)(const struct wg__reduction *, const T *x, int64_t *y, struct wg__range units);
    void (*logsumexp)(int64_t rows, int64_t n, const T *x, T *y);
    void (*softmax)(int64_t rows, int64_t n, const T *x, T *y);
    void (*log_softmax)(int64_t rows, int64_t n, const T *x, T *y);
    void (*softmax_backward)(int64_t rows, int64_t n, const T *y, const T *dy, T *dx);
    void (*log_softmax_backward)(int64_t rows, int64_t n, const T *y, const T *dy, T *dx);
    T (*multiply_adds)(int64_t rounds); /* peak_body.h */
    int64_t (*peak_round)(void);

    /* norm.h */
    void (*layer_norm)(int64_t rows, int64_t n, double eps, const T *x, const T *w, const T *b,
                       T *y, T *mean, T *rstd);
    void (*layer_norm_backward)(int64_t rows, int64_t n, const T *x, const T *mean, const T *rstd,
                                const T *g, T *dx);
    void (*batch_norm)(const struct wg__batch *, const T *x, const T *w, const T *b, T *y, T *mean,
                       T *var, struct wg__range channels);
    void (*batch_norm_sums)(const struct wg__batch *, const T *x, const T *mean, const T *var,
                            const T *dy, T *db, T *dw, struct wg__range channels);
    void (*batch_norm_backward)(const struct wg__batch *, const T *x, const T *w, const T *mean,
                                const T *var, const T *dy, const T *db, const T *dw, T *dx,
                                struct wg__range channels);
    struct NAME(wg__kernels_last) last;
    struct NAME(wg__kernels_attention) attention;

    /* index.h */
    void (*scatter_add)(const struct wg__rows *, const T *x, const void *index, T *y,
                        struct wg__range columns);
};
