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
    const wg_range    share = wg_share(call);
    const T          *z = (const T *)call->x[0].data + share.first * rows.classes;
    T                *y = call->y[0].data, *p = (T *)call->y[1].data + share.first * rows.classes;
    if (rows.bad >= 0) return flag(call, &rows);
    wg__kernels()->DTYPE.softmax(share.end - share.first, rows.classes, z, p);
    for (int64_t i = share.first; i < share.end; i++, z += rows.classes, p += rows.classes) {
        const int64_t target = wg__index_at(rows.target, rows.dtype, i);
        int64_t       top = 0;
        for (int64_t j = 1; j < rows.classes; j++) top = z[j] > z[top] ? j : top;
        y[i] = z[top] - z[target] - MATH(log)(p[top]);
    }
    return 0;
}

/* dz = dy (p - [j = t]) */
static int NAME(cross_entropy_backward)(const wg_call *call)
{
    const struct rows rows = rows_of(call);
    const wg_range    share = wg_share(call);
    const T          *p = (const T *)call->x[0].data + share.first * rows.classes;
    const T          *dy = call->x[2].data;
    T                *dz = (T *)call->y->data + share.first * rows.classes;
    if (rows.bad >= 0) return flag(call, &rows);
    for (int64_t i = share.first; i < share.end; i++, p += rows.classes, dz += rows.classes) {
        const int64_t target = wg__index_at(rows.target, rows.dtype, i);
        for (int64_t j = 0; j < rows.classes; j++) dz[j] = dy[i] * p[j];
        dz[target] = dy[i] * (p[target] - 1);
    }
    return 0;
}
