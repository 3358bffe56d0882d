// SPDX-License-Identifier: MIT
/*
 * The choice of an elementwise op's kernel by dtype and by instruction set. The kernels are made in
 * loops.h. Not public.
 */
#ifndef WENGERT_GRAPH_CHOOSE_H
#define WENGERT_GRAPH_CHOOSE_H

#include "../kernels/isa.h"
#include "op.h"

/*
 * A kernel in each instruction set, in the order of WG__EACH_ISA, its formula for one element, and
 * the kernel that adds another input (or NULL).
 */
struct wg__kernels_of {
    wg_kernel *const *kernel;
    wg_one *const    *one;
    wg_kernel *const *plus;
};

/* Declares `name` as that of the kernels of this name; WG__KERNELS_PLUS with name_plus. */
#define WG__KERNELS(name)                                                                          \
    WG__LIST_KERNELS(name)                                                                         \
    static const struct wg__kernels_of name = {name##_kernels, name##_ones, NULL};
#define WG__KERNELS_PLUS(name)                                                                     \
    WG__LIST_KERNELS(name)                                                                         \
    WG__WHOLE_KERNELS(name##_plus)                                                                 \
    static const struct wg__kernels_of name = {name##_kernels, name##_ones, name##_plus_kernels};
#define WG__LIST_KERNELS(name)                                                                     \
    WG__EACH_ISA(WG__DECLARE_KERNEL, name)                                                         \
    static wg_kernel *const name##_kernels[] = {WG__EACH_ISA(WG__LIST_KERNEL, name)};              \
    static wg_one *const    name##_ones[] = {WG__EACH_ISA(WG__LIST_ONE, name)};
#define WG__DECLARE_KERNEL(name, isa)                                                              \
    extern wg_kernel wg__##name##_##isa;                                                           \
    extern wg_one    wg__##name##_one_##isa;
#define WG__LIST_KERNEL(name, isa) wg__##name##_##isa,
#define WG__LIST_ONE(name, isa)    wg__##name##_one_##isa,

/* Declares `name_kernels`: those of an op that takes no element at a time, by instruction set. */
#define WG__WHOLE_KERNELS(name)                                                                    \
    WG__EACH_ISA(WG__DECLARE_WHOLE, name)                                                          \
    static wg_kernel *const name##_kernels[] = {WG__EACH_ISA(WG__LIST_KERNEL, name)};
#define WG__DECLARE_WHOLE(name, isa) extern wg_kernel wg__##name##_##isa;

/* name_prepare for an op on reals, with kernels name_f32 and name_f64; _PLUS: name_plus too */
#define WG__PREPARE_REALS(name)                                                                    \
    WG__KERNELS(name##_f32)                                                                        \
    WG__KERNELS(name##_f64)                                                                        \
    WG__CHOOSE_REAL(name)
#define WG__PREPARE_REALS_PLUS(name)                                                               \
    WG__KERNELS_PLUS(name##_f32)                                                                   \
    WG__KERNELS_PLUS(name##_f64)                                                                   \
    WG__CHOOSE_REAL(name)
#define WG__CHOOSE_REAL(name)                                                                      \
    static wg_kernel *name##_prepare(wg_call *call)                                                \
    {                                                                                              \
        return wg__choose(call, 0,                                                                 \
                          &(struct wg__by_dtype){.f32 = &name##_f32, .f64 = &name##_f64});         \
    }

/* name_prepare for an op on all dtypes, by that of its last input; _PLUS: name_plus for reals */
#define WG__PREPARE_ALL(name)                                                                      \
    WG__KERNELS(name##_f32)                                                                        \
    WG__KERNELS(name##_f64)                                                                        \
    WG__CHOOSE_ANY(name)
#define WG__PREPARE_ALL_PLUS(name)                                                                 \
    WG__KERNELS_PLUS(name##_f32)                                                                   \
    WG__KERNELS_PLUS(name##_f64)                                                                   \
    WG__CHOOSE_ANY(name)
#define WG__CHOOSE_ANY(name)                                                                       \
    WG__KERNELS(name##_i32)                                                                        \
    WG__KERNELS(name##_i64)                                                                        \
    WG__KERNELS(name##_u8)                                                                         \
    static wg_kernel *name##_prepare(wg_call *call)                                                \
    {                                                                                              \
        static const struct wg__by_dtype kernels = {&name##_f32, &name##_f64, &name##_i32,         \
                                                    &name##_i64, &name##_u8};                      \
        return wg__choose(call, call->inputs - 1, &kernels);                                       \
    }

/* An op's WG__KERNELS for each dtype, or NULL; bool runs the kernel of u8. */
struct wg__by_dtype {
    const struct wg__kernels_of *f32, *f64, *i32, *i64, *u8;
};

/* The kernel for the dtype of input k; NULL when there is none. */
wg_kernel *wg__choose(wg_call *call, int k, const struct wg__by_dtype *kernels);

#endif
