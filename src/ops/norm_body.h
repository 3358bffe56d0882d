// SPDX-License-Identifier: MIT
/*
 * Kernels of normalisation: included by norm.c for f32 and f64, with T and NAME(name) for it. Sums
 * are made in double. No guard.
 */

/* y = (x - mean) rstd w + b for each row; x is input 0, w 1, b 2, where they are */
static int NAME(layer_norm)(const wg_call *call)
{
    const struct layer_norm_attrs *attrs = call->attrs;
    const int64_t rows = call->y[1].type->count, n = rows ? call->y[0].type->count / rows : 0;
    const T      *x = call->x[0].data, *w = call->inputs > 1 ? call->x[1].data : NULL;
    const T      *b = call->inputs > 2 ? call->x[2].data : NULL;
    T            *y = call->y[0].data, *means = call->y[1].data, *rstds = call->y[2].data;
    for (int64_t i = 0; i < rows; i++, x += n, y += n) {
        double sum = 0, squares = 0;
        for (int64_t j = 0; j < n; j++) sum += x[j];
        const double mean = sum / (double)n;
        for (int64_t j = 0; j < n; j++) squares += (x[j] - mean) * (x[j] - mean);
        const double rstd = 1 / sqrt(squares / (double)n + attrs->eps);
        for (int64_t j = 0; j < n; j++) {
            const T z = (T)((x[j] - mean) * rstd), scaled = w ? z * w[j] : z;
            y[j] = b ? scaled + b[j] : scaled;
        }
        means[i] = (T)mean;
        rstds[i] = (T)rstd;
    }
    return 0;
}

/* dx = rstd (g - mean g - z mean(g z)), z = (x - mean) rstd; inputs are x, mean, rstd and g */
static int NAME(layer_norm_backward)(const wg_call *call)
{
    const int64_t rows = call->x[1].type->count, n = rows ? call->x[0].type->count / rows : 0;
    const T      *x = call->x[0].data, *means = call->x[1].data, *rstds = call->x[2].data;
    const T      *g = call->x[3].data;
    T            *dx = call->y->data;
    for (int64_t i = 0; i < rows; i++, x += n, g += n, dx += n) {
        const double mean = means[i], rstd = rstds[i];
        double       sum = 0, product = 0;
        for (int64_t j = 0; j < n; j++) {
            sum += g[j];
            product += g[j] * (x[j] - mean);
        }
        const double level = sum / (double)n, slope = product * rstd * rstd / (double)n;
        for (int64_t j = 0; j < n; j++) dx[j] = (T)(rstd * (g[j] - level - (x[j] - mean) * slope));
    }
    return 0;
}

/* y = (x - mean) / sqrt(var + eps) w + b for each plane of x */
static int NAME(batch_norm)(const wg_call *call)
{
    const struct batch_norm_attrs *attrs = call->attrs;
    const wg_shape                *shape = &call->y->type->shape;
    const T                       *x = call->x[0].data, *w = call->x[1].data, *b = call->x[2].data;
    const T                       *mean = call->x[3].data, *var = call->x[4].data;
    T                             *y = call->y->data;
    if (call->y->type->count == 0) return 0;
    const int64_t planes = shape->dim[0] * shape->dim[1], n = call->y->type->count / planes;
    for (int64_t i = 0; i < planes; i++, x += n, y += n) {
        const int64_t c = i % shape->dim[1];
        const T       scale = (T)(w[c] / sqrt((double)var[c] + attrs->eps));
        for (int64_t j = 0; j < n; j++) y[j] = (x[j] - mean[c]) * scale + b[c];
    }
    return 0;
}
