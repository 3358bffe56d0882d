// SPDX-License-Identifier: MIT
/*
 * Wengert: reverse-mode automatic differentiation of tensors in C.
 *
 * Include this one header. Read in this order, they are the manual:
 *
 *     tensor/shape.h, tensor/dtype.h   what a tensor is made of
 *     graph/tape.h                     recording: leaves, names, values, errors
 *     ops/ops.h                        what can be recorded
 *     graph/derive.h                   derivatives of what was recorded
 *     graph/plan.h                     running it again and again
 *     nn/nn.h                          layers, first values, updates that train
 *     graph/check.h, graph/dot.h       is the gradient right; what does the graph look like
 *     graph/finite.h                   where an infinity or a NaN comes from
 *     formats/                         files in and out
 *     data/                            batches of samples
 *     train/                           the loop: rates, scores, progress, checkpoints
 *     graph/op.h                       ops of your own
 */
#ifndef WENGERT_WENGERT_H
#define WENGERT_WENGERT_H

#include "data/loader.h"
#include "formats/csv.h"
#include "formats/idx.h"
#include "formats/npy.h"
#include "formats/npz.h"
#include "formats/params.h"
#include "formats/picture.h"
#include "formats/png.h"
#include "formats/safetensors.h"
#include "formats/text.h"
#include "formats/weights.h"
#include "graph/check.h"
#include "graph/derive.h"
#include "graph/dot.h"
#include "graph/finite.h"
#include "graph/lift.h"
#include "graph/op.h"
#include "graph/plan.h"
#include "graph/report.h"
#include "graph/summary.h"
#include "graph/tape.h"
#include "nn/nn.h"
#include "ops/ops.h"
#include "tensor/print.h"
#include "tensor/random.h"
#include "train/checkpoint.h"
#include "train/history.h"
#include "train/lbfgs.h"
#include "train/progress.h"
#include "train/schedule.h"
#include "train/scores.h"
#include "train/train.h"

#endif
