// SPDX-License-Identifier: MIT
#include "clip.h"

#include "../graph/internal.h"
#include "../ops/binary.h"
#include "../ops/cast.h"
#include "../ops/layout.h"
#include "../ops/reduce.h"
#include "../ops/unary.h"

wg_tensor *wg_gradient_norm(const wg_gradients *gradients)
{
    if (!gradients) return NULL;
    wg_tensor *sum = wg_full(wg_tape_of(gradients->loss), WG_F64, WG_SCALAR, 0);
    for (int i = 0; i < gradients->values.count; i++)
        sum = wg_add(sum, wg_cast(wg_sum(wg_square(gradients->values.at[i])), WG_F64));
    return wg_sqrt(sum);
}

/* The same params with a list of values of their own, still to be filled. */
static wg_gradients *copy_of(const wg_gradients *gradients, const char *name, double most,
                             wg_tensor ***values)
{
    wg_tape *tape = wg_tape_of(gradients->loss);
    if (!(most > 0)) return wg_tape_error_set(tape, "%s: %g is not positive", name, most), NULL;
    const size_t  bytes = (size_t)gradients->values.count * sizeof **values;
    wg_gradients *copy = wg__list_take(tape, sizeof *copy);
    *values = copy ? wg__list_take(tape, bytes) : NULL;
    if (!*values) return NULL;
    *copy = *gradients;
    copy->values.at = *values;
    return copy;
}

const wg_gradients *wg_clip_norm(const wg_gradients *gradients, double most)
{
    wg_tensor   **values;
    wg_gradients *clipped = gradients ? copy_of(gradients, "clip_norm", most, &values) : NULL;
    if (!clipped) return NULL;
    wg_tensor *scale = wg_minimum(wg_div(most, wg_add(wg_gradient_norm(gradients), 1e-6)), 1);
    for (int i = 0; i < clipped->values.count; i++) {
        wg_tensor *g = gradients->values.at[i];
        values[i] = wg_mul(g, wg_cast(scale, wg_dtype_of(g)));
        if (!values[i]) return NULL;
    }
    return clipped;
}

const wg_gradients *wg_clip_value(const wg_gradients *gradients, double most)
{
    wg_tensor   **values;
    wg_gradients *clipped = gradients ? copy_of(gradients, "clip_value", most, &values) : NULL;
    for (int i = 0; clipped && i < clipped->values.count; i++) {
        values[i] = wg_clamp(gradients->values.at[i], -most, most);
        if (!values[i]) return NULL;
    }
    return clipped;
}
