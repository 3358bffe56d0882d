// SPDX-License-Identifier: MIT
/* Memory: alignment, padding, growth, and what happens when there is none. */
#include "../../src/tensor/memory.h"
#include "../support/expect.h"

#include <stdint.h>

/* An allocator that counts, that can be told to fail, and that answers with odd multiples of 16. */
typedef struct counter {
    long calls, live;
    int  fails;
} counter;

static void *counted_resize(void *context, void *memory, size_t bytes)
{
    counter *c = context;
    const wg_allocator *plain = wg_allocator_default();
    char *whole = memory ? (char *)memory - 16 : NULL;
    c->calls++;
    if (bytes == 0) {
        c->live--;
        return plain->resize(plain->context, whole, 0);
    }
    char *fresh = c->fails ? NULL : plain->resize(plain->context, whole, bytes + 16);
    if (!fresh) return NULL;
    if (!memory) c->live++;
    return fresh + 16;
}

static wg_allocator counted(counter *c)
{
    return (wg_allocator){.resize = counted_resize, .context = c};
}

static int all_zero(const unsigned char *bytes, size_t count)
{
    unsigned any = 0;
    for (size_t i = 0; i < count; i++) any |= bytes[i];
    return any == 0;
}

START_TEST(default_allocator_allocates_resizes_and_frees)
{
    const wg_allocator *a = wg_allocator_default();
    char *p = a->resize(a->context, NULL, 3);
    EXPECT(p);
    memcpy(p, "ab", 3);
    p = a->resize(a->context, p, 3000);
    EXPECT_TEXT(p, "ab");
    EXPECT(a->resize(a->context, p, 0) == NULL);
    EXPECT(a->resize(a->context, NULL, 0) == NULL);
}
END_TEST

START_TEST(nothing_asked_for_gives_a_valid_pointer)
{
    counter c = {.calls = 0};
    const wg_allocator a = counted(&c);
    void *p = wg__alloc(&a, 0), *q = wg__alloc_zero(&a, 0);
    EXPECT(p && q && p != q);
    EXPECT(c.live == 2);
    wg__free(&a, p);
    wg__free(&a, q);
    EXPECT(c.live == 0);
}
END_TEST

START_TEST(alloc_zero_clears_memory_that_was_used_before)
{
    const wg_allocator *a = wg_allocator_default();
    for (int round = 0; round < 4; round++) {
        unsigned char *p = wg__alloc_zero(a, 1000);
        EXPECT(p);
        EXPECT(all_zero(p, 1000));
        memset(p, 0xA5, 1000);
        wg__free(a, p);
    }
}
END_TEST

START_TEST(freeing_null_asks_nobody)
{
    counter c = {.calls = 0};
    const wg_allocator a = counted(&c);
    wg__free(&a, NULL);
    wg__buffer_free(&a, NULL);
    EXPECT(c.calls == 0);
}
END_TEST

START_TEST(sizes_beyond_the_address_space_are_refused_before_anyone_is_asked)
{
    counter c = {.calls = 0};
    const wg_allocator a = counted(&c);
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 63, SIZE_MAX - 128,
                                   SIZE_MAX / 2 + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        EXPECT(!wg__alloc(&a, sizes[i]));
        EXPECT(!wg__alloc_zero(&a, sizes[i]));
        EXPECT(!wg__buffer_new(&a, sizes[i]));
    }
    EXPECT(!wg__buffer_new(&a, PTRDIFF_MAX - 64)); /* with its padding it is too large */
    EXPECT(c.calls == 0);
}
END_TEST

START_TEST(no_memory_gives_null)
{
    counter c = {.fails = 1};
    const wg_allocator a = counted(&c);
    EXPECT(!wg__alloc(&a, 8));
    EXPECT(!wg__alloc_zero(&a, 8));
    EXPECT(!wg__buffer_new(&a, 8));
    EXPECT(c.calls == 3 && c.live == 0);
}
END_TEST

START_TEST(growing_keeps_the_items_and_takes_few_requests)
{
    counter c = {.calls = 0};
    const wg_allocator a = counted(&c);
    int32_t *items = NULL;
    size_t capacity = 0;
    for (size_t n = 0; n < 100000; n++) {
        if (!wg__grow(&a, &items, &capacity, n + 1, sizeof *items) || capacity <= n) break;
        items[n] = (int32_t)n * 3;
    }
    EXPECT(capacity >= 100000);
    long wrong = 0;
    for (size_t n = 0; n < 100000; n++) wrong += items[n] != (int32_t)n * 3;
    EXPECT_MSG(wrong == 0, "%ld items changed", wrong);
    EXPECT_MSG(c.calls <= 30, "%ld requests", c.calls);
    EXPECT(c.live == 1);
    wg__free(&a, items);
}
END_TEST

START_TEST(growing_makes_as_much_room_as_is_needed)
{
    counter c = {.calls = 0};
    const wg_allocator a = counted(&c);
    double *items = NULL;
    size_t capacity = 0;
    EXPECT(wg__grow(&a, &items, &capacity, 0, sizeof *items));
    EXPECT(!items && c.calls == 0);
    EXPECT(wg__grow(&a, &items, &capacity, 1000, sizeof *items));
    EXPECT(capacity == 1000);
    EXPECT(wg__grow(&a, &items, &capacity, 999, sizeof *items));
    EXPECT(capacity == 1000 && c.calls == 1);
    EXPECT(wg__grow(&a, &items, &capacity, 1001, sizeof *items));
    EXPECT(capacity == 1500);
    wg__free(&a, items);
}
END_TEST

START_TEST(growing_changes_nothing_when_it_fails)
{
    counter c = {.calls = 0};
    const wg_allocator a = counted(&c);
    int64_t *items = NULL;
    size_t capacity = 0;
    EXPECT(wg__grow(&a, &items, &capacity, 1, sizeof *items));
    items[0] = 77;
    const int64_t *before = items;
    const size_t room = capacity;
    const long calls = c.calls;

    EXPECT(!wg__grow(&a, &items, &capacity, SIZE_MAX, sizeof *items));
    EXPECT(!wg__grow(&a, &items, &capacity, SIZE_MAX / sizeof *items + 2, sizeof *items));
    EXPECT(c.calls == calls);
    c.fails = 1;
    EXPECT(!wg__grow(&a, &items, &capacity, room + 1, sizeof *items));
    EXPECT(items == before && capacity == room && items[0] == 77);
    wg__free(&a, items);
    EXPECT(c.live == 0);
}
END_TEST

START_TEST(buffers_are_aligned_cleared_and_padded)
{
    counter c = {.calls = 0};
    const wg_allocator a = counted(&c);
    /* and such as hold large pages, wherever these begin */
    static const size_t large[] = {(2 << 20) - 200, 2 << 20, (4 << 20) - 200, 5 << 20};
    for (size_t i = 0; i < 300 + sizeof large / sizeof large[0]; i++) {
        const size_t   bytes = i < 300 ? i : large[i - 300];
        unsigned char *buffer = wg__buffer_new(&a, bytes);
        EXPECT(buffer);
        EXPECT((uintptr_t)buffer % WG__ALIGNMENT == 0);
        EXPECT(all_zero(buffer, bytes + WG__ALIGNMENT));
        memset(buffer, 0xFF, bytes + WG__ALIGNMENT);
        wg__buffer_free(&a, buffer);
        EXPECT(c.live == 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory");
    TCase *all = tcase_create("all");
    tcase_add_test(all, default_allocator_allocates_resizes_and_frees);
    tcase_add_test(all, nothing_asked_for_gives_a_valid_pointer);
    tcase_add_test(all, alloc_zero_clears_memory_that_was_used_before);
    tcase_add_test(all, freeing_null_asks_nobody);
    tcase_add_test(all, sizes_beyond_the_address_space_are_refused_before_anyone_is_asked);
    tcase_add_test(all, no_memory_gives_null);
    tcase_add_test(all, growing_keeps_the_items_and_takes_few_requests);
    tcase_add_test(all, growing_makes_as_much_room_as_is_needed);
    tcase_add_test(all, growing_changes_nothing_when_it_fails);
    tcase_add_test(all, buffers_are_aligned_cleared_and_padded);
    suite_add_tcase(suite, all);
    return expect_run(suite);
}
