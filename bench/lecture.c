// SPDX-License-Identifier: MIT
/*
 * One training step of the lecture's network on one image, f32: a plan run again, recorded anew each
 * step, and written out by hand. Each step takes a new image and reads the loss.
 */
#include "lecture_by_hand.h"
#include "measure.h"

#include <math.h>
#include <string.h>
#include <wengert/wengert.h>

enum { IMAGES = 64, STEPS = 100000, TURNS = 11 };

static float image[IMAGES][36];

struct network {
    wg_tensor *x, *y, *w1, *b1, *w2, *b2, *loss;
    wg_plan   *step;
};

static struct network network(wg_tape *tape)
{
    struct network n = {.x = wg_input(tape, "X", WG_F32, WG_SHAPE(1, 1, 6, 6)),
                        .y = wg_input(tape, "Y", WG_F32, WG_SHAPE(1, 1))};
    n.w1 = wg_param(tape, "W1", WG_F32, WG_SHAPE(1, 1, 3, 3));
    n.b1 = wg_param(tape, "B1", WG_F32, WG_SHAPE(1));
    n.w2 = wg_param(tape, "W2", WG_F32, WG_SHAPE(1, 4));
    n.b2 = wg_param(tape, "B2", WG_F32, WG_SHAPE(1));
    wg_tensor *p1 = wg_max_pool2d(wg_relu(wg_conv2d(n.x, n.w1, n.b1)), .kernel = {2, 2});
    wg_tensor *a2 = wg_sigmoid(wg_linear(wg_flatten(p1, 1), n.w2, n.b2));
    n.loss = wg_binary_cross_entropy(a2, n.y);
    wg_tensor *rate = wg_scalar(tape, "rate", 0.001);
    n.step = wg_plan_new(n.loss, .updates = wg_sgd(wg_backward(n.loss), .rate = rate));
    return n;
}

static struct lecture_params first_params(void)
{
    struct lecture_params p = {.b1 = 0.07f, .w2 = {0.31f, -0.47f, 0.59f, 0.23f}, .b2 = -0.11f};
    for (int k = 0; k < 9; k++) p.w1[k] = (float)(0.5 * cos(2.3 * k + 0.1));
    return p;
}

static void write_params(const struct network *n)
{
    const struct lecture_params p = first_params();
    wg_write(n->w1, p.w1, 9);
    wg_write(n->b1, &p.b1, 1);
    wg_write(n->w2, p.w2, 4);
    wg_write(n->b2, &p.b2, 1);
}

/* Each runs `steps` steps and returns the sum of the losses. */

static double by_hand(struct lecture_params *p, int steps)
{
    double sum = 0;
    for (int i = 0; i < steps; i++) {
        float x[36];
        memcpy(x, image[i % IMAGES], sizeof x);
        sum += (double)lecture_step(p, x, (float)(i & 1), 0.001f);
    }
    return sum;
}

static double one_step(const struct network *n, int i)
{
    const float y = (float)(i & 1);
    wg_write(n->x, image[i % IMAGES], 36);
    wg_write(n->y, &y, 1);
    wg_plan_run(n->step);
    return wg_item(n->loss);
}

static double replayed(const struct network *n, int steps)
{
    double sum = 0;
    for (int i = 0; i < steps; i++) sum += one_step(n, i);
    return sum;
}

static double recorded_anew(wg_tape *tape, int steps)
{
    double sum = 0;
    for (int i = 0; i < steps; i++) {
        wg_tape_clear(tape);
        const struct network n = network(tape);
        sum += one_step(&n, i);
    }
    return sum;
}

/* The greatest difference between our params and those by hand after 1,000 steps. */
static double difference(const struct network *n)
{
    struct lecture_params p = first_params(), ours;
    write_params(n);
    by_hand(&p, 1000);
    replayed(n, 1000);
    wg_read(n->w1, ours.w1, 9);
    wg_read(n->b1, &ours.b1, 1);
    wg_read(n->w2, ours.w2, 4);
    wg_read(n->b2, &ours.b2, 1);
    double worst = fmax(fabs((double)(p.b1 - ours.b1)), fabs((double)(p.b2 - ours.b2)));
    for (int k = 0; k < 9; k++) worst = fmax(worst, fabs((double)(p.w1[k] - ours.w1[k])));
    for (int k = 0; k < 4; k++) worst = fmax(worst, fabs((double)(p.w2[k] - ours.w2[k])));
    return worst;
}

int main(int count, char **arguments)
{
    take_help(count, arguments, "   the lecture's step by hand, run again, and recorded anew");
    for (int i = 0; i < IMAGES; i++)
        for (int k = 0; k < 36; k++) image[i][k] = (float)sin(1.7 * k + 0.3 + i);

    wg_tape              *tape = wg_tape_new();
    struct network        n = network(tape);
    struct lecture_params p = first_params();
    const double          worst = difference(&n);
    double                hand[TURNS], replay[TURNS], anew[TURNS], ratio[TURNS], sum = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        const double start = seconds();
        sum += by_hand(&p, STEPS);
        const double after_hand = seconds();
        sum += replayed(&n, STEPS);
        const double after_replay = seconds();
        sum += recorded_anew(tape, STEPS / 10);
        anew[turn] = (seconds() - after_replay) / (STEPS / 10) * 1e9;
        n = network((wg_tape_clear(tape), tape));
        hand[turn] = (after_hand - start) / STEPS * 1e9;
        replay[turn] = (after_replay - after_hand) / STEPS * 1e9;
        ratio[turn] = replay[turn] / hand[turn];
    }
    const double  again = median(anew, TURNS), once = median(replay, TURNS);
    const int64_t tensors = wg_tape_count(tape);
    printf("lecture's network, one training step on one image (median of %d turns, losses %g)\n"
           "  by hand         %8.1f ns\n"
           "  plan run again  %8.1f ns   %.2f times by hand\n"
           "  recorded anew   %8.1f ns   %.1f ns a tensor above the run, %lld tensors\n"
           "  params after 1,000 steps differ from those by hand by %.1e at most\n",
           TURNS, sum, median(hand, TURNS), once, median(ratio, TURNS), again,
           (again - once) / (double)tensors, (long long)tensors, worst);
    const char *error = wg_tape_error(tape);
    if (error) fprintf(stderr, "%s\n", error);
    const bool good = !error && worst < 1e-5;
    wg_tape_free(tape);
    return good ? 0 : 1;
}
