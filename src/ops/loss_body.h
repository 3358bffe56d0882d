// SPDX-License-Identifier: MIT
/*
 * Kernels of the losses: by element: included by loss_kernels.c for f32 and f64, with T, NAME(name)
 * and MATH(name) for it. No guard.
 */

/* ---- (x - t)^2 ---- */

WG__KERNEL_2(NAME(mse_loss), T, T, x, T, t, , (x - t) * (x - t))
WG__KERNEL_3(NAME(mse_loss_backward), T, T, x, T, t, T, dy, 2 * dy * (x - t))

/* ---- -(t log p + (1 - t) log(1 - p)) ---- */

WG__INLINE T NAME(clamped)(T logarithm)
{
    return logarithm < -100 ? -100 : logarithm;
}

WG__INLINE T NAME(bce)(T p, T t)
{
    return (t - 1) * NAME(clamped)(NAME(log1p)(-p)) - t * NAME(clamped)(NAME(log)(p));
}

WG__INLINE T NAME(bce_divisor)(T p)
{
    const T divisor = (1 - p) * p;
    return divisor < LEAST_DIVISOR ? LEAST_DIVISOR : divisor;
}

WG__KERNEL_2(NAME(binary_cross_entropy), T, T, p, T, t, , NAME(bce)(p, t))
WG__KERNEL_3(NAME(binary_cross_entropy_backward), T, T, p, T, t, T, dy,
             dy * (p - t) / NAME(bce_divisor)(p))

/* ---- (1 - t) z - log sigmoid z ---- */

WG__INLINE T NAME(bce_of_logit)(T z, T t)
{
    return (1 - t) * z + (z < 0 ? -z : 0) + NAME(log1p)(NAME(exp)(-MATH(fabs)(z)));
}

WG__KERNEL_2(NAME(bce_with_logits), T, T, z, T, t, , NAME(bce_of_logit)(z, t))
WG__KERNEL_3(NAME(bce_with_logits_backward), T, T, z, T, t, T, dy,
             dy * (NAME(sigmoid)(z) - t))
