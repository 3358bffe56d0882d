// SPDX-License-Identifier: MIT
/* Printing: a tensor as text, laid out like NumPy's. */
#ifndef WENGERT_TENSOR_PRINT_H
#define WENGERT_TENSOR_PRINT_H

#include "memory.h"
#include "shape.h"

#include <stdio.h>

/* How to print. Members left zero stand for the value behind them. */
typedef struct wg_print_options {
    int     precision;  /* digits behind the point at most: 4; -1 for none */
    int64_t threshold;  /* elements beyond which the middle of each axis is left out: 1,000 */
    int64_t edge;       /* elements kept at both ends of a summarised axis: 3 */
    int     line_width; /* characters of a line: 88 */
} wg_print_options;

WG_BEGIN_DECLS

/*
 * Writes the view's elements to `file`, in brackets, aligned in columns, without a closing line end. Options
 * may be NULL. False when the file refuses. Needs no memory.
 */
WG_API bool wg_view_print(const wg_view *view, FILE *file, const wg_print_options *options);

WG_END_DECLS

#endif
