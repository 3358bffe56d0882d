// SPDX-License-Identifier: MIT
/*
 * Toy ops for the gradient check: right ones, and each mistake that it is to find. f64 only, unless
 * said otherwise.
 */
#ifndef WENGERT_TESTS_TOY_CHECK_H
#define WENGERT_TESTS_TOY_CHECK_H

#include "toy.h"

/*
 * Right: x^3; max(x, 0); the larger of a and b; sqrt x; a b of square matrices; as many random
 * numbers as x has elements.
 */
extern const wg_op toy_cube, toy_relu, toy_larger, toy_root, toy_matmul, toy_noise;

/*
 * Wrong: a flipped sign and a dropped factor in the rule of x^2; a dy for a^T dy; the adjoint of a
 * broadcast row not summed.
 */
extern const wg_op toy_square_sign, toy_square_factor, toy_matmul_swapped, toy_add_row;

/* Leaves its last element unwritten; NaN at 2; has a kernel for f32 only; takes f32 only. */
extern const wg_op toy_forgetful, toy_hole, toy_single, toy_narrow;

/* Right to first order: the rule of x^3 with x detached, and with a helper whose rule is wrong. */
extern const wg_op toy_cube_detached, toy_cube_helped;

/* Records a toy op; b may be NULL. */
wg_tensor *toy_apply(const wg_op *op, wg_tensor *a, wg_tensor *b);

#define toy_apply(op, a, b) WG__CALL(toy_apply(op, a, b))

#endif
