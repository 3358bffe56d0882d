// SPDX-License-Identifier: MIT
#include "chance.h"

#include "../tensor/random.h"

static uint32_t word(wg__chance *chance)
{
    if (chance->drawn % 4 == 0) {
        const uint32_t counter[4] = {(uint32_t)chance->place, (uint32_t)(chance->place >> 32),
                                     chance->epoch, chance->drawn / 4 << 2 | chance->purpose};
        const uint32_t key[2] = {(uint32_t)chance->seed, (uint32_t)(chance->seed >> 32)};
        wg_philox(counter, key, chance->word);
    }
    return chance->word[chance->drawn++ % 4];
}

double wg__chance_unit(wg__chance *chance)
{
    return word(chance) * 0x1p-32;
}

int64_t wg__chance_below(wg__chance *chance, int64_t below)
{
    const uint64_t high = word(chance), low = word(chance);
    const uint64_t bits = (high << 32 | low) >> 11; /* 53 of them */
    return (int64_t)((double)bits * 0x1p-53 * (double)below);
}
