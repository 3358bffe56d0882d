// SPDX-License-Identifier: MIT
/* Variance and standard deviation, f32 and f64, composed of other reductions. */
#ifndef WENGERT_OPS_VARIANCE_H
#define WENGERT_OPS_VARIANCE_H

#include "reduce.h"

/* As struct wg_reduce; the squared deviations are divided by n - 1, or by n when `biased`. */
struct wg_variance {
    wg_tensor *x;
    wg_axes    axes;
    bool       keep, biased;
};

WG_BEGIN_DECLS

/*
 * wg_var(x, axes, .keep, .biased): y = sum (x - mean x)^2 / (n - 1), of x's dtype; NaN of nothing,
 * and for n = 1 unless biased. An axis out of range or named twice is refused.
 */
WG_API wg_tensor *wg_var_with(struct wg_variance variance);

/* wg_std: the root of wg_var. Where it is 0, nothing flows back. */
WG_API wg_tensor *wg_std_with(struct wg_variance variance);

#ifndef __cplusplus
/* The calls: x, then axes, then .keep and .biased. */
#define wg_var(...) WG__CALL(wg_var_with((struct wg_variance){.x = __VA_ARGS__}))
#define wg_std(...) WG__CALL(wg_std_with((struct wg_variance){.x = __VA_ARGS__}))
#endif

WG_END_DECLS

#endif
