// SPDX-License-Identifier: MIT
/*
 * What the kernels of elementwise ops are made of: loops around a formula. Included by the files
 * *_kernels.c, which are compiled once per instruction set, with WG__ISA its name; choose.h
 * has the choice between them. Not public.
 *
 * A formula is C, or is written in the words of numbers.h, which recorded.h reads as ops. Nothing
 * is contracted: each element has the same bits wherever it stands and however it is read.
 */
#ifndef WENGERT_GRAPH_LOOPS_H
#define WENGERT_GRAPH_LOOPS_H

#include "../kernels/real.h"
#include "op.h"

/*
 * A loop in which element i of the output depends on element i of each input alone, so that it may
 * run in vectors though output and input share memory.
 */
#if defined(__clang__)
#define WG__EACH _Pragma("clang loop vectorize(assume_safety)") for (int64_t i = 0; i < n; i++)
#else
#define WG__EACH _Pragma("GCC ivdep") for (int64_t i = 0; i < n; i++)
#endif

/* The kernel `name` of this instruction set, and its formula for one element: wg__exp_f32_avx2. */
#define WG__OF_ISA(name)                 WG__OF_ISA_NAMED(name, WG__ISA)
#define WG__OF_ISA_NAMED(...)            WG__OF_ISA_JOINED(__VA_ARGS__)
#define WG__OF_ISA_JOINED(name, isa)     wg__##name##_##isa
#define WG__PLUS_OF_ISA(name)            WG__PLUS_OF_ISA_NAMED(name, WG__ISA)
#define WG__PLUS_OF_ISA_NAMED(...)       WG__PLUS_OF_ISA_JOINED(__VA_ARGS__)
#define WG__PLUS_OF_ISA_JOINED(name, isa) wg__##name##_plus_##isa
#define WG__ONE_OF_ISA(name)             WG__ONE_OF_ISA_NAMED(name, WG__ISA)
#define WG__ONE_OF_ISA_NAMED(...)        WG__ONE_OF_ISA_JOINED(__VA_ARGS__)
#define WG__ONE_OF_ISA_JOINED(name, isa) wg__##name##_one_##isa

/*
 * The formula for one element, as wg_one wants it: by value where Y and A, and so all of its types,
 * are one real type, else by address. `read` declares the elements where they come by address.
 */
#define WG__ONE(Y, A, ...)           WG__ONE_NAMED(Y, A, __VA_ARGS__)
#define WG__ONE_NAMED(Y, A, ...)     WG__SECOND(WG__REAL_##Y##_##A, WG__BY_ADDRESS, )(Y, __VA_ARGS__)
#define WG__REAL_float_float         , WG__BY_VALUE
#define WG__REAL_double_double       , WG__BY_VALUE
#define WG__SECOND(...)              WG__SECOND_NAMED(__VA_ARGS__)
#define WG__SECOND_NAMED(a, b, ...)  b
#define WG__BY_VALUE(Y, name, a, b, c, read, settings, value)                                      \
    Y WG__ONE_OF_ISA(name)(Y a, Y b, Y c, const void *attrs)                                       \
    {                                                                                              \
        const double *s = attrs;                                                                   \
        (void)s, (void)b, (void)c;                                                                 \
        settings return (value);                                                                   \
    }
#define WG__BY_ADDRESS(Y, name, a, b, c, read, settings, value)                                    \
    void WG__ONE_OF_ISA(name)(void *to, const void *const *from, const void *attrs)                \
    {                                                                                              \
        const double *s = attrs;                                                                   \
        (void)s;                                                                                   \
        settings read *(Y *)to = (value);                                                          \
    }
#define WG__READ(A, a, k) const A a = *(const A *)from[k];

/*
 * Kernels `name` that write `value`, a formula in the elements a, b, c of the inputs (of types A,
 * B, C), to an output of type Y. `settings` declares what the formula needs of the attrs s, or is
 * empty. Loops over packed inputs, and over those with one splatted, are compiled on their own. A
 * splatted number is read in its loop only, or clang would have the packed one begin with it.
 * (_NAMED: once `name` is spelled out.)
 */
#define WG__KERNEL_1(...) WG__KERNEL_1_NAMED(__VA_ARGS__)
#define WG__KERNEL_1_NAMED(name, Y, A, a, settings, value)                                         \
    WG__INLINE int name##_line(const wg_call *call, const A *pa, int64_t sa)                       \
    {                                                                                              \
        const int64_t n = call->n;                                                                 \
        const double *s = call->attrs;                                                             \
        Y            *out = call->y[0].data;                                                       \
        (void)s;                                                                                   \
        settings WG__EACH                                                                          \
        {                                                                                          \
            const A a = pa[i * sa];                                                                \
            out[i] = (value);                                                                      \
        }                                                                                          \
        return 0;                                                                                  \
    }                                                                                              \
    WG__ONE(Y, A, name, a, second, third, WG__READ(A, a, 0), settings, value)                      \
    int WG__OF_ISA(name)(const wg_call *call)                                                      \
    {                                                                                              \
        const A *pa = call->x[0].data;                                                             \
        if (call->step[0] == 1) return name##_line(call, pa, 1);                                   \
        return name##_line(call, pa, call->step[0]);                                               \
    }

#define WG__KERNEL_2(...) WG__KERNEL_2_NAMED(__VA_ARGS__)
#define WG__KERNEL_2_NAMED(name, Y, A, a, B, b, settings, value)                                   \
    WG__INLINE int name##_line(const wg_call *call, const A *pa, int64_t sa, const B *pb,          \
                               int64_t sb)                                                         \
    {                                                                                              \
        const int64_t n = call->n;                                                                 \
        const double *s = call->attrs;                                                             \
        Y            *out = call->y[0].data;                                                       \
        (void)s;                                                                                   \
        settings WG__EACH                                                                          \
        {                                                                                          \
            const A a = pa[i * sa];                                                                \
            const B b = pb[i * sb];                                                                \
            out[i] = (value);                                                                      \
        }                                                                                          \
        return 0;                                                                                  \
    }                                                                                              \
    WG__ONE(Y, A, name, a, b, third, WG__READ(A, a, 0) WG__READ(B, b, 1), settings, value)         \
    int WG__OF_ISA(name)(const wg_call *call)                                                      \
    {                                                                                              \
        const A      *pa = call->x[0].data;                                                        \
        const B      *pb = call->x[1].data;                                                        \
        const int64_t sa = call->step[0], sb = call->step[1];                                      \
        if (call->n == 0) return 0;                                                                \
        if (sa == 1 && sb == 1) return name##_line(call, pa, 1, pb, 1);                            \
        if (sa == 1 && sb == 0) return name##_line(call, pa, 1, &(const B){*pb}, 0);               \
        if (sa == 0 && sb == 1) return name##_line(call, &(const A){*pa}, 0, pb, 1);               \
        return name##_line(call, pa, sa, pb, sb);                                                  \
    }

/* The kernel name_plus: that of WG__KERNEL_2 for reals, plus element c of a third input. */
#define WG__PLUS_2(...) WG__PLUS_2_NAMED(__VA_ARGS__)
#define WG__PLUS_2_NAMED(name, T, a, b, settings, value)                                           \
    WG__INLINE int name##_plus_line(const wg_call *call, int64_t sa, int64_t sb, int64_t sc)       \
    {                                                                                              \
        const int64_t n = call->n;                                                                 \
        const double *s = call->attrs;                                                             \
        const T      *pa = call->x[0].data, *pb = call->x[1].data, *pc = call->x[2].data;          \
        T            *out = call->y[0].data;                                                       \
        (void)s;                                                                                   \
        settings WG__EACH                                                                          \
        {                                                                                          \
            const T a = pa[i * sa];                                                                \
            const T b = pb[i * sb];                                                                \
            out[i] = (value) + pc[i * sc];                                                         \
        }                                                                                          \
        return 0;                                                                                  \
    }                                                                                              \
    int WG__PLUS_OF_ISA(name)(const wg_call *call)                                                 \
    {                                                                                              \
        const int64_t sa = call->step[0], sb = call->step[1], sc = call->step[2];                  \
        if (sa == 1 && sb == 1 && sc == 1) return name##_plus_line(call, 1, 1, 1);                 \
        return name##_plus_line(call, sa, sb, sc);                                                 \
    }

#define WG__KERNEL_3(...) WG__KERNEL_3_NAMED(__VA_ARGS__)
#define WG__KERNEL_3_NAMED(name, Y, A, a, B, b, C, c, value)                                       \
    WG__INLINE int name##_line(const wg_call *call, const A *pa, int64_t sa, const B *pb,          \
                               int64_t sb, const C *pc, int64_t sc)                                \
    {                                                                                              \
        const int64_t n = call->n;                                                                 \
        Y            *out = call->y[0].data;                                                       \
        WG__EACH                                                                                   \
        {                                                                                          \
            const A a = pa[i * sa];                                                                \
            const B b = pb[i * sb];                                                                \
            const C c = pc[i * sc];                                                                \
            out[i] = (value);                                                                      \
        }                                                                                          \
        return 0;                                                                                  \
    }                                                                                              \
    WG__ONE(Y, A, name, a, b, c, WG__READ(A, a, 0) WG__READ(B, b, 1) WG__READ(C, c, 2), , value)   \
    int WG__OF_ISA(name)(const wg_call *call)                                                      \
    {                                                                                              \
        const A      *pa = call->x[0].data;                                                        \
        const B      *pb = call->x[1].data;                                                        \
        const C      *pc = call->x[2].data;                                                        \
        const int64_t sa = call->step[0], sb = call->step[1], sc = call->step[2];                  \
        if (call->n == 0) return 0;                                                                \
        if (sa == 1 && sb == 1 && sc == 1) return name##_line(call, pa, 1, pb, 1, pc, 1);          \
        if (sa == 1 && sb == 1 && sc == 0)                                                         \
            return name##_line(call, pa, 1, pb, 1, &(const C){*pc}, 0);                            \
        if (sa == 1 && sb == 0 && sc == 1)                                                         \
            return name##_line(call, pa, 1, &(const B){*pb}, 0, pc, 1);                            \
        if (sa == 0 && sb == 1 && sc == 1)                                                         \
            return name##_line(call, &(const A){*pa}, 0, pb, 1, pc, 1);                            \
        return name##_line(call, pa, sa, pb, sb, pc, sc);                                          \
    }

#endif
