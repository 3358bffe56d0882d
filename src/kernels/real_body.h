// SPDX-License-Identifier: MIT
/*
 * The functions of real.h for one type: read twice by it, with T, NAME(name) and MATH(name), and
 * with the polynomials of real_f32.h or real_f64.h. Whatever is added to a product is added by
 * multiply_add, so that the compiler has no rounding to choose.
 */

WG__INLINE NAME(bits) NAME(bits_of)(T x)
{
    NAME(bits) bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

WG__INLINE T NAME(of_bits)(NAME(bits) bits)
{
    T x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* ---- exp and what is made of it ---- */

/*
 * x = k log 2 + r, |r| <= log(2) / 2 (W. Cody and W. Waite, 1980). Returns k + more as an integer, in
 * the low bits of a number.
 */
WG__INLINE NAME(bits) NAME(exp_split)(T x, int more, T *r)
{
    const T shifter = NAME(shifter) + (T)more;
    const T shifted = NAME(multiply_add)(x, NAME(log2_e), shifter), k = shifted - shifter;
    *r = NAME(multiply_add)(-k, NAME(log_low), NAME(multiply_add)(-k, NAME(log_high), x));
    return NAME(bits_of)(shifted);
}

/* 2^k from k + bias, in the low bits of a number */
WG__INLINE T NAME(power)(NAME(bits) exponent)
{
    return NAME(of_bits)(exponent << NAME(mantissa));
}

/* exp(r) - 1, |r| <= log(2) / 2 */
WG__INLINE T NAME(exp_minus_1)(T r)
{
    return NAME(multiply_add)(NAME(exp_tail)(r), r * r, r);
}

/* x, or the bound that it is beyond; NaN stays. One instruction each, see bounds.h. */
WG__INLINE T NAME(not_below)(T x, T low)
{
    return x < low ? low : x;
}

WG__INLINE T NAME(not_above)(T x, T high)
{
    return x > high ? high : x;
}

/*
 * exp x = exp r 2^k, with 2^k in two factors, since one has no room for all that it may be. At the
 * bounds the product rounds to 0 and to infinity.
 */
WG__INLINE T NAME(exp)(T x)
{
    const T above = NAME(not_below)(x, NAME(wg__bounds).exp_low),
            within = NAME(not_above)(above, NAME(wg__bounds).exp_high);
    T       r;
    const NAME(bits) both = NAME(exp_split)(within, 2 * NAME(bias), &r);
    const T first = NAME(power)(both >> 1), second = NAME(power)(both - (both >> 1));
    return NAME(multiply_add)(first, NAME(exp_minus_1)(r), first) * second;
}

/* exp(x) - 1 = 2 (h (exp(r) - 1) + h - 1 / 2), h = 2^(k - 1), which stays finite */
WG__INLINE T NAME(expm1)(T x)
{
    const T above = NAME(not_below)(x, NAME(wg__bounds).expm1_low),
            within = NAME(not_above)(above, NAME(wg__bounds).exp_high);
    T       r;
    const T half = NAME(power)(NAME(exp_split)(within, NAME(bias) - 1, &r));
    const T y = 2 * NAME(multiply_add)(half, NAME(exp_minus_1)(r), half - (T)0.5);
    return MATH(fabs)(x) < NAME(tiny) ? x : y;
}

/* tanh |x| = e / (e + 2), e = exp(2 |x|) - 1; from the bound on, e + 2 is e. */
WG__INLINE T NAME(tanh)(T x)
{
    const T twice = NAME(not_above)(2 * MATH(fabs)(x), NAME(wg__bounds).tanh_high);
    T       r;
    const T scale = NAME(power)(NAME(exp_split)(twice, NAME(bias), &r));
    const T e = NAME(multiply_add)(scale, NAME(exp_minus_1)(r), scale - 1);
    return MATH(copysign)(e / (e + 2), x);
}

/*
 * 1 / (1 + e), e = exp(-x). Both sides of the fraction are taken so many times as small that e,
 * which may be the inverse of the least denormal number, does not overflow.
 */
WG__INLINE T NAME(sigmoid)(T x)
{
    enum { scale = NAME(bias) - 2 * NAME(mantissa) };
    const T above = NAME(not_below)(x, NAME(wg__bounds).exp_low),
            within = NAME(not_above)(above, NAME(wg__bounds).sigmoid_high);
    T       r;
    const T one = NAME(power)(scale), power = NAME(power)(NAME(exp_split)(-within, scale, &r));
    return one / (one + NAME(multiply_add)(power, NAME(exp_minus_1)(r), power));
}

/* ---- logarithms ---- */

/* x = 2^k m, sqrt(1 / 2) <= m < sqrt 2, for a normal x; returns the exponent's bits of k. */
WG__INLINE NAME(bits) NAME(log_split)(T x, T *m)
{
    const NAME(bits) base = NAME(bits_of)(NAME(sqrt_half));
    const NAME(bits) bits = NAME(bits_of)(x) - base + NAME(bits_of)(1);
    const NAME(bits) below = ((NAME(bits))1 << NAME(mantissa)) - 1;
    *m = NAME(of_bits)((bits & below) + base);
    return bits >> NAME(mantissa);
}

/* k from its bits, of 0 to twice the bias */
WG__INLINE T NAME(unbiased)(NAME(bits) exponent)
{
    const T sum = NAME(of_bits)(exponent | NAME(bits_of)(NAME(whole)));
    return sum - (NAME(whole) + NAME(bias));
}

/*
 * log(2^k (1 + f)) + low. With s = f / (2 + f), log(1 + f) = log(1 + s) - log(1 - s) is 2 s and a
 * series in s^2; as 2 s = f - s f and s f = f^2 / 2 - s f^2 / 2, little but f itself is rounded.
 */
WG__INLINE T NAME(log_join)(T k, T f, T low)
{
    const T s = f / (2 + f), z = s * s, half = (T)0.5 * f * f;
    const T inner = NAME(multiply_add)(NAME(log_tail)(z), z, half);
    const T small = NAME(multiply_add)(s, inner, NAME(multiply_add)(k, NAME(log_low), low));
    return NAME(multiply_add)(k, NAME(log_high), f - (half - small));
}

/* y = log x or log1p(x - 1) where that is a number */
WG__INLINE T NAME(log_special)(T x, T y)
{
    const T above = x > NAME(largest) ? x : y, below = x == 0 ? -(T)INFINITY : (T)NAN;
    return x > 0 ? above : below;
}

WG__INLINE T NAME(log)(T x)
{
    const int is_small = x < NAME(least_normal);
    T         m;
    const NAME(bits) exponent = NAME(log_split)(is_small ? x * NAME(whole) : x, &m);
    const T k = NAME(unbiased)(exponent) - (T)(is_small ? NAME(mantissa) : 0);
    return NAME(log_special)(x, NAME(log_join)(k, m - 1, 0));
}

/*
 * log(1 + x) = log u + c / u, with u = 1 + x rounded and c what was lost. c / m is so small a part
 * that three terms of 1 / m do.
 */
WG__INLINE T NAME(log1p)(T x)
{
    const T u = 1 + x, lost = x > 1 ? 1 - (u - x) : x - (u - 1);
    T       m;
    const NAME(bits) exponent = NAME(log_split)(u, &m);
    const T f = m - 1, reciprocal = 1 - f * (1 - f * (1 - f));
    const T scale = NAME(of_bits)((2 * NAME(bias) - exponent) << NAME(mantissa));
    const T low = x < 4 * NAME(whole) ? lost * scale * reciprocal : 0;
    const T y = NAME(log_special)(u, NAME(log_join)(NAME(unbiased)(exponent), f, low));
    return MATH(fabs)(x) < NAME(tiny) ? x : y;
}

/* ---- erf ---- */

/*
 * x + x P(x^2), and from erf_edge on 1 - exp(L), L = log(erfc |x|). Both polynomials are about the
 * place where their roundings would show most.
 */
WG__INLINE T NAME(erf)(T x)
{
    const T a = MATH(fabs)(x),
            near = NAME(multiply_add)(x, NAME(erf_tail)(NAME(multiply_add)(x, x, (T)-0.5)), x);
    T       r;
    const T scale = NAME(power)(NAME(exp_split)(NAME(erfc_log)(a - 1), NAME(bias), &r));
    const T erfc = NAME(multiply_add)(scale, NAME(exp_minus_1)(r), scale);
    const T far = a > NAME(erf_end) ? 1 : 1 - erfc;
    return a < NAME(erf_edge) ? near : MATH(copysign)(far, x);
}

/* ---- the circle ---- */

/* sin(r + quadrant pi / 2), |r| <= pi / 4 */
WG__INLINE T NAME(circle)(T r, NAME(bits) quadrant)
{
    const T z = r * r;
    const T s = NAME(multiply_add)(r * z, NAME(sin_tail)(z), r);
    const T c = NAME(multiply_add)(z * z, NAME(cos_tail)(z), NAME(multiply_add)(z, (T)-0.5, 1));
    const NAME(bits) sign = (quadrant & 2) << (8 * sizeof(T) - 2);
    return NAME(of_bits)(NAME(bits_of)(quadrant & 1 ? c : s) ^ sign);
}

/* sin(x + quadrant pi / 2) for |x| <= near */
WG__INLINE T NAME(circle_near)(T x, NAME(bits) quadrant)
{
    const T shifted = NAME(multiply_add)(x, NAME(two_over_pi), NAME(shifter));
    const T r = NAME(minus_turns)(x, shifted - NAME(shifter));
    return NAME(circle)(r, NAME(bits_of)(shifted) + quadrant);
}

/* The same for any x, with less to wait for where x is small: not for vectors. */
WG__INLINE T NAME(circle_far)(T x, NAME(bits) quadrant)
{
    int turns;
    if (MATH(fabs)(x) < NAME(no_turn)) return NAME(circle)(x, quadrant);
    if (!(MATH(fabs)(x) > NAME(near))) return NAME(circle_near)(x, quadrant);
    const double r = wg__quarter_turns((double)x, &turns);
    return NAME(circle)((T)r, (NAME(bits))turns + quadrant);
}

WG__INLINE T NAME(sin)(T x, int far)
{
    const T y = far ? NAME(circle_far)(x, 0) : NAME(circle_near)(x, 0);
    return MATH(fabs)(x) < NAME(tiny) ? x : y;
}

WG__INLINE T NAME(cos)(T x, int far)
{
    return far ? NAME(circle_far)(x, 1) : NAME(circle_near)(x, 1);
}
