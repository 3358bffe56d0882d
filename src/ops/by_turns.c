// SPDX-License-Identifier: MIT
/* The kernel around a kernel that turns images to packed ones and back. */
#include "by_turns.h"

#include "../kernels/copy.h"

enum { MOST = 4, ROUND = 64 };

/* The kernel inside, and what its call has. */
struct turned {
    wg_kernel *kernel;
    void      *kept;
    int64_t    units;
    size_t     scratch;
};

static size_t rounded(size_t bytes)
{
    return (bytes + ROUND - 1) / ROUND * ROUND;
}

static int run(const wg_call *call)
{
    const struct turned *turned = call->kept;
    const int            ends = call->inputs + call->outputs;
    wg_view              end[MOST];
    wg_call              inner = *call;
    char                *at = (char *)call->scratch + turned->scratch;
    for (int e = 0; e < ends; e++) {
        end[e] = call->x[e];
        if (!(call->channels_last >> e & 1)) continue;
        wg_shape_strides(end[e].type->shape, end[e].stride);
        end[e].data = at;
        at += rounded(wg__type_bytes(end[e].type));
        if (e < call->inputs) wg__copy(&call->x[e], &end[e]);
    }
    inner.kept = turned->kept;
    inner.units = turned->units;
    inner.share = (wg_range){.first = 0, .end = turned->units};
    inner.x = end;
    inner.y = end + call->inputs;
    const int flagged = turned->kernel(&inner);
    for (int e = call->inputs; e < ends; e++)
        if (call->channels_last >> e & 1) wg__copy(&end[e], &call->x[e]);
    return flagged;
}

wg_kernel *wg__by_turns(wg_call *call, wg_kernel *kernel)
{
    const struct turned inner = {.kernel = kernel,
                                 .kept = call->kept,
                                 .units = call->units,
                                 .scratch = rounded(call->scratch_bytes)};
    if (!kernel || !call->channels_last) return kernel;
    struct turned *turned = wg_keep(call, sizeof *turned);
    if (!turned) return NULL;
    *turned = inner;
    size_t bytes = inner.scratch;
    for (int e = 0; e < call->inputs + call->outputs; e++)
        if (call->channels_last >> e & 1) bytes += rounded(wg__type_bytes(call->x[e].type));
    wg_scratch(call, bytes);
    wg_parallel(call, 1, call->operations);
    call->runs = 0; /* its units are not the kernel's */
    call->reads = false;
    return run;
}
