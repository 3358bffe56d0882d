// SPDX-License-Identifier: MIT
/* The choice of the instruction set: by what the processor can do, and by WG_ISA. */
#include "isa.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#ifdef WG__X86_64

extern const struct wg__kernels wg__kernels_sse2, wg__kernels_avx2, wg__kernels_avx512;

static bool runs_always(void)
{
    return true;
}

static bool runs_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool runs_avx512(void)
{
    return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

static const struct choice {
    const struct wg__kernels *kernels;
    bool (*runs)(void);
} choices[] = {
    {.kernels = &wg__kernels_sse2, .runs = runs_always},
    {.kernels = &wg__kernels_avx2, .runs = runs_avx2},
    {.kernels = &wg__kernels_avx512, .runs = runs_avx512},
};

const struct wg__kernels *wg__kernels_at(int i)
{
    for (size_t k = 0; k < sizeof choices / sizeof choices[0]; k++)
        if (choices[k].runs() && i-- == 0) return choices[k].kernels;
    return NULL;
}

#else

extern const struct wg__kernels wg__kernels_portable;

const struct wg__kernels *wg__kernels_at(int i)
{
    return i == 0 ? &wg__kernels_portable : NULL;
}

#endif

static const struct wg__kernels *choose(void)
{
    const char               *wanted = getenv("WG_ISA");
    const struct wg__kernels *best = NULL, *next;
    for (int i = 0; (next = wg__kernels_at(i)) != NULL; i++) {
        best = next;
        if (wanted && strcmp(wanted, next->isa) == 0) break;
    }
    return best;
}

/* Threads that come here at once all find the same answer: it does not matter whose is kept. */
const struct wg__kernels *wg__kernels(void)
{
    static _Atomic(const struct wg__kernels *) chosen;
    const struct wg__kernels *kernels = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (!kernels) {
        kernels = choose();
        atomic_store_explicit(&chosen, kernels, memory_order_relaxed);
    }
    return kernels;
}
