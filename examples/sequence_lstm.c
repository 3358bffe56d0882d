// SPDX-License-Identifier: MIT
/* An LSTM learns the adding problem: in a sequence of numbers two are marked, one in each half, and
   their sum is wanted at the end. Who remembers nothing is off by 1/6, squared and in the mean. The
   sequences are drawn on the tape, anew in each run, so no step sees one that was seen before.
   Hochreiter and Schmidhuber, "Long short-term memory", 1997. */
#include <math.h>
#include <string.h>
#include <wengert/wengert.h>

enum { BATCH = 64, HIDDEN = 64, MEASURED = 20 };

/* 1 in each row at a place that is drawn, else 0: (BATCH, length). */
static wg_tensor *mark(wg_tape *tape, int64_t length)
{
    wg_tensor *lots = wg_uniform(tape, WG_F32, WG_SHAPE(BATCH, length), 0, 1);
    return wg_one_hot(wg_argmax(lots, 1), length, WG_F32);
}

/* The mean squared error of the network's sums. */
static wg_tensor *network(wg_tape *tape, int64_t length)
{
    wg_tensor *numbers = wg_uniform(tape, WG_F32, WG_SHAPE(BATCH, length), 0, 1);
    wg_tensor *marks = wg_cat(WG_TENSORS(mark(tape, length / 2), mark(tape, length / 2)), 1);
    wg_tensor *sum = wg_sum(wg_mul(numbers, marks), WG_AXES(1), .keep = true);
    wg_tensor *last = NULL;
    wg_nn_lstm(wg_stack(WG_TENSORS(numbers, marks), 2), "lstm", .hidden = HIDDEN, .last_h = &last);
    return wg_mse_loss(wg_nn_linear(wg_select(last, 0, 0), "sum", .outputs = 1), sum);
}

static void train(wg_tape *tape, wg_tensor *error, int64_t steps)
{
    wg_tensor          *rate = wg_scalar(tape, "rate", 0);
    const wg_gradients *gradients = wg_clip_norm(wg_backward(error), 1);
    wg_plan            *step = wg_plan_new(error, .updates = wg_adam(gradients, .rate = rate));
    const wg_schedule   schedule = wg_schedule_one_cycle(0.01, steps);
    struct wg_progress  progress = {.file = stderr, .title = "learning", .steps = steps};
    for (int64_t i = 0; i < steps; i++) {
        char text[40];
        wg_write_all(rate, wg_schedule_at(&schedule, i));
        if (!wg_plan_run(step)) break;
        snprintf(text, sizeof text, "error %.4f", wg_item(error));
        wg_progress_show(&progress, i + 1, (i + 1) * BATCH, text);
    }
    wg_progress_end(&progress, NULL);
}

/* Over new sequences, without learning. */
static double measure(wg_tensor *error)
{
    wg_plan *plan = wg_plan_new(error);
    double   sum = 0;
    for (int i = 0; i < MEASURED && wg_plan_run(plan); i++) sum += wg_item(error);
    return sum / MEASURED;
}

int main(int count, char **arguments)
{
    const bool small = count == 2 && strcmp(arguments[1], "small") == 0;
    if (count > 1 && !small) {
        printf("usage: %s [small]    small: 20 numbers instead of 100\n", arguments[0]);
        return strncmp(arguments[1], "--", 2) ? 2 : 0; /* --help is no mistake */
    }
    wg_tape     *tape = wg_tape_new();
    wg_tensor   *error = network(tape, small ? 20 : 100);
    const double wanted = small ? 0.02 : 0.002;
    train(tape, error, small ? 1000 : 3000);
    const double reached = measure(error);
    const bool   good = reached <= wanted && !wg_tape_error(tape);
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    printf("%s: mean squared error %.5f, %g or less wanted\n", good ? "ok" : "FAILED", reached,
           wanted);
    wg_tape_free(tape);
    return good ? 0 : 1;
}
