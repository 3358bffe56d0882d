// SPDX-License-Identifier: MIT
/*
 * What can be recorded, a family a header. Ops take tensors of one dtype unless they say otherwise;
 * elementwise ones of two inputs broadcast, and take a plain C number on either side.
 */
#ifndef WENGERT_OPS_OPS_H
#define WENGERT_OPS_OPS_H

#include "../graph/basic.h"
#include "attention.h"
#include "batch_norm.h"
#include "binary.h"
#include "cast.h"
#include "catalogue.h"
#include "conv2d.h"
#include "conv_transpose2d.h"
#include "gather.h"
#include "index.h"
#include "jacobian.h"
#include "join.h"
#include "layout.h"
#include "logsumexp.h"
#include "loss.h"
#include "lstm.h"
#include "matmul.h"
#include "norm.h"
#include "pad.h"
#include "pool2d.h"
#include "random.h"
#include "reduce.h"
#include "slice.h"
#include "softmax.h"
#include "unary.h"
#include "variance.h"

#endif
