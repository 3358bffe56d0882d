// SPDX-License-Identifier: MIT
/*
 * What the bodies know of the instruction set that they are compiled for: the bytes of a vector
 * register, and the rows of the register tile of a matrix product (its columns are two vectors), so
 * that sums, factors and one more fit the registers.
 */
#ifndef WENGERT_KERNELS_SIMD_H
#define WENGERT_KERNELS_SIMD_H

#if defined(__AVX512F__)
#define WG__VECTOR    64
#define WG__TILE_ROWS 8
#elif defined(__AVX2__)
#define WG__VECTOR    32
#define WG__TILE_ROWS 6
#else
#define WG__VECTOR    16
#define WG__TILE_ROWS 6
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

/* For a function whose constant arguments are to be seen by the compiler. */
#define WG__INLINE static inline __attribute__((always_inline))

#endif
