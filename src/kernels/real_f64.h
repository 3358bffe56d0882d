// SPDX-License-Identifier: MIT
/* Polynomials and constants of real_body.h for f64: made by tools/minimax.py. */

/* (exp x - 1 - x) / x^2 for |x| <= log(2) / 2, off by 2^-55.5 */
WG__INLINE double exp_tail_f64(double x)
{
    const double square = x * x;
    double even = 0x1.28a14ac882507p-22;
    even = multiply_add_f64(even, square, 0x1.a019a82d7281ep-16);
    even = multiply_add_f64(even, square, 0x1.6c16c17e8989ep-10);
    even = multiply_add_f64(even, square, 0x1.555555555246cp-5);
    even = multiply_add_f64(even, square, 0x1.0000000000004p-1);
    double odd = 0x1.af75540f80f26p-26;
    odd = multiply_add_f64(odd, square, 0x1.71ddeaf9bd31dp-19);
    odd = multiply_add_f64(odd, square, 0x1.a01a01b55ca3fp-13);
    odd = multiply_add_f64(odd, square, 0x1.111111110e872p-7);
    odd = multiply_add_f64(odd, square, 0x1.555555555555cp-3);
    return multiply_add_f64(odd, x, even);
}

/* ((log(1 + s) - log(1 - s)) / s - 2) / x, x = s^2, s < 0.172, off by 2^-58.5 */
WG__INLINE double log_tail_f64(double x)
{
    const double square = x * x;
    double even = 0x1.2f0d583f35784p-3;
    even = multiply_add_f64(even, square, 0x1.746645ecc7c92p-3);
    even = multiply_add_f64(even, square, 0x1.2492494215b4ep-2);
    even = multiply_add_f64(even, square, 0x1.5555555555593p-1);
    double odd = 0x1.39a0fadb5c8f4p-3;
    odd = multiply_add_f64(odd, square, 0x1.c71c51e9536bep-3);
    odd = multiply_add_f64(odd, square, 0x1.999999997fb5bp-2);
    return multiply_add_f64(odd, x, even);
}

/* (sin r - r) / r^3 for x = r^2, |r| <= pi / 4, off by 2^-58.0 */
WG__INLINE double sin_tail_f64(double x)
{
    const double square = x * x;
    double even = -0x1.ae5e60c57607ap-26;
    even = multiply_add_f64(even, square, -0x1.a01a019c0a2abp-13);
    even = multiply_add_f64(even, square, -0x1.5555555555549p-3);
    double odd = 0x1.5d915e4bcda85p-33;
    odd = multiply_add_f64(odd, square, 0x1.71de3570fec8ep-19);
    odd = multiply_add_f64(odd, square, 0x1.111111110f842p-7);
    return multiply_add_f64(odd, x, even);
}

/* (cos r - 1 + r^2 / 2) / r^4 for x = r^2, |r| <= pi / 4, off by 2^-64.2 */
WG__INLINE double cos_tail_f64(double x)
{
    const double square = x * x;
    double even = 0x1.1ee9e8957bbcbp-29;
    even = multiply_add_f64(even, square, 0x1.a01a019cab804p-16);
    even = multiply_add_f64(even, square, 0x1.555555555554cp-5);
    double odd = -0x1.8facd39b1332p-37;
    odd = multiply_add_f64(odd, square, -0x1.27e4f8053b7d5p-22);
    odd = multiply_add_f64(odd, square, -0x1.6c16c16c15141p-10);
    return multiply_add_f64(odd, x, even);
}

/* erf(a) / a - 1 for x = a^2 - 1 / 2, a up to erf_edge, off by 2^-56.9 */
WG__INLINE double erf_tail_f64(double x)
{
    const double square = x * x;
    double even = 0x1.4417259efc573p-27;
    even = multiply_add_f64(even, square, 0x1.1ad5117237949p-20);
    even = multiply_add_f64(even, square, 0x1.4866392ec4112p-14);
    even = multiply_add_f64(even, square, 0x1.c82aa249a9e08p-9);
    even = multiply_add_f64(even, square, 0x1.454368017b0d4p-4);
    even = multiply_add_f64(even, square, -0x1.1ae14dc34815bp-5);
    double odd = -0x1.abae3f7af61e9p-31;
    odd = multiply_add_f64(odd, square, -0x1.bf8e9d5617e99p-24);
    odd = multiply_add_f64(odd, square, -0x1.429e932e24f99p-17);
    odd = multiply_add_f64(odd, square, -0x1.263991b853726p-11);
    odd = multiply_add_f64(odd, square, -0x1.2b902b7b2f0c3p-6);
    odd = multiply_add_f64(odd, square, -0x1.1fd16292151fep-2);
    return multiply_add_f64(odd, x, even);
}

/* log(erfc(1 + x)), 1 + x from erf_edge to erf_end, off by 2^-57.1 */
WG__INLINE double erfc_log_f64(double x)
{
    const double square = x * x;
    double even = 0x1.066be2caebb6ep-33;
    even = multiply_add_f64(even, square, 0x1.24b8856e071e5p-27);
    even = multiply_add_f64(even, square, 0x1.f25c27c06ae72p-25);
    even = multiply_add_f64(even, square, -0x1.1e2473eb3ef1dp-19);
    even = multiply_add_f64(even, square, -0x1.c852a9a60f004p-16);
    even = multiply_add_f64(even, square, 0x1.f1b04a937d0a3p-13);
    even = multiply_add_f64(even, square, 0x1.48c9d37fc29f6p-7);
    even = multiply_add_f64(even, square, -0x1.afabc11a2afdap-1);
    even = multiply_add_f64(even, square, -0x1.d97fbf27aa2a1p+0);
    double odd = -0x1.566070ff9bce5p-38;
    odd = multiply_add_f64(odd, square, -0x1.6a9e176258f58p-30);
    odd = multiply_add_f64(odd, square, -0x1.1ed87baa9ea3ap-25);
    odd = multiply_add_f64(odd, square, 0x1.b7cf476de6321p-23);
    odd = multiply_add_f64(odd, square, 0x1.448463c30b99dp-17);
    odd = multiply_add_f64(odd, square, 0x1.b92dd92b93aafp-16);
    odd = multiply_add_f64(odd, square, -0x1.033f5a130e0adp-9);
    odd = multiply_add_f64(odd, square, -0x1.5477f099b6c9ap-5);
    odd = multiply_add_f64(odd, square, -0x1.51c9b0006c21ap+1);
    return multiply_add_f64(odd, x, even);
}

enum { mantissa_f64 = 52, bias_f64 = 1023 };

/* Added to a small number, it leaves its integer in the low bits. */
static const double shifter_f64 = 0x1.8p+52;
/* Its low bits are those of the integer added to it. */
static const double whole_f64 = 0x1p+52;
/* Below it, sin x, expm1 x and log1p x are x. */
static const double tiny_f64 = 0x1p-54;
static const double least_normal_f64 = 0x1p-1022;
static const double largest_f64 = 0x1.fffffffffffffp+1023;
static const double sqrt_half_f64 = 0x1.6a09e667f3bcdp-1;
static const double log2_e_f64 = 0x1.71547652b82fep+0;
/* log 2 in two parts, of which the first times an exponent is exact */
static const double log_high_f64 = 0x1.62e42fefa38p-1;
static const double log_low_f64 = 0x1.ef35793c7673p-45;
static const double erf_edge_f64 = 0x1p+0;
static const double erf_end_f64 = 0x1.8p+2;
static const double two_over_pi_f64 = 0x1.45f306dc9c883p-1;
/* Below it, no quarter turn is nearer than none. */
static const double no_turn_f64 = 0x1.9p-1;
/* Up to it, multiples of the first parts of pi / 2 are exact. */
static const double near_f64 = 0x1p+20;
static const double turn1_f64 = 0x1.921fb544p+0;
static const double turn2_f64 = 0x1.0b4611a6p-34;
static const double turn3_f64 = 0x1.3198a2ep-69;
static const double turn4_f64 = 0x1.b839a252049c1p-104;

/* x - k pi / 2 */
WG__INLINE double minus_turns_f64(double x, double k)
{
    x = multiply_add_f64(-k, turn1_f64, x);
    x = multiply_add_f64(-k, turn2_f64, x);
    x = multiply_add_f64(-k, turn3_f64, x);
    x = multiply_add_f64(-k, turn4_f64, x);
    return x;
}
