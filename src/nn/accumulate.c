// SPDX-License-Identifier: MIT
#include "accumulate.h"

#include "../graph/internal.h"
#include "../ops/binary.h"
#include "updates.h"

/* Records all for one param; its mean gradient, NULL on an error. */
static wg_tensor *gather(struct wg__updates *add, struct wg__updates *clear, wg_tensor *param,
                         wg_tensor *g, int64_t k)
{
    wg_tensor *before = wg__state_of(param, "sum");
    wg_tensor *sum = wg__update(add, before, wg_add(before, g));
    wg__update(clear, before, wg_full_like(before, 0));
    return wg_mul(sum, 1 / (double)k);
}

const wg_accumulation *wg_accumulate(const wg_gradients *gradients, int64_t k)
{
    if (!gradients) return NULL;
    const int count = gradients->values.count;
    wg_tape  *tape = wg_tape_of(gradients->loss);
    if (k < 1) {
        wg_tape_error_set(tape, "accumulate: %lld batches, wanted is one or more", (long long)k);
        return NULL;
    }
    wg_accumulation   *a = wg__list_take(tape, sizeof *a);
    wg_gradients      *mean = wg__list_take(tape, sizeof *mean);
    wg_tensor        **values = wg__list_take(tape, (size_t)count * sizeof *values);
    struct wg__updates add, clear;
    if (!a || !mean || !values || !wg__updates_begin(&add, tape, NULL, count) ||
        !wg__updates_begin(&clear, tape, NULL, count))
        return NULL;
    bool good = true;
    for (int i = 0; i < count; i++) {
        wg_tensor *g = gradients->values.at[i];
        if (gradients->when) g = wg_where(gradients->when, g, 0);
        values[i] = gather(&add, &clear, gradients->params.at[i], g, k);
        good = good && values[i];
    }
    *mean = *gradients;
    mean->values.at = values;
    mean->when = NULL;
    *a = (wg_accumulation){mean, wg__updates_end(&add), wg__updates_end(&clear)};
    return good && !add.failed && !clear.failed ? a : NULL;
}
