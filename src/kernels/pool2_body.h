// SPDX-License-Identifier: MIT
/*
 * Windows of 2 x 2, so many (WINDOWS) at a time. Included by pool_body.h with GROUP(name); EVEN and
 * ODD, every other element of two vectors; GROUP_LOW and GROUP_HIGH, those of two in turn.
 */

typedef T GROUP(group) __attribute__((vector_size(WINDOWS * sizeof(T))));
typedef T GROUP(group_at)
    __attribute__((vector_size(WINDOWS * sizeof(T)), aligned(sizeof(T)), may_alias));
typedef NAME(integer) GROUP(bits) __attribute__((vector_size(WINDOWS * sizeof(T))));
typedef int64_t GROUP(places)
    __attribute__((vector_size(WINDOWS * 8), aligned(8), may_alias));

/* The column of each window's first place. */
WG__INLINE GROUP(bits) *GROUP(columns)(GROUP(bits) *to)
{
    WG__UNROLL
    for (int i = 0; i < WINDOWS; i++) (*to)[i] = 2 * i;
    return to;
}

/* `yes` where the bits of the mask are set, else `no`. */
#define CHOOSE(mask, yes, no)                                                                      \
    ((GROUP(group))(((mask) & (GROUP(bits))(yes)) | (~(mask) & (GROUP(bits))(no))))

/*
 * A group over x and the row below it, whose first window begins at element `base` of its plane: y
 * and argmax, unless that is NULL. Sets bits of *bad where there was a NaN, or infinities of both
 * signs: then they are wrong.
 */
WG__INLINE void GROUP(max_pool2)(const T *x, int64_t width, int64_t base, T *y, int64_t *argmax,
                                 GROUP(bits) *bad)
{
    const GROUP(group_at) *const above = (const GROUP(group_at) *)x;
    const GROUP(group_at) *const below = (const GROUP(group_at) *)(x + width);
    const GROUP(group) a = EVEN(above[0], above[1]), b = ODD(above[0], above[1]);
    const GROUP(group) c = EVEN(below[0], below[1]), d = ODD(below[0], below[1]);
    const GROUP(bits) is_b = b > a, is_d = d > c;
    const GROUP(group) top = CHOOSE(is_b, b, a), bottom = CHOOSE(is_d, d, c);
    const GROUP(bits) is_below = bottom > top;
    const GROUP(group) sum = (a + b) + (c + d);
    *(GROUP(group_at) *)y = CHOOSE(is_below, bottom, top);
    *bad |= sum != sum;
    if (!argmax) return;
    GROUP(bits) column;
    const GROUP(bits) place = (~is_below & -is_b) | (is_below & ((NAME(integer))width - is_d));
    *(GROUP(places) *)argmax =
        __builtin_convertvector(place + *GROUP(columns)(&column), GROUP(places)) + base;
}
#undef CHOOSE

/*
 * A plane of rows of WINDOWS or more; the last group of a row may overlap the one before. False:
 * see above.
 */
static bool GROUP(max_pool2_plane)(const struct wg__pool2d *pool, const T *x, T *y, int64_t *argmax)
{
    GROUP(bits) bad = {0};
    NAME(integer) any = 0;
    for (int64_t p = 0, base = 0; p < pool->p; p++, base += 2 * pool->w, y += pool->q) {
        for (int64_t i = 0; i < pool->q; i += WINDOWS) {
            const int64_t q = i + WINDOWS <= pool->q ? i : pool->q - WINDOWS, at = base + 2 * q;
            GROUP(max_pool2)(x + at, pool->w, at, y + q, argmax ? argmax + q : NULL, &bad);
        }
        if (argmax) argmax += pool->q;
    }
    WG__UNROLL
    for (int i = 0; i < WINDOWS; i++) any |= bad[i];
    return any == 0;
}

/* What a group gives to two rows of dx: dy at its places, which start at `base`, else zero. */
WG__INLINE void GROUP(spread)(const T *dy, const int64_t *argmax, int64_t base, int64_t width,
                              T *dx)
{
    GROUP(bits) column;
    const GROUP(places) from = *(const GROUP(places) *)argmax - base;
    const GROUP(bits) at =
        __builtin_convertvector(from, GROUP(bits)) - *GROUP(columns)(&column);
    const GROUP(bits) y = (GROUP(bits))*(const GROUP(group_at) *)dy;
    WG__UNROLL
    for (int row = 0; row < 2; row++, dx += width) {
        const NAME(integer) first = (NAME(integer))(row * width);
        const GROUP(group) left = (GROUP(group))((GROUP(bits))(at == first) & y);
        const GROUP(group) right = (GROUP(group))((GROUP(bits))(at == first + 1) & y);
        *(GROUP(group_at) *)dx = GROUP_LOW(left, right);
        *(GROUP(group_at) *)(dx + WINDOWS) = GROUP_HIGH(left, right);
    }
}

/* Two rows of dx from a row of windows, whose places start at `base`. */
static void GROUP(max_pool2_spread)(const struct wg__pool2d *pool, const T *dy,
                                    const int64_t *argmax, int64_t base, T *dx)
{
    for (int64_t i = 0; i < pool->q; i += WINDOWS) {
        const int64_t q = i + WINDOWS <= pool->q ? i : pool->q - WINDOWS;
        GROUP(spread)(dy + q, argmax + q, base + 2 * q, pool->w, dx + 2 * q);
    }
}

#undef WINDOWS
#undef GROUP
#undef EVEN
#undef ODD
#undef GROUP_LOW
#undef GROUP_HIGH
