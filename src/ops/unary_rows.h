// SPDX-License-Identifier: MIT
/*
 * The table of unary ops on reals, one row an op. unary_kernels.c reads it as numbers of f32
 * and of f64, unary.c as recorded ops.
 *
 *     ROW(name, y = ..., x or y: what the rule needs, dx = ..., formula, rule)
 *     CHEAP(name, ...) for an op that costs little, and so does its backward op (WG_CHEAP)
 *     MASK(name, ...) for a cheap one, whose dx is dy or 0 (WG_MASKS)
 *     SELF(name, ...) for one whose dx is what the rule needs, where dy is 1
 *     ROW_1(name, setting, ...) and ROW_2(name, setting, setting, ...) for ops with settings
 *     TURN(name, ...) for ops with the sine or cosine of x
 *
 * Formulas are in the words of numbers.h; those of dx in the words of recorded.h too. A branch that
 * is not taken must stay finite in dx, since its derivative is multiplied by 0: hence exp(min(x,
 * 0)) in elu.
 */
/* clang-format off */
#define MIN_ZERO(x)   where(gt(x, 0), 0, x)
#define GAUSS_CDF(x)  mul(0.5, add(1, erf(mul(x, 0.70710678118654752440))))
#define GAUSS(x)      mul(0.39894228040143267794, exp(mul(-0.5, square(x))))
/* sigmoid(2 u) = (1 + tanh u) / 2, u = sqrt(2 / pi) (x + 0.044715 x^3) */
#define TANH_GATE(x)                                                                               \
    sigmoid(mul(x, add(1.59576912160573071176, mul(0.07135481627260024878, square(x)))))
#define TANH_SLOPE(x) add(1.59576912160573071176, mul(0.21406444881780074633, square(x)))

/* ---- powers ---- */

CHEAP(square, square(x), x, mul(dy, mul(2, x)),
    "y = x^2", "dx = 2 dy x")
ROW(sqrt, sqrt(x), y, div(dy, mul(2, y)),
    "y = sqrt x", "dx = dy / (2 y)")
ROW(rsqrt, div(1, sqrt(x)), y, mul(dy, mul(-0.5, mul(y, square(y)))),
    "y = 1 / sqrt x", "dx = -dy y^3 / 2")
ROW(reciprocal, div(1, x), y, neg(mul(dy, square(y))),
    "y = 1 / x", "dx = -dy y^2")
ROW_1(pow_number, p, pow(x, p), x, (p == 0 ? zero(x) : mul(dy, mul(p, pow(x, p - 1)))),
    "y = x^p", "dx = dy p x^(p - 1), 0 for p = 0")

/* ---- exponentials and logarithms ---- */

SELF(exp, exp(x), y, mul(dy, y),
    "y = exp x", "dx = dy y")
ROW(expm1, expm1(x), y, mul(dy, add(y, 1)),
    "y = exp(x) - 1", "dx = dy (y + 1)")
ROW(log, log(x), x, div(dy, x),
    "y = log x", "dx = dy / x")
ROW(log1p, log1p(x), x, div(dy, add(x, 1)),
    "y = log(1 + x)", "dx = dy / (1 + x)")

/* ---- circle and bell ---- */

TURN(sin, sin(x), x, mul(dy, cos(x)),
    "y = sin x", "dx = dy cos x")
TURN(cos, cos(x), x, neg(mul(dy, sin(x))),
    "y = cos x", "dx = -dy sin x")
ROW(erf, erf(x), x, mul(dy, mul(1.12837916709551257390, exp(neg(square(x))))),
    "y = erf x", "dx = dy 2 exp(-x^2) / sqrt pi")

/* ---- activations ---- */

ROW(tanh, tanh(x), y, mul(dy, sub(1, square(y))),
    "y = tanh x", "dx = dy (1 - y^2)")
ROW(sigmoid, sigmoid(x), y, mul(dy, mul(y, sub(1, y))),
    "y = 1 / (1 + exp(-x))", "dx = dy y (1 - y)")
MASK(relu, where(le(x, 0), 0, x), y, where(le(y, 0), 0, dy),
    "y = max(x, 0)", "dx = dy [x > 0]")
ROW_1(leaky_relu, slope, where(gt(x, 0), x, mul(slope, x)), x, where(gt(x, 0), dy, mul(slope, dy)),
    "y = x for x > 0, slope x elsewhere", "dx = dy for x > 0, slope dy elsewhere")
ROW_1(elu, alpha, where(gt(x, 0), x, mul(alpha, expm1(x))),
      x, mul(dy, where(le(x, 0), mul(alpha, exp(MIN_ZERO(x))), 1)),
    "y = x for x > 0, alpha (exp(x) - 1) elsewhere", "dx = dy for x > 0, dy alpha exp x elsewhere")
ROW(gelu, mul(x, GAUSS_CDF(x)), x, mul(dy, add(GAUSS_CDF(x), mul(x, GAUSS(x)))),
    "y = x Phi(x), Phi(x) = (1 + erf(x / sqrt 2)) / 2",
    "dx = dy (Phi(x) + x exp(-x^2 / 2) / sqrt(2 pi))")
ROW(gelu_tanh, mul(x, TANH_GATE(x)),
    x, mul(dy, mul(TANH_GATE(x), add(1, mul(mul(x, TANH_SLOPE(x)), sub(1, TANH_GATE(x)))))),
    "y = x s, s = (1 + tanh u) / 2, u = sqrt(2 / pi) (x + 0.044715 x^3)",
    "dx = dy s (1 + 2 x u' (1 - s))")
ROW(silu, mul(x, sigmoid(x)), x, mul(dy, mul(sigmoid(x), add(1, mul(x, sub(1, sigmoid(x)))))),
    "y = x s, s = 1 / (1 + exp(-x))", "dx = dy s (1 + x (1 - s))")
ROW(softplus, add(where(gt(x, 0), x, 0), log1p(exp(neg(abs(x))))), x, mul(dy, sigmoid(x)),
    "y = log(1 + exp x)", "dx = dy / (1 + exp(-x))")
ROW_2(clamp, lo, hi, where(gt(where(lt(x, lo), lo, x), hi), hi, where(lt(x, lo), lo, x)),
      x, where(ge(x, lo), where(le(x, hi), dy, 0), 0),
    "y = min(max(x, lo), hi)", "dx = dy [lo <= x <= hi]")

#undef MIN_ZERO
#undef GAUSS_CDF
#undef GAUSS
#undef TANH_GATE
#undef TANH_SLOPE
/* clang-format on */
