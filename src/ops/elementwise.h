// SPDX-License-Identifier: MIT
/*
 * What elementwise ops are made of: loops around a formula, the choice of a kernel by dtype, and
 * infer rules. Not public.
 *
 * A formula is C, or is written in the words of numbers.h, which recorded.h reads as ops.
 */
#ifndef WENGERT_OPS_ELEMENTWISE_H
#define WENGERT_OPS_ELEMENTWISE_H

#include "../graph/op.h"
#include "../kernels/simd.h"

/*
 * A loop in which element i of the output depends on element i of each input alone, so that it may
 * run in vectors though output and input share memory. Clang's word for that is not quiet about
 * loops that it cannot vectorise.
 */
#if defined(__clang__)
#define WG__EACH for (int64_t i = 0; i < n; i++)
#else
#define WG__EACH _Pragma("GCC ivdep") for (int64_t i = 0; i < n; i++)
#endif

/*
 * Kernels `name` that write `value`, a formula in the elements a, b, c of the inputs (of types A,
 * B, C), to an output of type Y. `settings` declares what the formula needs of the attrs s, or is
 * empty. Loops over packed inputs, and over those with one splatted, are compiled on their own.
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
        settings                                                                                   \
        WG__EACH                                                                                   \
        {                                                                                          \
            const A a = pa[i * sa];                                                                \
            out[i] = (value);                                                                      \
        }                                                                                          \
        return 0;                                                                                  \
    }                                                                                              \
    static int name(const wg_call *call)                                                           \
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
        settings                                                                                   \
        WG__EACH                                                                                   \
        {                                                                                          \
            const A a = pa[i * sa];                                                                \
            const B b = pb[i * sb];                                                                \
            out[i] = (value);                                                                      \
        }                                                                                          \
        return 0;                                                                                  \
    }                                                                                              \
    static int name(const wg_call *call)                                                           \
    {                                                                                              \
        const A      *pa = call->x[0].data;                                                        \
        const B      *pb = call->x[1].data;                                                        \
        const int64_t sa = call->step[0], sb = call->step[1];                                      \
        if (call->n == 0) return 0;                                                                \
        const A first_a = *pa;                                                                     \
        const B first_b = *pb;                                                                     \
        if (sa == 1 && sb == 1) return name##_line(call, pa, 1, pb, 1);                            \
        if (sa == 1 && sb == 0) return name##_line(call, pa, 1, &first_b, 0);                      \
        if (sa == 0 && sb == 1) return name##_line(call, &first_a, 0, pb, 1);                      \
        return name##_line(call, pa, sa, pb, sb);                                                  \
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
    static int name(const wg_call *call)                                                           \
    {                                                                                              \
        const A      *pa = call->x[0].data;                                                        \
        const B      *pb = call->x[1].data;                                                        \
        const C      *pc = call->x[2].data;                                                        \
        const int64_t sa = call->step[0], sb = call->step[1], sc = call->step[2];                  \
        if (call->n == 0) return 0;                                                                \
        const B first_b = *pb;                                                                     \
        const C first_c = *pc;                                                                     \
        if (sa == 1 && sb == 1 && sc == 1) return name##_line(call, pa, 1, pb, 1, pc, 1);          \
        if (sa == 1 && sb == 1 && sc == 0) return name##_line(call, pa, 1, pb, 1, &first_c, 0);    \
        if (sa == 1 && sb == 0 && sc == 1) return name##_line(call, pa, 1, &first_b, 0, pc, 1);    \
        return name##_line(call, pa, sa, pb, sb, pc, sc);                                          \
    }

/* An op's kernel for each dtype, NULL where it has none; bool runs the kernel of u8. */
struct wg__by_dtype {
    wg_kernel *f32, *f64, *i32, *i64, *u8;
};

/* The kernel for the dtype of input k. */
wg_kernel *wg__kernel_by_dtype(const wg_call *call, int k, const struct wg__by_dtype *kernels);

/*
 * Ready infer rules: inputs of one dtype and one shape, and an output like them. Any dtype; any
 * dtype but bool.
 */
const char *wg__infer_alike(wg_infer *i);
const char *wg__infer_numbers(wg_infer *i);

/* The same, any dtype, but the output is bool. */
const char *wg__infer_comparison(wg_infer *i);

/* NULL when all inputs have one shape. */
const char *wg__infer_same_shape(wg_infer *i);

#endif
