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
                void *y)
{
    const size_t row = (size_t)rows->inner * element;
    if (row == 0) return;
    const char *from = x;
    char       *to = y;
    for (int64_t o = 0; o < rows->outer; o++, from += row * (size_t)rows->axis)
        for (int64_t i = 0; i < rows->count; i++, to += row)
            memcpy(to, from + row * (size_t)wg__index_at(index, rows->index, i), row);
}
