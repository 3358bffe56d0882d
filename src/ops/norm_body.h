// SPDX-License-Identifier: MIT
/*
 * Kernels of normalisation: included by norm.c for f32 and f64, with T, DTYPE and NAME(name) for it.
 * No guard.
 */

/* y = (x - mean) rstd w + b for each row; x is input 0, w 1, b 2, where they are */
static int NAME(layer_norm)(const wg_call *call)
{
    const struct layer_norm_attrs *attrs = call->attrs;
    const int64_t  all = call->y[1].type->count, n = all ? call->y[0].type->count / all : 0;
    const wg_range rows = wg_share(call);
    wg__kernels()->DTYPE.layer_norm(rows.end - rows.first, n, attrs->eps,
                                    (const T *)call->x[0].data + rows.first * n,
                                    call->inputs > 1 ? call->x[1].data : NULL,
                                    call->inputs > 2 ? call->x[2].data : NULL,
                                    (T *)call->y[0].data + rows.first * n,
                                    (T *)call->y[1].data + rows.first,
                                    (T *)call->y[2].data + rows.first);
    return 0;
}

/* dx = rstd (g - mean g - z mean(g z)), z = (x - mean) rstd; inputs are x, mean, rstd and g */
static int NAME(layer_norm_backward)(const wg_call *call)
{
    const int64_t  all = call->x[1].type->count, n = all ? call->x[0].type->count / all : 0;
    const wg_range rows = wg_share(call);
    wg__kernels()->DTYPE.layer_norm_backward(rows.end - rows.first, n,
                                             (const T *)call->x[0].data + rows.first * n,
                                             (const T *)call->x[1].data + rows.first,
                                             (const T *)call->x[2].data + rows.first,
                                             (const T *)call->x[3].data + rows.first * n,
                                             (T *)call->y->data + rows.first * n);
    return 0;
}
