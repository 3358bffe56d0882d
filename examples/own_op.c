// SPDX-License-Identifier: MIT
/* Ops of one's own: a struct of rules, and a function that records it. `swish` is elementwise and
   has a setting that is learnt, `running_sum` looks along rows; both checked to second order. */
#include <math.h>
#include <wengert/wengert.h>

/* ---- swish: y = x s, s = sigmoid(b x); dx = dy (s + b x s (1 - s)), db = dy x^2 s (1 - s) ---- */

#define SWISH(name, T, exponential)                                                                \
    static int name(const wg_call *call)                                                           \
    {                                                                                              \
        const T *x = call->x[0].data, *b = call->x[1].data;                                        \
        T       *y = call->y[0].data;                                                              \
        for (int64_t i = 0; i < call->n; i++, x += call->step[0], b += call->step[1])              \
            y[i] = *x / (1 + exponential(-*b * *x));                                               \
        return 0;                                                                                  \
    }
SWISH(swish_f32, float, expf)
SWISH(swish_f64, double, exp)

static wg_kernel *swish_prepare(wg_call *call)
{
    return wg_kernel_of(call, swish_f32, swish_f64);
}

static void swish_derive(wg_adjoint *d)
{
    wg_tensor *x = d->x[0], *b = d->x[1], *s = wg_sigmoid(wg_mul(b, x));
    wg_tensor *slope = wg_mul(wg_mul(s, wg_sub(1, s)), x);
    wg_adjoint_add(d, 0, wg_mul(d->dy[0], wg_add(s, wg_mul(b, slope))));
    wg_adjoint_add(d, 1, wg_mul(d->dy[0], wg_mul(x, slope)));
}

static const wg_op op_swish = {.name = "swish", .inputs = 2, .outputs = 1,
                               .traits = WG_ELEMENTWISE,
                               .prepare = swish_prepare,
                               .derive = swish_derive,
                               .formula = "y = x sigmoid(b x)",
                               .rule = "dx = dy (s + b x s (1 - s)), db = dy x^2 s (1 - s)"};

static wg_tensor *swish(wg_tensor *x, wg_tensor *b)
{
    wg_tensor *in[] = {x, b};
    return wg_broadcast(&op_swish, in, 2) ? wg_apply(&op_swish, NULL, WG_NO_DTYPE, in, 2) : NULL;
}

/* ---- running_sum: y[i] = x[0] + ... + x[i] in each row; dx the same of dy, from the end ---- */

#define RUNNING_SUM(name, T)                                                                       \
    static int name(const wg_call *call)                                                           \
    {                                                                                              \
        const wg_type *type = call->x[0].type;                                                     \
        const int64_t  width = type->shape.dim[type->shape.rank - 1];                              \
        const T       *x = call->x[0].data;                                                        \
        T             *y = call->y[0].data;                                                        \
        for (int64_t i = 0; i < type->count; i++) y[i] = i % width ? y[i - 1] + x[i] : x[i];       \
        return 0;                                                                                  \
    }
RUNNING_SUM(running_sum_f32, float)
RUNNING_SUM(running_sum_f64, double)

static wg_kernel *running_sum_prepare(wg_call *call)
{
    return wg_kernel_of(call, running_sum_f32, running_sum_f64);
}

static void running_sum_derive(wg_adjoint *d)
{
    wg_tensor *dy = wg_slice(d->dy[0], -1, -1, WG_TO_END, .step = -1);
    wg_tensor *sum = wg_apply(d->op, NULL, WG_NO_DTYPE, &dy, 1);
    wg_adjoint_add(d, 0, wg_slice(sum, -1, -1, WG_TO_END, .step = -1));
}

static const char *running_sum_infer(wg_infer *i)
{
    return i->x[0]->shape.rank ? wg_infer_like(i) : wg_refuse(i, "a number has no rows");
}

static const wg_op op_running_sum = {.name = "running_sum", .inputs = 1, .outputs = 1,
                                     .infer = running_sum_infer,
                                     .prepare = running_sum_prepare,
                                     .derive = running_sum_derive,
                                     .formula = "y[i] = x[0] + ... + x[i]",
                                     .rule = "dx[i] = dy[i] + ... + dy[n - 1]"};

static wg_tensor *running_sum(wg_tensor *x)
{
    return wg_apply(&op_running_sum, NULL, WG_NO_DTYPE, &x, 1);
}

int main(int count, char **arguments)
{
    if (count > 1) return printf("usage: %s\n", arguments[0]) < 0;
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(3, 8));
    wg_tensor *y = wg_input(tape, "y", WG_F32, WG_SHAPE(3, 8));
    wg_tensor *w = wg_param(tape, "W", WG_F32, WG_SHAPE(8, 8));
    wg_tensor *b = wg_param(tape, "b", WG_F32, WG_SCALAR);
    wg_tensor *loss = wg_mse_loss(running_sum(swish(wg_linear(x, w, NULL), b)), y);
    float      inputs[24], wanted[24];
    for (int i = 0; i < 24; i++) {
        inputs[i] = sinf((float)(i * i));
        wanted[i] = sqrtf((float)(i % 8));
    }
    wg_write(x, inputs, 24);
    wg_write(y, wanted, 24);
    wg_init_uniform(tape, 3);
    const wg_check *check = wg_check_gradients(loss, .second_order = true);
    wg_check_print(check, stdout);
    wg_tensor *rate = wg_scalar(tape, "rate", 0.02);
    wg_plan   *step = wg_plan_new(loss, .updates = wg_sgd(wg_backward(loss), .rate = rate));
    for (int i = 0; i < 5000; i++) wg_plan_run(step);
    const bool good = wg_check_passed(check) && wg_item(loss) < 1e-3 && !wg_tape_error(tape);
    printf("%s: loss %.2e, learnt b %.4f\n", good ? "ok" : "FAILED", wg_item(loss), wg_item(b));
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    wg_tape_free(tape);
    return good ? 0 : 1;
}
