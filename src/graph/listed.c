// SPDX-License-Identifier: MIT
/*
 * Running a list of scalars: its formulas one after the other, see scalars.c. What a formula reads
 * of the result before it comes from a register; memory would have it later.
 */
#include "plan_internal.h"

/* `run` runs members whose numbers are of type T, and returns the first of others. */
#define RUN(run, T, member, DTYPE)                                                                 \
    static const wg__entry *run(const wg__entry *e, const wg__entry *end)                          \
    {                                                                                              \
        T last = 0;                                                                                \
        for (; e < end && e->dtype == (DTYPE); e++) {                                              \
            const T a = e->known & 1 ? last : *(const T *)e->x[0];                                 \
            const T b = e->known & 2 ? last : *(const T *)e->x[1];                                 \
            const T c = e->known & 4 ? last : *(const T *)e->x[2];                                 \
            last = e->one.member(a, b, c, e->attrs);                                               \
            *(T *)e->y = last;                                                                     \
        }                                                                                          \
        return e;                                                                                  \
    }

RUN(run_f32, float, f32, WG_F32)
RUN(run_f64, double, f64, WG_F64)

/* At the start of a cache line: the loops take a fifth longer where they happen to straddle two. */
__attribute__((aligned(64))) int wg__run_scalars(const wg_call *call)
{
    const wg__scalars *list = call->owner->scalars;
    const wg__entry   *e = list->entry, *end = e + list->count;
    while (e < end) {
        e = run_f64(run_f32(e, end), end);
        for (; e < end && e->dtype == WG_NO_DTYPE; e++) e->one.any(e->y, e->x, e->attrs);
    }
    return 0;
}

void wg__scalars_bind(const wg__step *step)
{
    const wg__scalars *list = step->scalars;
    char              *registers = step->call.scratch;
    for (int i = 0; i < list->count; i++) {
        const wg__scalar *s = &list->scalar[i];
        wg__entry        *e = &list->entry[i];
        void             *at[WG__SCALAR_INPUTS + 1];
        for (int k = 0; k <= s->inputs; k++)
            at[k] = s->end[k] < 0 ? registers + (size_t)~s->end[k] * WG__SCALAR_BYTES
                                  : step->call.x[s->end[k]].data;
        *e = (wg__entry){
            .one = s->one, .y = at[s->inputs], .attrs = s->attrs, .dtype = s->dtype};
        for (int k = 0; k < WG__SCALAR_INPUTS; k++) {
            e->x[k] = at[k < s->inputs ? k : 0];
            if (i > 0 && s[-1].dtype == s->dtype && e->x[k] == e[-1].y) e->known |= 1u << k;
        }
    }
}
