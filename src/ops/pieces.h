// SPDX-License-Identifier: MIT
/* What matrix products and linear layers share: which are small, and pieces for threads. Not public. */
#ifndef WENGERT_OPS_PIECES_H
#define WENGERT_OPS_PIECES_H

#include "../kernels/gemm.h"
#include "by_onednn.h"
#include "costs.h"

/* Multiply-adds up to which loops of their own are used. */
#define SMALL 64

static inline bool is_small(const struct wg__gemm *gemm)
{
    return (double)gemm->m * (double)gemm->n * (double)gemm->k <= SMALL;
}

/*
 * A product falls into stretches of PIECE rows or columns, along its longer side; a narrow one, whose
 * work is in its depth, into shorter ones. Of so many products none is cut.
 */
#define PIECE    32
#define NARROW   16
#define PRODUCTS 16

static inline int64_t longer_side(const struct wg__gemm *gemm)
{
    return gemm->m >= gemm->n ? gemm->m : gemm->n;
}

static inline int64_t piece_size(const struct wg__gemm *gemm)
{
    const int64_t shorter = gemm->m < gemm->n ? gemm->m : gemm->n;
    return shorter <= NARROW ? NARROW : PIECE;
}

static inline int64_t pieces_of(const struct wg__gemm *gemm, int64_t products)
{
    const int64_t size = piece_size(gemm);
    return products >= PRODUCTS ? 1 : (longer_side(gemm) + size - 1) / size;
}

static inline double multiply_adds_of(const struct wg__gemm *gemm, int64_t products)
{
    return (double)products * (double)gemm->m * (double)gemm->n * (double)gemm->k;
}

static inline void ask_threads(wg_call *call, const struct wg__gemm *gemm, int64_t products)
{
    wg_parallel(call, products * pieces_of(gemm, products),
                multiply_adds_of(gemm, products) / WG__MULTIPLY_ADDS);
}

/* A part of one product, from `row` and `column` on; `next` is the unit after it. */
struct piece {
    struct wg__gemm gemm;
    int64_t         product, row, column, next;
};

/* As much of the product of the first of these units as they hold. */
static inline struct piece piece_of(const struct wg__gemm *whole, int64_t pieces, wg_range units)
{
    const int64_t product = units.first / pieces, first = units.first - product * pieces;
    const int64_t many = units.end - units.first, left = pieces - first;
    const int64_t end = first + (many < left ? many : left), each = piece_size(whole);
    const int64_t side = longer_side(whole), start = first * each;
    const int64_t size = (end == pieces ? side : end * each) - start;
    struct piece  piece = {.gemm = *whole, .product = product, .next = units.first + end - first};
    if (whole->m >= whole->n)
        piece.row = start, piece.gemm.m = size;
    else
        piece.column = start, piece.gemm.n = size;
    return piece;
}

#endif
