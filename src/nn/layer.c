// SPDX-License-Identifier: MIT
/* What all layers do: open a scope, ask for params, refuse settings before any param is made. */
#include "layer.h"

#include <math.h>

wg_tape *wg_nn_open(wg_tensor *x, const char *name)
{
    wg_tape *tape = wg_tape_of(x);
    if (!tape || wg_tape_error(tape)) return NULL;
    if (name && *name)
        wg_scope_push(tape, name);
    else
        wg_tape_error_set(tape, "a layer needs a name");
    return wg_tape_error(tape) ? NULL : tape;
}

wg_tensor *wg_nn_close(wg_tape *tape, wg_tensor *y)
{
    wg_scope_pop(tape);
    return wg_tape_error(tape) ? NULL : y;
}

wg_tensor *wg_nn_param(wg_tape *tape, const char *name, wg_dtype dtype, wg_shape shape,
                       wg_init_settings init)
{
    wg_tensor *param = wg_param(tape, name, dtype, shape);
    if (!param || !wg_is_new(param)) return param;
    return wg_init_with(param, init) ? param : NULL;
}

wg_init_settings wg__init_by_fan(wg_init_settings asked, double fan)
{
    const double bound = 1 / sqrt(fan);
    if (asked.way != WG_INIT_DEFAULT) return asked;
    return (wg_init_settings){.way = WG_INIT_UNIFORM, .lo = -bound, .hi = bound};
}

wg_init_settings wg__init_by_value(wg_init_settings asked, double value)
{
    if (asked.way != WG_INIT_DEFAULT) return asked;
    return (wg_init_settings){.way = WG_INIT_CONSTANT, .value = value};
}

bool wg__layer_positive(wg_tensor *x, const char *layer, const char *what, int64_t number)
{
    if (number > 0) return true;
    wg_tape_error_set(wg_tape_of(x), "%s: %s %lld must be positive", layer, what,
                      (long long)number);
    return false;
}

bool wg__layer_probability(wg_tensor *x, const char *layer, double p)
{
    if (p >= 0 && p <= 1) return true;
    wg_tape_error_set(wg_tape_of(x), "%s: %g is no probability", layer, p);
    return false;
}

bool wg__layer_rank(wg_tensor *x, const char *layer, int64_t least, int64_t most)
{
    if (!x) return false;
    const wg_shape shape = wg_shape_of_tensor(x);
    char           text[WG_SHAPE_TEXT];
    if (shape.rank >= least && shape.rank <= most) return true;
    wg_tape_error_set(wg_tape_of(x), "%s: x has shape %s, wanted is rank %lld%s", layer,
                      wg_shape_text(shape, text), (long long)least, most > least ? " or more" : "");
    return false;
}
