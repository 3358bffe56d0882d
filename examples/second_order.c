// SPDX-License-Identifier: MIT
/*
 * Derivatives of derivatives: a Hessian-vector product against differences of gradients, and a
 * gradient penalty, whose own gradient is of second order, on a small smooth network.
 */
#include <math.h>
#include <wengert/wengert.h>

enum { SAMPLES = 32, HIDDEN = 12 };

struct network {
    wg_tensor *x, *y, *w1, *b1, *w2, *out, *loss;
};

static struct network network(wg_tape *tape)
{
    struct network n = {.x = wg_input(tape, "x", WG_F64, WG_SHAPE(SAMPLES, 2)),
                        .y = wg_input(tape, "y", WG_F64, WG_SHAPE(SAMPLES, 1))};
    n.w1 = wg_param(tape, "W1", WG_F64, WG_SHAPE(HIDDEN, 2));
    n.b1 = wg_param(tape, "b1", WG_F64, WG_SHAPE(HIDDEN));
    n.w2 = wg_param(tape, "W2", WG_F64, WG_SHAPE(1, HIDDEN));
    n.out = wg_linear(wg_tanh(wg_linear(n.x, n.w1, n.b1)), n.w2, NULL);
    n.loss = wg_mse_loss(n.out, n.y);
    return n;
}

/* Points on a grid, and a wave over them. */
static void write_samples(const struct network *n)
{
    double x[SAMPLES][2], y[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
        x[i][0] = i % 8 / 3.5 - 1;
        x[i][1] = i / 8 / 1.5 - 1;
        y[i] = sin(3 * x[i][0]) * x[i][1];
    }
    wg_write(n->x, x[0], SAMPLES * 2);
    wg_write(n->y, y, SAMPLES);
}

static bool claim(bool holds, const char *what)
{
    printf("%s: %s\n", holds ? "ok" : "FAILED", what);
    return holds;
}

/* The Hessian times v, by two sweeps, and by differences of the gradient at W1 +- h v. */
static bool hessian_vector_product(void)
{
    wg_tape       *tape = wg_tape_new();
    struct network n = network(tape);
    double         v[2 * HIDDEN], w[2 * HIDDEN], moved[2 * HIDDEN], hv[2 * HIDDEN];
    double         gradient[2][2 * HIDDEN], gap = 0;
    for (int i = 0; i < 2 * HIDDEN; i++) v[i] = cos(1.3 * i);
    write_samples(&n);
    wg_init_uniform(tape, 7);
    wg_tensor *direction = wg_constant(tape, WG_F64, WG_SHAPE(HIDDEN, 2), v, 2 * HIDDEN);
    wg_tensor *d = wg_derivative(n.loss, n.w1);
    wg_tensors product = wg_hvp(n.loss, WG_TENSORS(n.w1), WG_TENSORS(direction));
    wg_read(product.at[0], hv, 2 * HIDDEN);
    wg_read(n.w1, w, 2 * HIDDEN);
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < 2 * HIDDEN; i++) moved[i] = w[i] + (side ? -1e-5 : 1e-5) * v[i];
        wg_write(n.w1, moved, 2 * HIDDEN);
        wg_read(d, gradient[side], 2 * HIDDEN);
    }
    for (int i = 0; i < 2 * HIDDEN; i++)
        gap = fmax(gap, fabs(hv[i] - (gradient[0][i] - gradient[1][i]) / 2e-5));
    printf("Hessian times v: first elements %.6f %.6f %.6f, largest gap to differences %.1e\n",
           hv[0], hv[1], hv[2], gap);
    const bool good = claim(gap < 1e-8, "the Hessian-vector product is right") &&
                      claim(wg_check_passed(wg_check_gradients(n.loss, .second_order = true)),
                            "the gradient check passes, to second order");
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    wg_tape_free(tape);
    return good;
}

/* Trains on loss + weight times the mean squared slope of the output; returns that slope. */
static double slope_after_training(double weight, double *loss)
{
    wg_tape       *tape = wg_tape_new();
    struct network n = network(tape);
    wg_tensor     *slopes = wg_derivative(wg_sum(n.out), n.x);
    wg_tensor     *slope = wg_mean(wg_square(slopes));
    wg_tensor     *total = wg_add(n.loss, wg_mul(slope, weight));
    wg_tensor     *rate = wg_scalar(tape, "rate", 0.1);
    wg_plan       *step =
        wg_plan_new(total, .updates = wg_sgd(wg_backward(total), .rate = rate, .momentum = 0.9));
    write_samples(&n);
    wg_init_uniform(tape, 7);
    for (int i = 0; i < 500; i++) wg_plan_run(step);
    *loss = wg_item(n.loss);
    const double result = wg_tape_error(tape) ? (double)NAN : wg_item(slope);
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    wg_tape_free(tape);
    return result;
}

int main(int count, char **arguments)
{
    if (count > 1) return printf("usage: %s\n", arguments[0]) < 0;
    bool         good = hessian_vector_product();
    double       loss, penalised_loss;
    const double slope = slope_after_training(0, &loss);
    const double penalised = slope_after_training(0.05, &penalised_loss);
    printf("without penalty: loss %.4f, mean squared slope %.3f\n", loss, slope);
    printf("with penalty:    loss %.4f, mean squared slope %.3f\n", penalised_loss, penalised);
    good &= claim(penalised < 0.7 * slope, "the penalty flattens the function");
    return good ? 0 : 1;
}
