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

/* y = (x - mean) / sqrt(var + eps) w + b for each plane of x */
static int NAME(batch_norm)(const wg_call *call)
{
    const struct wg__batch_norm_attrs *attrs = call->attrs;
    const wg_shape                *shape = &call->y->type->shape;
    const T                       *w = call->x[1].data, *b = call->x[2].data;
    const T                       *mean = call->x[3].data, *var = call->x[4].data;
    const wg_range                 planes = wg_share(call);
    if (call->y->type->count == 0) return 0;
    const int64_t n = call->y->type->count / (shape->dim[0] * shape->dim[1]);
    const T      *x = (const T *)call->x[0].data + planes.first * n;
    T            *y = (T *)call->y->data + planes.first * n;
    for (int64_t i = planes.first; i < planes.end; i++, x += n, y += n) {
        const int64_t c = i % shape->dim[1];
        const T       scale = (T)(w[c] / sqrt((double)var[c] + attrs->eps));
        for (int64_t j = 0; j < n; j++) y[j] = (x[j] - mean[c]) * scale + b[c];
    }
    return 0;
}
