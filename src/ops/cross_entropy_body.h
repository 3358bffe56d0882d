// SPDX-License-Identifier: MIT
/*
 * Kernels of cross entropy: included by loss.c for f32 and f64, with T, DTYPE, NAME(name) and
 * MATH(name) for it. No guard.
 */

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
