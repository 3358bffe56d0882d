// SPDX-License-Identifier: MIT
#include "updates.h"

#include "../graph/basic.h"
#include "../graph/internal.h"
#include "../ops/binary.h"
#include "../ops/cast.h"
#include "../ops/layout.h"

wg_tensor *wg__number(wg_tape *tape, const char *optimiser, const char *what, wg_tensor *number)
{
    if (wg_count_of(number) != 1) {
        wg_tape_error_set(tape, "%s: the %s has %lld elements, wanted is one", optimiser, what,
                          (long long)wg_count_of(number));
        return NULL;
    }
    if (!wg_dtype_is_float(wg_dtype_of(number))) {
        wg_tape_error_set(tape, "%s: the %s has dtype %s, wanted is f32 or f64", optimiser, what,
                          wg_dtype_name(wg_dtype_of(number)));
        return NULL;
    }
    return wg_shape_of_tensor(number).rank > 0 ? wg_reshape(number, WG_SCALAR) : number;
}

wg_tensor *wg__rate(wg_tape *tape, const char *optimiser, wg_tensor *rate)
{
    if (rate) return wg__number(tape, optimiser, "rate", rate);
    wg_tape_error_set(tape, "%s: no rate is given; see wg_scalar", optimiser);
    return NULL;
}

wg_tensor *wg__keep(wg_tensor *v, double momentum, wg_tensor *now)
{
    return now ? wg_mul(v, wg_cast(now, wg_dtype_of(v))) : wg_mul(v, momentum);
}

bool wg__updates_begin(struct wg__updates *updates, wg_tape *tape, wg_tensor *when, int64_t most)
{
    *updates = (struct wg__updates){.at = wg__list_take(tape, (size_t)most * sizeof(wg_tensor *)),
                                    .when = when};
    return updates->at;
}

wg_tensor *wg__gradient(const wg_gradients *gradients, int i)
{
    wg_tensor *g = gradients->values.at[i];
    return gradients->when ? wg_where(gradients->when, g, g) : g;
}

wg_tensor *wg__update(struct wg__updates *updates, wg_tensor *leaf, wg_tensor *value)
{
    wg_tensor *taken = updates->when ? wg_where(updates->when, value, leaf) : value;
    wg_tensor *update = wg_assign(leaf, taken);
    updates->failed = updates->failed || !update;
    updates->at[updates->count++] = update;
    return value;
}

bool wg__update_parts(wg_tensor *update, wg_tensor **leaf, wg_tensor **value)
{
    if (!update) return false;
    if (wg_op_of(update) != &wg_op_assign)
        return wg_tape_error_set(wg_tape_of(update), "an update is not of wg_assign"), false;
    *value = wg_inputs_of(update).at[0];
    *leaf = wg_inputs_of(update).at[1];
    return true;
}

wg_tensors wg__updates_end(const struct wg__updates *updates)
{
    return (wg_tensors){.count = updates->failed ? 0 : updates->count, .at = updates->at};
}

wg_tensor *wg__state_of(wg_tensor *param, const char *name)
{
    wg_tape *tape = wg_tape_of(param);
    wg_scope_push(tape, wg_name_of(param));
    wg_tensor *state = wg_training_state(tape, name, wg_dtype_of(param), wg_shape_of_tensor(param), 0);
    wg_scope_pop(tape);
    return state;
}

wg_tensor *wg__group_state(const wg_gradients *gradients, const char *name)
{
    wg_tape *tape = wg_tape_of(gradients->loss);
    if (gradients->group) wg_scope_push(tape, gradients->group);
    wg_tensor *state = wg_training_state(tape, name, WG_F64, WG_SCALAR, 0);
    if (gradients->group) wg_scope_pop(tape);
    return state;
}
