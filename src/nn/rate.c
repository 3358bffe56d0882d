// SPDX-License-Identifier: MIT
#include "rate.h"

#include "../ops/layout.h"

wg_tensor *wg__rate(wg_tape *tape, const char *optimiser, wg_tensor *rate)
{
    if (!rate) {
        wg_tape_error_set(tape, "%s: no rate is given; see wg_scalar", optimiser);
        return NULL;
    }
    if (wg_count_of(rate) != 1) {
        wg_tape_error_set(tape, "%s: the rate has %lld elements, wanted is one", optimiser,
                          (long long)wg_count_of(rate));
        return NULL;
    }
    if (!wg_dtype_is_float(wg_dtype_of(rate))) {
        wg_tape_error_set(tape, "%s: the rate has dtype %s, wanted is f32 or f64", optimiser,
                          wg_dtype_name(wg_dtype_of(rate)));
        return NULL;
    }
    return wg_shape_of_tensor(rate).rank > 0 ? wg_reshape(rate, WG_SCALAR) : rate;
}
