// SPDX-License-Identifier: MIT
/* The functions of real.h in one dtype against those of the C library in a wider one. */

/* Numbers to try, what should come out, and the last place of that. */
struct NAME(block) {
    int  count;
    T    x[BLOCK], y[BLOCK];
    WIDE wanted[BLOCK], unit[BLOCK];
};

/* The last place of a T near `wanted`, which in denormal numbers is no smaller than theirs. */
static WIDE NAME(unit_of)(WIDE wanted)
{
    const int least = sizeof(T) == sizeof(float) ? FLT_MIN_EXP : DBL_MIN_EXP;
    int       exponent;
    frexpl((long double)wanted, &exponent);
    return (WIDE)ldexpl(UNIT, wanted == 0 || exponent < least ? least : exponent);
}

/* How many last places y is off. */
static double NAME(places)(T y, WIDE wanted, WIDE unit)
{
    if (isnan(wanted)) return isnan(y) ? 0 : INFINITY;
    if (isinf(y) || isinf((T)wanted)) return y == (T)wanted ? 0 : INFINITY;
    const double off = (double)((y - wanted) / unit);
    return fabs(off);
}

/* Runs a block through function f of each instruction set, and empties it. */
static void NAME(flush)(struct NAME(block) * block, int f, struct worst *worst)
{
    for (int i = 0; i < block->count; i++) {
        block->wanted[i] = FAMILY(&oracles[f])((WIDE)block->x[i]);
        block->unit[i] = NAME(unit_of)(block->wanted[i]);
    }
    for (int isa = 0; wg__kernels_at(isa); isa++) {
        FAMILY (&lines[isa][f])(block->count, block->x, block->y);
        for (int i = 0; i < block->count; i++) {
            const double off = NAME(places)(block->y[i], block->wanted[i], block->unit[i]);
            if (off > worst[isa].places)
                worst[isa] = (struct worst){.places = off, .x = (double)block->x[i]};
        }
    }
    expect_count += block->count;
    block->count = 0;
}

static void NAME(feed)(struct NAME(block) * block, T x, int f, struct worst *worst)
{
    block->x[block->count++] = x;
    if (block->count == BLOCK) NAME(flush)(block, f, worst);
}

/* Numbers of all sizes, by their bits; many of those that are met; where sin or cos almost are 0. */
static void NAME(try_function)(int f)
{
    static struct NAME(block) block;
    static const double range[] = {0x1p-30, 1, 2, 20, 105, 760, 100000};
    struct worst        worst[ISAS] = {{.places = 0}};
    uint64_t            seed = 3;
    for (uint64_t n = 0; n < PATTERNS; n++) {
        T              x;
        const uint64_t bits = n * (UINT64_MAX / PATTERNS);
        memcpy(&x, (const char *)&(uint64_t){bits >> (64 - 8 * sizeof x)}, sizeof x);
        NAME(feed)(&block, x, f, worst);
    }
    for (size_t k = 0; k < sizeof range / sizeof range[0]; k++)
        for (int n = 0; n < NUMBERS; n++) NAME(feed)
    (&block, (T)(range[k] * (lcg_real(&seed) + 0x1p-31 * lcg_real(&seed))), f, worst);
    for (int n = 0; n < NUMBERS; n++) NAME(feed)(&block, (T)(1 + lcg_real(&seed) / 2), f, worst);
    for (int n = 0; n < NUMBERS; n++)
        NAME(feed)(&block, (T)(n * 1.57079632679489661923L), f, worst);
    NAME(flush)(&block, f, worst);
    for (int isa = 0; wg__kernels_at(isa); isa++) {
        printf("%-8s %-7s f%d: %.2f\n", oracles[f].name, wg__kernels_at(isa)->isa,
               8 * (int)sizeof(T), worst[isa].places);
        EXPECT_MSG(worst[isa].places <= oracles[f].bound, "%s(%.17g) is off by %.2f places (%s)",
                   oracles[f].name, worst[isa].x, worst[isa].places, wg__kernels_at(isa)->isa);
    }
}

static void NAME(try_specials)(void)
{
    for (size_t k = 0; k < sizeof specials / sizeof specials[0]; k++)
        for (int isa = 0; wg__kernels_at(isa); isa++) {
            const T x = (T)specials[k].x, wanted = (T)specials[k].y;
            T       y;
            FAMILY (&lines[isa][specials[k].f])(1, &x, &y);
            const int same = y == wanted && !signbit(y) == !signbit(wanted);
            EXPECT_MSG(isnan(wanted) ? isnan(y) : same, "%s(%g) is %g, wanted %g (%s)",
                       oracles[specials[k].f].name, (double)x, (double)y, (double)wanted,
                       wg__kernels_at(isa)->isa);
        }
}

/* The least denormal, the least normal number and what lies between, and NaN. */
static void NAME(try_small)(void)
{
    const T least = sizeof(T) == sizeof(float) ? (T)FLT_TRUE_MIN : (T)DBL_TRUE_MIN;
    const T normal = least / (T)(2 * UNIT),
            small[] = {least, -least, normal - least, normal, -normal};
    static const int same[] = {EXPM1, LOG1P, TANH, SIN};
    for (int isa = 0; wg__kernels_at(isa); isa++) {
        T y[5];
        for (size_t k = 0; k < sizeof same / sizeof same[0]; k++) {
            FAMILY (&lines[isa][same[k]])(5, small, y);
            EXPECT(memcmp(y, small, sizeof y) == 0);
        }
        for (int f = 0; f < FUNCTIONS; f++) {
            const T nan = (T)NAN;
            FAMILY (&lines[isa][f])(1, &nan, y);
            EXPECT(isnan(y[0]));
        }
    }
}

/* At every place of a line, near and far, an element has the same bits. */
static void NAME(try_places)(void)
{
    enum { N = 67 };
    uint64_t seed = 5;
    T        x[N], y[N], one;
    for (int i = 0; i < N; i++) x[i] = (T)(4 * lcg_real(&seed));
    for (int isa = 0; wg__kernels_at(isa); isa++)
        for (int f = 0; f < FUNCTIONS; f++)
            for (int first = 0; first < 4; first++) {
                FAMILY (&lines[isa][f])(N - first, x + first, y);
                for (int i = first; i < N; i++) {
                    const int any = f == SIN_NEAR ? SIN : f == COS_NEAR ? COS : f;
                    FAMILY (&lines[isa][any])(1, &x[i], &one);
                    EXPECT_MSG(memcmp(&one, &y[i - first], sizeof one) == 0 ||
                                   (isnan(one) && isnan(y[i - first])),
                               "function %d of %.17g has other bits at %d (%s)", f, (double)x[i],
                               i - first, wg__kernels_at(isa)->isa);
                }
            }
}
