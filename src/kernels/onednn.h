// SPDX-License-Identifier: MIT
/*
 * oneDNN's primitives for products and convolutions of f32. It is looked for when the program runs;
 * where the library is built without it (no_onednn.c instead of onednn.c and onednn_shim.c), or it
 * is not found, wg__onednn_open finds none.
 *
 *     struct wg__onednn made;
 *     if (wg__onednn_conv2d(&made, library, &conv, pass, ...))    once; else made.why tells
 *         wg__onednn_run(&made, operands, scratch)                with made.scratch_bytes
 *     wg__onednn_done(&made)
 */
#ifndef WENGERT_KERNELS_ONEDNN_H
#define WENGERT_KERNELS_ONEDNN_H

#include "../tensor/memory.h"
#include "conv2d.h"
#include "gemm.h"
#include "reduce.h"

/* What was found; for one tape, so for one thread at a time. */
struct wg__onednn_library;

/* A primitive of oneDNN and, where it asks for room, the handle of that. */
struct wg__onednn_work {
    struct dnnl_primitive *primitive;
    struct dnnl_memory    *room; /* or NULL */
};

/* An operand: as the caller has it and, where the primitive wants another layout, as it gets it. */
struct wg__onednn_operand {
    int                    argument; /* oneDNN's number for it */
    struct dnnl_memory    *outside, *inside;
    struct wg__onednn_work turn;   /* from one to the other */
    size_t                 offset; /* of the inside in the scratch */
};

/* A product or a pass of a convolution. It may be copied; one copy is to be given back. */
struct wg__onednn {
    const struct wg__onednn_library *library;
    struct wg__onednn_work           work;
    struct wg__onednn_operand        operand[4]; /* inputs, then the output */
    int                              operands;
    size_t                           room, room_bytes; /* where it lies in the scratch */
    size_t                           scratch_bytes;
    char                             name[48]; /* "onednn brgconv:avx512_core" */
    const char                      *why;      /* none was made */
};

/*
 * The version that the library is built for, "2.6.3"; NULL: it is built without, or there is none
 * of that kind on this machine.
 */
const char *wg__onednn_version(void);

/*
 * Looks for oneDNN, *found is NULL where there is none; `winograd`: with that algorithm for the
 * convolutions that it suits. False without memory. To be closed after all that was made by it.
 */
bool wg__onednn_open(const wg_allocator *allocator, bool winograd,
                     struct wg__onednn_library **found);
void wg__onednn_close(const wg_allocator *allocator, struct wg__onednn_library *library);

/*
 * Make *made, in full f32; operands are those of the call in conv2d.h, the bias being the third
 * input of a forward pass; images are (n, h, w, c) with `channels_last`. False, and nothing is left
 * to give back but the reason: oneDNN has but a reference kernel for it, or no memory.
 */
bool wg__onednn_conv2d(struct wg__onednn *made, const struct wg__onednn_library *library,
                       const struct wg__conv2d *conv, enum wg__conv2d_pass pass, bool bias,
                       bool channels_last);

/*
 * Likewise for C = A B of each pair of matrices, and a row of bias added: operands A, B, perhaps
 * the bias, and C, packed. `left` and `right` are the axes before A and B, of equal sizes.
 */
bool wg__onednn_matmul(struct wg__onednn *made, const struct wg__onednn_library *library,
                       const struct wg__gemm *gemm, const struct wg__loops *left,
                       const struct wg__loops *right, bool bias);

/* Runs it, by as many threads as OpenMP gives; false when oneDNN reports an error. */
bool wg__onednn_run(const struct wg__onednn *made, void *const *data, void *scratch);

/* Gives back what was made; of zeros nothing. */
void wg__onednn_done(struct wg__onednn *made);

#endif
