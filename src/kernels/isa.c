// SPDX-License-Identifier: MIT
/* The choice of the instruction set: by what the processor can do, and by WG_ISA. */
#include "isa.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool runs_always(void)
{
    return true;
}

#ifdef WG__X86_64

static bool runs_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool runs_avx512(void)
{
    return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

#endif

#define DECLARE(kernels, isa) extern const struct wg__kernels kernels##_##isa;
WG__EACH_ISA(DECLARE, wg__kernels)

/* In the order of WG__EACH_ISA; what runs one of them runs those before it. */
static const struct choice {
    const struct wg__kernels *kernels;
    bool (*runs)(void);
} choices[] = {
#ifdef WG__X86_64
    {.kernels = &wg__kernels_sse2, .runs = runs_always},
    {.kernels = &wg__kernels_avx2, .runs = runs_avx2},
    {.kernels = &wg__kernels_avx512, .runs = runs_avx512},
#else
    {.kernels = &wg__kernels_portable, .runs = runs_always},
#endif
};

const struct wg__kernels *wg__kernels_at(int i)
{
    const int count = sizeof choices / sizeof choices[0];
    return i < count && choices[i].runs() ? choices[i].kernels : NULL;
}

static const struct choice *choose(void)
{
    const char               *wanted = getenv("WG_ISA");
    const struct wg__kernels *next;
    int                       i = 0;
    for (; (next = wg__kernels_at(i)) != NULL; i++)
        if (wanted && strcmp(wanted, next->isa) == 0) return &choices[i];
    return &choices[i - 1];
}

/* Threads that come here at once all find the same answer: it does not matter whose is kept. */
static const struct choice *chosen(void)
{
    static _Atomic(const struct choice *) kept;
    const struct choice *choice = atomic_load_explicit(&kept, memory_order_relaxed);
    if (!choice) {
        choice = choose();
        atomic_store_explicit(&kept, choice, memory_order_relaxed);
    }
    return choice;
}

const struct wg__kernels *wg__kernels(void)
{
    return chosen()->kernels;
}

int wg__isa(void)
{
    return (int)(chosen() - choices);
}
