// SPDX-License-Identifier: MIT
/* Networks to train, which several proofs share. */
#ifndef WENGERT_TESTS_NETWORK_H
#define WENGERT_TESTS_NETWORK_H

#include <wengert/wengert.h>

/* A network for images of some classes, as recorded. Members are NULL after an error. */
typedef struct network {
    wg_tensor *x, *target; /* inputs: images, and the class of each, i64 */
    wg_tensor *logits, *loss;
    wg_tensors updates; /* of all params, by plain descent */
} network;

/* Convolution, relu, max-pool, dense, cross-entropy: 8x8 images of 3 classes. */
network network_small(wg_tape *tape, wg_dtype dtype, int64_t batch);

/* Two blocks of convolutions, 32 and 64 filters, dense 128 and 10: 28x28 images, f32. */
network network_deep(wg_tape *tape, int64_t batch);

/* Writes images and classes that depend on `step`. False on an error. */
bool network_feed(const network *net, int step);

#endif
