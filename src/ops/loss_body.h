// SPDX-License-Identifier: MIT
/*
 * Kernels of the losses: included by loss.c for f32 and f64, with T, DTYPE, NAME(name) and
 * MATH(name) for it. No guard.
 */

/* ---- (x - t)^2 ---- */

WG__KERNEL_2(NAME(mse_loss), T, T, x, T, t, , (x - t) * (x - t))
WG__KERNEL_3(NAME(mse_loss_backward), T, T, x, T, t, T, dy, 2 * dy * (x - t))

/* ---- -(t log p + (1 - t) log(1 - p)) ---- */

static inline T NAME(clamped)(T logarithm)
{
    return logarithm < -100 ? -100 : logarithm;
}

static inline T NAME(bce)(T p, T t)
{
    return (t - 1) * NAME(clamped)(MATH(log1p)(-p)) - t * NAME(clamped)(MATH(log)(p));
}

static inline T NAME(bce_divisor)(T p)
{
    const T divisor = (1 - p) * p;
    return divisor < LEAST_DIVISOR ? LEAST_DIVISOR : divisor;
}

WG__KERNEL_2(NAME(binary_cross_entropy), T, T, p, T, t, , NAME(bce)(p, t))
WG__KERNEL_3(NAME(binary_cross_entropy_backward), T, T, p, T, t, T, dy,
             dy * (p - t) / NAME(bce_divisor)(p))

/* ---- (1 - t) z - log sigmoid z ---- */

static inline T NAME(bce_of_logit)(T z, T t)
{
    return (1 - t) * z + (z < 0 ? -z : 0) + MATH(log1p)(MATH(exp)(-MATH(fabs)(z)));
}

WG__KERNEL_2(NAME(bce_with_logits), T, T, z, T, t, , NAME(bce_of_logit)(z, t))
WG__KERNEL_3(NAME(bce_with_logits_backward), T, T, z, T, t, T, dy,
             dy * (1 / (1 + MATH(exp)(-z)) - t))

/* ---- cross entropy ---- */

/*
 * p = softmax z, whose largest element is 1 / sum exp(z - max z); so y = max z - z[t] - log max p
 */
static int NAME(cross_entropy)(const wg_call *call)
{
    const struct rows rows = rows_of(call);
    const T          *z = call->x[0].data;
    T                *y = call->y[0].data, *p = call->y[1].data;
    wg__kernels()->DTYPE.softmax(rows.count, rows.classes, z, p);
    for (int64_t i = 0; i < rows.count; i++, z += rows.classes, p += rows.classes) {
        const int64_t target = wg__index_at(rows.target, rows.dtype, i);
        int64_t       top = 0;
        if (target < 0 || target >= rows.classes) return flag(call, target, rows.classes);
        for (int64_t j = 1; j < rows.classes; j++) top = z[j] > z[top] ? j : top;
        y[i] = z[top] - z[target] - MATH(log)(p[top]);
    }
    return 0;
}

/* dz = dy (p - [j = t]) */
static int NAME(cross_entropy_backward)(const wg_call *call)
{
    const struct rows rows = rows_of(call);
    const T          *p = call->x[0].data, *dy = call->x[2].data;
    T                *dz = call->y->data;
    for (int64_t i = 0; i < rows.count; i++, p += rows.classes, dz += rows.classes) {
        const int64_t target = wg__index_at(rows.target, rows.dtype, i);
        if (target < 0 || target >= rows.classes) return flag(call, target, rows.classes);
        for (int64_t j = 0; j < rows.classes; j++) dz[j] = dy[i] * p[j];
        dz[target] = dy[i] * (p[target] - 1);
    }
    return 0;
}
