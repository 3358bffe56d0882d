// SPDX-License-Identifier: MIT
/* Philox against the known answers published with Random123, and against others computed apart. */
#include "../../src/tensor/random.h"
#include "../support/expect.h"

#define ALL UINT32_MAX

typedef struct answer {
    uint32_t counter[4], key[2], out[4];
} answer;

/* The first three are Random123's kat_vectors for philox4x32 10, the third made of digits of pi. */
static const answer answers[] = {
    {.counter = {0}, .key = {0}, .out = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {.counter = {ALL, ALL, ALL, ALL}, .key = {ALL, ALL},
     .out = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {.counter = {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, .key = {0xa4093822, 0x299f31d0},
     .out = {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    {.counter = {1}, .key = {0}, .out = {0xf8e4cca4, 0x5cb200db, 0xb1a574eb, 0x097eff67}},
    {.counter = {0, 0, 0, 1}, .key = {0, 7},
     .out = {0xe0a474f8, 0x2d104bbe, 0xcbcd81be, 0x8e875b0d}},
    {.counter = {1, 2, 3, 4}, .key = {5, 6},
     .out = {0xc0c839bc, 0x889c87c5, 0x61986739, 0x2d4623d0}},
};

START_TEST(philox_gives_the_published_answers)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        uint32_t out[4];
        wg_philox(answers[i].counter, answers[i].key, out);
        for (int k = 0; k < 4; k++)
            EXPECT_MSG(out[k] == answers[i].out[k], "answer %zu, word %d: %08lx", i, k,
                       (unsigned long)out[k]);
    }
}
END_TEST

START_TEST(philox_may_write_over_its_counter)
{
    uint32_t words[4] = {1, 2, 3, 4};
    wg_philox(words, (const uint32_t[]){5, 6}, words);
    EXPECT(memcmp(words, answers[5].out, sizeof words) == 0);
}
END_TEST

static int bits_set(uint32_t word)
{
    int bits = 0;
    for (; word; word &= word - 1) bits++;
    return bits;
}

START_TEST(every_bit_of_counter_and_key_changes_about_half_of_the_words)
{
    uint32_t plain[4] = {0};
    wg_philox((const uint32_t[4]){0}, (const uint32_t[2]){0}, plain);
    for (int bit = 0; bit < 192; bit++) {
        uint32_t input[6] = {0}, out[4], changed = 0;
        input[bit / 32] = UINT32_C(1) << bit % 32;
        wg_philox(input, input + 4, out);
        for (int k = 0; k < 4; k++) changed += (uint32_t)bits_set(out[k] ^ plain[k]);
        EXPECT_MSG(changed > 34 && changed < 94, "bit %d changes %u of 128", bit,
                   (unsigned)changed);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("random");
    TCase *all = tcase_create("all");
    tcase_add_test(all, philox_gives_the_published_answers);
    tcase_add_test(all, philox_may_write_over_its_counter);
    tcase_add_test(all, every_bit_of_counter_and_key_changes_about_half_of_the_words);
    suite_add_tcase(suite, all);
    return expect_run(suite);
}
