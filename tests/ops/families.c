// SPDX-License-Identifier: MIT
/* The table of tables: each family of ops with its cases, its errors and PyTorch's values. */
#include "cases.h"

#include <math.h>

#include "../golden/attention.h"
#include "../golden/basic.h"
#include "../golden/binary.h"
#include "../golden/conv2d.h"
#include "../golden/index.h"
#include "../golden/join.h"
#include "../golden/layout.h"
#include "../golden/loss.h"
#include "../golden/lstm.h"
#include "../golden/matmul.h"
#include "../golden/norm.h"
#include "../golden/pool2d.h"
#include "../golden/random.h"
#include "../golden/reduce.h"
#include "../golden/softmax.h"
#include "../golden/unary.h"

extern const struct op_case cases_attention[], cases_basic[], cases_binary[], cases_conv2d[], cases_index[],
    cases_join[], cases_layout[], cases_loss[], cases_lstm[], cases_matmul[], cases_norm[], cases_pool2d[],
    cases_random[], cases_reduce[], cases_softmax[], cases_unary[];
extern const struct error_case errors_attention[], errors_basic[], errors_binary[], errors_conv2d[], errors_index[],
    errors_join[], errors_layout[], errors_loss[], errors_lstm[], errors_matmul[], errors_norm[], errors_pool2d[],
    errors_random[], errors_reduce[], errors_softmax[], errors_unary[];

const struct family families[] = {
    {"attention", cases_attention, errors_attention, golden_attention},
    {"basic", cases_basic, errors_basic, golden_basic},
    {"binary", cases_binary, errors_binary, golden_binary},
    {"conv2d", cases_conv2d, errors_conv2d, golden_conv2d},
    {"index", cases_index, errors_index, golden_index},
    {"join", cases_join, errors_join, golden_join},
    {"layout", cases_layout, errors_layout, golden_layout},
    {"loss", cases_loss, errors_loss, golden_loss},
    {"lstm", cases_lstm, errors_lstm, golden_lstm},
    {"matmul", cases_matmul, errors_matmul, golden_matmul},
    {"norm", cases_norm, errors_norm, golden_norm},
    {"pool2d", cases_pool2d, errors_pool2d, golden_pool2d},
    {"random", cases_random, errors_random, golden_random},
    {"reduce", cases_reduce, errors_reduce, golden_reduce},
    {"softmax", cases_softmax, errors_softmax, golden_softmax},
    {"unary", cases_unary, errors_unary, golden_unary},
    {0},
};
