// SPDX-License-Identifier: MIT
/* Steps by oneDNN: the kernel that hands the operands of a call to a primitive. */
#include "by_onednn.h"

#include "costs.h"

/* Fewer multiply-adds are done in some microseconds, of which such a call would cost a part. */
#define WORTH 5e5

bool wg__onednn_wanted(wg_call *call, double multiply_adds)
{
    if (!call->onednn) return false;
    if (call->y->type->dtype != WG_F32)
        call->why = "not f32";
    else if (multiply_adds < WORTH)
        call->why = "too little work for oneDNN";
    return !call->why;
}

static int run(const wg_call *call)
{
    const struct wg__onednn *made = call->kept;
    void                    *data[sizeof made->operand / sizeof *made->operand];
    for (int i = 0; i < call->inputs; i++) data[i] = call->x[i].data;
    data[call->inputs] = call->y->data;
    if (wg__onednn_run(made, data, call->scratch)) return 0;
    return wg_flag(call, "oneDNN gave up, for want of memory of its own", 0, 0);
}

wg_kernel *wg__by_onednn(wg_call *call, struct wg__onednn *made, double multiply_adds)
{
    struct wg__onednn *kept = wg_keep(call, sizeof *kept);
    if (!kept) {
        wg__onednn_done(made);
        return NULL;
    }
    *kept = *made;
    call->way = kept->name;
    call->flops = 2 * multiply_adds;
    wg_scratch(call, made->scratch_bytes);
    wg_parallel(call, 1, multiply_adds / WG__MULTIPLY_ADDS); /* OpenMP splits it, not the plan */
    return run;
}

void wg__onednn_release(wg_call *call)
{
    struct wg__onednn *made = call->kept;
    if (made && call->way == made->name) wg__onednn_done(made);
}
