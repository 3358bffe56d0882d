// SPDX-License-Identifier: MIT
#include "choose.h"

wg_kernel *wg__choose(wg_call *call, int k, const struct wg__by_dtype *kernels)
{
    const struct wg__kernels_of *const of_dtype[] = {
        [WG_F32] = kernels->f32, [WG_F64] = kernels->f64, [WG_I32] = kernels->i32,
        [WG_I64] = kernels->i64, [WG_U8] = kernels->u8,   [WG_BOOL] = kernels->u8};
    const struct wg__kernels_of *chosen = of_dtype[call->x[k].type->dtype];
    if (!chosen) return NULL;
    call->one = chosen->one[wg__isa()];
    call->plus = chosen->plus ? chosen->plus[wg__isa()] : NULL;
    return chosen->kernel[wg__isa()];
}
