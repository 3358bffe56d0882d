// SPDX-License-Identifier: MIT
/* The kernels of updates, for one instruction set (see graph/loops.h). */
#include "../graph/loops.h"

WG__KERNEL_3(descend_f32, float, float, p, float, g, float, r, p - r * g)
WG__KERNEL_3(descend_f64, double, double, p, double, g, double, r, p - r * g)

#define SHARE(T) const T share = (T)s[0];
WG__KERNEL_2(adam_mean_f32, float, float, m, float, g, SHARE(float), m + share * (g - m))
WG__KERNEL_2(adam_mean_f64, double, double, m, double, g, SHARE(double), m + share * (g - m))
WG__KERNEL_2(adam_square_f32, float, float, v, float, g, SHARE(float), v + share * (g * g - v))
WG__KERNEL_2(adam_square_f64, double, double, v, double, g, SHARE(double), v + share * (g * g - v))
#undef SHARE

/* adam_move; its three last inputs are single numbers as a rule, and are read once then. */
#define MOVE(name, T, root)                                                                        \
    WG__INLINE T name##_formula(T p, T m, T v, T keep, T size, T scale, T eps)                     \
    {                                                                                              \
        return keep * p - size * m / (scale * root(v) + eps);                                      \
    }                                                                                              \
    WG__INLINE int name##_line(const wg_call *call, int64_t step, int64_t single)                  \
    {                                                                                              \
        const T      *p = call->x[0].data, *m = call->x[1].data, *v = call->x[2].data;             \
        const T      *keep = call->x[3].data, *size = call->x[4].data, *scale = call->x[5].data;   \
        const T       eps = (T) * (const double *)call->attrs;                                     \
        T            *y = call->y->data;                                                           \
        const int64_t n = call->n, *by = call->step;                                               \
        const T       k = *keep, a = *size, c = *scale;                                            \
        WG__EACH                                                                                   \
        y[i] = name##_formula(p[i * (step ? step : by[0])], m[i * (step ? step : by[1])],          \
                              v[i * (step ? step : by[2])], single ? k : keep[i * by[3]],          \
                              single ? a : size[i * by[4]], single ? c : scale[i * by[5]], eps);   \
        return 0;                                                                                  \
    }                                                                                              \
    int WG__OF_ISA(name)(const wg_call *call)                                                      \
    {                                                                                              \
        const int64_t *by = call->step;                                                            \
        const bool     packed = by[0] == 1 && by[1] == 1 && by[2] == 1;                            \
        if (call->n == 0) return 0;                                                                \
        if (packed && !by[3] && !by[4] && !by[5]) return name##_line(call, 1, 1);                  \
        return name##_line(call, 0, 0);                                                            \
    }
MOVE(adam_move_f32, float, sqrtf)
MOVE(adam_move_f64, double, sqrt)
