// SPDX-License-Identifier: MIT
/*
 * Casts. The dtype to come is the node's own, no setting, so that a record can be copied in another
 * dtype.
 */
#include "cast.h"

#include "../graph/tape.h"
#include "../kernels/copy.h"

static const char *cast_infer(wg_infer *i)
{
    if (wg_dtype_size(i->dtype) == 0) return wg_refuse(i, "%d is no dtype", (int)i->dtype);
    return wg_infer_output(i, 0, i->dtype, i->x[0]->shape);
}

static int cast_run(const wg_call *call)
{
    wg__cast(&call->x[0], &call->y[0]);
    return 0;
}

static wg_kernel *cast_prepare(wg_call *call)
{
    (void)call;
    return cast_run;
}

/* dx = dy, as x's dtype */
static void cast_derive(wg_adjoint *d)
{
    wg_adjoint_add(d, 0, wg_cast(d->dy[0], wg_dtype_of(d->x[0])));
}

const wg_op wg_op_cast = {.name = "cast",
                          .inputs = 1,
                          .outputs = 1,
                          .traits = WG_STRIDED,
                          .infer = cast_infer,
                          .prepare = cast_prepare,
                          .derive = cast_derive,
                          .formula = "y = x as another dtype",
                          .rule = "dx = dy as x's dtype"};

wg_tensor *wg_cast(wg_tensor *x, wg_dtype dtype)
{
    if (x && wg_dtype_of(x) == dtype) return x;
    return wg_apply(&wg_op_cast, NULL, dtype, &x, 1);
}
