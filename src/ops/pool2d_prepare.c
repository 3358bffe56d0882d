// SPDX-License-Identifier: MIT
/* The kernels of pooling: what each part of a step does. */
#include "pool2d_prepare.h"

#include "../kernels/isa.h"

/*
 * What a part does: planes from `first` on, described as channels of one image, or images with
 * channels last; what lies before them in x and in y.
 */
struct planes {
    struct wg__pool2d pool;
    int64_t           x, y;
};

static struct planes planes_of(const wg_call *call)
{
    const wg_range share = wg_share(call);
    struct planes  part = {.pool = *(const struct wg__pool2d *)call->kept};
    const int64_t  before = share.first * (call->channels_last ? part.pool.c : 1);
    part.pool.n = call->channels_last ? share.end - share.first : 1;
    if (!call->channels_last) part.pool.c = share.end - share.first;
    part.x = before * part.pool.h * part.pool.w;
    part.y = before * part.pool.p * part.pool.q;
    return part;
}

/*
 * Flags a place (input 1) that is not in the image: only max_pool2d's own are known to be. Looks at
 * all of the part's without a branch first: the highest bit tells of a negative number. The first of
 * all places is told, so that every part says the same.
 */
static int flag_places(const wg_call *call, const struct planes *part)
{
    const struct wg__pool2d *pool = &part->pool;
    const int64_t           *place = call->x[1].data, *mine = place + part->y;
    const int64_t pixels = pool->h * pool->w, count = pool->n * pool->c * pool->p * pool->q;
    uint64_t      bad = 0;
    for (int64_t i = 0; i < count; i++)
        bad |= (uint64_t)mine[i] | ((uint64_t)pixels - 1 - (uint64_t)mine[i]);
    if (!(bad >> 63)) return 0;
    while (*place >= 0 && *place < pixels) place++;
    return wg_flag(call, "place %lld is none of the %lld of an image", *place, pixels);
}

/* The part's share of input or output `k`, of which `before` elements lie in front. */
#define IN(T, k, before)  ((const T *)call->x[k].data + (before))
#define OUT(T, k, before) ((T *)call->y[k].data + (before))

#define KERNEL(name, type, is_bad, ...) KERNEL_OF(name, name, type, is_bad, __VA_ARGS__)
#define KERNEL_OF(kernel, name, type, is_bad, ...)                                                 \
    static int kernel##_##type(const wg_call *call)                                                \
    {                                                                                              \
        const struct planes part = planes_of(call);                                                \
        if (is_bad) return 1;                                                                      \
        if (call->channels_last)                                                                   \
            wg__kernels()->type.last.name(&part.pool, __VA_ARGS__);                                \
        else                                                                                       \
            wg__kernels()->type.name(&part.pool, __VA_ARGS__);                                     \
        return 0;                                                                                  \
    }
#define KERNELS(type, T)                                                                           \
    KERNEL(max_pool2d, type, false, IN(T, 0, part.x), OUT(T, 0, part.y), OUT(int64_t, 1, part.y))  \
    KERNEL_OF(max_alone, max_pool2d, type, false, IN(T, 0, part.x), OUT(T, 0, part.y), NULL)       \
    KERNEL(max_pool2d_backward, type, flag_places(call, &part), IN(T, 0, part.y),                  \
           IN(int64_t, 1, part.y), OUT(T, 0, part.x))                                              \
    KERNEL(max_pool2d_gather, type, flag_places(call, &part), IN(T, 0, part.x),                    \
           IN(int64_t, 1, part.y), OUT(T, 0, part.y))                                              \
    KERNEL(avg_pool2d, type, false, IN(T, 0, part.x), OUT(T, 0, part.y))                           \
    KERNEL(avg_pool2d_backward, type, false, IN(T, 0, part.y), OUT(T, 0, part.x))
KERNELS(f32, float)
KERNELS(f64, double)
#undef KERNELS
#undef KERNEL
#undef KERNEL_OF
#undef IN
#undef OUT

/*
 * Keeps the kernel's description for images of shape x and results of shape y, and cuts the work by
 * planes, or by images with channels last; false without memory.
 */
static bool describe(wg_call *call, const wg_view *x, const wg_view *y)
{
    const struct pool2d_attrs *attrs = call->attrs;
    const int64_t             *from = x->type->shape.dim, *to = y->type->shape.dim;
    struct wg__pool2d         *pool = wg_keep(call, sizeof *pool);
    if (!pool) return false;
    *pool = (struct wg__pool2d){.n = from[0],
                                .c = from[1],
                                .h = from[2],
                                .w = from[3],
                                .p = to[2],
                                .q = to[3],
                                .kernel = {attrs->kernel[0], attrs->kernel[1]},
                                .stride = {attrs->stride[0], attrs->stride[1]},
                                .pad = {attrs->pad[0], attrs->pad[1]},
                                .dilation = {attrs->dilation[0], attrs->dilation[1]},
                                .count_pad = !attrs->exclude_pad};
    wg_parallel(call, call->channels_last ? from[0] : from[0] * from[1],
                (double)y->type->count * (double)(attrs->kernel[0] * attrs->kernel[1]) +
                    (double)x->type->count);
    wg_writes(call, 1);
    wg_reads(call);
    return true;
}

wg_kernel *wg__max_pool2d_prepare(wg_call *call)
{
    if (!describe(call, &call->x[0], &call->y[0])) return NULL;
    if (!wg_leave_out(call, 1)) return wg_kernel_of(call, max_pool2d_f32, max_pool2d_f64);
    call->way = "alone"; /* places are for derivatives */
    return wg_kernel_of(call, max_alone_f32, max_alone_f64);
}

wg_kernel *wg__max_pool2d_backward_prepare(wg_call *call)
{
    if (!describe(call, &call->y[0], &call->x[0])) return NULL;
    return wg_kernel_of(call, max_pool2d_backward_f32, max_pool2d_backward_f64);
}

wg_kernel *wg__max_pool2d_gather_prepare(wg_call *call)
{
    if (!describe(call, &call->x[0], &call->y[0])) return NULL;
    return wg_kernel_of(call, max_pool2d_gather_f32, max_pool2d_gather_f64);
}

wg_kernel *wg__avg_pool2d_prepare(wg_call *call)
{
    if (!describe(call, &call->x[0], &call->y[0])) return NULL;
    return wg_kernel_of(call, avg_pool2d_f32, avg_pool2d_f64);
}

wg_kernel *wg__avg_pool2d_backward_prepare(wg_call *call)
{
    if (!describe(call, &call->y[0], &call->x[0])) return NULL;
    return wg_kernel_of(call, avg_pool2d_backward_f32, avg_pool2d_backward_f64);
}

/* All ends are images, and there are kernels for both layouts. */
uint64_t wg__pool2d_last(const wg_call *call, double *saves)
{
    (void)saves; /* nothing */
    return ((uint64_t)1 << (call->inputs + call->outputs)) - 1;
}
