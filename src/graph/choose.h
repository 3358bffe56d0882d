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
    const wg_one     *one;
    wg_kernel *const *plus;
};

/*
 * Declares `name` as that of the kernels of this name, with formulas of this member of wg_one;
 * WG__KERNELS_PLUS with name_plus.
 */
#define WG__KERNELS(name, member) WG__KERNELS_AND(name, member, NULL)
#define WG__KERNELS_PLUS(name, member)                                                             \
    WG__WHOLE_KERNELS(name##_plus)                                                                 \
    WG__KERNELS_AND(name, member, name##_plus_kernels)
#define WG__KERNELS_AND(name, member, plus)                                                        \
    WG__WHOLE_KERNELS(name)                                                                        \
    WG__EACH_ISA(WG__DECLARE_##member, name)                                                       \
    static const wg_one                name##_ones[] = {WG__EACH_ISA(WG__LIST_##member, name)};    \
    static const struct wg__kernels_of name = {name##_kernels, name##_ones, plus};
#define WG__DECLARE_f32(name, isa) float wg__##name##_one_##isa(float, float, float, const void *);
#define WG__DECLARE_f64(name, isa)                                                                 \
    double wg__##name##_one_##isa(double, double, double, const void *);
#define WG__DECLARE_any(name, isa)                                                                 \
    void wg__##name##_one_##isa(void *, const void *const *, const void *);
#define WG__LIST_f32(name, isa) {.f32 = wg__##name##_one_##isa},
#define WG__LIST_f64(name, isa) {.f64 = wg__##name##_one_##isa},
#define WG__LIST_any(name, isa) {.any = wg__##name##_one_##isa},

/* Declares `name_kernels`: those of an op that takes no element at a time, by instruction set. */
#define WG__WHOLE_KERNELS(name)                                                                    \
    WG__EACH_ISA(WG__DECLARE_WHOLE, name)                                                          \
    static wg_kernel *const name##_kernels[] = {WG__EACH_ISA(WG__LIST_KERNEL, name)};
#define WG__DECLARE_WHOLE(name, isa) extern wg_kernel wg__##name##_##isa;
#define WG__LIST_KERNEL(name, isa)   wg__##name##_##isa,

/* name_prepare for an op on reals, with kernels name_f32 and name_f64; _PLUS: name_plus too */
#define WG__PREPARE_REALS(name)                                                                    \
    WG__KERNELS(name##_f32, f32)                                                                   \
    WG__KERNELS(name##_f64, f64)                                                                   \
    WG__CHOOSE_REAL(name)
#define WG__PREPARE_REALS_PLUS(name)                                                               \
    WG__KERNELS_PLUS(name##_f32, f32)                                                              \
    WG__KERNELS_PLUS(name##_f64, f64)                                                              \
    WG__CHOOSE_REAL(name)
#define WG__CHOOSE_REAL(name)                                                                      \
    static wg_kernel *name##_prepare(wg_call *call)                                                \
    {                                                                                              \
        return wg__choose(call, 0,                                                                 \
                          &(struct wg__by_dtype){.f32 = &name##_f32, .f64 = &name##_f64});         \
    }

/*
 * name_prepare for an op on all dtypes, by that of its last input; _PLUS: name_plus for reals;
 * _MIXED: of an op whose inputs and output are not all of one dtype.
 */
#define WG__PREPARE_ALL(name)                                                                      \
    WG__KERNELS(name##_f32, f32)                                                                   \
    WG__KERNELS(name##_f64, f64)                                                                   \
    WG__CHOOSE_ANY(name)
#define WG__PREPARE_ALL_PLUS(name)                                                                 \
    WG__KERNELS_PLUS(name##_f32, f32)                                                              \
    WG__KERNELS_PLUS(name##_f64, f64)                                                              \
    WG__CHOOSE_ANY(name)
#define WG__PREPARE_MIXED(name)                                                                    \
    WG__KERNELS(name##_f32, any)                                                                   \
    WG__KERNELS(name##_f64, any)                                                                   \
    WG__CHOOSE_ANY(name)
#define WG__CHOOSE_ANY(name)                                                                       \
    WG__KERNELS(name##_i32, any)                                                                   \
    WG__KERNELS(name##_i64, any)                                                                   \
    WG__KERNELS(name##_u8, any)                                                                    \
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
