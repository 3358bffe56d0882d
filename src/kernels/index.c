// SPDX-License-Identifier: MIT
/* Rows by index, as far as the element type does not matter. */
#include "index.h"

#include <string.h>

int64_t wg__index_find_bad(const struct wg__rows *rows, const void *index)
{
    for (int64_t i = 0; i < rows->count; i++) {
        const int64_t at = wg__index_at(index, rows->index, i);
        if (at < 0 || at >= rows->axis) return i;
    }
    return -1;
}

void wg__gather(const struct wg__rows *rows, size_t element, const void *x, const void *index,
                void *y, struct wg__range some)
{
    const size_t row = (size_t)rows->inner * element;
    if (row == 0) return;
    char *to = (char *)y + row * (size_t)some.first;
    while (some.first < some.end) {
        const int64_t o = some.first / rows->count, first = some.first % rows->count;
        const int64_t many = some.end - some.first, left = rows->count - first;
        const int64_t end = first + (many < left ? many : left);
        const char   *from = (const char *)x + row * (size_t)(o * rows->axis);
        for (int64_t i = first; i < end; i++, to += row)
            memcpy(to, from + row * (size_t)wg__index_at(index, rows->index, i), row);
        some.first += end - first;
    }
}
