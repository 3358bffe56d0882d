// SPDX-License-Identifier: MIT
/*
 * Derivatives: the record walked backwards, each op's local rule answering with more recorded ops.
 * A derivative is a tensor like any other: it can be named, read, drawn, planned, and
 * differentiated again, to any order.
 */
#ifndef WENGERT_GRAPH_DERIVE_H
#define WENGERT_GRAPH_DERIVE_H

#include "tape.h"

/*
 * params[i] has the gradient values[i], of its type. reached[i] is false where the loss does not
 * depend on the param; its gradient is zeros then.
 */
typedef struct wg_gradients {
    wg_tensors  params, values;
    const bool *reached;
    wg_tensor  *loss;
    /*
     * What goes with them to an optimiser, NULL as they come from wg_backward: a bool of rank 0, and
     * no update is to be taken where it is false (wg_guard); and of some params alone (wg_group) the
     * name under which it keeps what it counts for all of them.
     */
    wg_tensor  *when;
    const char *group;
} wg_gradients;

WG_BEGIN_DECLS

/*
 * The gradient of `loss`, a tensor of one element, by each param of the tape that is not frozen,
 * those included that the present record has not asked for. Lives as long as the record. On an
 * error NULL, which wg_gradient_of and the optimisers take. A loss of several elements needs
 * wg_grad with a seed.
 */
WG_API const wg_gradients *wg_backward(wg_tensor *loss);

/* The gradient by `param` in what wg_backward returned; NULL when it has none. */
WG_API wg_tensor *wg_gradient_of(const wg_gradients *gradients, const wg_tensor *param);

/*
 * Vector-Jacobian products: for each wanted tensor w the sum over outputs k of seeds[k]^T d
 * outputs[k] / d w, of w's type. seeds has one tensor of the output's type for each output, or none
 * at all when each output has one element (then 1). `wanted` may be any floating tensor, leaf or
 * not; zeros where no output depends on it. On an error the list has the length of `wanted` and
 * holds NULLs (count 0 without memory).
 */
WG_API wg_tensors wg_grad(wg_tensors outputs, wg_tensors seeds, wg_tensors wanted);

/* d y / d x for a y of one element. */
WG_API wg_tensor *wg_derivative(wg_tensor *y, wg_tensor *x);

/*
 * Jacobian-vector products (forward mode, as the VJP of the VJP): for each output the sum over k of
 * d output / d inputs[k] tangents[k].
 */
WG_API wg_tensors wg_jvp(wg_tensors outputs, wg_tensors inputs, wg_tensors tangents);

/*
 * Hessian-vector product of a loss of one element: for each wanted tensor, the row of its Hessian
 * times the directions.
 */
WG_API wg_tensors wg_hvp(wg_tensor *loss, wg_tensors wanted, wg_tensors directions);

/*
 * Number of nodes that derivations have visited on this tape since it was made: the measure of
 * linear work.
 */
WG_API int64_t wg_tape_visits(const wg_tape *tape);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_backward(...)   WG__CALL_POINTER(const wg_gradients *, wg_backward(__VA_ARGS__))
#define wg_grad(...)       WG__CALL_LIST(wg_grad(__VA_ARGS__))
#define wg_derivative(...) WG__CALL(wg_derivative(__VA_ARGS__))
#define wg_jvp(...)        WG__CALL_LIST(wg_jvp(__VA_ARGS__))
#define wg_hvp(...)        WG__CALL_LIST(wg_hvp(__VA_ARGS__))
#endif

#endif
