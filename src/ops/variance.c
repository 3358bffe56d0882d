// SPDX-License-Identifier: MIT
/* Two passes, the mean and then the squares, so that nothing cancels. */
#include "variance.h"

#include "../graph/tape.h"
#include "binary.h"
#include "unary.h"

/* As the errors are to call them. */
static const wg_op var = {.name = "var"}, std = {.name = "std"};

static wg_tensor *make_var(const struct wg_variance *v)
{
    wg_tensor    *mean = wg_mean(v->x, v->axes, .keep = true);
    wg_tensor    *squares = wg_square(wg_sub(v->x, mean));
    const int64_t means = wg_count_of(mean), n = means ? wg_count_of(v->x) / means : 0;
    const int64_t freedom = v->biased || n == 0 ? n : n - 1;
    return wg_div(wg_sum(squares, v->axes, v->keep), (double)freedom);
}

wg_tensor *wg_var_with(struct wg_variance variance)
{
    return wg__axes_fit(&var, variance.x, &variance.axes) ? make_var(&variance) : NULL;
}

wg_tensor *wg_std_with(struct wg_variance variance)
{
    if (!wg__axes_fit(&std, variance.x, &variance.axes)) return NULL;
    wg_tensor *y = make_var(&variance), *is_zero = wg_eq(y, 0);
    /* The root of a 0 is kept out of the derivative, where it would be infinite. */
    return wg_where(is_zero, 0, wg_sqrt(wg_where(is_zero, 1, y)));
}
