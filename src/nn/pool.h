// SPDX-License-Identifier: MIT
/*
 * Pooling beside wg_max_pool2d and wg_avg_pool2d: of sequences, to a given size, over all places.
 * None of it has params.
 */
#ifndef WENGERT_NN_POOL_H
#define WENGERT_NN_POOL_H

#include "../graph/where.h"

/*
 * x is (n, c, l). A stride left out is the kernel, a dilation 1; dilation is of the maximum only,
 * exclude_pad of the average only, as in pool2d.h. Refused: another rank, and what these refuse.
 */
struct wg_nn_pool1d {
    wg_tensor *x;
    int64_t    kernel, stride, padding, dilation;
    bool       exclude_pad;
};

WG_BEGIN_DECLS

/* wg_nn_max_pool1d(x, .kernel, .stride, .padding, .dilation): the largest of each window. */
WG_API wg_tensor *wg_nn_max_pool1d_with(struct wg_nn_pool1d pool);

/* wg_nn_avg_pool1d(x, .kernel, .stride, .padding, .exclude_pad): the mean of each window. */
WG_API wg_tensor *wg_nn_avg_pool1d_with(struct wg_nn_pool1d pool);

#ifndef __cplusplus
/* The calls: x, then settings. */
#define wg_nn_max_pool1d(...)                                                                      \
    WG__CALL(wg_nn_max_pool1d_with((struct wg_nn_pool1d){.x = __VA_ARGS__}))
#define wg_nn_avg_pool1d(...)                                                                      \
    WG__CALL(wg_nn_avg_pool1d_with((struct wg_nn_pool1d){.x = __VA_ARGS__}))
#endif

/*
 * The mean, and the maximum, of windows of x (n, c, h, w) that come out as (n, c, rows, columns):
 * output i of an axis of size s is of the places from floor(i s / size) to before
 * ceil((i + 1) s / size). Where the sizes divide it is one pooling; else the mean is two products
 * with constant matrices, and the maximum is of windows made equally long by their last place. Of
 * equal ones the first is the maximum. Refused: another rank, integers, sizes that are not positive.
 */
WG_API wg_tensor *wg_nn_adaptive_avg_pool2d(wg_tensor *x, int64_t rows, int64_t columns);
WG_API wg_tensor *wg_nn_adaptive_max_pool2d(wg_tensor *x, int64_t rows, int64_t columns);

/* The same of x (n, c, l), giving (n, c, size). */
WG_API wg_tensor *wg_nn_adaptive_avg_pool1d(wg_tensor *x, int64_t size);
WG_API wg_tensor *wg_nn_adaptive_max_pool1d(wg_tensor *x, int64_t size);

/* The mean, and the maximum, over all axes behind the second: (n, c, ...) becomes (n, c). */
WG_API wg_tensor *wg_nn_global_avg_pool(wg_tensor *x);
WG_API wg_tensor *wg_nn_global_max_pool(wg_tensor *x);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_nn_adaptive_avg_pool2d(...) WG__CALL(wg_nn_adaptive_avg_pool2d(__VA_ARGS__))
#define wg_nn_adaptive_max_pool2d(...) WG__CALL(wg_nn_adaptive_max_pool2d(__VA_ARGS__))
#define wg_nn_adaptive_avg_pool1d(...) WG__CALL(wg_nn_adaptive_avg_pool1d(__VA_ARGS__))
#define wg_nn_adaptive_max_pool1d(...) WG__CALL(wg_nn_adaptive_max_pool1d(__VA_ARGS__))
#define wg_nn_global_avg_pool(...)     WG__CALL(wg_nn_global_avg_pool(__VA_ARGS__))
#define wg_nn_global_max_pool(...)     WG__CALL(wg_nn_global_max_pool(__VA_ARGS__))
#endif

#endif
