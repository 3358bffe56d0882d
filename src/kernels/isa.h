// SPDX-License-Identifier: MIT
/*
 * Kernels for the instruction set of this machine. The bodies (*_body.h) are compiled once per
 * instruction set, each for f32 and f64, into one table of functions; the best table that the
 * processor can run is taken, or the one that the environment names in WG_ISA. Bits are promised
 * for one instruction set: never do they depend on strides or alignment.
 *
 *     wg__kernels()->f32.gemm(&sizes, a, b, d, c, scratch);
 *
 * A new kernel is a function in a body and a member in family.h; a new instruction set a line in
 * meson.build, in isa.c and in WG__EACH_ISA.
 */
#ifndef WENGERT_KERNELS_ISA_H
#define WENGERT_KERNELS_ISA_H

#define T          float
#define NAME(name) name##_f32
#include "family.h"
#undef T
#undef NAME

#define T          double
#define NAME(name) name##_f64
#include "family.h"
#undef T
#undef NAME

/* put(name, isa) for every instruction set that is compiled, the plainest first */
#ifdef WG__X86_64
#define WG__EACH_ISA(put, name) put(name, sse2) put(name, avx2) put(name, avx512)
#else
#define WG__EACH_ISA(put, name) put(name, portable)
#endif

/*
 * The kernels of one instruction set: "portable" (anything but x86-64), "sse2", "avx2" (with FMA),
 * "avx512".
 */
struct wg__kernels {
    const char            *isa;
    struct wg__kernels_f32 f32;
    struct wg__kernels_f64 f64;
};

/* The table in use, the same for the life of the process. */
const struct wg__kernels *wg__kernels(void);

/* Its number in the order of WG__EACH_ISA. */
int wg__isa(void);

/* The i-th table, or NULL when this machine runs fewer. */
const struct wg__kernels *wg__kernels_at(int i);

#endif
