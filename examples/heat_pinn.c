// SPDX-License-Identifier: MIT
/* A network learns a solution of the heat equation from the equation alone: du/dt = a d2u/dx2 for 0
   < x < 1, u = 0 at both ends, and u(x, 0) given. The derivatives by x and t are recorded, and the
   gradient of what they leave goes through them again. Raissi and others, "Physics-informed neural
   networks", 2019. */
#include <math.h>
#include <string.h>
#include <wengert/wengert.h>

#define PI          3.14159265358979323846
#define DIFFUSIVITY 0.1

enum { INSIDE = 512, RIM = 128, GRID = 41 }; /* points drawn in each step; of the comparison */

/* u(x, t) as it is known: two waves, of which the shorter one dies out nine times as fast. */
static double exact(double x, double t)
{
    return exp(-DIFFUSIVITY * PI * PI * t) * sin(PI * x) +
           0.5 * exp(-DIFFUSIVITY * 9 * PI * PI * t) * sin(3 * PI * x);
}

/* The network's u (n, 1) for points x and t (n, 1). */
static wg_tensor *network(wg_tensor *x, wg_tensor *t)
{
    const wg_init_settings xavier = {.way = WG_INIT_XAVIER_UNIFORM};
    wg_tensor             *h = wg_cat(WG_TENSORS(x, t), 1);
    h = wg_tanh(wg_nn_linear(h, "fc1", .outputs = 32, .weight = xavier));
    h = wg_tanh(wg_nn_linear(h, "fc2", .outputs = 32, .weight = xavier));
    h = wg_tanh(wg_nn_linear(h, "fc3", .outputs = 32, .weight = xavier));
    return wg_nn_linear(h, "fc4", .outputs = 1, .weight = xavier);
}

/* What the equation and the two conditions leave, squared; at points drawn anew in each run. */
static wg_tensor *misfit(wg_tape *tape)
{
    wg_tensor *x = wg_uniform(tape, WG_F64, WG_SHAPE(INSIDE, 1), 0, 1);
    wg_tensor *t = wg_uniform(tape, WG_F64, WG_SHAPE(INSIDE, 1), 0, 1);
    wg_tensor *u = network(x, t);
    wg_tensor *slope = wg_derivative(wg_sum(u), x);
    wg_tensor *curvature = wg_derivative(wg_sum(slope), x);
    wg_tensor *left = wg_sub(wg_derivative(wg_sum(u), t), wg_mul(curvature, DIFFUSIVITY));

    wg_share_params(tape, true); /* the same network, elsewhere */
    wg_tensor *first = wg_uniform(tape, WG_F64, WG_SHAPE(RIM, 1), 0, 1);
    wg_tensor *given =
        wg_add(wg_sin(wg_mul(first, PI)), wg_mul(wg_sin(wg_mul(first, 3 * PI)), 0.5));
    wg_tensor *begin = wg_mse_loss(network(first, wg_full_like(first, 0)), given);
    wg_tensor *end = wg_bernoulli(tape, WG_F64, WG_SHAPE(RIM, 1), 0.5);
    wg_tensor *when = wg_uniform(tape, WG_F64, WG_SHAPE(RIM, 1), 0, 1);
    wg_tensor *ends = wg_mean(wg_square(network(end, when)));
    wg_share_params(tape, false);
    return wg_add(wg_mean(wg_square(left)), wg_mul(wg_add(begin, ends), 10));
}

static void train(wg_tape *tape, int64_t steps)
{
    wg_tensor        *loss = misfit(tape), *rate = wg_scalar(tape, "rate", 0);
    wg_plan          *step = wg_plan_new(loss, .updates = wg_adam(wg_backward(loss), .rate = rate));
    const wg_schedule schedule = wg_schedule_one_cycle(0.01, steps);
    struct wg_progress progress = {.file = stderr, .title = "learning", .steps = steps};
    for (int64_t i = 0; i < steps; i++) {
        char text[40];
        wg_write_all(rate, wg_schedule_at(&schedule, i));
        if (!wg_plan_run(step)) break;
        snprintf(text, sizeof text, "misfit %.1e", wg_item(loss));
        wg_progress_show(&progress, i + 1, i + 1, text);
    }
    wg_progress_end(&progress, NULL);
}

/* The root of the sum of squared errors over that of u, on a grid; some values are printed. */
static double compare(wg_tape *tape)
{
    double x[GRID * GRID], t[GRID * GRID], error = 0, all = 0;
    for (int i = 0; i < GRID * GRID; i++) {
        x[i] = (double)(i % GRID) / (GRID - 1);
        t[i] = (double)(i / GRID) / (GRID - 1);
    }
    wg_tape_clear(tape);
    wg_tensor *u = network(wg_constant(tape, WG_F64, WG_SHAPE(GRID * GRID, 1), x, GRID * GRID),
                           wg_constant(tape, WG_F64, WG_SHAPE(GRID * GRID, 1), t, GRID * GRID));
    printf("     x    t   network     exact\n");
    for (int i = 0; i < GRID * GRID; i++) {
        const double wanted = exact(x[i], t[i]), found = wg_element(u, i);
        error += (found - wanted) * (found - wanted);
        all += wanted * wanted;
        if (i % GRID % 10 == 5 && i / GRID % 20 == 0)
            printf("%6.3f %4.1f %9.5f %9.5f\n", x[i], t[i], found, wanted);
    }
    return sqrt(error / all);
}

int main(int count, char **arguments)
{
    const bool small = count == 2 && strcmp(arguments[1], "small") == 0;
    if (count > 1 && !small) {
        printf("usage: %s [small]    small: fewer steps, for seconds\n", arguments[0]);
        return strncmp(arguments[1], "--", 2) ? 2 : 0; /* --help is no mistake */
    }
    wg_tape     *tape = wg_tape_new();
    const double wanted = small ? 0.1 : 0.005;
    train(tape, small ? 1500 : 5000);
    const double error = compare(tape);
    const bool   good = error <= wanted && !wg_tape_error(tape);
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    printf("%s: relative error %.2e, %g or less wanted\n", good ? "ok" : "FAILED", error, wanted);
    wg_tape_free(tape);
    return good ? 0 : 1;
}
