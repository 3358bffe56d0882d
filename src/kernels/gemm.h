// SPDX-License-Identifier: MIT
/*
 * Matrix product: C = A B + D, with A (m x k) and B (k x n) of any strides. D may be C itself, one
 * row for all (d_row 0), or left out (NULL).
 *
 *     kernels->f32.gemm(&sizes, a, b, d, c, scratch)    `scratch` of wg__gemm_scratch bytes
 *     kernels->f32.gemm_plain(&sizes, a, b, d, c)       its oracle, and what tiny products use
 *     kernels->f32.gemv(m, k, a, x, bias, y)         y = A x + bias (or NULL), A packed: every
 *                                                    element in the order of k, a vector at a time
 *
 * A B that is used many times can be made ready once:
 *
 *     kernels->f32.gemm_pack(&sizes, b, packed)      `packed` of wg__gemm_packed bytes
 *     kernels->f32.gemm_packed(&sizes, a, packed, d, c, scratch)
 *     kernels->f32.attention.gemm_stairs(&sizes, &stairs, a, packed, d, c)    beside a diagonal
 *
 * Each element of C is one sum in the order of k, in blocks of WG__GEMM_K, whatever the strides and
 * the way taken: a part of a product has the bits of the whole.
 */
#ifndef WENGERT_KERNELS_GEMM_H
#define WENGERT_KERNELS_GEMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Sizes and strides, in elements: A(i, p) is a[i a_row + p a_col], B(p, j) is b[p b_row + j b_col],
 * C(i, j) is c[i c_row + j], D(i, j) is d[i d_row + j]. Strides of a and b may be 0 or negative.
 * C must not overlap A or B.
 */
struct wg__gemm {
    int64_t m, n, k;
    int64_t a_row, a_col, b_row, b_col, c_row, d_row;
};

/* Bytes of scratch for a product of these sizes and elements of `element` bytes, any strides. */
size_t wg__gemm_scratch(int64_t m, int64_t n, int64_t k, size_t element);

/* Bytes of a B (k x n) that is made ready, a multiple of 128. */
size_t wg__gemm_packed(int64_t n, int64_t k, size_t element);

/*
 * What gemm_stairs leaves out, by whole register tiles:
 *
 *     WG__C_BELOW    C(i, j) with j > reach + i, which nobody reads; it may be written, as may be
 *                    what is behind a row up to the next multiple of 64 bytes
 *     WG__A_BELOW    A(i, p) with p > reach + i, which is 0
 *     WG__A_ABOVE    A(i, p) with i > reach + p, which is 0
 *
 * A is read where it is, C is left alone where it is D and nothing is added.
 */
enum wg__side { WG__C_BELOW, WG__A_BELOW, WG__A_ABOVE };

struct wg__stairs {
    enum wg__side side;
    int64_t       reach;
};

/* ---- for the bodies ---- */

/*
 * A block of B (WG__GEMM_K rows of WG__GEMM_N_BYTES) stays in the second-level cache, one of A
 * (WG__GEMM_M x WG__GEMM_K) beside it, packed or where it is.
 */
#define WG__GEMM_M       96
#define WG__GEMM_N_BYTES 2048
#define WG__GEMM_K       256

/* Multiply-adds up to which three plain loops are faster than packing. */
#define WG__GEMM_TINY 512

#endif
