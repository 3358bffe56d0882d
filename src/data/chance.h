// SPDX-License-Identifier: MIT
/*
 * Random numbers for samples, private to the library: a number depends on a seed, a place (of a
 * sample, of a batch), the epoch and on how many were drawn there before; so on no order of work.
 */
#ifndef WENGERT_DATA_CHANCE_H
#define WENGERT_DATA_CHANCE_H

#include <stdint.h>

/* Who draws; another purpose with the same seed has other numbers. */
enum { WG__DRAWS_ORDER = 1, WG__DRAWS_IMAGE, WG__DRAWS_MIXING };

typedef struct wg__chance {
    uint64_t seed, place;
    uint32_t epoch, purpose;
    uint32_t drawn, word[4];
} wg__chance;

/* Evenly spread over 0 <= x < 1, of 32 bits. */
double wg__chance_unit(wg__chance *chance);

/* Evenly spread over 0, ..., below - 1; below from 1 to 2^53. */
int64_t wg__chance_below(wg__chance *chance, int64_t below);

#endif
