// SPDX-License-Identifier: MIT
/*
 * Huge angles: x = m 2^e times 2 / pi, of which the digits that give multiples of 4 are left out
 * and as many are taken as the remainder could lose.
 */
#include "turns.h"

#include <math.h>
#include <stdint.h>

/* WORDS 32-bit digits of 2 / pi times two of m, and room to read on. */
enum { WORDS = 7, PRODUCT = WORDS + 2, ROOM = PRODUCT + 3 };

/* 2 / pi, its 32-bit digits behind the point (mpmath). */
static const uint32_t two_over_pi[] = {
    0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561,
    0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e, 0xe88235f5, 0x2ebb4484,
    0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b, 0x1ff897ff, 0xde05980f,
    0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b,
    0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab,
};

/* product = m times the number of WORDS digits; its lowest digit comes first. */
static void multiply(const uint32_t *digits, uint64_t m, uint32_t product[ROOM])
{
    for (int i = 0; i < ROOM; i++) product[i] = 0;
    for (int part = 0; part < 2; part++) {
        const uint64_t factor = part ? m >> 32 : m & UINT32_MAX;
        uint64_t       carry = 0;
        for (int i = 0; i < WORDS; i++) {
            carry += factor * digits[WORDS - 1 - i] + product[i + part];
            product[i + part] = (uint32_t)carry;
            carry >>= 32;
        }
        product[WORDS + part] = (uint32_t)carry;
    }
}

/* 64 bits, from bit number `at` up */
static uint64_t bits_from(const uint32_t product[ROOM], int at)
{
    const uint32_t *digit = product + at / 32;
    const uint64_t  low = digit[0] | (uint64_t)digit[1] << 32;
    return at % 32 ? low >> at % 32 | (uint64_t)digit[2] << (64 - at % 32) : low;
}

double wg__quarter_turns(double x, int *turns)
{
    *turns = 0;
    if (!isfinite(x)) return NAN;
    int            e;
    uint32_t       product[ROOM];
    const uint64_t m = (uint64_t)ldexp(frexp(fabs(x), &e), 53);
    const int      skip = e > 55 ? (e - 55) / 32 : 0;
    const int      point = 32 * (skip + WORDS) - (e - 53);
    multiply(two_over_pi + skip, m, product);

    uint64_t  high = bits_from(product, point - 64), low = bits_from(product, point - 128);
    const int up = (int)(high >> 63), whole = (int)(bits_from(product, point) & 3) + up;
    if (up) {
        low = ~low + 1;
        high = ~high + (low == 0);
    }
    int shift = 64;
    for (; shift < 128 && high >> 63 == 0; shift++) {
        high = high << 1 | low >> 63;
        low <<= 1;
    }
    const double r = ldexp((double)high, -shift) * 1.57079632679489661923;
    *turns = x < 0 ? -whole : whole;
    return (x < 0) != up ? -r : r;
}
