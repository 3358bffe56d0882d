// SPDX-License-Identifier: MIT
/* Layers as tests use them: recorded by name, on given inputs, beside PyTorch's values. */
#ifndef WENGERT_TESTS_LAYER_CASES_H
#define WENGERT_TESTS_LAYER_CASES_H

#include <wengert/wengert.h>

#include "../ops/cases.h"

enum { LAYER_INPUTS = 4, LAYER_PARAMS = 24, LAYER_NUMBERS = 1024 };

/* What a layer called "m" must give: y, and for dy the gradients by inputs and params. */
struct layer_golden {
    const char         *name;
    struct golden_array x[LAYER_INPUTS], dx[LAYER_INPUTS];
    struct {
        const char         *name;
        struct golden_array value, gradient;
    } param[LAYER_PARAMS];
    struct golden_array y, dy;
};

/* One layer called "m" on these inputs; several outputs as one line. */
struct layer_case {
    const char *name;
    wg_tensor *(*record)(wg_tensor *const *x);
    bool evaluates; /* with wg_tape_train off */
    bool kink;      /* no finite differences: states, which pass nothing on, or equal maxima */
};

/* Layer number i recorded on f64 leaves with its golden inputs and params. */
struct layer_trial {
    const struct layer_case   *use;
    const struct layer_golden *golden;
    wg_tape                   *tape;
    wg_tensor                 *x[LAYER_INPUTS], *y, *dy;
    wg_tensor                 *leaf[LAYER_INPUTS + LAYER_PARAMS]; /* float inputs, then params */
    const struct golden_array *gradient[LAYER_INPUTS + LAYER_PARAMS];
    int                        leaves;
};

/* NULL past the last case. */
const struct layer_case *layer_case_at(int i);

/* Records case i on a tape with these options and writes its leaves; errors stay on the tape. */
struct layer_trial layer_trial_new(int i, const wg_tape_options *options);

/* Sum of y times dy: what differences are taken of. */
wg_tensor *layer_trial_loss(const struct layer_trial *trial);

#endif
