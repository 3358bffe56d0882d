// SPDX-License-Identifier: MIT
/* The catalogue: a new op adds its name here, and the tests ask for the rest. */
#include "catalogue.h"

#include "ops.h"

static const wg_op *const catalogue[] = {
    /* basic */
    &wg_op_add, &wg_op_fill, &wg_op_constant, &wg_op_assign, &wg_op_detach,
    /* unary */
    &wg_op_neg, &wg_op_abs, &wg_op_sign, &wg_op_square, &wg_op_square_backward, &wg_op_sqrt,
    &wg_op_sqrt_backward, &wg_op_rsqrt, &wg_op_rsqrt_backward, &wg_op_reciprocal,
    &wg_op_reciprocal_backward, &wg_op_pow_number, &wg_op_pow_number_backward, &wg_op_exp,
    &wg_op_exp_backward, &wg_op_expm1, &wg_op_expm1_backward, &wg_op_log, &wg_op_log_backward,
    &wg_op_log1p, &wg_op_log1p_backward, &wg_op_sin, &wg_op_sin_backward, &wg_op_cos,
    &wg_op_cos_backward, &wg_op_erf, &wg_op_erf_backward, &wg_op_tanh, &wg_op_tanh_backward,
    &wg_op_sigmoid, &wg_op_sigmoid_backward, &wg_op_relu, &wg_op_relu_backward, &wg_op_leaky_relu,
    &wg_op_leaky_relu_backward, &wg_op_elu, &wg_op_elu_backward, &wg_op_gelu, &wg_op_gelu_backward,
    &wg_op_gelu_tanh, &wg_op_gelu_tanh_backward, &wg_op_silu, &wg_op_silu_backward, &wg_op_softplus,
    &wg_op_softplus_backward, &wg_op_clamp, &wg_op_clamp_backward,
    /* binary */
    &wg_op_sub, &wg_op_mul, &wg_op_div, &wg_op_pow, &wg_op_maximum, &wg_op_minimum,
    &wg_op_maximum_backward, &wg_op_where, &wg_op_eq, &wg_op_ne, &wg_op_lt, &wg_op_le, &wg_op_gt,
    &wg_op_ge,
    /* cast */
    &wg_op_cast,
    /* layout */
    &wg_op_reshape, &wg_op_flatten, &wg_op_squeeze, &wg_op_unsqueeze, &wg_op_permute,
    &wg_op_transpose, &wg_op_expand,
    /* slice */
    &wg_op_slice, &wg_op_slice_backward, &wg_op_select,
    /* join */
    &wg_op_cat, &wg_op_stack,
    /* pad */
    &wg_op_pad,
    /* reduce */
    &wg_op_sum, &wg_op_mean, &wg_op_amax, &wg_op_amin, &wg_op_argmax, &wg_op_argmin,
    /* logsumexp */
    &wg_op_logsumexp,
    /* index */
    &wg_op_index_select, &wg_op_index_scatter, &wg_op_one_hot,
    /* gather */
    &wg_op_gather, &wg_op_gather_backward,
    /* matmul */
    &wg_op_matmul, &wg_op_linear,
    /* conv2d */
    &wg_op_conv2d, &wg_op_conv2d_backward_data, &wg_op_conv2d_backward_weight,
    /* pool2d */
    &wg_op_max_pool2d, &wg_op_max_pool2d_backward, &wg_op_max_pool2d_gather, &wg_op_avg_pool2d,
    &wg_op_avg_pool2d_backward,
    /* softmax */
    &wg_op_softmax, &wg_op_log_softmax, &wg_op_softmax_backward, &wg_op_log_softmax_backward,
    /* loss */
    &wg_op_mse_loss, &wg_op_mse_loss_backward, &wg_op_binary_cross_entropy,
    &wg_op_binary_cross_entropy_backward, &wg_op_bce_with_logits, &wg_op_bce_with_logits_backward,
    &wg_op_cross_entropy, &wg_op_cross_entropy_backward,
    /* norm */
    &wg_op_layer_norm, &wg_op_layer_norm_backward, &wg_op_batch_norm_evaluate,
    /* batch_norm */
    &wg_op_batch_norm, &wg_op_batch_norm_backward, &wg_op_batch_norm_backward_sums,
    /* attention */
    &wg_op_attention, &wg_op_attention_backward,
    /* lstm */
    &wg_op_lstm, &wg_op_lstm_backward,
    /* random */
    &wg_op_uniform, &wg_op_normal, &wg_op_bernoulli, &wg_op_dropout,
};

const wg_op *wg_catalogue_at(int i)
{
    return i >= 0 && i < (int)(sizeof catalogue / sizeof *catalogue) ? catalogue[i] : NULL;
}
