// SPDX-License-Identifier: MIT
/*
 * Elementwise ops of one input: y has x's type, and y[i] depends on x[i] alone. They take f32 and
 * f64; neg and abs take integers too, which wrap. Other dtypes are refused, see wg_cast. NaN gives
 * NaN unless said otherwise, and where the derivative has a jump it is PyTorch's there.
 *
 * Each has a backward op of its own, wg_op_<name>_backward: dx from dy and from x or y, in one
 * step.
 */
#ifndef WENGERT_OPS_UNARY_H
#define WENGERT_OPS_UNARY_H

#include "../graph/where.h"

WG_BEGIN_DECLS

/* y = -x. Also i32, i64 and u8. */
WG_API wg_tensor *wg_neg(wg_tensor *x);

/* y = |x|, dx = dy sign x: 0 at 0. Also i32, i64 and u8; the smallest integer stays as it is. */
WG_API wg_tensor *wg_abs(wg_tensor *x);

/* y = 1 for x > 0, -1 for x < 0, 0 at 0 and for NaN; dx = 0. */
WG_API wg_tensor *wg_sign(wg_tensor *x);

/* ---- powers ---- */

/* y = x^2, dx = 2 dy x. */
WG_API wg_tensor *wg_square(wg_tensor *x);

/* y = sqrt x, dx = dy / (2 y): infinite at 0. */
WG_API wg_tensor *wg_sqrt(wg_tensor *x);

/* y = 1 / sqrt x, dx = -dy y^3 / 2. */
WG_API wg_tensor *wg_rsqrt(wg_tensor *x);

/* y = 1 / x, dx = -dy y^2. */
WG_API wg_tensor *wg_reciprocal(wg_tensor *x);

/*
 * y = x^p for a plain number p, dx = dy p x^(p - 1), which is 0 for p = 0. What wg_pow records for
 * such an exponent.
 */
WG_API wg_tensor *wg_pow_number(wg_tensor *x, double p);

/* ---- exponentials and logarithms ---- */

/* y = exp x, dx = dy y. */
WG_API wg_tensor *wg_exp(wg_tensor *x);

/* y = exp(x) - 1, exact near 0; dx = dy (y + 1). */
WG_API wg_tensor *wg_expm1(wg_tensor *x);

/* y = log x, to base e; dx = dy / x. */
WG_API wg_tensor *wg_log(wg_tensor *x);

/* y = log(1 + x), exact near 0; dx = dy / (1 + x). */
WG_API wg_tensor *wg_log1p(wg_tensor *x);

/* ---- circle and bell ---- */

/* y = sin x, x in radians; dx = dy cos x. */
WG_API wg_tensor *wg_sin(wg_tensor *x);

/* y = cos x, x in radians; dx = -dy sin x. */
WG_API wg_tensor *wg_cos(wg_tensor *x);

/*
 * y = erf x = 2 / sqrt pi times the integral of exp(-t^2) from 0 to x; dx = dy 2 exp(-x^2) / sqrt
 * pi.
 */
WG_API wg_tensor *wg_erf(wg_tensor *x);

/* ---- activations ---- */

/* y = tanh x, dx = dy (1 - y^2). */
WG_API wg_tensor *wg_tanh(wg_tensor *x);

/* y = 1 / (1 + exp(-x)), 0 and 1 far out; dx = dy y (1 - y). */
WG_API wg_tensor *wg_sigmoid(wg_tensor *x);

/* y = max(x, 0), dx = dy [x > 0]: 0 at 0. NaN passes, and so does its dy. */
WG_API wg_tensor *wg_relu(wg_tensor *x);

/* y = x for x > 0, slope x elsewhere; dx = dy or slope dy: the latter at 0. */
WG_API wg_tensor *wg_leaky_relu(wg_tensor *x, double slope);

/* y = x for x > 0, alpha (exp(x) - 1) elsewhere. https://arxiv.org/abs/1511.07289 */
WG_API wg_tensor *wg_elu(wg_tensor *x, double alpha);

/*
 * y = x Phi(x), Phi the normal distribution's cumulative function, by erf.
 * https://arxiv.org/abs/1606.08415
 */
WG_API wg_tensor *wg_gelu(wg_tensor *x);

/*
 * The same with Phi(x) = (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, an approximation of the
 * same paper.
 */
WG_API wg_tensor *wg_gelu_tanh(wg_tensor *x);

/* y = x sigmoid(x), also known as swish. https://arxiv.org/abs/1702.03118 */
WG_API wg_tensor *wg_silu(wg_tensor *x);

/* y = log(1 + exp x) = max(x, 0) + log(1 + exp(-|x|)), exact in both tails; dx = dy sigmoid(x). */
WG_API wg_tensor *wg_softplus(wg_tensor *x);

/*
 * y = min(max(x, lo), hi), dx = dy [lo <= x <= hi]: dy passes on the bounds. NaN stays NaN, with dx
 * = 0. A bound is left out by -INFINITY or INFINITY; with lo > hi all becomes hi.
 */
WG_API wg_tensor *wg_clamp(wg_tensor *x, double lo, double hi);

/* ---- the records ---- */

/* Of the calls above, and of their adjoints; formulas and rules stand in each. */
extern WG_API const wg_op wg_op_neg, wg_op_abs, wg_op_sign;
extern WG_API const wg_op wg_op_square, wg_op_square_backward;
extern WG_API const wg_op wg_op_sqrt, wg_op_sqrt_backward;
extern WG_API const wg_op wg_op_rsqrt, wg_op_rsqrt_backward;
extern WG_API const wg_op wg_op_reciprocal, wg_op_reciprocal_backward;
extern WG_API const wg_op wg_op_pow_number, wg_op_pow_number_backward;
extern WG_API const wg_op wg_op_exp, wg_op_exp_backward;
extern WG_API const wg_op wg_op_expm1, wg_op_expm1_backward;
extern WG_API const wg_op wg_op_log, wg_op_log_backward;
extern WG_API const wg_op wg_op_log1p, wg_op_log1p_backward;
extern WG_API const wg_op wg_op_sin, wg_op_sin_backward;
extern WG_API const wg_op wg_op_cos, wg_op_cos_backward;
extern WG_API const wg_op wg_op_erf, wg_op_erf_backward;
extern WG_API const wg_op wg_op_tanh, wg_op_tanh_backward;
extern WG_API const wg_op wg_op_sigmoid, wg_op_sigmoid_backward;
extern WG_API const wg_op wg_op_relu, wg_op_relu_backward;
extern WG_API const wg_op wg_op_leaky_relu, wg_op_leaky_relu_backward;
extern WG_API const wg_op wg_op_elu, wg_op_elu_backward;
extern WG_API const wg_op wg_op_gelu, wg_op_gelu_backward;
extern WG_API const wg_op wg_op_gelu_tanh, wg_op_gelu_tanh_backward;
extern WG_API const wg_op wg_op_silu, wg_op_silu_backward;
extern WG_API const wg_op wg_op_softplus, wg_op_softplus_backward;
extern WG_API const wg_op wg_op_clamp, wg_op_clamp_backward;

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_neg(...)        WG__CALL(wg_neg(__VA_ARGS__))
#define wg_abs(...)        WG__CALL(wg_abs(__VA_ARGS__))
#define wg_sign(...)       WG__CALL(wg_sign(__VA_ARGS__))
#define wg_square(...)     WG__CALL(wg_square(__VA_ARGS__))
#define wg_sqrt(...)       WG__CALL(wg_sqrt(__VA_ARGS__))
#define wg_rsqrt(...)      WG__CALL(wg_rsqrt(__VA_ARGS__))
#define wg_reciprocal(...) WG__CALL(wg_reciprocal(__VA_ARGS__))
#define wg_pow_number(...) WG__CALL(wg_pow_number(__VA_ARGS__))
#define wg_exp(...)        WG__CALL(wg_exp(__VA_ARGS__))
#define wg_expm1(...)      WG__CALL(wg_expm1(__VA_ARGS__))
#define wg_log(...)        WG__CALL(wg_log(__VA_ARGS__))
#define wg_log1p(...)      WG__CALL(wg_log1p(__VA_ARGS__))
#define wg_sin(...)        WG__CALL(wg_sin(__VA_ARGS__))
#define wg_cos(...)        WG__CALL(wg_cos(__VA_ARGS__))
#define wg_erf(...)        WG__CALL(wg_erf(__VA_ARGS__))
#define wg_tanh(...)       WG__CALL(wg_tanh(__VA_ARGS__))
#define wg_sigmoid(...)    WG__CALL(wg_sigmoid(__VA_ARGS__))
#define wg_relu(...)       WG__CALL(wg_relu(__VA_ARGS__))
#define wg_leaky_relu(...) WG__CALL(wg_leaky_relu(__VA_ARGS__))
#define wg_elu(...)        WG__CALL(wg_elu(__VA_ARGS__))
#define wg_gelu(...)       WG__CALL(wg_gelu(__VA_ARGS__))
#define wg_gelu_tanh(...)  WG__CALL(wg_gelu_tanh(__VA_ARGS__))
#define wg_silu(...)       WG__CALL(wg_silu(__VA_ARGS__))
#define wg_softplus(...)   WG__CALL(wg_softplus(__VA_ARGS__))
#define wg_clamp(...)      WG__CALL(wg_clamp(__VA_ARGS__))
#endif

#endif
