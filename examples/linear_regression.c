// SPDX-License-Identifier: MIT
/* A straight line through five points, by gradient descent: the README's program. */
#include <wengert/wengert.h>

int main(int count, char **arguments)
{
    if (count > 1) return printf("usage: %s\n", arguments[0]) < 0;
    wg_tape   *tape = wg_tape_new();
    wg_tensor *x = wg_input(tape, "x", WG_F32, WG_SHAPE(5, 1));
    wg_tensor *y = wg_input(tape, "y", WG_F32, WG_SHAPE(5, 1));
    wg_tensor *w = wg_param(tape, "w", WG_F32, WG_SHAPE(1, 1));
    wg_tensor *b = wg_param(tape, "b", WG_F32, WG_SHAPE(1));
    wg_tensor *loss = wg_mse_loss(wg_linear(x, w, b), y); /* recorded, nothing is computed yet */

    wg_tensor *rate = wg_scalar(tape, "rate", 0.1);
    wg_plan   *step = wg_plan_new(loss, .updates = wg_sgd(wg_backward(loss), .rate = rate));

    wg_write(x, ((float[]){-2, -1, 0, 1, 2}), 5);
    wg_write(y, ((float[]){-5, -3, -1, 1, 3}), 5);
    for (int i = 0; i < 100; i++) wg_plan_run(step); /* forward, backward, update */
    printf("y = %.3f x %+.3f, loss %.1e\n", wg_item(w), wg_item(b), wg_item(loss));

    const char *error = wg_tape_error(tape);
    if (error) fprintf(stderr, "%s\n", error);
    const bool good = !error && wg_item(loss) < 1e-6;
    wg_tape_free(tape);
    return good ? 0 : 1;
}
