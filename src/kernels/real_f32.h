// SPDX-License-Identifier: MIT
/* Polynomials and constants of real_body.h for f32: made by tools/minimax.py. */

/* (exp x - 1 - x) / x^2 for |x| <= log(2) / 2, off by 2^-26.1 */
WG__INLINE float exp_tail_f32(float x)
{
    const float square = x * x;
    float even = 0x1.6d975ep-10f;
    even = multiply_add_f32(even, square, 0x1.55548ap-5f);
    even = multiply_add_f32(even, square, 0x1p-1f);
    float odd = 0x1.1226ecp-7f;
    odd = multiply_add_f32(odd, square, 0x1.5554b2p-3f);
    return multiply_add_f32(odd, x, even);
}

/* ((log(1 + s) - log(1 - s)) / s - 2) / x, x = s^2, s < 0.172, off by 2^-29.2 */
WG__INLINE float log_tail_f32(float x)
{
    float p = 0x1.31e668p-2f;
    p = multiply_add_f32(p, x, 0x1.995e9cp-2f);
    p = multiply_add_f32(p, x, 0x1.55557ap-1f);
    return p;
}

/* (sin r - r) / r^3 for x = r^2, |r| <= pi / 4, off by 2^-28.0 */
WG__INLINE float sin_tail_f32(float x)
{
    float p = -0x1.994b4p-13f;
    p = multiply_add_f32(p, x, 0x1.110756p-7f);
    p = multiply_add_f32(p, x, -0x1.555546p-3f);
    return p;
}

/* (cos r - 1 + r^2 / 2) / r^4 for x = r^2, |r| <= pi / 4, off by 2^-33.3 */
WG__INLINE float cos_tail_f32(float x)
{
    float p = 0x1.99ff46p-16f;
    p = multiply_add_f32(p, x, -0x1.6c0c82p-10f);
    p = multiply_add_f32(p, x, 0x1.55554ap-5f);
    return p;
}

/* erf(a) / a - 1 for x = a^2 - 1 / 2, a up to erf_edge, off by 2^-29.6 */
WG__INLINE float erf_tail_f32(float x)
{
    const float square = x * x;
    float even = 0x1.496a2ap-14f;
    even = multiply_add_f32(even, square, 0x1.c82b76p-9f);
    even = multiply_add_f32(even, square, 0x1.454366p-4f);
    even = multiply_add_f32(even, square, -0x1.1ae14ep-5f);
    float odd = -0x1.286f3p-11f;
    odd = multiply_add_f32(odd, square, -0x1.2b8df6p-6f);
    odd = multiply_add_f32(odd, square, -0x1.1fd164p-2f);
    return multiply_add_f32(odd, x, even);
}

/* log(erfc(1 + x)), 1 + x from erf_edge to erf_end, off by 2^-29.9 */
WG__INLINE float erfc_log_f32(float x)
{
    const float square = x * x;
    float even = 0x1.852d24p-13f;
    even = multiply_add_f32(even, square, 0x1.441acep-7f);
    even = multiply_add_f32(even, square, -0x1.afad34p-1f);
    even = multiply_add_f32(even, square, -0x1.d97fcp+0f);
    float odd = -0x1.deb7acp-10f;
    odd = multiply_add_f32(odd, square, -0x1.53f94p-5f);
    odd = multiply_add_f32(odd, square, -0x1.51c9aap+1f);
    return multiply_add_f32(odd, x, even);
}

enum { mantissa_f32 = 23, bias_f32 = 127 };

/* Added to a small number, it leaves its integer in the low bits. */
static const float shifter_f32 = 0x1.8p+23f;
/* Its low bits are those of the integer added to it. */
static const float whole_f32 = 0x1p+23f;
/* Below it, sin x, expm1 x and log1p x are x. */
static const float tiny_f32 = 0x1p-25f;
static const float least_normal_f32 = 0x1p-126f;
static const float largest_f32 = 0x1.fffffep+127f;
static const float sqrt_half_f32 = 0x1.6a09e6p-1f;
static const float log2_e_f32 = 0x1.715476p+0f;
/* log 2 in two parts, of which the first times an exponent is exact */
static const float log_high_f32 = 0x1.62e4p-1f;
static const float log_low_f32 = 0x1.7f7d1cp-20f;
static const float erf_edge_f32 = 0x1p+0f;
static const float erf_end_f32 = 0x1p+2f;
static const float two_over_pi_f32 = 0x1.45f306p-1f;
/* Below it, no quarter turn is nearer than none. */
static const float no_turn_f32 = 0x1.9p-1f;
/* Up to it, multiples of the first parts of pi / 2 are exact. */
static const float near_f32 = 0x1p+13f;
static const float turn1_f32 = 0x1.92p+0f;
static const float turn2_f32 = 0x1.fb4p-12f;
static const float turn3_f32 = 0x1.444p-24f;
static const float turn4_f32 = 0x1.68cp-39f;
static const float turn5_f32 = 0x1.1a6264p-54f;

/* x - k pi / 2 */
WG__INLINE float minus_turns_f32(float x, float k)
{
    x = multiply_add_f32(-k, turn1_f32, x);
    x = multiply_add_f32(-k, turn2_f32, x);
    x = multiply_add_f32(-k, turn3_f32, x);
    x = multiply_add_f32(-k, turn4_f32, x);
    x = multiply_add_f32(-k, turn5_f32, x);
    return x;
}
