// SPDX-License-Identifier: MIT
/*
 * Convolution and its two adjoints. All three are described by the shapes of x, w and y, of which
 * two are their inputs' and the third their output's; so they share the check of shapes and the
 * way to the kernels.
 */
#include "conv2d.h"

#include "../graph/tape.h"
#include "../kernels/isa.h"
#include "by_onednn.h"
#include "by_turns.h"
#include "costs.h"
#include "reduce.h"
#include "window.h"

/* Where the shapes of x, w and y are: an input, or the output where it is OUTPUT. */
enum { OUTPUT = -1 };
struct conv2d_roles {
    int                  x, w, y;
    enum wg__conv2d_pass pass;
};

static const struct conv2d_roles forward = {
    .x = 0, .w = 1, .y = OUTPUT, .pass = WG__CONV2D_FORWARD};
static const struct conv2d_roles backward_data = {
    .x = OUTPUT, .w = 0, .y = 1, .pass = WG__CONV2D_BACKWARD_DATA};
static const struct conv2d_roles backward_weight = {
    .x = 0, .w = OUTPUT, .y = 1, .pass = WG__CONV2D_BACKWARD_WEIGHT};

/* ---- infer ---- */

/* The shape of y for these of x and w, or the reason why there is none. */
static const char *infer_y(wg_infer *i, const wg_shape *x, const wg_shape *w, wg_shape *y)
{
    const struct wg__conv2d_attrs *attrs = i->attrs;
    const struct wg__window        window = {.size = x->dim + 2,
                                             .kernel = w->dim + 2,
                                             .stride = attrs->stride,
                                             .pad = attrs->pad,
                                             .dilation = attrs->dilation};
    int64_t                        channels;
    if (attrs->groups < 1)
        return wg_refuse(i, "groups %lld must be positive", (long long)attrs->groups);
    if (w->dim[0] % attrs->groups != 0)
        return wg_refuse(i, "%lld groups do not divide %lld filters", (long long)attrs->groups,
                         (long long)w->dim[0]);
    if (!wg__multiply(w->dim[1], attrs->groups, &channels) || channels != x->dim[1])
        return wg_refuse(i, "x has %lld channels, w wants %lld in each of %lld groups",
                         (long long)x->dim[1], (long long)w->dim[1], (long long)attrs->groups);
    *y = WG_SHAPE(x->dim[0], w->dim[0], 0, 0);
    return wg__infer_windows(i, &window, y->dim + 2);
}

static const char *infer_images(wg_infer *i)
{
    const char *reason = wg_infer_floats(i);
    for (int k = 0; k < 2 && !reason; k++) reason = wg_infer_rank(i, k, 4);
    return reason;
}

static const char *conv2d_infer(wg_infer *i)
{
    wg_shape    y;
    const char *reason = NULL;
    if (i->inputs != 2 && i->inputs != 3)
        return wg_refuse(i, "%d inputs, wanted are 2 or 3", i->inputs);
    reason = infer_images(i);
    if (!reason) reason = infer_y(i, &i->x[0]->shape, &i->x[1]->shape, &y);
    if (!reason && i->inputs == 3) reason = wg_infer_rank(i, 2, 1);
    if (!reason && i->inputs == 3 && i->x[2]->count != y.dim[1])
        reason = wg_refuse(i, "the bias has %lld elements for %lld filters",
                           (long long)i->x[2]->count, (long long)y.dim[1]);
    return reason ? reason : wg_infer_output(i, 0, i->x[0]->dtype, y);
}

/* The same for an adjoint: x and w must give the y whose adjoint is input 1. */
static const char *infer_adjoint(wg_infer *i, const wg_shape *x, const wg_shape *w)
{
    wg_shape    y;
    char        text[WG_SHAPE_TEXT];
    const char *reason = infer_y(i, x, w, &y);
    if (!reason && !wg_shape_equal(y, i->x[1]->shape))
        reason = wg_refuse(i, "dy has another shape than y, %s", wg_shape_text(y, text));
    return reason;
}

static const char *backward_data_infer(wg_infer *i)
{
    const struct wg__conv2d_attrs *attrs = i->attrs;
    const char                    *reason = infer_images(i);
    int64_t                        channels;
    if (reason) return reason;
    if (!wg__multiply(i->x[0]->shape.dim[1], attrs->groups > 0 ? attrs->groups : 0, &channels))
        return wg_refuse(i, "too many groups");
    const wg_shape x = WG_SHAPE(i->x[1]->shape.dim[0], channels, attrs->size[0], attrs->size[1]);
    reason = wg_infer_output(i, 0, i->x[0]->dtype, x);
    return reason ? reason : infer_adjoint(i, &x, &i->x[0]->shape);
}

static const char *backward_weight_infer(wg_infer *i)
{
    const struct wg__conv2d_attrs *attrs = i->attrs;
    const char                    *reason = infer_images(i);
    if (reason) return reason;
    const wg_shape *x = &i->x[0]->shape;
    const wg_shape  w =
        WG_SHAPE(i->x[1]->shape.dim[1], attrs->groups > 0 ? x->dim[1] / attrs->groups : 0,
                 attrs->size[0], attrs->size[1]);
    reason = wg_infer_output(i, 0, i->x[0]->dtype, w);
    return reason ? reason : infer_adjoint(i, x, &w);
}

/* ---- kernels ---- */

static struct wg__range units_of(const wg_call *call)
{
    const wg_range share = wg_share(call);
    return (struct wg__range){.first = share.first, .end = share.end};
}

#define KERNELS(type, T)                                                                           \
    static int forward_##type(const wg_call *call)                                                 \
    {                                                                                              \
        const T *bias = call->inputs == 3 ? call->x[2].data : NULL;                                \
        wg__kernels()->type.conv2d_forward(call->kept, call->x[0].data, call->x[1].data, bias,     \
                                           call->y->data, call->scratch, units_of(call));          \
        return 0;                                                                                  \
    }                                                                                              \
    static int backward_data_##type(const wg_call *call)                                           \
    {                                                                                              \
        wg__kernels()->type.conv2d_backward_data(call->kept, call->x[0].data, call->x[1].data,     \
                                                 call->y->data, call->scratch, units_of(call));    \
        return 0;                                                                                  \
    }                                                                                              \
    static int backward_weight_##type(const wg_call *call)                                         \
    {                                                                                              \
        wg__kernels()->type.conv2d_backward_weight(call->kept, call->x[0].data, call->x[1].data,   \
                                                   call->y->data, call->scratch, units_of(call));  \
        return 0;                                                                                  \
    }

KERNELS(f32, float)
KERNELS(f64, double)
#undef KERNELS

static const int64_t *sizes(const wg_call *call, int role)
{
    return (role == OUTPUT ? call->y->type : call->x[role].type)->shape.dim;
}

static struct wg__conv2d describe(const wg_call *call, const struct conv2d_roles *roles)
{
    const struct wg__conv2d_attrs *attrs = call->attrs;
    const int64_t                 *x = sizes(call, roles->x), *w = sizes(call, roles->w);
    const int64_t                 *y = sizes(call, roles->y);
    return (struct wg__conv2d){.n = x[0],
                               .c = x[1],
                               .h = x[2],
                               .w = x[3],
                               .k = w[0],
                               .r = w[2],
                               .s = w[3],
                               .p = y[2],
                               .q = y[3],
                               .groups = attrs->groups,
                               .stride = {attrs->stride[0], attrs->stride[1]},
                               .pad = {attrs->pad[0], attrs->pad[1]},
                               .dilation = {attrs->dilation[0], attrs->dilation[1]}};
}

static double multiply_adds_of(const struct wg__conv2d *conv)
{
    return (double)conv->n * (double)(conv->p * conv->q) * (double)conv->k *
           (double)(wg__conv2d_share(conv, conv->c) * conv->r * conv->s);
}

/*
 * oneDNN pads channels to those of a vector: of an image of a few it computes mostly zeros, unless
 * it sums over the images, and these need not be turned for it.
 */
static bool has_few_channels(const struct wg__conv2d *conv)
{
    return conv->c < 8;
}

static bool suits_onednn(wg_call *call, const struct wg__conv2d *conv, enum wg__conv2d_pass pass,
                         bool channels_last)
{
    if (!wg__onednn_wanted(call, multiply_adds_of(conv))) return false;
    if (has_few_channels(conv) && !(channels_last && pass == WG__CONV2D_BACKWARD_WEIGHT))
        call->why = "too few channels for oneDNN";
    return !call->why;
}

/* The images among its ends may have channels last where oneDNN wants them so. */
static uint64_t ends_last(const wg_call *call, const struct conv2d_roles *roles, double *saves)
{
    const struct wg__conv2d conv = describe(call, roles);
    wg_call                 asked = *call;
    if (!suits_onednn(&asked, &conv, roles->pass, true)) return 0;
    if (!has_few_channels(&conv)) /* else the packed way is ours, which turns nothing */
        *saves = WG__TURN * ((double)(conv.n * conv.c) * (double)(conv.h * conv.w) +
                             (double)(conv.n * conv.k) * (double)(conv.p * conv.q));
    const int x = roles->x == OUTPUT ? call->inputs : roles->x;
    const int y = roles->y == OUTPUT ? call->inputs : roles->y;
    return (uint64_t)1 << x | (uint64_t)1 << y;
}

static uint64_t conv2d_last(const wg_call *call, double *saves)
{
    return ends_last(call, &forward, saves);
}

static uint64_t backward_data_last(const wg_call *call, double *saves)
{
    return ends_last(call, &backward_data, saves);
}

static uint64_t backward_weight_last(const wg_call *call, double *saves)
{
    return ends_last(call, &backward_weight, saves);
}

/* By oneDNN, or by ours: keeps its description, asks for its scratch and cuts it. */
static wg_kernel *prepare(wg_call *call, const struct conv2d_roles *roles, wg_kernel *f32,
                          wg_kernel *f64)
{
    const struct wg__conv2d conv = describe(call, roles);
    const double            multiply_adds = multiply_adds_of(&conv);
    struct wg__onednn       made;
    call->flops = 2 * multiply_adds;
    if (suits_onednn(call, &conv, roles->pass, call->channels_last)) {
        if (wg__onednn_conv2d(&made, call->onednn, &conv, roles->pass, call->inputs == 3,
                              call->channels_last != 0))
            return wg__by_onednn(call, &made, multiply_adds);
        call->why = made.why;
    }
    struct wg__conv2d *kept = wg_keep(call, sizeof *kept);
    if (!kept) return NULL;
    *kept = conv;
    wg_scratch(call, wg__conv2d_scratch(kept, roles->pass, wg_dtype_size(call->y->type->dtype)));
    wg_parallel(call, wg__conv2d_units(kept, roles->pass), multiply_adds / WG__MULTIPLY_ADDS);
    if (roles->pass != WG__CONV2D_BACKWARD_WEIGHT && call->units == kept->n) wg_writes(call, 1);
    return wg__by_turns(call, wg_kernel_of(call, f32, f64));
}

static wg_kernel *conv2d_prepare(wg_call *call)
{
    return prepare(call, &forward, forward_f32, forward_f64);
}

static wg_kernel *backward_data_prepare(wg_call *call)
{
    return prepare(call, &backward_data, backward_data_f32, backward_data_f64);
}

static wg_kernel *backward_weight_prepare(wg_call *call)
{
    return prepare(call, &backward_weight, backward_weight_f32, backward_weight_f64);
}

/* ---- rules ---- */

/*
 * The three ops of the same settings, for the rules. `like` is a tensor of the shape that comes
 * out.
 */
static wg_tensor *record_y(const void *attrs, wg_tensor *x, wg_tensor *w)
{
    struct wg__conv2d_attrs settings = *(const struct wg__conv2d_attrs *)attrs;
    settings.size[0] = settings.size[1] = 0;
    return wg_apply(&wg_op_conv2d, &settings, WG_NO_DTYPE, (wg_tensor *[]){x, w}, 2);
}

static wg_tensor *record_adjoint(const wg_op *op, const void *attrs, wg_tensor *a, wg_tensor *dy,
                                 const wg_tensor *like)
{
    struct wg__conv2d_attrs settings = *(const struct wg__conv2d_attrs *)attrs;
    const wg_shape          shape = wg_shape_of_tensor(like);
    settings.size[0] = shape.dim[2];
    settings.size[1] = shape.dim[3];
    return wg_apply(op, &settings, WG_NO_DTYPE, (wg_tensor *[]){a, dy}, 2);
}

static wg_tensor *record_dx(const void *attrs, wg_tensor *w, wg_tensor *dy, const wg_tensor *like)
{
    return record_adjoint(&wg_op_conv2d_backward_data, attrs, w, dy, like);
}

static wg_tensor *record_dw(const void *attrs, wg_tensor *x, wg_tensor *dy, const wg_tensor *like)
{
    return record_adjoint(&wg_op_conv2d_backward_weight, attrs, x, dy, like);
}

/* y = x * w + b      dx, dw: the adjoints      db = sum dy over n, p, q */
static void conv2d_derive(wg_adjoint *d)
{
    wg_tensor *x = d->x[0], *w = d->x[1], *dy = d->dy[0];
    if (d->needs[1]) wg_adjoint_add(d, 1, record_dw(d->attrs, x, dy, w));
    if (d->inputs == 3 && d->needs[2]) wg_adjoint_add(d, 2, wg_sum(dy, WG_AXES(0, 2, 3)));
    if (d->needs[0]) wg_adjoint_add(d, 0, record_dx(d->attrs, w, dy, x));
}

/* dx is linear in w and in dy; g, the adjoint of dx, looks like x: <g, dx(w, dy)> = <g * w, dy> */
static void backward_data_derive(wg_adjoint *d)
{
    wg_tensor *w = d->x[0], *dy = d->x[1], *g = d->dy[0];
    if (d->needs[0]) wg_adjoint_add(d, 0, record_dw(d->attrs, g, dy, w));
    if (d->needs[1]) wg_adjoint_add(d, 1, record_y(d->attrs, g, w));
}

/* dw is linear in x and in dy; g, the adjoint of dw, looks like w: <g, dw(x, dy)> = <x * g, dy> */
static void backward_weight_derive(wg_adjoint *d)
{
    wg_tensor *x = d->x[0], *dy = d->x[1], *g = d->dy[0];
    if (d->needs[0]) wg_adjoint_add(d, 0, record_dx(d->attrs, g, dy, x));
    if (d->needs[1]) wg_adjoint_add(d, 1, record_y(d->attrs, x, g));
}

const wg_op wg_op_conv2d = {
    .name = "conv2d",
    .inputs = WG_VARIADIC,
    .outputs = 1,
    .attrs_size = sizeof(struct wg__conv2d_attrs),
    .infer = conv2d_infer,
    .prepare = conv2d_prepare,
    .channels_last = conv2d_last,
    .release = wg__onednn_release,
    .derive = conv2d_derive,
    .settings = "stride %d %d, pad %d %d, dilation %d %d, groups %d",
    .formula = "y = x * w + b",
    .rule = "dx = dy *' w, dw = x *' dy, db = sum dy",
};

const wg_op wg_op_conv2d_backward_data = {
    .name = "conv2d_backward_data",
    .inputs = 2,
    .outputs = 1,
    .attrs_size = sizeof(struct wg__conv2d_attrs),
    .infer = backward_data_infer,
    .prepare = backward_data_prepare,
    .channels_last = backward_data_last,
    .release = wg__onednn_release,
    .derive = backward_data_derive,
    .settings = "stride %d %d, pad %d %d, dilation %d %d, groups %d",
    .formula = "dx = dy *' w, the adjoint of x * w in x",
    .rule = "g: dw = g *' dy, d dy = g * w",
};

const wg_op wg_op_conv2d_backward_weight = {
    .name = "conv2d_backward_weight",
    .inputs = 2,
    .outputs = 1,
    .attrs_size = sizeof(struct wg__conv2d_attrs),
    .infer = backward_weight_infer,
    .prepare = backward_weight_prepare,
    .channels_last = backward_weight_last,
    .release = wg__onednn_release,
    .derive = backward_weight_derive,
    .settings = "stride %d %d, pad %d %d, dilation %d %d, groups %d",
    .formula = "dw = x *' dy, the adjoint of x * w in w",
    .rule = "g: dx = dy *' g, d dy = x * g",
};

/* ---- the call ---- */

wg_tensor *wg_conv2d_with(struct wg_conv2d conv)
{
    static const int64_t ones[2] = {1, 1};
    wg__pair_default(conv.stride, ones);
    wg__pair_default(conv.dilation, ones);
    const struct wg__conv2d_attrs attrs = {.stride = {conv.stride[0], conv.stride[1]},
                                           .pad = {conv.pad[0], conv.pad[1]},
                                           .dilation = {conv.dilation[0], conv.dilation[1]},
                                           .groups = conv.groups ? conv.groups : 1};
    return wg_apply(&wg_op_conv2d, &attrs, WG_NO_DTYPE, (wg_tensor *[]){conv.x, conv.w, conv.b},
                    conv.b ? 3 : 2);
}
