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
    wg__cast_line(call->n, call->x[0].type->dtype, call->x[0].data, call->step[0],
                  call->y[0].type->dtype, call->y[0].data);
    return 0;
}

static void narrow_one(void *y, const void *const *x, const void *attrs)
{
    (void)attrs;
    *(float *)y = (float)*(const double *)x[0];
}

static void widen_one(void *y, const void *const *x, const void *attrs)
{
    (void)attrs;
    *(double *)y = (double)*(const float *)x[0];
}

static wg_kernel *cast_prepare(wg_call *call)
{
    const wg_dtype from = call->x[0].type->dtype, to = call->y[0].type->dtype;
    if (from == WG_F64 && to == WG_F32) call->one.any = narrow_one;
    if (from == WG_F32 && to == WG_F64) call->one.any = widen_one;
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
                          .traits = WG_ELEMENTWISE,
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
