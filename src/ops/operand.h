// SPDX-License-Identifier: MIT
/*
 * Operands: a tensor or a plain number, and what happens to them before an elementwise op is
 * recorded.
 *
 *     wg_mul(x, 2)    wg_sub(1, x)    wg_where(wg_gt(x, 0), x, 0.5)
 *
 * A number becomes a constant of the dtype of the call's first tensor; then all are broadcast to
 * one shape.
 */
#ifndef WENGERT_OPS_OPERAND_H
#define WENGERT_OPS_OPERAND_H

#include "../graph/where.h"

#ifdef __cplusplus
#include <type_traits>
#endif

/* Stands where an operand that is a number has no tensor. */
#define WG_NO_TENSOR ((wg_tensor *)1)

/*
 * One side of an elementwise call. Made by WG_OPERAND; in C++ a tensor or a number turns into it.
 * Two words, as that is what calls hand over in registers.
 */
typedef struct wg_operand {
    wg_tensor *tensor;
    double     number;
#ifdef __cplusplus
    wg_operand(wg_tensor *x) : tensor(x), number(0) {}
    template <class N, class = typename std::enable_if<std::is_arithmetic<N>::value>::type>
    wg_operand(N x) : tensor(WG_NO_TENSOR), number(static_cast<double>(x))
    {
    }
#endif
} wg_operand;

#ifdef __cplusplus
#define WG_OPERAND(v) wg_operand(v)
#else
/* The operand of a tensor, and of a number. */
static inline wg_operand wg_operand_of_tensor(wg_tensor *x)
{
    return (wg_operand){.tensor = x};
}
static inline wg_operand wg_operand_of_number(double x)
{
    return (wg_operand){.tensor = WG_NO_TENSOR, .number = x};
}
/*
 * The operand of either. `v` is read twice by the compiler, though evaluated once: name what would
 * nest deeper than ten calls.
 */
#define WG_OPERAND(v)                                                                              \
    _Generic((v), wg_tensor *: wg_operand_of_tensor, void *: wg_operand_of_tensor,                 \
             default: wg_operand_of_number)(v)
#endif

WG_BEGIN_DECLS

/*
 * Expands the tensors x[0] ... x[count - 1] in place to the one shape to which they broadcast, as
 * wg_expand does: what an elementwise op of several inputs does before wg_apply. False when they do
 * not broadcast, or without memory; the error is on the tape then, in the name of `op`. A NULL
 * among them is left to wg_apply.
 */
WG_API bool wg_broadcast(const wg_op *op, wg_tensor **x, int count);

WG_END_DECLS

/* ---- private to the library ---- */

static inline bool wg__is_number(wg_operand operand)
{
    return operand.tensor == WG_NO_TENSOR;
}

/*
 * Records `op` on these operands after conversion and broadcasting. Numbers take tape and dtype
 * from the last tensor: the first may be the condition of wg_where. Refuses a number that the dtype
 * cannot hold; numbers alone give NULL.
 */
wg_tensor *wg__apply_operands(const wg_op *op, const wg_operand *operand, int count);

#endif
