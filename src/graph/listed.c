// SPDX-License-Identifier: MIT
/* Running a list of scalars: its formulas one after the other, see scalars.c. */
#include "plan_internal.h"

/*
 * How a member is called: by address; or by value, of f32 or f64, where bit k says that input k is
 * the result of the member before. That is at hand still, while memory would give it later.
 */
enum { BY_ADDRESS, F32, F64 = F32 + (1 << WG__SCALAR_INPUTS) };

/* `run` runs members by value of one type, and returns the first that is none. */
#define RUN(run, T, f, FORM)                                                                       \
    static const wg__entry *run(const wg__entry *e, const wg__entry *end)                          \
    {                                                                                              \
        T last = 0;                                                                                \
        for (; e < end; e++) {                                                                     \
            switch (e->way) {                                                                      \
                CASE(T, f, FORM, 0)                                                                \
                CASE(T, f, FORM, 1)                                                                \
                CASE(T, f, FORM, 2)                                                                \
                CASE(T, f, FORM, 3)                                                                \
                CASE(T, f, FORM, 4)                                                                \
                CASE(T, f, FORM, 5)                                                                \
                CASE(T, f, FORM, 6)                                                                \
                CASE(T, f, FORM, 7)                                                                \
            default:                                                                               \
                return e;                                                                          \
            }                                                                                      \
            *(T *)e->y = last;                                                                     \
        }                                                                                          \
        return e;                                                                                  \
    }
#define CASE(T, f, FORM, bits)                                                                     \
    case (FORM) + (bits):                                                                          \
        last = e->one.f(X(T, bits, 0), X(T, bits, 1), X(T, bits, 2), e->attrs);                    \
        break;
#define X(T, bits, k) ((bits) >> (k)&1 ? last : *(const T *)e->x[k])

RUN(run_f32, float, f32, F32)
RUN(run_f64, double, f64, F64)

int wg__run_scalars(const wg_call *call)
{
    const wg__scalars *list = call->owner->scalars;
    const wg__entry   *e = list->entry, *end = e + list->count;
    while (e < end) {
        for (; e < end && e->way == BY_ADDRESS; e++) e->one.any(e->y, e->x, e->attrs);
        e = run_f64(run_f32(e, end), end);
    }
    return 0;
}

static int way_of(const wg__scalars *list, int i)
{
    const wg__scalar *s = &list->scalar[i];
    const wg__entry  *e = &list->entry[i];
    if (s->dtype == WG_NO_DTYPE) return BY_ADDRESS;
    int way = s->dtype == WG_F32 ? F32 : F64;
    for (int k = 0; k < s->inputs && i > 0; k++)
        if (s[-1].dtype == s->dtype && e->x[k] == e[-1].y) way += 1 << k;
    return way;
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
        *e = (wg__entry){.one = s->one, .y = at[s->inputs], .attrs = s->attrs};
        for (int k = 0; k < WG__SCALAR_INPUTS; k++) e->x[k] = at[k < s->inputs ? k : 0];
        e->way = way_of(list, i);
    }
}
