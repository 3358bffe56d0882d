// SPDX-License-Identifier: MIT
/* Scatter-add of rows, the adjoint of gather. */

static void NAME(scatter_add)(const struct wg__rows *rows, const T *x, const void *index, T *y,
                              struct wg__range columns)
{
    for (int64_t o = 0; o < rows->outer; o++, y += rows->axis * rows->inner) {
        for (int64_t i = 0; i < rows->axis; i++)
            for (int64_t j = columns.first; j < columns.end; j++) y[i * rows->inner + j] = 0;
        for (int64_t i = 0; i < rows->count; i++, x += rows->inner) {
            T *to = y + wg__index_at(index, rows->index, i) * rows->inner;
            for (int64_t j = columns.first; j < columns.end; j++) to[j] += x[j];
        }
    }
}
