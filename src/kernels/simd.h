// SPDX-License-Identifier: MIT
/*
 * What the bodies know of the instruction set that they are compiled for: the bytes of a vector
 * register, and the rows of the register tile of a matrix product (its columns are two vectors), so
 * that sums, factors and one more fit the registers; WG__PIXELS is their greatest number.
 */
#ifndef WENGERT_KERNELS_SIMD_H
#define WENGERT_KERNELS_SIMD_H

#if defined(__AVX512F__)
#define WG__VECTOR    64
#define WG__TILE_ROWS 8
#define WG__PIXELS    14
#elif defined(__AVX2__)
#define WG__VECTOR    32
#define WG__TILE_ROWS 6
#define WG__PIXELS    6
#else
#define WG__VECTOR    16
#define WG__TILE_ROWS 6
#define WG__PIXELS    6
#endif

/* Before a loop of few, constant turns whose array should live in registers at -O2 too. */
#if defined(__clang__)
#define WG__UNROLL _Pragma("clang loop unroll(full)")
#else
#define WG__UNROLL _Pragma("GCC unroll 32")
#endif

/* Set where multiply-add is one instruction. */
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__FP_FAST_FMAF)
#define WG__FMA 1
#else
#define WG__FMA 0
#endif

/* Every other element of two vectors of so many elements, one behind the other. */
#define WG__EVEN_4(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#define WG__ODD_4(a, b)  __builtin_shufflevector(a, b, 1, 3, 5, 7)
#define WG__EVEN_8(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define WG__ODD_8(a, b)  __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)

/* The front and the rear halves of two vectors of so many elements, one element of each in turn. */
#define WG__ZIP_LOW_2(a, b)  __builtin_shufflevector(a, b, 0, 2)
#define WG__ZIP_HIGH_2(a, b) __builtin_shufflevector(a, b, 1, 3)
#define WG__ZIP_LOW_4(a, b)  __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define WG__ZIP_HIGH_4(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define WG__ZIP_LOW_8(a, b)  __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define WG__ZIP_HIGH_8(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define WG__ZIP_LOW_16(a, b)                                                                       \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define WG__ZIP_HIGH_16(a, b)                                                                      \
    __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

#if WG__VECTOR == 64
#define WG__ZIP_F32(half) WG__ZIP_##half##_16
#define WG__ZIP_F64(half) WG__ZIP_##half##_8
#elif WG__VECTOR == 32
#define WG__ZIP_F32(half) WG__ZIP_##half##_8
#define WG__ZIP_F64(half) WG__ZIP_##half##_4
#else
#define WG__ZIP_F32(half) WG__ZIP_##half##_4
#define WG__ZIP_F64(half) WG__ZIP_##half##_2
#endif

/* For a function whose registers and stack are not to burden the short way past it. */
#define WG__APART static __attribute__((noinline))

/* For a function whose constant arguments are to be seen by the compiler. */
#define WG__INLINE static inline __attribute__((always_inline))

#endif
