// SPDX-License-Identifier: MIT
/* Takes sample files apart and together again: the same inputs in each run, for any compiler.
   Arguments: how many inputs, then the samples. */
#define _XOPEN_SOURCE 700
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_bytes = 1 << 14, most_samples = 32 };

typedef struct sample {
    unsigned char bytes[most_bytes];
    size_t        count;
} sample;

static sample   samples[most_samples];
static int      sample_count;
static uint64_t state = 0x9E3779B97F4A7C15;

/* A number below `below`, by xorshift64*. Marsaglia 2003; Vigna, arXiv:1402.6246. */
static size_t draw(size_t below)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return below ? (size_t)((state * 0x2545F4914F6CDD1D) >> 33) % below : 0;
}

static bool read_sample(const char *path)
{
    sample *to = &samples[sample_count];
    FILE   *file = sample_count < most_samples ? fopen(path, "rb") : NULL;
    if (!file) return false;
    to->count = fread(to->bytes, 1, most_bytes, file);
    sample_count++;
    return fclose(file) == 0 && to->count < most_bytes;
}

/* Puts `count` bytes in the place of `gone` bytes at `at`, as far as there is room. */
static void replace(sample *s, size_t at, size_t gone, const unsigned char *bytes, size_t count)
{
    if (s->count - gone + count > most_bytes) return;
    memmove(s->bytes + at + count, s->bytes + at + gone, s->count - at - gone);
    memcpy(s->bytes + at, bytes, count);
    s->count = s->count - gone + count;
}

/* Numbers at which code is wrong: limits of their widths, either side of zero; and letters of the
   formats. */
static void put_number(sample *s, size_t at)
{
    static const uint64_t numbers[] = {0,          1,         2,         0x7F,       0x80,
                                       0xFF,       0x7FFF,    0xFFFF,    0x7FFFFFFF, 0x80000000,
                                       0xFFFFFFFF, INT64_MAX, UINT64_MAX};
    const uint64_t        number = numbers[draw(sizeof numbers / sizeof *numbers)];
    const size_t          width = (size_t)1 << draw(4);
    const bool            swap = draw(2);
    for (size_t i = 0; i < width && at + i < s->count; i++)
        s->bytes[at + i] = (unsigned char)(number >> 8 * (swap ? width - 1 - i : i));
}

static void mutate(sample *s)
{
    static const char   letters[] = "{}[]()\"',:.-0123456789 \n\r\\u\377";
    const sample       *other = &samples[draw((size_t)sample_count)];
    const size_t        at = draw(s->count), left = s->count - at;
    const size_t        from = draw(other->count), some = draw(other->count - from) % 64;
    const unsigned char letter = (unsigned char)letters[draw(sizeof letters - 1)];
    switch (draw(8)) {
    case 0:
        if (left) s->bytes[at] ^= (unsigned char)(1 << draw(8));
        break;
    case 1:
        if (left) s->bytes[at] = (unsigned char)draw(256);
        break;
    case 2:
        if (left) s->bytes[at] = letter;
        break;
    case 3:
        replace(s, at, 0, &letter, 1);
        break;
    case 4:
        replace(s, at, left ? 1 + draw(left) % 16 : 0, &letter, 0);
        break;
    case 5:
        replace(s, at, draw(left + 1) % 64, other->bytes + from, some);
        break;
    case 6:
        put_number(s, at);
        break;
    default:
        if (draw(8) == 0) s->count = at;
    }
}

int main(int count, char **arguments)
{
    static sample input;
    const long    runs = count > 1 ? strtol(arguments[1], NULL, 10) : 0;
    for (int i = 2; i < count; i++) {
        if (!read_sample(arguments[i])) {
            fprintf(stderr, "fuzz: %s cannot be read\n", arguments[i]);
            return 1;
        }
    }
    if (runs < 1 || sample_count == 0) {
        fprintf(stderr, "usage: %s INPUTS SAMPLE...\n", arguments[0]);
        return 1;
    }
    for (long run = 0; run < runs; run++) {
        input = samples[draw((size_t)sample_count)];
        for (size_t k = draw(6); k-- > 0;) mutate(&input);
        LLVMFuzzerTestOneInput(input.bytes, input.count);
    }
    printf("%ld inputs, %ld accepted\nchecks: %ld passed, 0 failed\n", runs, fuzz_accepted, runs);
    return fuzz_accepted == 0;
}
